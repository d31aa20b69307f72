//! From the small side to the big one.

use pulp::Arch;

use super::axis::Axis;
use super::geometry::Geometry;
use super::plan::Plan;

/// Weights in the order in which [`scatter`] reads them.
pub struct ScatterWeights(Plan);

impl ScatterWeights {
    /// From weights `[small_maps][big_maps][kernel height][kernel width]`.
    pub fn new(geometry: &Geometry, weights: &[f32]) -> Self {
        Self::for_arch(Arch::new(), geometry, weights)
    }

    pub(super) fn for_arch(arch: Arch, geometry: &Geometry, weights: &[f32]) -> Self {
        geometry.check_weights(weights);
        let ways = [0, 1].map(|axis| {
            // Big positions of one residue modulo the stride waste no taps; neighbours together fill a vector's lanes
            // where there are few maps.
            let stride = geometry.stride[axis];
            let apart = (0..stride).map(|residue| Axis::residue(geometry, axis, residue)).collect();
            let times = [1, 2, 4, 8].into_iter().take_while(|times| times * stride <= geometry.big[axis]);
            let together = times.map(|times| vec![Axis::together(geometry, axis, times)]);
            std::iter::once(apart).chain(together).collect::<Vec<_>>()
        });
        let sides = [geometry.small_side(), geometry.big_side()];
        Self(Plan::new(arch, sides, [&ways[0], &ways[1]], geometry.kernel[1], weights))
    }
}

/// The forward pass of a transposed convolution, and the input gradient of a convolution: the adjoint of
/// [`gather`](super::gather).
///
/// `small` is `[n][height][width][small_maps]`, the result `[n][height][width][big_maps]` of the big side, with
/// `bias`, one value a map, added. Every output is one chain of fused multiply-adds in the order of small row, small
/// column, map: with finite inputs its value does not depend on `n`, nor on how wide the machine's vectors are.
pub fn scatter(n: usize, small: &[f32], weights: &ScatterWeights, bias: Option<&[f32]>) -> Vec<f32> {
    weights.0.apply(n, small, bias)
}
