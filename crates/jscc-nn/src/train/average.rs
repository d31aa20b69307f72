//! The exponential moving average of weights.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use burn::tensor::container::TensorContainer;

/// Moves `average` towards `net`: decay · average + (1 − decay) · net.
pub(crate) fn approach<M: Module>(average: M, net: &M, decay: f64) -> M {
    let mut collect = Collect(TensorContainer::new());
    net.visit(&mut collect);
    average.map(&mut Approach { weights: collect.0, decay })
}

/// The decay after `step` steps: lower at the beginning, so that the first weights are soon forgotten.
pub(crate) fn decay_at(decay: f64, step: usize) -> f64 {
    let step = step as f64;
    decay.min((1.0 + step) / (10.0 + step))
}

struct Collect(TensorContainer<ParamId>);

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register(param.id, param.val().inner());
    }
}

struct Approach {
    weights: TensorContainer<ParamId>,
    decay: f64,
}

impl ModuleMapper for Approach {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let weights: Tensor<D> = self.weights.remove(&param.id).expect("the same network's weights");
        param.map(|average| average * self.decay + weights * (1.0 - self.decay))
    }
}
