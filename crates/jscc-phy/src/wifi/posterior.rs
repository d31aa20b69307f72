//! Posterior probabilities of a frame's coded bits: the forward-backward algorithm on the trellis of
//! [`super::convolve`] (Bahl, Cocke, Jelinek and Raviv, 1974). [`super::viterbi`] makes hard decisions instead.
//!
//! In probabilities, not logarithms, normalised per step so that single precision suffices. The register's halves j and
//! 32 + j are reached from 2j and 2j + 1; both generators tap its first and last bit, so that of the four branches two
//! have the coded bits o(j) and two the opposite ones, 3 − o(j).

use super::convolve::{EncoderState, N_MEMORY};
use multiversion::multiversion;

const N_STATES: usize = 1 << N_MEMORY;
const HALF: usize = N_STATES / 2;

/// A probability of each state.
type PerState = [f32; N_STATES];
/// Probabilities of the coded bits (A, B) = 00, 01, 10, 11 of a step.
type Coded = [f32; 4];

/// The coded bits 2A + B of the branch from state 2j to state j.
const OUTPUT: [usize; HALF] = {
    let mut output = [0; HALF];
    let mut j = 0;
    while j < HALF {
        let [a, b] = EncoderState(2 * j as u8).output(0);
        output[j] = (2 * a + b) as usize;
        j += 1;
    }
    output
};

/// The log-likelihood ratios ln P(0)/P(1) of the mother code's bits (A, B, A, B, …) given all of them and the code,
/// from the ratios of each bit alone; bits that were not sent have 0. The encoder starts in a known state and ends in
/// any.
///
/// Ratios are clamped to ±20; NaN counts as 0.
///
/// # Panics
/// If the number of bits is odd.
pub fn posteriors(ratios: &[f32], start: EncoderState) -> Vec<f32> {
    assert_eq!(ratios.len() % 2, 0, "coded bits come in pairs, got {}", ratios.len());
    let (pairs, _) = ratios.as_chunks();
    let coded: Vec<Coded> = pairs.iter().copied().map(coded).collect();
    let mut known = [0.0; N_STATES];
    known[start.0 as usize] = 1.0;
    let mut before = vec![known; coded.len()];
    forwards(&coded, &mut before);
    let mut posteriors = vec![0.0; ratios.len()];
    backwards(&coded, &before, posteriors.as_chunks_mut().0);
    posteriors
}

fn coded(ratios: [f32; 2]) -> Coded {
    let [[a0, a1], [b0, b1]] = ratios.map(|ratio| {
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(-SURE, SURE) };
        let one = 1.0 / (1.0 + ratio.exp());
        // Not 1 − one, which would round a small probability to zero.
        [1.0 / (1.0 + (-ratio).exp()), one]
    });
    [a0 * b0, a0 * b1, a1 * b0, a1 * b1]
}

/// Largest ratio: products of two such probabilities are still far above single precision's smallest number.
const SURE: f32 = 20.0;

/// The probability of each state before each step, given what was received before; the first is known.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn forwards(coded: &[Coded], before: &mut [PerState]) {
    for t in 1..before.len() {
        let (now, step) = (before[t - 1], &coded[t - 1]);
        let next = &mut before[t];
        for j in 0..HALF {
            let (same, opposite) = (step[OUTPUT[j]], step[3 - OUTPUT[j]]);
            let (even, odd) = (now[2 * j], now[2 * j + 1]);
            next[j] = even * same + odd * opposite;
            next[HALF + j] = even * opposite + odd * same;
        }
        normalise(next);
    }
}

