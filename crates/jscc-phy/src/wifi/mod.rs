//! The 802.11a/g (non-HT) and 802.11n (HT-mixed, one stream) PHY, 20 MHz, both directions: one file per stage, each
//! step beside its inverse, in the order of the signal path. Clauses are those of IEEE 802.11-2020.
//!
//! | stage | forwards | backwards |
//! |---|---|---|
//! | [`scramble`] | scrambler, 127 states | the same |
//! | [`convolve`] / [`viterbi`] | K = 7 encoder | soft decoder with erasures |
//! | [`convolve`] / [`posterior`] | | posterior probabilities of all coded bits |
//! | [`puncture`] | to 2/3, 3/4, 5/6 | erasures put back |
//! | [`interleave`] | per symbol | per symbol |
//! | [`coder`] | the three above as one table | the two above as one list |
//! | [`qam`] | Gray map | hard decisions, max-log soft bits |
//! | [`ofdm`] | pilots, IFFT, cyclic prefix | FFT |
//! | [`signal`], [`ht_signal`] | header fields | checked; unsupported frames named |
//! | [`preamble`] / [`sync`], [`equalize`] | training fields | timing, frequency, channel; steady tones removed |
//! | [`transmit`] / [`receive`] | one frame | one frame |
//! | [`aided`] | | one frame, with known header and channel |
//! | [`receiver`] | | a stream of samples, in pieces of any size |
//! | [`fcs`], [`ampdu`] | frame check sequence, aggregation | its check, MAC frames separated |

pub mod aided;
pub mod ampdu;
pub mod coder;
pub mod convolve;
mod data;
mod demodulate;
pub mod equalize;
pub mod fcs;
pub mod ht_signal;
pub mod interleave;
mod lines;
pub mod mcs;
pub mod ofdm;
mod periodicity;
pub mod posterior;
pub mod ppdu;
pub mod preamble;
pub mod puncture;
pub mod qam;
pub mod receive;
pub mod receiver;
mod refine;
mod residue;
pub(crate) mod rotation;
pub mod scramble;
pub mod signal;
mod smooth;
pub mod sync;
mod track;
pub mod transmit;
pub mod viterbi;

pub use mcs::Mcs;
pub use ppdu::{Guard, Ppdu};
pub use scramble::ScramblerState;

/// Bits of the SERVICE field at the start of DATA, all zero.
pub const N_SERVICE: usize = 16;
/// Zero bits that terminate the trellis after the PSDU.
pub const N_TAIL: usize = 6;
