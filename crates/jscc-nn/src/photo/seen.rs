//! What is known of a photograph: planes of pixels over whole blocks of 16×16 and variances of what is still wrong, as maps for
//! the network.

use super::unet::{BLOCK, ENTER, PIXELS};
use burn::tensor::{Device, Tensor, TensorData};

/// Side of a block in pixels.
pub(super) const SIDE: usize = 16;
/// Side of the pixels that become the maps of one place.
const CELL: usize = 4;
/// Places of a block in each direction.
const CELLS: usize = SIDE / CELL;
/// Least doubt, in pixel steps.
const LEAST: f32 = 0.25;
/// Mean of the first colour, whose range is √3 · 255.
const MIDDLE: f32 = 220.0;

/// What is known of a photograph of `blocks` rows and columns of 16×16 pixels. Colours are an orthonormal turn of red, green and
/// blue, the first of them brightness; values are in steps of a pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Rows and columns of blocks.
    pub blocks: [usize; 2],
    /// The picture, `[colour][row][column]`.
    pub picture: Vec<f32>,
    /// The picture without detail.
    pub base: Vec<f32>,
    /// Variance of the error of each coefficient, `[block][colour][coefficient]`.
    pub variances: Vec<f32>,
}

/// Maps for the network.
pub(super) struct Maps {
    /// `[1, ENTER, rows, columns]`, a place per 4×4 pixels.
    pub x: Tensor<4>,
    /// `[1, BLOCK, rows, columns]`, a place per block.
    pub variances: Tensor<4>,
}

impl Seen {
    /// Rows and columns of pixels.
    pub fn sides(&self) -> [usize; 2] {
        self.blocks.map(|blocks| blocks * SIDE)
    }

    fn check(&self) {
        let [rows, cols] = self.blocks;
        let n = rows * cols * BLOCK;
        let lengths = [self.picture.len(), self.base.len(), self.variances.len()];
        assert!(lengths.iter().all(|&length| length == n), "{lengths:?} numbers of {rows}x{cols} blocks");
    }

    /// A window of whole blocks.
    ///
    /// # Panics
    /// If it is not inside.
    #[must_use]
    pub fn window(&self, [top, left]: [usize; 2], [rows, cols]: [usize; 2]) -> Self {
        assert!(top + rows <= self.blocks[0] && left + cols <= self.blocks[1], "a window of {:?} blocks", self.blocks);
        let window = |planes: &[f32]| self.window_of(planes, [top, left], [rows, cols]);
        let row = |row: usize| &self.variances[(row * self.blocks[1] + left) * BLOCK..][..cols * BLOCK];
        Self {
            blocks: [rows, cols],
            picture: window(&self.picture),
            base: window(&self.base),
            variances: (top..top + rows).flat_map(row).copied().collect(),
        }
    }

    /// The same window of other planes of the photograph.
    pub fn window_of(&self, planes: &[f32], corner: [usize; 2], blocks: [usize; 2]) -> Vec<f32> {
        crop(planes, self.sides(), corner.map(|n| n * SIDE), blocks.map(|n| n * SIDE))
    }

    /// What each block is expected to be wrong by, in pixel steps: the root of its mean variance.
    fn doubts(&self) -> Vec<f32> {
        let mean = |block: &[f32]| block.iter().sum::<f32>() / BLOCK as f32;
        self.variances.chunks_exact(BLOCK).map(|block| mean(block).sqrt().max(LEAST)).collect()
    }

    /// The doubt at each place of 4×4 pixels.
    pub(super) fn doubt_maps(&self) -> Vec<f32> {
        let ([rows, cols], doubts) = (self.blocks, self.doubts());
        let place = |row: usize, col: usize| doubts[row / CELLS * cols + col / CELLS];
        (0..rows * CELLS).flat_map(|row| (0..cols * CELLS).map(move |col| place(row, col))).collect()
    }

