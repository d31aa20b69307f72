//! D2AJSCC: an analog codec on an unmodified 802.11 PHY.
//!
//! *Source.* "D2AJSCC", sections III and IV (the paper that this project begins with).
//!
//! *Idea.* A standard frame imitates the symbols' pulse-shaped waveform ([`jscc_phy::link::Waveform`]). A compensation
//! network corrects the distortion by rounding, cyclic prefix and pilots; and because the PHY has no gradient, a second
//! network learns to imitate the whole link and supplies its own.
//!
//! ```text
//! x ─ encoder ─ z ─ shape ─ w ─┬─ link (802.11) ── heard ─ compensation ─┬─ ŵ ─ matched filter ─ ẑ ─ decoder ─ x̂
//!                              └─ proxy: sender net ─ noise ─ receiver net ─┘  (training only)
//! ```
//!
//! | stage | learns | minimises |
//! |---|---|---|
//! | 1 | `compensation` | `compensate`, equation 14 |
//! | 2 | `proxy` | `imitate`, equation 15 |
//! | 3, in turns | `encoder`, `decoder`, `compensation` | `proxy` + λ `compensate`, equation 16 |
//! | | `proxy` | `imitate`, on fresh waveforms |
//!
//! Alternatives to the third stage's gradient: `recover` (the identity), `guide` (ProxyNet's at the true link's values)
//! and `surrogate` (a gain and noise like the link's).
//!
//! *Channel information.* None, on either side.
//!
//! *Left open by the paper.* Sizes of the networks, pulse, symbol rate, pictures per frame and λ: ours are [`Config`]'s and
//! the experiment file's. Encoder and decoder are [`super::deepjscc`]'s.

pub mod compensation;
pub mod fidelity;
pub mod proxy;
pub mod waveform;

use super::deepjscc::{self, Decoder, Encoder};
use crate::layers::size;
use crate::method::{Card, Draws, Family, ForwardPass, Method, Needs, Output, Sent, Side, Source, Task, Term};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use compensation::Compensation;
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::link::Delivery;
use proxy::ProxyNet;
use serde::{Deserialize, Serialize};
use waveform::{Frame, WaveformMap};

/// The networks.
#[derive(Module, Debug)]
pub struct D2aJscc {
    encoder: Encoder,
    decoder: Decoder,
    compensation: Compensation,
    proxy: ProxyNet,
    #[module(skip)]
    map: WaveformMap,
}

/// Sizes of the networks, and the waveform.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Encoder and decoder.
    pub codec: deepjscc::Config,
    /// Feature maps of the compensation network.
    #[serde(deserialize_with = "size::one")]
    pub compensation_maps: usize,
    /// Side of its two-dimensional kernels, odd.
    #[serde(deserialize_with = "size::odd")]
    pub compensation_kernel: usize,
    /// Feature maps of ProxyNet at full, half and quarter rate.
    #[serde(deserialize_with = "size::each")]
    pub proxy_maps: [usize; 3],
    /// The frame's waveform.
    #[serde(deserialize_with = "Frame::checked")]
    pub frame: Frame,
}

impl Default for Config {
    fn default() -> Self {
        let (compensation_maps, compensation_kernel, proxy_maps) = (16, 5, [16, 32, 64]);
        let (codec, frame) = (deepjscc::Config::default(), Frame::default());
        Self { codec, compensation_maps, compensation_kernel, proxy_maps, frame }
    }
}

impl D2aJscc {
    /// Decodes a compensated waveform to pictures.
    fn pictures(&self, waveform: Tensor<3>) -> Tensor<4> {
        self.decoder.forward(self.map.symbols(waveform, self.decoder.k()))
    }

    /// The imitated link's output for a waveform, with the noise that the true link had. With noise of its own it would
    /// learn the mean over the link's, which is cleaner than the link.
    fn imitate(&self, sent: Tensor<3>, noise: &Tensor<3>) -> Tensor<3> {
        self.proxy.forward(sent, self.map.baseband(noise.clone()))
    }

    /// As [`D2aJscc::imitate`] in a pass.
    fn imitated(&self, sent: Tensor<3>, pass: &ForwardPass) -> Tensor<3> {
        self.imitate(sent, pass.noise.as_ref().expect("a link that delivers a waveform tells its noise"))
    }

    /// The waveforms of a pass, `[frames, 2, samples]`: as sent, in the graph, and as delivered.
    fn waveforms(&self, pass: &ForwardPass) -> (Tensor<3>, Tensor<3>) {
        let heard = self.map.baseband(pass.heard.clone());
        let [.., samples] = heard.dims();
        (self.map.waveform(pass.sent.z.clone(), samples), heard)
    }

    /// The mean square error of the pictures in a waveform.
    fn error(&self, waveform: Tensor<3>, pass: &ForwardPass) -> Tensor<1> {
        error(self.pictures(waveform), pass)
    }
}

