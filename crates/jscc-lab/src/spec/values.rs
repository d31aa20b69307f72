//! Bounds on values of experiment files, checked on deserialisation so that a refusal has its line.

use jscc_nn::zoo::{self, Entry, METHODS};
use jscc_phy::link::Number;
use jscc_phy::wifi::Mcs;
use serde::{Deserialize, Deserializer, Serializer, de::Error};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// SNRs beyond these are typing errors: the results no longer change.
const SNR_DB: RangeInclusive<f64> = -60.0..=100.0;
/// Counts beyond this are typing errors.
const MOST: usize = 1_000_000;
/// Most points of a curve, and most curves, for a legible figure.
const MOST_LISTED: usize = 100;

pub(super) fn default_floor() -> f32 {
    0.05
}

pub(super) fn default_clip() -> f32 {
    4.0
}

pub(super) fn default_pictures() -> usize {
    8
}

pub(super) fn file_name<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let name = String::deserialize(value)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Error::custom(format!("`{name}` cannot name files; use at most 100 letters, digits, - and _")));
    }
    Ok(name)
}

pub(super) fn label<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let label = String::deserialize(value)?;
    if label.trim().is_empty() || label.chars().any(char::is_control) {
        return Err(Error::custom("a label is some words on one line"));
    }
    Ok(label)
}

pub(super) fn some_label<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    label(value).map(Some)
}

pub(super) fn at_least_one<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    up_to(MOST, value)
}

fn up_to<'de, D: Deserializer<'de>>(most: usize, value: D) -> Result<usize, D::Error> {
    let n = usize::deserialize(value)?;
    if (1..=most).contains(&n) { Ok(n) } else { Err(Error::custom(format!("{n} is not within 1 to {most}"))) }
}

pub(super) fn some_at_least_one<'de, D: Deserializer<'de>>(value: D) -> Result<Option<usize>, D::Error> {
    at_least_one(value).map(Some)
}

pub(super) fn positive<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    let x = f64::deserialize(value)?;
    if x > 0.0 && x.is_finite() { Ok(x) } else { Err(Error::custom(format!("{x} is not a positive number"))) }
}

pub(super) fn some_positive<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    positive(value).map(Some)
}

pub(super) fn finite<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    let x = f64::deserialize(value)?;
    if x.is_finite() { Ok(x) } else { Err(Error::custom(format!("{x} is not a finite number"))) }
}

pub(super) fn not_negative<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    let x = f64::deserialize(value)?;
    if x >= 0.0 && x.is_finite() { Ok(x) } else { Err(Error::custom(format!("{x} is not 0 or a positive number"))) }
}

pub(super) fn some_fraction<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    let x = f64::deserialize(value)?;
    if (0.0..1.0).contains(&x) { Ok(Some(x)) } else { Err(Error::custom(format!("{x} is not within 0 to 1, below 1"))) }
}

pub(super) fn seeds<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<u64>, D::Error> {
    distinct(not_empty(value)?)
}

fn distinct<T: Ord + Display, E: Error>(list: Vec<T>) -> Result<Vec<T>, E> {
    let mut seen = BTreeSet::new();
    match list.iter().find(|entry| !seen.insert(*entry)) {
        Some(twice) => Err(Error::custom(format!("{twice} is there twice"))),
        None => Ok(list),
    }
}

pub(super) fn batches<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Vec<u8>>, D::Error> {
    let batches = distinct(not_empty::<D, u8>(value)?)?;
    match batches.iter().find(|batch| !(1..=N_BATCHES).contains(batch)) {
        Some(batch) => Err(Error::custom(format!("CIFAR-10 has no batch {batch}, only 1 to {N_BATCHES}"))),
        None => Ok(Some(batches)),
    }
}

/// Training batches of CIFAR-10.
const N_BATCHES: u8 = 5;
/// Sides of pictures: SSIM has a window of 11 pixels, and a network for more than 512 would not fit.
const SIDES: RangeInclusive<usize> = 11..=512;
/// Most classes that a label of one byte can name.
const MOST_CLASSES: usize = 256;

