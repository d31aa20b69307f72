//! A classifier over the channel: the class of a picture in a few channel uses, without the picture.
//!
//! *Source.* The host of task-oriented communication, as in J. Shao, Y. Mao, J. Zhang, "Learning task-oriented communication
//! for edge inference", IEEE JSAC 40 (1), 2022, without their bottleneck. The sizes are ours.
//!
//! *Idea.* The receiver needs only the label. Encoder and decoder are trained as one classifier with the channel in the
//! middle, on the cross entropy.
//!
//! ```text
//! x ─ linear ─ 256 ─ linear ─ z k×2, power 1 ─ channel ─ ẑ ─ linear ─ 256 ─ linear ─ 128 ─ linear ─ logits
//! ```
//! ReLU between linear layers.
//!
//! *Channel information.* None, on either side.

use crate::layers::size;
use crate::method::{Card, Family, Method, Needs, Output, Sent, Side, Source, Task};
use crate::symbols::normalize_power;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// Sizes of the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Width between the encoder's two layers.
    #[serde(deserialize_with = "size::one")]
    pub encoder: usize,
    /// Widths between the decoder's three layers.
    #[serde(deserialize_with = "size::each")]
    pub decoder: [usize; 2],
}

impl Default for Config {
    fn default() -> Self {
        Self { encoder: 256, decoder: [256, 128] }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Classifier {
    encoder: Encoder,
    decoder: Decoder,
}

#[derive(Module, Debug)]
struct Encoder {
    inner: Linear,
    to_symbols: Linear,
}

#[derive(Module, Debug)]
struct Decoder {
    from_symbols: Linear,
    inner: Linear,
    to_logits: Linear,
}

impl Method for Classifier {
    const CARD: Card = Card {
        name: "classifier",
        title: "Classifier over the channel",
        reference: "host of task-oriented communication, as in Shao, Mao, Zhang, IEEE JSAC 40 (1), 2022",
        family: Family::Foundation,
        tasks: &[Task::Execute],
        encoder: Needs::Nothing,
        decoder: Needs::Nothing,
        parts: &["encoder", "decoder"],
    };

    type Config = Config;
    type Aux = ();

    fn misfit(source: Source, _: usize) -> Option<String> {
        (source.classes < 2).then(|| format!("pictures of {} kinds of things", source.classes))
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let [first, second] = config.decoder;
        Self {
            encoder: Encoder {
                inner: linear(source.reals(), config.encoder),
                to_symbols: linear(config.encoder, 2 * k),
            },
            decoder: Decoder {
                from_symbols: linear(2 * k, first),
                inner: linear(first, second),
                to_logits: linear(second, source.classes),
            },
        }
    }

    fn encode(&self, x: Tensor<4>, _: &Side) -> Sent {
        let Encoder { inner, to_symbols } = &self.encoder;
        let z = to_symbols.forward(relu(inner.forward(x.flatten::<2>(1, 3))));
        let [images, reals] = z.dims();
        Sent::all(normalize_power(z.reshape([images, reals / 2, 2])))
    }

    fn decode(&self, received: Tensor<3>, _: &Side) -> Output {
        let Decoder { from_symbols, inner, to_logits } = &self.decoder;
        let y = relu(from_symbols.forward(received.flatten::<2>(1, 2)));
        Output::logits(to_logits.forward(relu(inner.forward(y))))
    }
}
