//! Where something new repeats itself after one period of the STF: the correlation of the samples with themselves, less
//! what the air before had of it. An offset, a leaking carrier or a tone of any frequency resembles itself too, but before
//! the frame as well as in it.

use super::preamble::{N_FIELD, STF_PERIOD};
use crate::Complex32;
use multiversion::multiversion;

/// Samples over which the STF is compared with itself one period later: less than half the field, for a recording may
/// cut it and a receiver's gain may settle in it.
const N_CORRELATE: usize = 64;
/// Samples that a comparison takes.
const N_COMPARED: usize = N_CORRELATE + STF_PERIOD;
/// Samples between places at which it is made. Places are counted from the first sample there is.
pub(super) const STRIDE: usize = 4;
/// Least normalised correlation of the STF. Noise alone passes it with probability exp(-64·0.38²) ≈ 10⁻⁴ a sample, and
/// then fails at the LTF; a signal at the noise's level gives 0.5.
const THRESHOLD: f32 = 0.38;
/// The air before is what was heard so long ago: as long as the STF fills half of the comparison, that was before it.
const BEFORE: [usize; 2] = [N_FIELD + N_CORRELATE, N_FIELD + 2 * N_CORRELATE];
/// Samples before a place that say what is new there.
pub(super) const HISTORY: usize = BEFORE[1];
/// The air before counts as steady from this correlation on, which noise has in one of 3000 places.
const STEADY: f32 = 0.25;
/// What a steady part and noise must differ by to pass for something new, in units of √(tone·(tone + 2·noise)): from
/// stretch to stretch their standard deviation is 0.15.
const BEAT: f32 = 1.6;
/// Places that are compared at a time.
const AT_ONCE: usize = 256;

/// What the samples from a place on say: the sum of the products with those a period later, and of the mean powers.
#[derive(Debug, Clone, Copy, Default)]
struct Comparison {
    product: Complex32,
    power: f32,
}

impl Comparison {
    /// Numerator and denominator of the correlation of what is not steady. It has the power that the steady part leaves;
    /// that part and noise beat besides, by less than the last term from one stretch to another.
    fn quality(self, steady: Self) -> (f32, f32) {
        let (product, power) = (steady.product.norm(), steady.power);
        let beat = BEAT * (power * power - product * product).max(0.0).sqrt();
        ((self.product - steady.product).norm(), (self.power - product).max(0.0) + beat)
    }
}

/// A place where the STF may be.
pub(super) struct Peak {
    /// Where the threshold is passed.
    pub crossing: usize,
    /// Where the field begins best.
    pub start: usize,
    /// Frequency there, radians per sample.
    pub coarse: f32,
}

/// Comparisons of samples with those one STF period later, at places that are multiples of [`STRIDE`].
pub(super) struct Periodicity<'a> {
    samples: &'a [Complex32],
    first: usize,
    comparisons: Vec<Comparison>,
}

impl<'a> Periodicity<'a> {
    /// For searches from sample `from` on.
    pub fn new(samples: &'a [Complex32], from: usize) -> Self {
        let first = from.saturating_sub(HISTORY) / STRIDE * STRIDE;
        Self { samples, first, comparisons: Vec::new() }
    }

    /// None where there are too few samples.
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

    /// What the air before a place has of steady periods, if anything.
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
    /// A sample before which there is no such place, and after which there are too few samples.
    pub fn next_peak(&mut self, from: usize) -> Result<Peak, usize> {
        let mut crossing = from.next_multiple_of(STRIDE);
        let steady = loop {
            let now = self.at(crossing).ok_or(crossing)?;
            let steady = self.steady(crossing);
            // What was so much more than there is now was not steady.
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

/// Appends what all places have of which the samples hold the whole comparison.
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
    // Sums of four of sums of four: none is carried on, so each depends on its own samples alone.
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
