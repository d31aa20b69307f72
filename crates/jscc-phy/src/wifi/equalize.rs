//! Channel estimate from the training fields, and its noise.

use super::mcs::Mcs;
use super::ofdm::{DATA_TONES, PILOT_TONES, bin};
use super::preamble::{ht_ltf_bins, ltf_bins};
use super::smooth;
use crate::Complex32;
use crate::units::{N_FFT, N_OCCUPIED, to_db};

/// A receiver's channel information.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelEstimate {
    /// Complex gain per bin; 0 in unused bins.
    pub gain: [Complex32; N_FFT],
    /// Noise variance per bin.
    pub no: f32,
}

/// Whether a sender permits smoothing of the channel estimate: one with beamforming does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Smoothing {
    /// Gains of neighbouring subcarriers are correlated.
    Allowed,
    /// They may be discontinuous.
    Forbidden,
}

/// Largest ratio of measured to expected noise at which the HT-LTF's channel counts as that of the LTF times a factor.
/// Over 52 subcarriers the standard deviation of that ratio is 0.14.
const SAME_CHANNEL: f32 = 1.5;

impl ChannelEstimate {
    /// Noise variance on the equalised points of each data subcarrier.
    pub fn noise_on(&self, mcs: Mcs) -> Vec<f32> {
        mcs.data_tones().iter().map(|&tone| self.no / self.gain[bin(tone)].norm_sqr()).collect()
    }

    /// A real gain, equal on all bins of any format.
    pub fn flat(gain: f32, no: f32) -> Self {
        Self { gain: ht_ltf_bins().map(|bin| Complex32::from(gain * bin.norm())), no }
    }

    /// Least squares over the bins of the LTF's two bodies; their difference gives the noise.
    pub fn from_ltf(first: &[Complex32; N_FFT], second: &[Complex32; N_FFT]) -> Self {
        let sent = ltf_bins();
        let gain = std::array::from_fn(|i| (first[i] + second[i]) * sent[i].re / 2.0);
        let occupied = (0..N_FFT).filter(|&i| sent[i].re != 0.0);
        let difference: f32 = occupied.map(|i| (first[i] - second[i]).norm_sqr()).sum();
        Self { gain, no: difference / (2.0 * N_OCCUPIED as f32) }
    }

    /// Smoothed over subcarriers, as far as the gain in noise exceeds the error of smoothing.
    #[must_use]
    pub fn smoothed(&self) -> Self {
        Self { gain: smooth::over_ltf(&self.gain, self.no / 2.0), no: self.no }
    }

    /// The estimate for the DATA field of an HT frame: from its HT-LTF, and from the LTF too (`self`, least squares) if
    /// the channel has only changed by a common factor.
    #[must_use]
    pub fn with_ht_ltf(&self, heard: &[Complex32; N_FFT], smoothing: Smoothing) -> Self {
        let sent = ht_ltf_bins();
        let alone: [Complex32; N_FFT] = std::array::from_fn(|i| heard[i] * sent[i].re);
        let shared = || self.gain.iter().zip(&alone).filter(|(before, _)| **before != Complex32::ZERO);
        let cross: Complex32 = shared().map(|(before, now)| now * before.conj()).sum();
        let factor = cross / shared().map(|(before, _)| before.norm_sqr()).sum::<f32>().max(f32::MIN_POSITIVE);
        let difference: f32 = shared().map(|(before, now)| (now - factor * before).norm_sqr()).sum();
        let expected = N_OCCUPIED as f32 * self.no * (1.0 + factor.norm_sqr() / 2.0);
        let is_same = difference <= SAME_CHANNEL * expected && factor.norm_sqr() > 0.0;
        let (mut gain, mut variance) = (alone, self.no);
        if is_same {
            // Weights inverse to the variances: no for the HT-LTF, |factor|²·no/2 for the scaled LTF.
            let scaled = factor.norm_sqr() / 2.0;
            for (gain, before) in gain.iter_mut().zip(&self.gain).filter(|(_, before)| **before != Complex32::ZERO) {
                *gain = (*gain * scaled + factor * before) / (1.0 + scaled);
            }
            variance *= scaled / (1.0 + scaled);
        }
        if smoothing == Smoothing::Allowed {
            gain = smooth::over_ht_ltf(&gain, variance);
        }
        Self { gain, no: self.no }
    }

    /// Mean Es/N0 over the non-HT data subcarriers, in dB. The gains contain some noise: smoothed ones raise the ratio
    /// by at most 0.2 (0.8 dB at 0 dB, 0.1 dB at 10), those of a beam that may not be smoothed by 0.5.
    pub fn snr_db(&self) -> f64 {
        let power: f32 = DATA_TONES.iter().map(|&tone| self.gain[bin(tone)].norm_sqr()).sum();
        to_db(f64::from(power / DATA_TONES.len() as f32) / f64::from(self.no))
    }

