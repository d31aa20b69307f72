//! Layers of the codecs. On the CPU they run kernels of our own (`direct`) with hand-written gradients, several times
//! as fast as burn's for the shapes that codecs have; on every other device they are burn's own operations.
//!
//! Tensors are `[batch, maps, height, width]` throughout. Between our layers the CPU keeps them channels-last in memory,
//! which no caller sees.

mod conv;
mod conv_transpose;
mod direct;
mod gdn;
pub mod macs;
mod map_scale;
mod native;
mod prelu;
pub mod size;

pub use conv::{Conv1d, Conv2d, filter};
pub use conv_transpose::ConvTranspose2d;
pub use gdn::{Gain, Gdn};
pub use map_scale::{mean_maps, scale_maps};
pub use prelu::PRelu;
