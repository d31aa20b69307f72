//! The innermost loops: a few rows times one panel, sums held in registers.

use pulp::Simd;
use pulp::WithSimd;

/// Most rows of one tile.
pub(super) const ROWS: usize = 8;

/// Rows of one tile that the registers hold beside a panel's row.
pub(super) fn rows_at_once(lanes: usize) -> usize {
    if lanes >= 16 { ROWS } else { 4 }
}

/// A run of `len` values in each of several strips, the strips `a_pitch` and `b_pitch` apart.
#[derive(Clone, Copy)]
pub(super) struct Strips {
    pub(super) count: usize,
    pub(super) len: usize,
    pub(super) a_start: usize,
    pub(super) a_pitch: usize,
    pub(super) b_start: usize,
    pub(super) b_pitch: usize,
}

/// Sites of a stencil times a panel of weights: `sums[m] = bias + Σ a[starts[m] + k] · b[k]`.
pub(super) struct Sites<'a> {
    pub(super) a: &'a [f32],
    pub(super) starts: [usize; ROWS],
    pub(super) count: usize,
    pub(super) strips: Strips,
    pub(super) b: &'a [f32],
    pub(super) vectors: usize,
    pub(super) bias: &'a [f32],
    pub(super) sums: &'a mut [f32],
}

impl Sites<'_> {
    #[inline(always)]
    pub(super) fn run<S: Simd>(self, simd: S) {
        match self.vectors {
            1 => self.with_vectors::<S, 1>(simd),
            _ => self.with_vectors::<S, 2>(simd),
        }
    }

    #[inline(always)]
    fn with_vectors<S: Simd, const V: usize>(self, simd: S) {
        match self.count {
            1 => simd.vectorize(SitesTile::<1, V>(self)),
            2 => simd.vectorize(SitesTile::<2, V>(self)),
            3 => simd.vectorize(SitesTile::<3, V>(self)),
            4 => simd.vectorize(SitesTile::<4, V>(self)),
            5 => simd.vectorize(SitesTile::<5, V>(self)),
            6 => simd.vectorize(SitesTile::<6, V>(self)),
            7 => simd.vectorize(SitesTile::<7, V>(self)),
            _ => simd.vectorize(SitesTile::<ROWS, V>(self)),
        }
    }
}

struct SitesTile<'a, const M: usize, const V: usize>(Sites<'a>);

impl<const M: usize, const V: usize> WithSimd for SitesTile<'_, M, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Sites { a, starts, strips, b, bias, sums, .. } = self.0;
        let b = vectors::<S, V>(b);
        let mut acc = [vectors::<S, V>(bias)[0]; M];
        for strip in 0..strips.count {
            let b = &b[strips.b_start + strip * strips.b_pitch..][..strips.len];
            let a: [&[f32]; M] =
                std::array::from_fn(|m| &a[starts[m] + strips.a_start + strip * strips.a_pitch..][..strips.len]);
            for k in 0..strips.len {
                let weights = b[k];
                for m in 0..M {
                    multiply_add(simd, &mut acc[m], a[m][k], weights);
                }
            }
        }
        vectors_mut::<S, V>(sums)[..M].copy_from_slice(&acc);
    }
}

/// Neighbouring values of the big side times positions of the small side:
/// `sums[rows[m]] += Σ a[k · a_step + m] · b[k]`.
pub(super) struct Outer<'a> {
    pub(super) a: &'a [f32],
    pub(super) a_step: usize,
    pub(super) strips: Strips,
    pub(super) b: &'a [f32],
    pub(super) b_step: usize,
    /// Images, and what lies between them in `a` and in `b`.
    pub(super) images: usize,
    pub(super) image_pitches: [usize; 2],
    pub(super) vectors: usize,
    pub(super) rows: [usize; ROWS],
    pub(super) count: usize,
    pub(super) sums: &'a mut [f32],
}

impl Outer<'_> {
    #[inline(always)]
    pub(super) fn run<S: Simd>(self, simd: S) {
        match self.vectors {
            1 => self.with_vectors::<S, 1>(simd),
            _ => self.with_vectors::<S, 2>(simd),
        }
    }

    #[inline(always)]
    fn with_vectors<S: Simd, const V: usize>(self, simd: S) {
        match self.count {
            1 => simd.vectorize(OuterTile::<1, V>(self)),
            2 => simd.vectorize(OuterTile::<2, V>(self)),
            3 => simd.vectorize(OuterTile::<3, V>(self)),
            4 => simd.vectorize(OuterTile::<4, V>(self)),
            5 => simd.vectorize(OuterTile::<5, V>(self)),
            6 => simd.vectorize(OuterTile::<6, V>(self)),
            7 => simd.vectorize(OuterTile::<7, V>(self)),
            _ => simd.vectorize(OuterTile::<ROWS, V>(self)),
        }
    }
}

struct OuterTile<'a, const M: usize, const V: usize>(Outer<'a>);

impl<const M: usize, const V: usize> WithSimd for OuterTile<'_, M, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Outer { a, a_step, strips, b, b_step, images, image_pitches, rows, sums, .. } = self.0;
        let mut acc = [[simd.splat_f32s(0.0); V]; M];
        for image in 0..images {
            let a = &a[image * image_pitches[0] + strips.a_start..];
            let b = &b[image * image_pitches[1] + strips.b_start..];
            for strip in 0..strips.count {
                let a = a[strip * strips.a_pitch..].windows(M).step_by(a_step);
                let b = b[strip * strips.b_pitch..].windows(V * S::F32_LANES).step_by(b_step);
                for (a, b) in a.zip(b).take(strips.len) {
                    for m in 0..M {
                        multiply_add(simd, &mut acc[m], a[m], vectors::<S, V>(b)[0]);
                    }
                }
            }
        }
        let sums = vectors_mut::<S, V>(sums);
        for m in 0..M {
            for (sum, acc) in sums[rows[m]].iter_mut().zip(acc[m]) {
                *sum = simd.add_f32s(*sum, acc);
            }
        }
    }
}

#[inline(always)]
fn multiply_add<S: Simd, const V: usize>(simd: S, acc: &mut [S::f32s; V], a: f32, b: [S::f32s; V]) {
    let a = simd.splat_f32s(a);
    for v in 0..V {
        acc[v] = simd.mul_add_f32s(a, b[v], acc[v]);
    }
}

#[inline(always)]
fn vectors<S: Simd, const V: usize>(values: &[f32]) -> &[[S::f32s; V]] {
    S::as_simd_f32s(values).0.as_chunks().0
}

#[inline(always)]
fn vectors_mut<S: Simd, const V: usize>(values: &mut [f32]) -> &mut [[S::f32s; V]] {
    S::as_mut_simd_f32s(values).0.as_chunks_mut().0
}
