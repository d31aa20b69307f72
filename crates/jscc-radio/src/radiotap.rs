//! The radiotap header before an 802.11 frame: how it was received, or is to be sent.
//!
//! Source: radiotap.org, "Defined fields"; `Documentation/networking/mac80211-injection.rst` of Linux. Little-endian;
//! the fields lie in the order of their bits, each aligned to its own unit, counted from the start of the header.

use super::{Fcs, Guard, Rate};

/// In FLAGS: the frame ends with its FCS. On injection the kernel takes it off and puts its own.
pub const FLAG_FCS: u8 = 0x10;
/// In FLAGS: the FCS was found wrong.
pub const FLAG_BAD_FCS: u8 = 0x40;
/// In TX_FLAGS: expect no acknowledgement.
pub const TX_NO_ACK: u16 = 0x0008;
/// In TX_FLAGS: leave the sequence number as it is.
pub const TX_KEEP_SEQUENCE: u16 = 0x0010;

const FLAGS: u32 = 1;
const RATE: u32 = 2;
const SIGNAL: u32 = 5;
const NOISE: u32 = 6;
const TX_FLAGS: u32 = 15;
const DATA_RETRIES: u32 = 17;
const MCS: u32 = 19;
/// A next word of the bitmap belongs to radiotap again, to a vendor, or follows at all.
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

/// The fields that this project reads and writes; `None` is a field that is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Radiotap {
    /// FLAGS: [`FLAG_FCS`], [`FLAG_BAD_FCS`] and others.
    pub flags: Option<u8>,
    /// RATE in units of 500 kb/s.
    pub rate: Option<u8>,
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
}

/// The MCS field, as it stands in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mcs {
    /// What is said: 0x01 bandwidth, 0x02 index, 0x04 guard interval, 0x08 format, 0x10 FEC, 0x20 STBC.
    pub known: u8,
    /// What it is: 0x03 bandwidth (0 is 20 MHz), 0x04 short guard interval, 0x08 greenfield, 0x10 LDPC, 0x60 STBC.
    pub flags: u8,
    /// Modulation and coding scheme.
    pub index: u8,
}

impl Mcs {
    /// One stream of 20 MHz, BCC, no STBC, and all of that said.
    fn plain(index: u8, guard: Guard) -> Self {
        Self { known: 0x37, flags: if guard == Guard::Short { 0x04 } else { 0 }, index }
    }
}

/// A header that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RadiotapError {
    /// Too short for what it says of itself.
    #[error("its radiotap header needs {want} bytes where {got} are; the capture is damaged, or not radiotap")]
    Short {
        /// Bytes needed.
        want: usize,
        /// Bytes there are.
        got: usize,
    },
    /// Only version 0 has ever been defined.
    #[error("its radiotap header is of version {got}, want 0; the capture is damaged, or not radiotap")]
    Version {
        /// Version there is.
        got: u8,
    },
}

impl Radiotap {
    /// What asks Linux to send a frame once, at `rate`, without acknowledgement, with its own sequence number.
    ///
    /// The rate is honoured by drivers without rate control of their own.
    pub fn injection(rate: Rate, fcs: Fcs) -> Self {
        let tx_flags = Some(TX_NO_ACK | TX_KEEP_SEQUENCE);
        Self { tx_flags, data_retries: Some(0), ..Self::received(rate, fcs) }
    }

    /// What a receiver of a frame at `rate` says of it.
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

    /// The rate that the header names. A guard interval that is not said is long.
    pub fn rate(&self) -> Option<Rate> {
        let ht = self.mcs.filter(|mcs| mcs.known & 0x02 != 0).map(|mcs| {
            let guard = if mcs.known & mcs.flags & 0x04 == 0 { Guard::Long } else { Guard::Short };
            Rate::Ht { mcs: mcs.index, guard }
        });
        ht.or(self.rate.map(|half_mbps| Rate::NonHt { half_mbps }))
    }

    /// Whether the frame after the header ends with its FCS.
    pub fn fcs(&self) -> Fcs {
        match self.flags {
            Some(flags) if flags & FLAG_FCS != 0 => Fcs::Present,
            Some(_) => Fcs::Absent,
            None => Fcs::Unknown,
        }
    }

    /// The header's bytes, to be followed by the frame's.
    pub fn encode(&self) -> Vec<u8> {
        let mut header = Header { present: 0, bytes: vec![0; 8] };
        header.put(FLAGS, self.flags.map(|flags| [flags]));
        header.put(RATE, self.rate.map(|rate| [rate]));
        header.put(SIGNAL, self.signal_dbm.map(i8::to_le_bytes));
        header.put(NOISE, self.noise_dbm.map(i8::to_le_bytes));
        header.put(TX_FLAGS, self.tx_flags.map(u16::to_le_bytes));
        header.put(DATA_RETRIES, self.data_retries.map(|retries| [retries]));
        header.put(MCS, self.mcs.map(|mcs| [mcs.known, mcs.flags, mcs.index]));
        let Header { present, mut bytes } = header;
        let length = bytes.len() as u16;
        bytes[2..4].copy_from_slice(&length.to_le_bytes());
        bytes[4..8].copy_from_slice(&present.to_le_bytes());
        bytes
    }

    /// The header at the start of `packet`, and the frame after it. Of a field that comes once per antenna, the first.
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
            // A vendor's fields were passed over as one.
            for bit in (0..RADIOTAP_NEXT).filter(|&bit| has(word, bit) && !is_vendors) {
                let Some(&(align, size)) = FIELDS.get(bit as usize) else {
                    // As Linux does: after a field of unknown size nothing can be found.
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
                // The next word's bits would count on from 32, where no field is defined.
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
            (MCS, &[known, flags, index]) => self.mcs = self.mcs.or(Some(Mcs { known, flags, index })),
            _ => {}
        }
    }
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
