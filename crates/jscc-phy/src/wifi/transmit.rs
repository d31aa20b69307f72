//! The transmitter: PSDU to DATA points to samples. IEEE 802.11-2020, 17.3.2 and 19.3.4.

use super::coder::Coder;
use super::ht_signal::HtSignal;
use super::mcs::{Format, Mcs};
use super::ofdm::{N_CP, N_SYMBOL, Transform, pilots, spectrum};
use super::ppdu::Ppdu;
use super::preamble::{N_FIELD, ht_training, ltf, stf};
use super::qam;
use super::scramble::{ScramblerState, scramble_octets};
use super::{N_SERVICE, N_TAIL};
use crate::Complex32;
use crate::bits::to_bits;
use crate::units::N_FFT;

/// The scrambled DATA field in octets, after one octet of zeros for the encoder's start: SERVICE, PSDU, tail (zero) and
/// pad, up to the last OFDM symbol's end and at most seven more zeros.
fn zero_then_data(psdu: &[u8], mcs: Mcs, state: ScramblerState) -> Vec<u8> {
    let n_bits = mcs.n_sym(psdu.len()) * mcs.n_dbps();
    let mut octets = vec![0; 1 + n_bits.div_ceil(8)];
    let tail = 1 + N_SERVICE / 8 + psdu.len();
    octets[1 + N_SERVICE / 8..tail].copy_from_slice(psdu);
    scramble_octets(&mut octets[1..], state);
    octets[tail] &= u8::MAX << N_TAIL;
    octets
}

/// The scrambled bits of a DATA field: SERVICE, PSDU, tail (zero) and pad, whole OFDM symbols.
pub fn data_bits(psdu: &[u8], mcs: Mcs, state: ScramblerState) -> Vec<u8> {
    let mut bits = to_bits(&zero_then_data(psdu, mcs, state)[1..]);
    bits.truncate(mcs.n_sym(psdu.len()) * mcs.n_dbps());
    bits
}

/// The points of a DATA field, symbol after symbol: scramble, encode, puncture, interleave, map.
pub fn data_points(psdu: &[u8], mcs: Mcs, state: ScramblerState) -> Vec<Complex32> {
    let (octets, coder) = (zero_then_data(psdu, mcs, state), Coder::of(mcs));
    let mut points = vec![Complex32::ZERO; mcs.n_sym(psdu.len()) * mcs.n_data()];
    for (n, points) in points.chunks_exact_mut(mcs.n_data()).enumerate() {
        qam::map_symbol(&coder.of_field(&octets, n), mcs.modulation(), points);
    }
    points
}

/// A whole frame at 20 Msample/s, no window between fields. Data subcarriers have mean power 1; the legacy part of an
/// HT frame, on 52 subcarriers instead of 56, has the same power in all.
///
/// # Panics
/// If the PSDU does not have the frame's length.
pub fn transmit(psdu: &[u8], ppdu: Ppdu, state: ScramblerState, transform: &Transform) -> Vec<Complex32> {
    assert_eq!(psdu.len(), ppdu.length(), "octets of the PSDU");
    modulate(ppdu, &data_points(psdu, ppdu.mcs(), state), transform)
}

/// The samples of a frame from the points of its DATA field.
///
/// # Panics
/// If the number of points is not that of the frame's data subcarriers.
pub fn modulate(ppdu: Ppdu, points: &[Complex32], transform: &Transform) -> Vec<Complex32> {
    assert_eq!(points.len(), ppdu.mcs().n_data() * ppdu.n_sym(), "points of the DATA field");
    let mut frame = Vec::with_capacity(ppdu.n_samples());
    frame.extend(stf(transform));
    frame.extend(ltf(transform));
    transform.modulate(&spectrum(&ppdu.signal().to_points(), pilots(0)), N_CP, &mut frame);
    if ppdu.mcs().format() == Format::Ht {
        for (n, points) in HtSignal::of(ppdu).to_points().chunks_exact(super::ofdm::N_DATA).enumerate() {
            transform.modulate(&spectrum(points, pilots(n + 1)), N_CP, &mut frame);
        }
        let legacy = (56f32 / 52.0).sqrt();
        for sample in &mut frame {
            *sample *= legacy;
        }
        frame.extend(ht_training(legacy, transform));
    }
    transform.modulate_all(points, ppdu.mcs().n_data(), |n| ppdu.pilots(n), ppdu.guard().n_cp(), &mut frame);
    frame
}

/// Joins a non-HT frame's fields with the 100 ns window of the standard's example: at 20 Msample/s each field is
/// extended by one sample and the ends are halved and overlap, 17.3.2.5. One sample longer than `frame`.
pub fn window(frame: &[Complex32]) -> Vec<Complex32> {
    let mut windowed = frame.to_vec();
    // Every field repeats after 64 samples, so its extension equals the sample 64 before its end.
    windowed.push(frame[frame.len() - N_FFT]);
    windowed[0] /= 2.0;
    for join in [N_FIELD].into_iter().chain((2 * N_FIELD..frame.len()).step_by(N_SYMBOL)) {
        windowed[join] = (frame[join] + frame[join - N_FFT]) / 2.0;
    }
    windowed[frame.len()] /= 2.0;
    windowed
}
