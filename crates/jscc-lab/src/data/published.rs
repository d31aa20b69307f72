//! Data sets that can be fetched, and compared with what was published.

use super::pinned::PinnedFile;
use super::places::Places;
use super::{DataError, gzip};
use std::path::{Path, PathBuf};

/// A published data set.
#[derive(Debug)]
pub struct Published {
    /// Its name, such as "CIFAR-10".
    pub name: &'static str,
    /// Its word on the command line, in experiment files and in the cache.
    pub word: &'static str,
    /// Its files, unpacked.
    pub files: &'static [PinnedFile],
    /// Where they may lie.
    pub places: Places,
    /// URLs of folders with what is downloaded. Trust none of it before its checksum is compared.
    pub mirrors: &'static [&'static str],
    /// What is downloaded.
    pub downloads: Downloads,
}

/// The form in which a data set is downloaded.
#[derive(Debug)]
pub enum Downloads {
    /// A `.gz` of each file, in their order; kept as it is.
    Each(&'static [PinnedFile]),
    /// One `.tar.gz` of all, which is unpacked and removed.
    Archive {
        /// The archive.
        file: PinnedFile,
        /// Its folder with the files.
        folder: &'static str,
    },
}

/// Result of [`Published::verify`] for one file.
#[derive(Debug)]
pub struct FileCheck {
    /// Name without `.gz`.
    pub name: &'static str,
    /// Path of the intact file, or its fault.
    pub result: Result<PathBuf, DataError>,
}

impl Published {
    /// Compares the content of the files in or below `dir` with the published one.
    pub fn verify(&self, dir: &Path) -> Vec<FileCheck> {
        let check = |file: &PinnedFile| FileCheck { name: file.name, result: self.verify_file(file, dir) };
        self.files.iter().map(check).collect()
    }

    /// Compares the unpacked content, so that a recompressed file passes too.
    pub(super) fn verify_file(&self, file: &PinnedFile, dir: &Path) -> Result<PathBuf, DataError> {
        let path = self.places.find(dir, file.name)?;
        file.check(&path, &gzip::read(&path, file.size)?)?;
        Ok(path)
    }

    /// Whether any of its files, intact or not, is in or below `dir`.
    pub fn lies_in(&self, dir: &Path) -> bool {
        self.files.iter().any(|file| self.places.find(dir, file.name).is_ok())
    }
}
