//! An arithmetic coder that ends on the bit: a frame of ten pictures has 184 bits at 6 Mb/s, a tenth of which coders
//! that write whole words would waste.
//!
//! Source: I. Witten, R. Neal, J. Cleary, "Arithmetic coding for data compression", Commun. ACM 30(6), 1987.

use super::bitstream::{BitReader, BitWriter};

const HALF: u64 = 1 << 31;
const QUARTER: u64 = 1 << 30;
const TOP: u64 = (1 << 32) - 1;
/// Sum of a distribution's probabilities.
pub const TOTAL: u32 = 1 << 16;

/// What the coder must know of a symbol's probabilities, in parts of [`TOTAL`].
pub trait Distribution {
    /// Cumulative probabilities before and after a symbol, which differ.
    fn range(&self, symbol: usize) -> (u64, u64);
    /// The symbol whose range has this place.
    fn symbol_at(&self, place: u32) -> usize;
}

/// Probabilities of the symbols.
#[derive(Debug, Clone)]
pub struct Model {
    /// Cumulative probabilities before each symbol, times [`TOTAL`].
    cumulative: Vec<u32>,
}

impl Model {
    /// A model from counts of the symbols; none gets probability 0.
    pub fn new(counts: &[u32]) -> Self {
        let sum: f64 = counts.iter().map(|&count| f64::from(count) + 0.5).sum();
        // Each symbol gets at least 1, so that rounding removes none.
        let room = f64::from(TOTAL) - counts.len() as f64;
        let (mut cumulative, mut seen) = (vec![0], 0.0);
        for (i, &count) in counts.iter().enumerate() {
            seen += f64::from(count) + 0.5;
            cumulative.push((room * seen / sum).round() as u32 + i as u32 + 1);
        }
        Self { cumulative }
    }

    /// Code length of a symbol, in bits.
    pub fn cost(&self, symbol: usize) -> f32 {
        let (from, to) = self.range(symbol);
        (TOTAL as f32 / (to - from) as f32).log2()
    }
}

impl Distribution for Model {
    fn range(&self, symbol: usize) -> (u64, u64) {
        (u64::from(self.cumulative[symbol]), u64::from(self.cumulative[symbol + 1]))
    }

    fn symbol_at(&self, place: u32) -> usize {
        self.cumulative.partition_point(|&before| before <= place) - 1
    }
}

/// The interval left by the symbols so far.
#[derive(Debug, Clone)]
struct Interval {
    low: u64,
    high: u64,
}

/// Output of doubling an interval.
enum Step {
    Bit(u8),
    Later,
}

impl Interval {
    const WHOLE: Self = Self { low: 0, high: TOP };

    fn narrow(&mut self, (from, to): (u64, u64)) {
        let range = self.high - self.low + 1;
        self.high = self.low + range * to / u64::from(TOTAL) - 1;
        self.low += range * from / u64::from(TOTAL);
    }

    /// Doubles the interval if it lies within one half, or the middle; returns the output and the offset subtracted
    /// before.
    fn double(&mut self) -> Option<(Step, u64)> {
        let (step, off) = if self.high < HALF {
            (Step::Bit(0), 0)
        } else if self.low >= HALF {
            (Step::Bit(1), HALF)
        } else if self.low >= QUARTER && self.high < HALF + QUARTER {
            (Step::Later, QUARTER)
        } else {
            return None;
        };
        self.low = 2 * (self.low - off);
        self.high = 2 * (self.high - off) + 1;
        Some((step, off))
    }
}

/// Encodes symbols.
#[derive(Debug)]
pub struct Encoder {
    interval: Interval,
    pending: usize,
    writer: BitWriter,
}

impl Encoder {
    /// Appends to the bits written already.
    pub fn new(writer: BitWriter) -> Self {
        Self { interval: Interval::WHOLE, pending: 0, writer }
    }

    /// Encodes a symbol.
    pub fn encode(&mut self, symbol: usize, model: &impl Distribution) {
        self.interval.narrow(model.range(symbol));
        while let Some((step, _)) = self.interval.double() {
            match step {
                Step::Bit(bit) => self.settle(bit),
                Step::Later => self.pending += 1,
            }
        }
    }

    fn settle(&mut self, bit: u8) {
        self.writer.bit(bit);
        for _ in 0..std::mem::take(&mut self.pending) {
            self.writer.bit(1 - bit);
        }
    }

    /// The bits. Trailing zeros are left out, because the reader finds zeros there anyway.
    pub fn finish(mut self) -> Vec<u8> {
        if self.interval.low > 0 || self.pending > 0 {
            self.pending += 1;
            self.settle(u8::from(self.interval.low >= QUARTER));
        }
        let mut bits = self.writer.finish();
        bits.truncate(bits.iter().rposition(|&bit| bit == 1).map_or(0, |last| last + 1));
        bits
    }
}

/// Decodes symbols.
#[derive(Debug)]
pub struct Decoder<'a> {
    interval: Interval,
    value: u64,
    reader: BitReader<'a>,
}

impl<'a> Decoder<'a> {
    /// Reads from the reader's current position on.
    pub fn new(mut reader: BitReader<'a>) -> Self {
        let value = u64::from(reader.read(32));
        Self { interval: Interval::WHOLE, value, reader }
    }

    /// Decodes a symbol.
    pub fn decode(&mut self, model: &impl Distribution) -> usize {
        let range = self.interval.high - self.interval.low + 1;
        let place = (((self.value - self.interval.low + 1) * u64::from(TOTAL) - 1) / range) as u32;
        let symbol = model.symbol_at(place);
        self.interval.narrow(model.range(symbol));
        while let Some((_, off)) = self.interval.double() {
            self.value = 2 * (self.value - off) + u64::from(self.reader.bit());
        }
        symbol
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn symbols_come_back_and_cost_what_the_model_says(
            counts in prop::collection::vec(0u32..10_000, 1..40),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..300),
        ) {
            let model = Model::new(&counts);
            let symbols: Vec<usize> = picks.iter().map(|pick| pick.index(counts.len())).collect();
            let mut encoder = Encoder::new(BitWriter::default());
            for &symbol in &symbols {
                encoder.encode(symbol, &model);
            }
            let bits = encoder.finish();
            let cost: f32 = symbols.iter().map(|&symbol| model.cost(symbol)).sum();
            prop_assert!((bits.len() as f32) < cost * 1.001 + 2.5, "{} bits for {cost}", bits.len());
            let mut decoder = Decoder::new(BitReader::new(&bits));
            for symbol in symbols {
                prop_assert_eq!(decoder.decode(&model), symbol);
            }
        }
    }

    #[test]
    fn likely_symbols_cost_nearly_nothing() {
        let model = Model::new(&[65_000, 1]);
        let mut encoder = Encoder::new(BitWriter::default());
        (0..1000).for_each(|_| encoder.encode(0, &model));
        assert!(encoder.finish().is_empty(), "the reader's zeros say it all");
    }
}
