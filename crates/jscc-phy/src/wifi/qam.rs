//! Gray-coded constellations: the mapper and its inverses, hard and soft. IEEE 802.11-2020, 17.3.5.8.

use super::mcs::Modulation;
use super::viterbi::SOFT_MAX;
use crate::Complex32;
use crate::bits::{SymbolBits, field};
use multiversion::multiversion;
use std::sync::OnceLock;

/// Amplitudes of one axis before scaling, indexed by its bits, the first sent in bit 0.
const fn axis(modulation: Modulation) -> &'static [f32] {
    match modulation {
        Modulation::Bpsk | Modulation::Qpsk => &[-1.0, 1.0],
        Modulation::Qam16 => &[-3.0, 3.0, -1.0, 1.0],
        Modulation::Qam64 => &[-7.0, 7.0, -1.0, 1.0, -5.0, 5.0, -3.0, 3.0],
    }
}

/// The bits of each amplitude of an axis, from the most negative up: the inverse of [`axis`].
const fn words(modulation: Modulation) -> &'static [usize] {
    match modulation {
        Modulation::Bpsk | Modulation::Qpsk => &[0, 1],
        Modulation::Qam16 => &[0, 2, 3, 1],
        Modulation::Qam64 => &[0, 4, 6, 2, 3, 7, 5, 1],
    }
}

/// Bits of one axis.
const fn per_axis(modulation: Modulation) -> usize {
    modulation.n_bpsc().div_ceil(2)
}

/// Scale that makes the mean power 1.
pub(crate) fn k_mod(modulation: Modulation) -> f32 {
    match modulation {
        Modulation::Bpsk => 1.0,
        Modulation::Qpsk => 0.5f32.sqrt(),
        Modulation::Qam16 => 0.1f32.sqrt(),
        Modulation::Qam64 => (1.0 / 42.0f32).sqrt(),
    }
}

/// The points of a constellation of mean power 1, indexed by their bits: the first sent in bit 0, I before Q.
pub fn constellation(modulation: Modulation) -> &'static [Complex32] {
    static TABLES: [OnceLock<Vec<Complex32>>; 4] = [const { OnceLock::new() }; 4];
    TABLES[modulation as usize].get_or_init(|| {
        let (axis, scale, n) = (axis(modulation), k_mod(modulation), per_axis(modulation));
        let point = |word: usize| match modulation {
            Modulation::Bpsk => Complex32::new(scale * axis[word], 0.0),
            _ => Complex32::new(scale * axis[word & ((1 << n) - 1)], scale * axis[word >> n]),
        };
        (0..1 << modulation.n_bpsc()).map(point).collect()
    })
}

/// Maps bits to constellation points of mean power 1, `n_bpsc` bits per point, I before Q.
///
/// # Panics
/// If the bits do not fill whole points.
pub fn map(bits: &[u8], modulation: Modulation) -> Vec<Complex32> {
    let n_bpsc = modulation.n_bpsc();
    assert_eq!(bits.len() % n_bpsc, 0, "{} bits in points of {n_bpsc}", bits.len());
    let word = |bits: &[u8]| bits.iter().rev().fold(0, |word, &bit| word << 1 | bit as usize);
    bits.chunks_exact(n_bpsc).map(|bits| constellation(modulation)[word(bits)]).collect()
}

/// As [`map`], from the packed bits of one OFDM symbol.
#[inline]
pub fn map_symbol(bits: &SymbolBits, modulation: Modulation, points: &mut [Complex32]) {
    let (table, n_bpsc) = (constellation(modulation), modulation.n_bpsc());
    for (i, point) in points.iter_mut().enumerate() {
        *point = table[field(bits, i * n_bpsc, n_bpsc)];
    }
}

/// The bits of the constellation point nearest to `x`, in the order of [`constellation`].
#[inline]
pub fn nearest(x: Complex32, modulation: Modulation) -> usize {
    let (words, n) = (words(modulation), per_axis(modulation));
    let spread = 0.5 / k_mod(modulation);
    // The float-to-integer cast saturates values below the lowest amplitude to 0.
    let of_axis = |x: f32| words[((x * spread + words.len() as f32 / 2.0) as usize).min(words.len() - 1)];
    match modulation {
        Modulation::Bpsk => of_axis(x.re),
        _ => of_axis(x.re) | of_axis(x.im) << n,
    }
}

/// Hard decisions: the bits of the constellation point nearest to each `x`; the inverse of [`map`].
pub fn slice(x: &[Complex32], modulation: Modulation) -> Vec<u8> {
    let bits = |word: usize| (0..modulation.n_bpsc()).map(move |i| (word >> i & 1) as u8);
    x.iter().flat_map(|&x| bits(nearest(x, modulation))).collect()
}

