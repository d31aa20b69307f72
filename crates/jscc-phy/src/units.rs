//! SNR conversions, decibels, power. Every other module takes its conventions from here.
//!
//! The SNR of this project is **Es/N0 of one complex symbol of mean power 1**: complex noise of variance
//! `no = 10^(-snr_db/10)`, half of it per real dimension. On Wi-Fi the symbol is one occupied data subcarrier.

use crate::Complex32;

/// Points of the 802.11a Fourier transform, IEEE 802.11-2020, 17.3.5.10.
pub const N_FFT: usize = 64;
/// Occupied subcarriers: 48 data and 4 pilots.
pub const N_OCCUPIED: usize = 52;

/// Decibels of a power ratio.
pub fn to_db(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}

/// Power ratio of decibels.
pub fn from_db(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// A signal-to-noise ratio, held as Es/N0 per complex symbol (per occupied data subcarrier on Wi-Fi).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Snr {
    es_no_db: f64,
}

impl Snr {
    /// Es/N0 of one complex symbol, or of one occupied data subcarrier, in dB.
    pub const fn per_symbol(es_no_db: f64) -> Self {
        Self { es_no_db }
    }

    /// Power over noise power of the 20 Msample/s waveform, in dB: the noise fills all 64 bins, the signal 52.
    pub fn per_time_sample(db: f64) -> Self {
        Self::per_symbol(db + to_db(N_FFT as f64 / N_OCCUPIED as f64))
    }

    /// Es/N0 in dB.
    pub fn db(self) -> f64 {
        self.es_no_db
    }

    /// The same ratio on time samples, in dB: 10·log10(64/52) = 0.90 dB below [`Snr::db`].
    pub fn time_sample_db(self) -> f64 {
        self.es_no_db - to_db(N_FFT as f64 / N_OCCUPIED as f64)
    }

    /// Eb/N0 in dB if one symbol carries `bits` information bits.
    pub fn eb_no_db(self, bits: f64) -> f64 {
        self.es_no_db - to_db(bits)
    }

    /// Noise variance per complex symbol of mean power 1.
    pub fn no(self) -> f32 {
        from_db(-self.es_no_db) as f32
    }

    /// Noise variance per complex time sample if occupied subcarriers have mean power 1 and the transmitter's inverse
    /// transform is scaled by 1/64, as in Annex I: the receiver's transform sums 64 samples.
    pub fn no_time_sample(self) -> f32 {
        self.no() / N_FFT as f32
    }

    /// The ratio of the power of `clean` to that of `noisy - clean`.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn measure(clean: &[Complex32], noisy: &[Complex32]) -> Self {
        assert_eq!(clean.len(), noisy.len(), "clean and noisy symbols");
        let noise: f64 = clean.iter().zip(noisy).map(|(x, y)| f64::from((y - x).norm_sqr())).sum();
        Self::per_symbol(to_db(mean_power(clean) * clean.len() as f64 / noise))
    }
}

/// Mean of |x|² (0 for an empty slice).
pub fn mean_power(x: &[Complex32]) -> f64 {
    x.iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>() / x.len().max(1) as f64
}

/// Normalised mean square error of `estimate` in dB, after the one real gain that minimises it: 0 dB for an
/// uncorrelated estimate.
///
/// # Panics
/// If the lengths differ.
pub fn nmse_db(truth: &[Complex32], estimate: &[Complex32]) -> f64 {
    assert_eq!(truth.len(), estimate.len(), "truth and estimate");
    let cross: f64 = truth.iter().zip(estimate).map(|(x, y)| f64::from((x.conj() * y).re)).sum();
    let (p_truth, p_estimate) = (mean_power(truth), mean_power(estimate));
    let cross = cross / truth.len() as f64;
    if p_estimate == 0.0 {
        return 0.0;
    }
    to_db((1.0 - cross * cross / (p_truth * p_estimate)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_differ_by_the_stated_factors() {
        let snr = Snr::per_symbol(10.0);
        assert!((snr.time_sample_db() - (10.0 - 0.901_767)).abs() < 1e-5);
        assert!((Snr::per_time_sample(snr.time_sample_db()).db() - 10.0).abs() < 1e-12);
        assert!((snr.eb_no_db(4.5) - (10.0 - 6.532_125)).abs() < 1e-5);
        assert!((snr.no() - 0.1).abs() < 1e-7);
    }

    #[test]
    fn nmse_ignores_a_gain_and_sees_an_error() {
        let x = [Complex32::new(1.0, 0.0), Complex32::new(0.0, 1.0)];
        let scaled = x.map(|x| x * 0.3);
        assert!(nmse_db(&x, &scaled) < -60.0);
        let off = [Complex32::new(1.0, 1.0), Complex32::new(0.0, 1.0)];
        // gain 2/3: error 1 - 2²/(2·3) = 1/3
        assert!((nmse_db(&x, &off) - to_db(1.0 / 3.0)).abs() < 1e-6);
        assert!(nmse_db(&x, &[Complex32::ZERO; 2]).abs() < 1e-12, "silence is no estimate");
        assert!(nmse_db(&x, &[Complex32::new(f32::NAN, 0.0); 2]).is_nan());
    }
}
