//! Reproducible random bits and Gaussian noise: SplitMix64 and Box-Muller.

use num_complex::Complex32;
use std::f32::consts::TAU;

pub struct Noise(pub u64);

impl Noise {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub fn octets(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.word() as u8).collect()
    }

    /// Two independent values of variance 1.
    pub fn gauss(&mut self) -> Complex32 {
        let mut uniform = || ((self.word() >> 40) as f32 + 0.5) / (1 << 24) as f32;
        Complex32::from_polar((-2.0 * uniform().ln()).sqrt(), TAU * uniform())
    }
}
