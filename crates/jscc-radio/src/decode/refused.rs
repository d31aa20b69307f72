//! What is known of a frame of a kind that the receiver does not have.

use jscc_phy::wifi::ht_signal::{Announced, Unsupported};

/// A frame that the receiver does not read: why, and what its header said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, in words.
    pub why: String,
    /// Why, in one: `streams`, `mcs`, `40-mhz`, `stbc`, `ldpc`, `extension-streams`, `sounding`, `length`, `greenfield`,
    /// `vht` or `he`.
    pub kind: &'static str,
    /// `ht`, `vht` or `he`.
    pub format: &'static str,
    /// Its HT scheme, 0 to 127, where HT-SIG was read.
    pub mcs: Option<u8>,
    /// Its spatial streams, where the scheme has the same modulation on each.
    pub streams: Option<u8>,
    /// Octets of its PSDU, where HT-SIG was read.
    pub length: Option<usize>,
}

impl Refusal {
    /// Of a frame of this kind, whose header tells what is `announced`.
    pub(super) fn new(unsupported: Unsupported, announced: Option<Announced>) -> Self {
        let (kind, format) = name(unsupported);
        let (mcs, length) = announced.map_or((None, None), |announced| (announced.mcs, announced.length));
        // Of equal modulation; beyond come schemes with another on each stream.
        let streams = mcs.filter(|&mcs| mcs < 32).map(|mcs| mcs / 8 + 1);
        Self { why: unsupported.to_string(), kind, format, mcs, streams, length }
    }
}

/// Kind and format.
fn name(unsupported: Unsupported) -> (&'static str, &'static str) {
    match unsupported {
        Unsupported::Streams(_) => ("streams", "ht"),
        Unsupported::Mcs(_) => ("mcs", "ht"),
        Unsupported::Bandwidth => ("40-mhz", "ht"),
        Unsupported::Stbc => ("stbc", "ht"),
        Unsupported::Ldpc => ("ldpc", "ht"),
        Unsupported::Extension => ("extension-streams", "ht"),
        Unsupported::Sounding => ("sounding", "ht"),
        Unsupported::Length(_) => ("length", "ht"),
        Unsupported::Greenfield => ("greenfield", "ht"),
        Unsupported::Vht => ("vht", "vht"),
        Unsupported::He => ("he", "he"),
    }
}
