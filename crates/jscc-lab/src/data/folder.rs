//! A user's own pictures, PNG or JPEG, scaled to the codec's size.

use super::{DataError, Dataset, Images, picture};
use image::imageops::{self, FilterType};
use image::{ImageBuffer, Luma, Rgb32FImage};
use std::fs;
use std::path::{Path, PathBuf};

/// Weights of red, green and blue in grey (Rec. ITU-R BT.601, as torchvision's `Grayscale`).
const GREY: [f32; 3] = [0.299, 0.587, 0.114];
const RGB: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// The picture files in the folder `path`, sorted by name; a path to a single file gives that file.
///
/// A picture ends in `.png`, `.jpg` or `.jpeg`; hidden files and subfolders are skipped.
///
/// # Errors
/// [`DataError::Missing`], [`DataError::Read`], [`DataError::EmptyFolder`].
pub fn list(path: &Path) -> Result<Vec<PathBuf>, DataError> {
    let refused = |reason| DataError::read(path, reason);
    if !fs::metadata(path).map_err(refused)?.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut pictures = Vec::new();
    for entry in fs::read_dir(path).map_err(refused)? {
        let entry = entry.map_err(refused)?.path();
        if is_picture(&entry) {
            pictures.push(entry);
        }
    }
    pictures.sort();
    if pictures.is_empty() { Err(DataError::EmptyFolder { path: path.into() }) } else { Ok(pictures) }
}

fn is_picture(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    !hidden && ["png", "jpg", "jpeg"].iter().any(|known| ending == *known) && path.is_file()
}

/// Reads the pictures [`list`] finds at `path` as images of `shape` without labels; see [`image`](fn@image).
///
/// # Errors
/// Those of [`list`] and [`image`](fn@image).
pub fn read(path: &Path, shape: [usize; 3]) -> Result<Dataset, DataError> {
    let mut pixels = Vec::new();
    for picture in list(path)? {
        pixels.extend(image(&picture, shape)?);
    }
    Ok(Dataset { images: Images { shape, pixels }, labels: Vec::new() })
}

/// Reads one picture as [channels, height, width] = `shape` in [0, 1], grey for 1 channel, RGB for 3.
///
/// The whole picture is scaled to fit, its aspect ratio kept, and centred on black; transparent pixels become black.
///
/// # Errors
/// Those of [`picture::read`].
pub fn image(path: &Path, shape: [usize; 3]) -> Result<Vec<f32>, DataError> {
    let [channels, height, width] = shape;
    let weights = match channels {
        1 => &[GREY][..],
        3 => &RGB,
        _ => panic!("{channels} channels, want 1 (grey) or 3 (RGB)"),
    };
    let picture = picture::read(path)?;
    Ok(weights.iter().flat_map(|&weights| fit(&plane(&picture, weights), height, width)).collect())
}

type Plane = ImageBuffer<Luma<f32>, Vec<f32>>;

/// One channel, the weighted sum of red, green and blue.
fn plane(picture: &Rgb32FImage, weights: [f32; 3]) -> Plane {
    ImageBuffer::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        Luma([weights[0] * red + weights[1] * green + weights[2] * blue])
    })
}

/// The plane scaled to fit `height` x `width`, centred on black.
fn fit(plane: &Plane, height: usize, width: usize) -> Vec<f32> {
    let scale = (width as f64 / f64::from(plane.width())).min(height as f64 / f64::from(plane.height()));
    let scaled = |side: u32, most: usize| ((f64::from(side) * scale).round() as usize).clamp(1, most);
    let (rows, columns) = (scaled(plane.height(), height), scaled(plane.width(), width));
    // The triangle widens with the reduction, so every source pixel contributes: no aliasing, no overshoot.
    let small = imageops::resize(plane, columns as u32, rows as u32, FilterType::Triangle);
    let mut image = vec![0.0; height * width];
    let (top, left) = ((height - rows) / 2, (width - columns) / 2);
    for (row, source) in small.into_raw().chunks(columns).enumerate() {
        let start = (top + row) * width + left;
        for (pixel, value) in image[start..].iter_mut().zip(source) {
            *pixel = value.clamp(0.0, 1.0);
        }
    }
    image
}

#[cfg(test)]
mod tests;
