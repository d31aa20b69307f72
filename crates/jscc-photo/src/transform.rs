//! The picture as blocks of 16×16 cosine coefficients, and back.
//!
//! Colours are turned to (1,1,1), (1,0,−1), (1,−2,1), and blocks to their DCT, both orthonormal: squared errors of coefficients are
//! squared errors of pixels. Coefficients are in units of a pixel's 256 steps. A grey picture has only the first colour. Sides
//! that 16 does not divide are mirrored at the right and lower edge.

use crate::Picture;
use rayon::prelude::*;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Side of a block.
pub const SIDE: usize = 16;
/// Coefficients of one colour of a block, row by row: vertical frequency · 16 + horizontal.
pub const AREA: usize = SIDE * SIDE;

/// Pixel steps in the range of a pixel.
const STEPS: f32 = 255.0;

/// Rows of the DCT of 16 points: `[frequency][place]`.
static COSINES: LazyLock<[[f32; SIDE]; SIDE]> = LazyLock::new(|| {
    let mut rows = [[0.0; SIDE]; SIDE];
    for (u, row) in rows.iter_mut().enumerate() {
        let norm = (if u == 0 { 1.0f64 } else { 2.0 } / SIDE as f64).sqrt();
        for (x, value) in row.iter_mut().enumerate() {
            *value = (norm * (PI * (x as f64 + 0.5) * u as f64 / SIDE as f64).cos()) as f32;
        }
    }
    rows
});

/// The colours in terms of red, green and blue: an orthonormal matrix.
fn colours() -> [[f32; 3]; 3] {
    let [a, b, c] = [3f32, 2.0, 6.0].map(|n| 1.0 / n.sqrt());
    [[a, a, a], [b, 0.0, -b], [c, -2.0 * c, c]]
}

/// Number and order of a picture's coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Colours: 1 or 3.
    pub channels: usize,
}

impl Grid {
    /// Blocks in a row.
    pub fn cols(&self) -> usize {
        self.width.div_ceil(SIDE)
    }

    /// Rows of blocks.
    pub fn rows(&self) -> usize {
        self.height.div_ceil(SIDE)
    }

    /// Blocks.
    pub fn blocks(&self) -> usize {
        self.cols() * self.rows()
    }

    /// Coefficients of a block.
    pub fn per_block(&self) -> usize {
        self.channels * AREA
    }

    /// Coefficients of the picture.
    pub fn len(&self) -> usize {
        self.blocks() * self.per_block()
    }

    /// Never: a picture has pixels.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Numbers of its pixels.
    pub fn n_values(&self) -> usize {
        self.width * self.height * self.channels
    }
}

/// Coefficients of a picture, block by block from the upper left one, in each block colour by colour.
pub fn analyse(picture: &Picture) -> Vec<f32> {
    let grid = picture.grid();
    let mut values = vec![0.0; grid.len()];
    values.par_chunks_exact_mut(grid.per_block()).enumerate().for_each(|(n, block)| {
        gather(picture, &grid, n, block);
        block.chunks_exact_mut(AREA).for_each(|plane| both_ways(plane, forward));
    });
    values
}

/// The picture of coefficients, cut to the range of a pixel.
///
/// # Panics
/// If their number is not that of the grid.
pub fn synthesise(grid: Grid, values: &[f32]) -> Picture {
    picture_of(grid, &planes(grid, values))
}

/// Coefficients as planes of whole blocks, one per colour of ours, row by row, in steps of a pixel.
///
/// # Panics
/// If their number is not that of the grid.
pub fn planes(grid: Grid, values: &[f32]) -> Vec<f32> {
    assert_eq!(values.len(), grid.len(), "coefficients of {}x{} pixels", grid.width, grid.height);
    let width = grid.cols() * SIDE;
    let mut planes = vec![0.0; grid.len()];
    // One row of blocks at a time, as each fills rows of pixels.
    let mut bands: Vec<Vec<&mut [f32]>> = (0..grid.rows()).map(|_| Vec::new()).collect();
    for plane in planes.chunks_exact_mut(grid.blocks() * AREA) {
        for (band, rows) in bands.iter_mut().zip(plane.chunks_mut(SIDE * width)) {
            band.push(rows);
        }
    }
    let of_band = |(mut band, blocks): (Vec<&mut [f32]>, &[f32])| {
        for (col, block) in blocks.chunks_exact(grid.per_block()).enumerate() {
            for (rows, coefficients) in band.iter_mut().zip(block.chunks_exact(AREA)) {
                let mut pixels = coefficients.to_vec();
                both_ways(&mut pixels, backward);
                for (row, pixels) in rows.chunks_exact_mut(width).zip(pixels.chunks_exact(SIDE)) {
                    row[col * SIDE..][..SIDE].copy_from_slice(pixels);
                }
            }
        }
    };
    bands.into_par_iter().zip(values.par_chunks_exact(grid.cols() * grid.per_block())).for_each(of_band);
    planes
}

