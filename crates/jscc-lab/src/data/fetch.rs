//! Fetching of a published data set: nothing that is intact is downloaded again, and nothing lies there half-written.

mod download;
mod unpack;

pub use download::{Body, Open, Patience};

use super::pinned::PinnedFile;
use super::published::{Downloads, Published};
use crate::error::Error;
use download::download;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use unpack::unpack;

/// Progress on a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchProgress {
    /// The file being downloaded.
    pub name: &'static str,
    /// Bytes present, over all that is downloaded.
    pub done: u64,
    /// Bytes of all of it.
    pub total: u64,
}

/// An intact file, and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It was present already.
    Present(PathBuf),
    /// It was downloaded.
    Downloaded(PathBuf),
}

/// Default folder of a data set: `$XDG_CACHE_HOME/jscc/WORD`, or else `~/.cache/jscc/WORD`.
pub fn cache_dir(set: &Published) -> PathBuf {
    cache_below(env::var_os("XDG_CACHE_HOME"), env::home_dir()).join(set.word)
}

/// Ignores a relative `XDG_CACHE_HOME`, as the XDG specification requires.
fn cache_below(xdg: Option<OsString>, home: Option<PathBuf>) -> PathBuf {
    let xdg = xdg.map(PathBuf::from).filter(|path| path.is_absolute());
    xdg.unwrap_or_else(|| home.unwrap_or_default().join(".cache")).join("jscc")
}

/// Brings the files of a data set into `dir`; those returned are in the order of [`Published::files`].
///
/// # Errors
/// [`Error::Fetch`] if no mirror delivered a file, [`Error::Write`] from the disk, [`Error::Data`] for an archive that
/// does not hold what it should.
pub fn fetch(
    set: &Published,
    dir: &Path,
    mirrors: &[&str],
    patience: &Patience,
    open: &mut Open,
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<Vec<Fetched>, Error> {
    let mut bring =
        |file: &PinnedFile, progress: &mut dyn FnMut(u64)| download(file, dir, mirrors, patience, open, progress);
    match &set.downloads {
        Downloads::Each(packed) => each(set, packed, dir, &mut bring, progress),
        Downloads::Archive { file, folder } => archive(set, (file, folder), dir, &mut bring, progress),
    }
}

/// Downloads one file; receives what to call with the bytes present.
type Bring<'a> = dyn FnMut(&PinnedFile, &mut dyn FnMut(u64)) -> Result<PathBuf, Error> + 'a;

fn each(
    set: &Published,
    packed: &[PinnedFile],
    dir: &Path,
    bring: &mut Bring,
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<Vec<Fetched>, Error> {
    let total = packed.iter().map(|file| file.size).sum();
    let mut before = 0;
    let mut fetched = Vec::new();
    for (file, packed) in set.files.iter().zip(packed) {
        let mut here = |bytes| progress(FetchProgress { name: packed.name, done: before + bytes, total });
        fetched.push(if let Ok(path) = set.verify_file(file, dir) {
            here(packed.size);
            Fetched::Present(path)
        } else {
            Fetched::Downloaded(bring(packed, &mut here)?)
        });
        before += packed.size;
    }
    Ok(fetched)
}

/// An archive that an earlier run left, or the user brought, is taken as it is.
fn archive(
    set: &Published,
    (packed, folder): (&PinnedFile, &str),
    dir: &Path,
    bring: &mut Bring,
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<Vec<Fetched>, Error> {
    let there: Vec<_> = set.files.iter().map(|file| set.verify_file(file, dir).ok()).collect();
    let mut here = |bytes| progress(FetchProgress { name: packed.name, done: bytes, total: packed.size });
    let wanted: Vec<_> =
        set.files.iter().zip(&there).filter(|(_, path)| path.is_none()).map(|(file, _)| file).collect();
    let path = dir.join(packed.name);
    if wanted.is_empty() || packed.is_at(&path) {
        here(packed.size);
    } else {
        bring(packed, &mut here)?;
    }
    if !wanted.is_empty() {
        unpack(&path, folder, &wanted, dir)?;
    }
    let place = |file: &PinnedFile| Fetched::Downloaded(dir.join(folder).join(file.name));
    Ok(set.files.iter().zip(there).map(|(file, path)| path.map_or_else(|| place(file), Fetched::Present)).collect())
}

#[cfg(test)]
mod tests;
