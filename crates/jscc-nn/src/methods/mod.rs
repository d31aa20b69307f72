//! One file per published method. A method imports no other except a host that it builds on; [`crate::zoo`] lists them.

pub mod adjscc;
pub mod classifier;
pub mod d2ajscc;
pub mod deepjscc;
pub mod deepjscc_conv;
pub mod hyper_ajscc;
pub mod linear;
pub mod snr_map;
