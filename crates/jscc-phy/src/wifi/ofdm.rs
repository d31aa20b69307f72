//! OFDM symbols: tones to samples and back, pilots, cyclic prefix. IEEE 802.11-2020, 17.3.5.9, 17.3.5.10, 19.3.11.10.

use super::scramble::ScramblerState;
use crate::Complex32;
use crate::units::N_FFT;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;
use std::sync::LazyLock;

/// Data subcarriers of a non-HT symbol.
pub const N_DATA: usize = 48;
/// Data subcarriers of an HT symbol.
pub const N_HT_DATA: usize = 52;
/// Samples of the cyclic prefix.
pub const N_CP: usize = 16;
/// Samples of one OFDM symbol, 4 µs.
pub const N_SYMBOL: usize = N_CP + N_FFT;

/// Pilot subcarriers.
pub const PILOT_TONES: [i32; 4] = [-21, -7, 7, 21];
/// Pilot values before polarity.
const PILOTS: [f32; 4] = [1.0, 1.0, 1.0, -1.0];

/// Data subcarriers of non-HT symbols, lowest frequency first.
pub const DATA_TONES: [i32; N_DATA] = data_tones(26);
/// Data subcarriers of HT symbols, lowest frequency first.
pub const HT_DATA_TONES: [i32; N_HT_DATA] = data_tones(28);

/// All subcarriers up to `edge` except the empty one and the pilots.
const fn data_tones<const N: usize>(edge: i32) -> [i32; N] {
    let mut tones = [0; N];
    let (mut tone, mut n) = (-edge, 0);
    while tone <= edge {
        if !matches!(tone, -21 | -7 | 0 | 7 | 21) {
            tones[n] = tone;
            n += 1;
        }
        tone += 1;
    }
    tones
}

/// Index of a subcarrier in a transform of 64 points.
pub const fn bin(tone: i32) -> usize {
    tone.rem_euclid(N_FFT as i32) as usize
}

/// Polarity of the pilots of OFDM symbol `n`; 0 is SIGNAL, 1 the first of DATA. Equation 17-25.
pub fn pilot_polarity(n: usize) -> f32 {
    static POLARITY: LazyLock<Vec<f32>> = LazyLock::new(|| {
        let all_ones = ScramblerState::new(127).expect("127 is a state");
        all_ones.sequence().take(127).map(|bit| 1.0 - 2.0 * f32::from(bit)).collect()
    });
    POLARITY[n % 127]
}

/// Pilots of non-HT symbol `n` (0 is SIGNAL), in the order of [`PILOT_TONES`].
pub fn pilots(n: usize) -> [f32; 4] {
    PILOTS.map(|pilot| pilot * pilot_polarity(n))
}

/// Pilots of HT DATA symbol `n` (0 is the first), in the order of [`PILOT_TONES`]: they rotate over the subcarriers,
/// and their polarity starts after L-SIG and HT-SIG. Equation 19-54.
pub fn ht_pilots(n: usize) -> [f32; 4] {
    std::array::from_fn(|m| PILOTS[(n + m) % 4] * pilot_polarity(n + 3))
}

/// The 64 bins of an OFDM symbol: 48 or 52 data points, lowest frequency first, and pilots.
///
/// # Panics
/// If there are neither 48 nor 52 points.
pub fn spectrum(points: &[Complex32], pilots: [f32; 4]) -> [Complex32; N_FFT] {
    let mut bins = [Complex32::ZERO; N_FFT];
    fill(&mut bins, points, pilots);
    bins
}

