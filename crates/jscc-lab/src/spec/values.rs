//! What a value in an experiment file may be. Refused here, it is refused with its line.

use jscc_nn::N_PIXELS;
use jscc_phy::wifi::Mcs;
use serde::{Deserialize, Deserializer, de::Error};

/// SNRs beyond these are typing errors: nothing changes past them.
const SNR_DB: std::ops::RangeInclusive<f64> = -60.0..=100.0;

pub(super) fn default_pictures() -> usize {
    8
}

pub(super) fn file_name<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let name = String::deserialize(value)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Error::custom(format!("`{name}` cannot name files; use letters, digits, - and _")));
    }
    Ok(name)
}

pub(super) fn at_least_one<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    match usize::deserialize(value)? {
        0 => Err(Error::custom("must be at least 1")),
        n => Ok(n),
    }
}

pub(super) fn some_at_least_one<'de, D: Deserializer<'de>>(value: D) -> Result<Option<usize>, D::Error> {
    at_least_one(value).map(Some)
}

pub(super) fn symbols<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let k = usize::deserialize(value)?;
    if (1..=N_PIXELS).contains(&k) {
        return Ok(k);
    }
    Err(Error::custom(format!("k = {k} is not within 1 to {N_PIXELS} complex channel uses an image")))
}

pub(super) fn positive<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    let x = f64::deserialize(value)?;
    if x > 0.0 && x.is_finite() { Ok(x) } else { Err(Error::custom(format!("{x} is not a positive number"))) }
}

fn snr<E: Error>(db: f64) -> Result<f64, E> {
    let (low, high) = (SNR_DB.start(), SNR_DB.end());
    if SNR_DB.contains(&db) { Ok(db) } else { Err(E::custom(format!("{db} dB is not within {low} to {high} dB"))) }
}

pub(super) fn snr_range<'de, D: Deserializer<'de>>(value: D) -> Result<[f64; 2], D::Error> {
    let [low, high] = <[f64; 2]>::deserialize(value)?;
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
    if list.is_empty() { Err(Error::custom("must not be empty")) } else { Ok(list) }
}

pub(super) fn rate<'de, D: Deserializer<'de>>(value: D) -> Result<u8, D::Error> {
    let mbps = u64::deserialize(value)?;
    mbps.to_string().parse::<Mcs>().map(Mcs::mbps).map_err(Error::custom)
}
