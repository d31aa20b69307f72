//! Numbers in bits, the most significant first. A stream is padded with endless zeros: a frame is longer than its
//! content, and no codec here knows where its own bits end.

/// Writes bits.
#[derive(Debug, Clone, Default)]
pub struct BitWriter {
    bits: Vec<u8>,
}

impl BitWriter {
    /// Writes one bit.
    pub fn bit(&mut self, bit: u8) {
        self.bits.push(bit);
    }

    /// Writes the `n` low bits of a value.
    pub fn write(&mut self, value: u32, n: usize) {
        self.bits.extend((0..n).rev().map(|i| (value >> i & 1) as u8));
    }

    /// The bits, each an octet of 0 or 1.
    pub fn finish(self) -> Vec<u8> {
        self.bits
    }
}

/// Reads bits.
#[derive(Debug, Clone)]
pub struct BitReader<'a> {
    bits: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    /// Reads from the first bit.
    pub fn new(bits: &'a [u8]) -> Self {
        Self { bits, at: 0 }
    }

    /// Reads one bit; 0 past the end.
    pub fn bit(&mut self) -> u8 {
        let bit = self.bits.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        bit
    }

    /// Reads a value of `n` bits.
    pub fn read(&mut self, n: usize) -> u32 {
        (0..n).fold(0, |value, _| value << 1 | u32::from(self.bit()))
    }

    /// The bits not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bits.get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(values in prop::collection::vec((any::<u32>(), 0usize..=32), 0..50)) {
            let mut writer = BitWriter::default();
            for &(value, n) in &values {
                writer.write(value, n);
            }
            let bits = writer.finish();
            prop_assert_eq!(bits.len(), values.iter().map(|(_, n)| n).sum::<usize>());
            let mut reader = BitReader::new(&bits);
            for &(value, n) in &values {
                prop_assert_eq!(u64::from(reader.read(n)), u64::from(value) % (1 << n));
            }
            prop_assert!(reader.rest().is_empty());
            prop_assert_eq!(reader.read(8), 0);
        }
    }
}