impl Method for D2aJscc {
    const CARD: Card = Card {
        name: "d2ajscc",
        title: "D2AJSCC",
        reference: "\"D2AJSCC\": analog JSCC over an unmodified 802.11 PHY",
        family: Family::Foundation,
        tasks: &[Task::Recover],
        encoder: Needs::Nothing,
        decoder: Needs::Nothing,
        parts: &["encoder", "decoder", "compensation", "proxy"],
    };

    const TERMS: &'static [Term<Self>] = &[
        Term { name: "recover", loss: recover },
        Term { name: "compensate", loss: compensate },
        Term { name: "imitate", loss: imitate },
        Term { name: "proxy", loss: proxy },
        Term { name: "guide", loss: guide },
        Term { name: "surrogate", loss: surrogate },
    ];

    type Config = Config;
    type Aux = ();

    fn misfit(source: Source, _: usize) -> Option<String> {
        deepjscc::misfit(source)
    }

    fn images_per_pass(config: &Config) -> usize {
        config.frame.images
    }

    fn accepts(config: &Config, delivery: Delivery) -> bool {
        config.frame.is_of(delivery)
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(config.codec, source, k, device),
            decoder: Decoder::new(config.codec, source, k, device),
            compensation: Compensation::new(config.compensation_maps, config.compensation_kernel, config.frame, device),
            proxy: ProxyNet::new(config.proxy_maps, device),
            map: WaveformMap::new(config.frame),
        }
    }

    fn encode(&self, x: Tensor<4>, _: &Side) -> Sent {
        Sent::all(self.encoder.forward(x))
    }

    /// Decodes the delivered waveform, `[images, samples per image, 2]`, to pictures.
    fn decode(&self, received: Tensor<3>, _: &Side) -> Output {
        let waveform = self.compensation.forward(self.map.baseband(received));
        Output::image(self.pictures(waveform))
    }
}

/// The mean square error of pictures.
fn error(image: Tensor<4>, pass: &ForwardPass) -> Tensor<1> {
    let image = pass.arrived(Output::image(image)).image.expect("as given");
    (image - pass.x.clone()).square().mean()
}

/// The pictures' error over the link, with the gradient of the identity.
fn recover(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = net.waveforms(pass);
    let heard = sent.clone() + (heard - sent.detach());
    net.error(net.compensation.forward(heard), pass)
}

/// The compensated waveform's square error: equation 14. Its gradient also reaches the encoder, which may learn waveforms
/// that can be compensated.
fn compensate(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = net.waveforms(pass);
    (net.compensation.forward(heard) - sent).square().mean()
}

/// The square error of the imitated link against the true link's output: equation 15.
fn imitate(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = net.waveforms(pass);
    let target = net.compensation.forward(heard).detach();
    (net.imitated(sent.detach(), pass) - target).square().mean()
}

/// The pictures' error through the imitated link: equation 16 without its term λ · [`compensate`].
fn proxy(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, _) = net.waveforms(pass);
    net.error(net.imitated(sent, pass), pass)
}

/// As [`proxy`] with the values of the true link: the imitation supplies the gradient only.
fn guide(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = net.waveforms(pass);
    let imitated = net.imitated(sent, pass);
    let true_one = net.compensation.forward(heard);
    net.error(true_one + (imitated.clone() - imitated.detach()), pass)
}

/// The pictures' error through a gain and white noise, estimated from the link's output of this batch frame by frame.
fn surrogate(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let ((_, heard), z) = (net.waveforms(pass), &pass.sent.z);
    let compensated = net.compensation.forward(heard).detach();
    let true_one = net.map.symbols(compensated, net.decoder.k());
    let images = net.map.frame().images;
    error(net.decoder.forward(like_the_link(z.clone(), true_one, images, &pass.draws)), pass)
}

/// Symbols through a gain and white noise as strong as those between `z` and `z_hat`, frame by frame.
fn like_the_link(z: Tensor<3>, z_hat: Tensor<3>, per_frame: usize, draws: &Draws) -> Tensor<3> {
    let [images, k, _] = z.dims();
    let frames = images / per_frame;
    let of_frames = |x: Tensor<3>| x.reshape([frames, per_frame * k * 2]);
    let (sent, heard) = (of_frames(z.clone().detach()), of_frames(z_hat));
    let gain = (sent.clone() * heard.clone()).sum_dim(1) / sent.clone().square().sum_dim(1);
    let spread = (heard - sent * gain.clone()).square().mean_dim(1).sqrt();
    let draw = |image: usize| {
        let mut rng = draws.stream("surrogate noise", image);
        // Each of the two axes with variance 1.
        Channel::Awgn.draw(k, 2.0, &mut rng).noise
    };
    let noise: Vec<Complex32> = (0..images).flat_map(draw).collect();
    let noise = of_frames(crate::symbols::from_complex(&noise, k, &z.device()));
    (of_frames(z) * gain + noise * spread).reshape([images, k, 2])
}

#[cfg(test)]
mod tests;
