//! A long file, written beside its place and renamed: [`crate::files::write_atomic`] for what does not fit in memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that takes its name only in [`Beside::finish`]; dropped before, it leaves nothing.
#[derive(Debug)]
pub struct Beside {
    file: BufWriter<File>,
    meanwhile: PathBuf,
    path: PathBuf,
}

impl Beside {
    /// Begins the file that will be `path`. Creates missing parent folders.
    ///
    /// # Errors
    /// The system's error, with `path` in its message.
    pub fn create(path: &Path) -> io::Result<Self> {
        // Two writers of one path need a file each.
        static WRITES: AtomicU64 = AtomicU64::new(0);
        let create = || {
            let name =
                path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a file name"))?;
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let write = WRITES.fetch_add(1, Ordering::Relaxed);
            let meanwhile = path.with_file_name(format!(".{}.{}-s{write}", name.to_string_lossy(), process::id()));
            let file = BufWriter::new(File::create_new(&meanwhile)?);
            Ok(Self { file, meanwhile, path: path.to_path_buf() })
        };
        create().map_err(|error| named(path, &error))
    }

    /// Gives the file its name, in place of what had it before.
    ///
    /// # Errors
    /// The system's error, with the path in its message. Nothing is left beside.
    pub fn finish(mut self) -> io::Result<()> {
        // Without the sync a power cut after the rename can leave an empty file under the final name.
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.and_then(|()| fs::rename(&self.meanwhile, &self.path)).map_err(|error| named(&self.path, &error))
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| named(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| named(&self.path, &error))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Once renamed it is no longer there.
        let _ = fs::remove_file(&self.meanwhile);
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::Beside;
    use std::fs;
    use std::io::Write;

    #[test]
    fn a_file_has_its_name_only_when_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/samples");
        let mut file = Beside::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn dropped_or_refused_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples");
        Beside::create(&path).unwrap().write_all(b"half").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::create_dir_all(path.join("inside")).unwrap();
        let error = Beside::create(&path).unwrap().finish().unwrap_err();
        assert!(error.to_string().contains("samples"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
