//! Hyper-AJSCC: every map of every convolution multiplied by a line in the SNR.
//!
//! *Source.* S. Xie, H. He, H. Li, S. Song, J. Zhang, Y.-J. A. Zhang, K. B. Letaief, "Deep learning-based adaptive joint
//! source-channel coding using hypernetworks", arXiv 2401.11155, 2024. Survey, section IV.B.3, reference 30.
//!
//! *Idea.* The hypernetwork that makes the weights of the codec from the SNR is as small as can be: a convolution's output
//! map is multiplied by a·s + b before its bias, with one a and one b per map.
//!
//! *Channel information.* The SNR, on both sides.
//!
//! *Departures from the paper.* The host is [`super::deepjscc_conv`]; s is the SNR in dB, scaled to ±0.5 for 0 to 20 dB, and a
//! begins at 0, b at 1, where it is the host bit for bit.

use super::deepjscc_conv::{self, Adaptation, Config, Decoder, Encoder, LAYERS};
use crate::init::Initial;
use crate::layers::{Conv2d, ConvTranspose2d, scale_maps};
use crate::method::{Card, Family, Method, Needs, Output, Sent, Side, Source, Task};
use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor};

/// The network.
#[derive(Module, Debug)]
pub struct HyperAjscc {
    encoder: HyperEncoder,
    decoder: HyperDecoder,
}

#[derive(Module, Debug)]
struct HyperEncoder {
    host: Encoder,
    lines: Vec<Line>,
}

#[derive(Module, Debug)]
struct HyperDecoder {
    host: Decoder,
    lines: Vec<Line>,
}

/// a·s + b per map.
#[derive(Module, Debug)]
struct Line {
    slope: Param<Tensor<1>>,
    level: Param<Tensor<1>>,
}

impl Line {
    fn new(maps: usize, device: &Device) -> Self {
        Self { slope: Initializer::Zeros.init([maps], device), level: Initializer::Ones.init([maps], device) }
    }

    /// Factors `[batch, maps]` of maps at the SNRs `[batch, 1]`.
    fn at(&self, snr: &Tensor<2>) -> Tensor<2> {
        let row = |param: &Param<Tensor<1>>| param.val().unsqueeze_dim::<2>(0);
        snr.clone().matmul(row(&self.slope)) + row(&self.level)
    }
}

/// A half's lines, told the SNR.
struct Told<'a> {
    lines: &'a [Line],
    snr: &'a Tensor<2>,
}

impl Told<'_> {
    /// A layer's output with its maps multiplied, all but the bias: where the factor is 1, nothing is rounded.
    fn multiplied(&self, i: usize, y: Tensor<4>, bias: &Param<Tensor<1>>) -> Tensor<4> {
        let factor = self.lines[i].at(self.snr);
        let bias = (factor.clone() * -1.0 + 1.0) * bias.val().unsqueeze_dim::<2>(0);
        scale_maps(y, factor, bias)
    }
}

impl Adaptation for Told<'_> {
    fn convolve(&self, i: usize, layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
        self.multiplied(i, layer.forward(x), &layer.bias)
    }

    fn transpose(&self, i: usize, layer: &ConvTranspose2d, x: Tensor<4>) -> Tensor<4> {
        self.multiplied(i, layer.forward(x), &layer.bias)
    }
}

impl Method for HyperAjscc {
    const CARD: Card = Card {
        name: "hyper_ajscc",
        title: "Hyper-AJSCC",
        reference: "Xie, He, Li, Song, Zhang, Zhang, Letaief, arXiv 2401.11155, 2024",
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
        let lines = |maps: [usize; LAYERS]| maps.into_iter().map(|maps| Line::new(maps, device)).collect();
        let ([a, b, c, d], host) = (config.inner(), Decoder::new(*config, source, k, device));
        Self {
            encoder: HyperEncoder {
                host: Encoder::new(*config, source, k, device),
                lines: lines([a, b, c, d, host.n_maps()]),
            },
            decoder: HyperDecoder { host, lines: lines([d, c, b, a, source.shape[0]]) },
        }
    }

    fn encode(&self, x: Tensor<4>, side: &Side) -> Sent {
        Sent::all(self.encoder.host.forward(x, &Told { lines: &self.encoder.lines, snr: side.snr() }))
    }

    fn decode(&self, received: Tensor<3>, side: &Side) -> Output {
        let HyperDecoder { host, lines } = &self.decoder;
        Output::image(host.forward(host.maps(received), &Told { lines, snr: side.snr() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::deepjscc_conv::tests::{HOST, K, pictures_and_host, same};

    /// a = 0, b = 1: the host, bit for bit, whatever SNR is told.
    #[test]
    fn without_a_slope_it_is_its_host() {
        let (x, host) = pictures_and_host();
        let device = x.device();
        let fresh = HyperAjscc::new(&Config::default(), HOST, K, &device);
        let net = HyperAjscc {
            encoder: HyperEncoder { host: host.encoder.clone(), ..fresh.encoder },
            decoder: HyperDecoder { host: host.decoder.clone(), ..fresh.decoder },
        };
        same(&host, &net, x);
    }
}
