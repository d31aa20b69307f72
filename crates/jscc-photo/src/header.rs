//! What a receiver must know of a picture before anything else: in the base's first octets, and in short before each of its
//! frames.

use crate::transform::Grid;
use jscc_phy::wifi::mcs::Format;

/// Octets before each shard of the base.
pub const N_LABEL: usize = 12;
/// Octets before the base.
pub const N_HEADER: usize = 22;
/// Most OFDM symbols of detail: 4 s, twelve times the usual for the largest picture. More would be memory that a few octets claim.
pub const MOST_SYMBOLS: u32 = 1 << 20;
/// Longest side of a picture.
pub const MOST_SIDE: usize = 4096;

/// First octets of a base frame's body: who, and which version of this format.
const MAGIC: [u8; 2] = [0x4A, 1];

/// The place of a shard among those of its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Number of the picture.
    pub id: u16,
    /// Shards of the base.
    pub originals: u16,
    /// Shards of parity.
    pub parity: u16,
    /// Its own number, those of parity after the others.
    pub index: u16,
}

impl Label {
    /// The body of a frame: label, CRC, shard.
    pub fn frame(&self, shard: &[u8]) -> Vec<u8> {
        let mut body = MAGIC.to_vec();
        for number in [self.id, self.originals, self.parity, self.index] {
            body.extend(number.to_le_bytes());
        }
        let crc = crc16(body.iter().chain(shard));
        body.extend(crc.to_le_bytes());
        body.extend(shard);
        body
    }

    /// Label and shard of a frame's body; `None` if it is not one, or damaged.
    pub fn read(body: &[u8]) -> Option<(Self, &[u8])> {
        let (label, shard) = body.split_at_checked(N_LABEL)?;
        let (covered, crc) = label.split_at(N_LABEL - 2);
        let is_ours = covered.starts_with(&MAGIC) && crc == crc16(covered.iter().chain(shard)).to_le_bytes();
        let [id, originals, parity, index] = [2, 4, 6, 8].map(|at| u16::from_le_bytes([label[at], label[at + 1]]));
        let is_possible = originals > 0 && u32::from(index) < u32::from(originals) + u32::from(parity);
        (is_ours && is_possible).then_some((Self { id, originals, parity, index }, shard))
    }
}

/// CRC-16 of ITU-T V.41: x^16 + x^12 + x^5 + 1, from ones.
fn crc16<'a>(octets: impl Iterator<Item = &'a u8>) -> u16 {
    octets.fold(!0, |crc, &octet| {
        (0..8).fold(crc ^ u16::from(octet) << 8, |crc, _| if crc >> 15 == 1 { crc << 1 ^ 0x1021 } else { crc << 1 })
    })
}

/// What the base and the detail of a picture are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    /// Size and colours.
    pub grid: Grid,
    /// Format of the frames.
    pub format: Format,
    /// Quantiser of the base.
    pub step: u8,
    /// Rate of the detail, an index.
    pub rate: u8,
    /// OFDM symbols of the detail's frames, preambles included.
    pub symbols: u32,
    /// Longest PSDU of the detail in octets.
    pub mtu: u16,
    /// SNR in dB of received symbols that the powers are meant for, in quarters.
    pub quarter_db: i8,
    /// Logarithm to base 2 of what symbols were multiplied by to have mean power 1, in 1/256.
    pub log_gain: i16,
    /// Octets of the base.
    pub octets: u32,
    /// Time in ms until the next picture of its sequence; 0 for a picture of none.
    pub interval_ms: u16,
}

impl Header {
    /// As octets.
    pub fn encode(&self) -> Vec<u8> {
        let Grid { width, height, channels } = self.grid;
        let flags = u8::from(channels == 3) | u8::from(self.format == Format::Ht) << 1;
        let mut octets = Vec::with_capacity(N_HEADER);
        octets.extend((width as u16).to_le_bytes());
        octets.extend((height as u16).to_le_bytes());
        octets.extend([flags, self.step, self.rate, self.quarter_db as u8]);
        octets.extend(self.symbols.to_le_bytes());
        octets.extend(self.mtu.to_le_bytes());
        octets.extend(self.log_gain.to_le_bytes());
        octets.extend(self.octets.to_le_bytes());
        octets.extend(self.interval_ms.to_le_bytes());
        octets
    }

    /// The header and the octets after it; `None` if these are none.
    pub fn read(stream: &[u8]) -> Option<(Self, &[u8])> {
        let (header, rest) = stream.split_at_checked(N_HEADER)?;
        let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| header[at + i]));
        let (width, height, flags) = (usize::from(u16_at(0)), usize::from(u16_at(2)), header[4]);
        let is_possible = (1..=MOST_SIDE).contains(&width)
            && (1..=MOST_SIDE).contains(&height)
            && flags < 4
            && header[6] < 8
            && u32_at(8) <= MOST_SYMBOLS
            && u32_at(16) as usize <= rest.len();
        is_possible.then(|| {
            let header = Self {
                grid: Grid { width, height, channels: if flags & 1 == 1 { 3 } else { 1 } },
                format: if flags & 2 == 2 { Format::Ht } else { Format::NonHt },
                step: header[5],
                rate: header[6],
                quarter_db: header[7] as i8,
                symbols: u32_at(8),
                mtu: u16_at(12),
                log_gain: u16_at(14) as i16,
                octets: u32_at(16),
                interval_ms: u16_at(20),
            };
            (header, &rest[..header.octets as usize])
        })
    }

    /// Variance of the noise that the powers are meant for.
    pub fn noise(&self) -> f32 {
        10f32.powf(-f32::from(self.quarter_db) / 40.0)
    }

    /// What symbols were multiplied by.
    pub fn gain(&self) -> f32 {
        (f32::from(self.log_gain) / 256.0).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_crc_is_that_of_the_catalogue() {
        // CRC-16/IBM-3740, check value of Williams' catalogue.
        assert_eq!(crc16(b"123456789".iter()), 0x29B1);
    }

    proptest! {
        #[test]
        fn headers_come_back(side in (1usize..=4096, 1usize..=4096), step: u8, quarter_db: i8, log_gain: i16, symbols in 0..=MOST_SYMBOLS, mtu: u16, interval_ms: u16, ht: bool, grey: bool) {
            let grid = Grid { width: side.0, height: side.1, channels: if grey { 1 } else { 3 } };
            let format = if ht { Format::Ht } else { Format::NonHt };
            let header = Header { grid, format, step, rate: 7, symbols, mtu, quarter_db, log_gain, octets: 3, interval_ms };
            let stream = [header.encode(), vec![1, 2, 3, 9]].concat();
            prop_assert_eq!(Header::read(&stream), Some((header, &[1u8, 2, 3][..])));
            prop_assert_eq!(Header::read(&stream[..N_HEADER + 2]), None);
        }

        #[test]
        fn labels_come_back_and_damage_is_seen(id: u16, shard in prop::collection::vec(any::<u8>(), 0..50), at: prop::sample::Index, bit in 0u8..8) {
            let label = Label { id, originals: 3, parity: 1, index: 3 };
            let mut body = label.frame(&shard);
            prop_assert_eq!(Label::read(&body), Some((label, &shard[..])));
            let at = at.index(body.len());
            body[at] ^= 1 << bit;
            prop_assert_eq!(Label::read(&body), None);
        }
    }
}
