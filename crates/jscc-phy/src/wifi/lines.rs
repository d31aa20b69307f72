//! Steady interference: tones that are present with or without a frame, such as a receiver's DC offset, carrier leakage
//! and spurs. They are estimated in the training fields, whose own lines are all known, subtracted, and tracked through
//! DATA by the residue of the decisions.

use super::ofdm::Transform;
use super::preamble::{N_FIELD, N_LTF_GUARD, STF_PERIOD, ltf_bins, stf_bins};
use super::rotation::rotations;
use super::smooth::inner;
use crate::Complex32;
use crate::units::N_FFT;
use num_complex::Complex64;
use rustfft::{Fft, FftPlanner};
use std::f32::consts::TAU;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

/// Samples before the frame that are examined, in parts, as far as they are quiet.
const N_QUIET: usize = 192;
const N_QUIET_PART: usize = N_FFT;
/// Samples of the STF that are skipped: a receiver's gain may settle in them.
const N_SETTLE: usize = 64;
/// Samples of the STF that are examined.
const N_STF: usize = N_FIELD - N_SETTLE;
/// Samples of the LTF that are examined: its bodies.
const N_LTF: usize = 2 * N_FFT;
/// Positions of the fields in the window.
const STF: Range<usize> = N_QUIET + N_SETTLE..N_QUIET + N_FIELD;
const LTF: Range<usize> = N_WINDOW - N_LTF..N_WINDOW;
/// Samples of the window, up to the LTF's end.
const N_WINDOW: usize = N_QUIET + N_FIELD + N_LTF_GUARD + N_LTF;
/// Its first sample, counted from the LTF's first body.
const FIRST: i64 = N_LTF as i64 - N_WINDOW as i64;
/// Dimensions of the training fields that remain besides the fields' own lines, 12 and 52.
const N_LEFT: usize = N_STF + N_LTF - 12 - 52;
/// Samples before the frame are quiet up to this fraction of the training fields' power, apart from one line.
const QUIET: f32 = 0.4;
/// Number of examined frequencies.
const N_SPECTRUM: usize = 512;
/// Half the distance of two frequencies.
const HALF_PLACE: f32 = TAU / N_SPECTRUM as f32 / 2.0;
/// Most lines.
const MOST_LINES: usize = 4;
/// Smallest energy of a line in units of the noise's mean per dimension. Noise alone exceeds it in 10⁻⁵ of the frames.
const LEAST_ENERGY: f32 = 16.0;
/// Smallest power of a line relative to the training fields': on the line's own subcarrier, its share is 50 times as
/// much.
const LEAST_SHARE: f32 = 1.5e-4;
/// A part in which a line is visible must show this fraction of the amplitude estimated from all parts.
const LEAST_AGREEMENT: f32 = 0.35;
/// Smallest energy of a unit line, in samples, that must remain besides the fields' own lines for it to be visible.
const LEAST_SEEN: f32 = 16.0;
/// From this energy on, the training fields alone determine the amplitude.
const ENOUGH_SEEN: f32 = 48.0;
/// A line with this fraction of a segment's energy is not part of a preamble: each of the STF's has a twelfth of half
/// of it.
const OUTSTANDING: f32 = 0.15;
/// Frequency and lines are estimated alternately until the frequency, in radians per sample, settles, at most this
/// often.
const MOST_ROUNDS: usize = 8;
const SETTLED: f32 = 3e-5;
/// Step sizes of a line's amplitude and frequency per symbol.
const AMPLITUDE_STEP: f32 = 0.15;
const FREQUENCY_STEP: f32 = 0.012;

/// A tone.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Frequency in radians per sample.
    frequency: f32,
    /// Amplitude at sample `at`.
    amplitude: Complex32,
    at: i64,
    /// Samples before the frame used in its estimate.
    n_quiet: usize,
}

impl Line {
    fn value(&self, at: i64) -> Complex32 {
        self.amplitude * wave(self.frequency, at - self.at)
    }

