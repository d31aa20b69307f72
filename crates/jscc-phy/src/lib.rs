//! The air and the radio: bits, symbols and samples. No tensors, no files.

pub mod random;
