//! A large file, written beside its place and renamed: [`crate::files::write_atomic`] for files that do not fit in
//! memory.

use super::{Place, Unfinished, remove_dead};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that gets its name only on [`Beside::finish`]; dropped before, it leaves nothing.
///
/// If the path is not a regular file (a FIFO, a device, standard output), bytes are written immediately: see
/// [`crate::files`].
#[derive(Debug)]
pub struct Beside {
    sink: Sink,
    path: PathBuf,
}

/// Destination of the bytes until then.
#[derive(Debug)]
pub(crate) enum Sink {
    /// Unbuffered, so that readers see the bytes immediately.
    Stream(File),
    Beside {
        file: BufWriter<File>,
        unfinished: Unfinished,
        target: PathBuf,
        before: Option<Box<fs::Metadata>>,
    },
}

impl Beside {
    /// Begins the file that will be `path`. Creates missing parent folders; waits for the reader of a FIFO. Removes
    /// unfinished large files of that name whose process was killed.
    ///
    /// # Errors
    /// The system's error, with `path` in its message.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = Self::begin(path)?;
        if let Sink::Beside { target, .. } = &file.sink {
            remove_dead(target);
        }
        Ok(file)
    }

    /// As [`Beside::create`] without scanning the folder, for many small files.
    pub(crate) fn begin(path: &Path) -> io::Result<Self> {
        let sink = Place::of(path).and_then(Sink::open).map_err(|error| named(path, &error))?;
        Ok(Self { sink, path: path.to_path_buf() })
    }

    /// Gives the file its name, replacing an existing file.
    ///
    /// # Errors
    /// The system's error, with the path in its message. No temporary file is left.
    pub fn finish(self) -> io::Result<()> {
        self.sink.finish().map_err(|error| named(&self.path, &error))
    }
}

impl Sink {
    pub(crate) fn open(place: Place) -> io::Result<Self> {
        match place {
            Place::Stdout => stdout().map(Self::Stream),
            Place::Stream(path) => OpenOptions::new().write(true).truncate(true).open(path).map(Self::Stream),
            Place::File(target) => {
                // Fails where a plain write would: replacing a file needs only the permissions of its folder.
                let before = OpenOptions::new().write(true).open(&target)?.metadata()?;
                Self::begin(target, Some(Box::new(before)))
            }
            Place::New(target) => {
                if let Some(folder) = target.parent() {
                    fs::create_dir_all(folder)?;
                }
                Self::begin(target, None)
            }
        }
    }

    fn begin(target: PathBuf, before: Option<Box<fs::Metadata>>) -> io::Result<Self> {
        let (unfinished, file) = Unfinished::begin(&target, before.as_deref())?;
        Ok(Self::Beside { file: BufWriter::new(file), unfinished, target, before })
    }

    fn finish(self) -> io::Result<()> {
        let Some((file, unfinished, target)) = self.close()? else { return Ok(()) };
        // Without the sync a power failure after the rename can leave an empty file under the final name.
        file.sync_all()?;
        unfinished.rename(&target)
    }

    /// Ends the bytes; what remains is the rename, if the file is to have a name.
    pub(crate) fn close(self) -> io::Result<Option<(File, Unfinished, PathBuf)>> {
        match self {
            Self::Stream(mut file) => file.flush().map(|()| None),
            Self::Beside { file, unfinished, target, before } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                if let Some(before) = before {
                    keep_rights(&file, &before);
                }
                Ok(Some((file, unfinished, target)))
            }
        }
    }

    pub(crate) fn inner(&mut self) -> &mut dyn Write {
        match self {
            Self::Stream(file) => file,
            Self::Beside { file, .. } => file,
        }
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.inner().write(bytes).map_err(|error| named(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.inner().flush().map_err(|error| named(&self.path, &error))
    }
}

/// Standard output, bypassing the buffer of printed lines: nothing else may be printed.
fn stdout() -> io::Result<File> {
    #[cfg(unix)]
    let owned = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(owned.into())
}

/// Copies mode and owner of the existing file. A refusal by the system is no reason to stop: the new file was created
/// with no more permissions than the old one.
fn keep_rights(file: &File, before: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Before the mode, because a change of owner clears the setuid and setgid bits.
        let _ = fchown(file, Some(before.uid()), Some(before.gid()));
    }
    let _ = file.set_permissions(before.permissions());
}

pub(crate) fn named(path: &Path, error: &io::Error) -> io::Error {
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
        let unlucky = Beside::create(&path).unwrap();
        fs::create_dir_all(path.join("inside")).unwrap();
        for error in [unlucky.finish().unwrap_err(), Beside::create(&path).unwrap_err()] {
            assert!(error.to_string().contains("samples"), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