    /// Adds `sign` times the line to samples, the first of which is sample `first`.
    fn add(&self, sign: f32, first: i64, samples: &mut [Complex32]) {
        let (start, within) = (sign * self.value(first), rotations(-self.frequency));
        for (block, turn) in samples.chunks_mut(N_FFT).zip(turns(self.frequency * N_FFT as f32)) {
            let turn = turn * start;
            block.iter_mut().zip(&within).for_each(|(sample, within)| *sample += turn * within);
        }
    }
}

/// exp(j · frequency · n), the angle wrapped in double precision.
pub(super) fn wave(frequency: f32, n: i64) -> Complex32 {
    let angle = (f64::from(frequency) * n as f64) % f64::from(TAU);
    Complex32::from_polar(1.0, angle as f32)
}

/// exp(j · frequency · n) for n = 0, 1, …
pub(super) fn turns(frequency: f32) -> impl Iterator<Item = Complex32> {
    let step = Complex64::from_polar(1.0, f64::from(frequency));
    std::iter::successors(Some(Complex64::ONE), move |turn| Some(turn * step))
        .map(|turn| Complex32::new(turn.re as f32, turn.im as f32))
}

/// The lines of a frame. Samples count from the first body of the LTF, after frequency-offset correction.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines(Vec<(Line, [Complex32; N_FFT])>);

impl Lines {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn new(lines: &[Line], transform: &Transform) -> Self {
        let shape = |line: &Line| {
            let mut shape = [Complex32::ZERO; N_FFT];
            shape.iter_mut().zip(turns(line.frequency)).for_each(|(bin, turn)| *bin = turn);
            transform.to_bins(&shape)
        };
        Self(lines.iter().map(|line| (*line, shape(line))).collect())
    }

    /// Subtracts the lines from the bins of the body that begins at sample `at`.
    pub fn take_off(&self, at: usize, bins: &mut [Complex32; N_FFT]) {
        for (line, shape) in &self.0 {
            let value = line.value(at as i64);
            bins.iter_mut().zip(shape).for_each(|(bin, shape)| *bin -= value * shape);
        }
    }

    /// Updates the lines from the residue in the bins of `is_known`, after lines and signal are subtracted.
    pub fn learn(&mut self, at: usize, left: &[Complex32; N_FFT], is_known: &[bool; N_FFT]) {
        let at = at as i64;
        for (line, shape) in &mut self.0 {
            let (mut alike, mut power) = (Complex32::ZERO, 0.0);
            for ((left, shape), _) in left.iter().zip(&*shape).zip(is_known).filter(|(_, known)| **known) {
                alike += left * shape.conj();
                power += shape.norm_sqr();
            }
            let (now, error) = (line.value(at), alike / power.max(f32::MIN_POSITIVE));
            let turned = (error * now.conj()).im / now.norm_sqr().max(f32::MIN_POSITIVE);
            let elapsed = (at - line.at).max(1) as f32;
            if !(turned.is_finite() && error.norm_sqr().is_finite()) {
                continue;
            }
            line.frequency += FREQUENCY_STEP * turned.clamp(-1.0, 1.0) / elapsed;
            line.amplitude = now + AMPLITUDE_STEP * error;
            line.at = at;
        }
    }
}

/// The steady lines in a frame's training fields, and the frequency offset without them. Without lines, the offset is
/// unchanged.
pub(super) fn of_preamble(samples: &[Complex32], ltf: usize, cfo: f32, transform: &Transform) -> (f32, Lines) {
    let (mut cfo, mut lines) = (cfo, Vec::new());
    let Some(air) = Air::new(samples, ltf, transform) else { return (cfo, Lines::default()) };
    while lines.len() < MOST_LINES {
        let window = air.without(cfo, &lines);
        let quiet_too = (air.n_quiet > 0).then_some(air.n_quiet);
        let found = [quiet_too, Some(0)].into_iter().flatten().find_map(|n| strongest(&window, n, transform));
        let Some(line) = found else { break };
        lines.push(line);
        for _ in 0..MOST_ROUNDS {
            let step = offset_left(&air.without(cfo, &lines));
            cfo += step;
            for line in &mut lines {
                line.frequency -= step;
            }
            for i in 0..lines.len() {
                let line = lines.remove(i);
                let again = line.fitted(&air.without(cfo, &lines), transform);
                lines.insert(i, again);
            }
            if step.abs() < SETTLED {
                break;
            }
        }
    }
    (cfo, Lines::new(&lines, transform))
}

