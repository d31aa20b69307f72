//! Steady interference: tones that stand on the air whether there is a frame or not, as a receiver's own offset, carriers
//! that leak and spurs do. The training fields tell them, for of those every line is known; they are taken off, and
//! followed through DATA by what the decisions leave over.

use super::ofdm::Transform;
use super::preamble::{N_LTF_GUARD, STF_PERIOD, ltf_bins, stf_bins};
use super::sync::Sync;
use crate::Complex32;
use crate::units::N_FFT;
use num_complex::Complex64;
use rustfft::{Fft, FftPlanner};
use std::f32::consts::TAU;
use std::sync::{Arc, LazyLock};

/// Samples of the STF that are looked at: its end, where a receiver's gain has settled.
const N_STF: usize = 6 * STF_PERIOD;
/// Samples of the LTF that are looked at: its bodies.
const N_LTF: usize = 2 * N_FFT;
/// Samples from the first that is looked at to the LTF's first body.
const N_BEFORE: usize = N_STF + N_LTF_GUARD;
/// And to the last.
const N_WINDOW: usize = N_BEFORE + N_LTF;
/// What the fields' own lines, 12 and 52, leave of the window's dimensions.
const N_LEFT: f32 = (N_STF + N_LTF - 12 - 52) as f32;
/// Frequencies that are looked at.
const N_SPECTRUM: usize = 512;
/// Lines at the most.
const MOST_LINES: usize = 4;
/// Least energy of a line in units of the noise's mean in one dimension. Noise alone passes it in 10⁻⁵ of the frames.
const LEAST_ENERGY: f32 = 16.0;
/// A field that shows a line at all must show this part of the amplitude that both together say.
const LEAST_AGREEMENT: f32 = 0.25;
/// Least part of a line's energy that the fields' own lines must leave to be seen by, in samples.
const LEAST_SEEN: f32 = 16.0;
/// A line that holds this part of a stretch's energy is no part of a preamble: the STF's hold a twelfth of half of it.
const OUTSTANDING: f32 = 0.15;
/// Frequency and lines are found in turns until neither changes, or so often.
const MOST_ROUNDS: usize = 8;
/// What a symbol's residue changes of a line's amplitude, and of its frequency.
const AMPLITUDE_STEP: f32 = 0.15;
const FREQUENCY_STEP: f32 = 0.012;

/// A tone.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Radians per sample.
    frequency: f32,
    /// At sample `at`.
    amplitude: Complex32,
    at: i64,
}

impl Line {
    fn value(&self, at: i64) -> Complex32 {
        self.amplitude * wave(self.frequency, at - self.at)
    }

    /// Adds `sign` times the line to samples of which the first is sample `first`.
    fn add(&self, sign: f32, first: i64, samples: &mut [Complex32]) {
        let start = sign * self.value(first);
        for (sample, turn) in samples.iter_mut().zip(turns(self.frequency)) {
            *sample += start * turn;
        }
    }
}

/// exp(j · frequency · n), the angle wrapped in double precision.
fn wave(frequency: f32, n: i64) -> Complex32 {
    let angle = (f64::from(frequency) * n as f64) % f64::from(TAU);
    Complex32::from_polar(1.0, angle as f32)
}

/// exp(j · frequency · n) for n = 0, 1, …
fn turns(frequency: f32) -> impl Iterator<Item = Complex32> {
    let step = Complex64::from_polar(1.0, f64::from(frequency));
    std::iter::successors(Some(Complex64::ONE), move |turn| Some(turn * step))
        .map(|turn| Complex32::new(turn.re as f32, turn.im as f32))
}

/// The lines of a frame. Samples count from the first body of the LTF, and are turned back by the frame's offset.
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

    /// Takes the lines off the bins of the body that begins at sample `at`.
    pub fn take_off(&self, at: usize, bins: &mut [Complex32; N_FFT]) {
        for (line, shape) in &self.0 {
            let value = line.value(at as i64);
            bins.iter_mut().zip(shape).for_each(|(bin, shape)| *bin -= value * shape);
        }
    }

    /// Learns from what is left in the bins that `is_known` names, once lines and signal are taken off.
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
            line.frequency += FREQUENCY_STEP * turned.clamp(-1.0, 1.0) / elapsed.min(N_WINDOW as f32);
            line.amplitude = now + AMPLITUDE_STEP * error;
            line.at = at;
        }
    }
}

