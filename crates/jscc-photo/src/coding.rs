//! Lossless coding: numbers in bits, and symbols in fractions of bits.

pub mod adaptive;
pub mod arithmetic;
pub mod bitstream;
