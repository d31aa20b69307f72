//! Prism monitor headers, with numbered items, and AVS headers, with fixed fields.

use super::{LinkError, split};
use crate::radiotap::Radiotap;

/// Octets of the usual Prism header: two words, the name of a device, ten items.
const LEAST: usize = 24;
const ITEM: usize = 12;
/// Octets of an AVS header of version 1.
const AVS: usize = 64;

/// Whether the packet begins with AVS's cookie.
pub(super) fn is_avs(packet: &[u8]) -> bool {
    packet.first_chunk().is_some_and(|&word| u32::from_be_bytes(word) & 0xFFFF_F000 == 0x8021_1000)
}

/// The items of a Prism header, in the byte order of the capturing machine: the one in which its length is plausible.
pub(super) fn prism(packet: &[u8]) -> Result<(Radiotap, &[u8]), LinkError> {
    let short = LinkError::Short { header: "Prism", want: LEAST, got: packet.len() };
    let &length = packet.get(4..8).and_then(|word| word.first_chunk::<4>()).ok_or(short)?;
    let fits = |length: u32| (LEAST..=packet.len()).contains(&(length as usize));
    let is_big = !fits(u32::from_le_bytes(length)) && fits(u32::from_be_bytes(length));
    let word = |bytes: [u8; 4]| if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let half = |bytes: [u8; 2]| if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
    let (header, frame) = split("Prism", packet, word(length) as usize, LEAST)?;
    let mut radiotap = Radiotap::default();
    for item in header[LEAST..].as_chunks::<ITEM>().0 {
        let &[a, b, c, d, status, of, _, _, e, f, g, h] = item;
        if half([status, of]) == 0 {
            keep(&mut radiotap, word([a, b, c, d]), word([e, f, g, h]));
        }
    }
    Ok((radiotap, frame))
}

/// An item by its number, in the older numbering (0x0008_0044) or the newer (0x0000_8041).
fn keep(radiotap: &mut Radiotap, number: u32, value: u32) {
    match number {
        0x0006_0044 | 0x6041 => radiotap.signal_dbm = dbm(value),
        0x0007_0044 | 0x7041 => radiotap.noise_dbm = dbm(value),
        0x0008_0044 | 0x8041 => radiotap.rate = u8::try_from(value).ok().filter(|&rate| rate > 0),
        _ => {}
    }
}

/// The fields of an AVS header, big-endian: rate in units of 100 kb/s, signal and noise if they are in dBm.
pub(super) fn avs(packet: &[u8]) -> Result<(Radiotap, &[u8]), LinkError> {
    let word = |at: usize| {
        packet.get(at..at + 4).and_then(|word| word.first_chunk::<4>()).map(|&word| u32::from_be_bytes(word))
    };
    let short = LinkError::Short { header: "AVS", want: AVS, got: packet.len() };
    let (_, frame) = split("AVS", packet, word(4).ok_or(short)? as usize, AVS)?;
    let in_dbm = word(44) == Some(2);
    let level = |at: usize| word(at).filter(|_| in_dbm).and_then(dbm);
    let rate = word(32).and_then(|rate| u8::try_from(rate / 5).ok()).filter(|&rate| rate > 0);
    Ok((Radiotap { rate, signal_dbm: level(48), noise_dbm: level(52), ..Radiotap::default() }, frame))
}

/// A level below 0 dBm; values above are in a card's own units.
fn dbm(value: u32) -> Option<i8> {
    i8::try_from(value.cast_signed()).ok().filter(|&dbm| dbm < 0)
}
