//! DATA symbols to equalised points, and points to the soft bits of the mother code.

use super::coder::Coder;
use super::equalize::ChannelEstimate;
use super::lines::Lines;
use super::mcs::{Mcs, Modulation};
use super::ofdm::{PILOT_TONES, Transform, bin};
use super::qam::{k_mod, least_weight};
use super::rotation::{rotation, rotations};
use super::track::Tracker;
use crate::Complex32;
use crate::units::N_FFT;
use multiversion::multiversion;

/// Samples from a frame's LTF on, with frequency-offset correction and transform.
pub(super) struct Front<'a> {
    samples: &'a [Complex32],
    transform: &'a Transform,
    cfo: f32,
    /// Frequency-offset correction of a symbol's body.
    turn: [Complex32; N_FFT],
    /// Steady interference, estimated from the training fields.
    lines: Lines,
}

/// A received symbol.
pub(super) struct Heard {
    /// First sample of its body.
    pub at: usize,
    /// Its bins.
    pub bins: [Complex32; N_FFT],
}

impl<'a> Front<'a> {
    pub fn new(samples: &'a [Complex32], cfo: f32, transform: &'a Transform) -> Self {
        Self { samples, transform, cfo, turn: rotations(cfo), lines: Lines::default() }
    }

    /// Removes this steady interference.
    pub fn without(self, lines: Lines) -> Self {
        Self { lines, ..self }
    }

    /// Number of samples available.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// The bins of the body that begins at sample `at`.
    pub fn bins(&self, at: usize) -> [Complex32; N_FFT] {
        self.bins_without(&self.lines, at)
    }

    fn bins_without(&self, lines: &Lines, at: usize) -> [Complex32; N_FFT] {
        let first = rotation(self.cfo, at);
        let mut body = [Complex32::ZERO; N_FFT];
        for ((body, x), turn) in body.iter_mut().zip(&self.samples[at..at + N_FFT]).zip(&self.turn) {
            *body = *x * *turn * first;
        }
        self.transform.to_bins_in_place(&mut body);
        lines.take_off(at, &mut body);
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
    /// A demodulator for symbols with these data subcarriers.
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
        self.track_without(&self.front.lines, at, pilots, tracker, points);
    }

    /// As [`Demodulator::track`], also tracking steady interference: the difference between the points and the
    /// constellation, and the content of the unused bins.
    pub fn track_both(
        &self,
        at: usize,
        pilots: [f32; 4],
        (tracker, lines): (&mut Tracker, &mut Lines),
        modulation: Modulation,
        points: &mut [Complex32],
    ) -> Heard {
        let (at, bins) = self.track_without(lines, at, pilots, tracker, points);
        if lines.is_empty() {
            return Heard { at, bins };
        }
        let mut left = bins;
        let mut is_known = self.channel.gain.map(|gain| gain == Complex32::ZERO);
        for (point, &bin) in points.iter().zip(&self.bins) {
            let decision = nearest(*point, modulation) * point.conj() / point.norm_sqr().max(f32::MIN_POSITIVE);
            left[bin] *= Complex32::ONE - decision;
            is_known[bin] = true;
        }
        lines.learn(at, &left, &is_known);
        Heard { at, bins }
    }

    pub fn transform(&self) -> &Transform {
        self.front.transform
    }

    /// The unused bins; zero in the used ones.
    pub fn empty_bins(&self, bins: &[Complex32; N_FFT]) -> [Complex32; N_FFT] {
        std::array::from_fn(|i| if self.channel.gain[i] == Complex32::ZERO { bins[i] } else { Complex32::ZERO })
    }

    /// Position of the symbol, and its bins.
    fn track_without(
        &self,
        lines: &Lines,
        at: usize,
        pilots: [f32; 4],
        tracker: &mut Tracker,
        points: &mut [Complex32],
    ) -> (usize, [Complex32; N_FFT]) {
        let moved = at.saturating_add_signed(tracker.next(self.front.len() - N_FFT - at) as isize);
        let bins = self.front.bins_without(lines, moved);
        let products = self.channel.pilot_products(&bins, pilots);
        let turn = tracker.learn(products, self.pilot_powers, self.channel.no);
        self.equalize(&bins, points);
        turn_back(points, &self.tones, turn.phase, turn.slope);
        (moved, bins)
    }

