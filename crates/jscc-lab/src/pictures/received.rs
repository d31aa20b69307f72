//! What is wanted of recordings and captures, and what was found in them.

use crate::spec::{FramingSpec, Receive};
use jscc_radio::{Rate, Warning};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// How pictures are received.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// What the decoder gets; of a capture only bits can be had.
    pub receive: Receive,
    /// The framing that is looked for; `None` is both.
    pub framing: Option<FramingSpec>,
    /// The sender's scrambler state, 1 to 127, in captures, where it is not kept; `None` to find it out.
    pub scrambler: Option<u32>,
    /// The rate of packets that say none; `None` to find it out.
    pub rate: Option<Rate>,
    /// Which frames are drawn.
    pub draw: Draw,
    /// Most pictures.
    pub limit: usize,
}

/// Which frames are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Those that are ours: by their header, or because their pictures look like pictures.
    Ours,
    /// Also those that may be ours for all that their length says, and those whose scrambler state is a guess.
    Doubtful,
}

/// Where a frame stands.
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
    /// Where it stands.
    pub place: Place,
    /// Its rate.
    pub rate: Rate,
    /// Octets of its PSDU, FCS included.
    pub length: usize,
    /// What surrounds its pictures.
    pub framing: FramingSpec,
    /// Whether its FCS is right; `None` where a capture leaves it out.
    pub fcs_ok: Option<bool>,
    /// SNR in dB: in a recording what the training fields say, in a capture what the card says.
    pub snr_db: Option<f64>,
    /// Initial state of the scrambler: the sender's; of a frame without header in a recording, the receiver's reading.
    pub scrambler: u8,
    /// Its pictures among all.
    pub pictures: Range<usize>,
}

/// What was not drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Frames of others.
    pub foreign: usize,
    /// Frames with our header whose length is that of no number of pictures.
    pub unfitting: usize,
    /// Frames of kinds that the receiver does not have, packets without a rate, by what is in the way.
    pub refused: BTreeMap<String, usize>,
    /// Preambles after which nothing could be read.
    pub lost: usize,
    /// Frames of which the capture has less than half.
    pub snapped: usize,
    /// Frames that may be ours by their length, and whose pictures do not look like pictures.
    pub doubtful: usize,
    /// Frames of ours in a capture whose sender's scrambler state was not found out.
    pub stateless: usize,
}

/// What was received.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The frames.
    pub frames: Vec<PictureFrame>,
    /// The pictures, one after another.
    pub pixels: Vec<f32>,
    /// What else there was.
    pub passed: Passed,
    /// What of a capture could not be read, a line each.
    pub losses: Vec<String>,
    /// What there is to say of a recording.
    pub warnings: Vec<Warning>,
    /// Whether there may be more, beyond the limit.
    pub is_full: bool,
}
