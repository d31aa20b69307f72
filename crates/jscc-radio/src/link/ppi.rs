//! PPI: Per-Packet Information, which contains the link type of the packet after it. Little-endian.

use super::{LinkError, split};
use crate::radiotap::{FLAG_BAD_FCS, FLAG_FCS, Mcs, Radiotap};

const COMMON: u16 = 2;
const MAC_N: u16 = 3;
const MAC_PHY_N: u16 = 4;

/// Link type after the header, content of the header, and the bytes after it. A truncated field ends the fields.
pub(super) fn parse(packet: &[u8]) -> Result<(u32, Radiotap, &[u8]), LinkError> {
    let short = LinkError::Short { header: "PPI", want: 8, got: packet.len() };
    let &[_, flags, low, high, a, b, c, d] = packet.first_chunk().ok_or(short)?;
    let (header, rest) = split("PPI", packet, u16::from_le_bytes([low, high]).into(), 8)?;
    let mut radiotap = Radiotap::default();
    let mut fields = &header[8..];
    while let Some((&[kind, of, low, high], after)) = fields.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes([low, high]));
        let Some(field) = after.get(..length) else { break };
        keep(&mut radiotap, u16::from_le_bytes([kind, of]), field);
        let padded = if flags & 1 == 1 { length.next_multiple_of(4) } else { length };
        fields = after.get(padded..).unwrap_or_default();
    }
    Ok((u32::from_le_bytes([a, b, c, d]), radiotap, rest))
}

fn keep(radiotap: &mut Radiotap, kind: u16, field: &[u8]) {
    match kind {
        COMMON => common(radiotap, field),
        MAC_N => ht(radiotap, field, None),
        MAC_PHY_N => ht(radiotap, field, field.get(9).copied()),
        _ => {}
    }
}

/// 802.11-Common: TSF timer, flags, rate in units of 500 kb/s, channel, hopping, signal, noise.
fn common(radiotap: &mut Radiotap, field: &[u8]) {
    let Some(&[flags, _, rate, high, mhz, of, _, _, _, _, signal, noise]) = field.get(8..20) else { return };
    let told = [(0x1, FLAG_FCS), (0x4, FLAG_BAD_FCS)];
    radiotap.flags = Some(told.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, flag)| flag).sum());
    radiotap.rate = u8::try_from(u16::from_le_bytes([rate, high])).ok().filter(|&rate| rate > 0);
    radiotap.channel_mhz = Some(u16::from_le_bytes([mhz, of])).filter(|&mhz| mhz > 0);
    // 0 dBm means absent, -128 dBm unknown.
    let dbm = |octet: u8| Some(octet.cast_signed()).filter(|dbm| (-127..0).contains(dbm));
    (radiotap.signal_dbm, radiotap.noise_dbm) = (dbm(signal), dbm(noise));
}

/// 802.11n extensions: greenfield, 40 MHz, short guard interval; the longer field also has the scheme's number.
fn ht(radiotap: &mut Radiotap, field: &[u8], mcs: Option<u8>) {
    let Some(&flags) = field.first() else { return };
    let told = [(0x1, 0x08), (0x2, 0x01), (0x4, 0x04)];
    let flags = told.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, flag)| flag).sum();
    let index = mcs.filter(|&mcs| mcs < 77);
    let known = 0x0D | if index.is_some() { 0x02 } else { 0 };
    radiotap.mcs = radiotap.mcs.filter(|before| before.known & 0x02 != 0).or(Some(Mcs {
        known,
        flags,
        index: index.unwrap_or(0),
    }));
}
