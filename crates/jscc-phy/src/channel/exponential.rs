//! Exponential decay: N. Chayat, "Criteria for Comparison of 5 GHz High Speed PHY Proposals", IEEE P802.11-97/96r2,
//! November 1997; printed as (2.13) to (2.15) in Y. S. Cho et al., "MIMO-OFDM Wireless Communications with MATLAB",
//! Wiley, 2010.

use super::SAMPLE_NS;
use super::delay_line::{Path, normalised};

/// A path on each sample: power e^(−k·T/τ) at delay kT, T = 50 ns, up to k = ⌈10·τ/T⌉.
///
/// The sampled profile's rms delay is T·√r/(1−r) with r = e^(−T/τ): 0.99·τ at τ = 100 ns, 0.96·τ at 50 ns and 0.85·τ at
/// 25 ns. The source requires T ≤ τ/2, hence at least 100 ns; below, refer to the model by its τ, not by its rms delay.
pub(super) fn paths(rms_ns: f64) -> Vec<Path> {
    let step = (-SAMPLE_NS / rms_ns).exp();
    let last = (10.0 * rms_ns / SAMPLE_NS).ceil() as i32;
    normalised((0..=last).map(|k| Path { delay_ns: f64::from(k) * SAMPLE_NS, power: step.powi(k) }).collect())
}
