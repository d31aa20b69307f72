//! Convolution (cross-correlation, as every framework has it).

use super::direct::{GatherWeights, Geometry, ScatterWeights, correlate, gather, scatter, sum_maps};
use super::macs;
use super::native::{Operation, apply, channels_last, is_cpu, of_channels_last, of_values, values};
use burn::backend::flex::FlexTensor;
use burn::module::{Initializer, Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

/// Convolution over height and width, with bias.
#[derive(Module, Debug)]
pub struct Conv2d {
    /// `[maps out, maps in, kernel height, kernel width]`.
    pub weight: Param<Tensor<4>>,
    /// `[maps out]`.
    pub bias: Param<Tensor<1>>,
    /// Rows and columns from one output to the next.
    pub stride: [usize; 2],
    /// Zeros on each side.
    pub padding: [usize; 2],
}

impl Conv2d {
    /// A convolution of `maps` [in, out] with a square kernel, weights zero until drawn, padded so that a stride of 1
    /// keeps the size of odd kernels.
    pub fn new(maps: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Self {
        Self {
            weight: Initializer::Zeros.init([maps[1], maps[0], kernel, kernel], device),
            bias: Initializer::Zeros.init([maps[1]], device),
            stride: [stride; 2],
            padding: [kernel / 2; 2],
        }
    }

    /// # Shapes
    /// - input: `[batch, maps in, height, width]`
    /// - output: `[batch, maps out, ⌊(height + 2·padding − kernel)/stride⌋ + 1, …]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        convolve(x, self.weight.val(), self.bias.val(), self.stride, self.padding)
    }
}

/// Convolution over time, with bias.
#[derive(Module, Debug)]
pub struct Conv1d {
    /// `[maps out, maps in, kernel]`.
    pub weight: Param<Tensor<3>>,
    /// `[maps out]`.
    pub bias: Param<Tensor<1>>,
    /// Steps from one output to the next.
    pub stride: usize,
    /// Zeros on each side.
    pub padding: usize,
}

impl Conv1d {
    /// A convolution of `maps` [in, out], weights zero until drawn, padded so that a stride of 1 keeps the length for
    /// odd kernels.
    pub fn new(maps: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Self {
        Self {
            weight: Initializer::Zeros.init([maps[1], maps[0], kernel], device),
            bias: Initializer::Zeros.init([maps[1]], device),
            stride,
            padding: kernel / 2,
        }
    }

    /// # Shapes
    /// - input: `[batch, maps in, length]`
    /// - output: `[batch, maps out, ⌊(length + 2·padding − kernel)/stride⌋ + 1]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let weight = self.weight.val().unsqueeze_dim(2);
        convolve(x.unsqueeze_dim(2), weight, self.bias.val(), [1, self.stride], [0, self.padding]).squeeze_dim(2)
    }
}

/// A real filter with fixed taps over each map of `[batch, maps, length]`, read at every `stride`-th instant: `y[n] = Σ
/// taps[m]·x[stride·n + m]`, without padding.
pub fn filter(x: Tensor<3>, taps: &[f32], stride: usize) -> Tensor<3> {
    let ([batch, maps, length], device) = (x.dims(), x.device());
    let kernel = Tensor::<4>::from_data(TensorData::new(taps.to_vec(), [1, 1, 1, taps.len()]), &device);
    let alone = x.reshape([batch * maps, 1, 1, length]);
    let y = convolve(alone, kernel, Tensor::zeros([1], &device), [1, stride], [0, 0]);
    let [.., length] = y.dims();
    y.reshape([batch, maps, length])
}

/// The operation behind [`Conv2d`] and [`Conv1d`].
pub(super) fn convolve(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: [usize; 2],
    padding: [usize; 2],
) -> Tensor<4> {
    let ([batch, maps_in, height, width], [maps_out, weight_in, rows, columns]) = (x.dims(), weight.dims());
    assert_eq!(maps_in, weight_in, "{maps_in} maps into a convolution of {weight_in}");
    let geometry = Geometry::new([maps_in, maps_out], [rows, columns], stride, padding, [height, width]);
    macs::add(batch * geometry.macs());
    if !is_cpu(&x.device()) {
        return conv2d(x, weight, Some(bias), ConvOptions::new(stride, padding, [1, 1], 1));
    }
    apply(Convolve { geometry, batch }, [x.into(), weight.into(), bias.into()])
}

/// Convolution on the CPU: from the larger side of the geometry to the smaller.
#[derive(Clone, Debug)]
struct Convolve {
    geometry: Geometry,
    batch: usize,
}

impl Operation<3> for Convolve {
    fn forward(&self, [x, weight, bias]: &[FlexTensor; 3]) -> FlexTensor {
        let (g, x) = (&self.geometry, channels_last(x));
        let weight = GatherWeights::new(g, values(&weight.to_contiguous()));
        let y = gather(self.batch, values(&x), &weight, Some(values(&bias.to_contiguous())));
        of_channels_last(y, [self.batch, g.small_maps, g.small[0], g.small[1]])
    }

    fn backward(
        &self,
        [x, weight, _]: &[FlexTensor; 3],
        grad: &FlexTensor,
        wanted: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let (g, n) = (&self.geometry, self.batch);
        let grad = channels_last(grad);
        let by_x = wanted[0].then(|| {
            let weight = ScatterWeights::new(g, values(&weight.to_contiguous()));
            let x = scatter(n, values(&grad), &weight, None);
            of_channels_last(x, [n, g.big_maps, g.big[0], g.big[1]])
        });
        let by_weight = wanted[1].then(|| {
            let weight = correlate(g, n, values(&channels_last(x)), values(&grad));
            of_values(weight, &[g.small_maps, g.big_maps, g.kernel[0], g.kernel[1]])
        });
        let by_bias = wanted[2].then(|| of_values(sum_maps(values(&grad), g.small_maps), &[g.small_maps]));
        [by_x, by_weight, by_bias]
    }
}
