//! Generalised divisive normalisation: each map divided by a learnt measure of the energy of all maps around it.
//!
//! *Source.* J. Ballé, V. Laparra, E. P. Simoncelli, "Density modeling of images using a generalized normalization
//! transformation", ICLR 2016: y_i = x_i / √(β_i + Σ_j γ_ij x_j²).

use super::conv::convolve;
use super::direct::{GatherWeights, Geometry, ScatterWeights, correlate, gather, scatter, sum_maps};
use super::macs;
use super::native::{Operation, apply, channels_last, is_cpu, of_channels_last, of_values, values};
use burn::backend::flex::FlexTensor;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use pulp::Arch;

/// Lower bound under the square root.
const LEAST: f32 = 1e-6;

/// Direction of the normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gain {
    /// y = x / √…, in encoders.
    Divide,
    /// y = x · √…, the approximate inverse, in decoders.
    Multiply,
}

/// The normalisation.
#[derive(Module, Debug)]
pub struct Gdn {
    /// √β, `[maps]`: squared, it cannot become negative.
    pub root_beta: Param<Tensor<1>>,
    /// √γ, `[maps, maps]`.
    pub root_gamma: Param<Tensor<2>>,
    /// Direction.
    #[module(skip)]
    pub gain: Gain,
}

impl Gdn {
    /// Initial values: β = 1, γ = 0.1 on the diagonal and 0 elsewhere.
    pub fn new(maps: usize, gain: Gain, device: &Device) -> Self {
        let diagonal = |i: usize| if i / maps == i % maps { 0.1f32.sqrt() } else { 0.0 };
        let gamma = TensorData::new((0..maps * maps).map(diagonal).collect(), [maps, maps]);
        Self {
            root_beta: Param::from_tensor(Tensor::ones([maps], device)),
            root_gamma: Param::from_tensor(Tensor::from_data(gamma, device)),
            gain,
        }
    }

    /// # Shapes
    /// - input and output: `[batch, maps, height, width]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (dims, [maps, _]) = (x.dims(), self.root_gamma.dims());
        assert_eq!(dims[1], maps, "{} maps into a normalisation of {maps}", dims[1]);
        let gamma = self.root_gamma.val().square().reshape([maps, maps, 1, 1]);
        let beta = self.root_beta.val().square().add_scalar(LEAST);
        if is_cpu(&x.device()) {
            let normalize = Normalize { dims, gain: self.gain };
            macs::add(dims[0] * normalize.geometry().macs());
            return apply(normalize, [x.into(), gamma.into(), beta.into()]);
        }
        let energy = convolve(x.clone().square(), gamma, beta, [1, 1], [0, 0]);
        match self.gain {
            Gain::Divide => x / energy.sqrt(),
            Gain::Multiply => x * energy.sqrt(),
        }
    }
}

/// The normalisation on the CPU; inputs are x, γ as a 1×1 convolution, and β.
#[derive(Clone, Debug)]
struct Normalize {
    dims: [usize; 4],
    gain: Gain,
}

impl Normalize {
    fn geometry(&self) -> Geometry {
        let [_, maps, height, width] = self.dims;
        Geometry::new([maps; 2], [1, 1], [1, 1], [0, 0], [height, width])
    }

    /// x² and β + γ·x².
    fn energy(&self, x: &[f32], gamma: &FlexTensor, beta: &FlexTensor) -> [Vec<f32>; 2] {
        let squares: Vec<f32> = Arch::new().dispatch(|| x.iter().map(|x| x * x).collect());
        let weights = GatherWeights::new(&self.geometry(), values(&gamma.to_contiguous()));
        let energy = gather(self.dims[0], &squares, &weights, Some(values(&beta.to_contiguous())));
        [squares, energy]
    }

    /// The factor of x, and its derivative with respect to the energy.
    fn factor(&self, energy: f32) -> [f32; 2] {
        let root = energy.sqrt();
        match self.gain {
            Gain::Divide => [1.0 / root, -0.5 / (energy * root)],
            Gain::Multiply => [root, 0.5 / root],
        }
    }
}

impl Operation<3> for Normalize {
    fn forward(&self, [x, gamma, beta]: &[FlexTensor; 3]) -> FlexTensor {
        let x = channels_last(x);
        let [_, energy] = self.energy(values(&x), gamma, beta);
        let scaled = |(x, energy): (&f32, &f32)| x * self.factor(*energy)[0];
        let y = Arch::new().dispatch(|| values(&x).iter().zip(&energy).map(scaled).collect());
        of_channels_last(y, self.dims)
    }

    fn backward(&self, [x, gamma, beta]: &[FlexTensor; 3], grad: &FlexTensor, _: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let ([batch, maps, ..], geometry) = (self.dims, self.geometry());
        let (x, grad) = (channels_last(x), channels_last(grad));
        let (x, grad) = (values(&x), values(&grad));
        let [squares, energy] = self.energy(x, gamma, beta);
        let through = |((x, grad), energy): ((&f32, &f32), &f32)| grad * x * self.factor(*energy)[1];
        let by_energy: Vec<f32> = Arch::new().dispatch(|| x.iter().zip(grad).zip(&energy).map(through).collect());
        let weights = ScatterWeights::new(&geometry, values(&gamma.to_contiguous()));
        let mut by_x = scatter(batch, &by_energy, &weights, None);
        Arch::new().dispatch(|| {
            for (((by_x, x), grad), energy) in by_x.iter_mut().zip(x).zip(grad).zip(&energy) {
                *by_x = grad * self.factor(*energy)[0] + 2.0 * x * *by_x;
            }
        });
        let by_gamma = correlate(&geometry, batch, &squares, &by_energy);
        let by_beta = sum_maps(&by_energy, maps);
        [
            Some(of_channels_last(by_x, self.dims)),
            Some(of_values(by_gamma, &[maps, maps, 1, 1])),
            Some(of_values(by_beta, &[maps])),
        ]
    }
}
