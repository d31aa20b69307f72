//! Information on a frame of an unsupported kind.

use jscc_phy::wifi::ht_signal::{Announced, Unsupported};

/// A frame that the receiver does not support: the reason, and the content of its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, in words.
    pub why: String,
    /// The reason as a keyword: `streams`, `mcs`, `40-mhz`, `stbc`, `ldpc`, `extension-streams`, `sounding`, `length`,
    /// `greenfield`, `vht` or `he`.
    pub kind: &'static str,
    /// `ht`, `vht` or `he`.
    pub format: &'static str,
    /// Its HT scheme, 0 to 127, if HT-SIG was read.
    pub mcs: Option<u8>,
    /// Its spatial streams, if the scheme has the same modulation on each.
    pub streams: Option<u8>,
    /// Octets of its PSDU, if HT-SIG was read.
    pub length: Option<usize>,
}

impl Refusal {
    /// The refusal of a frame of this kind, with the `announced` content of its header.
    pub(super) fn new(unsupported: Unsupported, announced: Option<Announced>) -> Self {
        let (kind, format) = name(unsupported);
        let (mcs, length) = announced.map_or((None, None), |announced| (announced.mcs, announced.length));
        // Equal modulation only; higher schemes have different modulations per stream.
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
