//! Finding a frame: detection and coarse frequency from the STF's period, timing and fine frequency from the LTF.

use super::ofdm::{N_CP, Transform};
use super::preamble::{N_FIELD, N_LTF_GUARD, STF_PERIOD, ltf_bins};
use crate::Complex32;
use crate::units::N_FFT;
use multiversion::multiversion;
use num_complex::Complex64;
use std::f32::consts::TAU;

/// Where a frame stands in a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sync {
    /// First sample of the first body of the LTF, as the receiver takes it: [`EARLY`] samples into the cyclic prefix.
    pub ltf: usize,
    /// Carrier frequency offset in radians per sample.
    pub cfo: f32,
}

/// Whether more samples will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Yes: what is not complete may become so.
    Open,
    /// No.
    Last,
}

/// What came of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Search {
    /// The first frame.
    Found(Sync),
    /// None is complete enough to be told; samples before `from` can be forgotten.
    Starved {
        /// Where to go on.
        from: usize,
    },
}

/// Samples by which transforms start before the first path: room for what timing misses, and for paths before it.
pub const EARLY: usize = 3;

/// Samples over which the STF is compared with itself one period later: less than half the field, for a recording may
/// cut it and a receiver's gain may settle in it.
const N_CORRELATE: usize = 64;
/// Samples that a comparison takes.
const N_WINDOW: usize = N_CORRELATE + STF_PERIOD;
/// Least normalised correlation of the STF. Noise alone passes it with probability exp(-64·0.38²) ≈ 10⁻⁴ a sample, and
/// then fails at the LTF; a signal at the noise's level gives 0.5.
const STF_THRESHOLD: f64 = 0.38;
/// Least normalised correlation with the LTF's two bodies.
const LTF_THRESHOLD: f32 = 0.4;
/// The STF's correlation peaks at most so long after its true start,
const LATE_PEAK: usize = 112;
/// or so long before it, where the air before the frame resembles itself, by an offset or a tone.
const EARLY_PEAK: usize = 96;
/// Where the search goes on after a peak without an LTF.
const STEP: usize = 40;
/// Places at which the LTF is looked for. The last 64 are looked at only to tell an LTF from half of one: 64 samples before
/// its place, it resembles itself.
const N_PLACES: usize = LATE_PEAK + EARLY_PEAK + N_FFT + 1;
/// A path before the strongest is taken for the first if it has this part of its power: sidelobes of the LTF have less.
const FIRST_PATH: f32 = 0.15;
/// Samples that the first path can come before the strongest.
const FIRST_PATH_SLACK: usize = N_CP / 2;

/// The first frame at or after sample `from`.
pub fn find(samples: &[Complex32], from: usize, ending: Ending, transform: &Transform) -> Search {
    let Some(mut correlation) = StfCorrelation::new(samples, from) else { return Search::Starved { from } };
    let body = transform.to_samples(&ltf_bins());
    loop {
        match correlation.next_peak() {
            Peak::None { from } => return Search::Starved { from },
            Peak::At { crossing, start, coarse } => {
                let first = (start + N_FIELD + N_LTF_GUARD).saturating_sub(LATE_PEAK);
                let last = first + N_PLACES - 1 + 2 * N_FFT;
                if last > samples.len() && ending == Ending::Open {
                    return Search::Starved { from: crossing };
                }
                if let Some((at, cfo)) = time(&samples[first..last.min(samples.len())], coarse, &body) {
                    return Search::Found(Sync { ltf: (first + at).saturating_sub(EARLY), cfo });
                }
                if !correlation.skip_to(start + STEP) {
                    return Search::Starved { from: start + STEP };
                }
            }
        }
    }
}

/// Places between which the sums of a correlation are carried on, before they are taken anew.
const N_CARRIED: usize = 1024;

/// Running correlation of the samples with themselves one STF period later.
struct StfCorrelation<'a> {
    samples: &'a [Complex32],
    at: usize,
    /// What sample `first + i` and the one a period later give: their product, and their mean power.
    terms: Vec<(Complex32, f32)>,
    first: usize,
    // Double precision keeps running sums from drifting.
    product: Complex64,
    power: f64,
}

