//! Replicas of the weights for shards, and the sum of the shards' gradients.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// A copy of a network that records its own graph, in which only some parts learn.
///
/// Parts are the network's fields.
pub(crate) fn replica<M: Module + Clone>(net: &M, learns: Option<&[String]>) -> M {
    net.clone().map(&mut Replica { learns, path: Vec::new() })
}

struct Replica<'a> {
    learns: Option<&'a [String]>,
    path: Vec<String>,
}

impl ModuleMapper for Replica<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let learns = self.learns.is_none_or(|parts| parts.contains(&self.path[0]));
        param.map(|tensor| tensor.detach().set_require_grad(learns))
    }
}

/// The sum of the shards' gradients, always in the same order, and its Euclidean norm over all weights.
pub(crate) fn total<M: Module>(net: &M, shards: Vec<GradientsParams>) -> (GradientsParams, f64) {
    let mut total = Total { shards, sum: GradientsParams::new(), squares: Vec::new() };
    net.visit(&mut total);
    // One transfer for all, because a transfer from a GPU is slow.
    let squares: Vec<f32> = if total.squares.is_empty() {
        Vec::new()
    } else {
        Tensor::cat(total.squares, 0).try_into_vec_as().expect("32-bit floats")
    };
    (total.sum, squares.into_iter().map(f64::from).sum::<f64>().sqrt())
}

struct Total {
    shards: Vec<GradientsParams>,
    sum: GradientsParams,
    squares: Vec<Tensor<1>>,
}

impl ModuleVisitor for Total {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let by_shard = self.shards.iter_mut().filter_map(|shard| shard.remove::<D>(param.id));
        if let Some(sum) = by_shard.reduce(|sum, gradient| sum + gradient) {
            self.squares.push(sum.clone().square().sum());
            self.sum.register(param.id, sum);
        }
    }
}

/// Clips gradients of norm `norm` to at most `most`.
pub(crate) fn shorten<M: Module>(net: &M, gradients: GradientsParams, norm: f64, most: f64) -> GradientsParams {
    if norm <= most {
        return gradients;
    }
    let mut scale = Scale { gradients, factor: most / norm };
    net.visit(&mut scale);
    scale.gradients
}

struct Scale {
    gradients: GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scale {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients.register(param.id, gradient * self.factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Compute;
    use burn::nn::{Linear, LinearConfig};

    /// Gradients of Σ w·c of a layer, with the norm of c.
    fn gradients(net: &Linear, c: f32) -> GradientsParams {
        let loss = (net.weight.val() * c).sum();
        GradientsParams::from_grads(loss.backward(), net)
    }

    #[test]
    fn gradients_are_shortened_to_the_length_and_no_further() {
        let device = Compute::Cpu.device().autodiff();
        let net: Linear = LinearConfig::new(4, 9).with_bias(false).init(&device);
        let of = |c: f32, most: f64| {
            let (gradients, norm) = total(&net, vec![gradients(&net, c)]);
            assert!((norm - 6.0 * f64::from(c)).abs() < 1e-4, "36 weights: {norm}");
            total(&net, vec![shorten(&net, gradients, norm, most)]).1
        };
        for (c, most, want) in [(2.0, 3.0, 3.0), (2.0, 12.5, 12.0), (0.01, 3.0, 0.06), (50.0, 0.5, 0.5)] {
            let length = of(c, most);
            assert!((length - want).abs() < 1e-4 * want.max(1.0), "{c} shortened to {most}: {length}, not {want}");
        }
    }
}
