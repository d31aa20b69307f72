//! Everything with gradients: codecs, links, the training loop. The only room that imports burn, and none of burn
//! leaves it: pixels and symbols cross its border as slices, weights and checkpoints as bytes.
//!
//! | module | what it is |
//! |---|---|
//! | [`method`] | what a method is |
//! | [`objective`] | what a training makes smaller |
//! | [`layers`] | convolutions and their like, fast on the CPU |
//! | [`symbols`] | z: power normalisation, tensors to complex symbols and back |
//! | [`frames`] | many images over a link |
//! | [`weights`] | safetensors that say what they are |
//! | [`codec`] | trained weights, ready to run |
//! | [`train`] | the one training loop |
//! | [`methods`] | one file per published method |
//! | [`zoo`] | the list of them |
//! | [`compute`] | where it all runs: CPU or GPU |

pub mod codec;
pub mod compute;
pub mod frames;
pub mod init;
pub mod layers;
pub mod method;
pub mod methods;
pub mod objective;
pub mod symbols;
pub mod train;
pub mod weights;
pub mod zoo;
