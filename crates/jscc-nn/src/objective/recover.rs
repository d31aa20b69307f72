//! Mean square error of the pictures.

use crate::method::{ForwardPass, Method};
use burn::tensor::Tensor;

pub(super) const NAME: &str = "recover";

/// Mean square error of the decoded pictures.
pub(super) fn loss<M: Method>(net: &M, pass: &ForwardPass<M::Aux>) -> Tensor<1> {
    let output = pass.arrived(net.decode(pass.received(), &pass.side));
    let image = output.image.expect("a method that recovers gives pictures");
    (image - pass.x.clone()).square().mean()
}
