//! One file per published method. A method imports no other except a host that it builds on; [`crate::zoo`] lists them.

pub mod classifier;
pub mod d2ajscc;
pub mod deepjscc;
pub mod linear;
