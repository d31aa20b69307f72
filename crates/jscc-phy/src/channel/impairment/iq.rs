//! IQ imbalance. The receiver mixes with cos ωt and −g·sin(ωt + φ), the transmitter with the same two; the equations
//! follow from the products' low-pass parts, see T. Schenk, "RF Imperfections in High-rate Wireless Systems", Springer
//! 2008. Mean power grows by (1 + g²)/2.

use super::Side;
use crate::Complex32;

/// (μ, ν) of y = μx + νx*.
pub(super) fn gains(side: Side, gain_db: f64, phase_deg: f64) -> (Complex32, Complex32) {
    let q = Complex32::from_polar(10f64.powf(gain_db / 20.0) as f32, phase_deg.to_radians() as f32);
    let signal = match side {
        Side::Transmitter => q,
        Side::Receiver => q.conj(),
    };
    ((1.0 + signal) / 2.0, (1.0 - q) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gains_are_what_the_mixers_do() {
        let (g, phase) = (10f32.powf(0.5 / 20.0), 2f32.to_radians());
        let x = Complex32::new(0.3, -0.7);
        let image = |side| {
            let (mu, nu) = gains(side, 0.5, 2.0);
            mu * x + nu * x.conj()
        };
        let received = Complex32::new(x.re, g * (x.im * phase.cos() - x.re * phase.sin()));
        assert!((image(Side::Receiver) - received).norm() < 1e-6);
        let sent = x.re + Complex32::I * g * Complex32::cis(phase) * x.im;
        assert!((image(Side::Transmitter) - sent).norm() < 1e-6);
    }
}
