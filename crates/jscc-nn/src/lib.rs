//! Everything with gradients: codecs, links, the training loop. The only room that imports burn, and none of burn
//! leaves it: pixels and symbols cross its border as slices, weights and checkpoints as bytes.
//!
//! | module | what it is |
//! |---|---|
//! | [`layers`] | convolutions and their like, fast on the CPU |
//! | [`symbols`] | z: power normalisation, tensors to complex symbols and back |
//! | [`methods`] | one file per published method |
//! | [`frames`] | many images over a link |
//! | [`codec`] | trained weights, ready to run |
//! | [`train`] | the one training loop |
//! | [`compute`] | where it all runs: CPU or GPU |

pub mod codec;
pub mod compute;
pub mod frames;
pub mod init;
pub mod layers;
pub mod methods;
pub mod symbols;
pub mod train;

/// Rows and columns of the pictures that codecs take, one grey channel.
pub const SIDE: usize = 28;
/// Source reals of one picture, the n of the bandwidth ratio k/n.
pub const N_PIXELS: usize = SIDE * SIDE;
