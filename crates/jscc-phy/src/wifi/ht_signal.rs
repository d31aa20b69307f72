//! The HT-SIG field: scheme, length and options of an HT frame, two BPSK 1/2 symbols rotated by 90°.
//! IEEE 802.11-2020, 19.3.9.4.3.

use super::convolve::{EncoderState, encode};
use super::equalize::Smoothing;
use super::interleave::{deinterleave, interleave};
use super::mcs::Mcs;
use super::ofdm::{N_DATA, N_SYMBOL};
use super::ppdu::{Guard, Ppdu};
use super::preamble::N_FIELD;
use super::qam;
use super::signal::{Signal, decode_header};
use super::{N_SERVICE, N_TAIL};
use crate::Complex32;
use crate::units::N_FFT;

/// Bits of the field.
pub(super) const N_BITS: usize = 48;
/// Bits that the CRC covers.
const N_CHECKED: usize = 34;

/// Content of the HT-SIG field, for a single-stream frame with binary convolutional coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HtSignal {
    /// The frame.
    pub ppdu: Ppdu,
    /// Whether the channel estimate may be smoothed over subcarriers.
    pub smoothing: Smoothing,
    /// Whether the PSDU is an A-MPDU.
    pub aggregation: bool,
}

/// Reason why a received HT-SIG field does not lead to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HtSignalError {
    /// The check sequence is wrong.
    #[error("the HT-SIG field's CRC is wrong")]
    Crc,
    /// The tail is not zero.
    #[error("the HT-SIG field's tail is not zero")]
    NotZero,
    /// It is valid, but announces something that this receiver does not support.
    #[error("{0}")]
    Unsupported(Unsupported),
}

/// Recognised but unsupported kinds of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// More than one spatial stream.
    #[error("HT MCS {0}, which has {streams} spatial streams, is not supported", streams = .0 / 8 + 1)]
    Streams(u8),
    /// An MCS with unequal modulation, 40 MHz duplicate, or reserved.
    #[error("HT MCS {0} is not supported")]
    Mcs(u8),
    /// 40 MHz.
    #[error("a 40 MHz HT frame is not supported")]
    Bandwidth,
    /// Space-time block coding.
    #[error("an HT frame with space-time block coding (STBC) is not supported")]
    Stbc,
    /// Low-density parity check coding.
    #[error("an HT frame with LDPC coding is not supported")]
    Ldpc,
    /// Extension spatial streams.
    #[error("an HT frame with extension spatial streams is not supported")]
    Extension,
    /// Null data packet.
    #[error("an HT sounding frame without data")]
    Sounding,
    /// Longer than L-SIG can announce.
    #[error("an HT frame of {0} octets, longer than L-SIG can announce, is not supported")]
    Length(u16),
    /// HT-greenfield.
    #[error("an HT-greenfield frame is not supported")]
    Greenfield,
    /// 802.11ac.
    #[error("a VHT (802.11ac) frame is not supported")]
    Vht,
    /// 802.11ax.
    #[error("an HE (802.11ax) frame is not supported")]
    He,
}

/// Header content of an unsupported frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// HT MCS index, 0 to 127.
    pub mcs: Option<u8>,
    /// Octets of the PSDU.
    pub length: Option<usize>,
    /// Samples of the whole frame, preamble included.
    pub n_samples: Option<usize>,
}

impl Announced {
    /// From L-SIG alone, 19.3.9.3.5.
    pub(super) fn by_signal(signal: Signal) -> Self {
        let n_samples = 2 * N_FIELD + N_SYMBOL + signal.n_sym() * N_SYMBOL;
        Self { mcs: None, length: None, n_samples: Some(n_samples) }
    }

    /// From L-SIG and HT-SIG.
    pub(super) fn by_both(signal: Signal, bits: &[u8; N_BITS]) -> Self {
        let (mcs, length) = (number(bits, 0, 7) as u8, number(bits, 8, 16));
        Self { mcs: Some(mcs), length: Some(length), ..Self::by_signal(signal) }
    }

