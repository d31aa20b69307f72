//! The files of a run, so written that a run killed at any moment, or out of disk space, goes on from a whole one.

use super::LogRow;
use crate::Error;
use crate::input;
use jscc_radio::files::{self, write_atomic};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A run's folder, and no other process's meanwhile.
pub(super) struct Folder {
    path: PathBuf,
    /// What tells this run from another.
    mark: String,
    /// Held to the end. The system lets go of it when the process ends, however that comes about.
    _lock: File,
}

/// What takes the lock; it stays, for who removes it may take it from somebody.
const LOCK: &str = "lock";
/// What a process that was killed may leave unfinished.
const LARGE: [&str; 2] = ["checkpoint-new.safetensors", "metrics.jsonl"];

impl Folder {
    /// The folder of the run that has this mark, created if missing.
    ///
    /// # Errors
    /// If another run is in it, or another process trains there.
    pub fn open(path: &Path, mark: String) -> Result<Self, Error> {
        let lock = lock(path)?;
        if read_if_there(&path.join("run.jsonl"))?.is_some_and(|theirs| theirs != mark.as_bytes()) {
            return Err(Error::OtherRun { folder: path.into() });
        }
        for name in LARGE {
            files::remove_dead(&path.join(name));
        }
        Ok(Self { path: path.into(), mark, _lock: lock })
    }

    /// Name of the run in its checkpoints.
    pub fn run(&self) -> String {
        files::sha256(self.mark.as_bytes())
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn checkpoint(&self) -> PathBuf {
        self.join("checkpoint.safetensors")
    }

    fn previous(&self) -> PathBuf {
        self.join("checkpoint-previous.safetensors")
    }

    /// The checkpoints that are there, the newer one first.
    pub fn checkpoints(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
        let read = |path: PathBuf| Ok(read_if_there(&path)?.map(|bytes| (path, bytes)));
        let found: Result<Vec<_>, Error> = [self.checkpoint(), self.previous()].into_iter().map(read).collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// Rows of the log up to a step.
    pub fn log(&self, step: usize) -> Result<Vec<String>, Error> {
        let text = read_if_there(&self.join("metrics.jsonl"))?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let is_kept = |line: &&str| serde_json::from_str::<LogRow>(line).is_ok_and(|row| row.step <= step);
        Ok(text.split_inclusive('\n').filter(is_kept).map(str::to_owned).collect())
    }

    /// Writes the log and a checkpoint; the checkpoint before stays beside it.
    pub fn save(&self, log: &str, checkpoint: &[u8]) -> Result<(), Error> {
        self.write("run.jsonl", self.mark.as_bytes())?;
        // The log first: rows past the checkpoint are dropped on resuming, missing ones could not be made again.
        self.write("metrics.jsonl", log.as_bytes())?;
        // Whole on disk before either of the others is moved.
        self.write("checkpoint-new.safetensors", checkpoint)?;
        let moved = match fs::rename(self.checkpoint(), self.previous()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::rename(self.join("checkpoint-new.safetensors"), self.checkpoint()),
        };
        moved.map_err(Error::Write)
    }

    /// Puts the checkpoint before in the place of the damaged one, which must not become the one before in its turn.
    pub fn go_back(&self) -> Result<(), Error> {
        fs::rename(self.previous(), self.checkpoint()).map_err(Error::Write)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        write_atomic(&self.join(name), bytes).map_err(Error::Write)
    }
}

/// Takes the folder for this process.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    let write =
        |reason: io::Error| Error::Write(io::Error::new(reason.kind(), format!("{}: {reason}", path.display())));
    fs::create_dir_all(folder).map_err(write)?;
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(write)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::Busy { folder: folder.into() }),
        // A file system without locks is no reason not to train.
        _ => Ok(file),
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match input::bytes(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(Error::Read { path: path.into(), reason }),
    }
}
