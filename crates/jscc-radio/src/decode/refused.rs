//! What is known of a frame of a kind that the receiver does not have.

use jscc_phy::wifi::ht_signal::Unsupported;

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
    /// Its scheme.
    pub mcs: Option<u8>,
    /// Its spatial streams.
    pub streams: Option<u8>,
    /// Octets of its PSDU.
    pub length: Option<u16>,
}

impl From<Unsupported> for Refusal {
    fn from(unsupported: Unsupported) -> Self {
        let (kind, format, mcs, length) = match unsupported {
            Unsupported::Streams(mcs) => ("streams", "ht", Some(mcs), None),
            Unsupported::Mcs(mcs) => ("mcs", "ht", Some(mcs), None),
            Unsupported::Bandwidth => ("40-mhz", "ht", None, None),
            Unsupported::Stbc => ("stbc", "ht", None, None),
            Unsupported::Ldpc => ("ldpc", "ht", None, None),
            Unsupported::Extension => ("extension-streams", "ht", None, None),
            Unsupported::Sounding => ("sounding", "ht", None, Some(0)),
            Unsupported::Length(length) => ("length", "ht", None, Some(length)),
            Unsupported::Greenfield => ("greenfield", "ht", None, None),
            Unsupported::Vht => ("vht", "vht", None, None),
            Unsupported::He => ("he", "he", None, None),
        };
        // Of equal modulation; beyond come schemes with another on each stream.
        let streams = mcs.filter(|&mcs| mcs < 32).map(|mcs| mcs / 8 + 1);
        Self { why: unsupported.to_string(), kind, format, mcs, streams, length }
    }
}
