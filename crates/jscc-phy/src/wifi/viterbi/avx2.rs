//! The kernel for AVX2: one octet per lane, lanes 0 to 31 and 32 to 63 in one register each.

#[allow(clippy::wildcard_imports)] // Every name says where it comes from.
use std::arch::x86_64::*;

use super::Block;
use super::CHUNK;
use super::Half;
use super::N_MEMORY;
use super::STRAIGHT;
use super::costs;

type Pair = [__m256i; 2];

/// Coded bits of the straight and of the crossing branch of each lane, in each phase.
type Patterns = [(Pair, Pair); N_MEMORY];

#[target_feature(enable = "avx2")]
fn patterns() -> Patterns {
    STRAIGHT.map(|straight| (bytemuck::cast(straight), bytemuck::cast(straight.map(|bits| 3 - bits))))
}

super::kernel::search!("avx2", Pair);

#[inline]
#[target_feature(enable = "avx2")]
fn step<const PHASE: usize>(metrics: Pair, costs: u32, patterns: &Patterns) -> (Pair, u64) {
    let costs = _mm256_set1_epi32(costs as i32);
    let (swapped, (straight_bits, cross_bits)) = (swap::<PHASE>(metrics), &patterns[PHASE]);
    let (mut new, mut stayed) = (metrics, 0);
    for half in 0..2 {
        let straight = _mm256_add_epi8(metrics[half], _mm256_shuffle_epi8(costs, straight_bits[half]));
        let cross = _mm256_add_epi8(swapped[half], _mm256_shuffle_epi8(costs, cross_bits[half]));
        new[half] = _mm256_min_epu8(straight, cross);
        let is_straight = _mm256_cmpeq_epi8(new[half], straight);
        stayed |= u64::from(_mm256_movemask_epi8(is_straight) as u32) << (32 * half);
    }
    (new, !stayed)
}

/// Exchanges the lanes that differ in bit `PHASE` of their number.
#[inline]
#[target_feature(enable = "avx2")]
fn swap<const PHASE: usize>([lo, hi]: Pair) -> Pair {
    if PHASE == 5 { [hi, lo] } else { [swap_within::<PHASE>(lo), swap_within::<PHASE>(hi)] }
}

#[inline]
#[target_feature(enable = "avx2")]
fn swap_within<const PHASE: usize>(x: __m256i) -> __m256i {
    let (even, odd) = (0x0607_0405_0203_0001, 0x0e0f_0c0d_0a0b_0809);
    let (low, high) = (0x0504_0706_0100_0302, 0x0d0c_0f0e_0908_0b0a);
    match PHASE {
        0 => _mm256_shuffle_epi8(x, _mm256_set_epi64x(odd, even, odd, even)),
        1 => _mm256_shuffle_epi8(x, _mm256_set_epi64x(high, low, high, low)),
        2 => _mm256_shuffle_epi32::<0b10_11_00_01>(x),
        3 => _mm256_shuffle_epi32::<0b01_00_11_10>(x),
        _ => _mm256_permute4x64_epi64::<0b01_00_11_10>(x),
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn subtract(metrics: Pair, least: __m256i) -> Pair {
    metrics.map(|half| _mm256_sub_epi8(half, least))
}

/// The least metric, in all lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn least([lo, hi]: Pair) -> __m256i {
    let x = _mm256_min_epu8(lo, hi);
    let x = _mm_min_epu8(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
    let x = _mm_min_epu8(x, _mm_srli_epi16::<8>(x));
    _mm256_broadcastb_epi8(_mm_minpos_epu16(x))
}
