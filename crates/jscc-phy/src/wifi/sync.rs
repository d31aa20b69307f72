//! Synchronisation: detection and coarse frequency from the STF's period, timing and fine frequency from the LTF.

use super::lines::without_outstanding;
use super::ofdm::{N_CP, Transform};
use super::periodicity::{Peak, Periodicity};
use super::preamble::{EARLY, N_FIELD, N_LTF_GUARD, STF_PERIOD, ltf_bins};
use super::rotation::{rotation, rotations};
use crate::Complex32;
use crate::units::N_FFT;
use multiversion::multiversion;
use std::f32::consts::TAU;

/// Position and frequency offset of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sync {
    /// First sample of the first body of the LTF for the receiver: [`EARLY`] samples into the cyclic prefix.
    pub ltf: usize,
    /// Carrier frequency offset in radians per sample.
    pub cfo: f32,
}

/// Whether more samples will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Yes: an incomplete frame may be completed.
    Open,
    /// No.
    Last,
}

/// Result of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Search {
    /// The first frame.
    Found(Sync),
    /// No frame is complete enough to be reported; samples before `from` can be dropped.
    Starved {
        /// Sample at which to continue.
        from: usize,
    },
}

/// Smallest normalised correlation with the LTF's two bodies.
const LTF_THRESHOLD: f32 = 0.4;
/// The same with either of them: HT-LTF has one. Noise alone exceeds it with probability exp(-64·0.3²) ≈ 0.003.
const BODY_THRESHOLD: f32 = 0.3;
/// Largest delay of the STF's correlation peak after its true start.
const LATE_PEAK: usize = 112;
/// Largest lead of the peak before the true start, if the samples before correlate too, by an offset or a tone.
const EARLY_PEAK: usize = 96;
/// Step of the search after a peak without an LTF.
const STEP: usize = 40;
/// Distance from the assumed start of the STF to the first place examined for the LTF.
const TO_FIRST_PLACE: usize = N_FIELD + N_LTF_GUARD - LATE_PEAK;
/// Correlation from which an LTF's frequency is unambiguous. One in noise of equal power has 0.7.
const CONVINCING: f32 = 0.75;
/// Error of the coarse frequency, in radians per sample, from which the LTF is timed again: 50 kHz.
const FAR_OFF: f32 = TAU * 50e3 / 20e6;
/// Places examined for the LTF. The last 64 serve only to distinguish an LTF from half of one: 64 samples before its
/// place, it resembles itself.
const N_PLACES: usize = LATE_PEAK + EARLY_PEAK + N_FFT + 1;
/// A path before the strongest counts as the first from this fraction of its power on: sidelobes of the LTF have less.
const FIRST_PATH: f32 = 0.15;
/// Most samples of the first path before the strongest.
const FIRST_PATH_SLACK: usize = N_CP / 2;

/// Finds the first frame at or after sample `from`. The 224 samples before it serve as reference.
pub fn find(samples: &[Complex32], from: usize, ending: Ending, transform: &Transform) -> Search {
    let mut periodicity = Periodicity::new(samples, from);
    let body = transform.to_samples(&ltf_bins());
    let mut from = from;
    loop {
        let Peak { crossing, start, coarse } = match periodicity.next_peak(from) {
            Ok(peak) => peak,
            Err(from) => return Search::Starved { from },
        };
        let last = start + TO_FIRST_PLACE + N_PLACES - 1 + 2 * N_FFT;
        if last > samples.len() && ending == Ending::Open {
            return Search::Starved { from: crossing };
        }
        if let Some((at, cfo)) = locate(&samples[start..last.min(samples.len())], coarse, &body) {
            return Search::Found(Sync { ltf: (start + at).saturating_sub(EARLY), cfo });
        }
        from = start + STEP;
    }
}

