//! Files that do not have their name yet: a process that ends takes its own with it, and those of one that was killed go
//! when their target is written again.

use super::place::folder;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// End of the name of a file that is not finished.
const ENDING: &str = ".jscc-part";
/// Characters of the target's name in it: with all of a long one there would be no room for the rest.
const MOST_NAME: usize = 50;

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process has begun a file and not finished it.
pub fn has_unfinished() -> bool {
    !unfinished().is_empty()
}

/// While it is held, no file is begun and none gets its name.
#[must_use = "what is begun after it is dropped stays"]
pub struct Held(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, BTreeSet<PathBuf>>);

/// Removes what this process has begun and not finished, for a process that is about to end.
pub fn remove_unfinished() -> Held {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        // Nobody is there any more to be told.
        let _ = fs::remove_file(path);
    }
    Held(unfinished)
}

/// A file beside its target; dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    /// Begins a file beside `target`, whose folder is there. Nobody may read it who might not read the one `before` it.
    pub(crate) fn begin(target: &Path, before: Option<&fs::Metadata>) -> io::Result<(Self, File)> {
        // Two writers of one path need a file each; what a process of the same number left may still lie there.
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
                    // Tells others, on any machine, that this is being written. Where there are no locks, they go by
                    // the number of the process.
                    let _ = file.try_lock();
                    unfinished.insert(path.clone());
                    return Ok((Self { path }, file));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Its name meanwhile.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file the name `target`, in place of what had it before.
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
        // Once renamed it is no longer there.
        if unfinished.remove(&self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn stem(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!(".{}.", name.chars().take(MOST_NAME).collect::<String>())
}

/// Removes the unfinished files beside `target` whose process was killed.
pub fn remove_dead(target: &Path) {
    let stem = stem(target);
    // What cannot be listed or removed is in nobody's way.
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

/// Whether this machine has no such process; false where nothing tells.
fn is_gone(process: &str) -> bool {
    let proc = Path::new("/proc");
    process.parse::<u32>().is_ok() && proc.join("self").exists() && !proc.join(process).exists()
}

/// Whether no process holds it, here or on another machine.
fn is_unlocked(path: &Path) -> bool {
    OpenOptions::new().write(true).open(path).is_ok_and(|file| file.try_lock().is_ok())
}
