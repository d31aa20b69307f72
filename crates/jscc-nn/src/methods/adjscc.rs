//! ADJSCC: feature maps weighted by a small network that sees the SNR.
//!
//! *Source.* J. Xu, B. Ai, W. Chen, A. Yang, P. Sun, M. Rodrigues, "Wireless image transmission using deep source channel
//! coding with attention modules", IEEE Trans. Circuits Syst. Video Technol. 32 (4), 2022. Survey, section IV.B.3, reference 16.
//!
//! *Idea.* After each inner layer, the mean of every map and the SNR determine a weight of every map: at a low SNR the codec
//! can spend its power on few features, at a high one on many. One network serves all SNRs.
//!
//! ```text
//! maps ─┬─ mean, SNR ─ linear ─ ReLU ─ linear ─ 2σ ─ weights ─┐
//!       └────────────────────────────────────────────────────×─ maps
//! ```
//!
//! *Channel information.* The SNR, on both sides.
//!
//! *Departures from the paper.* The host is [`super::deepjscc_conv`], an eightieth of the paper's network; the SNR is divided by
//! 20, since raw decibels saturate a sigmoid; weights are 2σ, so that zero weights leave the host as it is.

use super::deepjscc_conv::{self, Adaptation, Config, Decoder, Encoder};
use crate::init::Initial;
use crate::layers::{mean_maps, scale_maps};
use crate::method::{Card, Family, Method, Needs, Output, Sent, Side, Source, Task};
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};

/// Fewest values of a module's hidden layer.
const LEAST_HIDDEN: usize = 4;
/// Maps per value of it.
const TO_HIDDEN: usize = 4;

/// The network.
#[derive(Module, Debug)]
pub struct Adjscc {
    encoder: AdaptedEncoder,
    decoder: AdaptedDecoder,
}

#[derive(Module, Debug)]
struct AdaptedEncoder {
    host: Encoder,
    attention: Vec<Attention>,
}

#[derive(Module, Debug)]
struct AdaptedDecoder {
    host: Decoder,
    attention: Vec<Attention>,
}

/// Weights of maps: the paper's attention feature module.
#[derive(Module, Debug)]
struct Attention {
    hidden: Linear,
    weights: Linear,
}

impl Attention {
    fn new(maps: usize, device: &Device) -> Self {
        let hidden = (maps / TO_HIDDEN).max(LEAST_HIDDEN);
        Self {
            hidden: LinearConfig::new(maps + 1, hidden).init(device),
            weights: LinearConfig::new(hidden, maps).init(device),
        }
    }

    /// Weights of maps, 0 to 2, by their means `[batch, maps]` and the SNR `[batch, 1]`.
    fn gates(&self, means: Tensor<2>, snr: &Tensor<2>) -> Tensor<2> {
        let seen = Tensor::cat(vec![means, snr.clone()], 1);
        sigmoid(self.weights.forward(relu(self.hidden.forward(seen)))) * 2.0
    }

    /// Weighs maps `[batch, maps, height, width]` by themselves and the SNR, `[batch, 1]`.
    fn forward(&self, x: Tensor<4>, snr: &Tensor<2>) -> Tensor<4> {
        let weights = self.gates(mean_maps(x.clone()), snr);
        let [_, maps] = weights.dims();
        let nothing = Tensor::zeros([1, maps], &weights.device());
        scale_maps(x, weights, nothing)
    }
}

/// A half's modules, told the SNR.
struct Told<'a> {
    attention: &'a [Attention],
    snr: &'a Tensor<2>,
}

impl Adaptation for Told<'_> {
    fn follow(&self, i: usize, x: Tensor<4>) -> Tensor<4> {
        self.attention[i].forward(x, self.snr)
    }
}

impl Method for Adjscc {
    const CARD: Card = Card {
        name: "adjscc",
        title: "ADJSCC",
        reference: "Xu, Ai, Chen, Yang, Sun, Rodrigues, IEEE TCSVT 32 (4), 2022",
        family: Family::FeatureAdaptation,
        tasks: &[Task::Recover],
        encoder: Needs::Snr,
        decoder: Needs::Snr,
        parts: &["encoder", "decoder"],
    };

    const INITIAL: Initial = Initial::He;
    type Config = Config;
    type Aux = ();

    fn misfit(source: Source, k: usize) -> Option<String> {
        deepjscc_conv::misfit(source, k)
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        let attention = |maps: usize| Attention::new(maps, device);
        let inner = config.inner();
        Self {
            encoder: AdaptedEncoder {
                host: Encoder::new(*config, source, k, device),
                attention: inner.into_iter().map(attention).collect(),
            },
            decoder: AdaptedDecoder {
                host: Decoder::new(*config, source, k, device),
                attention: inner.into_iter().rev().map(attention).collect(),
            },
        }
    }

    fn encode(&self, x: Tensor<4>, side: &Side) -> Sent {
        let told = Told { attention: &self.encoder.attention, snr: side.snr() };
        Sent::all(self.encoder.host.forward(x, &told))
    }

    fn decode(&self, received: Tensor<3>, side: &Side) -> Output {
        let (host, told) = (&self.decoder.host, Told { attention: &self.decoder.attention, snr: side.snr() });
        Output::image(host.forward(host.maps(received), &told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::deepjscc_conv::tests::{HOST, K, pictures_and_host, same};
    use crate::weights::Weights;

    /// Weights of zero: the host, bit for bit, whatever SNR is told.
    #[test]
    fn without_weights_it_is_its_host() {
        let (x, host) = pictures_and_host();
        let fresh = Adjscc::new(&Config::default(), HOST, K, &x.device());
        let off = |attention: Vec<Attention>| attention.into_iter().map(Attention::off).collect();
        let net = Adjscc {
            encoder: AdaptedEncoder { host: host.encoder.clone(), attention: off(fresh.encoder.attention) },
            decoder: AdaptedDecoder { host: host.decoder.clone(), attention: off(fresh.decoder.attention) },
        };
        same(&host, &net, x);
    }

    /// In the shipped weights the SNR moves the gates of each layer, the maps being the same: by 0.05 on average over them all.
    #[test]
    fn gates_move_with_the_snr() {
        let bytes = include_bytes!("../../../../models/cifar-k256-adjscc-seed1.safetensors");
        let device = Device::flex();
        let net: Adjscc = Weights::read(bytes).expect("intact").network(&device).expect("of this method");
        let moved = |attention: &Attention| {
            let [maps] = attention.weights.bias.as_ref().expect("with bias").dims();
            let gates =
                |snr: f32| attention.gates(Tensor::full([1, maps], 0.3, &device), &Tensor::full([1, 1], snr, &device));
            let by: f32 = (gates(-0.5) - gates(0.5)).abs().mean().into_scalar();
            by
        };
        let all: Vec<f32> = net.encoder.attention.iter().chain(&net.decoder.attention).map(moved).collect();
        let mean = all.iter().sum::<f32>() / all.len() as f32;
        assert!(mean >= 0.05, "gates move by {all:?} from 0 to 20 dB");
    }

    impl Attention {
        fn off(self) -> Self {
            let zero = |linear: Linear| Linear {
                weight: linear.weight.map(|weight| weight.zeros_like()),
                bias: linear.bias.map(|bias| bias.map(|bias| bias.zeros_like())),
            };
            Self { hidden: zero(self.hidden), weights: zero(self.weights) }
        }
    }
}
