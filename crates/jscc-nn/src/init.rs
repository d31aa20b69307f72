//! Initial weights from a seeded stream of ours: burn's generator is one per process, and would make a run depend on
//! what else the process does.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};
use jscc_phy::random::stream;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Draws every weight uniformly with variance 1/fan-in (LeCun), in the order of the module's fields; vectors (biases,
/// slopes) keep the value that their layer gives them, biases zero.
pub fn draw<M: Module>(module: M, seed: u64) -> M {
    module.map(&mut Draw { rng: stream(seed, "init", 0), is_bias: false })
}

struct Draw {
    rng: ChaCha8Rng,
    is_bias: bool,
}

impl ModuleMapper for Draw {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.is_bias = name == "bias";
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let is_bias = self.is_bias;
        param.map(|old| {
            let (dims, device) = (old.dims(), old.device());
            let values = match D {
                1 if is_bias => vec![0.0; dims[0]],
                1 => return old,
                // Linear is [inputs, outputs]; convolutions are [.., .., height, width] with the map count second.
                2 => self.uniform(dims.iter().product(), dims[0]),
                _ => self.uniform(dims.iter().product(), dims[1..].iter().product()),
            };
            let tracked = old.is_require_grad();
            Tensor::from_data(TensorData::new(values, dims), &device).set_require_grad(tracked)
        })
    }
}

impl Draw {
    fn uniform(&mut self, n: usize, fan_in: usize) -> Vec<f32> {
        let bound = (3.0 / fan_in as f32).sqrt();
        (0..n).map(|_| self.rng.random_range(-bound..bound)).collect()
    }
}