    /// Products of the pilots received in these bins with those expected from this estimate.
    pub(super) fn pilot_products(&self, bins: &[Complex32; N_FFT], pilots: [f32; 4]) -> [Complex32; 4] {
        std::array::from_fn(|m| {
            let bin = bin(PILOT_TONES[m]);
            bins[bin] * self.gain[bin].conj() * pilots[m]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    use crate::random::stream;
    use crate::units::{Snr, mean_power};
    use crate::wifi::ofdm::Transform;

    /// Gains per bin of a channel with three taps within the cyclic prefix.
    fn gains(transform: &Transform) -> [Complex32; N_FFT] {
        let mut taps = [Complex32::ZERO; N_FFT];
        taps[3..6].copy_from_slice(&[Complex32::new(0.8, 0.1), Complex32::new(-0.2, 0.4), Complex32::new(0.0, 0.3)]);
        transform.to_bins(&taps)
    }

    fn through(bins: &[Complex32; N_FFT], gains: &[Complex32; N_FFT]) -> [Complex32; N_FFT] {
        std::array::from_fn(|i| bins[i] * gains[i])
    }

    /// These bins received in noise.
    fn noisy(bins: &[Complex32; N_FFT], snr: Snr, index: u64) -> [Complex32; N_FFT] {
        let mut bins = *bins;
        Channel::Awgn.draw(N_FFT, snr.no(), &mut stream(1, "noise", index)).apply(&mut bins);
        bins
    }

    fn error(estimate: &ChannelEstimate, truth: &[Complex32; N_FFT], sent: &[Complex32; N_FFT]) -> f32 {
        let occupied = (0..N_FFT).filter(|&i| sent[i].re != 0.0);
        occupied.map(|i| (estimate.gain[i] - truth[i]).norm_sqr()).sum()
    }

    #[test]
    fn the_ltf_tells_the_channel() {
        let transform = Transform::default();
        let gains = gains(&transform);
        let heard = through(&ltf_bins(), &gains);
        let estimate = ChannelEstimate::from_ltf(&heard, &heard);
        assert!(estimate.no < 1e-9);
        assert!(error(&estimate, &gains, &ltf_bins()) < 1e-6);
        assert!(error(&estimate.smoothed(), &gains, &ltf_bins()) < 1e-6);
    }

    #[test]
    fn the_ltf_tells_the_noise() {
        let snr = Snr::per_symbol(10.0);
        let heard = |i: u64| ChannelEstimate::from_ltf(&noisy(&ltf_bins(), snr, i), &noisy(&ltf_bins(), snr, i + 200));
        let mean = (0..200).map(|i| heard(i).no / 200.0);
        // 200 · 52 exponential variates: 1 % standard deviation.
        assert!((mean.sum::<f32>() / snr.no() - 1.0).abs() < 0.05);
        assert!((mean_power(&ltf_bins()) * N_FFT as f64 - N_OCCUPIED as f64).abs() < 1e-6);
    }

    /// Mean square errors of estimates, relative to least squares over one body.
    fn errors(gains: &[Complex32; N_FFT], snr: Snr) -> (f32, f32, f32) {
        let (ltf, ht_ltf) = (through(&ltf_bins(), gains), through(&ht_ltf_bins(), gains));
        let (mut plain, mut smoothed, mut ht) = (0.0, 0.0, 0.0);
        let n = 200;
        for i in 0..n {
            let estimate = ChannelEstimate::from_ltf(&noisy(&ltf, snr, 3 * i), &noisy(&ltf, snr, 3 * i + 1));
            plain += error(&estimate, gains, &ltf_bins());
            smoothed += error(&estimate.smoothed(), gains, &ltf_bins());
            let with_ht = estimate.with_ht_ltf(&noisy(&ht_ltf, snr, 3 * i + 2), Smoothing::Allowed);
            ht += error(&with_ht, gains, &ht_ltf_bins());
        }
        let unit = n as f32 * snr.no();
        (plain / unit / 52.0, smoothed / unit / 52.0, ht / unit / 56.0)
    }

    #[test]
    fn smoothing_takes_noise_away_and_leaves_the_channel() {
        for snr_db in [0.0, 10.0, 30.0] {
            let (plain, smoothed, ht) = errors(&gains(&Transform::default()), Snr::per_symbol(snr_db));
            assert!((plain - 0.5).abs() < 0.05, "{snr_db} dB: {plain}");
            assert!(smoothed < 0.12 && ht < 0.16, "{snr_db} dB: {smoothed}, HT {ht}");
        }
        // A path between two samples.
        let late: [Complex32; N_FFT] = std::array::from_fn(|i| {
            let tone = (i as i32 + 32) % 64 - 32;
            Complex32::from_polar(1.0, -std::f32::consts::TAU * 3.4 * tone as f32 / 64.0)
        });
        let (_, smoothed, ht) = errors(&late, Snr::per_symbol(20.0));
        assert!(smoothed < 0.06 && ht < 0.08, "{smoothed}, HT {ht}");
        // Paths beyond the model's range: no smoothing is better than a wrong one.
        let mut far = [Complex32::ZERO; N_FFT];
        (far[3], far[40]) = (Complex32::ONE, Complex32::new(0.5, 0.5));
        let (plain, smoothed, _) = errors(&Transform::default().to_bins(&far), Snr::per_symbol(20.0));
        assert!(smoothed < 1.05 * plain, "{smoothed} against {plain}");
    }

    #[test]
    fn a_changed_channel_is_not_averaged() {
        let transform = Transform::default();
        let (before, snr) = (gains(&transform), Snr::per_symbol(20.0));
        let mut now = before;
        for (i, gain) in now.iter_mut().enumerate() {
            *gain *= Complex32::from_polar(0.7, 0.3 + 0.02 * i as f32);
        }
        let (ltf, ht_ltf) = (through(&ltf_bins(), &before), through(&ht_ltf_bins(), &now));
        let mut sum = 0.0;
        for i in 0..100 {
            let estimate = ChannelEstimate::from_ltf(&noisy(&ltf, snr, 3 * i), &noisy(&ltf, snr, 3 * i + 1));
            let with_ht = estimate.with_ht_ltf(&noisy(&ht_ltf, snr, 3 * i + 2), Smoothing::Forbidden);
            sum += error(&with_ht, &now, &ht_ltf_bins());
        }
        // Least squares over one body: one unit of noise on each of 56 subcarriers.
        assert!((sum / 100.0 / snr.no() / 56.0 - 1.0).abs() < 0.1, "{}", sum / 100.0 / snr.no() / 56.0);
    }
}
