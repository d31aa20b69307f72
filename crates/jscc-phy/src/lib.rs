//! Channels and radio: bits, symbols and samples. No tensors, no files, no clocks, no printing.
//!
//! | module | content |
//! |---|---|
//! | [`units`] | SNR conversions, decibels, power: the one place where conventions are defined |
//! | [`random`] | seeded streams, named by purpose |
//! | [`channel`] | channel models: drawn first, applied after |
//! | [`wifi`] | the 802.11a/g and 802.11n PHY, one file per stage, each step beside its inverse |
//! | [`bits`], [`gf2`] | bits in octets and words; bit matrices: rank, solve, fixed maps as tables |
//! | [`air`] | one frame over a drawn channel, to an aided or unaided receiver |
//! | [`emulation`] | inversion of the PHY: symbols to PSDU bits, and the same symbols out of PSDU bits |
//! | [`link`] | links between encoder and decoder: first the channel, then the symbols |
//!
//! Round trip of a frame:
//!
//! ```
//! use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState, ofdm::Transform, receive::receive, transmit::transmit};
//!
//! let transform = Transform::default();
//! let samples = transmit(b"hello, radio", Ppdu::long_guard(Mcs::M54, 12), ScramblerState::EXAMPLE, &transform);
//! assert_eq!(receive(&samples, 0, &transform)?.psdu, b"hello, radio");
//! # Ok::<(), jscc_phy::wifi::receive::Lost>(())
//! ```
//!
//! Arbitrary symbols in a standard frame, recovered from the bits of a receiver:
//!
//! ```
//! use jscc_phy::emulation::{Emulator, Inversion, layout::Framing};
//! use jscc_phy::{channel::Channel, random::stream, units::nmse_db, wifi::Mcs, wifi::ScramblerState};
//!
//! let z = Channel::Awgn.draw(480, 1.0, &mut stream(1, "example", 0)).noise;
//! let emulator = Emulator::new(Mcs::M54, Framing::Bare, Inversion::Trellis, z.len())?;
//! let psdu = emulator.emulate(&z, ScramblerState::EXAMPLE); // to be sent by an ordinary card
//! let z_hat = emulator.recover(&psdu, ScramblerState::EXAMPLE);
//! assert!(nmse_db(&z, &z_hat) < -11.0);
//! # Ok::<(), jscc_phy::emulation::TooLong>(())
//! ```

pub mod air;
pub mod bits;
pub mod channel;
pub mod emulation;
pub mod gf2;
pub mod link;
pub mod random;
pub mod units;
pub mod wifi;

/// The code of the README, tested.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// A complex sample, symbol or channel gain.
pub use num_complex::Complex32;
