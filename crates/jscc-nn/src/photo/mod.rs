//! The network of photographs: from what a receiver knows of one in closed form to a better picture.
//!
//! It adds a correction to the closed form's picture, in units of what that is expected to be wrong by, and begins with none. It
//! is convolutional: photographs of any size, in tiles that overlap by as much as it sees.
//!
//! | module | content |
//! |---|---|
//! | [`seen`] | what is known of a photograph, as maps |
//! | [`unet`] | the network |
//! | [`restore`] | a trained network, and its file |
//! | [`train`] | training |

pub mod restore;
pub mod seen;
pub mod train;
pub mod unet;

pub use restore::{About, Origin, Restorer};
pub use seen::Seen;
pub use train::{Plan, Sample, Trainer};
pub use unet::Config;
