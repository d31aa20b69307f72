//! Resampling of higher rates to the receiver's: frequencies outside its band are filtered out.

use jscc_phy::Complex32;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

/// The receiver's sample rate in samples per second.
pub const SAMPLE_RATE: f64 = 20e6;
/// Fewest receiver samples per block, which limits the length and so the steepness of the filter. It falls off from 9.5
/// MHz on; the outermost subcarrier is at 8.9 MHz.
const BLOCK: usize = 512;
/// Accepted error of a ratio: the longest frame is off by a tenth of a sample at its end.
const NEAR: f64 = 1e-6;
/// Most samples of a recording in the smallest block: the next ratio is never more than 8 ppm away, comparable to
/// clocks.
const MAX_TERM: u64 = 1 << 17;

/// Converts a recording's rate to the receiver's.
pub struct Resampler {
    fft: Fft<f32>,
    ratio: Ratio,
    /// I and Q interleaved, less than a block.
    input: Vec<f32>,
    output: Vec<f32>,
    /// Output samples that precede the first input sample.
    early: usize,
    taken: u64,
    given: u64,
}

/// Ratio of the recording's sample rate to the receiver's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    recording: u64,
    receiver: u64,
}

impl Ratio {
    /// Equal rates.
    pub const ONE: Self = Self { recording: 1, receiver: 1 };

    /// The smallest sufficiently close ratio for a recording of `hz` samples per second, at least the receiver's rate.
    pub fn of(hz: f64) -> Self {
        let wanted = hz / SAMPLE_RATE;
        // Convergents of the continued fraction.
        let (mut last, mut now) = ((1, 0), (wanted as u64, 1));
        let mut rest = wanted.fract();
        while (now.0 as f64 / now.1 as f64 / wanted - 1.0).abs() > NEAR {
            let term = 1.0 / rest;
            let next = |last: u64, now: u64| last.saturating_add((term as u64).saturating_mul(now));
            let then = (next(last.0, now.0), next(last.1, now.1));
            if then.0 > MAX_TERM {
                break;
            }
            (last, now, rest) = (now, then, term.fract());
        }
        Self { recording: now.0, receiver: now.1 }
    }

    /// The recording's sample at the same time as the receiver's sample `at`.
    pub fn to_recording(self, at: u64) -> u64 {
        scale(at, self.recording, self.receiver, self.receiver / 2)
    }

    /// The first sample of the receiver not before the recording's sample `at`.
    pub fn to_receiver(self, at: u64) -> u64 {
        scale(at, self.receiver, self.recording, self.recording - 1)
    }
}

fn scale(at: u64, by: u64, over: u64, rounding: u64) -> u64 {
    let scaled = (u128::from(at) * u128::from(by) + u128::from(rounding)) / u128::from(over);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

impl Resampler {
    /// A resampler with this ratio.
    pub fn new(ratio: Ratio) -> Self {
        // An even number of the smallest blocks, so that the filter's delay of half a block is whole at both rates; and
        // a power of two, for fast transforms: 43 times 5 samples took more than twice as long as 64 times 5.
        let blocks = BLOCK.div_ceil(ratio.receiver as usize).next_power_of_two().max(2);
        let [recording, receiver] = [ratio.recording as usize, ratio.receiver as usize];
        let block = blocks * recording;
        let (window, both) = (WindowFunction::BlackmanHarris2, FixedSync::Both);
        let fft =
            Fft::new_custom(recording, receiver, block, 1, 2, window, both).expect("rates and a block above zero");
        let early = fft.output_delay();
        let output = vec![0.0; 2 * fft.output_frames_max()];
        Self { fft, ratio, input: Vec::new(), output, early, taken: 0, given: 0 }
    }

    /// Takes samples of the recording, and appends the completed samples of the receiver to `to`.
    pub fn push(&mut self, samples: &[Complex32], to: &mut Vec<Complex32>) {
        self.taken += samples.len() as u64;
        self.input.extend(samples.iter().flat_map(|sample| [sample.re, sample.im]));
        let block = 2 * self.fft.input_frames_next();
        let whole = self.input.len() - self.input.len() % block;
        for at in (0..whole).step_by(block) {
            self.work(at, to);
        }
        self.input.drain(..whole);
    }

    /// Appends the last samples to `to`, as if silence followed.
    pub fn finish(&mut self, to: &mut Vec<Complex32>) {
        let all = self.ratio.to_receiver(self.taken);
        let block = 2 * self.fft.input_frames_next();
        while self.given < all {
            let missing = all - self.given;
            self.input.resize(block, 0.0);
            self.work(0, to);
            self.input.clear();
            if self.given > all {
                to.truncate(to.len() - (self.given - all) as usize);
                self.given = all;
            }
            debug_assert!(all - self.given <= missing);
        }
    }

    /// Filters the block that begins at `at` of the input.
    fn work(&mut self, at: usize, to: &mut Vec<Complex32>) {
        let (frames_in, frames_out) = (self.fft.input_frames_next(), self.fft.output_frames_next());
        let input = &self.input[at..at + 2 * frames_in];
        let input = InterleavedSlice::new(input, 2, frames_in).expect("as long as said");
        let mut output = InterleavedSlice::new_mut(&mut self.output, 2, frames_out).expect("as long as said");
        self.fft.process_into_buffer(&input, &mut output, None).expect("buffers as long as asked for");
        let (pairs, _) = self.output[..2 * frames_out].as_chunks::<2>();
        let late = self.early.min(frames_out);
        self.early -= late;
        to.extend(pairs[late..].iter().map(|&[re, im]| Complex32::new(re, im)));
        self.given += (frames_out - late) as u64;
    }
}

#[cfg(test)]
mod tests;
