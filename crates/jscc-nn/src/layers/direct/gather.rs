//! From the big side to the small one.

use pulp::Arch;

use super::axis::Axis;
use super::geometry::Geometry;
use super::plan::Plan;

/// Weights in the order in which [`gather`] reads them.
pub struct GatherWeights(Plan);

impl GatherWeights {
    /// From weights `[small_maps][big_maps][kernel height][kernel width]`.
    pub fn new(geometry: &Geometry, weights: &[f32]) -> Self {
        Self::for_arch(Arch::new(), geometry, weights)
    }

    pub(super) fn for_arch(arch: Arch, geometry: &Geometry, weights: &[f32]) -> Self {
        geometry.check_weights(weights);
        let ways = [0, 1].map(|axis| {
            let blocks = [1, 2, 4, 8].into_iter().take_while(|block| *block <= geometry.small[axis]);
            blocks.map(|block| vec![Axis::gather(geometry, axis, block)]).collect::<Vec<_>>()
        });
        let sides = [geometry.big_side(), geometry.small_side()];
        Self(Plan::new(arch, sides, [&ways[0], &ways[1]], geometry.kernel[1], weights))
    }
}

/// The forward pass of a convolution, and the input gradient of a transposed one.
///
/// `big` is `[n][height][width][big_maps]`, the result `[n][height][width][small_maps]` of the small side, with
/// `bias`, one value a map, added. Every output is one chain of fused multiply-adds in the order of kernel row, kernel
/// column, map: with finite inputs its value does not depend on `n`, nor on how wide the machine's vectors are.
pub fn gather(n: usize, big: &[f32], weights: &GatherWeights, bias: Option<&[f32]>) -> Vec<f32> {
    weights.0.apply(n, big, bias)
}
