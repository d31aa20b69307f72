//! D2AJSCC: an analog codec on an unmodified 802.11 PHY.
//!
//! *Source.* "D2AJSCC", sections III and IV (the paper that this project begins with).
//!
//! *Idea.* The symbols' pulse-shaped waveform is what a standard frame imitates ([`jscc_phy::link::Waveform`]). What rounding,
//! cyclic prefix and pilots make of it, a network mends; and because no gradient passes the PHY, a second network learns to
//! imitate the whole link and lends it its own.
//!
//! ```text
//! x ─ encoder ─ z ─ shape ─ w ─┬─ link (802.11) ── heard ─ compensation ─┬─ ŵ ─ matched filter ─ ẑ ─ decoder ─ x̂
//!                              └─ proxy: sender net ─ noise ─ receiver net ─┘  (training only)
//! ```
//!
//! | stage | learns | makes smaller |
//! |---|---|---|
//! | 1 | `compensation` | [`Objective::Compensate`], equation 14 |
//! | 2 | `proxy` | [`Objective::Imitate`], equation 15 |
//! | 3, in turns | `encoder`, `decoder`, `compensation` | [`Objective::Proxy`], equation 16 |
//! | | `proxy` | [`Objective::Imitate`], on fresh waveforms |
//!
//! *Channel information.* None, on either side.
//!
//! *What the paper leaves open.* Sizes of the networks, pulse, symbol rate and λ: ours are [`WaveformMap`]'s,
//! [`compensation`]'s, [`proxy`]'s and the experiment file's. Encoder and decoder are [`super::deepjscc`]'s.

pub mod compensation;
pub mod fidelity;
pub mod proxy;
pub mod waveform;

use super::deepjscc::{Decoder, Encoder};
use super::{Air, Method};
use crate::train::{Halves, Objective, Passage};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use compensation::Compensation;
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::link::Delivery;
use jscc_phy::random::stream;
use proxy::ProxyNet;
use waveform::WaveformMap;

/// Pictures in a frame, and so in a waveform.
pub const IMAGES: usize = 10;

/// The networks.
#[derive(Module, Debug)]
pub struct D2aJscc {
    encoder: Encoder,
    decoder: Decoder,
    compensation: Compensation,
    proxy: ProxyNet,
}

impl D2aJscc {
    /// A compensated waveform to pictures.
    fn pictures(&self, waveform: Tensor<3>, k: usize) -> Tensor<4> {
        self.decoder.forward(WaveformMap::default().symbols(waveform, k, IMAGES))
    }

    /// What the link's imitation makes of a waveform.
    fn imitate(&self, sent: Tensor<3>, first: usize, air: &Air) -> Tensor<3> {
        let [frames, _, samples] = sent.dims();
        let of_frame = |frame: usize| {
            let image = first + frame * IMAGES;
            let mut rng = stream(air.seed, "proxy noise", air.first + image as u64);
            Channel::Awgn.draw(samples, air.snr[image].no(), &mut rng).noise
        };
        let noise: Vec<Complex32> = (0..frames).flat_map(of_frame).collect();
        let noise = waveform::of_samples(&noise, samples, &sent.device());
        self.proxy.forward(sent, noise)
    }
}

impl Halves for D2aJscc {
    fn encode(&self, x: Tensor<4>) -> Tensor<3> {
        self.encoder.forward(x)
    }

    /// A waveform as the link hands it over, `[images, samples an image, 2]`, to pictures.
    fn decode(&self, heard: Tensor<3>) -> Tensor<4> {
        let waveform = self.compensation.forward(WaveformMap::default().baseband(heard, IMAGES));
        self.pictures(waveform, self.decoder.k())
    }
}

impl Method for D2aJscc {
    const NAME: &'static str = "d2ajscc";
    const TITLE: &'static str = "D2AJSCC";
    const PARTS: &'static [&'static str] = &["encoder", "decoder", "compensation", "proxy"];
    const TOGETHER: usize = IMAGES;

    fn new(k: usize, seed: u64, device: &Device) -> Self {
        let net = Self {
            encoder: Encoder::new(k, device),
            decoder: Decoder::new(k, device),
            compensation: Compensation::new(device),
            proxy: ProxyNet::new(device),
        };
        crate::init::draw(net, seed)
    }

    fn accepts(delivery: Delivery) -> bool {
        matches!(delivery, Delivery::Waveform { shaping, images: IMAGES, .. } if shaping == Shaping::default())
    }

    fn knows(_: Objective) -> bool {
        true
    }

    fn loss(&self, objective: Objective, passage: Passage, air: &Air) -> Tensor<1> {
        let Passage { x, z, heard, first, .. } = passage;
        let ([_, k, _], map) = (z.dims(), WaveformMap::default());
        let heard = map.baseband(heard, IMAGES);
        let [.., samples] = heard.dims();
        let sent = map.waveform(z.clone(), IMAGES, samples);
        let pictures = |waveform: Tensor<3>| (self.pictures(waveform, k) - x.clone()).square().mean();
        // In stage 3 the encoder too may learn what can be compensated.
        let compensate = || relative_error(self.compensation.forward(heard.clone()), sent.clone());
        match objective {
            Objective::Reconstruct => {
                let heard = sent.clone() + (heard - sent.detach());
                pictures(self.compensation.forward(heard))
            }
            Objective::Compensate => compensate(),
            Objective::Imitate => {
                let target = self.compensation.forward(heard).detach();
                relative_error(self.imitate(sent.detach(), first, air), target)
            }
            Objective::Proxy { weight } => pictures(self.imitate(sent.clone(), first, air)) + compensate() * weight,
            Objective::Guide { weight } => {
                let imitated = self.imitate(sent.clone(), first, air);
                let true_one = self.compensation.forward(heard.clone());
                pictures(true_one + (imitated.clone() - imitated.detach())) + compensate() * weight
            }
            Objective::Surrogate { weight } => {
                let true_one = map.symbols(self.compensation.forward(heard.clone()).detach(), k, IMAGES);
                let z_hat = surrogate(z.clone(), true_one, first, air);
                (self.decoder.forward(z_hat) - x.clone()).square().mean() + compensate() * weight
            }
        }
    }
}

/// Mean square error over mean square.
fn relative_error(waveform: Tensor<3>, target: Tensor<3>) -> Tensor<1> {
    let power = target.clone().square().mean();
    (waveform - target).square().mean() / power
}

/// Symbols through a gain and white noise of the same strength as between `z` and `z_hat`, frame by frame.
fn surrogate(z: Tensor<3>, z_hat: Tensor<3>, first: usize, air: &Air) -> Tensor<3> {
    let [images, k, _] = z.dims();
    let frames = images / IMAGES;
    let of_frames = |x: Tensor<3>| x.reshape([frames, IMAGES * k * 2]);
    let (sent, heard) = (of_frames(z.clone().detach()), of_frames(z_hat));
    let gain = (sent.clone() * heard.clone()).sum_dim(1) / sent.clone().square().sum_dim(1);
    let spread = (heard - sent * gain.clone()).square().mean_dim(1).sqrt();
    let draw = |image: usize| {
        let mut rng = stream(air.seed, "surrogate noise", air.first + (first + image) as u64);
        // Each of the two axes with variance 1.
        Channel::Awgn.draw(k, 2.0, &mut rng).noise
    };
    let noise: Vec<Complex32> = (0..images).flat_map(draw).collect();
    let noise = of_frames(crate::symbols::from_complex(&noise, k, &z.device()));
    (of_frames(z) * gain + noise * spread).reshape([images, k, 2])
}

#[cfg(test)]
mod tests;
