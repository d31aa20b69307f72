//! Receiver of a stream of samples: any number of frames, in chunks of any size, with bounded memory. The result does
//! not depend on the chunks.

use super::ht_signal::Announced;
use super::ofdm::Transform;
use super::periodicity::{HISTORY, STRIDE};
use super::preamble::EARLY;
use super::preamble::{N_FIELD, N_LTF_GUARD};
use super::receive::{Frame, Lost, Refinement, Refusal, SLIP, read_header};
use super::sync::{Ending, Search, Sync, find};
use super::viterbi::Decoder;
use crate::Complex32;

/// Output of the receiver.
#[derive(Debug, Clone)]
pub enum Reception {
    /// A frame; its bits may be wrong. Samples are counted from the first that was pushed.
    Frame(Box<Frame>),
    /// A preamble without a readable frame.
    Lost {
        /// First sample of the LTF.
        at: usize,
        /// The reason.
        why: Lost,
        /// Header content, if any was read.
        announced: Option<Announced>,
    },
}

/// Samples examined together.
const BLOCK: usize = 4096;
/// Samples decoded in vain that may be decoded again, per new sample.
const AGAIN: usize = 4;
/// Largest accumulated credit for that: four of the longest frames.
const MOST_CREDIT: usize = 4 * 110_000;

/// A receiver that buffers samples it cannot judge yet: at most one frame.
///
/// A frame with a wrong check sequence, or of an unsupported kind, may be a false detection, may have been truncated,
/// or a stronger one may begin within it: the search continues after its header. Within its announced duration,
/// preambles without a frame are not reported, nor are frames with a wrong check sequence if the header's own was
/// right: its training fields and its data resemble preambles. For any nesting of preambles, at most five times the
/// number of samples, plus 440,000, are decoded. One decoding takes up to five passes: the first; three without tones
/// that the one before revealed, if the check sequence is wrong and there are any; and that of
/// [`Refinement::WhenWrong`].
pub struct Receiver {
    transform: Transform,
    decoder: Decoder,
    refinement: Refinement,
    buffer: Vec<Complex32>,
    /// Samples dropped before the buffer.
    forgotten: usize,
    /// Index in the buffer at which the search continues.
    from: usize,
    /// Buffered samples needed before the next step.
    enough: usize,
    /// End of the unreadable frames announced so far: before it, preambles without a frame are not reported. Places
    /// count from the first sample that was pushed.
    losses_from: usize,
    /// End of those with a confirmed header: before it, frames with a wrong check sequence are not reported.
    wrong_from: usize,
    again: Again,
    /// Number of OFDM symbols decoded.
    n_decoded: usize,
}

/// Limit on the samples that are decoded again after a decoding in vain.
struct Again {
    /// Credit in samples.
    credit: usize,
    /// Place up to which samples have given credit.
    credited: usize,
    /// Place up to which they were decoded in vain.
    in_vain: usize,
}

impl Again {
    /// Whether a frame from `start` to `end` may be decoded. Half of the credit is reserved for shorter ones.
    fn allows(&mut self, start: usize, end: usize) -> bool {
        let passed = start.saturating_sub(self.credited);
        self.credited += passed;
        self.credit = passed.saturating_mul(AGAIN).saturating_add(self.credit).min(MOST_CREDIT);
        2 * self.cost(start, end) <= self.credit
    }

    fn cost(&self, start: usize, end: usize) -> usize {
        end.min(self.in_vain).saturating_sub(start)
    }

    fn pay(&mut self, start: usize, end: usize) {
        self.credit -= self.cost(start, end).min(self.credit);
    }
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

/// Next step with the buffered samples.
enum Step {
    /// Wait until there are `enough`; those before `from` can be dropped.
    Wait { from: usize, enough: usize },
    /// Continue at `from`, with or without a report.
    Go { from: usize, told: Option<Reception> },
}

impl Receiver {
    /// A new receiver that decodes each frame once.
    pub fn new() -> Self {
        Self::with(Refinement::Never)
    }

    /// A new receiver.
    pub fn with(refinement: Refinement) -> Self {
        let (transform, decoder) = (Transform::default(), Decoder::new());
        let again = Again { credit: MOST_CREDIT, credited: 0, in_vain: 0 };
        Self {
            transform,
            decoder,
            refinement,
            buffer: Vec::new(),
            forgotten: 0,
            from: 0,
            enough: BLOCK,
            losses_from: 0,
            wrong_from: 0,
            again,
            n_decoded: 0,
        }
    }

