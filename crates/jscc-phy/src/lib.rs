//! The air and the radio: bits, symbols and samples. No tensors, no files, no clocks, no printing.
//!
//! | module | what it is |
//! |---|---|
//! | [`units`] | SNR in its views, decibels, power: the one place where a convention is defined |
//! | [`random`] | seeded streams, named by purpose |
//! | [`channel`] | what the air does to samples: drawn first, applied after |
//! | [`wifi`] | the 802.11a PHY, one file per stage, each step beside its inverse |
//! | [`gf2`] | bit matrices: rank and solve |
//! | [`emulation`] | the PHY run backwards: symbols to PSDU bits, and the same symbols out of PSDU bits |

pub mod channel;
pub mod emulation;
pub mod gf2;
pub mod random;
pub mod units;
pub mod wifi;

/// A complex sample, symbol or channel gain.
pub use num_complex::Complex32;
