//! Where the files of a data set lie in a folder.

use super::DataError;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Places of a data set's files, each list in order of precedence.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Folders below the one given; `""` is that one itself.
    pub folders: &'static [&'static str],
    /// Endings of a file's name: none, and `.gz`.
    pub endings: [&'static str; 2],
}

impl Places {
    /// Path of the file `name` in or below `dir`, compressed or not.
    ///
    /// # Errors
    /// [`DataError::Missing`] or `Read` for the folder, `MissingMember` for the file.
    pub fn find(&self, dir: &Path, name: &'static str) -> Result<PathBuf, DataError> {
        if !dir.is_dir() {
            let kind = if dir.exists() { ErrorKind::NotADirectory } else { ErrorKind::NotFound };
            return Err(DataError::read(dir, kind.into()));
        }
        let found = self.folders.iter().find_map(|below| self.find_at(&dir.join(below), name));
        found.ok_or_else(|| DataError::MissingMember { folder: dir.into(), name, below: self.below() })
    }

    /// The file in the folder `place`, also under the name `train-images.idx3-ubyte` of some copies of MNIST, or in
    /// capitals. The published name takes precedence.
    fn find_at(&self, place: &Path, name: &str) -> Option<PathBuf> {
        let published = self.endings.map(|ending| format!("{name}{ending}"));
        if let Some(path) = published.iter().map(|name| place.join(name)).find(|path| path.is_file()) {
            return Some(path);
        }
        let entries = fs::read_dir(place).ok()?.flatten().map(|entry| entry.path());
        let is_it = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            let name = name.replacen(".idx", "-idx", 1);
            published.contains(&name) && path.is_file()
        };
        let mut others: Vec<_> = entries.filter(is_it).collect();
        others.sort();
        others.into_iter().next()
    }

    /// The folders below the one given, for a message.
    fn below(&self) -> String {
        let below: Vec<_> = self.folders.iter().copied().filter(|folder| !folder.is_empty()).collect();
        below.join(" or ")
    }
}
