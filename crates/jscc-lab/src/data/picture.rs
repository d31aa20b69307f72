//! Decoding of one picture file, PNG or JPEG by its content, to RGB over black: never larger than a codec needs, and
//! never partial.
//!
//! A file of a few bytes can claim terabytes, and one of 18 kB can hold 108 million pixels. So a picture is reduced
//! while it is read: memory is that of [`MOST_KEPT`]² pixels and some rows, except for a progressive JPEG, which must
//! be held as a whole (up to 400 MB).

mod jpeg;
mod png;

use super::DataError;
use crate::input;
use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageFormat, Rgb, Rgb32FImage};
use std::path::Path;

/// Most pixels read: more than any camera has, decoded in about a second.
pub const MOST_PIXELS: u64 = 1 << 28;
/// Most pixels of a progressive JPEG, which is held as a whole.
pub const MOST_PROGRESSIVE: u64 = 1 << 26;
/// Longest side after reduction.
pub const MOST_KEPT: u32 = 4096;

/// Reason why bytes are not a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureFault {
    /// A file of another kind.
    #[error("a {0} file, not a PNG or JPEG; convert it")]
    Kind(String),
    /// Not a picture.
    #[error("not a PNG or JPEG image; remove or replace it")]
    Unknown,
    /// A truncated picture.
    #[error("cut short, a part of the picture is missing; copy the file again")]
    Cut,
    /// Too many pixels.
    #[error("{width}x{height} pixels, and no more than {} million are read{of}; make it smaller", .most / 1_000_000)]
    Large {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Most pixels read.
        most: u64,
        /// Kind of file that the limit applies to; empty for all.
        of: &'static str,
    },
    /// Damaged, with the decoder's reason.
    #[error("cannot be decoded ({0}); remove or replace it")]
    Damaged(String),
}

/// Reads the picture at `path` in its upright orientation; transparent pixels become black.
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

/// The picture of a file's octets.
pub(crate) fn decode(bytes: &[u8]) -> Result<Rgb32FImage, PictureFault> {
    let (picture, exif) = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => png::decode(bytes)?,
        Ok(ImageFormat::Jpeg) => jpeg::decode(bytes)?,
        Ok(other) => return Err(PictureFault::Kind(format!("{other:?}"))),
        Err(_) => return Err(PictureFault::Unknown),
    };
    // Cameras store portraits in landscape, with an Exif note.
    let orientation = exif.and_then(|exif| Orientation::from_exif_chunk(&exif)).unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::ImageRgb32F(picture.finish());
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb32f())
}

/// Refuses pictures of more than `most` pixels.
fn check_size(width: u32, height: u32, most: u64, of: &'static str) -> Result<(), PictureFault> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= most { Ok(()) } else { Err(PictureFault::Large { width, height, most, of }) }
}

/// A picture reduced while its pixels arrive, in any order: squares of `step` pixels become one, their mean.
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
