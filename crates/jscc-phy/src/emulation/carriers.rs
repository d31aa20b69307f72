//! Sets of subcarriers that can be given any points: those whose coded bits, as linear forms of the data bits of their
//! OFDM symbol, are independent over GF(2).
//!
//! D2AJSCC's bound (8), subcarriers · n_bpsc ≤ n_dbps, is necessary but not sufficient: a contiguous block of that
//! size is always rank-deficient, and almost every random set is. The sets below reach the bound at every rate; their
//! rank is proved by the tests.

use super::layout::coded_bits;
use crate::gf2::{Matrix, Span};
use crate::wifi::convolve::GENERATORS;
use crate::wifi::mcs::Mcs;
use std::ops::Range;

/// The coded bits of one OFDM symbol, in transmission order, as linear forms of its data bits within `free`. The other
/// data bits and the encoder's state add a known offset.
pub fn generator_matrix(mcs: Mcs, free: Range<usize>) -> Matrix {
    let coded = coded_bits(mcs);
    Matrix::from_fn(coded.len(), free.len(), |r, c| {
        let delay = coded[r].step.wrapping_sub(free.start + c);
        delay <= 6 && GENERATORS[coded[r].generator] >> (6 - delay) & 1 == 1
    })
}

/// Indices of the coded bits of a data subcarrier, in transmission order.
pub fn rows(mcs: Mcs, tone: usize) -> Vec<usize> {
    (tone * mcs.n_bpsc()..(tone + 1) * mcs.n_bpsc()).collect()
}

/// Data subcarriers (counted from the lowest, ascending) among `candidates` that can jointly be given any points, in a
/// symbol with these free data bits. A whole free symbol reaches bound (8); others are chosen greedily.
pub fn independent_tones(mcs: Mcs, free: &Range<usize>, candidates: &[usize]) -> Vec<usize> {
    let matrix = generator_matrix(mcs, free.clone());
    let preferred = full_set(mcs);
    let (first, last): (Vec<usize>, Vec<usize>) = candidates.iter().partition(|&tone| preferred.contains(tone));
    let mut span = Span::default();
    let mut tones: Vec<_> =
        first.into_iter().chain(last).filter(|&tone| span.insert_all(&matrix, &rows(mcs, tone))).collect();
    tones.sort_unstable();
    tones
}

/// A set of data subcarriers (counted from the lowest) at bound (8), found by greedy search over random orders.
pub fn full_set(mcs: Mcs) -> Vec<usize> {
    let tones = mcs.data_tones();
    (0..tones.len()).filter(|&n| FULL_SETS[mcs.place()].contains(&tones[n])).collect()
}

/// The maximal runs of neighbouring data subcarriers (counted from the lowest) of a wholly free symbol that can jointly
/// be given any points. All are shorter than bound (8).
pub fn contiguous_sets(mcs: Mcs) -> Vec<Range<usize>> {
    let (matrix, n_data) = (generator_matrix(mcs, 0..mcs.n_dbps()), mcs.n_data());
    let longest_from = |first: usize| {
        let mut span = Span::default();
        let more = (first..n_data).take_while(|&tone| span.insert_all(&matrix, &rows(mcs, tone))).count();
        first..first + more
    };
    let mut sets: Vec<Range<usize>> = Vec::new();
    for set in (0..n_data).map(longest_from) {
        if sets.last().is_none_or(|before| before.end < set.end) {
            sets.push(set);
        }
    }
    sets
}

