//! Reception of recordings: frame after frame, in bounded memory; and one frame with its samples.

mod exchanged;
mod picked;
mod refused;

pub use picked::{Picked, Which};
pub use refused::Refusal;

use super::resample::Ratio;
use super::source::Source;
use super::{FrameNote, RadioError, Rate, Warning};
use exchanged::Exchanged;
use jscc_phy::Complex32;
use jscc_phy::wifi::preamble::EARLY;
use jscc_phy::wifi::preamble::{N_FIELD, N_LTF_GUARD};
use jscc_phy::wifi::receive::{Frame, Lost, Refinement};
use jscc_phy::wifi::receiver::{Receiver, Reception};

/// Samples read at a time.
const CHUNK: usize = 1 << 16;

/// A reception at a place of the recording. Samples count from its first.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A frame with a valid header.
    Frame(Box<Found>),
    /// A frame of an unsupported kind.
    Refused {
        /// First sample of its preamble.
        at: u64,
        /// Its kind.
        refusal: Refusal,
    },
    /// A preamble without a readable frame.
    Lost {
        /// First sample of the preamble.
        at: u64,
        /// The reason.
        why: String,
    },
}

/// A received frame and its quality.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The frame in the form of files.
    pub note: FrameNote,
    /// Whether the PSDU is an A-MPDU: several MAC frames, each with its own FCS.
    pub aggregation: bool,
    /// Error vector magnitude in dB.
    pub evm_db: f64,
}

impl Found {
    /// Describes a received frame.
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
            Reception::Lost { at, why: Lost::Unsupported(kind), announced } => {
                Self::Refused { at: at as u64, refusal: Refusal::new(kind, announced) }
            }
            Reception::Lost { at, why, .. } => Self::Lost { at: at as u64, why: why.to_string() },
        }
    }
}

/// Converts places to samples of the recording, and those of lost frames from their LTF to their preamble.
fn place(reception: &mut Reception, ratio: Ratio) {
    match reception {
        Reception::Frame(frame) => place_frame(frame, ratio),
        Reception::Lost { at, .. } => {
            *at = ratio.to_recording((*at + EARLY).saturating_sub(N_FIELD + N_LTF_GUARD) as u64) as usize;
        }
    }
}

fn place_frame(frame: &mut Frame, ratio: Ratio) {
    frame.start = ratio.to_recording(frame.start as u64) as usize;
    frame.end = ratio.to_recording(frame.end as u64) as usize;
}

/// A receiver on a recording.
pub struct Listener {
    source: Source,
    /// `None` after the end.
    receiver: Option<Receiver>,
    samples: Vec<Complex32>,
    exchanged: Exchanged,
}

impl Listener {
    /// Receives from `source` at its current position.
    pub fn new(source: Source) -> Self {
        Self::with(source, Refinement::WhenWrong)
    }

    /// As [`Listener::new`], with a choice of whether wrong frames are decoded again.
    pub fn with(source: Source, refinement: Refinement) -> Self {
        let receiver = Some(Receiver::with(refinement));
        Self { source, receiver, samples: Vec::new(), exchanged: Exchanged::default() }
    }

    /// Receptions completed by the next chunk of samples, in order; `None` after the last.
    ///
    /// # Errors
    /// Those of [`Source::read`].
    pub fn next_chunk(&mut self) -> Result<Option<Vec<Heard>>, RadioError> {
        Ok(self.receptions()?.map(|receptions| receptions.into_iter().map(Heard::from).collect()))
    }

    /// As [`Listener::next_chunk`], with all details of the receiver; places are those in the recording.
    pub fn receptions(&mut self) -> Result<Option<Vec<Reception>>, RadioError> {
        let ratio = self.source.ratio();
        let mut receptions = self.received()?;
        receptions.iter_mut().flatten().for_each(|reception| place(reception, ratio));
        Ok(receptions)
    }

    /// Output of the receiver, in its own samples.
    fn received(&mut self) -> Result<Option<Vec<Reception>>, RadioError> {
        let mut heard = Vec::new();
        let Some(mut receiver) = self.receiver.take() else { return Ok(None) };
        if self.source.read(&mut self.samples, CHUNK)? > 0 {
            receiver.push(&self.samples, |reception| heard.push(reception));
            self.receiver = Some(receiver);
        } else {
            receiver.finish(|reception| heard.push(reception));
        }
        self.exchanged.compare(&heard, &self.samples);
        Ok(Some(heard))
    }

    /// Warnings about the recording, after reception. If it has a SHA-512, its rest is read.
    ///
    /// # Errors
    /// [`RadioError::Read`].
    pub fn warnings(&mut self) -> Result<Vec<Warning>, RadioError> {
        let mut warnings = self.source.warnings()?;
        if self.exchanged.is_likely() {
            warnings.push(Warning::Exchanged);
        }
        Ok(warnings)
    }

    /// The recording.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The recording, for access to its bytes.
    pub fn source_mut(&mut self) -> &mut Source {
        &mut self.source
    }
}
