//! The radiotap header before an 802.11 frame: how it was received, or is to be sent.
//!
//! Source: radiotap.org, "Defined fields"; `Documentation/networking/mac80211-injection.rst` of Linux. Little-endian;
//! the fields lie in the order of their bits, each aligned to its own unit, counted from the start of the header.

mod modulation;

pub use modulation::{He, Mcs, Vht};

use super::scheme::{Index, Scheme, Unheard};
use super::{Fcs, Rate};

/// In FLAGS: the frame ends with its FCS. On injection the kernel replaces it.
pub const FLAG_FCS: u8 = 0x10;
/// In FLAGS: the FCS is wrong.
pub const FLAG_BAD_FCS: u8 = 0x40;
/// In FLAGS: padding between MAC header and body makes the header's length a multiple of four.
pub const FLAG_DATAPAD: u8 = 0x20;
/// In TX_FLAGS: expect no acknowledgement.
pub const TX_NO_ACK: u16 = 0x0008;
/// In TX_FLAGS: leave the sequence number as it is.
pub const TX_KEEP_SEQUENCE: u16 = 0x0010;

const FLAGS: u32 = 1;
const RATE: u32 = 2;
const CHANNEL: u32 = 3;
const SIGNAL: u32 = 5;
const NOISE: u32 = 6;
const TX_FLAGS: u32 = 15;
const DATA_RETRIES: u32 = 17;
const MCS: u32 = 19;
const VHT: u32 = 21;
const HE: u32 = 23;
/// The next word of the bitmap belongs to radiotap again, to a vendor, or exists at all.
const RADIOTAP_NEXT: u32 = 29;
const VENDOR_NEXT: u32 = 30;
const ANOTHER_WORD: u32 = 31;

/// Alignment and size in bytes of the fields of bits 0 to 27.
const FIELDS: [(usize, usize); 28] = [
    (8, 8),  // TSFT
    (1, 1),  // FLAGS
    (1, 1),  // RATE
    (2, 4),  // CHANNEL
    (2, 2),  // FHSS
    (1, 1),  // antenna signal, dBm
    (1, 1),  // antenna noise, dBm
    (2, 2),  // lock quality
    (2, 2),  // attenuation
    (2, 2),  // attenuation, dB
    (1, 1),  // power, dBm
    (1, 1),  // antenna
    (1, 1),  // antenna signal, dB
    (1, 1),  // antenna noise, dB
    (2, 2),  // RX_FLAGS
    (2, 2),  // TX_FLAGS
    (1, 1),  // RTS_RETRIES
    (1, 1),  // DATA_RETRIES
    (4, 8),  // XCHANNEL
    (1, 3),  // MCS
    (4, 8),  // A-MPDU
    (2, 12), // VHT
    (8, 12), // timestamp
    (2, 12), // HE
    (2, 12), // HE-MU
    (2, 6),  // HE-MU, other users
    (1, 1),  // PSDU of no length
    (2, 4),  // L-SIG
];

/// The fields that this project reads and writes; `None` if a field is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Radiotap {
    /// FLAGS: [`FLAG_FCS`], [`FLAG_BAD_FCS`] and others.
    pub flags: Option<u8>,
    /// RATE in units of 500 kb/s.
    pub rate: Option<u8>,
    /// CHANNEL: its centre in MHz.
    pub channel_mhz: Option<u16>,
    /// Received power in dBm.
    pub signal_dbm: Option<i8>,
    /// Noise power in dBm.
    pub noise_dbm: Option<i8>,
    /// TX_FLAGS: [`TX_NO_ACK`], [`TX_KEEP_SEQUENCE`] and others.
    pub tx_flags: Option<u16>,
    /// Transmissions after the first.
    pub data_retries: Option<u8>,
    /// The MCS field.
    pub mcs: Option<Mcs>,
    /// The VHT field, for its first user.
    pub vht: Option<Vht>,
    /// The HE field.
    pub he: Option<He>,
}

/// A header that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RadiotapError {
    /// Shorter than its stated length.
    #[error("its radiotap header needs {want} bytes where {got} are; the capture is damaged, or not radiotap")]
    Short {
        /// Bytes needed.
        want: usize,
        /// Bytes available.
        got: usize,
    },
    /// Only version 0 has ever been defined.
    #[error("its radiotap header is of version {got}, want 0; the capture is damaged, or not radiotap")]
    Version {
        /// Version found.
        got: u8,
    },
}

