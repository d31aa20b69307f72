//! Pulse shaping and its matched filter on tensors (equation 3): linear maps, so gradients pass.
//!
//! Networks see waveforms at the middle of their band, without the carrier: `[frames, 2, samples]`, real and imaginary
//! parts as maps.

use crate::layers::filter;
use crate::symbols::from_complex;
use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::Complex32;
use jscc_phy::emulation::waveform::pulse::{Pulse, Shaping};
use jscc_phy::units::N_FFT;
use std::f32::consts::TAU;

/// Maps symbols to a waveform and back.
pub struct WaveformMap {
    taps: Vec<f32>,
    samples_per_symbol: usize,
    centre: i32,
}

impl Default for WaveformMap {
    /// With the default [`Shaping`].
    fn default() -> Self {
        let shaping = Shaping::default();
        let taps = Pulse::new(shaping).taps().to_vec();
        Self { taps, samples_per_symbol: shaping.samples_per_symbol, centre: shaping.centre }
    }
}

impl WaveformMap {
    /// The waveform of symbols, `images` images per frame: [`Pulse::shape`] without the carrier.
    ///
    /// # Shapes
    /// - input: `[batch, k, 2]`
    /// - output: `[batch/images, 2, samples]`
    pub fn waveform(&self, z: Tensor<3>, images: usize, samples: usize) -> Tensor<3> {
        let [batch, k, _] = z.dims();
        let (frames, n, device) = (batch / images, images * k, z.device());
        let z = z.reshape([frames, n, 2]).swap_dims(1, 2).reshape([frames, 2, n, 1]);
        let between = Tensor::zeros([frames, 2, n, self.samples_per_symbol - 1], &device);
        let sparse = Tensor::cat(vec![z, between], 3).reshape([frames, 2, n * self.samples_per_symbol]);
        let silence = |samples| Tensor::zeros([frames, 2, samples], &device);
        let rest = samples - n * self.samples_per_symbol;
        // The pulse is its own mirror image.
        filter(Tensor::cat(vec![silence(self.taps.len() - 1), sparse, silence(rest)], 2), &self.taps, 1)
    }

    /// The symbols in a waveform: [`Pulse::sample`], the inverse of [`WaveformMap::waveform`].
    ///
    /// # Shapes
    /// - input: `[frames, 2, samples]`
    /// - output: `[frames·images, k, 2]`
    pub fn symbols(&self, waveform: Tensor<3>, k: usize, images: usize) -> Tensor<3> {
        let [frames, ..] = waveform.dims();
        let z = filter(waveform, &self.taps, self.samples_per_symbol).narrow(2, 0, images * k);
        z.swap_dims(1, 2).reshape([frames * images, k, 2])
    }

    /// A waveform as the link delivers it, with its carrier removed.
    ///
    /// # Shapes
    /// - input: `[batch, samples per image, 2]`
    /// - output: `[batch/images, 2, samples]`
    pub fn baseband(&self, heard: Tensor<3>, images: usize) -> Tensor<3> {
        let [batch, per_image, _] = heard.dims();
        let (frames, samples, device) = (batch / images, images * per_image, heard.device());
        let heard = heard.reshape([frames, samples, 2]).swap_dims(1, 2);
        let (re, im) = (heard.clone().narrow(1, 0, 1), heard.narrow(1, 1, 1));
        let turn = |n: usize| TAU * ((self.centre * n as i32).rem_euclid(N_FFT as i32)) as f32 / N_FFT as f32;
        let wave = |f: fn(f32) -> f32| {
            let values: Vec<f32> = (0..samples).map(|n| f(turn(n))).collect();
            Tensor::<3>::from_data(TensorData::new(values, [1, 1, samples]), &device)
        };
        let (cos, sin) = (wave(f32::cos), wave(f32::sin));
        let (re, im) = (re.clone() * cos.clone() + im.clone() * sin.clone(), im * cos - re * sin);
        Tensor::cat(vec![re, im], 1)
    }
}

/// Samples of frames, one after another, as `[frames, 2, samples]`.
pub(super) fn of_samples(x: &[Complex32], samples: usize, device: &Device) -> Tensor<3> {
    from_complex(x, samples, device).swap_dims(1, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Compute;
    use crate::symbols::to_complex;
    use jscc_phy::channel::Channel;
    use jscc_phy::random::stream;

    #[test]
    fn tensors_and_samples_have_the_same_waveform_and_symbols() {
        let (device, map, pulse) = (Compute::Cpu.device(), WaveformMap::default(), Pulse::new(Shaping::default()));
        let (k, images, frames, samples) = (12, 5, 2, 320);
        let z = Channel::Awgn.draw(k * images * frames, 1.0, &mut stream(1, "symbols", 0)).noise;
        let near = |a: &[Complex32], b: &[Complex32]| {
            assert_eq!(a.len(), b.len());
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).norm() < 1e-5));
        };
        let shaped: Vec<Complex32> = z.chunks(k * images).flat_map(|z| pulse.shape(z, samples)).collect();
        let baseband = map.baseband(from_complex(&shaped, samples / images, &device), images);
        let waveform = map.waveform(from_complex(&z, k, &device), images, samples);
        let of = |x: Tensor<3>| to_complex(x.swap_dims(1, 2));
        near(&of(baseband.clone()), &of(waveform));

        let sampled: Vec<Complex32> =
            shaped.chunks(samples).flat_map(|waveform| pulse.sample(waveform, k * images)).collect();
        near(&to_complex(map.symbols(baseband, k, images)), &sampled);
    }
}
