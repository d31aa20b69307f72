//! Pulse shaping and its matched filter on tensors (equation 3): linear maps, so gradients pass.
//!
//! Networks see waveforms at the middle of their band, without the carrier: `[frames, 2, samples]`, real and imaginary
//! parts as maps.

use crate::layers::filter;
use burn::tensor::{Tensor, TensorData};
use jscc_phy::emulation::waveform::pulse::{Pulse, Shaping};
use jscc_phy::link::Delivery;
use jscc_phy::units::N_FFT;
use jscc_phy::wifi::ofdm::{N_CP, N_SYMBOL};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::f32::consts::TAU;

/// The waveform of a frame, as the networks see it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Frame {
    /// Pictures in the frame.
    pub images: usize,
    /// Pulse and symbol rate; the link's are the same.
    pub shaping: Shaping,
    /// Samples at 20 Msample/s that are added up to one. It divides the samples of a symbol, and of the cyclic prefix.
    pub every: usize,
}

impl Default for Frame {
    fn default() -> Self {
        Self { images: 10, shaping: Shaping::default(), every: 1 }
    }
}

/// Most pictures in a frame.
const MOST_IMAGES: usize = 256;

impl Frame {
    /// A frame within bounds.
    pub(super) fn checked<'de, D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let frame @ Self { images, shaping, every } = Self::deserialize(value)?;
        shaping.checked().map_err(D::Error::custom)?;
        if !(1..=MOST_IMAGES).contains(&images) {
            return Err(D::Error::custom(format!("images = {images} is not within 1 to {MOST_IMAGES}")));
        }
        let of_symbol = shaping.samples_per_symbol;
        if every == 0 || !of_symbol.is_multiple_of(every) || !N_CP.is_multiple_of(every) {
            let why = format!("every = {every} divides neither {of_symbol} samples a symbol nor {N_CP} of a prefix");
            return Err(D::Error::custom(why));
        }
        Ok(frame)
    }

    /// Whether a link delivers this waveform.
    pub fn is_of(self, delivery: Delivery) -> bool {
        let Self { images, shaping, .. } = self;
        matches!(delivery, Delivery::Waveform { shaping: its, images: n, .. } if its == shaping && n == images)
    }

    /// Samples of the networks per JSCC symbol.
    pub fn per_symbol(self) -> usize {
        self.shaping.samples_per_symbol / self.every
    }

    /// Samples of the networks per OFDM symbol.
    pub fn per_ofdm_symbol(self) -> usize {
        N_SYMBOL / self.every
    }
}

/// Maps symbols to a waveform and back.
#[derive(Debug, Clone)]
pub struct WaveformMap {
    frame: Frame,
    /// The pulse at the networks' rate, and its mirror image.
    taps: Vec<f32>,
    mirrored: Vec<f32>,
    /// Energy of the pulse: less than 1 by what adding up samples blurs.
    energy: f32,
}

impl WaveformMap {
    /// The map of a frame.
    pub fn new(frame: Frame) -> Self {
        let added = |taps: &[f32]| taps.iter().sum::<f32>() / (frame.every as f32).sqrt();
        let taps: Vec<f32> = Pulse::new(frame.shaping).taps().chunks(frame.every).map(added).collect();
        let mirrored = taps.iter().rev().copied().collect();
        let energy = taps.iter().map(|tap| tap * tap).sum();
        Self { frame, taps, mirrored, energy }
    }

    /// The frame.
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// The waveform of symbols in frames of `samples` samples of the networks: [`Pulse::shape`] without the carrier.
    ///
    /// # Shapes
    /// - input: `[batch, k, 2]`
    /// - output: `[frames, 2, samples]`
    pub fn waveform(&self, z: Tensor<3>, samples: usize) -> Tensor<3> {
        let [batch, k, _] = z.dims();
        let Frame { images, .. } = self.frame;
        let (frames, n, per_symbol, device) = (batch / images, images * k, self.frame.per_symbol(), z.device());
        let z = z.reshape([frames, n, 2]).swap_dims(1, 2).reshape([frames, 2, n, 1]);
        let between = Tensor::zeros([frames, 2, n, per_symbol - 1], &device);
        let sparse = Tensor::cat(vec![z, between], 3).reshape([frames, 2, n * per_symbol]);
        let silence = |samples| Tensor::zeros([frames, 2, samples], &device);
        let rest = samples - n * per_symbol;
        filter(Tensor::cat(vec![silence(self.taps.len() - 1), sparse, silence(rest)], 2), &self.mirrored, 1)
    }

    /// The symbols in a waveform: [`Pulse::sample`], the inverse of [`WaveformMap::waveform`].
    ///
    /// # Shapes
    /// - input: `[frames, 2, samples]`
    /// - output: `[frames·images, k, 2]`
    pub fn symbols(&self, waveform: Tensor<3>, k: usize) -> Tensor<3> {
        let ([frames, ..], Frame { images, .. }) = (waveform.dims(), self.frame);
        let z = filter(waveform, &self.taps, self.frame.per_symbol()).narrow(2, 0, images * k) / self.energy;
        z.swap_dims(1, 2).reshape([frames * images, k, 2])
    }

