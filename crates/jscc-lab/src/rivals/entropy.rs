//! A transform codec of variable rate, the strongest here: uniform quantisation with a rate-distortion choice of every
//! index, and an arithmetic coder with models fitted to training pictures and agreed in advance. The pictures of a
//! frame share its bits: an easy one leaves some to the others.
//!
//! Source: P. Chou, T. Lookabaugh, R. Gray, "Entropy-constrained vector quantization", IEEE Trans. ASSP 37(1), 1989, in
//! one dimension.

use super::{Analysis, Decoded, N_PIXELS, SourceCodec};
use jscc_photo::coding::arithmetic::{Decoder, Encoder, Model};
use jscc_photo::coding::bitstream::{BitReader, BitWriter};
use rayon::prelude::*;
use std::sync::Arc;

/// Bits of the quantiser's index in a frame.
const STEP_BITS: usize = 6;
/// The coarsest quantiser's step; the finest has 8·2^(−63/8) = 0.034. Coefficients are in units of a pixel's range.
const COARSEST: f32 = 8.0;
/// Quantisers per halving of the step.
const TO_HALF: f32 = 8.0;
/// Cost of a bit, in squared steps. High-rate theory gives 2·ln 2/12 = 0.1155; of 0.10, 0.15 and 0.25 the first was
/// best on held-out training pictures, at every budget.
const LAMBDA: f32 = 0.1;
/// Rounds of fitting.
const ROUNDS: usize = 4;
/// Largest exponent of 2, in the bisection of a bit's cost, before a coarser quantiser is better.
const DEAREST: f32 = 8.0;

/// The codec.
#[derive(Debug)]
pub struct EntropyCoded {
    basis: Arc<dyn Analysis>,
    quantisers: Vec<Quantiser>,
}

/// One step size with its models.
#[derive(Debug)]
struct Quantiser {
    step: f32,
    coefficients: Vec<Coefficient>,
}

/// Agreed model of a coefficient. Symbols represent the indices 0, −1, 1, −2, 2, …, so that a stream's padding of zeros
/// decodes as zeros.
#[derive(Debug)]
struct Coefficient {
    model: Model,
    /// Code length of each symbol in bits, and the mean of its training samples.
    costs: Vec<f32>,
    levels: Vec<f32>,
}

/// The symbol of an index.
fn symbol(index: i32) -> usize {
    (if index < 0 { -2 * index - 1 } else { 2 * index }) as usize
}

/// The index of a symbol.
fn index(symbol: usize) -> i32 {
    let half = symbol.div_ceil(2) as i32;
    if symbol % 2 == 1 { -half } else { half }
}

impl Coefficient {
    /// Fits a coefficient to samples, each with its symbol.
    fn new(samples: &[f32], symbols: &[usize], step: f32) -> Self {
        let n = symbols.iter().max().map_or(1, |most| most + 1);
        let (mut counts, mut sums) = (vec![0u32; n], vec![0f32; n]);
        for (&x, &symbol) in samples.iter().zip(symbols) {
            counts[symbol] += 1;
            sums[symbol] += x;
        }
        let model = Model::new(&counts);
        let costs = (0..n).map(|symbol| model.cost(symbol)).collect();
        // A level with few samples is shrunk towards the middle of its cell.
        let level = |symbol: usize| {
            let middle = index(symbol) as f32 * step;
            (sums[symbol] + middle) / (counts[symbol] as f32 + 1.0)
        };
        let levels = (0..n).map(level).collect();
        Self { model, costs, levels }
    }

    fn fit(samples: &[f32], step: f32) -> Self {
        let round = |&x: &f32| symbol((x / step).round() as i32);
        let mut coefficient = Self::new(samples, &samples.iter().map(round).collect::<Vec<_>>(), step);
        for _ in 0..ROUNDS {
            let symbols: Vec<usize> = samples.iter().map(|&x| coefficient.choose(x, step, LAMBDA)).collect();
            coefficient = Self::new(samples, &symbols, step);
        }
        coefficient
    }

    /// The symbol of least squared error plus `lambda` squared steps per bit, among the index nearest to `x`, the next
    /// one towards zero, and zero.
    fn choose(&self, x: f32, step: f32, lambda: f32) -> usize {
        let most = (self.levels.len() / 2) as i32;
        let nearest = ((x / step).round() as i32).clamp(-most, most);
        let candidates = [nearest, nearest - nearest.signum(), 0].map(symbol);
        let there = candidates.into_iter().filter(|&symbol| symbol < self.levels.len());
        let loss = |symbol: usize| {
            let error = (x - self.levels[symbol]) / step;
            error * error + lambda * self.costs[symbol]
        };
        there.min_by(|&a, &b| loss(a).total_cmp(&loss(b))).expect("zero is always there")
    }
}

impl Quantiser {
    fn fit(samples: &[Vec<f32>], index: usize) -> Self {
        let step = COARSEST * (-(index as f32) / TO_HALF).exp2();
        let coefficients = samples.par_iter().map(|samples| Coefficient::fit(samples, step)).collect();
        Self { step, coefficients }
    }

    /// The symbols of pictures' coefficients.
    fn choose(&self, coefficients: &[f32], dearer: f32) -> Vec<usize> {
        let agreed = self.coefficients.iter().cycle();
        coefficients.iter().zip(agreed).map(|(&x, agreed)| agreed.choose(x, self.step, LAMBDA * dearer)).collect()
    }

