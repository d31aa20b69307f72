//! Unpacking of a downloaded archive.

use crate::data::DataError;
use crate::data::pinned::PinnedFile;
use crate::error::Error;
use flate2::read::MultiGzDecoder;
use jscc_radio::files;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;
use tar::Archive;

/// Unpacks `wanted` from `folder` in the `.tar.gz` at `path` to the folder of that name in `dir`, and removes the
/// archive. Each file is checked before it takes its name.
///
/// # Errors
/// [`Error::Data`] if the archive is damaged or lacks a file; it stays. [`Error::Write`] from the disk.
pub(super) fn unpack(path: &Path, folder: &str, wanted: &[&PinnedFile], dir: &Path) -> Result<(), Error> {
    let damaged = |reason| DataError::Archive { path: path.into(), reason };
    let packed = File::open(path).map_err(|reason| DataError::read(path, reason))?;
    let mut archive = Archive::new(MultiGzDecoder::new(BufReader::new(packed)));
    let mut missing = wanted.to_vec();
    for entry in archive.entries().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let inside = entry.path().map_err(damaged)?;
        let Some(at) = missing.iter().position(|file| inside.ends_with(Path::new(folder).join(file.name))) else {
            continue;
        };
        let file = missing.swap_remove(at);
        let target = dir.join(folder).join(file.name);
        let mut bytes = Vec::new();
        // A lying header allocates no more than the file has.
        entry.take(file.size + 1).read_to_end(&mut bytes).map_err(damaged)?;
        file.check(path, &bytes)?;
        files::write_atomic(&target, &bytes).map_err(Error::Write)?;
    }
    if let Some(file) = missing.first() {
        let reason = io::Error::new(io::ErrorKind::NotFound, format!("{folder}/{} is not in it", file.name));
        return Err(damaged(reason).into());
    }
    match fs::remove_file(path) {
        // Another process may have unpacked and removed it too.
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => Err(Error::Write(reason)),
        _ => Ok(()),
    }
}
