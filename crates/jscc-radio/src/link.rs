//! Headers before an 802.11 frame in a capture, by link type: none, radiotap, Prism, AVS, PPI.
//!
//! | link type | header | source |
//! |---|---|---|
//! | 105 | none | IEEE 802.11 |
//! | 119 | Prism monitor, or AVS | linux-wlan-ng `p80211msg.h`; both numberings |
//! | 127 | radiotap | radiotap.org |
//! | 163 | AVS | "AVS WLAN Monitor Extensions", versions 1 and 2 |
//! | 192 | PPI, before a frame with any header of these | CACE "PPI Header format" 1.0.10 |
//!
//! The content of the others is converted to radiotap's fields.

mod ppi;
mod prism;

use super::radiotap::{Radiotap, RadiotapError};

/// Link types of captures of 802.11 frames.
pub const IEEE802_11: u32 = 105;
const PRISM: u32 = 119;
/// 802.11 frames behind radiotap.
pub const RADIOTAP: u32 = 127;
const AVS: u32 = 163;
const PPI: u32 = 192;

/// A header that cannot be read, or a frame that is not 802.11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// A link type of another kind of network.
    #[error("link type {0} is none of 802.11 (105, 119, 127, 163, 192); capture in monitor mode")]
    Other(u32),
    /// A fault of a radiotap header.
    #[error(transparent)]
    Radiotap(#[from] RadiotapError),
    /// Another header, longer than the packet or shorter than its fixed part.
    #[error("its {header} header needs {want} bytes where {got} are; the capture is damaged")]
    Short {
        /// Name of the header.
        header: &'static str,
        /// Bytes needed.
        want: usize,
        /// Bytes available.
        got: usize,
    },
}

/// Parses the header of this link type; returns its content and the frame after it.
///
/// # Errors
/// [`LinkError`].
pub fn parse(link: u32, packet: &[u8]) -> Result<(Radiotap, &[u8]), LinkError> {
    match link {
        IEEE802_11 => Ok((Radiotap::default(), packet)),
        RADIOTAP => Ok(Radiotap::parse(packet)?),
        PRISM | AVS if prism::is_avs(packet) => prism::avs(packet),
        PRISM => prism::prism(packet),
        AVS => prism::avs(packet),
        PPI => {
            let (link, outer, packet) = ppi::parse(packet)?;
            // PPI within PPI does not occur.
            let (inner, frame) = if link == PPI { Err(LinkError::Other(link)) } else { parse(link, packet) }?;
            Ok((inner.or(outer), frame))
        }
        other => Err(LinkError::Other(other)),
    }
}

/// Splits a packet after a header of the given length, at least `least`.
fn split<'a>(
    header: &'static str,
    packet: &'a [u8],
    length: usize,
    least: usize,
) -> Result<(&'a [u8], &'a [u8]), LinkError> {
    let want = length.max(least);
    let short = LinkError::Short { header, want, got: packet.len().min(length) };
    packet.split_at_checked(length).filter(|_| length >= least).ok_or(short)
}

impl Radiotap {
    /// These fields, with missing ones taken from `other`.
    fn or(self, other: Self) -> Self {
        Self {
            flags: self.flags.or(other.flags),
            rate: self.rate.or(other.rate),
            channel_mhz: self.channel_mhz.or(other.channel_mhz),
            signal_dbm: self.signal_dbm.or(other.signal_dbm),
            noise_dbm: self.noise_dbm.or(other.noise_dbm),
            tx_flags: self.tx_flags.or(other.tx_flags),
            data_retries: self.data_retries.or(other.data_retries),
            mcs: self.mcs.or(other.mcs),
            vht: self.vht.or(other.vht),
            he: self.he.or(other.he),
        }
    }
}

#[cfg(test)]
mod tests;
