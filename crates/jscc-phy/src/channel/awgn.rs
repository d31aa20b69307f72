//! Additive white Gaussian noise.

use super::complex_gaussian;
use crate::Complex32;
use rand_chacha::ChaCha8Rng;

pub(super) fn draw(n: usize, no: f32, rng: &mut ChaCha8Rng) -> Vec<Complex32> {
    (0..n).map(|_| complex_gaussian(no, rng)).collect()
}