    /// From the HT-SIG field of an HT-greenfield frame, 19.3.9.5 and 19.4.3.
    pub(super) fn by_greenfield(bits: &[u8; N_BITS]) -> Self {
        let (mcs, length) = (number(bits, 0, 7), number(bits, 8, 16));
        let known = Self { mcs: Some(mcs as u8), length: Some(length), n_samples: None };
        if mcs > 31 {
            return known;
        }
        let (n_streams, n_stbc, n_extension) = (mcs / 8 + 1, number(bits, 28, 2), number(bits, 32, 2));
        // 108 data subcarriers in 40 MHz, 52 in 20.
        let wide = if bits[7] == 1 { (108, 52) } else { (1, 1) };
        let n_dbps = Mcs::HT[mcs % 8].n_dbps() * n_streams * wide.0 / wide.1;
        let together = 1 + usize::from(n_stbc > 0);
        let n_bits = if length == 0 { 0 } else { 8 * length + N_SERVICE + N_TAIL };
        let n_sym = n_bits.div_ceil(n_dbps * together) * together;
        let n_training = |n: usize| if n == 3 { 4 } else { n };
        let n_more_training = n_training((n_streams + n_stbc).min(4)) + n_training(n_extension) - 1;
        let guard = if bits[31] == 1 { Guard::Short } else { Guard::Long };
        let header = 2 * N_FIELD + (2 + n_more_training) * N_SYMBOL;
        Self { n_samples: Some(header + n_sym * (guard.n_cp() + N_FFT)), ..known }
    }
}

/// `n` bits from `at` on, the least significant first.
fn number(bits: &[u8; N_BITS], at: usize, n: usize) -> usize {
    bits[at..at + n].iter().rev().fold(0, |value, &bit| value << 1 | usize::from(bit))
}

impl HtSignal {
    /// The field of a frame that is not aggregated.
    pub fn of(ppdu: Ppdu) -> Self {
        Self { ppdu, smoothing: Smoothing::Allowed, aggregation: false }
    }

    /// The 48 bits.
    pub fn to_bits(self) -> [u8; N_BITS] {
        let mut bits = [0; N_BITS];
        let mut put = |at: usize, n: usize, value: usize| {
            for i in 0..n {
                bits[at + i] = (value >> i & 1) as u8;
            }
        };
        put(0, 7, self.ppdu.mcs().index());
        put(8, 16, self.ppdu.length());
        put(24, 1, usize::from(self.smoothing == Smoothing::Allowed));
        put(25, 1, 1); // not sounding
        put(26, 1, 1); // reserved
        put(27, 1, usize::from(self.aggregation));
        put(31, 1, usize::from(self.ppdu.guard() == Guard::Short));
        let crc = crc8(&bits[..N_CHECKED]);
        bits[N_CHECKED..N_CHECKED + 8].copy_from_slice(&crc);
        bits
    }

    /// The inverse of [`HtSignal::to_bits`].
    pub fn from_bits(bits: &[u8; N_BITS]) -> Result<Self, HtSignalError> {
        if crc8(&bits[..N_CHECKED]) != bits[N_CHECKED..N_CHECKED + 8] {
            return Err(HtSignalError::Crc);
        }
        if bits[N_CHECKED + 8..] != [0; 6] {
            return Err(HtSignalError::NotZero);
        }
        let (mcs, length) = (number(bits, 0, 7), number(bits, 8, 16));
        let refused = match mcs {
            8..=31 => Some(Unsupported::Streams(mcs as u8)),
            32.. => Some(Unsupported::Mcs(mcs as u8)),
            _ if bits[7] == 1 => Some(Unsupported::Bandwidth),
            _ if number(bits, 28, 2) != 0 => Some(Unsupported::Stbc),
            _ if bits[30] == 1 => Some(Unsupported::Ldpc),
            _ if number(bits, 32, 2) != 0 => Some(Unsupported::Extension),
            _ if length == 0 => Some(Unsupported::Sounding),
            _ => None,
        };
        if let Some(refused) = refused {
            return Err(HtSignalError::Unsupported(refused));
        }
        let guard = if bits[31] == 1 { Guard::Short } else { Guard::Long };
        let ppdu = Ppdu::new(Mcs::HT[mcs], guard, length)
            .map_err(|_| HtSignalError::Unsupported(Unsupported::Length(length as u16)))?;
        let smoothing = if bits[24] == 1 { Smoothing::Allowed } else { Smoothing::Forbidden };
        Ok(Self { ppdu, smoothing, aggregation: bits[27] == 1 })
    }

    /// The 96 points of the two symbols, on Q.
    pub fn to_points(self) -> Vec<Complex32> {
        let coded = encode(&self.to_bits(), EncoderState::default());
        let turned = |point: Complex32| Complex32::new(0.0, point.re);
        qam::map(&interleave(&coded, Mcs::SIGNAL), Mcs::SIGNAL.modulation()).into_iter().map(turned).collect()
    }

