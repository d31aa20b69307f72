//! A count of multiply-accumulates: what a network costs on any machine.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Adds to the count of this thread.
pub(super) fn add(n: usize) {
    COUNT.set(COUNT.get() + n as u64);
}

/// Multiply-accumulates of the convolutions that `compute` calls on this thread, normalisations included.
pub fn of_convolutions(compute: impl FnOnce()) -> u64 {
    let before = COUNT.get();
    compute();
    COUNT.get() - before
}

/// Multiply-accumulates of a network's matrices per picture: each meets every picture once.
pub fn of_matrices<M: Module>(net: &M) -> u64 {
    let mut matrices = Matrices { sum: 0, is_normalization: false };
    net.visit(&mut matrices);
    matrices.sum
}

struct Matrices {
    sum: u64,
    /// Of a normalisation, which is a convolution.
    is_normalization: bool,
}

impl ModuleVisitor for Matrices {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.is_normalization = name == "root_gamma";
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if D == 2 && !self.is_normalization {
            self.sum += param.dims().iter().product::<usize>() as u64;
        }
    }
}
