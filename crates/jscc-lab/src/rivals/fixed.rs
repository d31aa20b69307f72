//! A transform codec of fixed rate: each coefficient has a number of bits agreed in advance, and a Lloyd-Max quantiser.
//! The size of a picture is known before encoding, so that a frame's bits are used up to the last one.
//!
//! Sources: S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982; Y. Shoham, A. Gersho,
//! "Efficient bit allocation for an arbitrary set of quantizers", IEEE Trans. ASSP 36(9), 1988 (the allocation: reverse
//! water-filling for quantisers that are not ideal).

use super::basis::Basis;
use super::{Analysis, Decoded, N_PIXELS, SourceCodec, share};
use jscc_photo::coding::bitstream::{BitReader, BitWriter};
use rayon::prelude::*;
use std::sync::Arc;

/// Most bits per coefficient.
const MOST: usize = 8;
/// Rounds of Lloyd's iteration.
const ROUNDS: usize = 60;

/// The codec.
#[derive(Debug)]
pub struct FixedRate {
    basis: Arc<Basis>,
    /// Levels of each coefficient's quantisers of 0, 1, … bits, ascending.
    quantisers: Vec<Vec<Vec<f32>>>,
    /// Coefficients in the order in which they receive bits.
    order: Vec<usize>,
}

impl FixedRate {
    /// Fits quantisers to the coefficients of training pictures in this basis.
    pub fn fit(basis: Arc<Basis>, coefficients: &[f32]) -> Self {
        let n = basis.len();
        let fit = |i: usize| {
            let mut samples: Vec<f32> = coefficients.iter().skip(i).step_by(n).copied().collect();
            samples.sort_by(f32::total_cmp);
            let sums = Sums::of(&samples);
            (0..=MOST).map(|bits| lloyd_max(&samples, &sums, 1 << bits)).unzip()
        };
        let (quantisers, errors): (Vec<_>, Vec<Vec<f64>>) = (0..n).into_par_iter().map(fit).unzip();
        let order = allocate(&errors);
        Self { basis, quantisers, order }
    }

    /// Bits of each coefficient in a picture of `bits` bits.
    fn allocation(&self, bits: usize) -> Vec<usize> {
        let mut allocation = vec![0; self.quantisers.len()];
        self.order.iter().take(bits).for_each(|&i| allocation[i] += 1);
        allocation
    }
}

impl SourceCodec for FixedRate {
    fn name(&self) -> String {
        format!("{} lloyd-max", self.basis.name())
    }

    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8> {
        let n = pictures.len() / N_PIXELS;
        let mut writer = BitWriter::default();
        for (j, coefficients) in self.basis.analyse(pictures).chunks_exact(self.basis.len()).enumerate() {
            for (i, bits) in self.allocation(share(budget, n, j).len()).into_iter().enumerate() {
                writer.write(nearest(&self.quantisers[i][bits], coefficients[i]) as u32, bits);
            }
        }
        writer.finish()
    }

    fn decode(&self, bits: &[u8], pictures: usize) -> Vec<Decoded> {
        let of = |j: usize| {
            let share = share(bits.len(), pictures, j);
            let mut reader = BitReader::new(&bits[share.clone()]);
            let allocation = self.allocation(share.len());
            let level = |(i, bits): (usize, usize)| self.quantisers[i][bits][reader.read(bits) as usize];
            let coefficients: Vec<f32> = allocation.into_iter().enumerate().map(level).collect();
            Some(self.basis.picture(&coefficients))
        };
        (0..pictures).map(of).collect()
    }
}

/// Index of the nearest level.
fn nearest(levels: &[f32], x: f32) -> usize {
    let above = levels.partition_point(|&level| level < x);
    match above.checked_sub(1) {
        Some(below) if above == levels.len() || x - levels[below] <= levels[above] - x => below,
        _ => above,
    }
}

/// Cumulative sums of the samples and of their squares.
struct Sums {
    of: Vec<f64>,
    of_squares: Vec<f64>,
}

impl Sums {
    fn of(samples: &[f32]) -> Self {
        let running = |power: i32| {
            let sum = |sum: &mut f64, &x: &f32| {
                *sum += f64::from(x).powi(power);
                Some(*sum)
            };
            std::iter::once(0.0).chain(samples.iter().scan(0.0, sum)).collect()
        };
        Self { of: running(1), of_squares: running(2) }
    }
}

