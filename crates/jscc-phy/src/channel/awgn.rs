//! Additive white Gaussian noise.

use super::Realization;
use crate::Complex32;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

pub(super) fn draw(n: usize, no: f32, rng: &mut ChaCha8Rng) -> Realization {
    let deviation = (no / 2.0).sqrt();
    let mut real = || -> f32 {
        let unit: f32 = StandardNormal.sample(rng);
        deviation * unit
    };
    Realization { noise: (0..n).map(|_| Complex32::new(real(), real())).collect() }
}
