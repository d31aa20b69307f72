//! OFDM symbols: tones to samples and back, pilots, cyclic prefix. IEEE 802.11-2020, 17.3.5.9 and 17.3.5.10.

use super::scramble::ScramblerState;
use crate::Complex32;
use crate::units::N_FFT;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Data subcarriers.
pub const N_DATA: usize = 48;
/// Samples of the cyclic prefix.
pub const N_CP: usize = 16;
/// Samples of one OFDM symbol, 4 µs.
pub const N_SYMBOL: usize = N_CP + N_FFT;

/// Pilot subcarriers.
pub const PILOT_TONES: [i32; 4] = [-21, -7, 7, 21];
/// Pilot values before polarity.
const PILOTS: [f32; 4] = [1.0, 1.0, 1.0, -1.0];

/// Data subcarriers, lowest frequency first.
pub const DATA_TONES: [i32; N_DATA] = {
    let mut tones = [0; N_DATA];
    let (mut tone, mut n) = (-26, 0);
    while tone <= 26 {
        if !matches!(tone, -21 | -7 | 0 | 7 | 21) {
            tones[n] = tone;
            n += 1;
        }
        tone += 1;
    }
    tones
};

/// Index of a subcarrier in a transform of 64 points.
pub const fn bin(tone: i32) -> usize {
    tone.rem_euclid(N_FFT as i32) as usize
}

/// Polarity of the pilots of OFDM symbol `n`; 0 is SIGNAL, 1 the first of DATA. Equation 17-25.
pub fn pilot_polarity(n: usize) -> f32 {
    let all_ones = ScramblerState::new(127).expect("127 is a state");
    1.0 - 2.0 * f32::from(all_ones.sequence().nth(n % 127).unwrap_or_default())
}

/// Pilots of OFDM symbol `n`, in the order of [`PILOT_TONES`].
pub fn pilots(n: usize) -> [f32; 4] {
    PILOTS.map(|pilot| pilot * pilot_polarity(n))
}

/// The 64 bins of OFDM symbol `n`: data points in the order of [`DATA_TONES`], and pilots.
///
/// # Panics
/// If there are not 48 points.
pub fn spectrum(points: &[Complex32], n: usize) -> [Complex32; N_FFT] {
    assert_eq!(points.len(), N_DATA, "data points of an OFDM symbol");
    let mut bins = [Complex32::ZERO; N_FFT];
    for (&tone, &point) in DATA_TONES.iter().zip(points) {
        bins[bin(tone)] = point;
    }
    for (tone, pilot) in PILOT_TONES.into_iter().zip(pilots(n)) {
        bins[bin(tone)] = pilot.into();
    }
    bins
}

/// The planned 64-point transforms: inverse scaled by 1/64, as in Annex I.
#[derive(Clone)]
pub struct Transform {
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
}

impl Default for Transform {
    fn default() -> Self {
        let mut planner = FftPlanner::new();
        Self { forward: planner.plan_fft_forward(N_FFT), inverse: planner.plan_fft_inverse(N_FFT) }
    }
}

impl Transform {
    /// Bins to the 64 samples of a symbol's body.
    pub fn to_samples(&self, bins: &[Complex32; N_FFT]) -> [Complex32; N_FFT] {
        let mut samples = bins.map(|bin| bin / N_FFT as f32);
        let mut scratch = [Complex32::ZERO; N_FFT];
        self.inverse.process_with_scratch(&mut samples, &mut scratch[..self.inverse.get_inplace_scratch_len()]);
        samples
    }

    /// The 64 samples of a symbol's body to bins.
    ///
    /// # Panics
    /// If there are not 64 samples.
    pub fn to_bins(&self, samples: &[Complex32]) -> [Complex32; N_FFT] {
        let mut bins: [Complex32; N_FFT] = samples.try_into().expect("64 samples of a symbol's body");
        let mut scratch = [Complex32::ZERO; N_FFT];
        self.forward.process_with_scratch(&mut bins, &mut scratch[..self.forward.get_inplace_scratch_len()]);
        bins
    }

    /// One OFDM symbol with its cyclic prefix.
    pub fn modulate(&self, bins: &[Complex32; N_FFT]) -> [Complex32; N_SYMBOL] {
        let body = self.to_samples(bins);
        std::array::from_fn(|i| body[(i + N_FFT - N_CP) % N_FFT])
    }

    /// The inverse of [`Transform::modulate`]: drops the cyclic prefix.
    ///
    /// # Panics
    /// If there are not 80 samples.
    pub fn demodulate(&self, symbol: &[Complex32]) -> [Complex32; N_FFT] {
        assert_eq!(symbol.len(), N_SYMBOL, "samples of an OFDM symbol");
        self.to_bins(&symbol[N_CP..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;
    use crate::units::mean_power;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn demodulate_undoes_modulate_and_keeps_power() {
        let mut rng = stream(1, "ofdm", 0);
        let mut normal = || -> f32 { StandardNormal.sample(&mut rng) };
        let points: Vec<_> = (0..N_DATA).map(|_| Complex32::new(normal(), normal())).collect();
        let bins = spectrum(&points, 5);
        let transform = Transform::default();
        let symbol = transform.modulate(&bins);
        assert_eq!(symbol[..N_CP], symbol[N_FFT..]);
        assert!((mean_power(&symbol[N_CP..]) * 64.0 / mean_power(&bins) - 1.0).abs() < 1e-5);
        for (got, want) in transform.demodulate(&symbol).iter().zip(&bins) {
            assert!((got - want).norm() < 1e-5, "{got} is not {want}");
        }
    }

    #[test]
    fn pilot_polarity_begins_as_in_the_standard() {
        let first: Vec<f32> = (0..12).map(pilot_polarity).collect();
        assert_eq!(first, [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0, -1.0, -1.0, -1.0]);
    }
}
