//! Operations value by value in which each map has its own parameter.

use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;

/// Values after which a tensor of `maps` starts again on the same map, a multiple of every vector's width.
fn period(maps: usize) -> usize {
    const WIDEST: usize = 64;
    let (mut divisor, mut rest) = (WIDEST, maps % WIDEST);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    maps * (WIDEST / divisor)
}

/// Partial sums of a period, added up map by map.
fn fold(sums: &[f32], maps: usize) -> Vec<f32> {
    (0..maps).map(|map| sums[map..].iter().step_by(maps).sum()).collect()
}

/// The sum of each map over images and positions: a bias gradient.
///
/// `values` is channels-last with `maps` maps. The order of summation depends on `maps` only.
pub fn sum_maps(values: &[f32], maps: usize) -> Vec<f32> {
    sum_maps_on(Arch::new(), values, maps)
}

pub(super) fn sum_maps_on(arch: Arch, values: &[f32], maps: usize) -> Vec<f32> {
    assert_whole(values.len(), maps);
    let mut sums = vec![0.0; period(maps)];
    arch.dispatch(Sum { values, sums: &mut sums });
    fold(&sums, maps)
}

struct Sum<'a> {
    values: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for values in self.values.chunks(self.sums.len()) {
            let (values, rest) = S::as_simd_f32s(values);
            let (sums, tail) = S::as_mut_simd_f32s(&mut self.sums[..values.len() * S::F32_LANES + rest.len()]);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = simd.add_f32s(*sum, *value);
            }
            for (sum, value) in tail.iter_mut().zip(rest) {
                *sum += value;
            }
        }
    }
}

/// `max(x, 0) + slope · min(x, 0)`, with one slope for all or one for each map of the channels-last `x`
/// (He et al., Delving Deep into Rectifiers, 2015).
pub fn prelu(x: &[f32], slopes: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    prelu_on(Arch::new(), x, slopes, &mut out);
    out
}

pub(super) fn prelu_on(arch: Arch, x: &[f32], slopes: &[f32], out: &mut [f32]) {
    assert_whole(x.len(), slopes.len());
    assert_eq!(out.len(), x.len(), "room for {} values, not {}", out.len(), x.len());
    let slopes = slopes.repeat(period(slopes.len()) / slopes.len());
    arch.dispatch(Prelu { x, slopes: &slopes, out });
}

struct Prelu<'a> {
    x: &'a [f32],
    slopes: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Prelu<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let zero = simd.splat_f32s(0.0);
        let slopes = S::as_simd_f32s(self.slopes).0;
        let period = self.slopes.len();
        for (x, out) in self.x.chunks(period).zip(self.out.chunks_mut(period)) {
            let (x, x_rest) = S::as_simd_f32s(x);
            let (out, out_rest) = S::as_mut_simd_f32s(out);
            for ((x, out), slope) in x.iter().zip(out.iter_mut()).zip(slopes) {
                *out = simd.select_f32s(simd.greater_than_f32s(*x, zero), *x, simd.mul_f32s(*x, *slope));
            }
            let slopes = &self.slopes[x.len() * S::F32_LANES..];
            for ((x, out), slope) in x_rest.iter().zip(out_rest).zip(slopes) {
                *out = if *x > 0.0 { *x } else { x * slope };
            }
        }
    }
}

/// From the gradient behind a [`prelu`] to those of its `x` and of its slopes; the order of summation of the latter
/// depends on their number only.
pub fn prelu_backward(x: &[f32], slopes: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut before = vec![0.0; x.len()];
    let by_slopes = prelu_backward_on(Arch::new(), x, slopes, gradient, &mut before);
    (before, by_slopes)
}

pub(super) fn prelu_backward_on(
    arch: Arch,
    x: &[f32],
    slopes: &[f32],
    gradient: &[f32],
    before: &mut [f32],
) -> Vec<f32> {
    assert_whole(x.len(), slopes.len());
    assert_eq!(gradient.len(), x.len(), "{} gradients of {} values", gradient.len(), x.len());
    assert_eq!(before.len(), x.len(), "room for {} values, not {}", before.len(), x.len());
    let repeated = slopes.repeat(period(slopes.len()) / slopes.len());
    let mut sums = vec![0.0; repeated.len()];
    arch.dispatch(PreluBackward { x, slopes: &repeated, gradient, before, sums: &mut sums });
    fold(&sums, slopes.len())
}

struct PreluBackward<'a> {
    x: &'a [f32],
    slopes: &'a [f32],
    gradient: &'a [f32],
    before: &'a mut [f32],
    sums: &'a mut [f32],
}

impl WithSimd for PreluBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let period = self.slopes.len();
        let zero = simd.splat_f32s(0.0);
        let slopes = S::as_simd_f32s(self.slopes).0;
        let chunks = self.x.chunks(period).zip(self.gradient.chunks(period)).zip(self.before.chunks_mut(period));
        for ((x, gradient), before) in chunks {
            let (x, x_rest) = S::as_simd_f32s(x);
            let (gradient, gradient_rest) = S::as_simd_f32s(gradient);
            let (before, before_rest) = S::as_mut_simd_f32s(before);
            let sums = S::as_mut_simd_f32s(self.sums).0.iter_mut().zip(slopes);
            for (((x, gradient), before), (sum, slope)) in x.iter().zip(gradient).zip(before).zip(sums) {
                let positive = simd.greater_than_f32s(*x, zero);
                *before = simd.select_f32s(positive, *gradient, simd.mul_f32s(*gradient, *slope));
                let negative = simd.select_f32s(positive, zero, *x);
                *sum = simd.mul_add_f32s(negative, *gradient, *sum);
            }
            let done = x.len() * S::F32_LANES;
            let sums = self.sums[done..].iter_mut().zip(&self.slopes[done..]);
            for (((x, gradient), before), (sum, slope)) in x_rest.iter().zip(gradient_rest).zip(before_rest).zip(sums) {
                *before = if *x > 0.0 { *gradient } else { gradient * slope };
                *sum = x.min(0.0).mul_add(*gradient, *sum);
            }
        }
    }
}

fn assert_whole(len: usize, maps: usize) {
    assert!(maps > 0 && len.is_multiple_of(maps), "{len} values of {maps} maps");
}
