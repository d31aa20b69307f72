//! Options and results of receiving pictures.

use super::packing::Form;
use crate::spec::{FramingSpec, Receive};
use jscc_radio::{Rate, Warning};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// Options of receiving.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// What the decoder gets; of a capture only bits can be had.
    pub receive: Receive,
    /// The framing that is looked for; `None` is both.
    pub framing: Option<FramingSpec>,
    /// The sender's scrambler state, 1 to 127, for captures, which do not store it; `None` to infer it.
    pub scrambler: Option<u32>,
    /// The rate of packets without one; `None` to infer it.
    pub rate: Option<Rate>,
    /// Frames to draw.
    pub draw: Draw,
    /// Most pictures.
    pub limit: usize,
}

/// Frames to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Frames identified as ours: by their header, or because their pictures look like pictures.
    Ours,
    /// Also frames that match ours only in length, and those whose scrambler state is a guess.
    Doubtful,
}

/// Place of a frame in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// First sample of its preamble.
    Sample(u64),
    /// Number of the packet from 1, as in Wireshark, and its time since 1970.
    Packet(u64, Duration),
}

/// A frame of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureFrame {
    /// Its place in the file.
    pub place: Place,
    /// Its rate.
    pub rate: Rate,
    /// Octets of its PSDU, FCS included.
    pub length: usize,
    /// Framing around its pictures.
    pub framing: FramingSpec,
    /// Use of its room.
    pub form: Form,
    /// Whether its FCS is correct; `None` if a capture leaves it out.
    pub fcs_ok: Option<bool>,
    /// SNR in dB: for a recording estimated from the training fields, for a capture reported by the card.
    pub snr_db: Option<f64>,
    /// Initial state of the scrambler: the sender's; for a frame without header in a recording, the receiver's
    /// estimate.
    pub scrambler: u8,
    /// Indices of its pictures.
    pub pictures: Range<usize>,
}

/// Frames that were not drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Frames of others.
    pub foreign: usize,
    /// Frames with our header whose length fits no number of pictures.
    pub unfitting: usize,
    /// Frames of unsupported kinds and packets without a rate, counted by reason.
    pub refused: BTreeMap<String, usize>,
    /// Preambles without a readable frame.
    pub lost: usize,
    /// Frames of which less than half was captured.
    pub snapped: usize,
    /// Frames that match ours in length, but whose pictures do not look like pictures.
    pub doubtful: usize,
    /// Frames of ours in a capture whose scrambler state was not found.
    pub stateless: usize,
}

/// Result of receiving.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The frames.
    pub frames: Vec<PictureFrame>,
    /// The pictures, one after another.
    pub pixels: Vec<f32>,
    /// Frames that were not drawn.
    pub passed: Passed,
    /// Parts of a capture that could not be read, one line each.
    pub losses: Vec<String>,
    /// Warnings about a recording.
    pub warnings: Vec<Warning>,
    /// Whether the limit ended reception.
    pub is_full: bool,
}