pub(super) fn default_size() -> [usize; 2] {
    [28, 28]
}

pub(super) fn default_classes() -> usize {
    10
}

pub(super) fn default_held_out() -> usize {
    5000
}

pub(super) fn size<'de, D: Deserializer<'de>>(value: D) -> Result<[usize; 2], D::Error> {
    // A list, because an array would accept the first two of three.
    let [height, width] = Vec::deserialize(value)?[..] else {
        return Err(Error::custom("takes two numbers, height and width"));
    };
    match [height, width].iter().find(|side| !SIDES.contains(side)) {
        Some(side) => {
            Err(Error::custom(format!("a side of {side} pixels is not within {} to {}", SIDES.start(), SIDES.end())))
        }
        None => Ok([height, width]),
    }
}

pub(super) fn classes<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    up_to(MOST_CLASSES, value)
}

pub(super) fn parts<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    let parts = not_empty::<D, String>(value)?;
    let known = |part: &str| METHODS.iter().any(|method| method.card.parts.contains(&part));
    match parts.iter().find(|part| !known(part)) {
        Some(part) => {
            let known: BTreeSet<_> = METHODS.iter().flat_map(|method| method.card.parts).copied().collect();
            Err(unknown("part", part, known))
        }
        None => Ok(parts),
    }
}

/// Refuses the name of a term that no method has.
pub(super) fn known_term<E: Error>(name: &str) -> Result<(), E> {
    let known: BTreeSet<_> = METHODS.iter().flat_map(|method| (method.terms)()).collect();
    if known.contains(name) { Ok(()) } else { Err(unknown("objective", name, known)) }
}

/// Worded as in serde, so that a suggestion is found.
fn unknown<E: Error>(what: &str, found: &str, expected: impl IntoIterator<Item = &'static str>) -> E {
    let expected: Vec<_> = expected.into_iter().map(|name| format!("`{name}`")).collect();
    E::custom(format!("unknown {what} `{found}`, expected one of {}", expected.join(", ")))
}

pub(super) fn default_method() -> &'static Entry {
    &METHODS[0]
}

pub(super) fn method<'de, D: Deserializer<'de>>(value: D) -> Result<&'static Entry, D::Error> {
    let name = String::deserialize(value)?;
    zoo::named(&name).ok_or_else(|| unknown("method", &name, METHODS.map(|method| method.card.name)))
}

pub(super) fn name<S: Serializer>(method: &Entry, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(method.card.name)
}

/// Most searches after the first: each takes as long as three, and the tenth has no noticeable gain.
const MOST_PASSES: usize = 100;

pub(super) fn passes<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let passes = usize::deserialize(value)?;
    if passes <= MOST_PASSES {
        Ok(passes)
    } else {
        Err(Error::custom(format!("{passes} passes; at most {MOST_PASSES}")))
    }
}

/// Beyond this a weight dominates everything else.
const MOST_WEIGHT: f64 = 1000.0;

pub(super) fn weight<'de, D: Deserializer<'de>>(value: D) -> Result<f32, D::Error> {
    within(value, [0.0, MOST_WEIGHT])
}

/// A number of a range.
fn within<'de, D: Deserializer<'de>>(value: D, [low, high]: [f64; 2]) -> Result<f32, D::Error> {
    let x = f64::deserialize(value)?;
    if (low..=high).contains(&x) {
        Ok(x as f32)
    } else {
        // Rust would write a large limit with all its zeros.
        let high = if high < 1e6 { high.to_string() } else { format!("{high:e}") };
        Err(Error::custom(format!("{x} is not within {low} to {high}")))
    }
}

/// Largest value that passes a network without becoming infinite.
const MOST_CLIP: f64 = 1e30;

pub(super) fn clip<'de, D: Deserializer<'de>>(value: D) -> Result<f32, D::Error> {
    within(value, [1.0, MOST_CLIP])
}