    /// Equalised points of the symbol whose body begins at sample `at`, which needs no phase correction.
    pub fn coherent(&self, at: usize, points: &mut [Complex32]) {
        self.equalize(&self.front.bins(at), points);
    }

    fn equalize(&self, bins: &[Complex32; N_FFT], points: &mut [Complex32]) {
        for ((point, &bin), inverse) in points.iter_mut().zip(&self.bins).zip(&self.inverse) {
            *point = bins[bin] * inverse;
        }
    }

    /// Steady interference, estimated from the training fields.
    pub fn lines(&self) -> Lines {
        self.front.lines.clone()
    }

    /// Σ|h|²/N0 over the data subcarriers.
    pub fn reliability(&self) -> f32 {
        self.weights().iter().sum()
    }

    /// 1/(noise variance) of each point, as estimated from the training field.
    pub fn weights(&self) -> Vec<f32> {
        // Without any noise every soft bit would be infinite.
        let floor = 1e-9 * self.bins.iter().map(|&bin| self.channel.gain[bin].norm_sqr()).fold(0.0, f32::max);
        let no = self.channel.no.max(floor).max(f32::MIN_POSITIVE);
        self.bins.iter().map(|&bin| self.channel.gain[bin].norm_sqr() / no).collect()
    }
}

/// Adding and subtracting this constant rounds a number, in a way that vectorises.
const ROUND: f32 = 12_582_912.0;

/// Multiplies point i by exp(-j(phase + tones[i] · slope)).
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn turn_back(points: &mut [Complex32], tones: &[f32], phase: f32, slope: f32) {
    // The window follows the slope, except at the end of the samples.
    if 28.0 * slope.abs() > 1.5 {
        let turned = |(point, k): (&mut Complex32, &f32)| *point *= Complex32::from_polar(1.0, -phase - k * slope);
        return points.iter_mut().zip(tones).for_each(turned);
    }
    let common = Complex32::from_polar(1.0, -phase);
    for (point, k) in points.iter_mut().zip(tones) {
        // Taylor's series, to 10⁻⁵ within 1.5.
        let angle = -k * slope;
        let square = angle * angle;
        let cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
        let sin = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0))));
        *point *= common * Complex32::new(cos, sin);
    }
}

/// Writes the squared distance of each of `axes` to the nearest amplitude.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn axis_errors(axes: &[f32], scale: f32, most: f32, errors: &mut [f32]) {
    let unit = 1.0 / scale;
    for (&x, error) in axes.iter().zip(errors) {
        let x = x * unit;
        let nearest = 2.0 * ((x * 0.5 - 0.5 + ROUND) - ROUND) + 1.0;
        let nearest = if nearest > most { most } else { nearest };
        let nearest = if nearest < -most { -most } else { nearest };
        *error = scale * scale * (x - nearest) * (x - nearest);
    }
}

/// The nearest point of the constellation.
fn nearest(point: Complex32, modulation: Modulation) -> Complex32 {
    let scale = k_mod(modulation);
    let most = f32::from(1u8 << modulation.n_bpsc().div_ceil(2)) - 1.0;
    let amplitude = |x: f32| (2.0 * (x / scale * 0.5 - 0.5).round() + 1.0).clamp(-most, most) * scale;
    let im = if modulation == Modulation::Bpsk { 0.0 } else { amplitude(point.im) };
    Complex32::new(amplitude(point.re), im)
}

/// Distances of received points to the constellation.
pub(super) struct Errors {
    /// Mean squared distance of the points of each data subcarrier.
    pub tones: Vec<f32>,
    /// Mean over each symbol of its points' squared distances times their weights.
    pub symbols: Vec<f32>,
}