enum Peak {
    /// No peak before `from`, from where on there are too few samples.
    None { from: usize },
    /// The threshold is passed at `crossing`, and the field begins best at `start`.
    At { crossing: usize, start: usize, coarse: f32 },
}

impl<'a> StfCorrelation<'a> {
    fn new(samples: &'a [Complex32], at: usize) -> Option<Self> {
        let terms = Vec::with_capacity(N_CARRIED + N_CORRELATE);
        let mut new = Self { samples, at, terms, first: at, product: Complex64::ZERO, power: 0.0 };
        new.skip_to(at).then_some(new)
    }

    /// `false` when there are too few samples.
    fn skip_to(&mut self, at: usize) -> bool {
        if at + N_WINDOW > self.samples.len() {
            return false;
        }
        (self.at, self.first, self.product, self.power) = (at, at, Complex64::ZERO, 0.0);
        let end = (at + N_CARRIED + N_CORRELATE).min(self.samples.len() - STF_PERIOD);
        let pairs = self.samples[at..end].iter().zip(&self.samples[at + STF_PERIOD..]);
        self.terms.clear();
        self.terms
            .extend(pairs.map(|(early, late)| (late * early.conj(), f32::midpoint(early.norm_sqr(), late.norm_sqr()))));
        for i in 0..N_CORRELATE {
            let (product, power) = self.terms[i];
            self.product += wide(product);
            self.power += f64::from(power);
        }
        true
    }

    /// Goes on by one sample; `false` when there are too few.
    #[inline]
    fn step(&mut self) -> bool {
        let i = self.at - self.first;
        let (Some((old, old_power)), Some((new, new_power))) = (self.terms.get(i), self.terms.get(i + N_CORRELATE))
        else {
            return self.skip_to(self.at + 1);
        };
        self.product += wide(*new) - wide(*old);
        self.power += f64::from(*new_power) - f64::from(*old_power);
        self.at += 1;
        // Else the sums have lost the digits of what remains, or all of them.
        let is_sound = f64::from(*old_power) <= 1e7 * self.power;
        is_sound || self.skip_to(self.at)
    }

    /// Whether the normalised correlation reaches the threshold; never for silence and what is not a number.
    #[inline]
    fn passes(&self) -> bool {
        let least = STF_THRESHOLD * self.power;
        self.power > 0.0 && self.product.norm_sqr() >= least * least
    }

    /// Numerator and denominator of the square of the normalised correlation.
    #[inline]
    fn quality(&self) -> (f64, f64) {
        (self.product.norm_sqr(), self.power * self.power)
    }

    /// The best start within one field after the threshold is first passed, and the coarse frequency there.
    fn next_peak(&mut self) -> Peak {
        while !self.passes() {
            if !self.step() {
                return Peak::None { from: self.at };
            }
        }
        let crossing = self.at;
        let (mut best, mut start, mut product) = (self.quality(), self.at, self.product);
        for _ in 0..N_FIELD {
            if !self.step() {
                return Peak::None { from: crossing };
            }
            let quality = self.quality();
            if quality.0 * best.1 > best.0 * quality.1 {
                (best, start, product) = (quality, self.at, self.product);
            }
        }
        Peak::At { crossing, start, coarse: product.arg() as f32 / STF_PERIOD as f32 }
    }
}

fn wide(x: Complex32) -> Complex64 {
    Complex64::new(x.re.into(), x.im.into())
}