/// The levels after Lloyd's iteration, and the resulting mean squared error.
fn lloyd_max(samples: &[f32], sums: &Sums, n_levels: usize) -> (Vec<f32>, f64) {
    let quantile = |i: usize| samples[(2 * i + 1) * samples.len() / (2 * n_levels)];
    let mut levels: Vec<f32> = (0..n_levels).map(quantile).collect();
    let cells = |levels: &[f32]| -> Vec<usize> {
        let border = |pair: &[f32]| samples.partition_point(|&x| x <= f32::midpoint(pair[0], pair[1]));
        let inner = levels.windows(2).map(border);
        std::iter::once(0).chain(inner).chain([samples.len()]).collect()
    };
    for _ in 0..ROUNDS {
        let cells = cells(&levels);
        for (level, cell) in levels.iter_mut().zip(cells.windows(2)) {
            // A cell without samples keeps its level.
            if cell[1] > cell[0] {
                *level = ((sums.of[cell[1]] - sums.of[cell[0]]) / (cell[1] - cell[0]) as f64) as f32;
            }
        }
    }
    let cells = cells(&levels);
    let error = |(&level, cell): (&f32, &[usize])| {
        let (level, n) = (f64::from(level), (cell[1] - cell[0]) as f64);
        let (sum, squares) = (sums.of[cell[1]] - sums.of[cell[0]], sums.of_squares[cell[1]] - sums.of_squares[cell[0]]);
        squares - 2.0 * level * sum + n * level * level
    };
    let error = levels.iter().zip(cells.windows(2)).map(error).sum::<f64>() / samples.len() as f64;
    (levels, error)
}

/// The order in which coefficients receive bits, given the error of each at 0, 1, … bits: always the one whose error
/// falls most per bit.
fn allocate(errors: &[Vec<f64>]) -> Vec<usize> {
    let mut bits = vec![0; errors.len()];
    let mut order = Vec::new();
    // A first bit may gain less than the second: the steepest descent over any number of bits counts.
    let steepest = |i: usize, have: usize| {
        let slope = |more: usize| ((errors[i][have] - errors[i][have + more]) / more as f64, more);
        (1..=MOST - have).map(slope).max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let mut best: Vec<_> = (0..errors.len()).map(|i| steepest(i, 0)).collect();
    let gain = |step: &Option<(f64, usize)>| step.map_or(f64::NEG_INFINITY, |step| step.0);
    while let Some(i) = (0..best.len()).max_by(|&a, &b| gain(&best[a]).total_cmp(&gain(&best[b]))) {
        let Some((_, more)) = best[i] else { break };
        order.extend(std::iter::repeat_n(i, more));
        bits[i] += more;
        best[i] = steepest(i, bits[i]);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivals::tests::{fitted, mse_at};
    use jscc_phy::Complex32;
    use jscc_phy::channel::Channel;
    use jscc_phy::random::stream;

    #[test]
    fn two_levels_of_a_normal_variable_are_the_books() {
        let mut z = vec![Complex32::ZERO; 100_000];
        Channel::Awgn.draw(z.len(), 2.0, &mut stream(1, "test", 0)).apply(&mut z);
        let mut samples: Vec<f32> = z.iter().flat_map(|z| [z.re, z.im]).collect();
        samples.sort_by(f32::total_cmp);
        let (levels, error) = lloyd_max(&samples, &Sums::of(&samples), 2);
        // Max, "Quantizing for minimum distortion", 1960: ±0.7980, 0.3634; four levels 0.1175.
        assert!((levels[1] - 0.798).abs() < 0.01 && (levels[0] + 0.798).abs() < 0.01, "{levels:?}");
        assert!((error - 0.3634).abs() < 0.005, "{error}");
        let (_, error) = lloyd_max(&samples, &Sums::of(&samples), 4);
        assert!((error - 0.1175).abs() < 0.003, "{error}");
    }

    #[test]
    fn bits_go_where_they_are_worth_most() {
        let falling = |variance: f64| -> Vec<f64> { (0..=MOST).map(|b| variance / f64::from(1 << (2 * b))).collect() };
        let order = allocate(&[falling(16.0), falling(1.0)]);
        assert_eq!(order[..4], [0, 0, 1, 0]);
        assert_eq!(order.len(), 2 * MOST);
        // No gain from one bit, all from two: both are given at once.
        let sudden = [vec![4.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], falling(1.0)];
        assert_eq!(allocate(&sudden)[..3], [0, 0, 1]);
    }

    #[test]
    fn every_bit_is_used_and_more_bits_are_better() {
        let (codec, test) = fitted(|basis, coefficients| FixedRate::fit(basis, &coefficients));
        let errors: Vec<f64> = [0, 37, 184, 600, 2104].map(|budget| mse_at(&codec, &test, budget, true)).into();
        assert!(errors.windows(2).all(|pair| pair[1] < pair[0]), "{errors:?}");
    }
}
