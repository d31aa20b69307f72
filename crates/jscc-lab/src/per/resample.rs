//! Interpolation at places slightly more or less than a sample apart: delay and clock offset in one.
//!
//! [`jscc_phy::channel::impairment`] has a clock offset alone, with exact weights per sample; this table is faster.

use jscc_phy::Complex32;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Samples on either side of the interpolated place.
pub(super) const HALF: usize = 24;
/// Tabulated places between two samples: the nearest is at most 1/2048 of a sample off, an error of -58 dB at the edge
/// of the band.
const PHASES: usize = 1024;

type Weights = [f32; 2 * HALF];

/// Weights of the samples 1 − `HALF` ..= `HALF` at each place: a sinc under Hann's window, whose error is below
/// -48 dB on all subcarriers of HT.
static WEIGHTS: LazyLock<Vec<Weights>> = LazyLock::new(|| (0..=PHASES).map(weights).collect());

fn weights(phase: usize) -> Weights {
    std::array::from_fn(|i| {
        let t = phase as f64 / PHASES as f64 + HALF as f64 - 1.0 - i as f64;
        let sinc = if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) };
        (sinc * (PI * t / (2 * HALF) as f64).cos().powi(2)) as f32
    })
}

/// Interpolates sample n at `step`·n − `delay`, with silence beyond both ends.
pub(super) fn resample(sent: &[Complex32], delay: f64, step: f64) -> Vec<Complex32> {
    let padding = 2 * HALF;
    let mut padded = vec![Complex32::ZERO; sent.len() + 2 * padding];
    padded[padding..padding + sent.len()].copy_from_slice(sent);
    let value = |n: usize| {
        let position = step * n as f64 - delay + padding as f64;
        let phase = (position.fract() * PHASES as f64).round() as usize;
        let first = position as usize + 1 - HALF;
        let around = padded.get(first..first + 2 * HALF).unwrap_or_default();
        around.iter().zip(&WEIGHTS[phase]).map(|(x, w)| x * w).sum()
    };
    (0..sent.len()).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcarrier_keeps_its_gain_and_delay() {
        for (k, delay, step) in [(1, 0.5, 1.0), (28, 0.5, 1.0), (-28, 0.3, 1.00004), (13, 0.9, 0.99996), (28, 0.0, 1.0)]
        {
            let turn = 2.0 * PI * f64::from(k) / 64.0;
            let tone = |t: f64| Complex32::from_polar(1.0, (turn * t) as f32);
            let sent: Vec<_> = (0..2000).map(|n| tone(f64::from(n))).collect();
            let heard = resample(&sent, delay, step);
            for n in (100..1900).step_by(7) {
                let error = (heard[n] - tone(step * n as f64 - delay)).norm();
                assert!(error < 5e-3, "{k}, {delay}, {step}: {error} at {n}");
            }
        }
    }

    #[test]
    fn silence_lies_beyond_both_ends() {
        let heard = resample(&[Complex32::ONE; 100], 1.0, 1.001);
        assert_eq!(heard.len(), 100);
        assert!(heard[0].norm() < 0.1 && heard[99].is_finite());
        assert_eq!(resample(&[], 0.5, 1.0).len(), 0);
    }
}
