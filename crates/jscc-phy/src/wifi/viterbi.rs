//! Soft-decision Viterbi decoder, the inverse of [`super::convolve`].
//!
//! Soft bits are log-likelihood ratios ln P(0)/P(1): positive says 0, zero is an erasure. Their common scale does not
//! matter, so the same search finds the codeword nearest to a received signal and the one nearest to a target.

use super::convolve::EncoderState;

/// Where the trellis ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// In whatever state is best.
    Open,
    /// In the zero state, as after six tail bits.
    Zero,
}

const N_STATES: usize = 64;
const HALF: usize = N_STATES / 2;
/// Steps between subtractions of the best metric, which keep single precision fine-grained on long frames.
const RENORMALISE: usize = 64;

/// Signs (+1 for coded bit 0) of A and B on the branch from state 2j with input 0. Both generators tap d0 and d6, so
/// the three other branches of the butterfly j have the same or both opposite signs.
const SIGNS: [[f32; HALF]; 2] = {
    let mut signs = [[1.0; HALF]; 2];
    let mut j = 0;
    while j < HALF {
        let output = EncoderState(2 * j as u8).output(0);
        signs[0][j] = 1.0 - 2.0 * output[0] as f32;
        signs[1][j] = 1.0 - 2.0 * output[1] as f32;
        j += 1;
    }
    signs
};

/// The bits of the most likely path: one per pair of soft bits (A, B), from a known state.
///
/// # Panics
/// If the number of soft bits is odd.
pub fn decode(llr: &[f32], start: EncoderState, end: End) -> Vec<u8> {
    assert_eq!(llr.len() % 2, 0, "soft bits come in pairs, got {}", llr.len());
    let mut metric = [f32::NEG_INFINITY; N_STATES];
    metric[start.0 as usize] = 0.0;
    let mut decisions = vec![[0u8; N_STATES]; llr.len() / 2];
    for (step, (pair, decision)) in llr.chunks_exact(2).zip(&mut decisions).enumerate() {
        metric = butterflies(&metric, pair[0], pair[1], decision);
        if step % RENORMALISE == 0 {
            let best = metric.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for m in &mut metric {
                *m -= best;
            }
        }
    }
    let last = match end {
        End::Zero => 0,
        End::Open => (0..N_STATES).max_by(|&a, &b| metric[a].total_cmp(&metric[b])).unwrap_or(0),
    };
    trace_back(&decisions, last)
}

/// One trellis step: state j and j + 32 are reached from 2j and 2j + 1 with inputs 0 and 1. A decision of 1 says
/// "from 2j + 1".
#[inline]
fn butterflies(old: &[f32; N_STATES], a: f32, b: f32, decision: &mut [u8; N_STATES]) -> [f32; N_STATES] {
    let mut new = [0.0; N_STATES];
    let (new_0, new_1) = new.split_at_mut(HALF);
    let (decision_0, decision_1) = decision.split_at_mut(HALF);
    for j in 0..HALF {
        let branch = SIGNS[0][j] * a + SIGNS[1][j] * b;
        let (even, odd) = (old[2 * j], old[2 * j + 1]);
        let (stay, cross) = (even + branch, odd - branch);
        new_0[j] = if cross > stay { cross } else { stay };
        decision_0[j] = u8::from(cross > stay);
        let (stay, cross) = (even - branch, odd + branch);
        new_1[j] = if cross > stay { cross } else { stay };
        decision_1[j] = u8::from(cross > stay);
    }
    new
}

fn trace_back(decisions: &[[u8; N_STATES]], last: usize) -> Vec<u8> {
    let mut bits = vec![0; decisions.len()];
    let mut state = last;
    for (bit, decision) in bits.iter_mut().zip(decisions).rev() {
        *bit = (state >> 5) as u8;
        state = (state & (HALF - 1)) << 1 | decision[state] as usize;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::super::convolve::encode;
    use super::*;
    use proptest::prelude::*;

    fn soft(coded: &[u8]) -> Vec<f32> {
        coded.iter().map(|&c| 1.0 - 2.0 * f32::from(c)).collect()
    }

    proptest! {
        #[test]
        fn undoes_the_encoder(bits in prop::collection::vec(0u8..2, 0..400), start in 0u8..64) {
            let start = EncoderState(start);
            let decoded = decode(&soft(&encode(&bits, start)), start, End::Open);
            prop_assert_eq!(decoded, bits);
        }

        /// Free distance 10: any four wrong coded bits, far enough from the open end, are corrected.
        #[test]
        fn corrects_four_errors(mut bits in prop::collection::vec(0u8..2, 60..200), wrong in prop::collection::vec(0usize..100, 4)) {
            let n = bits.len();
            bits[n - 6..].fill(0);
            let mut llr = soft(&encode(&bits, EncoderState::default()));
            for at in wrong {
                llr[at] = -llr[at];
            }
            prop_assert_eq!(decode(&llr, EncoderState::default(), End::Zero), bits);
        }

        /// The search is exact: no other path of a short trellis has a better correlation.
        #[test]
        fn finds_the_best_path(llr in prop::collection::vec(-3.0f32..3.0, 20)) {
            let correlate = |bits: &[u8]| -> f32 {
                soft(&encode(bits, EncoderState::default())).iter().zip(&llr).map(|(c, l)| c * l).sum()
            };
            let best = (0..1u32 << 10)
                .map(|word| correlate(&(0..10).map(|i| (word >> i & 1) as u8).collect::<Vec<_>>()))
                .fold(f32::NEG_INFINITY, f32::max);
            let found = correlate(&decode(&llr, EncoderState::default(), End::Open));
            prop_assert!((found - best).abs() < 1e-4, "found {found}, best {best}");
        }
    }
}