impl Radiotap {
    /// Header that makes Linux send a frame once, at `rate`, without acknowledgement, with its own sequence number.
    ///
    /// The rate is honoured by drivers without rate control of their own.
    pub fn injection(rate: Rate, fcs: Fcs) -> Self {
        let tx_flags = Some(TX_NO_ACK | TX_KEEP_SEQUENCE);
        Self { tx_flags, data_retries: Some(0), ..Self::received(rate, fcs) }
    }

    /// Header of a frame received at `rate`.
    pub fn received(rate: Rate, fcs: Fcs) -> Self {
        let flags = match fcs {
            Fcs::Present => Some(FLAG_FCS),
            Fcs::Absent => Some(0),
            Fcs::Unknown => None,
        };
        match rate {
            Rate::NonHt { half_mbps } => Self { flags, rate: Some(half_mbps), ..Self::default() },
            Rate::Ht { mcs, guard } => Self { flags, mcs: Some(Mcs::plain(mcs, guard)), ..Self::default() },
        }
    }

    /// Modulation and coding of the frame, from the newest generation present. A missing guard interval means long.
    pub fn scheme(&self) -> Option<Scheme> {
        let legacy = || self.rate.filter(|&rate| rate > 0).map(|half_mbps| Scheme::plain(Index::NonHt(half_mbps)));
        let he = self.he.and_then(He::scheme).or_else(|| self.vht.and_then(Vht::scheme));
        he.or_else(|| self.mcs.and_then(Mcs::scheme)).or_else(legacy)
    }

    /// The rate, for a frame that this project's receiver supports.
    ///
    /// # Errors
    /// [`Unheard`].
    pub fn rate(&self) -> Result<Rate, Unheard> {
        self.scheme().ok_or(Unheard::NoRate)?.rate()
    }

    /// Whether the frame after the header ends with its FCS.
    pub fn fcs(&self) -> Fcs {
        match self.flags {
            Some(flags) if flags & FLAG_FCS != 0 => Fcs::Present,
            Some(_) => Fcs::Absent,
            None => Fcs::Unknown,
        }
    }

