//! One file per published method. No method imports another but a host that it builds on; the list of them is
//! [`crate::zoo`].

pub mod classifier;
pub mod d2ajscc;
pub mod deepjscc;
pub mod linear;
