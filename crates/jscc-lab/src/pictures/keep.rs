//! Output of pictures as PNG files, and of all on one sheet.
//!
//! Each file names the program that wrote it, so that the next run knows which pictures it may remove.

use super::compare::Compared;
use super::{N_PIXELS, SIDE};
use super::{SHAPE, each};
use crate::Error;
use crate::report::gallery::png;
use jscc_radio::files::Several;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Sheet pixels per side of a picture's pixel.
const ZOOM: usize = 4;
/// Pixels between two pictures on the sheet.
const GAP: usize = 4;
/// Pictures per row of the sheet.
const COLUMNS: usize = 10;
/// Most pictures on the sheet, so that viewers can open it.
const MOST_SHOWN: usize = 2000;
const SHEET: &str = "contact-sheet.png";
/// Keyword and text of the tEXt chunk.
const SIGNATURE: &[u8] = b"Software\0jscc receive";
/// Octets of a PNG up to the end of its first chunk.
const HEADER: usize = 33;
/// Background of the sheet.
const GREY: f32 = 0.5;

/// The file of picture `n`, from 0.
pub fn path(folder: &Path, n: usize) -> PathBuf {
    folder.join(format!("picture-{:03}.png", n + 1))
}

/// The reference of each picture.
pub fn beside<'a>(compared: &[Compared], references: &'a [f32]) -> Vec<&'a [f32]> {
    compared.iter().map(|it| &references[N_PIXELS * it.reference..][..N_PIXELS]).collect()
}

/// Writes `picture-001.png`, … of 28×28 pixels and `contact-sheet.png`, four times as large, into a folder; on the
/// sheet each picture's reference, where there are any, stands above it. Pictures and sheet that an earlier run wrote
/// there are removed, other files stay: at no time are there pictures of two runs.
///
/// # Errors
/// [`Error::Write`].
pub fn write(folder: &Path, pictures: &[f32], references: &[&[f32]]) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::Write(named(folder, &error)))?;
    let files = each(pictures).enumerate().map(|(n, picture)| (path(folder, n), png(SHAPE, picture)));
    let sheet = std::iter::once((folder.join(SHEET), sheet(pictures, references)));
    let mut meanwhile = Several::default();
    for (path, bytes) in files.chain(sheet) {
        meanwhile.write(&path, &signed(&bytes)).map_err(Error::Write)?;
    }
    meanwhile.sync().and_then(|()| remove_earlier(folder)).and_then(|()| meanwhile.finish()).map_err(Error::Write)?;
    // Not every system can sync a folder, and the files are whole without it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The picture with a tEXt chunk, behind its header, that names the program.
pub(crate) fn signed(png: &[u8]) -> Vec<u8> {
    [&png[..HEADER], &signature(), &png[HEADER..]].concat()
}

fn signature() -> Vec<u8> {
    let chunk = [b"tEXt", SIGNATURE].concat();
    let length = (SIGNATURE.len() as u32).to_be_bytes();
    [&length[..], &chunk, &crc32fast::hash(&chunk).to_be_bytes()].concat()
}

/// Removes the pictures and the sheet of an earlier run.
fn remove_earlier(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| named(folder, &error))? {
        let path = entry.map_err(|error| named(folder, &error))?.path();
        if is_name_of_ours(&path) && is_signed(&path) {
            fs::remove_file(&path).map_err(|error| named(&path, &error))?;
        }
    }
    Ok(())
}

/// `contact-sheet.png`, `picture-001.png`, …
fn is_name_of_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = name.strip_prefix("picture-").and_then(|rest| rest.strip_suffix(".png"));
    name == SHEET
        || number.is_some_and(|number| number.len() >= 3 && number.bytes().all(|digit| digit.is_ascii_digit()))
}

pub(crate) fn is_signed(path: &Path) -> bool {
    let mut start = vec![0; HEADER + signature().len()];
    let is_file = fs::symlink_metadata(path).is_ok_and(|about| about.is_file());
    is_file
        && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start.ends_with(&signature())
}

fn sheet(pictures: &[f32], references: &[&[f32]]) -> Vec<u8> {
    let shown: Vec<&[f32]> = each(pictures).take(MOST_SHOWN).collect();
    let (cell, deep) = (SIDE * ZOOM + GAP, if references.is_empty() { 1 } else { 2 });
    let (columns, rows) = (shown.len().min(COLUMNS), shown.len().div_ceil(COLUMNS));
    // Pairs are separated from those below them.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn pictures_of_one_run_only_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        write(at, &vec![0.5; 3 * N_PIXELS], &[]).unwrap();
        assert_eq!(names(at), ["contact-sheet.png", "picture-001.png", "picture-002.png", "picture-003.png"]);
        // The user's own files: by another program, and under another name.
        fs::write(at.join("picture-004.png"), png(SHAPE, &[0.1; N_PIXELS])).unwrap();
        fs::copy(at.join("picture-001.png"), at.join("picture-best.png")).unwrap();
        fs::write(at.join("notes.txt"), "mine").unwrap();
        fs::create_dir(at.join("picture-005.png")).unwrap();
        write(at, &vec![0.2; N_PIXELS], &[]).unwrap();
        let left = [
            "contact-sheet.png",
            "notes.txt",
            "picture-001.png",
            "picture-004.png",
            "picture-005.png",
            "picture-best.png",
        ];
        assert_eq!(names(at), left);
        let kept = image::open(path(at, 0)).unwrap().to_luma8();
        assert_eq!((kept.dimensions(), kept.as_raw()[0]), ((28, 28), 51), "a signed picture is a picture");
    }

    /// A link to somewhere else stays one, and a pipe a pipe.
    #[test]
    fn a_name_that_leads_elsewhere_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        std::os::unix::fs::symlink("elsewhere.png", path(at, 0)).unwrap();
        write(at, &vec![0.5; N_PIXELS], &[]).unwrap();
        assert_eq!(names(at), ["contact-sheet.png", "elsewhere.png", "picture-001.png"]);
        assert!(fs::symlink_metadata(path(at, 0)).unwrap().is_symlink());
        assert_eq!(image::open(at.join("elsewhere.png")).unwrap().to_luma8().as_raw()[0], 128);
    }

    #[test]
    fn what_cannot_be_written_leaves_the_earlier_run() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        write(at, &vec![0.5; 2 * N_PIXELS], &[]).unwrap();
        let before = names(at);
        let sheet = fs::read(at.join(SHEET)).unwrap();
        fs::remove_file(at.join(SHEET)).unwrap();
        fs::create_dir(at.join(SHEET)).unwrap();
        assert!(write(at, &vec![0.2; N_PIXELS], &[]).unwrap_err().to_string().contains("contact-sheet"));
        fs::remove_dir(at.join(SHEET)).unwrap();
        fs::write(at.join(SHEET), sheet).unwrap();
        assert_eq!(names(at), before);
        assert_eq!(image::open(path(at, 0)).unwrap().to_luma8().as_raw()[0], 128);
    }
}
