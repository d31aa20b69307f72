//! The DATA field: its points, its bits, the PSDU in it.

use super::convolve::EncoderState;
use super::demodulate::Heard;
use super::demodulate::{Demodulator, soften};
use super::ppdu::Ppdu;
use super::scramble::{ScramblerState, scramble_octets};
use super::track::Tracker;
use super::viterbi::{Decoder, End};
use super::{N_SERVICE, N_TAIL};
use crate::Complex32;
use crate::bits::to_bits;

/// First sample of the body of DATA symbol `n`, if DATA begins at sample `data`.
pub(super) fn body(ppdu: Ppdu, data: usize, n: usize) -> usize {
    data + n * ppdu.n_symbol_samples() + ppdu.guard().n_cp()
}

/// The equalised points of the DATA field.
pub(super) fn follow(demodulator: &Demodulator, data: usize, ppdu: Ppdu, tracker: Tracker) -> Vec<Complex32> {
    follow_all(demodulator, data, ppdu, tracker, |_| {})
}

/// As [`follow`], also passing on each received symbol.
pub(super) fn follow_all(
    demodulator: &Demodulator,
    data: usize,
    ppdu: Ppdu,
    mut tracker: Tracker,
    mut hand_over: impl FnMut(Heard),
) -> Vec<Complex32> {
    let n_data = ppdu.mcs().n_data();
    let mut points = vec![Complex32::ZERO; ppdu.n_sym() * n_data];
    let (modulation, mut lines) = (ppdu.mcs().modulation(), demodulator.lines());
    for (n, points) in points.chunks_exact_mut(n_data).enumerate() {
        let following = (&mut tracker, &mut lines);
        hand_over(demodulator.track_both(body(ppdu, data, n), ppdu.pilots(n), following, modulation, points));
    }
    points
}

/// Scrambler state and PSDU.
pub(super) fn decode_unaided(
    points: &[Complex32],
    weights: &[f32],
    factors: &[f32],
    ppdu: Ppdu,
    decoder: &mut Decoder,
) -> (ScramblerState, Vec<u8>) {
    let mut octets = decode(points, weights, factors, ppdu, decoder).to_vec();
    let scrambler = ScramblerState::from_service(&to_bits(&octets[..1]));
    let psdu = descramble(&mut octets, ppdu, scrambler);
    (scrambler, psdu)
}

/// The decoded, still scrambled octets of SERVICE, PSDU and tail.
pub(super) fn decode<'a>(
    points: &[Complex32],
    weights: &[f32],
    factors: &[f32],
    ppdu: Ppdu,
    decoder: &'a mut Decoder,
) -> &'a [u8] {
    let mother = soften(points, weights, factors, ppdu.mcs());
    let n_bits = N_SERVICE + 8 * ppdu.length() + N_TAIL;
    decoder.decode(&mother[..2 * n_bits], EncoderState::default(), End::Zero)
}

/// The PSDU in the scrambled octets of a DATA field.
pub(super) fn descramble(octets: &mut [u8], ppdu: Ppdu, scrambler: ScramblerState) -> Vec<u8> {
    scramble_octets(octets, scrambler);
    octets[N_SERVICE / 8..N_SERVICE / 8 + ppdu.length()].to_vec()
}

/// The scrambled octets of SERVICE, PSDU and tail.
pub(super) fn scrambled(psdu: &[u8], scrambler: ScramblerState) -> Vec<u8> {
    let mut octets = [&[0; N_SERVICE / 8], psdu, &[0]].concat();
    scramble_octets(&mut octets, scrambler);
    octets
}
