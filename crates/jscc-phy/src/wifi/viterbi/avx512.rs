//! The kernel for AVX-512BW: one octet per lane, all 64 lanes in one register.

#[allow(clippy::wildcard_imports)] // Every name says where it comes from.
use std::arch::x86_64::*;

use super::Block;
use super::CHUNK;
use super::Half;
use super::N_MEMORY;
use super::STRAIGHT;
use super::costs;

/// Coded bits of the straight and of the crossing branch of each lane, in each phase.
type Patterns = [(__m512i, __m512i); N_MEMORY];

#[target_feature(enable = "avx512f,avx512bw")]
fn patterns() -> Patterns {
    STRAIGHT.map(|straight| (bytemuck::cast(straight), bytemuck::cast(straight.map(|bits| 3 - bits))))
}

super::kernel::search!("avx512f,avx512bw", __m512i);

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn step<const PHASE: usize>(metrics: __m512i, costs: u32, patterns: &Patterns) -> (__m512i, u64) {
    let costs = _mm512_set1_epi32(costs as i32);
    let straight = _mm512_add_epi8(metrics, _mm512_shuffle_epi8(costs, patterns[PHASE].0));
    let cross = _mm512_add_epi8(swap::<PHASE>(metrics), _mm512_shuffle_epi8(costs, patterns[PHASE].1));
    (_mm512_min_epu8(straight, cross), _mm512_cmplt_epu8_mask(cross, straight))
}

/// Exchanges the lanes that differ in bit `PHASE` of their number.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn swap<const PHASE: usize>(x: __m512i) -> __m512i {
    match PHASE {
        0 => _mm512_shuffle_epi8(x, _mm512_set4_epi32(0x0e0f_0c0d, 0x0a0b_0809, 0x0607_0405, 0x0203_0001)),
        1 => _mm512_rol_epi32::<16>(x),
        2 => _mm512_shuffle_epi32::<0b10_11_00_01>(x),
        3 => _mm512_shuffle_epi32::<0b01_00_11_10>(x),
        4 => _mm512_shuffle_i64x2::<0b10_11_00_01>(x, x),
        _ => _mm512_shuffle_i64x2::<0b01_00_11_10>(x, x),
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn subtract(metrics: __m512i, least: __m512i) -> __m512i {
    _mm512_sub_epi8(metrics, least)
}

/// The least metric, in all lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn least(metrics: __m512i) -> __m512i {
    let x = _mm256_min_epu8(_mm512_castsi512_si256(metrics), _mm512_extracti64x4_epi64::<1>(metrics));
    let x = _mm_min_epu8(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
    let x = _mm_min_epu8(x, _mm_srli_epi16::<8>(x));
    _mm512_broadcastb_epi8(_mm_minpos_epu16(x))
}
