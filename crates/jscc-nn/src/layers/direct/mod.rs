//! Convolutions on channels-last images, computed directly: no matrix of patches is ever written down.
//!
//! Each function runs on one thread; batches are split among threads outside.

// Vector code must become part of the one function that is compiled for the vectors.
#![allow(clippy::inline_always)]

mod axis;
mod by_image;
mod by_map;
mod canvas;
mod correlate;
mod gather;
mod geometry;
mod panels;
mod plan;
mod scatter;
mod stencil;
#[cfg(test)]
mod tests;
mod tile;

pub use by_image::{map_means, map_means_backward, scale_maps, scale_maps_backward};
pub use by_map::prelu;
pub use by_map::prelu_backward;
pub use by_map::sum_maps;
pub use correlate::correlate;
pub use gather::GatherWeights;
pub use gather::gather;
pub use geometry::Geometry;
pub use scatter::ScatterWeights;
pub use scatter::scatter;

use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;

struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

/// Values in one vector.
fn lanes(arch: Arch) -> usize {
    arch.dispatch(Lanes)
}