type Window = [Complex32; N_WINDOW];

/// Samples around a preamble.
struct Air {
    window: Window,
    /// Quiet samples before the frame.
    n_quiet: usize,
}

impl Air {
    /// `None` if the STF is truncated.
    fn new(samples: &[Complex32], ltf: usize, transform: &Transform) -> Option<Self> {
        let end = ltf + N_LTF;
        let n = end.min(N_WINDOW);
        let mut window = [Complex32::ZERO; N_WINDOW];
        window[N_WINDOW - n..].copy_from_slice(samples.get(end - n..end)?);
        if n < N_WINDOW - STF.start {
            return None;
        }
        let most = QUIET * energy(&window[STF.start..]) / (N_WINDOW - STF.start) as f32 * N_QUIET_PART as f32;
        let n_there = N_QUIET - (N_WINDOW - n).min(N_QUIET);
        let parts = window[N_QUIET - n_there..N_QUIET].rchunks_exact(N_QUIET_PART);
        let n_quiet = N_QUIET_PART * parts.take_while(|part| beside_line(part, transform) < most).count();
        Some(Self { window, n_quiet })
    }

    /// The window corrected by `cfo`, without these lines.
    fn without(&self, cfo: f32, lines: &[Line]) -> Window {
        let start = wave(-cfo, FIRST);
        let mut window = self.window;
        for (block, turn) in window.chunks_exact_mut(N_FFT).zip(turns(-cfo * N_FFT as f32)) {
            let turn = turn * start;
            block.iter_mut().zip(&rotations(cfo)).for_each(|(sample, within)| *sample *= turn * within);
        }
        for line in lines {
            line.add(-1.0, FIRST, &mut window);
        }
        window
    }
}

/// The energy of a part outside its strongest frequency.
fn beside_line(part: &[Complex32], transform: &Transform) -> f32 {
    let powers = transform.to_bins(part).map(|bin| bin.norm_sqr());
    let about = |place: usize| (N_FFT - 1..=N_FFT + 1).map(|i| powers[(place + i) % N_FFT]).sum::<f32>();
    energy(part) - (0..N_FFT).map(about).fold(0.0, f32::max) / N_FFT as f32
}

/// The residual frequency offset between the LTF's bodies.
fn offset_left(window: &Window) -> f32 {
    let (first, second) = window[LTF].split_at(N_FFT);
    let alike: Complex32 = first.iter().zip(second).map(|(first, second)| second * first.conj()).sum();
    alike.arg() / N_FFT as f32
}

/// Removes samples before the frame that are not quiet, and the part that training fields over any channel can have:
/// the repeating part, on their subcarriers.
fn take_signal_out(window: &mut Window, n_quiet: usize, transform: &Transform) {
    window[..N_QUIET - n_quiet].fill(Complex32::ZERO);
    window[N_QUIET..STF.start].fill(Complex32::ZERO);
    window[STF.end..LTF.start].fill(Complex32::ZERO);
    take_repeated_out(&mut window[STF], STF_PERIOD, &stf_bins(), transform);
    take_repeated_out(&mut window[LTF], N_FFT, &ltf_bins(), transform);
}

fn take_repeated_out(field: &mut [Complex32], period: usize, sent: &[Complex32; N_FFT], transform: &Transform) {
    let mut mean = [Complex32::ZERO; N_FFT];
    let scale = period as f32 / field.len() as f32;
    for repeat in field.chunks_exact(period) {
        mean.iter_mut().zip(repeat).for_each(|(mean, sample)| *mean += sample * scale);
    }
    let mut bins = transform.to_bins(&std::array::from_fn::<_, N_FFT, _>(|i| mean[i % period]));
    bins.iter_mut().zip(sent).filter(|(_, sent)| **sent == Complex32::ZERO).for_each(|(bin, _)| *bin = Complex32::ZERO);
    let repeated = transform.to_samples(&bins);
    for repeat in field.chunks_exact_mut(period) {
        repeat.iter_mut().zip(&repeated).for_each(|(sample, repeated)| *sample -= repeated);
    }
}

