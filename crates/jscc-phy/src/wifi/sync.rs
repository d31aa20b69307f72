//! Finding a frame: detection and coarse frequency from the STF's period, timing and fine frequency from the LTF.

use super::ofdm::Transform;
use super::preamble::{N_FIELD, N_LTF_GUARD, STF_PERIOD, ltf_bins};
use crate::Complex32;
use crate::units::N_FFT;
use std::f32::consts::TAU;

/// Where a frame stands in a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sync {
    /// First sample of the first body of the LTF.
    pub ltf: usize,
    /// Carrier frequency offset in radians per sample.
    pub cfo: f32,
}

/// Samples over which the STF is compared with itself one period later.
const N_CORRELATE: usize = N_FIELD - STF_PERIOD;
/// Least normalised correlation of the STF. Noise alone passes it with probability exp(-144·0.35²) ≈ 2·10⁻⁸ a
/// sample; a signal at the noise's level gives 0.5.
const STF_THRESHOLD: f32 = 0.35;
/// Least normalised correlation with the LTF's two bodies.
const LTF_THRESHOLD: f32 = 0.4;
/// The STF's correlation peaks this close to the true start.
const TIMING_SLACK: usize = 40;

/// The first frame at or after sample `from`; `None` when there is none.
pub fn find(samples: &[Complex32], from: usize, transform: &Transform) -> Option<Sync> {
    let body = transform.to_samples(&ltf_bins());
    let mut correlation = StfCorrelation::new(samples, from)?;
    loop {
        let (start, coarse) = correlation.next_peak()?;
        if let Some(sync) = time(samples, start, coarse, &body) {
            return Some(sync);
        }
        correlation.skip_to(start + TIMING_SLACK)?;
    }
}

/// Running correlation of the samples with themselves one STF period later.
struct StfCorrelation<'a> {
    samples: &'a [Complex32],
    at: usize,
    // Double precision keeps running sums from drifting.
    product: num_complex::Complex64,
    power: f64,
}

impl<'a> StfCorrelation<'a> {
    fn new(samples: &'a [Complex32], at: usize) -> Option<Self> {
        let mut new = Self { samples, at, product: num_complex::Complex64::ZERO, power: 0.0 };
        new.skip_to(at)?;
        Some(new)
    }

    fn skip_to(&mut self, at: usize) -> Option<()> {
        if at + N_FIELD > self.samples.len() {
            return None;
        }
        (self.at, self.product, self.power) = (at, num_complex::Complex64::ZERO, 0.0);
        for i in at..at + N_CORRELATE {
            self.add(i, 1.0);
        }
        Some(())
    }

    fn add(&mut self, i: usize, sign: f64) {
        let (early, late) = (self.samples[i], self.samples[i + STF_PERIOD]);
        let (early, late) = (
            num_complex::Complex64::new(early.re.into(), early.im.into()),
            num_complex::Complex64::new(late.re.into(), late.im.into()),
        );
        self.product += sign * late * early.conj();
        self.power += sign * (early.norm_sqr() + late.norm_sqr()) / 2.0;
    }

    fn step(&mut self) -> Option<()> {
        // Summed anew now and then: a sample that is huge or not a number would stay in the sums for ever.
        if self.at.is_multiple_of(N_CORRELATE) {
            return self.skip_to(self.at + 1);
        }
        if self.at + 1 + N_FIELD > self.samples.len() {
            return None;
        }
        self.add(self.at, -1.0);
        self.add(self.at + N_CORRELATE, 1.0);
        self.at += 1;
        Some(())
    }

    fn coefficient(&self) -> f32 {
        if self.power > 0.0 { (self.product.norm() / self.power) as f32 } else { 0.0 }
    }

    /// The best start within one field after the threshold is first passed, and the coarse frequency there.
    fn next_peak(&mut self) -> Option<(usize, f32)> {
        while self.coefficient() < STF_THRESHOLD {
            self.step()?;
        }
        let mut best = (self.coefficient(), self.at, self.product);
        for _ in 0..N_FIELD {
            if self.step().is_none() {
                break;
            }
            if self.coefficient() > best.0 {
                best = (self.coefficient(), self.at, self.product);
            }
        }
        Some((best.1, best.2.arg() as f32 / STF_PERIOD as f32))
    }
}

/// Times the LTF near where the STF says it is, and refines the frequency from its two bodies.
fn time(samples: &[Complex32], start: usize, coarse: f32, body: &[Complex32; N_FFT]) -> Option<Sync> {
    let expected = start + N_FIELD + N_LTF_GUARD;
    let first = expected.saturating_sub(TIMING_SLACK);
    let last = expected + TIMING_SLACK;
    let region = samples.get(first..last + 2 * N_FFT)?;
    let region: Vec<_> = region.iter().enumerate().map(|(i, x)| x * rotation(coarse, i)).collect();
    let body_power: f32 = body.iter().map(Complex32::norm_sqr).sum();
    let correlate = |at: usize| {
        let heard = &region[at..at + N_FFT];
        let product: Complex32 = heard.iter().zip(body).map(|(x, b)| x * b.conj()).sum();
        let power: f32 = heard.iter().map(Complex32::norm_sqr).sum();
        product.norm() / (power * body_power).sqrt().max(f32::MIN_POSITIVE)
    };
    let both = |at: usize| f32::midpoint(correlate(at), correlate(at + N_FFT));
    let (quality, at) = (0..=last - first).map(|at| (both(at), at)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let bodies: Complex32 = (at..at + N_FFT).map(|i| region[i + N_FFT] * region[i].conj()).sum();
    // Asked this way round, a quality that is not a number is no frame.
    (quality >= LTF_THRESHOLD).then(|| Sync { ltf: first + at, cfo: coarse + bodies.arg() / N_FFT as f32 })
}

/// The factor that turns sample `i` back by a frequency offset of `cfo` radians per sample.
pub fn rotation(cfo: f32, i: usize) -> Complex32 {
    // Wrapped in double precision: a long recording turns many times.
    let turns = (f64::from(cfo) * i as f64 / f64::from(TAU)).fract() as f32;
    Complex32::from_polar(1.0, -turns * TAU)
}
