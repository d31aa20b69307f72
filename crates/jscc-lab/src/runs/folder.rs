//! The files of a run, written so that a run killed at any moment, or out of disk space, resumes from a complete
//! checkpoint.

use crate::Error;
use crate::input;
use jscc_radio::files::{self, write_atomic};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A run's folder, locked for this process.
pub(crate) struct Folder {
    path: PathBuf,
    /// Identity of the run.
    mark: String,
    /// Held until dropped; the system releases the lock when the process ends for any reason.
    _lock: File,
}

/// File to lock. It is never removed, because removing it could break another process's lock.
const LOCK: &str = "lock";
/// Files whose temporary versions a killed process may leave.
const LARGE: [&str; 2] = ["checkpoint-new.safetensors", "metrics.jsonl"];

impl Folder {
    /// Opens the folder of the run with this mark; creates it if missing.
    ///
    /// # Errors
    /// If it belongs to another run, or another process is training there.
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

    /// The existing checkpoints, the newer first.
    pub fn checkpoints(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
        let read = |path: PathBuf| Ok(read_if_there(&path)?.map(|bytes| (path, bytes)));
        let found: Result<Vec<_>, Error> = [self.checkpoint(), self.previous()].into_iter().map(read).collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// Rows of the log up to a step.
    pub fn log(&self, step: usize) -> Result<Vec<String>, Error> {
        let text = read_if_there(&self.join("metrics.jsonl"))?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let is_kept = |line: &&str| step_of(line).is_some_and(|at| at <= step);
        Ok(text.split_inclusive('\n').filter(is_kept).map(str::to_owned).collect())
    }

    /// Writes the log and a checkpoint; the previous checkpoint stays beside it.
    pub fn save(&self, log: &str, checkpoint: &[u8]) -> Result<(), Error> {
        self.write("run.jsonl", self.mark.as_bytes())?;
        // The log first: rows past the checkpoint are dropped on resuming, missing ones could not be reproduced.
        self.write("metrics.jsonl", log.as_bytes())?;
        // Complete on disk before either of the others is moved.
        self.write("checkpoint-new.safetensors", checkpoint)?;
        let moved = match fs::rename(self.checkpoint(), self.previous()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::rename(self.join("checkpoint-new.safetensors"), self.checkpoint()),
        };
        moved.map_err(Error::Write)
    }

    /// Replaces the damaged checkpoint by the previous one, so that the damaged one does not become the previous one.
    pub fn go_back(&self) -> Result<(), Error> {
        fs::rename(self.previous(), self.checkpoint()).map_err(Error::Write)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        write_atomic(&self.join(name), bytes).map_err(Error::Write)
    }
}

/// The step that a row of a log is about.
fn step_of(line: &str) -> Option<usize> {
    let row: serde_json::Value = serde_json::from_str(line).ok()?;
    row["step"].as_u64().map(|step| step as usize)
}

/// Locks the folder for this process.
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