/// The remainder in a window of a line of amplitude 1.
fn seen(frequency: f32, n_quiet: usize, transform: &Transform) -> Window {
    let mut window = [Complex32::ZERO; N_WINDOW];
    Line { frequency, amplitude: Complex32::ONE, at: 0, n_quiet }.add(1.0, 0, &mut window);
    take_signal_out(&mut window, n_quiet, transform);
    window
}

/// The energy of that remainder at each examined frequency.
struct Seen {
    energy: [f32; N_SPECTRUM],
    /// 1/energy, or zero if it is too small.
    inverse: [f32; N_SPECTRUM],
}

fn seen_at(n_quiet: usize) -> &'static Seen {
    static SEEN: [OnceLock<Seen>; N_QUIET / N_QUIET_PART + 1] = [const { OnceLock::new() }; N_QUIET / N_QUIET_PART + 1];
    SEEN[n_quiet / N_QUIET_PART].get_or_init(|| {
        let transform = Transform::default();
        let energy = std::array::from_fn(|place| energy(&seen(frequency_of(place), n_quiet, &transform)));
        let inverse = energy.map(|energy: f32| if energy < LEAST_SEEN { 0.0 } else { energy.recip() });
        Seen { energy, inverse }
    })
}

pub(super) fn energy(samples: &[Complex32]) -> f32 {
    samples.iter().map(Complex32::norm_sqr).sum()
}

/// ⟨exp(j · frequency · n), samples⟩.
pub(super) fn at_frequency(frequency: f32, samples: &[Complex32]) -> Complex32 {
    let within = rotations(-frequency);
    let blocks = samples.chunks(N_FFT).zip(turns(-frequency * N_FFT as f32));
    blocks.map(|(block, turn)| turn * inner(&within[..block.len()], block)).sum()
}

impl Line {
    /// The line near `frequency` that explains most of the remainder of a window, for any channel.
    fn near(frequency: f32, left: &Window, n_quiet: usize, transform: &Transform) -> (Self, Window) {
        let seen_at = &seen_at(n_quiet).energy;
        let explained = |frequency: f32| {
            let place = (frequency / TAU).rem_euclid(1.0) * N_SPECTRUM as f32;
            let (low, part) = (place as usize % N_SPECTRUM, place.fract());
            let seen = seen_at[low] * (1.0 - part) + seen_at[(low + 1) % N_SPECTRUM] * part;
            at_frequency(frequency, left).norm_sqr() / seen.max(LEAST_SEEN)
        };
        let frequency = climb(frequency, HALF_PLACE, explained);
        let seen = seen(frequency, n_quiet, transform);
        let fields = &seen[STF.start..];
        // The gain may have been different before the frame.
        let first = if energy(fields) >= ENOUGH_SEEN { STF.start } else { 0 };
        let amplitude = inner(&seen[first..], &left[first..]) / energy(&seen[first..]).max(LEAST_SEEN);
        (Self { frequency, amplitude, at: FIRST, n_quiet }, seen)
    }

    /// Refits the line, in a window without the others.
    fn fitted(self, window: &Window, transform: &Transform) -> Self {
        let mut left = *window;
        take_signal_out(&mut left, self.n_quiet, transform);
        Self::near(self.frequency, &left, self.n_quiet, transform).0
    }
}

/// The frequency of a maximum of `height` within a few steps.
pub(super) fn climb(mut frequency: f32, mut step: f32, height: impl Fn(f32) -> f32) -> f32 {
    for _ in 0..3 {
        let [low, here, high] = [-step, 0.0, step].map(|step| height(frequency + step));
        let bend = low + high - 2.0 * here;
        let vertex = if bend < 0.0 { (low - high) / (2.0 * bend) } else { f32::from(high > low) * 2.0 - 1.0 };
        // Written so that NaN changes nothing.
        if vertex.is_finite() {
            frequency += vertex.clamp(-1.0, 1.0) * step;
        }
        step /= 3.0;
    }
    frequency
}

