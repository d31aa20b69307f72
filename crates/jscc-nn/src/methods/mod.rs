//! One file per published method.

pub mod deepjscc;
