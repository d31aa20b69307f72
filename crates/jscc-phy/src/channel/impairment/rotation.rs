//! Oscillators: carrier frequency offset and phase noise, both one phase per sample.

use crate::Complex32;
use crate::channel::SAMPLE_RATE_HZ;
use num_complex::Complex64;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::TAU;

pub(super) fn offset(hz: f64, n: usize, rng: &mut ChaCha8Rng) -> Vec<Complex32> {
    let start: f64 = rng.random_range(0.0..TAU);
    (0..n).map(|i| phasor(start + TAU * (hz / SAMPLE_RATE_HZ * i as f64).fract())).collect()
}

/// Starts from phase 0: a constant phase belongs to the frequency offset.
pub(super) fn noise(linewidth_hz: f64, n: usize, rng: &mut ChaCha8Rng) -> Vec<Complex32> {
    let deviation = (TAU * linewidth_hz / SAMPLE_RATE_HZ).sqrt();
    let mut phase = 0.0;
    (0..n)
        .map(|_| {
            let now = phasor(phase);
            let step: f64 = StandardNormal.sample(rng);
            phase += deviation * step;
            now
        })
        .collect()
}

fn phasor(phase: f64) -> Complex32 {
    let phasor = Complex64::cis(phase);
    Complex32::new(phasor.re as f32, phasor.im as f32)
}