/// The ratios, from the probability of what was received after each step, per state.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn backwards(coded: &[Coded], before: &[PerState], posteriors: &mut [[f32; 2]]) {
    let mut after = [1.0 / N_STATES as f32; N_STATES];
    for ((step, before), posterior) in coded.iter().zip(before).zip(posteriors).rev() {
        let mut next = [0.0; N_STATES];
        let mut sums = Coded::default();
        for j in 0..HALF {
            let (same, opposite) = (step[OUTPUT[j]], step[3 - OUTPUT[j]]);
            let (low, high) = (after[j], after[HALF + j]);
            let (even, odd) = (before[2 * j], before[2 * j + 1]);
            next[2 * j] = low * same + high * opposite;
            next[2 * j + 1] = low * opposite + high * same;
            sums[OUTPUT[j]] += even * low + odd * high;
            sums[3 - OUTPUT[j]] += odd * low + even * high;
        }
        *posterior = ratios(step, &sums);
        normalise(&mut next);
        after = next;
    }
}

/// Ratios of A and B, from the probability of each pair of coded bits by itself and by the code.
fn ratios(step: &Coded, sums: &Coded) -> [f32; 2] {
    let [c00, c01, c10, c11]: Coded = std::array::from_fn(|o| step[o] * sums[o] + f32::MIN_POSITIVE);
    [((c00 + c01) / (c10 + c11)).ln(), ((c00 + c10) / (c01 + c11)).ln()]
}

#[inline]
fn normalise(probabilities: &mut PerState) {
    let (eights, _) = probabilities.as_chunks::<8>();
    let sums = eights.iter().fold([0.0; 8], |sums: [f32; 8], eight| std::array::from_fn(|i| sums[i] + eight[i]));
    let scale = 1.0 / sums.iter().sum::<f32>();
    for probability in probabilities {
        *probability *= scale;
    }
}

#[cfg(test)]
mod tests {
    use super::super::convolve::encode;
    use super::*;
    use proptest::prelude::*;

    /// Sums over all codewords, in double precision.
    fn brute_force(ratios: &[f32], start: EncoderState) -> Vec<f32> {
        let n_bits = ratios.len() / 2;
        let mut sums = vec![[0.0f64; 2]; ratios.len()];
        for word in 0..1u32 << n_bits {
            let bits: Vec<u8> = (0..n_bits).map(|i| (word >> i & 1) as u8).collect();
            let coded = encode(&bits, start);
            let exponent: f64 =
                coded.iter().zip(ratios).map(|(&c, &ratio)| (0.5 - f64::from(c)) * f64::from(ratio)).sum();
            coded.iter().zip(&mut sums).for_each(|(&c, sums)| sums[c as usize] += exponent.exp());
        }
        sums.iter().map(|[zero, one]| (zero / one).ln() as f32).collect()
    }

    proptest! {
        #[test]
        fn it_is_the_sum_over_all_codewords(ratios in prop::collection::vec(-8.0f32..8.0, 20), state in 0u8..64) {
            let start = EncoderState(state);
            for (got, want) in posteriors(&ratios, start).iter().zip(brute_force(&ratios, start)) {
                prop_assert!((got - want).abs() < 1e-3, "{} is not {}", got, want);
            }
        }
    }

    #[test]
    fn without_noise_every_bit_is_sure() {
        let bits: Vec<u8> = (0..400).map(|i| (i * i / 5 % 2) as u8).collect();
        let coded = encode(&bits, EncoderState::default());
        let alone: Vec<f32> = coded.iter().map(|&c| 1000.0 * (1.0 - 2.0 * f32::from(c))).collect();
        let together = posteriors(&alone, EncoderState::default());
        assert!(together.iter().zip(&alone).all(|(together, alone)| together * alone.signum() > 19.0));
    }

    #[test]
    fn where_nothing_is_known_nothing_is_said() {
        for nothing in [0.0, f32::NAN] {
            let ratios = posteriors(&[nothing; 200], EncoderState::default());
            assert!(ratios.iter().skip(2).all(|ratio| ratio.abs() < 1e-4), "{ratios:?}");
        }
        assert!(posteriors(&[], EncoderState::default()).is_empty());
        // Contradictions on every step.
        assert!(posteriors(&[20.0, -20.0].repeat(300), EncoderState(21)).iter().all(|ratio| ratio.is_finite()));
    }
}
