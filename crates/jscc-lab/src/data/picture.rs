//! One picture file, PNG or JPEG by its content, as red, green and blue over black: never larger than a codec needs, and
//! whole or not at all.
//!
//! A file of a few bytes can claim to be terabytes large, and one of 18 kB can be 108 million pixels. So a picture is made
//! smaller while it is read: memory is that of [`MOST_KEPT`]² pixels and some rows, but for a progressive JPEG, all of
//! which comes piece by piece (up to 400 MB).

mod jpeg;
mod png;

use super::DataError;
use crate::input;
use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageFormat, Rgb, Rgb32FImage};
use std::path::Path;

/// Most pixels that are read: more than any camera has, and a second's work.
pub const MOST_PIXELS: u64 = 1 << 28;
/// Most pixels of a progressive JPEG, which are all held.
pub const MOST_PROGRESSIVE: u64 = 1 << 26;
/// Longest side of what is kept.
pub const MOST_KEPT: u32 = 2048;

/// Why bytes are no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureFault {
    /// Another kind of picture.
    #[error("a {0} file, not a PNG or JPEG; convert it")]
    Kind(String),
    /// No picture.
    #[error("not a PNG or JPEG image; remove or replace it")]
    Unknown,
    /// Less than a picture.
    #[error("cut short, a part of the picture is missing; copy the file again")]
    Cut,
    /// More pixels than are read.
    #[error("{width}x{height} pixels, and no more than {} million are read{of}; make it smaller", .most / 1_000_000)]
    Large {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Pixels that are read.
        most: u64,
        /// Of which files, where not of all.
        of: &'static str,
    },
    /// The decoder's reason.
    #[error("cannot be decoded ({0}); remove or replace it")]
    Damaged(String),
}

/// Reads the picture at `path`, right side up; what is transparent is black.
///
/// # Errors
/// [`DataError::Missing`], `Read`, `EmptyFile`, `Picture`.
pub fn read(path: &Path) -> Result<Rgb32FImage, DataError> {
    let bytes = input::bytes(path).map_err(|reason| DataError::read(path, reason))?;
    if bytes.is_empty() {
        return Err(DataError::EmptyFile { path: path.into() });
    }
    decode(&bytes).map_err(|reason| DataError::Picture { path: path.into(), reason })
}

fn decode(bytes: &[u8]) -> Result<Rgb32FImage, PictureFault> {
    let (picture, exif) = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => png::decode(bytes)?,
        Ok(ImageFormat::Jpeg) => jpeg::decode(bytes)?,
        Ok(other) => return Err(PictureFault::Kind(format!("{other:?}"))),
        Err(_) => return Err(PictureFault::Unknown),
    };
    // A camera stores a portrait lying down, with a note.
    let orientation = exif.and_then(|exif| Orientation::from_exif_chunk(&exif)).unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::ImageRgb32F(picture.finish());
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb32f())
}

/// Refuses more pixels than `most`.
fn check_size(width: u32, height: u32, most: u64, of: &'static str) -> Result<(), PictureFault> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= most { Ok(()) } else { Err(PictureFault::Large { width, height, most, of }) }
}

/// A picture that is made smaller while its pixels come, in any order: squares of `step` pixels become one, their mean.
struct Shrinking {
    width: u32,
    height: u32,
    step: u32,
    columns: u32,
    sums: Vec<[f32; 3]>,
}

impl Shrinking {
    fn new(width: u32, height: u32) -> Self {
        let step = width.max(height).div_ceil(MOST_KEPT);
        let columns = width.div_ceil(step);
        let sums = vec![[0.0; 3]; columns as usize * height.div_ceil(step) as usize];
        Self { width, height, step, columns, sums }
    }

    /// Adds pixels of row `y`: the first at column `x`, each `stride` to the right of the one before.
    fn add(&mut self, x: u32, y: u32, stride: u32, pixels: impl Iterator<Item = [f32; 3]>) {
        let row = (y / self.step * self.columns) as usize;
        let places = (x..self.width).step_by(stride as usize).map(|x| row + (x / self.step) as usize);
        for (place, pixel) in places.zip(pixels) {
            let sum = &mut self.sums[place];
            sum.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += level);
        }
    }

    fn finish(self) -> Rgb32FImage {
        let Self { width, height, step, columns, sums } = self;
        // Squares at the edges may have fewer pixels.
        let inside = |place: u32, side: u32| step.min(side - place * step) as f32;
        ImageBuffer::from_fn(columns, height.div_ceil(step), |x, y| {
            let pixels = inside(x, width) * inside(y, height);
            Rgb(sums[(y * columns + x) as usize].map(|sum| sum / pixels))
        })
    }
}

#[cfg(test)]
mod tests;
