//! Photographs as PNG files: there as soon as the base is, and sharper as frames arrive.

use super::PhotoError;
use super::receive::Photo;
use super::sequence::{Shown, animation};
use crate::Error;
use crate::pictures::keep::{is_signed, signed};
use crate::report::gallery::png;
use jscc_radio::files::write_atomic;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Shortest time between two versions of a file.
const APART: Duration = Duration::from_millis(500);

/// Name of a sequence's animation.
const SEQUENCE: &str = "sequence.png";

/// Writes photographs into a folder.
pub struct Keeper {
    folder: PathBuf,
    written: BTreeMap<u16, Instant>,
}

/// The file of photograph number `id`.
pub fn path(folder: &Path, id: u16) -> PathBuf {
    folder.join(format!("photo-{id:03}.png"))
}

impl Keeper {
    /// For a folder, which is created when there is something to write.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), written: BTreeMap::new() }
    }

    /// Writes a photograph that has become sharper, unless it was written a moment ago.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn sharper(&mut self, id: u16, draw: &dyn Fn() -> Photo) -> Result<(), PhotoError> {
        if self.written.get(&id).is_some_and(|at| at.elapsed() < APART) {
            return Ok(());
        }
        self.write(&draw())?;
        self.written.insert(id, Instant::now());
        Ok(())
    }

    /// Writes a photograph that is complete.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn complete(&mut self, photo: &Photo) -> Result<(), PhotoError> {
        self.written.insert(photo.id, Instant::now());
        self.write(photo)
    }

    /// Writes everything that is shown in the end, and a sequence as an animation too; removes files of an earlier run.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn finish(self, shown: &[Shown]) -> Result<(), PhotoError> {
        for Shown { id, photo } in shown {
            self.write_as(&path(&self.folder, *id), &png_of(photo))?;
        }
        let mut kept: Vec<PathBuf> = shown.iter().map(|shown| path(&self.folder, shown.id)).collect();
        if let Some(animation) = animation(shown) {
            self.write_as(&self.folder.join(SEQUENCE), &animation)?;
            kept.push(self.folder.join(SEQUENCE));
        }
        for entry in fs::read_dir(&self.folder).map_err(Error::Write)? {
            let path = entry.map_err(Error::Write)?.path();
            if !kept.contains(&path) && is_name_of_ours(&path) && is_signed(&path) {
                fs::remove_file(&path).map_err(Error::Write)?;
            }
        }
        Ok(())
    }

    fn write(&self, photo: &Photo) -> Result<(), PhotoError> {
        self.write_as(&path(&self.folder, photo.id), &png_of(photo))
    }

    fn write_as(&self, path: &Path, png: &[u8]) -> Result<(), PhotoError> {
        fs::create_dir_all(&self.folder).map_err(Error::Write)?;
        Ok(write_atomic(path, &signed(png)).map_err(Error::Write)?)
    }
}

fn png_of(photo: &Photo) -> Vec<u8> {
    let picture = &photo.picture;
    png([picture.channels, picture.height, picture.width], &picture.pixels)
}

fn is_name_of_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name == SEQUENCE {
        return true;
    }
    let number = name.strip_prefix("photo-").and_then(|rest| rest.strip_suffix(".png"));
    number.is_some_and(|number| number.len() >= 3 && number.bytes().all(|digit| digit.is_ascii_digit()))
}
