//! Rayleigh fading over time: Jakes' spectrum as a sum of sinusoids.
//!
//! *Source.* C. Xiao, Y. R. Zheng, N. C. Beaulieu, "Novel sum-of-sinusoids simulation models for Rayleigh and Rician fading
//! channels", IEEE Trans. Wireless Commun. 5 (12), 2006: one random angle for all waves, a random phase each.

use crate::Complex32;
use rand::{Rng, RngExt};
use std::f64::consts::TAU;

/// Waves.
const WAVES: usize = 64;

/// The gain between two places of which one moves, of mean power 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Doppler {
    /// Angular frequency and phase of each wave.
    waves: Vec<[f64; 2]>,
}

impl Doppler {
    /// A walk with this greatest Doppler shift in Hz: speed over wavelength.
    pub fn draw(greatest_hz: f64, rng: &mut impl Rng) -> Self {
        let turn: f64 = rng.random_range(0.0..1.0);
        let mut wave = |n: usize| {
            let angle = TAU * (n as f64 + turn) / WAVES as f64;
            [TAU * greatest_hz * angle.cos(), rng.random_range(0.0..TAU)]
        };
        Self { waves: (0..WAVES).map(&mut wave).collect() }
    }

    /// The gain after so many seconds.
    pub fn gain(&self, seconds: f64) -> Complex32 {
        let wave = |[frequency, phase]: &[f64; 2]| {
            let (sin, cos) = (frequency * seconds + phase).sin_cos();
            Complex32::new(cos as f32, sin as f32)
        };
        self.waves.iter().map(wave).sum::<Complex32>() / (WAVES as f32).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    /// J0 by its integral.
    fn bessel(x: f64) -> f64 {
        let n = 1000;
        (0..n).map(|k| (x * (TAU * (f64::from(k) + 0.5) / f64::from(2 * n)).sin()).cos()).sum::<f64>() / f64::from(n)
    }

    /// Mean power 1, an exponential distribution of power, and Clarke's correlation J0(2π f τ).
    #[test]
    fn it_fades_as_jakes_says() {
        let n = 20_000;
        let walks: Vec<Doppler> = (0..n).map(|k| Doppler::draw(2.0, &mut stream(1, "doppler", k))).collect();
        for later in [0.0, 0.1, 0.3] {
            let product = |walk: &Doppler| f64::from((walk.gain(0.7).conj() * walk.gain(0.7 + later)).re);
            let mean = walks.iter().map(product).sum::<f64>() / n as f64;
            assert!((mean - bessel(TAU * 2.0 * later)).abs() < 0.03, "{later} s: {mean}");
        }
        let weak = walks.iter().filter(|walk| walk.gain(3.0).norm_sqr() < 0.1).count() as f64 / n as f64;
        assert!((weak - (1.0 - (-0.1f64).exp())).abs() < 0.01, "{weak} below a tenth");
    }
}
