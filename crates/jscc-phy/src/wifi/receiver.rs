//! A stream of samples to frames: any number of them, in pieces of any size, with bounded memory. What is found does not
//! depend on the pieces.

use super::ofdm::Transform;
use super::ppdu::Ppdu;
use super::periodicity::{HISTORY, STRIDE};
use super::receive::{Frame, Lost, Refinement, SLIP, read};
use super::sync::{Ending, Search, find};
use super::viterbi::Decoder;
use crate::Complex32;

/// What the receiver has to tell.
#[derive(Debug, Clone)]
pub enum Reception {
    /// A frame; its bits may be wrong. Samples are counted from the first that was pushed.
    Frame(Box<Frame>),
    /// A preamble after which there is no frame that can be read.
    Lost {
        /// First sample of the LTF.
        at: usize,
        /// Why.
        why: Lost,
    },
}

/// Samples that are looked at together.
const BLOCK: usize = 4096;

/// A receiver that keeps what it cannot yet judge: one frame's samples at the most.
pub struct Receiver {
    transform: Transform,
    decoder: Decoder,
    refinement: Refinement,
    buffer: Vec<Complex32>,
    /// Samples forgotten before the buffer.
    forgotten: usize,
    /// Where in the buffer the search goes on.
    from: usize,
    /// Samples of the buffer with which there is something to be done again.
    enough: usize,
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

/// What is to be done with the samples that are there.
enum Step {
    /// Nothing before there are `enough`; those before `from` can be forgotten.
    Wait { from: usize, enough: usize },
    /// Tell, and go on at `from`.
    Tell { reception: Reception, from: usize },
}

impl Receiver {
    /// A receiver that has heard nothing, and decodes each frame once.
    pub fn new() -> Self {
        Self::with(Refinement::Never)
    }

    /// A receiver that has heard nothing.
    pub fn with(refinement: Refinement) -> Self {
        let (transform, decoder) = (Transform::default(), Decoder::new());
        Self { transform, decoder, refinement, buffer: Vec::new(), forgotten: 0, from: 0, enough: BLOCK }
    }

    /// Takes more samples and tells of what is complete with them, in order.
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

    /// Tells of what is left when no more samples come.
    pub fn finish(mut self, mut tell: impl FnMut(Reception)) {
        self.work(Ending::Last, &mut tell);
    }

    fn work(&mut self, ending: Ending, tell: &mut impl FnMut(Reception)) {
        let mut from = self.from;
        loop {
            match self.step(from, ending) {
                Step::Tell { mut reception, from: next } => {
                    match &mut reception {
                        Reception::Frame(frame) => {
                            frame.start += self.forgotten;
                            frame.end += self.forgotten;
                        }
                        Reception::Lost { at, .. } => *at += self.forgotten,
                    }
                    tell(reception);
                    from = next;
                }
                Step::Wait { from, enough } => {
                    // What was before says what is new, and places are counted in strides.
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
        let slack = if ending == Ending::Open { SLIP } else { 0 };
        match read(&self.buffer, sync, &self.transform, &mut self.decoder, self.refinement, slack) {
            Ok(frame) => {
                // A frame with wrong bits may not have been one, and may hide another.
                let from = if frame.fcs_ok() { frame.end } else { past_header(frame.ppdu, frame.start) };
                Step::Tell { reception: Reception::Frame(Box::new(frame)), from }
            }
            Err((Lost::Truncated { need, .. }, _)) if ending == Ending::Open => {
                Step::Wait { from, enough: sync.ltf + need }
            }
            Err((why, from)) => Step::Tell { reception: Reception::Lost { at: sync.ltf, why }, from },
        }
    }
}

fn past_header(ppdu: Ppdu, start: usize) -> usize {
    start + ppdu.n_header()
}
