//! Generalised divisive normalisation: each map divided by a learnt measure of the energy of all maps around it.
//!
//! *Source.* J. Ballé, V. Laparra, E. P. Simoncelli, "Density modeling of images using a generalized normalization
//! transformation", ICLR 2016: y_i = x_i / √(β_i + Σ_j γ_ij x_j²).

use super::conv::convolve;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

/// Keeps the square root away from zero.
const LEAST: f32 = 1e-6;

/// Divides, or multiplies as decoders do.
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
    /// What the measure is used for.
    #[module(skip)]
    pub gain: Gain,
}

impl Gdn {
    /// β = 1 and γ = 0.1 on the diagonal to begin with.
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
        let [maps, _] = self.root_gamma.dims();
        let gamma = self.root_gamma.val().square().reshape([maps, maps, 1, 1]);
        let beta = self.root_beta.val().square().add_scalar(LEAST);
        let energy = convolve(x.clone().square(), gamma, beta, [1, 1], [0, 0]);
        match self.gain {
            Gain::Divide => x / energy.sqrt(),
            Gain::Multiply => x * energy.sqrt(),
        }
    }
}