/// Squared distances of points to the nearest of the constellation. BPSK has only noise on Q.
pub(super) fn errors(points: &[Complex32], weights: &[f32], mcs: Mcs) -> Errors {
    let n_data = mcs.n_data();
    let most = f32::from(1u8 << mcs.n_bpsc().div_ceil(2)) - 1.0;
    let mut axes = vec![0.0; 2 * n_data];
    let mut errors = Errors { tones: vec![0.0; n_data], symbols: Vec::with_capacity(points.len() / n_data) };
    for points in points.chunks_exact(n_data) {
        axis_errors(bytemuck::cast_slice(points), k_mod(mcs.modulation()), most, &mut axes);
        if mcs.modulation() == Modulation::Bpsk {
            axes.iter_mut().skip(1).step_by(2).zip(points).for_each(|(error, point)| *error = point.im * point.im);
        }
        let mut weighted = 0.0;
        for ((iq, tone), weight) in axes.chunks_exact(2).zip(&mut errors.tones).zip(weights) {
            *tone += iq[0] + iq[1];
            weighted += weight * (iq[0] + iq[1]);
        }
        errors.symbols.push(weighted / n_data as f32);
    }
    let n_symbols = errors.symbols.len().max(1) as f32;
    errors.tones.iter_mut().for_each(|tone| *tone /= n_symbols);
    errors
}

/// Weight of the training field's noise estimate in symbols, against the estimate from the points.
const TRUST: f32 = 8.0;
/// A symbol with this many times the usual error is disturbed: over 48 points chance does not reach it.
const DISTURBED: f32 = 2.0;

/// Lowers weights where the points lie farther from the constellation than noise alone would explain, on all
/// subcarriers together and on each by itself. Returns a further factor for the weights of each symbol: less than 1
/// where interference has hit it alone.
pub(super) fn lower_weights(weights: &mut [f32], errors: &Errors) -> Vec<f32> {
    let n = errors.symbols.len() as f32;
    let common = (errors.symbols.iter().sum::<f32>() / n).max(1.0);
    for (weight, error) in weights.iter_mut().zip(&errors.tones) {
        let own = (n * error * *weight + TRUST * common) / (n + TRUST);
        *weight /= own.max(1.0);
    }
    // The median is insensitive to the few disturbed symbols.
    let mut sorted = errors.symbols.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let usual = sorted[sorted.len() / 2].max(1.0);
    errors.symbols.iter().map(|&error| if error > DISTURBED * usual { usual / error } else { 1.0 }).collect()
}

/// The soft bits of the mother code of a DATA field, from its points, the weight of each subcarrier and the factor of
/// each symbol.
pub(super) fn soften(points: &[Complex32], weights: &[f32], factors: &[f32], mcs: Mcs) -> Vec<i8> {
    let mean = weights.iter().sum::<f32>() / weights.len() as f32;
    let scale = (least_weight(mcs.modulation()) / mean).max(1.0);
    let both: Vec<f32> = weights.iter().flat_map(|&weight| [scale * weight; 2]).collect();
    let mut lowered = both.clone();
    let mut mother = Vec::with_capacity(factors.len() * 2 * mcs.n_dbps());
    for (points, &factor) in points.chunks_exact(mcs.n_data()).zip(factors) {
        lowered.iter_mut().zip(&both).for_each(|(lowered, weight)| *lowered = factor * weight);
        Coder::of(mcs).soften(bytemuck::cast_slice(points), &lowered, &mut mother);
    }
    mother
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_turned_by_any_angle() {
        let tones: Vec<f32> = (-28..=28).map(|k| k as f32).collect();
        for slope in [0.0, 0.01, -0.049, 0.3, -1.7] {
            let mut points = vec![Complex32::new(0.6, -0.8); tones.len()];
            turn_back(&mut points, &tones, 1.2, slope);
            for (k, point) in tones.iter().zip(points) {
                let want = Complex32::new(0.6, -0.8) * Complex32::from_polar(1.0, -1.2 - k * slope);
                assert!((point - want).norm() < 3e-4, "slope {slope}, subcarrier {k}: {point}, not {want}");
            }
        }
    }
}