/// The discrete spectrum of at most [`N_SPECTRUM`] samples.
fn spectrum(samples: &[Complex32]) -> [Complex32; N_SPECTRUM] {
    static FFT: LazyLock<Arc<dyn Fft<f32>>> = LazyLock::new(|| FftPlanner::new().plan_fft_forward(N_SPECTRUM));
    let mut bins = [Complex32::ZERO; N_SPECTRUM];
    bins[..samples.len()].copy_from_slice(samples);
    let mut scratch = [Complex32::ZERO; N_SPECTRUM];
    FFT.process_with_scratch(&mut bins, &mut scratch[..FFT.get_inplace_scratch_len()]);
    bins
}

fn frequency_of(place: usize) -> f32 {
    let place = place as f32;
    let n = N_SPECTRUM as f32;
    TAU * if place < n / 2.0 { place / n } else { place / n - 1.0 }
}

/// The strongest line not explained by a channel; `None` if the remainder is noise.
fn strongest(window: &Window, n_quiet: usize, transform: &Transform) -> Option<Line> {
    let (inverse, mut left) = (&seen_at(n_quiet).inverse, *window);
    take_signal_out(&mut left, n_quiet, transform);
    let (total, n_left) = (energy(&left), (N_LEFT + n_quiet) as f32);
    let explained: [f32; N_SPECTRUM] = {
        let bins = spectrum(&left);
        std::array::from_fn(|place| bins[place].norm_sqr() * inverse[place])
    };
    let most = explained.iter().fold(0.0f32, |most, &energy| most.max(energy));
    let place = explained.iter().position(|&energy| energy >= most)?;
    let is_worth_it = |energy: f32| energy * (n_left + LEAST_ENERGY) > LEAST_ENERGY * total;
    // Between two examined frequencies the energy can be higher.
    if !is_worth_it(1.5 * most) {
        return None;
    }
    let (line, seen) = Line::near(frequency_of(place), &left, n_quiet, transform);
    let fields = &window[STF.start..];
    let matters = line.amplitude.norm_sqr() * fields.len() as f32 >= LEAST_SHARE * energy(fields);
    let energy = inner(&seen, &left).norm_sqr() / energy(&seen).max(LEAST_SEEN);
    (is_worth_it(energy) && matters && line.is_shown_everywhere(&seen, &left)).then_some(line)
}

impl Line {
    /// Whether the samples before the frame, STF and LTF all show the line, as far as they can.
    fn is_shown_everywhere(&self, seen: &Window, left: &Window) -> bool {
        let all = energy(seen);
        [0..N_QUIET, STF, LTF].into_iter().all(|part| {
            let (seen, left) = (&seen[part.clone()], &left[part]);
            let expected = self.amplitude.norm_sqr() * energy(seen);
            let shown = (self.amplitude.conj() * inner(seen, left)).re;
            8.0 * energy(seen) < all || shown >= LEAST_AGREEMENT * expected
        })
    }
}

/// At most [`N_SPECTRUM`] samples without the lines that dominate them; `None` if there are no such lines.
pub(super) fn without_outstanding(samples: &[Complex32]) -> Option<Vec<Complex32>> {
    let mut left = samples.to_vec();
    let mut n_lines = 0;
    while n_lines < MOST_LINES {
        let bins = spectrum(&left);
        let place = (0..N_SPECTRUM).max_by(|&a, &b| bins[a].norm_sqr().total_cmp(&bins[b].norm_sqr()))?;
        let n = left.len() as f32;
        // Written so that NaN does not stand out.
        let stands_out = bins[place].norm_sqr() / n > OUTSTANDING * energy(&left);
        if !stands_out {
            break;
        }
        let frequency = climb(frequency_of(place), HALF_PLACE, |frequency| at_frequency(frequency, &left).norm_sqr());
        let amplitude = at_frequency(frequency, &left) / n;
        Line { frequency, amplitude, at: 0, n_quiet: 0 }.add(-1.0, 0, &mut left);
        n_lines += 1;
    }
    (n_lines > 0).then_some(left)
}
