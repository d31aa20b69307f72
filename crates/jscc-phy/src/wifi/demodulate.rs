//! DATA symbols to equalised points, and points to the soft bits of the mother code.

use super::coder::Coder;
use super::equalize::ChannelEstimate;
use super::mcs::{Mcs, Modulation};
use super::ofdm::{PILOT_TONES, Transform, bin};
use super::qam::k_mod;
use super::sync::{rotation, rotations};
use super::track::Tracker;
use crate::Complex32;
use crate::units::N_FFT;
use multiversion::multiversion;

/// Samples from a frame's LTF on, turned back by its frequency offset and transformed.
pub(super) struct Front<'a> {
    samples: &'a [Complex32],
    transform: &'a Transform,
    cfo: f32,
    /// Turns the samples of a symbol's body back.
    turn: [Complex32; N_FFT],
}

impl<'a> Front<'a> {
    pub fn new(samples: &'a [Complex32], cfo: f32, transform: &'a Transform) -> Self {
        Self { samples, transform, cfo, turn: rotations(cfo) }
    }

    /// Samples that are there.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// The bins of the body that begins at sample `at`.
    pub fn bins(&self, at: usize) -> [Complex32; N_FFT] {
        let first = rotation(self.cfo, at);
        let mut body = [Complex32::ZERO; N_FFT];
        for ((body, x), turn) in body.iter_mut().zip(&self.samples[at..at + N_FFT]).zip(&self.turn) {
            *body = *x * *turn * first;
        }
        self.transform.to_bins_in_place(&mut body);
        body
    }
}

/// Equalises the symbols of a field.
pub(super) struct Demodulator<'a> {
    front: &'a Front<'a>,
    channel: &'a ChannelEstimate,
    bins: Vec<usize>,
    tones: Vec<f32>,
    /// 1/h on each data subcarrier.
    inverse: Vec<Complex32>,
    /// Powers |h|² of the pilots.
    pilot_powers: [f32; 4],
}

impl<'a> Demodulator<'a> {
    /// For symbols with these data subcarriers.
    pub fn new(tones: &[i32], front: &'a Front<'a>, channel: &'a ChannelEstimate) -> Self {
        let bins: Vec<usize> = tones.iter().map(|&tone| bin(tone)).collect();
        let inverse = |&bin: &usize| {
            let gain = channel.gain[bin];
            gain.conj() / gain.norm_sqr().max(f32::MIN_POSITIVE)
        };
        Self {
            front,
            channel,
            inverse: bins.iter().map(inverse).collect(),
            tones: tones.iter().map(|&tone| tone as f32).collect(),
            pilot_powers: PILOT_TONES.map(|tone| channel.gain[bin(tone)].norm_sqr()),
            bins,
        }
    }

    /// Equalised points of the symbol whose body begins at sample `at`, following its pilots.
    pub fn track(&self, at: usize, pilots: [f32; 4], tracker: &mut Tracker, points: &mut [Complex32]) {
        let moved = at.saturating_add_signed(tracker.next() as isize).min(self.front.len() - N_FFT);
        let bins = self.front.bins(moved);
        let products = self.channel.pilot_products(&bins, pilots);
        let turn = tracker.learn(products, self.pilot_powers, self.channel.no);
        self.equalize(&bins, points);
        turn_back(points, &self.tones, turn.phase, turn.slope);
    }

    /// Equalised points of the symbol whose body begins at sample `at`, which needs no turn.
    pub fn coherent(&self, at: usize, points: &mut [Complex32]) {
        self.equalize(&self.front.bins(at), points);
    }

    fn equalize(&self, bins: &[Complex32; N_FFT], points: &mut [Complex32]) {
        for ((point, &bin), inverse) in points.iter_mut().zip(&self.bins).zip(&self.inverse) {
            *point = bins[bin] * inverse;
        }
    }

    /// Σ|h|²/N0 over the data subcarriers.
    pub fn reliability(&self) -> f32 {
        self.weights().iter().sum()
    }

