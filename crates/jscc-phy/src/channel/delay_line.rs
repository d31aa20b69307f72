//! A tapped delay line: multipath with independent Rayleigh paths that are constant over a draw (quasi-static).
//!
//! Paths lie between the samples of 50 ns. Each becomes its band-limited echo at a 20 MHz receiver: its gain times the
//! windowed sinc of [`super::sinc`] about its delay. So each occupied subcarrier has mean power gain 1, and the
//! correlation between subcarriers is the profile's. The sinc begins up to 23 samples *before* the path.

use super::sinc::{HALF, weights};
use super::{SAMPLE_NS, complex_gaussian};
use crate::Complex32;
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use std::f64::consts::TAU;

/// A path of a power delay profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    /// Delay after the first path, in ns.
    pub delay_ns: f64,
    /// Mean power.
    pub power: f64,
}

/// Standard deviation of the delay, weighted by power, in ns.
pub fn rms_delay_ns(paths: &[Path]) -> f64 {
    let total: f64 = paths.iter().map(|path| path.power).sum();
    let mean = paths.iter().map(|path| path.power * path.delay_ns).sum::<f64>() / total;
    (paths.iter().map(|path| path.power * (path.delay_ns - mean).powi(2)).sum::<f64>() / total).sqrt()
}

/// The paths with powers that sum to 1.
pub(super) fn normalised(mut paths: Vec<Path>) -> Vec<Path> {
    let total: f64 = paths.iter().map(|path| path.power).sum();
    for path in &mut paths {
        path.power /= total;
    }
    paths
}

/// A drawn impulse response.
#[derive(Debug, Clone, PartialEq)]
pub struct Taps {
    /// Number of taps before that of delay 0, at which a single first path arrives.
    pub n_early: usize,
    /// Gain at each delay, in steps of one sample.
    pub gains: Vec<Complex32>,
}

pub(super) fn draw(paths: &[Path], rng: &mut ChaCha8Rng) -> Taps {
    let position = |path: &Path| path.delay_ns / SAMPLE_NS;
    let last = paths.iter().map(position).fold(0.0, f64::max) as usize;
    let mut gains = vec![Complex32::ZERO; last + 2 * HALF];
    for path in paths {
        let gain = complex_gaussian(path.power as f32, rng);
        let position = position(path);
        for (tap, weight) in gains[position as usize..].iter_mut().zip(weights(position.fract())) {
            *tap += gain * weight as f32;
        }
    }
    // Paths at integer samples have no sinc around them: leave out the empty taps.
    let sounds = |h: &Complex32| *h != Complex32::ZERO;
    gains.truncate(gains.iter().rposition(sounds).map_or(HALF, |last| last + 1));
    let n_silent = gains.iter().position(sounds).map_or(0, |first| first.min(HALF - 1));
    Taps { n_early: HALF - 1 - n_silent, gains: gains.split_off(n_silent) }
}

impl Taps {
    /// Gain at `frequency` in cycles per sample: k/64 for the subcarrier k of 802.11a.
    pub fn response(&self, frequency: f64) -> Complex32 {
        let delay = Complex64::cis(-TAU * frequency);
        let sum = (self.gains.iter().rev())
            .fold(Complex64::ZERO, |sum, h| sum * delay + Complex64::new(f64::from(h.re), f64::from(h.im)));
        let gain = sum * Complex64::cis(TAU * frequency * self.n_early as f64);
        Complex32::new(gain.re as f32, gain.im as f32)
    }

    /// Filters a block, with silence before and after it.
    pub(super) fn apply(&self, x: &mut [Complex32]) {
        let sent = x.to_vec();
        x.fill(Complex32::ZERO);
        for (i, h) in self.gains.iter().enumerate() {
            let late = i.saturating_sub(self.n_early).min(x.len());
            let early = self.n_early.saturating_sub(i).min(x.len());
            for (y, s) in x[late..].iter_mut().zip(&sent[early..]) {
                *y += h * s;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_act_early_and_late_and_short_blocks_are_fine() {
        let gains = [1.0, 2.0, 3.0].map(|g| Complex32::new(g, 0.0)).to_vec();
        let taps = Taps { n_early: 1, gains };
        let mut x = [0.0, 1.0, 0.0, 0.0].map(|x| Complex32::new(x, 0.0));
        taps.apply(&mut x);
        assert_eq!(x, [1.0, 2.0, 3.0, 0.0].map(|x| Complex32::new(x, 0.0)));
        assert!((taps.response(0.5) - Complex32::new(-2.0, 0.0)).norm() < 1e-6);
        taps.apply(&mut []);
        let mut one = [Complex32::ONE];
        taps.apply(&mut one);
        assert_eq!(one, [Complex32::new(2.0, 0.0)]);
    }
}