    /// The maps that the network takes.
    pub(super) fn maps(&self, device: &Device) -> Maps {
        self.check();
        let ([height, width], [rows, cols]) = (self.blocks.map(|blocks| blocks * CELLS), self.blocks);
        let doubts = self.doubt_maps();
        let mut x = Vec::with_capacity(ENTER * height * width);
        let middle = |map: usize| if map < CELL * CELL { MIDDLE } else { 0.0 };
        let picture = cells(&self.picture, self.sides());
        for (map, cells) in picture.chunks_exact(height * width).enumerate() {
            x.extend(cells.iter().map(|value| (value - middle(map)) / 64.0));
        }
        x.extend(
            deviations(&picture, height * width).zip(doubts.iter().cycle()).map(|(by, doubt)| compressed(by / doubt)),
        );
        let base = cells(&self.base, self.sides());
        let detail = picture.iter().zip(&base).zip(doubts.iter().cycle());
        x.extend(detail.map(|((picture, base), doubt)| (picture - base) / doubt));
        x.extend(doubts.iter().map(|doubt| doubt.log2() / 4.0));
        let mut variances = vec![0.0; self.variances.len()];
        for (block, all) in self.variances.chunks_exact(BLOCK).enumerate() {
            for (at, variance) in all.iter().enumerate() {
                variances[at * rows * cols + block] = (variance + 1e-2).log2() / 8.0;
            }
        }
        let tensor = |values, maps, [rows, cols]: [usize; 2]| {
            Tensor::from_data(TensorData::new(values, [1, maps, rows, cols]), device)
        };
        Maps { x: tensor(x, ENTER, [height, width]), variances: tensor(variances, BLOCK, [rows, cols]) }
    }
}

/// What each pixel of cells differs by from the mean of its cell and colour.
fn deviations(cells: &[f32], places: usize) -> impl Iterator<Item = f32> {
    let area = CELL * CELL;
    let of_colour = move |maps: &[f32]| {
        let mut means = vec![0.0; places];
        for map in maps.chunks_exact(places) {
            means.iter_mut().zip(map).for_each(|(mean, value)| *mean += value / area as f32);
        }
        maps.iter().zip(means.iter().cycle()).map(|(value, mean)| value - mean).collect::<Vec<f32>>()
    };
    cells.chunks_exact(area * places).flat_map(of_colour).collect::<Vec<f32>>().into_iter()
}

/// A number that is as it was near zero, and its logarithm far from it.
fn compressed(x: f32) -> f32 {
    x.signum() * x.abs().ln_1p()
}

/// A window of planes of `sides` rows and columns.
pub(super) fn crop(planes: &[f32], sides: [usize; 2], [top, left]: [usize; 2], [rows, cols]: [usize; 2]) -> Vec<f32> {
    let row = |plane: usize, row: usize| &planes[(plane * sides[0] + top + row) * sides[1] + left..][..cols];
    (0..planes.len() / (sides[0] * sides[1]))
        .flat_map(|plane| (0..rows).flat_map(move |at| row(plane, at)))
        .copied()
        .collect()
}

/// Where each pixel of planes goes among maps of cells.
fn places(sides: [usize; 2]) -> impl Iterator<Item = usize> {
    let [height, width] = sides.map(|side| side / CELL);
    let place = move |plane: usize, y: usize, x: usize| {
        let map = plane * CELL * CELL + y % CELL * CELL + x % CELL;
        (map * height + y / CELL) * width + x / CELL
    };
    (0..PIXELS / (CELL * CELL))
        .flat_map(move |plane| (0..sides[0]).flat_map(move |y| (0..sides[1]).map(move |x| place(plane, y, x))))
}

/// Planes of pixels as maps of cells of 4×4.
pub(super) fn cells(planes: &[f32], sides: [usize; 2]) -> Vec<f32> {
    let mut cells = vec![0.0; planes.len()];
    places(sides).zip(planes).for_each(|(place, pixel)| cells[place] = *pixel);
    cells
}

/// The inverse of [`cells`].
pub(super) fn pixels(cells: &[f32], sides: [usize; 2]) -> Vec<f32> {
    places(sides).map(|place| cells[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_pixels() {
        let planes: Vec<f32> = (0..3 * 16 * 32).map(|n| n as f32).collect();
        let maps = cells(&planes, [16, 32]);
        assert_eq!(pixels(&maps, [16, 32]), planes);
        // The second pixel of the first row is the first place of the second map.
        assert_eq!((maps[0], maps[32], maps[1]), (0.0, 1.0, 4.0));
    }

    #[test]
    fn windows_are_parts() {
        let n = 2 * 3 * BLOCK;
        let count = |step: f32| (0..n).map(|n| n as f32 * step).collect::<Vec<_>>();
        let seen = Seen { blocks: [2, 3], picture: count(1.0), base: count(2.0), variances: count(0.5) };
        assert_eq!(seen.window([0, 0], [2, 3]), seen);
        let part = seen.window([1, 1], [1, 2]);
        let firsts = [part.picture[0], part.base[16 * 32], part.variances[BLOCK]];
        let there = [16 * 48 + 16, 2 * (32 * 48 + 16 * 48 + 16), 5 * BLOCK / 2];
        assert_eq!(firsts.map(|x| x as usize), there);
    }
}
