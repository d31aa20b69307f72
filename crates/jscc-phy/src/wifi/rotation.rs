//! Frequency offsets as rotations.

use crate::Complex32;
use crate::units::N_FFT;
use num_complex::Complex64;
use std::f32::consts::TAU;

/// The factor that corrects sample `i` for a frequency offset of `cfo` radians per sample.
pub fn rotation(cfo: f32, i: usize) -> Complex32 {
    // Wrapped in double precision, because the phase of a long recording grows large.
    let turns = f64::from(cfo) * i as f64 / f64::from(TAU);
    let fraction = turns - turns as i64 as f64;
    Complex32::from_polar(1.0, -fraction as f32 * TAU)
}

/// The factors for samples 0 to 63.
pub(super) fn rotations(cfo: f32) -> [Complex32; N_FFT] {
    let step = Complex64::from_polar(1.0, -f64::from(cfo));
    let mut turn = Complex64::ONE;
    std::array::from_fn(|_| {
        let now = Complex32::new(turn.re as f32, turn.im as f32);
        turn *= step;
        now
    })
}
