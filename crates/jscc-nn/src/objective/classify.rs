//! Cross entropy of the class.

use crate::method::{ForwardPass, Method};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Tensor, TensorData};

pub(super) const NAME: &str = "classify";

/// Cross entropy in nats of the true label under the decoder's logits; ln(classes) for a lost picture.
///
/// # Panics
/// If the data have no labels.
pub(super) fn loss<M: Method>(net: &M, pass: &ForwardPass<M::Aux>) -> Tensor<1> {
    let output = pass.arrived(net.decode(pass.received(), &pass.side));
    let logits = output.logits.expect("a method that executes gives logits");
    let [images, classes] = logits.dims();
    assert_eq!(pass.labels.len(), images, "labels, and images");
    let mut one_hot = vec![0f32; images * classes];
    for (row, &label) in one_hot.chunks_exact_mut(classes).zip(pass.labels) {
        row[usize::from(label)] = 1.0;
    }
    let one_hot = Tensor::<2>::from_data(TensorData::new(one_hot, [images, classes]), &logits.device());
    (log_softmax(logits, 1) * one_hot).sum() * (-1.0 / images as f32)
}