    /// The header's bytes, to be followed by those of the frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut header = Header { present: 0, bytes: vec![0; 8] };
        header.put(FLAGS, self.flags.map(|flags| [flags]));
        header.put(RATE, self.rate.map(|rate| [rate]));
        header.put(CHANNEL, self.channel_mhz.map(channel));
        header.put(SIGNAL, self.signal_dbm.map(i8::to_le_bytes));
        header.put(NOISE, self.noise_dbm.map(i8::to_le_bytes));
        header.put(TX_FLAGS, self.tx_flags.map(u16::to_le_bytes));
        header.put(DATA_RETRIES, self.data_retries.map(|retries| [retries]));
        header.put(MCS, self.mcs.map(|mcs| [mcs.known, mcs.flags, mcs.index]));
        header.put(VHT, self.vht.map(vht));
        header.put(HE, self.he.map(|He(words)| he(words)));
        let Header { present, mut bytes } = header;
        let length = bytes.len() as u16;
        bytes[2..4].copy_from_slice(&length.to_le_bytes());
        bytes[4..8].copy_from_slice(&present.to_le_bytes());
        bytes
    }

    /// Parses the header at the start of `packet`; returns the frame after it too. Of a field given per antenna, the
    /// first counts.
    ///
    /// # Errors
    /// [`RadiotapError`].
    pub fn parse(packet: &[u8]) -> Result<(Self, &[u8]), RadiotapError> {
        let Some(&[version, _, low, high]) = packet.first_chunk() else {
            return Err(RadiotapError::Short { want: 8, got: packet.len() });
        };
        if version != 0 {
            return Err(RadiotapError::Version { got: version });
        }
        let length = usize::from(u16::from_le_bytes([low, high]));
        let Some((header, frame)) = packet.split_at_checked(length) else {
            return Err(RadiotapError::Short { want: length, got: packet.len() });
        };
        let mut radiotap = Self::default();
        radiotap.read_fields(&mut Cursor { header, at: 4 })?;
        Ok((radiotap, frame))
    }

    fn read_fields(&mut self, cursor: &mut Cursor) -> Result<(), RadiotapError> {
        let mut words = vec![cursor.word()?];
        while words.last().is_some_and(|word| has(*word, ANOTHER_WORD)) {
            words.push(cursor.word()?);
        }
        let mut is_vendors = false;
        for word in words {
            // A vendor's fields were skipped as a whole.
            for bit in (0..RADIOTAP_NEXT).filter(|&bit| has(word, bit) && !is_vendors) {
                let Some(&(align, size)) = FIELDS.get(bit as usize) else {
                    // As in Linux: nothing can be found after a field of unknown size.
                    return Ok(());
                };
                let field = cursor.take(align, size)?;
                self.keep(bit, field);
            }
            if has(word, VENDOR_NEXT) {
                let vendor = cursor.take(2, 6)?;
                let skip = usize::from(u16::from_le_bytes([vendor[4], vendor[5]]));
                cursor.take(1, skip)?;
                is_vendors = true;
            } else if has(word, RADIOTAP_NEXT) {
                is_vendors = false;
            } else if !is_vendors {
                // The next word's bits would continue at 32, where no field is defined.
                return Ok(());
            }
        }
        Ok(())
    }

    fn keep(&mut self, bit: u32, field: &[u8]) {
        match (bit, field) {
            (FLAGS, &[flags]) => self.flags = self.flags.or(Some(flags)),
            (RATE, &[rate]) => self.rate = self.rate.or(Some(rate)),
            (SIGNAL, &[dbm]) => self.signal_dbm = self.signal_dbm.or(Some(dbm.cast_signed())),
            (NOISE, &[dbm]) => self.noise_dbm = self.noise_dbm.or(Some(dbm.cast_signed())),
            (TX_FLAGS, &[low, high]) => self.tx_flags = self.tx_flags.or(Some(u16::from_le_bytes([low, high]))),
            (DATA_RETRIES, &[retries]) => self.data_retries = self.data_retries.or(Some(retries)),
            (CHANNEL, &[low, high, ..]) => {
                self.channel_mhz = self.channel_mhz.or(Some(u16::from_le_bytes([low, high])));
            }
            (MCS, &[known, flags, index]) => self.mcs = self.mcs.or(Some(Mcs { known, flags, index })),
            (VHT, &[low, high, flags, bandwidth, mcs_nss, _, _, _, coding, ..]) => {
                let known = u16::from_le_bytes([low, high]);
                self.vht = self.vht.or(Some(Vht { known, flags, bandwidth, mcs_nss, coding }));
            }
            (HE, field) => {
                let word = |n: usize| u16::from_le_bytes([field[2 * n], field[2 * n + 1]]);
                self.he = self.he.or(Some(He(std::array::from_fn(word))));
            }
            _ => {}
        }
    }
}

/// CHANNEL: the centre in MHz, and flags for OFDM in one of the two bands.
fn channel(mhz: u16) -> [u8; 4] {
    let flags: u16 = 0x0040 | if mhz < 3000 { 0x0080 } else { 0x0100 };
    let ([a, b], [c, d]) = (mhz.to_le_bytes(), flags.to_le_bytes());
    [a, b, c, d]
}

fn vht(vht: Vht) -> [u8; 12] {
    let [low, high] = vht.known.to_le_bytes();
    [low, high, vht.flags, vht.bandwidth, vht.mcs_nss, 0, 0, 0, vht.coding, 0, 0, 0]
}

fn he(words: [u16; 6]) -> [u8; 12] {
    std::array::from_fn(|i| words[i / 2].to_le_bytes()[i % 2])
}

fn has(word: u32, bit: u32) -> bool {
    word >> bit & 1 == 1
}

struct Header {
    present: u32,
    bytes: Vec<u8>,
}

impl Header {
    fn put<const N: usize>(&mut self, bit: u32, field: Option<[u8; N]>) {
        let Some(field) = field else { return };
        let (align, _) = FIELDS[bit as usize];
        self.present |= 1 << bit;
        self.bytes.resize(self.bytes.len().next_multiple_of(align), 0);
        self.bytes.extend(field);
    }
}

struct Cursor<'a> {
    header: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, align: usize, size: usize) -> Result<&'a [u8], RadiotapError> {
        let start = self.at.next_multiple_of(align);
        self.at = start + size;
        self.header.get(start..self.at).ok_or(RadiotapError::Short { want: self.at, got: self.header.len() })
    }

    fn word(&mut self) -> Result<u32, RadiotapError> {
        let bytes = self.take(4, 4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

#[cfg(test)]
mod tests;