    /// 1/(noise variance) of each point, as far as the training field tells.
    pub fn weights(&self) -> Vec<f32> {
        // A channel without any noise at all would make every soft bit infinite.
        let floor = 1e-9 * self.bins.iter().map(|&bin| self.channel.gain[bin].norm_sqr()).fold(0.0, f32::max);
        let no = self.channel.no.max(floor).max(f32::MIN_POSITIVE);
        self.bins.iter().map(|&bin| self.channel.gain[bin].norm_sqr() / no).collect()
    }
}

/// Multiplies point i by exp(-j(phase + tones[i] · slope)).
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn turn_back(points: &mut [Complex32], tones: &[f32], phase: f32, slope: f32) {
    let common = Complex32::from_polar(1.0, -phase);
    for (point, k) in points.iter_mut().zip(tones) {
        // Taylor's series: the window follows the slope, so the angle stays below 28 · π/64 = 1.4.
        let angle = -k * slope;
        let square = angle * angle;
        let cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
        let sin = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0))));
        *point *= common * Complex32::new(cos, sin);
    }
}

/// Adds, to each of `sums` in turn, the squared distances of I and Q to the nearest amplitude. Without this, `axes` of
/// BPSK have noise alone on Q, and its nearest amplitude there is 0.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_errors(axes: &[f32], scale: f32, most: f32, sums: &mut [f32]) {
    for axes in axes.chunks_exact(sums.len()) {
        for (&x, sum) in axes.iter().zip(sums.iter_mut()) {
            let x = x / scale;
            let nearest = (2.0 * (x * 0.5 - 0.5).round_ties_even() + 1.0).max(-most).min(most);
            *sum += (x - nearest) * (x - nearest);
        }
    }
}

/// Mean squared distance of the points of each data subcarrier to the nearest of the constellation.
pub(super) fn errors(points: &[Complex32], mcs: Mcs) -> Vec<f32> {
    let (n, scale) = (mcs.n_data(), k_mod(mcs.modulation()));
    let n_symbols = (points.len() / n).max(1) as f32;
    if mcs.modulation() == Modulation::Bpsk {
        let mut sums = vec![0.0; n];
        for points in points.chunks_exact(n) {
            for (point, sum) in points.iter().zip(&mut sums) {
                *sum += (point.re.abs() - 1.0).powi(2) + point.im * point.im;
            }
        }
        return sums.iter().map(|sum| sum / n_symbols).collect();
    }
    let most = f32::from(1u8 << (mcs.n_bpsc() / 2)) - 1.0;
    let mut sums = vec![0.0; 2 * n];
    add_errors(bytemuck::cast_slice(points), scale, most, &mut sums);
    sums.chunks_exact(2).map(|iq| scale * scale * (iq[0] + iq[1]) / n_symbols).collect()
}

/// Symbols that the training field's word counts for, against what the points themselves show of the noise.
const TRUST: f32 = 8.0;

/// What distortion adds to the noise: weights lowered where the points lie farther from the constellation than noise
/// alone would have them, on all subcarriers together and on each by itself.
pub(super) fn lower_weights(weights: &mut [f32], errors: &[f32], n_sym: usize) {
    let excess = errors.iter().zip(&*weights).map(|(e, w)| e * w).sum::<f32>() / weights.len() as f32;
    let common = excess.max(1.0);
    for (weight, error) in weights.iter_mut().zip(errors) {
        let n = n_sym as f32;
        let own = (n * error * *weight + TRUST * common) / (n + TRUST);
        *weight /= own.max(1.0);
    }
}

/// The soft bits of the mother code of a DATA field.
pub(super) fn soften(points: &[Complex32], weights: &[f32], mcs: Mcs) -> Vec<i8> {
    let both: Vec<f32> = weights.iter().flat_map(|&weight| [weight; 2]).collect();
    let mut mother = Vec::with_capacity(points.len() / mcs.n_data() * 2 * mcs.n_dbps());
    for points in points.chunks_exact(mcs.n_data()) {
        Coder::of(mcs).soften(bytemuck::cast_slice(points), &both, &mut mother);
    }
    mother
}
