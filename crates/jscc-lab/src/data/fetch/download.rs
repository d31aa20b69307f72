//! Download of one published file: resumed where it stopped, verified, and never partial under its final name.

use crate::data::pinned::PinnedFile;
use crate::error::Error;
use jscc_radio::files;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A server's answer.
pub struct Body {
    /// Offset in the file of the first byte delivered: the one requested, or 0 from a server that cannot resume.
    pub starts_at: u64,
    /// Size of the whole file, if the server reports it.
    pub size: Option<u64>,
    /// The bytes from `starts_at` on.
    pub reader: Box<dyn Read>,
}

/// Requests the bytes at a URL from an offset on; the error is a short reason. This crate has no HTTP client.
pub type Open<'a> = dyn FnMut(&str, u64) -> Result<Body, String> + 'a;

/// Time limits of a download. A server that sends a byte now and then would otherwise never time out.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Deadline of the whole download.
    pub until: Instant,
    /// Fewest bytes per [`Patience::window`]; a slower server is abandoned for the next one.
    pub least: u64,
    /// Length of the window.
    pub window: Duration,
}

/// Downloads `file` into `dir`, in place of what has its name there; `progress` receives the bytes present.
///
/// Each mirror in turn is asked for the missing rest of the file, which is kept as `NAME.part` until it is complete.
///
/// # Errors
/// [`Error::Fetch`] if no mirror delivered it, [`Error::Write`] from the disk.
pub(super) fn download(
    file: &PinnedFile,
    dir: &Path,
    mirrors: &[&str],
    patience: &Patience,
    open: &mut Open,
    progress: &mut dyn FnMut(u64),
) -> Result<PathBuf, Error> {
    let path = dir.join(format!("{}.part", file.name));
    let disk = |reason: io::Error| Error::Write(io::Error::new(reason.kind(), format!("{}: {reason}", path.display())));
    let mut part = Part::open(file, &path, patience).map_err(disk)?;
    let mut reasons = Vec::new();
    for mirror in mirrors {
        let url = format!("{}/{}", mirror.trim_end_matches('/'), file.name);
        match part.complete(&url, open, progress) {
            Ok(()) => return part.finish(&path).map_err(disk),
            Err(Fault::Mirror(reason)) => reasons.push(format!("{mirror}: {reason}")),
            Err(Fault::Disk(reason)) => return Err(disk(reason)),
        }
    }
    if part.len == 0 {
        fs::remove_file(&path).map_err(disk)?;
    }
    Err(Error::Fetch { name: file.name.into(), reason: reasons.join("; ") })
}

/// Reason why a mirror did not deliver the file.
enum Fault {
    /// Fault of this mirror; try the next one.
    Mirror(String),
    /// Fault of the disk; no other mirror can help.
    Disk(io::Error),
}

impl From<io::Error> for Fault {
    fn from(reason: io::Error) -> Self {
        Self::Disk(reason)
    }
}

/// The part of a file downloaded so far, from any mirror.
struct Part<'a> {
    pinned: &'a PinnedFile,
    patience: &'a Patience,
    file: File,
    len: u64,
}

impl<'a> Part<'a> {
    fn open(pinned: &'a PinnedFile, path: &Path, patience: &'a Patience) -> io::Result<Self> {
        fs::create_dir_all(path.parent().expect("the path ends in a file name"))?;
        files::target(path)?;
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        // Two processes at once would truncate each other's bytes. A file system without locks is no reason not to
        // download.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "another process is fetching it; wait for it"));
        }
        let len = file.metadata()?.len();
        let mut part = Self { pinned, patience, file, len };
        if len > pinned.size {
            part.cut(0)?;
        }
        Ok(part)
    }

    /// Completes the part from the mirror at `url`.
    fn complete(&mut self, url: &str, open: &mut Open, progress: &mut dyn FnMut(u64)) -> Result<(), Fault> {
        loop {
            let kept = self.receive(url, open, progress)?;
            if self.is_published()? {
                return Ok(());
            }
            self.cut(0)?;
            // The wrong bytes may be those kept from before: if so, this mirror is asked for the whole file.
            if kept == 0 {
                return Err(Fault::Mirror(format!(
                    "another file than the published one, by its {}",
                    self.pinned.sum.algorithm()
                )));
            }
        }
    }

    /// Appends the missing bytes from `url`; returns the number of bytes kept from before.
    fn receive(&mut self, url: &str, open: &mut Open, progress: &mut dyn FnMut(u64)) -> Result<u64, Fault> {
        let size = self.pinned.size;
        progress(self.len);
        if self.len == size {
            return Ok(size);
        }
        let mut pace = Pace::begin(self.patience, self.len);
        pace.check(self.len).map_err(Fault::Mirror)?;
        let Body { starts_at, size: offered, mut reader } = open(url, self.len).map_err(Fault::Mirror)?;
        if offered.is_some_and(|offered| offered != size) || starts_at > self.len {
            let offered = offered.map_or("unknown".into(), |bytes| bytes.to_string());
            let reason = format!("offers a file of {offered} bytes from byte {starts_at}, want {size}");
            return Err(Fault::Mirror(reason));
        }
        self.cut(starts_at)?;
        pace.mark = starts_at;
        let mut chunk = vec![0; 1 << 16];
        while self.len < size {
            let room = chunk.len().min((size - self.len) as usize);
            let came = reader.read(&mut chunk[..room]);
            let came = came.map_err(|error| Fault::Mirror(format!("{error} after {} of {size} bytes", self.len)))?;
            if came == 0 {
                return Err(Fault::Mirror(format!("ended after {} of {size} bytes", self.len)));
            }
            self.file.write_all(&chunk[..came])?;
            self.len += came as u64;
            progress(self.len);
            pace.check(self.len).map_err(|why| Fault::Mirror(format!("{why} after {} of {size} bytes", self.len)))?;
        }
        Ok(starts_at)
    }

    /// Truncates the part to `len` bytes, to continue from there.
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.seek(SeekFrom::Start(len))?;
        self.len = len;
        Ok(())
    }

    fn is_published(&mut self) -> io::Result<bool> {
        self.file.rewind()?;
        Ok(self.pinned.sum.of(&self.file)? == self.pinned.sum.hex())
    }

    /// Renames the file at `path` to its final name, without `.part`.
    fn finish(self, path: &Path) -> io::Result<PathBuf> {
        self.file.sync_all()?;
        let whole = path.with_extension("");
        fs::rename(files::target(path)?, files::target(&whole)?)?;
        Ok(whole)
    }
}

/// Measures a server's rate.
struct Pace<'a> {
    patience: &'a Patience,
    /// Start of the window, and the size of the part at that time.
    since: Instant,
    mark: u64,
}

impl<'a> Pace<'a> {
    fn begin(patience: &'a Patience, len: u64) -> Self {
        Self { patience, since: Instant::now(), mark: len }
    }

    /// The reason to give up, if there is one.
    fn check(&mut self, len: u64) -> Result<(), String> {
        let (now, Patience { until, least, window }) = (Instant::now(), *self.patience);
        if now >= until {
            return Err("the time is up".to_owned());
        }
        if now - self.since >= window {
            let came = len - self.mark;
            if came < least {
                return Err(format!("too slow: {came} bytes in {} s", window.as_secs_f64()));
            }
            (self.since, self.mark) = (now, len);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
