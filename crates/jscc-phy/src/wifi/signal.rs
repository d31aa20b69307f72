//! The SIGNAL field: rate and length of the frame, one BPSK 1/2 symbol. IEEE 802.11-2020, 17.3.4.

use super::convolve::{EncoderState, encode};
use super::interleave::{deinterleave, interleave};
use super::mcs::{Format, Mcs};
use super::qam;
use super::viterbi::{Decoder, End, SOFT_MAX};
use crate::Complex32;
use crate::bits::to_bits;

/// Largest LENGTH, in octets.
pub const MAX_LENGTH: usize = 4095;

/// R1 to R4 of each non-HT rate, Table 17-6.
const RATE_BITS: [[u8; 4]; 8] =
    [[1, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1], [1, 0, 0, 1], [1, 0, 1, 1], [0, 0, 0, 1], [0, 0, 1, 1]];

/// Content of the SIGNAL field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    mcs: Mcs,
    length: usize,
}

/// Reason why 24 received bits are not a SIGNAL field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// The parity bit is wrong.
    #[error("the SIGNAL field's parity is wrong")]
    Parity,
    /// No such rate.
    #[error("the SIGNAL field's RATE bits {0:?} name no rate")]
    Rate([u8; 4]),
    /// The reserved bit or the tail is not zero.
    #[error("the SIGNAL field's reserved bit or tail is not zero")]
    NotZero,
    /// LENGTH is zero.
    #[error("the SIGNAL field's LENGTH is zero")]
    Empty,
}

impl Signal {
    /// A frame of `length` octets.
    ///
    /// # Panics
    /// If the length is not within 1 to 4095, or the rate is not a non-HT one.
    pub fn new(mcs: Mcs, length: usize) -> Self {
        assert!((1..=MAX_LENGTH).contains(&length), "LENGTH {length} is not within 1 to {MAX_LENGTH}");
        assert_eq!(mcs.format(), Format::NonHt, "format of the rate {mcs}");
        Self { mcs, length }
    }

    /// Rate of the DATA field.
    pub fn mcs(self) -> Mcs {
        self.mcs
    }

    /// Octets of the PSDU.
    pub fn length(self) -> usize {
        self.length
    }

    /// OFDM symbols of the DATA field.
    pub fn n_sym(self) -> usize {
        self.mcs.n_sym(self.length)
    }

    /// The 24 bits: RATE, reserved, LENGTH least significant bit first, parity, tail.
    pub fn to_bits(self) -> [u8; 24] {
        let mut bits = [0; 24];
        bits[..4].copy_from_slice(&RATE_BITS[self.mcs.index()]);
        for (i, bit) in bits[5..17].iter_mut().enumerate() {
            *bit = (self.length >> i & 1) as u8;
        }
        bits[17] = bits[..17].iter().sum::<u8>() % 2;
        bits
    }

    /// The inverse of [`Signal::to_bits`].
    pub fn from_bits(bits: &[u8; 24]) -> Result<Self, SignalError> {
        if bits[..18].iter().sum::<u8>() % 2 != 0 {
            return Err(SignalError::Parity);
        }
        if bits[4] != 0 || bits[18..] != [0; 6] {
            return Err(SignalError::NotZero);
        }
        let mcs = Mcs::NON_HT.into_iter().find(|mcs| RATE_BITS[mcs.index()] == bits[..4]);
        let mcs = mcs.ok_or(SignalError::Rate([bits[0], bits[1], bits[2], bits[3]]))?;
        let length = bits[5..17].iter().rev().fold(0, |length, &bit| length << 1 | bit as usize);
        if length == 0 { Err(SignalError::Empty) } else { Ok(Self { mcs, length }) }
    }

    /// The 48 points of the SIGNAL symbol.
    pub fn to_points(self) -> Vec<Complex32> {
        let coded = encode(&self.to_bits(), EncoderState::default());
        qam::map(&interleave(&coded, Mcs::SIGNAL), Mcs::SIGNAL.modulation())
    }

    /// The inverse of [`Signal::to_points`], from equalised points and the reliability |h|²/N0 of each.
    pub fn from_points(points: &[Complex32], weights: &[f32]) -> Result<Self, SignalError> {
        let llr: Vec<f32> = points.iter().zip(weights).map(|(point, w)| -4.0 * point.re * w).collect();
        let bits = decode_header(&deinterleave(&llr, Mcs::SIGNAL));
        Self::from_bits(&bits.try_into().expect("24 bits from 48 points"))
    }
}

/// Decodes the bits of a header field, rate 1/2 and terminated by a tail, from likelihood ratios of its coded bits.
pub(super) fn decode_header(llr: &[f32]) -> Vec<u8> {
    let most = f32::from(SOFT_MAX);
    // A header's ratios may be small, or exceed the decoder's range; if so, the largest is scaled to the limit.
    let peak = llr.iter().fold(0.0f32, |peak, llr| peak.max(llr.abs()));
    let scale = if peak > most || peak < 1.0 { most / peak } else { 1.0 };
    let soft: Vec<i8> = llr.iter().map(|llr| (scale * llr).round().clamp(-most, most) as i8).collect();
    let mut bits = to_bits(Decoder::new().decode(&soft, EncoderState::default(), End::Zero));
    bits.truncate(llr.len() / 2);
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_undoes_to_for_every_rate_and_length() {
        for mcs in Mcs::NON_HT {
            for length in 1..=MAX_LENGTH {
                let signal = Signal::new(mcs, length);
                assert_eq!(Signal::from_bits(&signal.to_bits()), Ok(signal));
            }
            let signal = Signal::new(mcs, 1234);
            assert_eq!(Signal::from_points(&signal.to_points(), &[1.0; 48]), Ok(signal));
        }
    }

    #[test]
    fn weights_of_any_size_are_survived() {
        let signal = Signal::new(Mcs::M54, 1234);
        for weight in [1e30, 1e-3, 1e-30] {
            assert_eq!(Signal::from_points(&signal.to_points(), &[weight; 48]), Ok(signal));
        }
        for weight in [1e-40, f32::MIN_POSITIVE, 0.0, f32::INFINITY, f32::NAN] {
            let _ = Signal::from_points(&signal.to_points(), &[weight; 48]);
        }
    }

    #[test]
    fn refuses_what_is_not_a_signal_field() {
        let good = Signal::new(Mcs::M54, 100).to_bits();
        let flip = |at: &[usize]| {
            let mut bits = good;
            for &i in at {
                bits[i] ^= 1;
            }
            Signal::from_bits(&bits)
        };
        assert_eq!(flip(&[9]), Err(SignalError::Parity));
        assert_eq!(flip(&[4, 9]), Err(SignalError::NotZero));
        assert_eq!(flip(&[20]), Err(SignalError::NotZero));
        assert_eq!(flip(&[3, 17]), Err(SignalError::Rate([0, 0, 1, 0])));
        let mut empty = good;
        empty[5..17].fill(0);
        empty[17] = empty[..17].iter().sum::<u8>() % 2;
        assert_eq!(Signal::from_bits(&empty), Err(SignalError::Empty));
    }
}
