//! Resolution of output paths.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Most links followed in sequence, as in Linux.
const MOST_LINKS: usize = 40;
/// Names of standard output. Other names below /proc cannot be resolved by path: see [`is_open_file`].
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Destination of a path after resolving links.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The standard output of this process.
    Stdout,
    /// A destination that takes bytes and keeps its name: a FIFO, a device, an open file of a process.
    Stream(PathBuf),
    /// A regular file.
    File(PathBuf),
    /// A file that does not exist yet.
    New(PathBuf),
}

impl Place {
    /// Resolves `path`.
    ///
    /// # Errors
    /// The system's; for a folder, a socket, or a path without a file name.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let mut at = path.to_path_buf();
        for _ in 0..MOST_LINKS {
            if STDOUT.iter().any(|name| at.as_os_str() == *name) {
                return Ok(Self::Stdout);
            }
            match fs::symlink_metadata(&at) {
                Ok(about) if about.is_symlink() && is_open_file(&at) => return Ok(Self::Stream(at)),
                Ok(about) if about.is_symlink() => at = folder(&at).join(fs::read_link(&at)?),
                Ok(about) => return Self::of_kind(at, about.file_type()),
                Err(error) if error.kind() == ErrorKind::NotFound => return named(at).map(Self::New),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::InvalidInput, "its symbolic links lead in a circle"))
    }

    fn of_kind(path: PathBuf, kind: fs::FileType) -> io::Result<Self> {
        if kind.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        #[cfg(unix)]
        if std::os::unix::fs::FileTypeExt::is_socket(&kind) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "a socket, which is not written like a file"));
        }
        Ok(if kind.is_file() { Self::File(path) } else { Self::Stream(path) })
    }
}

/// Whether a symbolic link is one of those below /proc, which lead to open files of a process, whatever their text.
fn is_open_file(link: &Path) -> bool {
    folder(link).canonicalize().is_ok_and(|folder| folder.starts_with("/proc"))
}

fn named(path: PathBuf) -> io::Result<PathBuf> {
    match path.file_name() {
        Some(_) => Ok(path),
        None => Err(io::Error::new(ErrorKind::InvalidInput, "not a file name")),
    }
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether output to `path` goes to the standard output of this process.
pub fn is_stdout(path: &Path) -> bool {
    matches!(Place::of(path), Ok(Place::Stdout))
}

/// Whether output to `path` goes to a stream: a FIFO, a device, standard output.
pub fn is_stream(path: &Path) -> bool {
    matches!(Place::of(path), Ok(Place::Stdout | Place::Stream(_)))
}

/// The file that `path` leads to after resolving links, existing or not.
///
/// # Errors
/// The system's; if it is not a regular file.
pub fn target(path: &Path) -> io::Result<PathBuf> {
    match Place::of(path)? {
        Place::File(path) | Place::New(path) => Ok(path),
        Place::Stdout | Place::Stream(_) => Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file")),
    }
}
