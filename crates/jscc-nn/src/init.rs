//! Initial weights from a seeded stream of ours: burn's generator is one per process, and would make a run depend on
//! what else the process does.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};
use jscc_phy::random::stream;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Variance of initial weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initial {
    /// 1/fan-in (LeCun), a transposed convolution's taken as a convolution's.
    LeCun,
    /// 2/fan-in (He et al., ICCV 2015), which keeps the signal's variance through rectifiers; for deep networks.
    He,
}

/// Draws every weight uniformly, in the order of the module's fields; vectors (biases, slopes) keep the value that their
/// layer gives them, biases zero.
pub fn draw<M: Module>(module: M, initial: Initial, seed: u64) -> M {
    let rng = stream(seed, "init", 0);
    module.map(&mut Draw { rng, initial, is_bias: false, is_transposed: false })
}

struct Draw {
    rng: ChaCha8Rng,
    initial: Initial,
    is_bias: bool,
    /// Of a transposed convolution.
    is_transposed: bool,
}

impl ModuleMapper for Draw {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.is_bias = name == "bias";
        self.is_transposed = container_type.ends_with("ConvTranspose2d");
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (is_bias, is_transposed) = (self.is_bias, self.is_transposed);
        param.map(|old| {
            let (dims, device) = (old.dims(), old.device());
            let fan_in = match D {
                1 if is_bias => return Tensor::zeros(dims, &device).set_require_grad(old.is_require_grad()),
                1 => return old,
                // Linear is [inputs, outputs]; convolutions are [.., .., height, width] with the map count second.
                2 => dims[0],
                _ if is_transposed && self.initial == Initial::He => dims[0] * dims[2..].iter().product::<usize>(),
                _ => dims[1..].iter().product(),
            };
            let values = self.uniform(dims.iter().product(), fan_in);
            let tracked = old.is_require_grad();
            Tensor::from_data(TensorData::new(values, dims), &device).set_require_grad(tracked)
        })
    }
}

impl Draw {
    fn uniform(&mut self, n: usize, fan_in: usize) -> Vec<f32> {
        let variances = match self.initial {
            Initial::LeCun => 1.0,
            Initial::He => 2.0,
        };
        let bound = (3.0 * variances / fan_in as f32).sqrt();
        (0..n).map(|_| self.rng.random_range(-bound..bound)).collect()
    }
}
