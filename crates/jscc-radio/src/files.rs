//! Atomic writing of files, and hashes of their content.
//!
//! Output goes where a plain write would put it:
//!
//! | the path is | effect |
//! |---|---|
//! | missing | a new file, in one step; missing parent folders are created |
//! | a file | replaced in one step; mode and, if permitted, owner are kept. A read-only file is refused |
//! | a symbolic link | followed and kept; the target of a dangling one is created |
//! | one of several hard links | replaced under this name; the others keep the old content, because a shared file cannot be replaced in one step, and a snapshot made of links must not change |
//! | a FIFO, a device, `/dev/fd/N` | written through, as it comes |
//! | `-`, `/dev/stdout` | the standard output of the process, even if it is a socket |
//! | a folder, a socket | refused |
//!
//! Only regular files are ever replaced or removed.

mod beside;
mod place;
mod several;
mod unfinished;

pub use beside::Beside;
pub use place::{is_stdout, is_stream, target};
pub use several::Several;
pub use unfinished::{Held, has_unfinished, remove_dead, remove_unfinished};

pub(crate) use place::Place;
pub(crate) use unfinished::Unfinished;

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes `bytes` to `path`, replacing an existing file in one step: a crash leaves either the old or the new one.
///
/// Creates missing parent folders. The bytes first go to a temporary file beside the target, which is removed on error.
///
/// # Errors
/// The system's error, with `path` in its message.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Beside::begin(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Runs `write`, which writes several files into `folder`, under a lock, so that all files are from one process.
///
/// A file system without locks is no reason not to write.
pub fn together<T>(folder: &Path, write: impl FnOnce() -> T) -> T {
    let lock = fs::create_dir_all(folder).and_then(|()| File::open(folder)).ok();
    let _held = lock.as_ref().map(File::lock);
    write()
}

/// SHA-256 of a file's content, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("a string takes all that is written");
    }
    hex
}

#[cfg(test)]
mod tests;