fn fill(bins: &mut [Complex32], points: &[Complex32], pilots: [f32; 4]) {
    let tones: &[i32] = match points.len() {
        N_DATA => &DATA_TONES,
        N_HT_DATA => &HT_DATA_TONES,
        n => panic!("{n} data points of an OFDM symbol; it has {N_DATA} or {N_HT_DATA}"),
    };
    for (&tone, &point) in tones.iter().zip(points) {
        bins[bin(tone)] = point;
    }
    for (tone, pilot) in PILOT_TONES.into_iter().zip(pilots) {
        bins[bin(tone)] = pilot.into();
    }
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
    /// Transforms bins to the 64 samples of a symbol's body.
    pub fn to_samples(&self, bins: &[Complex32; N_FFT]) -> [Complex32; N_FFT] {
        let mut samples = *bins;
        self.to_samples_in_place(&mut samples);
        samples
    }

    /// Transforms the bins of several symbols to the samples of their bodies.
    ///
    /// # Panics
    /// If there are not 64 bins per symbol.
    fn to_samples_in_place(&self, bins: &mut [Complex32]) {
        assert_eq!(bins.len() % N_FFT, 0, "{} bins in symbols of {N_FFT}", bins.len());
        for bin in bins.iter_mut() {
            *bin *= 1.0 / N_FFT as f32;
        }
        let mut scratch = [Complex32::ZERO; N_FFT];
        self.inverse.process_with_scratch(bins, &mut scratch[..self.inverse.get_inplace_scratch_len()]);
    }

    /// Transforms the 64 samples of a symbol's body to bins.
    ///
    /// # Panics
    /// If there are not 64 samples.
    pub fn to_bins(&self, samples: &[Complex32]) -> [Complex32; N_FFT] {
        let mut bins: [Complex32; N_FFT] = samples.try_into().expect("64 samples of a symbol's body");
        self.to_bins_in_place(&mut bins);
        bins
    }

    /// Transforms the samples of a symbol's body to bins.
    pub(crate) fn to_bins_in_place(&self, samples: &mut [Complex32; N_FFT]) {
        let mut scratch = [Complex32::ZERO; N_FFT];
        self.forward.process_with_scratch(samples, &mut scratch[..self.forward.get_inplace_scratch_len()]);
    }

    /// Appends one OFDM symbol with a cyclic prefix of `n_cp` samples.
    pub fn modulate(&self, bins: &[Complex32; N_FFT], n_cp: usize, out: &mut Vec<Complex32>) {
        let body = self.to_samples(bins);
        out.extend_from_slice(&body[N_FFT - n_cp..]);
        out.extend_from_slice(&body);
    }

    /// Appends the OFDM symbols of these data points, `n_data` each, with the pilots of each.
    pub fn modulate_all(
        &self,
        points: &[Complex32],
        n_data: usize,
        pilots: impl Fn(usize) -> [f32; 4],
        n_cp: usize,
        out: &mut Vec<Complex32>,
    ) {
        let mut bodies = [Complex32::ZERO; AT_ONCE * N_FFT];
        for (i, points) in points.chunks(AT_ONCE * n_data).enumerate() {
            let n = points.len() / n_data;
            bodies.fill(Complex32::ZERO);
            for (j, (points, bins)) in points.chunks_exact(n_data).zip(bodies.chunks_exact_mut(N_FFT)).enumerate() {
                fill(bins, points, pilots(AT_ONCE * i + j));
            }
            self.to_samples_in_place(&mut bodies[..n * N_FFT]);
            for body in bodies[..n * N_FFT].chunks_exact(N_FFT) {
                out.extend_from_slice(&body[N_FFT - n_cp..]);
                out.extend_from_slice(body);
            }
        }
    }

    /// The inverse of [`Transform::modulate`]: drops the cyclic prefix.
    ///
    /// # Panics
    /// If there are not 64 samples after the prefix.
    pub fn demodulate(&self, symbol: &[Complex32], n_cp: usize) -> [Complex32; N_FFT] {
        self.to_bins(&symbol[n_cp..])
    }
}

/// Symbols transformed together: enough to amortise the call, few enough to stay in the L1 cache.
const AT_ONCE: usize = 16;

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
        let bins = spectrum(&points, pilots(5));
        let transform = Transform::default();
        let mut symbol = Vec::new();
        transform.modulate(&bins, N_CP, &mut symbol);
        assert_eq!(symbol[..N_CP], symbol[N_FFT..]);
        assert!((mean_power(&symbol[N_CP..]) * 64.0 / mean_power(&bins) - 1.0).abs() < 1e-5);
        for (got, want) in transform.demodulate(&symbol, N_CP).iter().zip(&bins) {
            assert!((got - want).norm() < 1e-5, "{got} is not {want}");
        }
    }

    #[test]
    fn pilot_polarity_begins_as_in_the_standard() {
        let first: Vec<f32> = (0..12).map(pilot_polarity).collect();
        assert_eq!(first, [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0, -1.0, -1.0, -1.0]);
    }
}
