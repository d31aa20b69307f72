//! Binary decisions whose probabilities are learned as they are coded, and agreed to begin with.
//!
//! Integers only: sender and receiver must agree to the last bit, whatever their processors.

use super::arithmetic::{Decoder, Distribution, Encoder, TOTAL};

/// Most decisions that a probability remembers.
const MEMORY: u16 = 90;
/// Least probability of either outcome, in parts of [`TOTAL`].
const LEAST: u32 = 48;

/// The probability of one decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance {
    /// Probability of 1, in parts of [`TOTAL`].
    one: u32,
    /// Decisions that it rests on.
    seen: u16,
}

impl Chance {
    /// A probability of 1 in parts of 2^16, and the number of decisions that it is worth.
    pub fn new(one: u16, seen: u16) -> Self {
        Self { one: u32::from(one).clamp(LEAST, TOTAL - LEAST), seen: seen.min(MEMORY) }
    }

    /// Takes in an outcome.
    pub fn learn(&mut self, bit: bool) {
        let target = if bit { TOTAL as i32 } else { 0 };
        let moved = self.one as i32 + (target - self.one as i32) / (i32::from(self.seen) + 2);
        self.one = (moved as u32).clamp(LEAST, TOTAL - LEAST);
        self.seen = (self.seen + 1).min(MEMORY);
    }

    /// Probability of 1.
    pub fn one(&self) -> f64 {
        f64::from(self.one) / f64::from(TOTAL)
    }
}

impl Distribution for Chance {
    fn range(&self, symbol: usize) -> (u64, u64) {
        let zero = u64::from(TOTAL - self.one);
        if symbol == 0 { (0, zero) } else { (zero, u64::from(TOTAL)) }
    }

    fn symbol_at(&self, place: u32) -> usize {
        usize::from(place >= TOTAL - self.one)
    }
}

/// A coder of decisions in either direction, so that one function describes a format for both: the sender passes what it
/// codes and gets it back, the receiver gets what was coded.
pub trait Coder {
    /// Codes a decision with its probability, which learns.
    fn decide(&mut self, bit: bool, chance: &mut Chance) -> bool;

    /// Codes the `n` low bits of a value, each as likely 0 as 1.
    fn raw(&mut self, value: u32, n: usize) -> u32 {
        (0..n)
            .rev()
            .fold(0, |read, i| read << 1 | u32::from(self.decide(value >> i & 1 == 1, &mut Chance::new(1 << 15, 0))))
    }
}

impl Coder for Encoder {
    fn decide(&mut self, bit: bool, chance: &mut Chance) -> bool {
        self.encode(usize::from(bit), chance);
        chance.learn(bit);
        bit
    }
}

impl Coder for Decoder<'_> {
    fn decide(&mut self, _: bool, chance: &mut Chance) -> bool {
        let bit = self.decode(chance) == 1;
        chance.learn(bit);
        bit
    }
}

/// Counts outcomes in place of coding them, to fit first probabilities.
#[derive(Debug, Default)]
pub struct Counter;

impl Coder for Counter {
    fn decide(&mut self, bit: bool, chance: &mut Chance) -> bool {
        chance.learn(bit);
        bit
    }
}

/// A number from 0 on in unary, each step with its own chance, up to as many as there are; the rest as an
/// exponential Golomb code.
pub fn number(coder: &mut impl Coder, value: u32, steps: &mut [Chance]) -> u32 {
    for (n, chance) in (0..).zip(steps.iter_mut()) {
        if !coder.decide(value > n, chance) {
            return n;
        }
    }
    let rest = value.wrapping_sub(steps.len() as u32) + 1;
    let mut bits = 0;
    while bits < 31 && coder.raw(u32::from(rest >> (bits + 1) > 0), 1) == 1 {
        bits += 1;
    }
    let low = coder.raw(rest & ((1 << bits) - 1), bits);
    steps.len() as u32 + (1 << bits | low) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::bitstream::{BitReader, BitWriter};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(values in prop::collection::vec(prop_oneof![0u32..9, 0u32..70_000], 0..200)) {
            let fresh = [Chance::new(20_000, 3); 4];
            let (mut steps, mut encoder) = (fresh, Encoder::new(BitWriter::default()));
            for &value in &values {
                prop_assert_eq!(number(&mut encoder, value, &mut steps), value);
            }
            let bits = encoder.finish();
            let (mut steps, mut decoder) = (fresh, Decoder::new(BitReader::new(&bits)));
            for &value in &values {
                prop_assert_eq!(number(&mut decoder, 0, &mut steps), value);
            }
        }
    }

    /// A decision of probability 1/32 costs its entropy, 0.2 bits, once it is known.
    #[test]
    fn rare_decisions_become_cheap() {
        let (mut chance, mut encoder) = (Chance::new(1 << 15, 0), Encoder::new(BitWriter::default()));
        for n in 0..4000 {
            encoder.decide(n % 32 == 7, &mut chance);
        }
        let each = encoder.finish().len() as f64 / 4000.0;
        assert!((0.19..0.23).contains(&each), "{each} bits");
    }
}
