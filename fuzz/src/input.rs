//! The fuzzer's bytes as numbers. After their end come zeros.

use std::io::{self, ErrorKind, Read};

pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `n` bytes, or fewer.
    pub fn take(&mut self, n: usize) -> &'a [u8] {
        let (now, later) = self.0.split_at(n.min(self.0.len()));
        self.0 = later;
        now
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let bytes = self.take(N);
        array[..bytes.len()].copy_from_slice(bytes);
        array
    }

    pub fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// Any number, or none.
    pub fn f32(&mut self) -> f32 {
        f32::from_bits(self.u32())
    }

    /// From 0 to `n - 1`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        usize::from(self.u16()) % n.max(1)
    }
}

/// Numbers that look random, the same for the same seed.
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// From -1 to 1.
    pub fn f32(&mut self) -> f32 {
        self.next() as i32 as f32 / 2_147_483_648.0
    }

    pub fn octets(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}

/// Gives bytes as a pipe may: a few at a time, with interruptions.
pub struct Drip<'a> {
    pub bytes: &'a [u8],
    pub noise: Noise,
}

impl Read for Drip<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = match self.noise.next() % 8 {
            0 => return Err(ErrorKind::Interrupted.into()),
            1..=3 => 1 + self.noise.next() as usize % 16,
            _ => usize::MAX,
        };
        let n = n.min(to.len());
        self.bytes.read(&mut to[..n])
    }
}
