//! Bursts of interference: E. N. Gilbert, "Capacity of a burst-noise channel", Bell Syst. Tech. J. 39, 1960, with
//! Gaussian interference in place of bit errors.

use crate::Complex32;
use crate::channel::complex_gaussian;
use crate::units::from_db;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Interference relative to a signal of mean power 1; 0 outside bursts.
pub(super) fn draw(start: f64, mean_length: f64, power_db: f64, n: usize, rng: &mut ChaCha8Rng) -> Vec<Complex32> {
    let stop = 1.0 / mean_length;
    let power = from_db(power_db) as f32;
    let mut on = rng.random_bool(start / (start + stop));
    (0..n)
        .map(|_| {
            let now = if on { complex_gaussian(power, rng) } else { Complex32::ZERO };
            on = if on { !rng.random_bool(stop) } else { rng.random_bool(start) };
            now
        })
        .collect()
}
