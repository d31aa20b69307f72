//! Feature maps scaled and shifted image by image, and their means: what adapts a network to a channel.
//!
//! As burn's element-wise operations on permuted tensors they would cost as much as the convolutions between them.

use super::direct::{map_means, map_means_backward, scale_maps as scaled, scale_maps_backward};
use super::native::{Operation, apply, channels_last, is_cpu, of_channels_last, of_values, values};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

/// `scale · x + shift`, map by map of each image.
///
/// # Shapes
/// - `x` and output: `[batch, maps, height, width]`
/// - `scale`, `shift`: `[batch, maps]`, or `[1, maps]` for all images
///
/// # Panics
/// If the shapes do not agree.
pub fn scale_maps(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> Tensor<4> {
    let [batch, maps, ..] = x.dims();
    for factors in [scale.dims(), shift.dims()] {
        assert!(
            factors[1] == maps && [1, batch].contains(&factors[0]),
            "{factors:?} for {batch} images of {maps} maps"
        );
    }
    if !is_cpu(&x.device()) {
        let over_places = |factors: Tensor<2>| factors.unsqueeze_dim::<3>(2).unsqueeze_dim::<4>(3);
        return x * over_places(scale) + over_places(shift);
    }
    apply(Scale { dims: x.dims() }, [x.into(), scale.into(), shift.into()])
}

/// The mean of each map of each image: `[batch, maps, height, width]` to `[batch, maps]`.
pub fn mean_maps(x: Tensor<4>) -> Tensor<2> {
    let dims = x.dims();
    if !is_cpu(&x.device()) {
        return x.mean_dim(3).mean_dim(2).reshape([dims[0], dims[1]]);
    }
    apply(Mean { dims }, [x.into()])
}

#[derive(Clone, Debug)]
struct Scale {
    dims: [usize; 4],
}

impl Operation<3> for Scale {
    fn forward(&self, [x, scale, shift]: &[FlexTensor; 3]) -> FlexTensor {
        let (x, scale, shift) = (channels_last(x), scale.to_contiguous(), shift.to_contiguous());
        of_channels_last(scaled(self.dims, values(&x), values(&scale), values(&shift)), self.dims)
    }

    fn backward(
        &self,
        [x, scale, shift]: &[FlexTensor; 3],
        grad: &FlexTensor,
        _: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let (x, scale, grad) = (channels_last(x), scale.to_contiguous(), channels_last(grad));
        let n_shifts = shift.layout().shape().num_elements();
        let [by_x, by_scale, by_shift] =
            scale_maps_backward(self.dims, values(&x), values(&scale), n_shifts, values(&grad));
        let maps = self.dims[1];
        let rows = |by: Vec<f32>| of_values(by.clone(), &[by.len() / maps, maps]);
        [Some(of_channels_last(by_x, self.dims)), Some(rows(by_scale)), Some(rows(by_shift))]
    }
}

#[derive(Clone, Debug)]
struct Mean {
    dims: [usize; 4],
}

impl Operation<1> for Mean {
    fn forward(&self, [x]: &[FlexTensor; 1]) -> FlexTensor {
        of_values(map_means(self.dims, values(&channels_last(x))), &self.dims[..2])
    }

    fn backward(&self, _: &[FlexTensor; 1], grad: &FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(of_channels_last(map_means_backward(self.dims, values(&grad.to_contiguous())), self.dims))]
    }
}
