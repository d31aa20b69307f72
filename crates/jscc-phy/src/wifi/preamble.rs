//! The preamble: short and long training fields. IEEE 802.11-2020, 17.3.3 and 19.3.9.

use super::ofdm::{N_CP, N_SYMBOL, Transform, bin};
use crate::Complex32;
use crate::units::N_FFT;

/// Samples by which transforms start before the first path: margin for timing errors, and for earlier paths.
pub const EARLY: usize = 3;
/// Samples of each training field, 8 µs.
pub const N_FIELD: usize = 160;
/// Samples after which the short training field repeats.
pub const STF_PERIOD: usize = 16;
/// Samples before the first of the two bodies of the long training field.
pub const N_LTF_GUARD: usize = 32;

/// Samples of HT-STF and HT-LTF together.
pub const N_HT_TRAINING: usize = 2 * N_SYMBOL;

/// Signs of the short training field on subcarriers -24, -20, … 24 (0 is empty), equation 17-6.
const STF: [f32; 13] = [1.0, -1.0, 1.0, -1.0, -1.0, 1.0, 0.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0];

/// The long training sequence on subcarriers -26 to 26, equation 17-8.
const LTF: [i8; 53] = [
    1, 1, -1, -1, 1, 1, -1, 1, -1, 1, 1, 1, 1, 1, 1, -1, -1, 1, 1, -1, 1, -1, 1, 1, 1, 1, 0, //
    1, -1, -1, 1, 1, -1, 1, -1, 1, -1, -1, -1, -1, -1, 1, 1, -1, -1, 1, -1, 1, -1, 1, 1, 1, 1,
];

/// The 64 bins of the short training field.
pub fn stf_bins() -> [Complex32; N_FFT] {
    let mut bins = [Complex32::ZERO; N_FFT];
    for (tone, sign) in (-24..=24).step_by(4).zip(STF) {
        bins[bin(tone)] = Complex32::new(sign, sign) * (13.0f32 / 6.0).sqrt();
    }
    bins
}

/// The 64 bins of the long training field.
pub fn ltf_bins() -> [Complex32; N_FFT] {
    let mut bins = [Complex32::ZERO; N_FFT];
    for (tone, sign) in (-26..=26).zip(LTF) {
        bins[bin(tone)] = f32::from(sign).into();
    }
    bins
}

/// The 64 bins of the HT long training field: the LTF and two more subcarriers at each edge, equation 19-23.
pub fn ht_ltf_bins() -> [Complex32; N_FFT] {
    let mut bins = ltf_bins();
    for (tone, sign) in [(-28, 1.0), (-27, 1.0), (27, -1.0), (28, -1.0)] {
        bins[bin(tone)] = Complex32::from(sign);
    }
    bins
}

/// HT-STF, five periods of the short training field, and HT-LTF. `legacy` scales the former to the power of the legacy
/// fields.
pub fn ht_training(legacy: f32, transform: &Transform) -> [Complex32; N_HT_TRAINING] {
    let (stf, ltf) = (transform.to_samples(&stf_bins()), transform.to_samples(&ht_ltf_bins()));
    std::array::from_fn(|i| match i.checked_sub(N_SYMBOL) {
        None => stf[i % N_FFT] * legacy,
        Some(i) => ltf[(i + N_FFT - N_CP) % N_FFT],
    })
}

/// The short training field: ten periods of 16 samples.
pub fn stf(transform: &Transform) -> [Complex32; N_FIELD] {
    let body = transform.to_samples(&stf_bins());
    std::array::from_fn(|i| body[i % N_FFT])
}

/// The long training field: a guard of 32 samples and two bodies of 64.
pub fn ltf(transform: &Transform) -> [Complex32; N_FIELD] {
    let body = transform.to_samples(&ltf_bins());
    std::array::from_fn(|i| body[(i + N_FFT - N_LTF_GUARD) % N_FFT])
}
