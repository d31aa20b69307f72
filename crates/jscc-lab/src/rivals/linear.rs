//! The analog rival without learning: as many coefficients as an ideal radio has real channel uses, each scaled, sent
//! uncoded and estimated linearly. The baseline of every learned analog codec.
//!
//! Source: S. Jakubczak, D. Katabi, "A cross-layer design for scalable mobile video" (SoftCast), MobiCom 2011; the best
//! powers for known noise: K.-H. Lee, D. Petersen, "Optimal linear coding for vector channels", IEEE Trans. Commun.
//! 24(12), 1976.

use super::basis::Basis;
use super::budget::CHANNEL_USES;
use super::{Analysis, N_PIXELS};
use crate::metrics::mse;
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::random::stream;
use jscc_phy::units::{Snr, mean_power};
use rayon::prelude::*;

/// Real channel uses per picture, and the number of coefficients sent.
const SENT: usize = 2 * CHANNEL_USES;

/// Allocation of the power to the coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Powers {
    /// Proportional to their standard deviations, which is optimal without noise; the sender does not know the SNR.
    SoftCast,
    /// Optimal for the SNR, which the sender knows.
    KnownSnr,
}

/// Scope of the normalisation to mean power 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalised {
    /// Every picture by itself, as in the learned codecs. The receiver does not know the factor.
    Picture,
    /// All training pictures on average.
    Ensemble,
}

/// The codec for one SNR.
#[derive(Debug)]
pub struct Linear<'a> {
    basis: &'a Basis,
    powers: Powers,
    normalised: Normalised,
    snr: Snr,
    gains: Vec<f32>,
    /// Factor of each observation, for the least mean squared error on training pictures.
    weights: Vec<f32>,
}

impl<'a> Linear<'a> {
    /// Fits powers and estimators to the coefficients of training pictures in this basis.
    pub fn fit(basis: &'a Basis, coefficients: &[f32], powers: Powers, normalised: Normalised, snr: Snr) -> Self {
        let pictures = coefficients.chunks_exact(basis.len());
        let n = pictures.len() as f64;
        let mut variances = vec![0f64; SENT];
        for picture in pictures.clone() {
            variances.iter_mut().zip(picture).for_each(|(sum, &x)| *sum += f64::from(x).powi(2) / n);
        }
        let share = match powers {
            Powers::SoftCast => softcast(&variances),
            Powers::KnownSnr => known_snr(&variances, f64::from(snr.no()) / 2.0),
        };
        let gain = |(power, variance): (&f64, &f64)| (power / variance.max(1e-12)).sqrt() as f32;
        let gains = share.iter().zip(&variances).map(gain).collect();
        let mut linear = Self { basis, powers, normalised, snr, gains, weights: Vec::new() };
        let (mut cross, mut power) = (vec![0f64; SENT], vec![0f64; SENT]);
        for picture in pictures {
            for (i, z) in reals(&linear.send(picture)).enumerate() {
                cross[i] += f64::from(z * picture[i]) / n;
                power[i] += f64::from(z * z) / n;
            }
        }
        let weight = |(cross, power): (f64, f64)| (cross / (power + f64::from(snr.no()) / 2.0)) as f32;
        linear.weights = cross.into_iter().zip(power).map(weight).collect();
        linear
    }

    /// Its name in rows.
    pub fn name(&self) -> String {
        let powers = match self.powers {
            Powers::SoftCast => "softcast powers",
            Powers::KnownSnr => "powers for the snr",
        };
        let normalised = match self.normalised {
            Normalised::Picture => "picture",
            Normalised::Ensemble => "ensemble",
        };
        format!("{} linear, {powers}, {normalised} of power 1", self.basis.name())
    }

