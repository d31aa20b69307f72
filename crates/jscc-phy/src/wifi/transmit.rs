//! The transmitter: PSDU to DATA points to samples. IEEE 802.11-2020, 17.3.2.

use super::convolve::{EncoderState, encode};
use super::interleave::interleave;
use super::mcs::Mcs;
use super::ofdm::{N_DATA, N_SYMBOL, Transform, spectrum};
use super::preamble::{N_FIELD, ltf, stf};
use super::puncture::puncture;
use super::qam;
use super::scramble::{ScramblerState, scramble_data};
use super::signal::Signal;
use super::{N_SERVICE, N_TAIL};
use crate::Complex32;
use crate::units::N_FFT;

/// Samples before the first DATA symbol: preamble and SIGNAL.
pub const N_HEADER: usize = 2 * N_FIELD + N_SYMBOL;

/// Octets to bits, least significant first.
pub fn to_bits(octets: &[u8]) -> Vec<u8> {
    octets.iter().flat_map(|octet| (0..8).map(move |i| octet >> i & 1)).collect()
}

/// The scrambled bits of a DATA field: SERVICE, PSDU, tail (zero) and pad, whole OFDM symbols.
pub fn data_bits(psdu: &[u8], mcs: Mcs, state: ScramblerState) -> Vec<u8> {
    let mut bits = vec![0; N_SERVICE];
    bits.extend(to_bits(psdu));
    let tail = bits.len();
    bits.resize(mcs.n_sym(psdu.len()) * mcs.n_dbps(), 0);
    debug_assert!(bits.len() >= tail + N_TAIL);
    scramble_data(&mut bits, tail, state);
    bits
}

/// The points of a DATA field, 48 per OFDM symbol: scramble, encode, puncture, interleave, map.
pub fn data_points(psdu: &[u8], mcs: Mcs, state: ScramblerState) -> Vec<Complex32> {
    let coded = encode(&data_bits(psdu, mcs, state), EncoderState::default());
    qam::map(&interleave(&puncture(&coded, mcs.code_rate()), mcs), mcs.modulation())
}

/// A whole frame at 20 Msample/s: STF, LTF, SIGNAL, DATA; 80 samples a symbol, no window between fields.
///
/// # Panics
/// If the PSDU does not have 1 to 4095 octets.
pub fn transmit(psdu: &[u8], mcs: Mcs, state: ScramblerState, transform: &Transform) -> Vec<Complex32> {
    modulate(Signal::new(mcs, psdu.len()), &data_points(psdu, mcs, state), transform)
}

/// The samples of a frame from the points of its DATA field.
///
/// # Panics
/// If there are not 48 points for each OFDM symbol that `signal` tells of.
pub fn modulate(signal: Signal, points: &[Complex32], transform: &Transform) -> Vec<Complex32> {
    assert_eq!(points.len(), N_DATA * signal.n_sym(), "points of the DATA field");
    let mut frame = Vec::with_capacity(N_HEADER + signal.n_sym() * N_SYMBOL);
    frame.extend(stf(transform));
    frame.extend(ltf(transform));
    frame.extend(transform.modulate(&spectrum(&signal.to_points(), 0)));
    for (n, points) in points.chunks_exact(N_DATA).enumerate() {
        frame.extend(transform.modulate(&spectrum(points, n + 1)));
    }
    frame
}

/// Joins a frame's fields with the 100 ns window of the standard's example: at 20 Msample/s each field is extended by
/// one sample and the ends are halved and overlap, 17.3.2.5. One sample longer than `frame`.
pub fn window(frame: &[Complex32]) -> Vec<Complex32> {
    let mut windowed = frame.to_vec();
    // Every field repeats after 64 samples, so its extension is what stands 64 samples before its end.
    windowed.push(frame[frame.len() - N_FFT]);
    windowed[0] /= 2.0;
    for join in [N_FIELD].into_iter().chain((2 * N_FIELD..frame.len()).step_by(N_SYMBOL)) {
        windowed[join] = (frame[join] + frame[join - N_FFT]) / 2.0;
    }
    windowed[frame.len()] /= 2.0;
    windowed
}
