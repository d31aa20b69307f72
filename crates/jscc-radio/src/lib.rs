//! What radios and their tools keep in files: samples, what was found in them, frames to send.
//!
//! | module | what it is |
//! |---|---|
//! | [`iq`] | raw samples: cf32, ci16, ci8, cu8 and their like |
//! | [`sigmf`] | samples with a description, one annotation a frame; copies with what others wrote |
//! | [`pcap`] | captures of frames, packed or not |
//! | [`link`] | what stands before a frame in a capture |
//! | [`radiotap`] | rate and flags beside a frame in a capture, or on its way to be injected |
//! | [`scheme`] | how a frame in a capture was sent |
//! | [`reading`] | what the octets of a captured frame may be: with an FCS or without, padded, cut |
//! | [`kind`] | a recording or a capture, by its first bytes |
//! | [`source`] | a recording of either kind, opened by what its name says, at the receiver's rate |
//! | [`resample`] | other rates |
//! | [`decode`] | what a recording holds, frame after frame; one frame of it |
//! | [`keep`] | what is kept of them: a capture |
//! | [`encode`] | frames to samples and files |
//! | [`air`] | a channel and radios between the two, by name |
//! | [`trace`] | every stage of one frame |
//! | [`picture`] | one frame, ready to be drawn |
//! | [`files`] | writing so that nobody meets half a file |
//!
//! Files come from anywhere, so each parser takes any bytes: it answers with an error that says where, and believes no
//! length beyond what the file bears out.

pub mod air;
pub mod annotated;
pub mod decode;
pub mod encode;
mod error;
pub mod files;
pub mod hex;
pub mod iq;
pub mod keep;
pub mod kind;
pub mod link;
pub mod pcap;
pub mod picture;
pub mod radiotap;
mod rate;
pub mod reading;
pub mod resample;
pub mod scheme;
pub mod sigmf;
pub mod source;
mod table;
pub mod trace;
mod warning;

pub use error::RadioError;
pub use files::Beside;
pub use jscc_phy::Complex32;
pub use rate::NoSuchRate;
pub use table::Table;
pub use warning::Warning;

use std::fmt;

/// One received or to-be-sent frame as files know it.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameNote {
    /// First sample of the preamble, counted from the start of the recording.
    pub start: u64,
    /// Samples that the frame lasts.
    pub count: u64,
    /// Its rate.
    pub rate: Rate,
    /// Octets of its PSDU, FCS included.
    pub length: usize,
    /// Initial state of the scrambler, 1 to 127, x1 the least significant bit; 0 where it is not known.
    pub scrambler: u8,
    /// Whether the last four octets of the PSDU are its FCS.
    pub fcs_ok: bool,
    /// Carrier frequency offset in Hz; not a number where it was not measured.
    pub cfo_hz: f64,
    /// Signal-to-noise ratio in dB; not a number where it was not measured.
    pub snr_db: f64,
    /// The PSDU, FCS included, `length` octets; or empty where it is not kept.
    pub psdu: Vec<u8>,
}

/// The rate of a frame, as radiotap names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// 802.11a/g.
    NonHt {
        /// In units of 500 kb/s: 12 is 6 Mb/s, 108 is 54 Mb/s.
        half_mbps: u8,
    },
    /// 802.11n.
    Ht {
        /// Modulation and coding scheme.
        mcs: u8,
        /// Between symbols.
        guard: Guard,
    },
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonHt { half_mbps } => write!(f, "{} Mb/s", f64::from(*half_mbps) / 2.0),
            Self::Ht { mcs, guard: Guard::Long } => write!(f, "MCS {mcs}"),
            Self::Ht { mcs, guard: Guard::Short } => write!(f, "MCS {mcs} short GI"),
        }
    }
}

/// The guard interval of an HT frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// 800 ns.
    Long,
    /// 400 ns.
    Short,
}

/// Whether a frame in a file ends with its frame check sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fcs {
    /// Its last four octets are one, right or wrong.
    Present,
    /// It has been taken off, or is yet to be put on.
    Absent,
    /// The file does not say. In captures of Linux these are the card's own frames, without one.
    Unknown,
}

impl Fcs {
    /// What a file says that tells how long its check sequences are, in octets.
    pub(crate) fn of_length(octets: u32) -> Self {
        match octets {
            0 => Self::Absent,
            4 => Self::Present,
            _ => Self::Unknown,
        }
    }
}