    /// The symbols of a picture's coefficients.
    fn send(&self, coefficients: &[f32]) -> Vec<Complex32> {
        let scaled: Vec<f32> = coefficients.iter().zip(&self.gains).map(|(x, gain)| x * gain).collect();
        let mut z: Vec<Complex32> = scaled.as_chunks::<2>().0.iter().map(|&[re, im]| Complex32::new(re, im)).collect();
        if self.normalised == Normalised::Picture {
            let gain = 1.0 / mean_power(&z).sqrt().max(1e-12) as f32;
            for z in &mut z {
                *z *= gain;
            }
        }
        z
    }

    /// Mean squared error of each picture over an ideal radio: no frame, no preamble, perfect timing.
    pub fn errors(&self, pictures: &[f32], seed: u64) -> Vec<f64> {
        let of = |(index, picture): (usize, &[f32])| {
            let mut z = self.send(&self.basis.analyse(picture));
            let rng = &mut stream(seed, "rival linear", index as u64);
            Channel::Awgn.draw(z.len(), self.snr.no(), rng).apply(&mut z);
            let estimate: Vec<f32> = reals(&z).zip(&self.weights).map(|(y, weight)| y * weight).collect();
            mse(picture, &self.basis.picture(&estimate))
        };
        pictures.par_chunks_exact(N_PIXELS).enumerate().map(of).collect()
    }
}

fn reals(z: &[Complex32]) -> impl Iterator<Item = f32> {
    z.iter().flat_map(|z| [z.re, z.im])
}

/// Powers proportional to the standard deviations, a half on average: two reals make one symbol of power 1.
fn softcast(variances: &[f64]) -> Vec<f64> {
    let sum: f64 = variances.iter().map(|variance| variance.sqrt()).sum();
    variances.iter().map(|variance| variance.sqrt() / sum.max(1e-12) * variances.len() as f64 / 2.0).collect()
}

/// The powers p, a half on average, that minimise Σ v/(1 + p/σ²): p = σ²·(√(v/μ) − 1) where that is positive.
fn known_snr(variances: &[f64], noise: f64) -> Vec<f64> {
    let powers =
        |level: f64| -> Vec<f64> { variances.iter().map(|v| noise * (v.sqrt() * level - 1.0).max(0.0)).collect() };
    let wanted = variances.len() as f64 / 2.0;
    let (mut low, mut high) = (0.0, 1.0);
    // Without variance, no power is needed.
    while powers(high).iter().sum::<f64>() < wanted && high.is_finite() {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if powers(middle).iter().sum::<f64>() < wanted { low = middle } else { high = middle }
    }
    powers(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivals::tests::fitted;

    #[test]
    fn powers_are_shared_and_the_strong_come_first() {
        for powers in [softcast(&[4.0, 1.0, 0.01]), known_snr(&[4.0, 1.0, 0.01], 0.5)] {
            assert!((powers.iter().sum::<f64>() - 1.5).abs() < 1e-6, "{powers:?}");
            assert!(powers.is_sorted_by(|a, b| a >= b));
        }
        assert!(known_snr(&[4.0, 1.0, 0.01], 5.0)[2] < 1e-9, "nothing for what noise buries");
    }

    #[test]
    fn knowing_the_snr_is_no_worse_and_less_noise_is_better() {
        let ((basis, coefficients), test) = fitted(|basis, coefficients| (basis, coefficients));
        let error = |powers, normalised, snr_db| {
            let linear = Linear::fit(&basis, &coefficients, powers, normalised, Snr::per_symbol(snr_db));
            let errors = linear.errors(&test, 1);
            errors.iter().sum::<f64>() / errors.len() as f64
        };
        for normalised in [Normalised::Ensemble, Normalised::Picture] {
            let known: Vec<f64> = [-5.0, 5.0, 35.0].map(|db| error(Powers::KnownSnr, normalised, db)).into();
            assert!(known.windows(2).all(|pair| pair[1] < pair[0]), "{known:?}");
            assert!(known[0] < error(Powers::SoftCast, normalised, -5.0));
        }
    }
}
