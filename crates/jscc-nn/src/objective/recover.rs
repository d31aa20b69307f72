//! The pictures' mean square error.

use crate::method::{ForwardPass, Method};
use burn::tensor::Tensor;

pub(super) const NAME: &str = "recover";

/// The error of the pictures that the decoder makes of what was received.
pub(super) fn loss<M: Method>(net: &M, pass: &ForwardPass<M::Aux>) -> Tensor<1> {
    let output = pass.arrived(net.decode(pass.received(), &pass.side));
    let image = output.image.expect("a method that recovers gives pictures");
    (image - pass.x.clone()).square().mean()
}
