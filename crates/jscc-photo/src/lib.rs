//! Photographs over standard 802.11 frames.

pub mod base;
pub mod carrier;
pub mod chances;
pub mod classes;
pub mod coding;
pub mod detail;
pub mod header;
pub mod ladder;
pub mod model;
pub mod receive;
pub mod send;
pub mod shards;
pub mod transform;

use transform::Grid;

/// Pixels between 0 and 1, colour by colour (red, green, blue, or grey alone), each row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Colours: 1 or 3.
    pub channels: usize,
    /// The pixels.
    pub pixels: Vec<f32>,
}

impl Picture {
    /// Its size.
    pub fn grid(&self) -> Grid {
        Grid { width: self.width, height: self.height, channels: self.channels }
    }
}
