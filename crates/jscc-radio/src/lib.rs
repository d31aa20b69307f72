//! Files of radios and their tools: samples, the frames found in them, frames to send.
//!
//! | module | content |
//! |---|---|
//! | [`iq`] | raw samples: cf32, ci16, ci8, cu8 etc. |
//! | [`sigmf`] | samples with metadata, one annotation per frame; copies that keep other metadata |
//! | [`pcap`] | captures of frames, also compressed |
//! | [`link`] | headers before a frame in a capture |
//! | [`radiotap`] | rate and flags of a frame in a capture, or for injection |
//! | [`scheme`] | modulation and coding of a frame in a capture |
//! | [`reading`] | interpretations of the octets of a captured frame: with or without FCS, padded, cut |
//! | [`kind`] | a recording or a capture, by its first bytes |
//! | [`source`] | a recording of either format, opened by its name, at the receiver's rate |
//! | [`resample`] | conversion of other sample rates |
//! | [`decode`] | reception of a recording, frame after frame; one frame of it |
//! | [`keep`] | capture of the received frames |
//! | [`encode`] | frames to samples and files |
//! | [`air`] | channel and impairments by name |
//! | [`trace`] | every stage of one frame |
//! | [`picture`] | figure data of one frame |
//! | [`files`] | atomic writing |
//!
//! Files may come from anywhere, so each parser accepts any bytes: it reports an error with its position, and trusts no
//! length that the file does not support.

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

/// One frame, received or to be sent, in the form of files.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameNote {
    /// First sample of the preamble, counted from the start of the recording.
    pub start: u64,
    /// Duration in samples.
    pub count: u64,
    /// Its rate.
    pub rate: Rate,
    /// Octets of its PSDU, FCS included.
    pub length: usize,
    /// Initial state of the scrambler, 1 to 127, x1 the least significant bit; 0 if unknown.
    pub scrambler: u8,
    /// Whether the last four octets of the PSDU are its FCS.
    pub fcs_ok: bool,
    /// Carrier frequency offset in Hz; NaN if not measured.
    pub cfo_hz: f64,
    /// Signal-to-noise ratio in dB; NaN if not measured.
    pub snr_db: f64,
    /// The PSDU, FCS included, `length` octets; empty if not kept.
    pub psdu: Vec<u8>,
}

/// The rate of a frame, as in radiotap.
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
        /// Guard interval.
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
    /// Its FCS has been removed, or is not yet appended.
    Absent,
    /// The file does not say. In captures of Linux these are the card's own frames, without one.
    Unknown,
}

impl Fcs {
    /// From the length of check sequences in octets, as stated in a file.
    pub(crate) fn of_length(octets: u32) -> Self {
        match octets {
            0 => Self::Absent,
            4 => Self::Present,
            _ => Self::Unknown,
        }
    }
}
