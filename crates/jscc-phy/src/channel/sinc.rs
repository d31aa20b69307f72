//! Interpolation between samples by a windowed sinc.
//!
//! The window is the "exponential of semicircle" exp(β(√(1−t²)−1)) (A. Barnett, J. Magland, L. af Klinteberg, SIAM J.
//! Sci. Comput. 41(5), 2019), as good as Kaiser's and one line long. With 24 samples on either side and β = 7 the error
//! is below -65 dB within ±8.75 MHz at 20 Msample/s, which includes the 56 occupied subcarriers of HT.

use std::f64::consts::PI;

/// Samples on either side of the interpolated place.
pub(super) const HALF: usize = 24;
const BETA: f64 = 7.0;

/// Weights of the samples 1 − `HALF` ..= `HALF` in the value at `fraction`, 0 ≤ `fraction` < 1; at 0 exactly sample 0.
pub(super) fn weights(fraction: f64) -> [f64; 2 * HALF] {
    // sin π(fraction − k) = ±sin(π·fraction): one sine serves all weights
    let sine = (PI * fraction).sin() / PI;
    std::array::from_fn(|i| {
        let k = i as f64 + 1.0 - HALF as f64;
        let t = fraction - k;
        if fraction == 0.0 {
            return if k == 0.0 { 1.0 } else { 0.0 };
        }
        let sign = if i % 2 == (HALF - 1) % 2 { 1.0 } else { -1.0 };
        let semicircle = (1.0 - (t / HALF as f64).powi(2)).max(0.0).sqrt();
        sign * sine / t * (BETA * (semicircle - 1.0)).exp()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    #[test]
    fn a_tone_in_the_occupied_band_keeps_gain_and_delay() {
        for fraction in [0.01, 0.2, 0.5, 0.77, 0.99] {
            for cycles in (0..=28).map(|tone| f64::from(tone) / 64.0) {
                let value: Complex64 = (weights(fraction).iter().enumerate())
                    .map(|(i, w)| Complex64::cis(2.0 * PI * cycles * (i as f64 + 1.0 - HALF as f64)) * w)
                    .sum();
                let error = (value - Complex64::cis(2.0 * PI * cycles * fraction)).norm();
                assert!(20.0 * error.log10() < -65.0, "{cycles} cycles a sample at {fraction}: {error}");
            }
        }
    }
}
