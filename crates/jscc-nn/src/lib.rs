//! Everything with gradients: codecs, links, the training loop. The only crate that imports burn, and no type of burn
//! is exported: pixels and symbols are slices, weights and checkpoints are bytes.
//!
//! | module | content |
//! |---|---|
//! | [`method`] | the trait of all methods |
//! | [`objective`] | training objectives |
//! | [`layers`] | convolutions and their like, fast on the CPU |
//! | [`symbols`] | channel symbols z: power normalisation, conversion of tensors to complex symbols and back |
//! | [`frames`] | transmission of many images over a link |
//! | [`weights`] | safetensors with a header that describes them |
//! | [`codec`] | trained weights, ready to run |
//! | [`train`] | the training loop |
//! | [`photo`] | the network of photographs |
//! | [`methods`] | one file per published method |
//! | [`zoo`] | the list of methods |
//! | [`compute`] | the device: CPU or GPU |

pub mod codec;
pub mod compute;
pub mod frames;
pub mod init;
pub mod layers;
pub mod method;
pub mod methods;
pub mod objective;
pub mod photo;
pub mod symbols;
pub mod tell;
pub mod train;
pub mod weights;
pub mod zoo;