pub(super) fn some_scale<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f32>, D::Error> {
    within(value, [0.1, 4.0]).map(Some)
}

/// Most pictures of a gallery.
const MOST_SHOWN: usize = 100;
/// Most digits, for the sake of memory: 600 MB of pixels.
const MOST_DRAWN: usize = 200_000;

pub(super) fn shown<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    up_to(MOST_SHOWN, value)
}

pub(super) fn drawn<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    up_to(MOST_DRAWN, value)
}

/// Checks that an SNR in dB is plausible; the error is the reason.
pub fn check_snr_db(db: f64) -> Result<f64, String> {
    let (low, high) = (SNR_DB.start(), SNR_DB.end());
    if SNR_DB.contains(&db) { Ok(db) } else { Err(format!("{db} dB is not within {low} to {high} dB")) }
}

fn snr<E: Error>(db: f64) -> Result<f64, E> {
    check_snr_db(db).map_err(E::custom)
}

pub(super) fn snr_point<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    snr(f64::deserialize(value)?)
}

pub(super) fn some_snr_point<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    snr_point(value).map(Some)
}

pub(super) fn snr_range<'de, D: Deserializer<'de>>(value: D) -> Result<[f64; 2], D::Error> {
    // A list, because an array would accept the first two of three.
    let [low, high] = Vec::deserialize(value)?[..] else {
        return Err(Error::custom("takes two SNRs, the lower and the higher"));
    };
    if low > high {
        return Err(Error::custom(format!("the lower SNR comes first: [{high}, {low}]")));
    }
    Ok([snr(low)?, snr(high)?])
}

pub(super) fn snr_points<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<f64>, D::Error> {
    let points = not_empty::<D, f64>(value)?;
    points.into_iter().map(snr).collect()
}

pub(super) fn not_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(value)?;
    match list.len() {
        1..=MOST_LISTED => Ok(list),
        n => Err(Error::custom(format!("has {n} entries, not 1 to {MOST_LISTED}"))),
    }
}

/// Mb/s as a number; `ht7` as a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rate {
    Mbps(u64),
    Name(String),
}

pub(super) fn rate<'de, D: Deserializer<'de>>(value: D) -> Result<Mcs, D::Error> {
    let name = match Rate::deserialize(value)
        .map_err(|_| Error::custom("a rate is a number of Mb/s, or \"ht0\" to \"ht7\""))?
    {
        Rate::Mbps(mbps) => mbps.to_string(),
        Rate::Name(name) => name,
    };
    name.parse().map_err(Error::custom)
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
pub(super) fn rate_as_written<S: Serializer>(mcs: &Mcs, to: S) -> Result<S::Ok, S::Error> {
    let name = mcs.to_string();
    if let Ok(mbps) = name.parse::<u8>() { to.serialize_u8(mbps) } else { to.serialize_str(&name) }
}

/// Most bits of a fixed-point number: more would exceed the resolution of the floats behind it.
const MOST_BITS: u8 = 16;

pub(super) fn number<'de, D: Deserializer<'de>>(value: D) -> Result<Number, D::Error> {
    let name = String::deserialize(value)?;
    let n_bits = name.strip_prefix("fixed").and_then(|n_bits| n_bits.parse().ok());
    match n_bits.filter(|n_bits| (1..=MOST_BITS).contains(n_bits)) {
        Some(n_bits) => Ok(Number::Fixed(n_bits)),
        None if name == "float32" => Ok(Number::Float),
        None => Err(Error::custom(format!("`{name}` is no kind of number; there are float32 and fixed1 to fixed16"))),
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
pub(super) fn number_as_written<S: Serializer>(number: &Number, to: S) -> Result<S::Ok, S::Error> {
    match number {
        Number::Float => to.serialize_str("float32"),
        Number::Fixed(n_bits) => to.collect_str(&format_args!("fixed{n_bits}")),
    }
}