/// The steady lines in a frame's training fields, and the frequency offset without them. Where there are none, the offset
/// is the one that it was.
pub(super) fn of_preamble(samples: &[Complex32], sync: Sync, transform: &Transform) -> (f32, Lines) {
    let mut cfo = sync.cfo;
    let window = sync.ltf.checked_sub(N_BEFORE).and_then(|first| samples.get(first..first + N_WINDOW));
    let Some(window) = window else { return (cfo, Lines::default()) };
    let mut lines = Vec::new();
    while lines.len() < MOST_LINES {
        let Some(line) = strongest(&without(window, cfo, &lines), transform) else { break };
        lines.push(line);
        for _ in 0..MOST_ROUNDS {
            let step = offset_left(&without(window, cfo, &lines));
            cfo += step;
            lines.iter_mut().for_each(|line| line.frequency -= step);
            for i in 0..lines.len() {
                let line = lines.swap_remove(i);
                let again = fitted(&without(window, cfo, &lines), line.frequency, transform);
                lines.push(again);
                let last = lines.len() - 1;
                lines.swap(i, last);
            }
            if step.abs() < 1e-6 {
                break;
            }
        }
    }
    (cfo, Lines::new(&lines, transform))
}

type Window = [Complex32; N_WINDOW];

/// First sample of the window.
const FIRST: i64 = -(N_BEFORE as i64);

/// The window turned back by `cfo`, without these lines.
fn without(samples: &[Complex32], cfo: f32, lines: &[Line]) -> Window {
    let start = wave(-cfo, FIRST);
    let mut window = [Complex32::ZERO; N_WINDOW];
    for ((sample, x), turn) in window.iter_mut().zip(samples).zip(turns(-cfo)) {
        *sample = x * turn * start;
    }
    lines.iter().for_each(|line| line.add(-1.0, FIRST, &mut window));
    window
}

/// The frequency offset that the LTF's bodies still show.
fn offset_left(window: &Window) -> f32 {
    let (first, second) = window[N_BEFORE..].split_at(N_FFT);
    let alike: Complex32 = first.iter().zip(second).map(|(first, second)| second * first.conj()).sum();
    alike.arg() / N_FFT as f32
}

/// Takes out all that training fields of any channel have in this window: what repeats, on their subcarriers.
fn take_signal_out(window: &mut Window, transform: &Transform) {
    window[N_STF..N_BEFORE].fill(Complex32::ZERO);
    let (stf, ltf) = window.split_at_mut(N_BEFORE);
    take_repeated_out(&mut stf[..N_STF], STF_PERIOD, &stf_bins(), transform);
    take_repeated_out(ltf, N_FFT, &ltf_bins(), transform);
}

fn take_repeated_out(field: &mut [Complex32], period: usize, sent: &[Complex32; N_FFT], transform: &Transform) {
    let mut mean = [Complex32::ZERO; N_FFT];
    for (i, sample) in field.iter().enumerate() {
        mean[i % period] += *sample;
    }
    let scale = period as f32 / field.len() as f32;
    let mut bins = transform.to_bins(&std::array::from_fn::<_, N_FFT, _>(|i| mean[i % period] * scale));
    bins.iter_mut().zip(sent).filter(|(_, sent)| **sent == Complex32::ZERO).for_each(|(bin, _)| *bin = Complex32::ZERO);
    let repeated = transform.to_samples(&bins);
    field.iter_mut().zip(repeated.iter().cycle()).for_each(|(sample, repeated)| *sample -= repeated);
}

/// What a line of amplitude 1 leaves of itself in a window.
fn seen(frequency: f32, transform: &Transform) -> Window {
    let mut window = [Complex32::ZERO; N_WINDOW];
    window.iter_mut().zip(turns(frequency)).for_each(|(sample, turn)| *sample = turn);
    take_signal_out(&mut window, transform);
    window
}

fn energy(samples: &[Complex32]) -> f32 {
    samples.iter().map(Complex32::norm_sqr).sum()
}

/// ⟨a, b⟩, linear in b.
fn inner(a: &[Complex32], b: &[Complex32]) -> Complex32 {
    a.iter().zip(b).map(|(a, b)| a.conj() * b).sum()
}

