//! Pictures as PNG files, and all of them on one sheet.

use super::compare::Compared;
use super::{SHAPE, each};
use crate::Error;
use crate::report::gallery::png;
use jscc_nn::{N_PIXELS, SIDE};
use jscc_radio::files::write_atomic;
use std::path::{Path, PathBuf};

/// Side of a pixel on the sheet.
const ZOOM: usize = 4;
/// Between two pictures on the sheet.
const GAP: usize = 4;
/// Pictures in a row of the sheet.
const COLUMNS: usize = 10;
/// Most pictures on the sheet: what a viewer still opens.
const MOST_SHOWN: usize = 2000;
/// Of the sheet between pictures.
const GREY: f32 = 0.5;

/// The file of picture `n`, from 0.
pub fn path(folder: &Path, n: usize) -> PathBuf {
    folder.join(format!("picture-{:03}.png", n + 1))
}

/// For each picture the reference that it was compared with.
pub fn beside<'a>(compared: &[Compared], references: &'a [f32]) -> Vec<&'a [f32]> {
    compared.iter().map(|it| &references[N_PIXELS * it.reference..][..N_PIXELS]).collect()
}

/// Writes `picture-001.png`, … of 28×28 pixels and `contact-sheet.png`, four times as large, into a folder; on the
/// sheet each picture's reference, where there are any, stands above it.
///
/// # Errors
/// [`Error::Write`].
pub fn write(folder: &Path, pictures: &[f32], references: &[&[f32]]) -> Result<(), Error> {
    let mut files = Vec::new();
    for (n, picture) in each(pictures).enumerate() {
        files.push((path(folder, n), png(SHAPE, picture)));
    }
    files.push((folder.join("contact-sheet.png"), sheet(pictures, references)));
    for (path, bytes) in &files {
        write_atomic(path, bytes).map_err(Error::Write)?;
    }
    Ok(())
}

fn sheet(pictures: &[f32], references: &[&[f32]]) -> Vec<u8> {
    let shown: Vec<&[f32]> = each(pictures).take(MOST_SHOWN).collect();
    let (cell, deep) = (SIDE * ZOOM + GAP, if references.is_empty() { 1 } else { 2 });
    let (columns, rows) = (shown.len().min(COLUMNS), shown.len().div_ceil(COLUMNS));
    // Pairs stand a little apart from those below them.
    let (width, block) = (columns * cell + GAP, deep * cell + (deep - 1) * GAP);
    let height = rows * block + GAP;
    let mut sheet = vec![GREY; width * height];
    for (n, picture) in shown.iter().enumerate() {
        let (left, top) = (GAP + n % COLUMNS * cell, GAP + n / COLUMNS * block);
        let below = match references.get(n) {
            Some(reference) => {
                draw(&mut sheet[top * width..], width, left, reference);
                cell
            }
            None => 0,
        };
        draw(&mut sheet[(top + below) * width..], width, left, picture);
    }
    png([1, height, width], &sheet)
}

/// Draws an enlarged picture at the top of `sheet`.
fn draw(sheet: &mut [f32], width: usize, left: usize, picture: &[f32]) {
    assert_eq!(picture.len(), N_PIXELS, "pixels of a picture");
    for (y, line) in sheet.chunks_mut(width).take(SIDE * ZOOM).enumerate() {
        for (x, pixel) in line[left..left + SIDE * ZOOM].iter_mut().enumerate() {
            *pixel = picture[y / ZOOM * SIDE + x / ZOOM];
        }
    }
}