/// The picture of [`planes`], cut to its size and to the range of a pixel.
///
/// # Panics
/// If their number is not that of the grid.
pub fn picture_of(grid: Grid, planes: &[f32]) -> Picture {
    assert_eq!(planes.len(), grid.len(), "planes of {}x{} pixels", grid.width, grid.height);
    let (area, width) = (grid.blocks() * AREA, grid.cols() * SIDE);
    let mut pixels = vec![0.0; grid.n_values()];
    let rows = pixels.par_chunks_exact_mut(grid.width).enumerate();
    rows.for_each(|(row, pixels)| {
        let (colour, first) = (row / grid.height, row % grid.height * width);
        for (x, pixel) in pixels.iter_mut().enumerate() {
            let value: f32 = match grid.channels {
                1 => planes[first + x] / 3f32.sqrt(),
                _ => {
                    colours().iter().enumerate().map(|(c, turned)| turned[colour] * planes[c * area + first + x]).sum()
                }
            };
            *pixel = (value / STEPS).clamp(0.0, 1.0);
        }
    });
    Picture { width: grid.width, height: grid.height, channels: grid.channels, pixels }
}

/// The pixels of block `n`, in our colours.
fn gather(picture: &Picture, grid: &Grid, n: usize, block: &mut [f32]) {
    let (left, top) = (n % grid.cols() * SIDE, n / grid.cols() * SIDE);
    let area = grid.width * grid.height;
    for (at, (y, x)) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x))).enumerate() {
        let pixel = mirrored(top + y, grid.height) * grid.width + mirrored(left + x, grid.width);
        if grid.channels == 1 {
            block[at] = picture.pixels[pixel] * STEPS * 3f32.sqrt();
            continue;
        }
        let rgb = [0, 1, 2].map(|c| picture.pixels[c * area + pixel] * STEPS);
        for (c, row) in colours().iter().enumerate() {
            block[c * AREA + at] = row.iter().zip(&rgb).map(|(a, b)| a * b).sum();
        }
    }
}

/// A place beyond the edge, mirrored back; a side shorter than its own mirror image is mirrored again.
fn mirrored(at: usize, side: usize) -> usize {
    let at = at % (2 * side);
    if at < side { at } else { 2 * side - 1 - at }
}

/// A transform of 16 points, of columns, then of rows.
fn both_ways(plane: &mut [f32], transform: fn(&[f32; SIDE]) -> [f32; SIDE]) {
    for _ in 0..2 {
        let mut turned = [0.0; AREA];
        for (n, row) in plane.chunks_exact(SIDE).enumerate() {
            let row = transform(row.try_into().expect("16 of 16"));
            for (k, value) in row.into_iter().enumerate() {
                turned[k * SIDE + n] = value;
            }
        }
        plane.copy_from_slice(&turned);
    }
}

fn forward(points: &[f32; SIDE]) -> [f32; SIDE] {
    COSINES.map(|row| row.iter().zip(points).map(|(a, b)| a * b).sum())
}

fn backward(frequencies: &[f32; SIDE]) -> [f32; SIDE] {
    let mut points = [0.0; SIDE];
    for (row, value) in COSINES.iter().zip(frequencies) {
        for (point, cosine) in points.iter_mut().zip(row) {
            *point += cosine * value;
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use jscc_phy::random::stream;
    use proptest::prelude::*;
    use rand::RngExt;

    fn noise(width: usize, height: usize, channels: usize) -> Picture {
        let mut rng = stream(1, "pixels", (width * height) as u64);
        let pixels = (0..width * height * channels).map(|_| rng.random_range(0.0..1.0)).collect();
        Picture { width, height, channels, pixels }
    }

    proptest! {
        #[test]
        fn pictures_come_back(width in 1usize..60, height in 1usize..60, grey in any::<bool>()) {
            let picture = noise(width, height, if grey { 1 } else { 3 });
            let again = synthesise(picture.grid(), &analyse(&picture));
            prop_assert_eq!(again.grid(), picture.grid());
            let worst = again.pixels.iter().zip(&picture.pixels).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            prop_assert!(worst < 2e-6, "{worst}");
        }
    }

    /// Orthonormal: a change of coefficients is a change of as much energy in the pixels.
    #[test]
    fn energy_is_kept() {
        for channels in [1, 3] {
            let picture = noise(48, 32, channels);
            let energy = |values: &[f32], step: f32| values.iter().map(|v| f64::from(v * step).powi(2)).sum::<f64>();
            let scale = if channels == 1 { 3.0 } else { 1.0 };
            let ratio = energy(&analyse(&picture), 1.0) / energy(&picture.pixels, STEPS) / scale;
            assert!((ratio - 1.0).abs() < 1e-5, "{channels}: {ratio}");
        }
    }

    #[test]
    fn edges_are_mirrored() {
        assert_eq!([0, 2, 3, 5, 6, 7].map(|at| mirrored(at, 3)), [0, 2, 2, 0, 0, 1]);
        assert!((0..16).all(|at| mirrored(at, 1) == 0));
    }
}