    /// Squared error after quantisation to these symbols.
    fn error(&self, coefficients: &[f32], symbols: &[usize]) -> f32 {
        let agreed = self.coefficients.iter().cycle();
        let error = |((x, &symbol), agreed): ((&f32, &usize), &Coefficient)| (x - agreed.levels[symbol]).powi(2);
        coefficients.iter().zip(symbols).zip(agreed).map(error).sum()
    }
}

impl EntropyCoded {
    /// Fits quantisers and models to the coefficients of training pictures in this basis.
    pub fn fit(basis: Arc<dyn Analysis>, coefficients: &[f32]) -> Self {
        let of = |i: usize| coefficients.iter().skip(i).step_by(basis.len()).copied().collect();
        let samples: Vec<Vec<f32>> = (0..basis.len()).into_par_iter().map(of).collect();
        let quantisers = (0..1 << STEP_BITS).map(|index| Quantiser::fit(&samples, index)).collect();
        Self { basis, quantisers }
    }

    /// The bits of pictures' coefficients with one of the quantisers, and the resulting squared error.
    fn write(&self, coefficients: &[f32], index: usize, dearer: f32) -> (Vec<u8>, f32) {
        let quantiser = &self.quantisers[index];
        let symbols = quantiser.choose(coefficients, dearer);
        let mut writer = BitWriter::default();
        writer.write(index as u32, STEP_BITS);
        let mut encoder = Encoder::new(writer);
        for (&symbol, agreed) in symbols.iter().zip(quantiser.coefficients.iter().cycle()) {
            encoder.encode(symbol, &agreed.model);
        }
        (encoder.finish(), quantiser.error(coefficients, &symbols))
    }

    /// The bits with the smallest increase of a bit's cost at which a quantiser fits the budget, and their squared
    /// error.
    fn squeeze(&self, coefficients: &[f32], index: usize, budget: usize) -> Option<(Vec<u8>, f32)> {
        let (mut low, mut high) = (0f32, DEAREST);
        let mut best = None;
        for _ in 0..7 {
            let middle = f32::midpoint(low, high);
            let written = self.write(coefficients, index, middle.exp2());
            if written.0.len() <= budget {
                high = middle;
                best = Some(written);
            } else {
                low = middle;
            }
        }
        best
    }
}

impl SourceCodec for EntropyCoded {
    fn name(&self) -> String {
        format!("{} entropy-coded", self.basis.name())
    }

    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8> {
        let coefficients = self.basis.analyse(pictures);
        let fits = |index: usize| self.write(&coefficients, index, 1.0).0.len() <= budget;
        let (mut fitting, mut beyond) = (0, self.quantisers.len());
        while beyond - fitting > 1 {
            let middle = usize::midpoint(fitting, beyond);
            if fits(middle) { fitting = middle } else { beyond = middle }
        }
        let plain = Some(self.write(&coefficients, fitting, 1.0)).filter(|(bits, _)| bits.len() <= budget);
        let finer =
            (fitting..self.quantisers.len().min(fitting + 3)).filter_map(|i| self.squeeze(&coefficients, i, budget));
        let best = plain.into_iter().chain(finer).min_by(|a, b| a.1.total_cmp(&b.1));
        // An empty stream decodes as zeros, the coarsest quantiser's mean picture.
        best.map_or_else(Vec::new, |(bits, _)| bits)
    }

    fn decode(&self, bits: &[u8], pictures: usize) -> Vec<Decoded> {
        let mut reader = BitReader::new(bits);
        let quantiser = &self.quantisers[reader.read(STEP_BITS) as usize];
        let mut decoder = Decoder::new(reader);
        let level = |agreed: &Coefficient| agreed.levels[decoder.decode(&agreed.model)];
        let of_all = std::iter::repeat_n(&quantiser.coefficients, pictures).flatten();
        let coefficients: Vec<f32> = of_all.map(level).collect();
        self.basis.synthesise(&coefficients).chunks_exact(N_PIXELS).map(|picture| Some(picture.to_vec())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivals::tests::{fitted, mse_at};

    #[test]
    fn symbols_stand_for_indices() {
        assert_eq!([0, -1, 1, -2, 2].map(symbol), [0, 1, 2, 3, 4]);
        (0..20).for_each(|s| assert_eq!(symbol(index(s)), s));
    }

    #[test]
    fn no_budget_is_exceeded_and_more_bits_are_better() {
        let (codec, test) = fitted(|basis, coefficients| EntropyCoded::fit(basis, &coefficients));
        let errors: Vec<f64> = [0, 37, 184, 600, 2104].map(|budget| mse_at(&codec, &test, budget, false)).into();
        assert!(errors.windows(2).all(|pair| pair[1] < pair[0]), "{errors:?}");
    }

    #[test]
    fn what_arrives_is_what_was_chosen() {
        let (codec, test) = fitted(|basis, coefficients| EntropyCoded::fit(basis, &coefficients));
        let pictures = &test[..10 * N_PIXELS];
        let coefficients = codec.basis.analyse(pictures);
        let (bits, _) = codec.write(&coefficients, 20, 1.0);
        let symbols = codec.quantisers[20].choose(&coefficients, 1.0);
        let n = codec.basis.len();
        for (picture, symbols) in codec.decode(&bits, 10).into_iter().zip(symbols.chunks_exact(n)) {
            let level = |(agreed, &symbol): (&Coefficient, &usize)| agreed.levels[symbol];
            let sent: Vec<f32> = codec.quantisers[20].coefficients.iter().zip(symbols).map(level).collect();
            assert_eq!(picture, Some(codec.basis.synthesise(&sent)));
        }
    }
}