/// One set per scheme, in the order of [`Mcs::ALL`].
#[rustfmt::skip]
const FULL_SETS: [&[i32]; 16] = [
    &[
        -26, -25, -24, -22, -20, -19, -18, -17, -15, -14, -13, -12,
        -11, -9, -8, -4, -1, 1, 3, 5, 6, 10, 16, 23,
    ],
    &[
        -26, -25, -24, -22, -20, -19, -18, -17, -16, -15, -14, -13, -12, -11, -9, -8, -6, -5,
        -4, -3, -2, -1, 1, 2, 3, 5, 6, 8, 9, 10, 13, 14, 15, 16, 23, 26,
    ],
    &[
        -25, -24, -23, -22, -20, -18, -16, -15, -14, -13, -12, -8,
        -6, -2, -1, 3, 5, 9, 11, 13, 17, 19, 23, 25,
    ],
    &[
        -26, -25, -24, -22, -20, -19, -18, -17, -15, -14, -13, -12, -11, -10, -8, -6, -5, -4,
        -1, 1, 3, 4, 5, 6, 8, 11, 12, 13, 15, 16, 17, 18, 19, 22, 23, 26,
    ],
    &[
        -26, -25, -22, -20, -19, -18, -17, -15, -14, -12, -11, -10,
        -6, -1, 1, 2, 5, 10, 11, 13, 15, 23, 24, 26,
    ],
    &[
        -26, -25, -24, -22, -20, -19, -18, -17, -15, -14, -13, -12, -11, -10, -9, -6, -5, -4,
        -2, -1, 1, 2, 3, 8, 9, 10, 12, 14, 16, 17, 19, 20, 23, 24, 25, 26,
    ],
    &[
        -25, -23, -22, -18, -16, -15, -14, -13, -10, -9, -8, -4, -3, -2, -1, 1,
        2, 3, 4, 5, 6, 10, 11, 12, 13, 15, 16, 17, 18, 23, 24, 26,
    ],
    &[
        -26, -25, -24, -22, -20, -19, -18, -17, -16, -15, -14, -12, -11, -10, -9, -6, -5, -4,
        -3, -1, 4, 6, 9, 10, 11, 12, 13, 14, 17, 18, 19, 20, 22, 23, 25, 26,
    ],
    &[
        -28, -27, -26, -25, -23, -22, -20, -19, -18, -17, -16, -14, -13, -12, -11, -9, -8, -5,
        -4, -3, -2, 1, 6, 10, 15, 24,
    ],
    &[
        -25, -23, -22, -20, -19, -18, -17, -16, -15, -14, -13, -12, -10, -9, -6, -5, -4, -3,
        -1, 5, 8, 11, 14, 15, 22, 28,
    ],
    &[
        -27, -26, -25, -24, -22, -20, -19, -18, -17, -16, -15, -14, -13, -12, -10, -9, -8, -5,
        -4, -3, -2, -1, 4, 5, 6, 9, 10, 11, 12, 13, 17, 18, 19, 20, 23, 24, 25, 27, 28,
    ],
    &[
        -28, -27, -26, -25, -23, -22, -18, -17, -16, -12, -11, -9, -6, -5, -3, -2, -1, 1, 2, 6,
        10, 12, 13, 15, 16, 28,
    ],
    &[
        -27, -26, -25, -24, -23, -22, -20, -19, -18, -16, -15, -14, -13, -12, -11, -10, -9, -8,
        -5, -3, -2, -1, 1, 3, 10, 11, 13, 14, 15, 16, 17, 19, 20, 22, 23, 24, 25, 27, 28,
    ],
    &[
        -27, -26, -25, -24, -23, -22, -20, -19, -18, -17, -16, -15, -14, -13, -12, -10, -9, -8,
        -3, -2, -1, 1, 2, 3, 8, 10, 11, 17, 18, 19, 20, 22, 25, 26,
    ],
    &[
        -26, -24, -23, -22, -20, -19, -18, -17, -16, -15, -14, -11, -10, -9, -8, -4, -3, -1, 2,
        3, 4, 6, 8, 9, 10, 11, 13, 14, 16, 18, 19, 20, 22, 23, 24, 25, 26, 27, 28,
    ],
    &[
        -28, -27, -26, -25, -23, -22, -20, -19, -18, -17, -16, -15, -14, -13, -12, -11, -10,
        -9, -8, -5, -3, -2, -1, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 19, 20, 22, 23, 24,
        25, 27,
    ],
];