/// As [`slice()`], packed: the inverse of [`map_symbol`].
pub fn slice_symbol(x: &[Complex32], modulation: Modulation) -> SymbolBits {
    let n_bpsc = modulation.n_bpsc();
    let mut bits = SymbolBits::default();
    for (i, &x) in x.iter().enumerate() {
        let (word, shift) = (i * n_bpsc / 64, i * n_bpsc % 64);
        let value = nearest(x, modulation) as u64;
        bits[word] |= value << shift;
        if shift + n_bpsc > 64 {
            bits[word + 1] |= value >> (64 - shift);
        }
    }
    bits
}

/// Mean weight of a constellation's points below which [`soft_bits`] would round differences away. Only the ratios of
/// soft bits matter to a decoder, so weights can be scaled up to it. Measured: least error of the codeword nearest to
/// Gaussian targets.
pub(crate) const fn least_weight(modulation: Modulation) -> f32 {
    match modulation {
        Modulation::Bpsk => 2.0,
        Modulation::Qpsk => 3.0,
        Modulation::Qam16 => 9.0,
        Modulation::Qam64 => 40.0,
    }
}

/// Position of bit `b` of the point on subcarrier `tone`, of `n_tones`, among the [`soft_bits`].
pub(crate) fn soft_place(b: usize, tone: usize, n_tones: usize, modulation: Modulation) -> usize {
    match modulation {
        Modulation::Bpsk => 2 * tone,
        _ => b % per_axis(modulation) * 2 * n_tones + 2 * tone + b / per_axis(modulation),
    }
}

/// Soft bits of the points of one OFDM symbol for the decoder: max-log likelihood ratios, the difference of the squared
/// distances to the nearest amplitude with a 1 and with a 0, times the point's weight (|h|²/N0), rounded and clamped.
/// Positive means 0.
///
/// # Shapes
/// - `axes`: I and Q of each point, interleaved
/// - `weights`: one per element of `axes`
/// - `soft`: for each bit of an axis in turn, one per element of `axes` (see `soft_place`); BPSK uses only those of I
///
/// # Panics
/// If a shape is wrong.
pub fn soft_bits(axes: &[f32], weights: &[f32], modulation: Modulation, soft: &mut [i8]) {
    let n = axes.len();
    assert_eq!(weights.len(), n, "weights of the axes");
    assert_eq!(soft.len(), per_axis(modulation) * n, "soft bits of the axes");
    match modulation {
        Modulation::Bpsk | Modulation::Qpsk => soft_2(axes, weights, k_mod(modulation), soft),
        Modulation::Qam16 => {
            let (first, second) = soft.split_at_mut(n);
            soft_4(axes, weights, k_mod(modulation), first, second);
        }
        Modulation::Qam64 => {
            let (first, rest) = soft.split_at_mut(n);
            let (second, third) = rest.split_at_mut(n);
            soft_8(axes, weights, k_mod(modulation), [first, second, third]);
        }
    }
}

/// Likelihood ratio to soft bit; NaN becomes an erasure.
#[inline(always)]
fn quantise(llr: f32) -> i8 {
    // Added to this constant, a small number ends up in the lowest bits, rounded: a conversion that vectorises.
    const ROUND: f32 = 12_582_912.0;
    let most = f32::from(SOFT_MAX);
    let llr = if llr.is_nan() { 0.0 } else { llr };
    let llr = if llr > most { most } else { llr };
    let llr = if llr < -most { -most } else { llr };
    (llr + ROUND).to_bits() as i8
}

