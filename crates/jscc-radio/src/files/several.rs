//! Several files that form one result.

use super::beside::{Sink, named};
use super::{Place, Unfinished};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Files that get their names only when all are complete; dropped before, they leave nothing.
///
/// None is held open, so there may be many. Streams get their bytes immediately.
#[derive(Debug, Default)]
pub struct Several(Vec<(Unfinished, PathBuf)>);

impl Several {
    /// Writes the file that will be `path`, whose folder is created if missing.
    ///
    /// # Errors
    /// The system's error, with `path` in its message.
    pub fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut write = || {
            let mut sink = Place::of(path).and_then(Sink::open)?;
            sink.inner().write_all(bytes)?;
            self.0.extend(sink.close()?.map(|(_, unfinished, target)| (unfinished, target)));
            Ok(())
        };
        write().map_err(|error| named(path, &error))
    }

    /// Syncs all to disk: once all are written this takes a sixth of the time of syncing one by one.
    ///
    /// # Errors
    /// The system's error, with the path in its message.
    pub fn sync(&self) -> io::Result<()> {
        let sync = |(unfinished, target): &(Unfinished, PathBuf)| {
            let synced = File::open(unfinished.path()).and_then(|file| file.sync_all());
            synced.map_err(|error| named(target, &error))
        };
        self.0.iter().try_for_each(sync)
    }

    /// Gives all files their final names, in the order of writing. Call [`Several::sync`] before.
    ///
    /// # Errors
    /// The system's error, with the path in its message.
    pub fn finish(self) -> io::Result<()> {
        self.0
            .into_iter()
            .try_for_each(|(unfinished, target)| unfinished.rename(&target).map_err(|error| named(&target, &error)))
    }
}