    /// A waveform as the link delivers it, at 20 Msample/s, with its carrier removed and at the networks' rate. White
    /// noise keeps its variance.
    ///
    /// # Shapes
    /// - input: `[batch, samples per image, 2]`
    /// - output: `[frames, 2, samples]`
    pub fn baseband(&self, heard: Tensor<3>) -> Tensor<3> {
        let ([batch, per_image, _], Frame { images, shaping, every }) = (heard.dims(), self.frame);
        assert_eq!(batch % images, 0, "{batch} images in frames of {images}");
        let (frames, samples, device) = (batch / images, images * per_image, heard.device());
        let heard = heard.reshape([frames, samples, 2]).swap_dims(1, 2);
        let (re, im) = (heard.clone().narrow(1, 0, 1), heard.narrow(1, 1, 1));
        let turn = |n: usize| TAU * ((shaping.centre * n as i32).rem_euclid(N_FFT as i32)) as f32 / N_FFT as f32;
        let wave = |f: fn(f32) -> f32| {
            let values: Vec<f32> = (0..samples).map(|n| f(turn(n))).collect();
            Tensor::<3>::from_data(TensorData::new(values, [1, 1, samples]), &device)
        };
        let (cos, sin) = (wave(f32::cos), wave(f32::sin));
        let (re, im) = (re.clone() * cos.clone() + im.clone() * sin.clone(), im * cos - re * sin);
        let still = Tensor::cat(vec![re, im], 1);
        if every == 1 {
            return still;
        }
        let added = still.reshape([frames, 2, samples / every, every]).sum_dim(3) / (every as f32).sqrt();
        added.reshape([frames, 2, samples / every])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Compute;
    use crate::symbols::{from_complex, to_complex};
    use jscc_phy::Complex32;
    use jscc_phy::channel::Channel;
    use jscc_phy::random::stream;

    fn near(a: &[Complex32], b: &[Complex32], most: f32) {
        assert_eq!(a.len(), b.len());
        let worst = a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
        assert!(worst < most, "{worst}");
    }

    #[test]
    fn tensors_and_samples_have_the_same_waveform_and_symbols() {
        let (k, samples, device) = (12, 320, Compute::Cpu.device());
        let frame = Frame { images: 5, ..Frame::default() };
        let (map, pulse) = (WaveformMap::new(frame), Pulse::new(frame.shaping));
        let z = Channel::Awgn.draw(k * 5 * 2, 1.0, &mut stream(1, "symbols", 0)).noise;
        let shaped: Vec<Complex32> = z.chunks(k * 5).flat_map(|z| pulse.shape(z, samples)).collect();
        let baseband = map.baseband(from_complex(&shaped, samples / 5, &device));
        let waveform = map.waveform(from_complex(&z, k, &device), samples);
        let of = |x: Tensor<3>| to_complex(x.swap_dims(1, 2));
        near(&of(baseband.clone()), &of(waveform), 1e-5);

        let sampled: Vec<Complex32> =
            shaped.chunks(samples).flat_map(|waveform| pulse.sample(waveform, k * 5)).collect();
        near(&to_complex(map.symbols(baseband, k)), &sampled, 1e-5);
    }

    /// Samples added up keep the waveform of slow symbols, their values and the noise.
    #[test]
    fn a_slower_rate_keeps_slow_symbols() {
        let (k, samples, device) = (12, 1440, Compute::Cpu.device());
        let shaping = Shaping { roll_off: 1.0, samples_per_symbol: 20, span: 8, centre: 14 };
        let frame = Frame { images: 5, shaping, every: 4 };
        let (map, pulse) = (WaveformMap::new(frame), Pulse::new(shaping));
        let z = Channel::Awgn.draw(k * 5, 1.0, &mut stream(1, "symbols", 0)).noise;
        let baseband = map.baseband(from_complex(&pulse.shape(&z, samples), samples / 5, &device));
        assert_eq!(baseband.dims(), [1, 2, samples / 4]);
        near(&to_complex(map.symbols(baseband.clone(), k)), &z, 0.05);
        let waveform = map.waveform(from_complex(&z, k, &device), samples / 4);
        near(&to_complex(baseband.swap_dims(1, 2)), &to_complex(waveform.swap_dims(1, 2)), 1e-4);

        let noise = Channel::Awgn.draw(100 * samples, 1.0, &mut stream(1, "noise", 0)).noise;
        let noise = map.baseband(from_complex(&noise, samples / 5, &device));
        let power = 2.0 * noise.square().mean().into_scalar::<f32>();
        assert!((power - 1.0).abs() < 0.02, "{power}");
    }

    #[test]
    fn frames_that_do_not_divide_are_refused() {
        let read = |value| Frame::checked(value).map_err(|error: serde_json::Error| error.to_string());
        assert_eq!(read(serde_json::json!({})), Ok(Frame::default()));
        for (value, named) in [
            (serde_json::json!({ "every": 3 }), "every = 3"),
            (serde_json::json!({ "every": 0 }), "every = 0"),
            (serde_json::json!({ "images": 0 }), "images = 0"),
            (serde_json::json!({ "shaping": { "roll_off": 7.0 } }), "roll_off = 7"),
            (serde_json::json!({ "speed": 1 }), "speed"),
        ] {
            assert!(read(value).is_err_and(|why| why.contains(named)), "{named}");
        }
    }
}