// With amplitudes at odd numbers the differences are piecewise linear; all have the common factor 4 · scale² · weight.

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn soft_2(axes: &[f32], weights: &[f32], scale: f32, soft: &mut [i8]) {
    for ((&x, &weight), soft) in axes.iter().zip(weights).zip(soft) {
        *soft = quantise(-4.0 * scale * weight * x);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn soft_4(axes: &[f32], weights: &[f32], scale: f32, first: &mut [i8], second: &mut [i8]) {
    let unit = 1.0 / scale;
    for (((&x, &weight), first), second) in axes.iter().zip(weights).zip(first).zip(second) {
        let (x, factor) = (x * unit, 4.0 * scale * scale * weight);
        let y = x.abs();
        let past = if y > 2.0 { y - 2.0 } else { 0.0 };
        *first = quantise(-factor * (y + past).copysign(x));
        *second = quantise(factor * (y - 2.0));
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn soft_8(axes: &[f32], weights: &[f32], scale: f32, [first, second, third]: [&mut [i8]; 3]) {
    let unit = 1.0 / scale;
    let bits = first.iter_mut().zip(second).zip(third);
    for ((&x, &weight), ((first, second), third)) in axes.iter().zip(weights).zip(bits) {
        let (x, factor) = (x * unit, 4.0 * scale * scale * weight);
        let y = x.abs();
        let past = |edge: f32| if y > edge { y - edge } else { 0.0 };
        *first = quantise(-factor * (y + past(2.0) + past(4.0) + past(6.0)).copysign(x));
        let short = if y < 2.0 { y - 2.0 } else { 0.0 };
        *second = quantise(factor * ((y - 4.0) + short + past(6.0)));
        *third = quantise(factor * ((y - 4.0).abs() - 2.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::pack;
    use crate::units::mean_power;
    use proptest::prelude::*;

    const ALL: [Modulation; 4] = [Modulation::Bpsk, Modulation::Qpsk, Modulation::Qam16, Modulation::Qam64];

    #[test]
    fn slice_undoes_map_and_power_is_one() {
        for modulation in ALL {
            let n_bpsc = modulation.n_bpsc();
            let bits: Vec<u8> =
                (0..1 << n_bpsc).flat_map(|word| (0..n_bpsc).map(move |i| (word >> i & 1) as u8)).collect();
            let points = map(&bits, modulation);
            assert_eq!(slice(&points, modulation), bits);
            assert!((mean_power(&points) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn gray_labels_are_the_standards() {
        // Table 17-16: b0 b1 b2 from -7 to 7.
        let labels = ["000", "001", "011", "010", "110", "111", "101", "100"];
        for (i, label) in labels.into_iter().enumerate() {
            let bits: Vec<u8> = label.bytes().chain("000".bytes()).map(|b| b - b'0').collect();
            let amplitude = map(&bits, Modulation::Qam64)[0].re * 42f32.sqrt();
            assert!((amplitude - (2.0 * i as f32 - 7.0)).abs() < 1e-5, "{label}: {amplitude}");
        }
    }

    /// For NaN of any payload.
    #[test]
    fn what_is_not_a_number_is_an_erasure() {
        for payload in [0, 0x50, 0xff, 0x003f_ffff] {
            let axes = [f32::from_bits(0x7fc0_0000 | payload), 0.3, f32::INFINITY, f32::NEG_INFINITY];
            let mut soft = [1; 12];
            soft_bits(&axes, &[f32::from_bits(0xffc0_0000 | payload); 4], Modulation::Qam64, &mut soft);
            assert_eq!(soft, [0; 12]);
            soft_bits(&axes, &[1.0; 4], Modulation::Qam64, &mut soft);
            assert!(soft[0] == 0 && soft.iter().all(|soft| soft.abs() <= SOFT_MAX));
        }
    }

    proptest! {
        #[test]
        fn packed_is_the_same(bits in prop::collection::vec(0u8..2, 312), which in 0usize..4) {
            let modulation = ALL[which];
            let bits = &bits[..52 * modulation.n_bpsc()];
            let points = map(bits, modulation);
            let mut packed = vec![Complex32::ZERO; 52];
            map_symbol(&pack(bits), modulation, &mut packed);
            prop_assert_eq!(&packed, &points);
            prop_assert_eq!(slice_symbol(&points, modulation), pack(bits));
        }

        /// By definition: a search over all points of the constellation.
        #[test]
        fn decisions_are_those_of_distances(re in -1.7f32..1.7, im in -1.7f32..1.7, weight in 0.1f32..20.0, which in 0usize..4) {
            let (modulation, x) = (ALL[which], Complex32::new(re, im));
            let table = constellation(modulation);
            let distance = |word: usize| match modulation {
                Modulation::Bpsk => (table[word].re - re).powi(2),
                _ => (table[word] - x).norm_sqr(),
            };
            let best = |keep: &dyn Fn(usize) -> bool| {
                (0..table.len()).filter(|&word| keep(word)).map(distance).fold(f32::INFINITY, f32::min)
            };
            prop_assert!(distance(nearest(x, modulation)) - best(&|_| true) < 1e-5);
            let mut soft = vec![0; 2 * per_axis(modulation)];
            soft_bits(&[re, im], &[weight; 2], modulation, &mut soft);
            for b in 0..modulation.n_bpsc() {
                let llr = weight * (best(&|word| word >> b & 1 == 1) - best(&|word| word >> b & 1 == 0));
                let got = f32::from(soft[soft_place(b, 0, 1, modulation)]);
                prop_assert!((got - llr.clamp(-15.0, 15.0)).abs() < 0.501, "bit {}: {} is not {}", b, got, llr);
            }
        }
    }
}