/// Times the LTF within a region of samples: the first path's place, and the frequency refined from the two bodies.
fn time(region: &[Complex32], coarse: f32, body: &[Complex32; N_FFT]) -> Option<(usize, f32)> {
    let n_places = (region.len() + 1).checked_sub(2 * N_FFT)?;
    let region = turned_back(region, coarse);
    let matched = matched_filter(&region, body);
    let powers = sliding_power(&region);
    let normalise = |(matched, power): (&f32, &f32)| matched / power.sqrt().max(f32::MIN_POSITIVE);
    let correlation: Vec<f32> = matched.iter().zip(&powers).map(normalise).collect();
    let both = |at: usize| f32::midpoint(correlation[at], correlation[at + N_FFT]);
    let strongest = (0..n_places).max_by(|&a, &b| both(a).total_cmp(&both(b)))?;
    // Asked this way round, a quality that is not a number is no frame.
    let is_ltf = both(strongest) >= LTF_THRESHOLD && strongest + N_FFT < n_places;
    if !is_ltf {
        return None;
    }
    let path = |at: usize| matched[at] * matched[at] + matched[at + N_FFT] * matched[at + N_FFT];
    let at = (strongest.saturating_sub(FIRST_PATH_SLACK)..=strongest)
        .find(|&at| path(at) >= FIRST_PATH * path(strongest))
        .unwrap_or(strongest);
    let bodies: Complex32 = (at..at + N_FFT).map(|i| region[i + N_FFT] * region[i].conj()).sum();
    Some((at, coarse + bodies.arg() / N_FFT as f32))
}

/// Power of the 64 samples from every place of the region on.
fn sliding_power(region: &[Complex32]) -> Vec<f32> {
    let mut power: f32 = region[..N_FFT].iter().map(Complex32::norm_sqr).sum();
    let change = |(old, new): (&Complex32, &Complex32)| {
        let before = power;
        power = (power + new.norm_sqr() - old.norm_sqr()).max(0.0);
        before
    };
    let mut powers: Vec<f32> = region.iter().zip(&region[N_FFT..]).map(change).collect();
    powers.push(power);
    powers
}

/// Magnitude of the correlation with the body, of norm 1, at every place of the region.
fn matched_filter(region: &[Complex32], body: &[Complex32; N_FFT]) -> Vec<f32> {
    let norm = body.iter().map(Complex32::norm_sqr).sum::<f32>().sqrt();
    let n = region.len() - N_FFT + 1;
    let (re, im): (Vec<f32>, Vec<f32>) = region.iter().map(|x| (x.re, x.im)).unzip();
    let (mut sum_re, mut sum_im) = (vec![0.0; n], vec![0.0; n]);
    for (i, tap) in body.iter().enumerate() {
        add_conjugate_product(&re[i..i + n], &im[i..i + n], tap / norm, &mut sum_re, &mut sum_im);
    }
    sum_re.iter().zip(&sum_im).map(|(re, im): (&f32, &f32)| (re * re + im * im).sqrt()).collect()
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_conjugate_product(re: &[f32], im: &[f32], tap: Complex32, sum_re: &mut [f32], sum_im: &mut [f32]) {
    for (((&re, &im), sum_re), sum_im) in re.iter().zip(im).zip(sum_re).zip(sum_im) {
        *sum_re += re * tap.re + im * tap.im;
        *sum_im += im * tap.re - re * tap.im;
    }
}

/// The factor that turns sample `i` back by a frequency offset of `cfo` radians per sample.
pub fn rotation(cfo: f32, i: usize) -> Complex32 {
    // Wrapped in double precision: a long recording turns many times.
    let turns = f64::from(cfo) * i as f64 / f64::from(TAU);
    let fraction = turns - turns as i64 as f64;
    Complex32::from_polar(1.0, -fraction as f32 * TAU)
}

/// The factors for samples 0 to 63.
pub(super) fn rotations(cfo: f32) -> [Complex32; N_FFT] {
    let step = Complex64::from_polar(1.0, -f64::from(cfo));
    let mut turn = Complex64::ONE;
    std::array::from_fn(|_| {
        let now = Complex32::new(turn.re as f32, turn.im as f32);
        turn *= step;
        now
    })
}

/// Samples turned back by a frequency offset of `cfo` radians per sample, counted from the first.
fn turned_back(samples: &[Complex32], cfo: f32) -> Vec<Complex32> {
    let rotations = rotations(cfo);
    let mut turned = Vec::with_capacity(samples.len());
    for (n, chunk) in samples.chunks(N_FFT).enumerate() {
        let first = rotation(cfo, n * N_FFT);
        turned.extend(chunk.iter().zip(&rotations).map(|(x, turn)| x * turn * first));
    }
    turned
}
