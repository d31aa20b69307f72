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
//! *Left open by the paper.* Sizes of the networks, pulse, symbol rate and λ: ours are [`WaveformMap`]'s, [`Config`]'s
//! and the experiment file's. Encoder and decoder are [`super::deepjscc`]'s.

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
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::link::Delivery;
use proxy::ProxyNet;
use serde::{Deserialize, Serialize};
use waveform::WaveformMap;

/// Pictures per frame, and so per waveform.
pub const IMAGES: usize = 10;

/// The networks.
#[derive(Module, Debug)]
pub struct D2aJscc {
    encoder: Encoder,
    decoder: Decoder,
    compensation: Compensation,
    proxy: ProxyNet,
}

/// Sizes of the networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Encoder and decoder.
    pub codec: deepjscc::Config,
    /// Feature maps of the compensation network.
    #[serde(deserialize_with = "size::one")]
    pub compensation_maps: usize,
    /// Feature maps of ProxyNet at full, half and quarter rate.
    #[serde(deserialize_with = "size::each")]
    pub proxy_maps: [usize; 3],
}

impl Default for Config {
    fn default() -> Self {
        Self { codec: deepjscc::Config::default(), compensation_maps: 16, proxy_maps: [16, 32, 64] }
    }
}

impl D2aJscc {
    /// Decodes a compensated waveform to pictures.
    fn pictures(&self, waveform: Tensor<3>) -> Tensor<4> {
        self.decoder.forward(WaveformMap::default().symbols(waveform, self.decoder.k(), IMAGES))
    }

    /// The imitated link's output for a waveform.
    fn imitate(&self, sent: Tensor<3>, draws: &Draws) -> Tensor<3> {
        let [frames, _, samples] = sent.dims();
        let of_frame = |frame: usize| {
            let image = frame * IMAGES;
            let mut rng = draws.stream("proxy noise", image);
            Channel::Awgn.draw(samples, draws.snr[image].no(), &mut rng).noise
        };
        let noise: Vec<Complex32> = (0..frames).flat_map(of_frame).collect();
        let noise = waveform::of_samples(&noise, samples, &sent.device());
        self.proxy.forward(sent, noise)
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
        images_per_pass: IMAGES,
        accepts,
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

    fn misfit(source: Source) -> Option<String> {
        deepjscc::misfit(source)
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(config.codec, source, k, device),
            decoder: Decoder::new(config.codec, source, k, device),
            compensation: Compensation::new(config.compensation_maps, device),
            proxy: ProxyNet::new(config.proxy_maps, device),
        }
    }

    fn encode(&self, x: Tensor<4>, _: &Side) -> Sent {
        Sent::all(self.encoder.forward(x))
    }

    /// Decodes the delivered waveform, `[images, samples per image, 2]`, to pictures.
    fn decode(&self, received: Tensor<3>, _: &Side) -> Output {
        let waveform = self.compensation.forward(WaveformMap::default().baseband(received, IMAGES));
        Output::image(self.pictures(waveform))
    }
}

fn accepts(delivery: Delivery) -> bool {
    matches!(delivery, Delivery::Waveform { shaping, images: IMAGES, .. } if shaping == Shaping::default())
}

/// The waveforms of a pass, `[frames, 2, samples]`: as sent, in the graph, and as delivered.
fn waveforms(pass: &ForwardPass) -> (Tensor<3>, Tensor<3>) {
    let map = WaveformMap::default();
    let heard = map.baseband(pass.heard.clone(), IMAGES);
    let [.., samples] = heard.dims();
    (map.waveform(pass.sent.z.clone(), IMAGES, samples), heard)
}

/// The mean square error of pictures.
fn error(image: Tensor<4>, pass: &ForwardPass) -> Tensor<1> {
    let image = pass.arrived(Output::image(image)).image.expect("as given");
    (image - pass.x.clone()).square().mean()
}

/// The pictures' error over the link, with the gradient of the identity.
fn recover(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = waveforms(pass);
    let heard = sent.clone() + (heard - sent.detach());
    net.error(net.compensation.forward(heard), pass)
}

/// The compensated waveform's error, relative to the waveform sent: equation 14. Its gradient also reaches the encoder,
/// which may learn waveforms that can be compensated.
fn compensate(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = waveforms(pass);
    relative_error(net.compensation.forward(heard), sent)
}

/// The error of the imitated link, relative to the true link's output: equation 15.
fn imitate(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = waveforms(pass);
    let target = net.compensation.forward(heard).detach();
    relative_error(net.imitate(sent.detach(), &pass.draws), target)
}

/// The pictures' error through the imitated link: equation 16 without its term λ · [`compensate`].
fn proxy(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, _) = waveforms(pass);
    net.error(net.imitate(sent, &pass.draws), pass)
}

/// As [`proxy`] with the values of the true link: the imitation supplies the gradient only.
fn guide(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let (sent, heard) = waveforms(pass);
    let imitated = net.imitate(sent, &pass.draws);
    let true_one = net.compensation.forward(heard);
    net.error(true_one + (imitated.clone() - imitated.detach()), pass)
}

/// The pictures' error through a gain and white noise, estimated from the link's output of this batch frame by frame.
fn surrogate(net: &D2aJscc, pass: &ForwardPass) -> Tensor<1> {
    let ((_, heard), z) = (waveforms(pass), &pass.sent.z);
    let compensated = net.compensation.forward(heard).detach();
    let true_one = WaveformMap::default().symbols(compensated, net.decoder.k(), IMAGES);
    error(net.decoder.forward(like_the_link(z.clone(), true_one, &pass.draws)), pass)
}

/// Mean square error over mean square of the target.
fn relative_error(waveform: Tensor<3>, target: Tensor<3>) -> Tensor<1> {
    let power = target.clone().square().mean();
    (waveform - target).square().mean() / power
}

/// Symbols through a gain and white noise as strong as those between `z` and `z_hat`, frame by frame.
fn like_the_link(z: Tensor<3>, z_hat: Tensor<3>, draws: &Draws) -> Tensor<3> {
    let [images, k, _] = z.dims();
    let frames = images / IMAGES;
    let of_frames = |x: Tensor<3>| x.reshape([frames, IMAGES * k * 2]);
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
