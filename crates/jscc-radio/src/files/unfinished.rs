//! Temporary files before their rename: a process removes its own when it ends, and those of a killed process are
//! removed when their target is written again.

use super::place::folder;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Suffix of a temporary file.
const ENDING: &str = ".jscc-part";
/// Characters of the target's name in a temporary name, so that a long one leaves room for the rest.
const MOST_NAME: usize = 50;

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process has unfinished files.
pub fn has_unfinished() -> bool {
    !unfinished().is_empty()
}

/// While held, no file is begun and none is renamed.
#[must_use = "what is begun after it is dropped stays"]
pub struct Held(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, BTreeSet<PathBuf>>);

/// Removes the unfinished files of this process, which is about to end.
pub fn remove_unfinished() -> Held {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        // There is no one left to report an error to.
        let _ = fs::remove_file(path);
    }
    Held(unfinished)
}

/// A temporary file beside its target, removed on drop.
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    /// Creates a temporary file beside `target` in an existing folder, with no more read permissions than the file
    /// `before` it.
    pub(crate) fn begin(target: &Path, before: Option<&fs::Metadata>) -> io::Result<(Self, File)> {
        // Two writers of one path need separate files, and a process with the same number may have left one.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if let Some(before) = before {
            use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
            options.mode(before.permissions().mode() & 0o777);
        }
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = target.with_file_name(format!("{}{}-{number}{ENDING}", stem(target), process::id()));
            let mut unfinished = unfinished();
            match options.open(&path) {
                Ok(file) => {
                    // Marks the file as being written, for processes on any machine. Without locks, the process number
                    // is used.
                    let _ = file.try_lock();
                    unfinished.insert(path.clone());
                    return Ok((Self { path }, file));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The temporary path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file to `target`, replacing an existing file.
    pub(crate) fn rename(self, target: &Path) -> io::Result<()> {
        let mut unfinished = unfinished();
        fs::rename(&self.path, target)?;
        unfinished.remove(&self.path);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut unfinished = unfinished();
        // After the rename it is no longer in the set.
        if unfinished.remove(&self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn stem(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!(".{}.", name.chars().take(MOST_NAME).collect::<String>())
}

/// Removes unfinished files beside `target` whose process was killed.
pub fn remove_dead(target: &Path) {
    let stem = stem(target);
    // A folder that cannot be listed, or a file that cannot be removed, does no harm.
    let Ok(entries) = fs::read_dir(folder(target)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let numbers = name.to_str().and_then(|name| name.strip_prefix(&stem)?.strip_suffix(ENDING)?.split_once('-'));
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if let Some((process, _)) = numbers
            && is_file
            && is_gone(process)
            && is_unlocked(&entry.path())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether this process no longer runs on this machine; false if unknown.
fn is_gone(process: &str) -> bool {
    let proc = Path::new("/proc");
    process.parse::<u32>().is_ok() && proc.join("self").exists() && !proc.join(process).exists()
}

/// Whether no process holds its lock, on this or another machine.
fn is_unlocked(path: &Path) -> bool {
    OpenOptions::new().write(true).open(path).is_ok_and(|file| file.try_lock().is_ok())
}