/// Finds the LTF in samples from the assumed start of the STF on: the first path's place, and the frequency.
fn locate(samples: &[Complex32], coarse: f32, body: &[Complex32; N_FFT]) -> Option<(usize, f32)> {
    let place = |samples: &[Complex32], coarse| {
        let (at, cfo) = time(samples.get(TO_FIRST_PLACE..)?, coarse, body)?;
        Some((TO_FIRST_PLACE + at, cfo))
    };
    place(samples, coarse).or_else(|| {
        // Interference that hides the LTF also hides the STF's frequency.
        let clean = without_outstanding(samples)?;
        let periods = clean.iter().zip(&clean[STF_PERIOD.min(clean.len())..]).take(N_FIELD / 2 - STF_PERIOD);
        let alike: Complex32 = periods.map(|(early, late)| late * early.conj()).sum();
        place(&clean, alike.arg() / STF_PERIOD as f32)
    })
}

/// A timed LTF.
#[derive(Clone, Copy)]
struct Timed {
    /// Index of the first path.
    at: usize,
    /// Frequency refined from the two bodies.
    cfo: f32,
    /// Normalised correlation with the LTF.
    likeness: f32,
    /// Whether the region extends far enough to exclude half an LTF.
    is_whole: bool,
}

/// Times the LTF within a region of samples: the first path's place, and the frequency.
fn time(region: &[Complex32], coarse: f32, body: &[Complex32; N_FFT]) -> Option<(usize, f32)> {
    let mut best = time_once(region, coarse, body)?;
    if best.likeness < CONVINCING {
        // An LTF one subcarrier off still correlates, at another place.
        for n in [-2.0, -1.0, 1.0, 2.0] {
            let other = time_once(region, coarse + n * TAU / N_FFT as f32, body);
            best = other.filter(|other| other.likeness > best.likeness).unwrap_or(best);
        }
    }
    // A large frequency error has blurred the bodies.
    if (best.cfo - coarse).abs() > FAR_OFF {
        best = time_once(region, best.cfo, body).unwrap_or(best);
    }
    best.is_whole.then_some((best.at, best.cfo))
}

fn time_once(region: &[Complex32], coarse: f32, body: &[Complex32; N_FFT]) -> Option<Timed> {
    let n_places = (region.len() + 1).checked_sub(2 * N_FFT)?;
    let region = turned_back(region, coarse);
    let matched = matched_filter(&region, body);
    let powers = sliding_power(&region);
    let normalise = |(matched, power): (&f32, &f32)| matched / power.sqrt().max(f32::MIN_POSITIVE);
    let correlation: Vec<f32> = matched.iter().zip(&powers).map(normalise).collect();
    let both = |at: usize| f32::midpoint(correlation[at], correlation[at + N_FFT]);
    let strongest = (0..n_places).max_by(|&a, &b| both(a).total_cmp(&both(b)))?;
    let likeness = both(strongest);
    // Written so that a likeness of NaN is not a frame.
    let is_ltf =
        likeness >= LTF_THRESHOLD && correlation[strongest].min(correlation[strongest + N_FFT]) >= BODY_THRESHOLD;
    if !is_ltf {
        return None;
    }
    let path = |at: usize| matched[at] * matched[at] + matched[at + N_FFT] * matched[at + N_FFT];
    let at = (strongest.saturating_sub(FIRST_PATH_SLACK)..=strongest)
        .find(|&at| path(at) >= FIRST_PATH * path(strongest))
        .unwrap_or(strongest);
    let bodies: Complex32 = (at..at + N_FFT).map(|i| region[i + N_FFT] * region[i].conj()).sum();
    let cfo = coarse + bodies.arg() / N_FFT as f32;
    Some(Timed { at, cfo, likeness, is_whole: strongest + N_FFT < n_places })
}

/// Power of 64 samples from every place of the region.
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

/// Samples corrected for a frequency offset of `cfo` radians per sample, counted from the first.
fn turned_back(samples: &[Complex32], cfo: f32) -> Vec<Complex32> {
    let rotations = rotations(cfo);
    let mut turned = Vec::with_capacity(samples.len());
    for (n, chunk) in samples.chunks(N_FFT).enumerate() {
        let first = rotation(cfo, n * N_FFT);
        turned.extend(chunk.iter().zip(&rotations).map(|(x, turn)| x * turn * first));
    }
    turned
}
