//! Detection of the STF's period: the correlation of the samples with themselves one period later, less that of the
//! samples before. An offset, a leaking carrier or a tone of any frequency also correlates with itself, but before the
//! frame as well as in it.

use super::preamble::{N_FIELD, STF_PERIOD};
use crate::Complex32;
use multiversion::multiversion;

/// Samples over which the STF is compared with itself one period later: less than half the field, because a recording
/// may truncate it and a receiver's gain may settle in it.
const N_CORRELATE: usize = 64;
/// Samples used by a comparison.
const N_COMPARED: usize = N_CORRELATE + STF_PERIOD;
/// Samples between places of comparison, counted from the first sample.
pub(super) const STRIDE: usize = 4;
/// Smallest normalised correlation of the STF. Noise alone exceeds it with probability exp(-64·0.38²) ≈ 10⁻⁴ per
/// sample, and then fails at the LTF; a signal at the noise's level gives 0.5.
const THRESHOLD: f32 = 0.38;
/// Distances of the comparisons that represent the samples before: even with half of the comparison in the STF, they
/// precede it.
const BEFORE: [usize; 2] = [N_FIELD + N_CORRELATE, N_FIELD + 2 * N_CORRELATE];
/// Samples before a place that the comparison needs.
pub(super) const HISTORY: usize = BEFORE[1];
/// The samples before count as steady from this correlation on, which noise exceeds in one of 3000 places.
const STEADY: f32 = 0.25;
/// Smallest change of the cross term of a steady part and noise that counts as new, in units of √(tone·(tone +
/// 2·noise)): the standard deviation between stretches is 0.15.
const BEAT: f32 = 1.6;
/// Places compared at a time.
const AT_ONCE: usize = 256;

/// Comparison at a place: the sum of the products with the samples a period later, and of the mean powers.
#[derive(Debug, Clone, Copy, Default)]
struct Comparison {
    product: Complex32,
    power: f32,
}

impl Comparison {
    /// Numerator and denominator of the correlation without the steady part. The denominator is the remaining power
    /// plus a bound on the cross term of the steady part and noise, which differs between stretches.
    fn quality(self, steady: Self) -> (f32, f32) {
        let (product, power) = (steady.product.norm(), steady.power);
        let beat = BEAT * (power * power - product * product).max(0.0).sqrt();
        ((self.product - steady.product).norm(), (self.power - product).max(0.0) + beat)
    }
}

/// A candidate for the STF.
pub(super) struct Peak {
    /// Place where the threshold is passed.
    pub crossing: usize,
    /// Place with the best correlation.
    pub start: usize,
    /// Frequency offset there, in radians per sample.
    pub coarse: f32,
}

/// Comparisons of samples with those one STF period later, at places that are multiples of [`STRIDE`].
pub(super) struct Periodicity<'a> {
    samples: &'a [Complex32],
    first: usize,
    comparisons: Vec<Comparison>,
}

impl<'a> Periodicity<'a> {
    /// Prepares searches from sample `from` on.
    pub fn new(samples: &'a [Complex32], from: usize) -> Self {
        let first = from.saturating_sub(HISTORY) / STRIDE * STRIDE;
        Self { samples, first, comparisons: Vec::new() }
    }

    /// The comparison at a place; `None` if there are too few samples.
    #[inline]
    fn at(&mut self, place: usize) -> Option<Comparison> {
        let i = (place - self.first) / STRIDE;
        if i >= self.comparisons.len() && !self.extend() {
            return None;
        }
        self.comparisons.get(i).copied()
    }

    fn extend(&mut self) -> bool {
        let first = self.first + self.comparisons.len() * STRIDE;
        let n = ((self.samples.len() + STRIDE).saturating_sub(first + N_COMPARED) / STRIDE).min(AT_ONCE);
        if n > 0 {
            let end = first + (n - 1) * STRIDE + N_COMPARED;
            compare(&self.samples[first..end], &mut self.comparisons);
        }
        n > 0
    }

    /// Comparison of the steady part of the samples before a place; zero if there is none.
    #[inline]
    fn steady(&self, place: usize) -> Comparison {
        let Some(i) = place.checked_sub(self.first + HISTORY) else { return Comparison::default() };
        let [late, early] = BEFORE.map(|before| self.comparisons[(i + HISTORY - before) / STRIDE]);
        let mean =
            Comparison { product: (late.product + early.product) * 0.5, power: f32::midpoint(late.power, early.power) };
        let least = STEADY * mean.power;
        if mean.product.norm_sqr() >= least * least { mean } else { Comparison::default() }
    }

    /// The best start within one field after the threshold is first passed at or after sample `from`.
    ///
    /// # Errors
    /// The sample at which to continue the search, if there are too few samples to decide.
    pub fn next_peak(&mut self, from: usize) -> Result<Peak, usize> {
        let mut crossing = from.next_multiple_of(STRIDE);
        let steady = loop {
            let now = self.at(crossing).ok_or(crossing)?;
            let steady = self.steady(crossing);
            // A part that was much stronger than the samples are now was not steady.
            let most = 1.5 * now.power;
            let steady = if steady.product.norm_sqr() < most * most { steady } else { Comparison::default() };
            let (alike, all) = now.quality(steady);
            if all > 0.0 && alike >= THRESHOLD * all {
                break steady;
            }
            crossing += STRIDE;
        };
        let mut best = (0.0, 1.0);
        let mut peak = Peak { crossing, start: crossing, coarse: 0.0 };
        for start in (crossing..=crossing + N_FIELD).step_by(STRIDE) {
            let now = self.at(start).ok_or(crossing)?;
            let quality = now.quality(steady);
            if quality.0 * best.1 > best.0 * quality.1 {
                best = quality;
                peak = Peak { start, coarse: (now.product - steady.product).arg() / STF_PERIOD as f32, ..peak };
            }
        }
        Ok(peak)
    }
}

/// Appends the comparisons at all places for which the samples suffice.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma", "x86_64+avx2"))]
fn compare(samples: &[Complex32], comparisons: &mut Vec<Comparison>) {
    const MOST: usize = AT_ONCE + N_CORRELATE / STRIDE;
    let (mut short, mut n) = ([Comparison::default(); MOST], 0);
    for (early, late) in samples.chunks_exact(STRIDE).zip(samples[STF_PERIOD..].chunks_exact(STRIDE)) {
        let mut sum = Comparison::default();
        for (early, late) in early.iter().zip(late) {
            sum.product += late * early.conj();
            sum.power += f32::midpoint(early.norm_sqr(), late.norm_sqr());
        }
        short[n] = sum;
        n += 1;
    }
    // Sums of four of sums of four: without an accumulator, each depends on its own samples only.
    for step in [1, N_CORRELATE / STRIDE / 4] {
        n -= 3 * step;
        for i in 0..n {
            for j in 1..4 {
                let other = short[i + j * step];
                short[i].product += other.product;
                short[i].power += other.power;
            }
        }
    }
    comparisons.extend_from_slice(&short[..n]);
}
