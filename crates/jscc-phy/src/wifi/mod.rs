//! The 802.11a (non-HT) PHY, 20 MHz, all eight rates, both directions: one file per stage, each step beside its
//! inverse, in the order the signal travels. Clauses are those of IEEE 802.11-2020.
//!
//! | stage | forwards | backwards |
//! |---|---|---|
//! | [`scramble`] | scrambler, 127 states | the same |
//! | [`convolve`] / [`viterbi`] | K = 7 encoder | soft decoder with erasures |
//! | [`puncture`] | to 2/3, 3/4 | erasures put back |
//! | [`interleave`] | per symbol | per symbol |
//! | [`qam`] | Gray map | max-log soft bits |
//! | [`ofdm`] | pilots, IFFT, cyclic prefix | FFT |
//! | [`signal`] | RATE, LENGTH | parity checked |
//! | [`preamble`] / [`sync`], [`equalize`] | training fields | timing, frequency, channel, pilot phase |
//! | [`transmit`] / [`receive`] | the whole chain | the whole chain |
//! | [`fcs`] | frame check sequence | its check |

pub mod convolve;
pub mod equalize;
pub mod fcs;
pub mod interleave;
pub mod mcs;
pub mod ofdm;
pub mod preamble;
pub mod puncture;
pub mod qam;
pub mod receive;
pub mod scramble;
pub mod signal;
pub mod sync;
pub mod transmit;
pub mod viterbi;

pub use mcs::Mcs;
pub use scramble::ScramblerState;

/// Bits of the SERVICE field that opens DATA, all zero.
pub const N_SERVICE: usize = 16;
/// Zero bits that close the trellis after the PSDU.
pub const N_TAIL: usize = 6;