    /// Takes more samples, and reports all receptions completed by them, in order.
    pub fn push(&mut self, mut samples: &[Complex32], mut tell: impl FnMut(Reception)) {
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(self.enough.saturating_sub(self.buffer.len())));
            self.buffer.extend_from_slice(now);
            samples = later;
            if self.buffer.len() >= self.enough {
                self.work(Ending::Open, &mut tell);
            }
        }
    }

    /// Reports the remaining receptions at the end of the stream.
    pub fn finish(mut self, mut tell: impl FnMut(Reception)) {
        self.work(Ending::Last, &mut tell);
    }

    /// OFDM symbols in the DATA fields of all frames decoded so far, right or wrong.
    pub fn n_decoded(&self) -> usize {
        self.n_decoded
    }

    fn work(&mut self, ending: Ending, tell: &mut impl FnMut(Reception)) {
        let mut from = self.from;
        loop {
            match self.step(from, ending) {
                Step::Go { from: next, told } => {
                    if let Some(reception) = told {
                        tell(reception);
                    }
                    from = next;
                }
                Step::Wait { from, enough } => {
                    // Earlier samples serve as reference for new ones, and places are counted in strides.
                    let forgotten = from.min(self.buffer.len()).saturating_sub(HISTORY) / STRIDE * STRIDE;
                    self.buffer.drain(..forgotten);
                    self.forgotten += forgotten;
                    self.from = from - forgotten;
                    self.enough = enough.saturating_sub(forgotten).max(self.buffer.len() + 1);
                    return;
                }
            }
        }
    }

    fn step(&mut self, from: usize, ending: Ending) -> Step {
        let have = self.buffer.len();
        let sync = match find(&self.buffer, from, ending, &self.transform) {
            Search::Starved { from } => return Step::Wait { from, enough: have + BLOCK },
            Search::Found(sync) => sync,
        };
        let header = match read_header(&self.buffer, sync, &self.transform) {
            Ok(header) => header,
            Err(Refusal { why: Lost::Truncated { need, .. }, .. }) if ending == Ending::Open => {
                return Step::Wait { from, enough: sync.ltf + need };
            }
            Err(refusal) => return self.refuse(sync, refusal),
        };
        let (ppdu, start) = (header.ppdu, header.start());
        let (first, end) = (start + self.forgotten, start + self.forgotten + ppdu.n_samples());
        let past_header = start + ppdu.n_header();
        if !self.again.allows(first, end) {
            return Step::Go { from: past_header, told: None };
        }
        let slack = if ending == Ending::Open { SLIP } else { 0 };
        match header.need_all(slack) {
            Ok(()) => {}
            Err(Lost::Truncated { need, .. }) if ending == Ending::Open => {
                return Step::Wait { from, enough: sync.ltf + need };
            }
            Err(why) => {
                let announced = Announced { mcs: None, length: None, n_samples: Some(ppdu.n_samples()) };
                let refusal = Refusal { why, from: past_header, announced: Some(announced), is_proven: false };
                return self.refuse(sync, refusal);
            }
        }
        let mut frame = header.decode(&mut self.decoder, self.refinement);
        self.n_decoded += ppdu.n_sym();
        self.again.pay(first, end);
        let is_right = frame.fcs_ok();
        let is_told = is_right || first >= self.wrong_from;
        let from = if is_right { frame.end } else { past_header };
        if is_right {
            (self.losses_from, self.wrong_from) = (0, 0);
        } else {
            self.losses_from = self.losses_from.max(end);
            self.again.in_vain = self.again.in_vain.max(end);
        }
        frame.start += self.forgotten;
        frame.end += self.forgotten;
        Step::Go { from, told: is_told.then(|| Reception::Frame(Box::new(frame))) }
    }

    fn refuse(&mut self, sync: Sync, Refusal { why, from, announced, is_proven }: Refusal) -> Step {
        let at = sync.ltf + self.forgotten;
        let is_told = is_proven || at >= self.losses_from;
        if let Some(n_samples) = announced.and_then(|announced| announced.n_samples).filter(|_| is_told) {
            let end = (at + EARLY).saturating_sub(N_FIELD + N_LTF_GUARD) + n_samples;
            self.losses_from = self.losses_from.max(end);
            if is_proven {
                self.wrong_from = self.wrong_from.max(end);
            }
        }
        Step::Go { from, told: is_told.then_some(Reception::Lost { at, why, announced }) }
    }
}
