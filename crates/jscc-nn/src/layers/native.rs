//! Bridge from burn's tensors to the CPU kernels' slices: operations with hand-written gradients in burn's graph.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::{FlexTensor, Layout};
use burn::backend::{Autodiff, AutodiffBackend, BackendTypes, DispatchDevice, Flex};
use burn::tensor::{Bytes, DType, Device, Shape, Tensor};
use std::fmt::Debug;

/// Whether our kernels compute tensors of this device.
pub(super) fn is_cpu(device: &Device) -> bool {
    matches!(device.clone().inner().as_dispatch(), DispatchDevice::Flex(_))
}

/// An operation of N float tensors on the CPU, and its gradient.
pub(super) trait Operation<const N: usize>: Clone + Debug + Send + 'static {
    /// The value.
    fn forward(&self, inputs: &[FlexTensor; N]) -> FlexTensor;

    /// Gradients with respect to the inputs, at least those that are `wanted`.
    fn backward(&self, inputs: &[FlexTensor; N], grad: &FlexTensor, wanted: [bool; N]) -> [Option<FlexTensor>; N];
}

/// A tensor in an autodiff graph.
type Node = <Autodiff<Flex> as BackendTypes>::FloatTensorPrimitive;

/// A tensor on the CPU, with or without a graph.
pub(super) enum Input {
    Plain(FlexTensor),
    Graph(Node),
}

impl<const D: usize> From<Tensor<D>> for Input {
    fn from(tensor: Tensor<D>) -> Self {
        let whose = "the device was asked before";
        if tensor.is_autodiff() {
            Self::Graph(tensor.try_into_primitive::<Autodiff<Flex>>().expect(whose))
        } else {
            Self::Plain(tensor.try_into_primitive::<Flex>().expect(whose))
        }
    }
}

/// Computes an operation, and records it if an input belongs to a graph.
pub(super) fn apply<O: Operation<N>, const N: usize, const D: usize>(operation: O, inputs: [Input; N]) -> Tensor<D> {
    if inputs.iter().all(|input| matches!(input, Input::Plain(_))) {
        let inputs = inputs.map(|input| match input {
            Input::Plain(tensor) => tensor,
            Input::Graph(node) => node.into_primitive(),
        });
        return Tensor::from_primitive::<Flex>(operation.forward(&inputs));
    }
    let nodes = inputs.map(|input| match input {
        Input::Plain(tensor) => Autodiff::<Flex>::from_inner(tensor),
        Input::Graph(node) => node,
    });
    let guards = nodes.each_ref().map(Node::node);
    let inputs = nodes.map(Node::into_primitive);
    let output = operation.forward(&inputs);
    let recorded = match Recorded(operation).prepare::<NoCheckpointing>(guards).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(inputs, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(recorded)
}

/// An operation recorded in the graph.
#[derive(Debug)]
struct Recorded<O>(O);

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Recorded<O> {
    type State = [FlexTensor; N];

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let by_input = self.0.backward(&ops.state, &grad, wanted);
        for (parent, grad) in ops.parents.into_iter().zip(by_input) {
            if let (Some(parent), Some(grad)) = (parent, grad) {
                grads.register::<Flex>(parent.id, grad);
            }
        }
    }
}

/// `[batch, maps, height, width]` as `[batch, height, width, maps]`, contiguous; a copy only if it is not already so.
pub(super) fn channels_last(tensor: &FlexTensor) -> FlexTensor {
    let layout = tensor.layout().permute(&[0, 2, 3, 1]);
    tensor.clone().with_layout(layout).to_contiguous()
}

/// The inverse of [`channels_last`]: values in the order `[batch, height, width, maps]` as `[batch, maps, height, width]`.
pub(super) fn of_channels_last(values: Vec<f32>, [batch, maps, height, width]: [usize; 4]) -> FlexTensor {
    of_values(values, &[batch, height, width, maps]).permuted([0, 3, 1, 2])
}

/// Values in row-major order.
pub(super) fn of_values(values: Vec<f32>, dims: &[usize]) -> FlexTensor {
    let shape = Shape::from(dims.to_vec());
    assert_eq!(values.len(), shape.num_elements(), "values of a tensor {dims:?}");
    FlexTensor::new(Bytes::from_elems(values), Layout::contiguous(shape), DType::F32)
}

/// The values of a contiguous tensor.
pub(super) fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("a contiguous tensor of 32-bit floats")
}

trait Permuted {
    fn permuted(self, axes: [usize; 4]) -> Self;
}

impl Permuted for FlexTensor {
    fn permuted(self, axes: [usize; 4]) -> Self {
        let layout = self.layout().permute(&axes);
        self.with_layout(layout)
    }
}
