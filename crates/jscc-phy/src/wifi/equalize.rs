//! Channel estimate from the LTF, one-tap equaliser, pilot phase correction.

use super::ofdm::{DATA_TONES, N_DATA, PILOT_TONES, Transform, bin, pilots};
use super::preamble::ltf_bins;
use crate::Complex32;
use crate::units::N_FFT;

/// What a receiver knows of the channel: the gain of each bin.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelEstimate {
    /// Complex gain per bin; 0 where nothing is sent.
    pub gain: [Complex32; N_FFT],
    /// Noise variance per bin.
    pub no: f32,
}

/// The data points of one OFDM symbol after equalisation.
#[derive(Debug, Clone)]
pub struct Equalized {
    /// Points in the order of [`DATA_TONES`].
    pub points: [Complex32; N_DATA],
    /// |h|² of each, the reliability of its soft bits.
    pub weights: [f32; N_DATA],
}

impl ChannelEstimate {
    /// The same real gain on every occupied bin.
    pub fn flat(gain: f32, no: f32) -> Self {
        Self { gain: ltf_bins().map(|bin| Complex32::from(gain * bin.norm())), no }
    }

    /// Least squares over the LTF's two bodies; their difference is the noise.
    ///
    /// # Panics
    /// If there are not 128 samples.
    pub fn from_ltf(bodies: &[Complex32], transform: &Transform) -> Self {
        assert_eq!(bodies.len(), 2 * N_FFT, "samples of the LTF's bodies");
        let (first, second) = (transform.to_bins(&bodies[..N_FFT]), transform.to_bins(&bodies[N_FFT..]));
        let sent = ltf_bins();
        let gain = std::array::from_fn(|i| (first[i] + second[i]) * sent[i].re / 2.0);
        let occupied = (0..N_FFT).filter(|&i| sent[i].re != 0.0);
        let difference: f32 = occupied.map(|i| (first[i] - second[i]).norm_sqr()).sum();
        Self { gain, no: difference / (2.0 * crate::units::N_OCCUPIED as f32) }
    }

    /// Equalises OFDM symbol `n` (0 is SIGNAL) after turning it back by the phase common to its pilots.
    pub fn equalize(&self, bins: &[Complex32; N_FFT], n: usize) -> Equalized {
        let heard_times_sent = |(tone, pilot): (i32, f32)| bins[bin(tone)] * self.gain[bin(tone)].conj() * pilot;
        let common: Complex32 = PILOT_TONES.into_iter().zip(pilots(n)).map(heard_times_sent).sum();
        let phase = if common.norm() > 0.0 { common.conj() / common.norm() } else { Complex32::ONE };
        self.divide(bins, phase)
    }

    /// Equalises an OFDM symbol whose phase is known to need no correction.
    pub fn equalize_coherent(&self, bins: &[Complex32; N_FFT]) -> Equalized {
        self.divide(bins, Complex32::ONE)
    }

    fn divide(&self, bins: &[Complex32; N_FFT], phase: Complex32) -> Equalized {
        let weights = DATA_TONES.map(|tone| self.gain[bin(tone)].norm_sqr());
        let point = |tone: i32| {
            let gain = self.gain[bin(tone)];
            bins[bin(tone)] * phase * gain.conj() / gain.norm_sqr().max(f32::MIN_POSITIVE)
        };
        Equalized { points: DATA_TONES.map(point), weights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    use crate::random::stream;
    use crate::units::{N_OCCUPIED, Snr, mean_power};
    use crate::wifi::ofdm::{bin, spectrum};

    /// A channel of three taps within the cyclic prefix: its gain in each bin.
    fn gains(transform: &Transform) -> [Complex32; N_FFT] {
        let mut taps = [Complex32::ZERO; N_FFT];
        taps[..3].copy_from_slice(&[Complex32::new(0.8, 0.1), Complex32::new(-0.2, 0.4), Complex32::new(0.0, 0.3)]);
        transform.to_bins(&taps)
    }

    fn through(bins: &[Complex32; N_FFT], gains: &[Complex32; N_FFT]) -> [Complex32; N_FFT] {
        std::array::from_fn(|i| bins[i] * gains[i])
    }

    #[test]
    fn equalize_undoes_the_channel_and_a_common_phase() {
        let transform = Transform::default();
        let gains = gains(&transform);
        let body = transform.to_samples(&through(&ltf_bins(), &gains));
        let estimate = ChannelEstimate::from_ltf(&[body, body].concat(), &transform);
        assert!(estimate.no < 1e-9);
        let points = Channel::Awgn.draw(N_DATA, 1.0, &mut stream(1, "points", 0)).noise;
        let turn = Complex32::from_polar(1.0, 0.7);
        let heard = through(&spectrum(&points, 9), &gains).map(|bin| bin * turn);
        let equalized = estimate.equalize(&heard, 9);
        for (i, (got, want)) in equalized.points.iter().zip(&points).enumerate() {
            assert!((got - want).norm() < 1e-4, "{i}: {got} is not {want}");
            assert!((equalized.weights[i] - gains[bin(DATA_TONES[i])].norm_sqr()).abs() < 1e-4);
        }
    }

    #[test]
    fn the_ltf_tells_the_noise() {
        let transform = Transform::default();
        let snr = Snr::per_symbol(10.0);
        let body = transform.to_samples(&ltf_bins());
        let mean = (0..200).map(|index| {
            let mut bodies = [body, body].concat();
            Channel::Awgn.draw(bodies.len(), snr.no_time_sample(), &mut stream(1, "noise", index)).apply(&mut bodies);
            ChannelEstimate::from_ltf(&bodies, &transform).no / 200.0
        });
        // 200 · 52 exponential variates: 1 % standard deviation.
        assert!((mean.sum::<f32>() / snr.no() - 1.0).abs() < 0.05);
        assert!((mean_power(&ltf_bins()) * N_FFT as f64 - N_OCCUPIED as f64).abs() < 1e-6);
    }
}
