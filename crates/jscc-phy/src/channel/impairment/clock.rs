//! Offset of a receiver's sampling clock.

use crate::Complex32;
use crate::channel::sinc::{HALF, weights};

/// Resamples at `step`·n, with silence beyond both ends of the block.
pub(super) fn resample(step: f64, x: &mut [Complex32]) {
    let mut sent = vec![Complex32::ZERO; x.len() + 2 * HALF];
    sent[HALF..HALF + x.len()].copy_from_slice(x);
    for (n, x) in x.iter_mut().enumerate() {
        let position = step * n as f64;
        let around = sent.get(position as usize + 1..).unwrap_or_default();
        *x = around.iter().zip(weights(position.fract())).map(|(s, w)| s * w as f32).sum();
    }
}
