//! What the two sides are told of the channel: the truth, an estimate, or a lie, to find out what knowing it is worth.

use crate::method::ChannelState;
use jscc_phy::random::stream;
use jscc_phy::units::{Snr, from_db, to_db};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Most dB of any kind.
const MOST_DB: f64 = 100.0;
/// Most pilots per image.
const MOST_PILOTS: usize = 4096;

/// What is told in place of the channel's state.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Tell {
    /// The truth.
    #[default]
    True,
    /// An SNR too high by so many dB, and noise that is too low by as many.
    OffsetDb(#[serde(deserialize_with = "db")] f64),
    /// One SNR in dB, whatever the channel; noise that agrees.
    ConstantDb(#[serde(deserialize_with = "db")] f64),
    /// An SNR drawn for each image, uniformly in dB: one that says nothing.
    DrawnDb(#[serde(deserialize_with = "range")] [f64; 2]),
    /// The noise of each symbol exchanged with that of another of its image.
    Permuted,
    /// The mean of an image's noise, on each of its symbols.
    Mean,
    /// An estimate from so many pilots per image, which are sent and counted: noise and SNR are wrong by one factor.
    Pilots(#[serde(deserialize_with = "pilots")] usize),
    /// Another SNR for each, agreed in advance: pairs of SNR and what to tell in dB, interpolated between them.
    AgreedDb(#[serde(deserialize_with = "pairs")] Vec<[f64; 2]>),
}

impl Tell {
    /// Whether it is the truth.
    pub fn is_true(&self) -> bool {
        *self == Self::True
    }

    /// Symbols per image that it costs.
    pub fn pilots(&self) -> usize {
        match self {
            Self::Pilots(n) => *n,
            _ => 0,
        }
    }

    /// What is told of the state of some images; random numbers of image i are those of stream `first + i` of the seed.
    #[must_use]
    pub fn told(&self, state: ChannelState, seed: u64, first: u64) -> ChannelState {
        if self.is_true() {
            return state;
        }
        let ChannelState { mut snr, mut noise } = state;
        let k = noise.len() / snr.len().max(1);
        for (i, snr) in snr.iter_mut().enumerate() {
            let mut rng = stream(seed, "told", first + i as u64);
            self.tell(snr, &mut noise[i * k..(i + 1) * k], &mut rng);
        }
        ChannelState { snr, noise }
    }

    /// Replaces the SNR of an image and its symbols' noise.
    fn tell(&self, snr: &mut Snr, noise: &mut [f32], rng: &mut ChaCha8Rng) {
        match self {
            Self::True => {}
            Self::OffsetDb(db) => raise(snr, noise, *db),
            Self::ConstantDb(db) => set(snr, noise, *db),
            Self::DrawnDb([low, high]) => set(snr, noise, rng.random_range(*low..=*high)),
            Self::Permuted => noise.shuffle(rng),
            Self::Mean => {
                let mean = noise.iter().sum::<f32>() / noise.len().max(1) as f32;
                noise.fill(mean);
            }
            Self::Pilots(n) => raise(snr, noise, -to_db(estimate(*n, rng))),
            Self::AgreedDb(pairs) => {
                let agreed = interpolate(pairs, snr.db());
                let by = agreed - snr.db();
                raise(snr, noise, by);
            }
        }
    }
}

/// Raises an SNR by some dB.
fn raise(snr: &mut Snr, noise: &mut [f32], db: f64) {
    let factor = from_db(-db) as f32;
    for noise in noise.iter_mut() {
        *noise *= factor;
    }
    *snr = Snr::per_symbol(snr.db() + db);
}

/// An SNR, and the noise of white noise at it.
fn set(snr: &mut Snr, noise: &mut [f32], db: f64) {
    *snr = Snr::per_symbol(db);
    noise.fill(snr.no());
}

/// An estimate of a variance of 1 from the errors of n complex pilots: the mean of n exponential variates.
fn estimate(n: usize, rng: &mut ChaCha8Rng) -> f64 {
    let variate = |_| -(1.0 - rng.random::<f64>()).ln();
    (0..n).map(variate).sum::<f64>() / n as f64
}

/// Linear between pairs, constant beyond them.
fn interpolate(pairs: &[[f64; 2]], x: f64) -> f64 {
    let (first, last) = (pairs[0], pairs[pairs.len() - 1]);
    let between = pairs.windows(2).find(|pair| (pair[0][0]..=pair[1][0]).contains(&x));
    match between {
        Some([[x0, y0], [x1, y1]]) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        _ if x < first[0] => first[1],
        _ => last[1],
    }
}

fn db<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    checked(f64::deserialize(value)?)
}

fn checked<E: Error>(db: f64) -> Result<f64, E> {
    if db.abs() <= MOST_DB { Ok(db) } else { Err(E::custom(format!("{db} dB is not within ±{MOST_DB}"))) }
}

fn range<'de, D: Deserializer<'de>>(value: D) -> Result<[f64; 2], D::Error> {
    let [low, high] = <[f64; 2]>::deserialize(value)?;
    if checked::<D::Error>(low)? > checked::<D::Error>(high)? {
        return Err(D::Error::custom(format!("{low} to {high} dB is no range; give the lower SNR first")));
    }
    Ok([low, high])
}

fn pilots<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let n = usize::deserialize(value)?;
    if (1..=MOST_PILOTS).contains(&n) {
        Ok(n)
    } else {
        Err(D::Error::custom(format!("{n} is not within 1 to {MOST_PILOTS}")))
    }
}

fn pairs<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<[f64; 2]>, D::Error> {
    let pairs = Vec::<[f64; 2]>::deserialize(value)?;
    pairs.iter().flatten().try_for_each(|&db| checked(db).map(|_| ()))?;
    if pairs.is_empty() || pairs.windows(2).any(|pair| pair[0][0] >= pair[1][0]) {
        return Err(D::Error::custom("pairs of SNR and what to tell come with rising SNRs"));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: usize = 4;

    fn state() -> ChannelState {
        let snr = vec![Snr::per_symbol(0.0), Snr::per_symbol(10.0)];
        ChannelState { noise: vec![0.5, 1.0, 1.0, 1.5, 0.05, 0.1, 0.1, 0.15], snr }
    }

    fn told(tell: &Tell) -> (Vec<f64>, Vec<f32>) {
        let ChannelState { snr, noise } = tell.told(state(), 1, 0);
        (snr.into_iter().map(Snr::db).collect(), noise)
    }

    fn near(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a / b - 1.0).abs() < 1e-4)
    }

    #[test]
    fn lies_are_as_large_as_they_say() {
        assert_eq!(Tell::True.told(state(), 1, 0), state());
        let (snr, noise) = told(&Tell::OffsetDb(10.0));
        assert!((snr[0] - 10.0).abs() < 1e-6 && near(&noise[..K], &[0.05, 0.1, 0.1, 0.15]));
        let (snr, noise) = told(&Tell::ConstantDb(20.0));
        assert!(snr.iter().all(|db| (db - 20.0).abs() < 1e-6) && near(&noise, &[0.01; 2 * K]));
        let (snr, noise) = told(&Tell::Mean);
        assert!((snr[1] - 10.0).abs() < 1e-6 && near(&noise, &[1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1]));
        let (snr, _) = told(&Tell::AgreedDb(vec![[-5.0, -6.0], [5.0, 2.0], [20.0, 8.0]]));
        assert!((snr[0] + 2.0).abs() < 1e-6 && (snr[1] - 4.0).abs() < 1e-6, "{snr:?}");
        let (_, mut noise) = told(&Tell::Permuted);
        noise[..K].sort_by(f32::total_cmp);
        assert_eq!(noise[..K], state().noise[..K]);
        let (snr, _) = told(&Tell::DrawnDb([3.0, 4.0]));
        assert!(snr.iter().all(|db| (3.0..=4.0).contains(db)) && (snr[0] - snr[1]).abs() > 1e-6);
    }

    /// The relative deviation of an estimate from n pilots is 1/√n, within 3 σ of its own estimate.
    #[test]
    fn pilots_are_wrong_by_one_over_the_root_of_their_number() {
        for n in [4usize, 16, 64] {
            let images = 4000;
            let state = ChannelState { snr: vec![Snr::per_symbol(0.0); images], noise: vec![1.0; images] };
            let noise = Tell::Pilots(n).told(state, 3, 0).noise;
            let mean = noise.iter().sum::<f32>() / images as f32;
            let deviation = (noise.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / images as f32).sqrt();
            let (want, sigma) = ((n as f32).sqrt().recip(), (2.0 / images as f32).sqrt());
            assert!((mean - 1.0).abs() < 3.0 * want / (images as f32).sqrt(), "{n} pilots: mean {mean}");
            // The variates' excess kurtosis 6/n widens the deviation's own deviation.
            let wide = sigma / 2.0 * (1.0 + 3.0 / n as f32).sqrt() * 1.5;
            assert!((deviation / want - 1.0).abs() < 3.0 * wide, "{n} pilots: {deviation}, theory {want}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "{\"pilots\":0}",
            "{\"drawn_db\":[5,1]}",
            "{\"agreed_db\":[[1,1],[1,2]]}",
            "{\"offset_db\":1e9}",
            "\"tru\"",
        ] {
            assert!(serde_json::from_str::<Tell>(text).is_err(), "{text}");
        }
        assert_eq!(serde_json::from_str::<Tell>("{\"pilots\":16}").expect("a count"), Tell::Pilots(16));
    }
}
