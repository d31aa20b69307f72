//! SNR map: a decoder that knows how noisy each received symbol is, behind an encoder that knows nothing.
//!
//! *Source.* M. Ding, J. Li, M. Ma, X. Fan, "SNR-adaptive deep joint source-channel coding for wireless image transmission",
//! ICASSP 2021. Survey, section IV.B.3, reference 29.
//!
//! *Idea.* The receiver estimates the noise by itself and lays it beside the received symbols as one more feature map; a few
//! convolutions estimate the noise on the symbols and subtract it before decoding. Nothing is fed back to the sender.
//!
//! ```text
//! ẑ ──────────────────────────────────────────┬─ − ─ decoder ─ x̂
//! ẑ, log₁₀(noise)/2 ─ conv 3 ─ PReLU ─ conv 3 ─┘
//! ```
//!
//! *Channel information.* Noise variances at the decoder, one per symbol: after zero forcing on a fading channel they differ.
//!
//! *Departures from the paper.* The map is joined to the symbols instead of added to them, and has a value per symbol where
//! the paper's is constant; the host is [`super::deepjscc_conv`].

use super::deepjscc_conv::{self, Decoder, Encoder, Plain};
use crate::init::Initial;
use crate::layers::{Conv2d, PRelu, size};
use crate::method::{Card, Family, Method, Needs, Output, Sent, Side, Source, Task};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// Limit of half the noise's logarithm: −30 to 30 dB.
const MOST: f32 = 1.5;

/// Sizes of the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Feature maps at half and at a quarter of the picture's sides.
    #[serde(deserialize_with = "size::each")]
    pub maps: [usize; 2],
    /// Feature maps of the noise estimate.
    #[serde(deserialize_with = "size::one")]
    pub estimate: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { maps: [16, 32], estimate: 32 }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct SnrMap {
    encoder: Encoder,
    decoder: DenoisingDecoder,
}

#[derive(Module, Debug)]
struct DenoisingDecoder {
    look: Conv2d,
    slopes: PRelu,
    estimate: Conv2d,
    host: Decoder,
}

impl DenoisingDecoder {
    fn forward(&self, received: Tensor<3>, noise: Tensor<2>) -> Tensor<4> {
        let z_hat = self.host.maps(received);
        let level = (noise.clamp_min(1e-9).log() / (2.0 * std::f32::consts::LN_10)).clamp(-MOST, MOST);
        let seen = Tensor::cat(vec![z_hat.clone(), self.host.maps_of_reals(level)], 1);
        let estimate = self.estimate.forward(self.slopes.forward(self.look.forward(seen)));
        self.host.forward(z_hat - estimate, &Plain)
    }
}

impl Method for SnrMap {
    const CARD: Card = Card {
        name: "snr_map",
        title: "SNR map",
        reference: "Ding, Li, Ma, Fan, ICASSP 2021",
        family: Family::FeatureAdaptation,
        tasks: &[Task::Recover],
        encoder: Needs::Nothing,
        decoder: Needs::NoiseMap,
        parts: &["encoder", "decoder"],
    };

    const INITIAL: Initial = Initial::He;
    type Config = Config;
    type Aux = ();

    fn misfit(source: Source, k: usize) -> Option<String> {
        deepjscc_conv::misfit(source, k)
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        let sizes = deepjscc_conv::Config { maps: config.maps };
        let host = Decoder::new(sizes, source, k, device);
        let (maps, estimate) = (host.n_maps(), config.estimate);
        Self {
            encoder: Encoder::new(sizes, source, k, device),
            decoder: DenoisingDecoder {
                look: Conv2d::new([maps + maps / 2, estimate], 3, 1, device),
                slopes: PRelu::of_maps(estimate, device),
                estimate: Conv2d::new([estimate, maps], 3, 1, device),
                host,
            },
        }
    }

    fn encode(&self, x: Tensor<4>, _: &Side) -> Sent {
        Sent::all(self.encoder.forward(x, &Plain))
    }

    fn decode(&self, received: Tensor<3>, side: &Side) -> Output {
        Output::image(self.decoder.forward(received, side.noise().clone()))
    }
}
