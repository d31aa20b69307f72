//! Transposed convolution: the adjoint of the convolution whose kernel, stride and padding it has.

use super::direct::{GatherWeights, Geometry, ScatterWeights, correlate, gather, scatter, sum_maps};
use super::macs;
use super::native::{Operation, apply, channels_last, is_cpu, of_channels_last, of_values, values};
use burn::backend::flex::FlexTensor;
use burn::module::{Initializer, Module, Param};
use burn::tensor::module::conv_transpose2d;
use burn::tensor::ops::ConvTransposeOptions;
use burn::tensor::{Device, Tensor};

/// Transposed convolution over height and width, with bias.
#[derive(Module, Debug)]
pub struct ConvTranspose2d {
    /// `[maps in, maps out, kernel height, kernel width]`.
    pub weight: Param<Tensor<4>>,
    /// `[maps out]`.
    pub bias: Param<Tensor<1>>,
    /// Rows and columns that the kernel moves per input.
    pub stride: [usize; 2],
    /// Rows and columns cut off on each side.
    pub padding: [usize; 2],
    /// Rows and columns kept below and to the right that the padding would cut.
    pub padding_out: [usize; 2],
}

impl ConvTranspose2d {
    /// A transposed convolution of `maps` [in, out] with a square kernel that makes maps `stride` times as large, weights
    /// zero until drawn.
    ///
    /// # Panics
    /// If the kernel is smaller than the stride.
    pub fn new(maps: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Self {
        assert!(kernel >= stride, "a kernel of {kernel} leaves gaps at a stride of {stride}");
        let excess = kernel - stride;
        Self {
            weight: Initializer::Zeros.init([maps[0], maps[1], kernel, kernel], device),
            bias: Initializer::Zeros.init([maps[1]], device),
            stride: [stride; 2],
            padding: [excess.div_ceil(2); 2],
            padding_out: [excess % 2; 2],
        }
    }

    /// # Shapes
    /// - input: `[batch, maps in, height, width]`
    /// - output: `[batch, maps out, (height − 1)·stride − 2·padding + kernel + padding out, …]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        if !is_cpu(&x.device()) {
            let options = ConvTransposeOptions::new(self.stride, self.padding, self.padding_out, [1, 1], 1);
            return conv_transpose2d(x, weight, Some(bias), options);
        }
        let ([batch, maps_in, height, width], [weight_in, maps_out, rows, columns]) = (x.dims(), weight.dims());
        assert_eq!(maps_in, weight_in, "{maps_in} maps into a transposed convolution of {weight_in}");
        let side = |i: usize, n, kernel| (n - 1) * self.stride[i] + kernel + self.padding_out[i] - 2 * self.padding[i];
        let geometry = Geometry {
            big_maps: maps_out,
            small_maps: maps_in,
            kernel: [rows, columns],
            stride: self.stride,
            padding: self.padding,
            big: [side(0, height, rows), side(1, width, columns)],
            small: [height, width],
        };
        macs::add(batch * geometry.macs());
        apply(Transpose { geometry, batch }, [x.into(), weight.into(), bias.into()])
    }
}

/// Transposed convolution on the CPU: from the smaller side of the geometry to the larger.
#[derive(Clone, Debug)]
struct Transpose {
    geometry: Geometry,
    batch: usize,
}

impl Operation<3> for Transpose {
    fn forward(&self, [x, weight, bias]: &[FlexTensor; 3]) -> FlexTensor {
        let (g, x) = (&self.geometry, channels_last(x));
        let weight = ScatterWeights::new(g, values(&weight.to_contiguous()));
        let y = scatter(self.batch, values(&x), &weight, Some(values(&bias.to_contiguous())));
        of_channels_last(y, [self.batch, g.big_maps, g.big[0], g.big[1]])
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
            let weight = GatherWeights::new(g, values(&weight.to_contiguous()));
            let x = gather(n, values(&grad), &weight, None);
            of_channels_last(x, [n, g.small_maps, g.small[0], g.small[1]])
        });
        let by_weight = wanted[1].then(|| {
            let weight = correlate(g, n, values(&grad), values(&channels_last(x)));
            of_values(weight, &[g.small_maps, g.big_maps, g.kernel[0], g.kernel[1]])
        });
        let by_bias = wanted[2].then(|| of_values(sum_maps(values(&grad), g.big_maps), &[g.big_maps]));
        [by_x, by_weight, by_bias]
    }
}
