//! Rapp's amplifier: C. Rapp, "Effects of HPA-nonlinearity on a 4-DPSK/OFDM-signal for a digital sound broadcasting
//! system", 2nd European Conference on Satellite Communications, Liège, 1991.

use super::active_power;
use crate::Complex32;
use crate::units::from_db;

pub(super) fn compress(smoothness: f64, backoff_db: f64, x: &mut [Complex32]) {
    let saturation = (active_power(x) * from_db(backoff_db)).sqrt();
    if saturation == 0.0 {
        return;
    }
    for x in x {
        *x *= gain(f64::from(x.norm()) / saturation, 2.0 * smoothness) as f32;
    }
}

/// 1/(1 + r^q)^(1/q), as 1/r · 1/(1 + r^(−q))^(1/q) where r^q could overflow.
fn gain(r: f64, q: f64) -> f64 {
    if r <= 1.0 { (1.0 + r.powf(q)).powf(-1.0 / q) } else { (1.0 + r.powf(-q)).powf(-1.0 / q) / r }
}
