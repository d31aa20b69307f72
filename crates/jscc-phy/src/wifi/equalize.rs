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
