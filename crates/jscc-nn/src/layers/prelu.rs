//! Parametric rectifier: x where x is positive, α·x elsewhere.
//!
//! *Source.* K. He et al., "Delving deep into rectifiers", ICCV 2015.

use super::direct::{prelu as rectify, prelu_backward};
use super::native::{Operation, apply, channels_last, is_cpu, of_channels_last, of_values, values};
use burn::backend::flex::FlexTensor;
use burn::module::{Initializer, Module, Param};
use burn::tensor::activation::prelu;
use burn::tensor::{Device, Tensor};

/// A rectifier with a learnt slope.
#[derive(Module, Debug)]
pub struct PRelu {
    /// One slope for all maps, or one per map.
    pub alpha: Param<Tensor<1>>,
}

impl PRelu {
    /// One slope for all maps, initially 0.25.
    pub fn new(device: &Device) -> Self {
        Self::of_maps(1, device)
    }

    /// One slope per map, initially 0.25.
    pub fn of_maps(maps: usize, device: &Device) -> Self {
        Self { alpha: Initializer::Constant { value: 0.25 }.init([maps], device) }
    }

    /// # Shapes
    /// - input and output: `[batch, maps, height, width]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let alpha = self.alpha.val();
        if !is_cpu(&x.device()) {
            return prelu(x, alpha);
        }
        let (dims, [slopes]) = (x.dims(), alpha.dims());
        assert!(slopes == 1 || slopes == dims[1], "{slopes} slopes for {} maps", dims[1]);
        apply(Rectify { dims }, [x.into(), alpha.into()])
    }
}

#[derive(Clone, Debug)]
struct Rectify {
    dims: [usize; 4],
}

impl Operation<2> for Rectify {
    fn forward(&self, [x, alpha]: &[FlexTensor; 2]) -> FlexTensor {
        let y = rectify(values(&channels_last(x)), values(&alpha.to_contiguous()));
        of_channels_last(y, self.dims)
    }

    fn backward(&self, [x, alpha]: &[FlexTensor; 2], grad: &FlexTensor, _: [bool; 2]) -> [Option<FlexTensor>; 2] {
        let (x, alpha, grad) = (channels_last(x), alpha.to_contiguous(), channels_last(grad));
        let (by_x, by_alpha) = prelu_backward(values(&x), values(&alpha), values(&grad));
        let n_slopes = by_alpha.len();
        [Some(of_channels_last(by_x, self.dims)), Some(of_values(by_alpha, &[n_slopes]))]
    }
}
