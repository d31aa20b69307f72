//! Smoothing of a channel estimate over subcarriers: the estimate is decomposed into paths of few delays, as many as
//! the noise warrants (Mallows' Cp), and the residue is noise. Delays are whole samples, or whole samples plus the
//! fraction given by the mean phase slope, whichever fits better: without it, one path between two samples would need
//! many.

use super::ofdm::bin;
use super::preamble::EARLY;
use super::preamble::{ht_ltf_bins, ltf_bins};
use crate::Complex32;
use crate::units::N_FFT;
use std::f32::consts::TAU;
use std::sync::LazyLock;

/// Delays in samples after the first path as timed, in the order of their probability in a channel.
const DELAYS: [i32; 18] = [0, 1, -1, 2, 3, -2, 4, 5, 6, 7, -3, 8, 9, 10, 11, 12, 13, 14];

/// An orthonormal basis of the possible gains of paths with the first 1, 2, … delays.
struct Basis {
    tones: Vec<i32>,
    bins: Vec<usize>,
    /// One vector over the occupied bins per delay.
    vectors: Vec<Vec<Complex32>>,
}

impl Basis {
    fn new(sent: &[Complex32; N_FFT]) -> Self {
        let tones: Vec<i32> = (-32..32).filter(|&tone| sent[bin(tone)] != Complex32::ZERO).collect();
        let mut vectors: Vec<Vec<Complex32>> = Vec::new();
        for delay in DELAYS {
            let turn = -TAU * (delay + EARLY as i32) as f32 / N_FFT as f32;
            let mut vector: Vec<_> = tones.iter().map(|&k| Complex32::from_polar(1.0, turn * k as f32)).collect();
            // Twice: once loses precision if delays are nearly dependent over the occupied band.
            for _ in 0..2 {
                for before in &vectors {
                    let along = inner(before, &vector);
                    vector.iter_mut().zip(before).for_each(|(v, b)| *v -= along * b);
                }
            }
            let norm = vector.iter().map(Complex32::norm_sqr).sum::<f32>().sqrt();
            vectors.push(vector.iter().map(|v| v / norm).collect());
        }
        Self { bins: tones.iter().map(|&tone| bin(tone)).collect(), tones, vectors }
    }

    /// Smooths gains; `variance` is that of the noise on each.
    fn smooth(&self, gain: &[Complex32; N_FFT], variance: f32) -> [Complex32; N_FFT] {
        let models = [0.0, fraction(gain)].map(|delay| self.fit(gain, delay, variance));
        let best = if models[1].cost < models[0].cost { &models[1] } else { &models[0] };
        let Some(order) = best.order else { return *gain };
        let mut smooth = [Complex32::ZERO; N_FFT];
        for (i, &bin) in self.bins.iter().enumerate() {
            let parts = best.parts[..=order].iter().zip(&self.vectors);
            smooth[bin] = parts.map(|(part, vector)| part * vector[i]).sum::<Complex32>() * best.turns[i].conj();
        }
        smooth
    }

    /// The best order for gains with an additional delay of `delay` samples.
    fn fit(&self, gain: &[Complex32; N_FFT], delay: f32, variance: f32) -> Fit {
        let turn = TAU * delay / N_FFT as f32;
        let turns: Vec<_> = self.tones.iter().map(|&k| Complex32::from_polar(1.0, turn * k as f32)).collect();
        let heard: Vec<_> = self.bins.iter().zip(&turns).map(|(&bin, turn)| gain[bin] * turn).collect();
        let parts: Vec<_> = self.vectors.iter().map(|vector| inner(vector, &heard)).collect();
        // Expected error of each order: the unexplained energy, plus twice the included noise.
        let mut unexplained: f32 = heard.iter().map(Complex32::norm_sqr).sum();
        let (mut cost, mut best) = (2.0 * heard.len() as f32 * variance, None);
        for (order, part) in parts.iter().enumerate() {
            unexplained -= part.norm_sqr();
            let expected = unexplained + 2.0 * (order + 1) as f32 * variance;
            if expected < cost {
                (cost, best) = (expected, Some(order));
            }
        }
        Fit { cost, order: best, parts, turns }
    }
}

/// A decomposition of gains.
struct Fit {
    cost: f32,
    /// The last vector whose energy exceeds its noise; `None` if all together do not.
    order: Option<usize>,
    parts: Vec<Complex32>,
    turns: Vec<Complex32>,
}

/// The fraction of a sample, -0.5 to 0.5, in the mean delay.
fn fraction(gain: &[Complex32; N_FFT]) -> f32 {
    let slope: Complex32 = (-28..28).map(|k| gain[bin(k + 1)] * gain[bin(k)].conj()).sum();
    let delay = -slope.arg() * N_FFT as f32 / TAU;
    delay - delay.round()
}

/// ⟨a, b⟩, linear in b.
pub(super) fn inner(a: &[Complex32], b: &[Complex32]) -> Complex32 {
    // Four partial sums, because the compiler must not reorder floating-point additions.
    let (a_fours, a_rest) = a.as_chunks::<4>();
    let (b_fours, b_rest) = b.as_chunks::<4>();
    let mut sums = [Complex32::ZERO; 4];
    for (a, b) in a_fours.iter().zip(b_fours) {
        for i in 0..4 {
            sums[i] += a[i].conj() * b[i];
        }
    }
    a_rest.iter().zip(b_rest).map(|(a, b)| a.conj() * b).chain(sums).sum()
}

/// Smooths gains with noise of this variance on the LTF's 52 subcarriers.
pub(super) fn over_ltf(gain: &[Complex32; N_FFT], variance: f32) -> [Complex32; N_FFT] {
    static BASIS: LazyLock<Basis> = LazyLock::new(|| Basis::new(&ltf_bins()));
    BASIS.smooth(gain, variance)
}

/// Smooths gains with noise of this variance on the HT-LTF's 56 subcarriers.
pub(super) fn over_ht_ltf(gain: &[Complex32; N_FFT], variance: f32) -> [Complex32; N_FFT] {
    static BASIS: LazyLock<Basis> = LazyLock::new(|| Basis::new(&ht_ltf_bins()));
    BASIS.smooth(gain, variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basis_is_orthonormal() {
        for sent in [ltf_bins(), ht_ltf_bins()] {
            let basis = Basis::new(&sent);
            for (i, a) in basis.vectors.iter().enumerate() {
                for (j, b) in basis.vectors.iter().enumerate() {
                    let want = if i == j { 1.0 } else { 0.0 };
                    assert!((inner(a, b) - want).norm() < 1e-4, "{i}, {j}: {}", inner(a, b));
                }
            }
        }
    }
}