/// The line near `frequency` that explains most of the window, whatever the channel.
fn fitted(window: &Window, frequency: f32, transform: &Transform) -> Line {
    let explained = |frequency| {
        let seen = seen(frequency, transform);
        inner(&seen, window).norm_sqr() / energy(&seen).max(LEAST_SEEN)
    };
    let frequency = climb(frequency, explained);
    let seen = seen(frequency, transform);
    let amplitude = inner(&seen, window) / energy(&seen).max(LEAST_SEEN);
    Line { frequency, amplitude, at: FIRST }
}

/// The frequency of a maximum of `height` that lies within a place of the spectrum.
fn climb(mut frequency: f32, height: impl Fn(f32) -> f32) -> f32 {
    let mut step = TAU / N_SPECTRUM as f32 / 2.0;
    for _ in 0..4 {
        let [low, here, high] = [-step, 0.0, step].map(|step| height(frequency + step));
        let bend = low + high - 2.0 * here;
        let vertex = if bend < 0.0 { (low - high) / (2.0 * bend) } else { f32::from(high > low) * 2.0 - 1.0 };
        // Asked this way round, what is not a number moves nothing.
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

/// The strongest line that no channel explains; none where what is left is noise.
fn strongest(window: &Window, transform: &Transform) -> Option<Line> {
    static SEEN: LazyLock<Vec<f32>> = LazyLock::new(|| {
        let transform = Transform::default();
        (0..N_SPECTRUM).map(|place| energy(&seen(frequency_of(place), &transform))).collect()
    });
    let mut left = *window;
    take_signal_out(&mut left, transform);
    let total = energy(&left);
    let explained: Vec<f32> = spectrum(&left).iter().zip(&*SEEN).map(|(bin, seen)| bin.norm_sqr() / seen).collect();
    let place = (0..N_SPECTRUM).filter(|&place| SEEN[place] >= LEAST_SEEN).max_by(|&a, &b| explained[a].total_cmp(&explained[b]))?;
    let is_worth_it = |energy: f32| energy * (N_LEFT + LEAST_ENERGY) > LEAST_ENERGY * total;
    // Between two places of the spectrum there is at most so much more.
    if !is_worth_it(1.4 * explained[place]) {
        return None;
    }
    let line = fitted(window, frequency_of(place), transform);
    let seen = seen(line.frequency, transform);
    let is_rounding = line.amplitude.norm_sqr() * N_WINDOW as f32 <= 1e-9 * energy(window);
    (is_worth_it(line.amplitude.norm_sqr() * energy(&seen)) && !is_rounding && agrees(&line, &seen, &left)).then_some(line)
}

/// Whether STF and LTF both show the line, as far as they can.
fn agrees(line: &Line, seen: &Window, left: &Window) -> bool {
    let all = energy(seen);
    [0..N_STF, N_BEFORE..N_WINDOW].into_iter().all(|field| {
        let (seen, left) = (&seen[field.clone()], &left[field]);
        let (expected, shown) = (line.amplitude.norm_sqr() * energy(seen), (line.amplitude.conj() * inner(seen, left)).re);
        6.0 * energy(seen) < all || shown >= LEAST_AGREEMENT * expected
    })
}

/// At most [`N_SPECTRUM`] samples without the lines that stand out of them; none if there are no such lines.
pub(super) fn without_outstanding(samples: &[Complex32]) -> Option<Vec<Complex32>> {
    let mut left = samples.to_vec();
    let mut n_lines = 0;
    while n_lines < MOST_LINES {
        let bins = spectrum(&left);
        let place = (0..N_SPECTRUM).max_by(|&a, &b| bins[a].norm_sqr().total_cmp(&bins[b].norm_sqr()))?;
        let n = left.len() as f32;
        if !(bins[place].norm_sqr() / n > OUTSTANDING * energy(&left)) {
            break;
        }
        let at = |frequency: f32| -> Complex32 { left.iter().zip(turns(-frequency)).map(|(x, turn)| x * turn).sum() };
        let frequency = climb(frequency_of(place), |frequency| at(frequency).norm_sqr());
        Line { frequency, amplitude: at(frequency) / n, at: 0 }.add(-1.0, 0, &mut left);
        n_lines += 1;
    }
    (n_lines > 0).then_some(left)
}