    /// The inverse of [`HtSignal::to_points`], from equalised points and the reliability |h|²/N0 of each.
    ///
    /// # Panics
    /// If there are not 96 of each.
    pub fn from_points(points: &[Complex32], weights: &[f32]) -> Result<Self, HtSignalError> {
        Self::from_bits(&decided(points, weights))
    }
}

/// The received bits of the field, right or wrong.
///
/// # Panics
/// If there are not 96 points and weights.
pub(super) fn decided(points: &[Complex32], weights: &[f32]) -> [u8; N_BITS] {
    assert_eq!((points.len(), weights.len()), (2 * N_DATA, 2 * N_DATA), "points and weights of two symbols");
    let llr: Vec<f32> = points.iter().zip(weights).map(|(point, w)| -4.0 * point.im * w).collect();
    let bits = decode_header(&deinterleave(&llr, Mcs::SIGNAL));
    bits.try_into().expect("48 bits from 96 points")
}

/// Remainder modulo x⁸ + x² + x + 1, with ones initially, inverted at the end, highest power first.
pub(super) fn crc8(bits: &[u8]) -> [u8; 8] {
    let register = bits.iter().fold(0xff, |register: u8, &bit| {
        let feedback = register >> 7 ^ bit;
        (register << 1) ^ (feedback * 0b111)
    });
    std::array::from_fn(|i| !register >> (7 - i) & 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long division of the polynomial, whose first eight terms are inverted, as in 19.3.9.4.4.
    #[test]
    fn crc_is_the_remainder() {
        for seed in 0..200u64 {
            let bits: Vec<u8> = (0..N_CHECKED).map(|i| ((seed * 0x9e37_79b9) >> (i % 30) & 1) as u8).collect();
            let mut dividend = [&bits[..], &[0; 8]].concat();
            dividend[..8].iter_mut().for_each(|bit| *bit ^= 1);
            for i in 0..N_CHECKED {
                if dividend[i] == 1 {
                    for (power, term) in [1, 0, 0, 0, 0, 0, 1, 1, 1].into_iter().enumerate() {
                        dividend[i + power] ^= term;
                    }
                }
            }
            let want: Vec<u8> = dividend[N_CHECKED..].iter().map(|bit| bit ^ 1).collect();
            assert_eq!(crc8(&bits).to_vec(), want);
        }
    }

    #[test]
    fn from_undoes_to() {
        for mcs in Mcs::HT {
            for guard in [Guard::Long, Guard::Short] {
                for length in [1, 2, 100, 1000, 4095, Ppdu::max_length(mcs, guard)] {
                    let field = HtSignal::of(Ppdu::new(mcs, guard, length).expect("fits"));
                    assert_eq!(HtSignal::from_bits(&field.to_bits()), Ok(field));
                    assert_eq!(HtSignal::from_points(&field.to_points(), &[1.0; 96]), Ok(field));
                }
            }
        }
    }

    #[test]
    fn what_is_not_supported_is_named() {
        let good = HtSignal::of(Ppdu::long_guard(Mcs::HT7, 100)).to_bits();
        let set = |at: &[usize]| {
            let mut bits = good;
            for &i in at {
                bits[i] ^= 1;
            }
            let crc = crc8(&bits[..N_CHECKED]);
            bits[N_CHECKED..N_CHECKED + 8].copy_from_slice(&crc);
            HtSignal::from_bits(&bits).map_err(|error| match error {
                HtSignalError::Unsupported(kind) => kind,
                other => panic!("{other}"),
            })
        };
        assert_eq!(set(&[3]), Err(Unsupported::Streams(15)));
        assert_eq!(set(&[5]), Err(Unsupported::Mcs(39)));
        assert_eq!(set(&[7]), Err(Unsupported::Bandwidth));
        assert_eq!(set(&[28]), Err(Unsupported::Stbc));
        assert_eq!(set(&[30]), Err(Unsupported::Ldpc));
        assert_eq!(set(&[33]), Err(Unsupported::Extension));
        assert_eq!(set(&[10, 13, 14]), Err(Unsupported::Sounding));
        assert_eq!(set(&[22, 23]), Err(Unsupported::Length(49252)));
        assert!(set(&[24, 27]).is_ok_and(|field| field.aggregation && field.smoothing == Smoothing::Forbidden));
        let mut wrong = good;
        wrong[3] ^= 1;
        assert_eq!(HtSignal::from_bits(&wrong), Err(HtSignalError::Crc));
        wrong = good;
        wrong[45] ^= 1;
        assert_eq!(HtSignal::from_bits(&wrong), Err(HtSignalError::NotZero));
    }
}
