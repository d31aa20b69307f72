//! What a recording holds: frame after frame, in bounded memory; and one frame with its samples.

use super::source::{Said, Source};
use super::{FrameNote, RadioError, Rate};
use jscc_phy::Complex32;
use jscc_phy::wifi::preamble::{N_FIELD, N_LTF_GUARD};
use jscc_phy::wifi::receive::{Frame, Lost, Refinement};
use jscc_phy::wifi::receiver::{Receiver, Reception};
use jscc_phy::wifi::sync::EARLY;
use std::path::Path;

/// Samples read at a time.
const CHUNK: usize = 1 << 16;

/// What was heard at a place of the recording. Samples count from its first.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A frame whose header was sound.
    Frame(Box<Found>),
    /// A frame of a kind that the receiver does not have.
    Refused {
        /// First sample of its preamble.
        at: u64,
        /// What it is.
        why: String,
    },
    /// A preamble after which nothing could be read.
    Lost {
        /// Its first sample.
        at: u64,
        /// What was wrong.
        why: String,
    },
}

/// A frame, and what the receiver thinks of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The frame as files know it.
    pub note: FrameNote,
    /// Whether the PSDU is an A-MPDU: several MAC frames, each with an FCS of its own.
    pub aggregation: bool,
    /// Error vector magnitude in dB.
    pub evm_db: f64,
}

impl Found {
    /// What there is to say of a received frame.
    pub fn of(frame: &Frame) -> Self {
        let note = FrameNote {
            start: frame.start as u64,
            count: (frame.end - frame.start) as u64,
            rate: Rate::of(frame.ppdu),
            length: frame.ppdu.length(),
            scrambler: frame.scrambler.get(),
            fcs_ok: frame.fcs_ok(),
            cfo_hz: frame.cfo_hz(),
            snr_db: frame.channel.snr_db(),
            psdu: frame.psdu.clone(),
        };
        Self { note, aggregation: frame.aggregation, evm_db: frame.evm_db() }
    }
}

impl From<Reception> for Heard {
    fn from(reception: Reception) -> Self {
        match reception {
            Reception::Frame(frame) => Self::Frame(Box::new(Found::of(&frame))),
            Reception::Lost { at, why: Lost::Unsupported(kind), .. } => {
                Self::Refused { at: preamble(at), why: kind.to_string() }
            }
            Reception::Lost { at, why, .. } => Self::Lost { at: preamble(at), why: why.to_string() },
        }
    }
}

/// First sample of the preamble whose long training field has its first body at `ltf`.
fn preamble(ltf: usize) -> u64 {
    (ltf + EARLY).saturating_sub(N_FIELD + N_LTF_GUARD) as u64
}

/// A receiver on a recording.
pub struct Listener {
    source: Source,
    /// None once the end is reached.
    receiver: Option<Receiver>,
    samples: Vec<Complex32>,
}

impl Listener {
    /// Listens to `source` from where it stands.
    pub fn new(source: Source) -> Self {
        Self::with(source, Refinement::WhenWrong)
    }

    /// As [`Listener::new`], with a say in whether wrong frames are decoded again.
    pub fn with(source: Source, refinement: Refinement) -> Self {
        Self { source, receiver: Some(Receiver::with(refinement)), samples: Vec::new() }
    }

    /// What is complete with the next chunk of samples, in order; `None` after the last.
    ///
    /// # Errors
    /// Those of [`Source::read`].
    pub fn next_chunk(&mut self) -> Result<Option<Vec<Heard>>, RadioError> {
        Ok(self.receptions()?.map(|receptions| receptions.into_iter().map(Heard::from).collect()))
    }

    /// As [`Listener::next_chunk`], with all that the receiver knows.
    pub fn receptions(&mut self) -> Result<Option<Vec<Reception>>, RadioError> {
        let mut heard = Vec::new();
        let Some(mut receiver) = self.receiver.take() else { return Ok(None) };
        if self.source.read(&mut self.samples, CHUNK)? > 0 {
            receiver.push(&self.samples, |reception| heard.push(reception));
            self.receiver = Some(receiver);
        } else {
            receiver.finish(|reception| heard.push(reception));
        }
        Ok(Some(heard))
    }

    /// The samples of that chunk; none at the end.
    pub fn samples(&self) -> &[Complex32] {
        &self.samples
    }

    /// What is listened to.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

/// Which frame of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first whose FCS is right.
    FirstGood,
    /// The one of this number among those that [`Listener`] finds, counted from 1.
    Number(usize),
}

/// One frame out of a recording.
pub struct Picked {
    /// Its number among the frames of the recording, from 1.
    pub number: usize,
    /// What there is to say of it.
    pub found: Found,
    pub(crate) frame: Frame,
    /// From its first sample to its last.
    pub(crate) samples: Vec<Complex32>,
}

impl Picked {
    /// The frame `which` of the recording at `path`, which is read twice: for its place, and for its samples.
    ///
    /// # Errors
    /// Those of [`Source`], and [`RadioError::NoFrame`].
    pub fn read(path: &Path, said: Said, which: Which) -> Result<Self, RadioError> {
        let mut listener = Listener::new(Source::open(path, said)?);
        let mut number = 0;
        while let Some(receptions) = listener.receptions()? {
            for reception in receptions {
                let Reception::Frame(frame) = reception else { continue };
                number += 1;
                let is_it = match which {
                    Which::FirstGood => frame.fcs_ok(),
                    Which::Number(wanted) => number == wanted,
                };
                if is_it {
                    let samples = stretch(Source::open(path, said)?, frame.start, frame.end)?;
                    return Ok(Self { number, found: Found::of(&frame), frame: *frame, samples });
                }
            }
        }
        let reason = match which {
            Which::FirstGood => format!("none of its {number} frames has a right FCS, so say which with --frame"),
            Which::Number(wanted) => format!("there is no frame {wanted} among its {number}"),
        };
        Err(RadioError::NoFrame { path: path.to_path_buf(), reason })
    }
}

/// The samples from `start` to before `end`.
fn stretch(mut source: Source, start: usize, end: usize) -> Result<Vec<Complex32>, RadioError> {
    let (mut kept, mut chunk, mut at) = (Vec::with_capacity(end - start), Vec::new(), 0);
    while at < end && source.read(&mut chunk, CHUNK)? > 0 {
        let part = start.saturating_sub(at).min(chunk.len())..(end - at).min(chunk.len());
        kept.extend_from_slice(&chunk[part]);
        at += chunk.len();
    }
    Ok(kept)
}
