//! Downloading a published data set: continued where it stopped, checked, and never half a file under a final name.

use super::mnist::{FILES, PinnedFile};
use crate::error::Error;
use jscc_radio::files;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a server answers.
pub struct Body {
    /// Place in the file of the first byte that comes: the one asked for, or 0 from a server that cannot resume.
    pub starts_at: u64,
    /// Bytes of the whole file, where the server tells.
    pub size: Option<u64>,
    /// The bytes from `starts_at` on.
    pub reader: Box<dyn Read>,
}

/// Asks for the bytes at a URL from an offset on, or says in a few words why there are none: this crate speaks no HTTP.
pub type Open<'a> = dyn FnMut(&str, u64) -> Result<Body, String> + 'a;

/// How long a download may take. A server that sends a byte now and then never stalls, and would be waited for for ever.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// When it ends, whatever has come.
    pub until: Instant,
    /// Least bytes that come in each [`Patience::window`]; a server that is slower is left for the next one.
    pub least: u64,
    /// Time over which they are counted.
    pub window: Duration,
}

/// How far a data set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchProgress {
    /// The file that is being fetched, without `.gz`.
    pub name: &'static str,
    /// Bytes of all files that are here.
    pub done: u64,
    /// Bytes of all files.
    pub total: u64,
}

/// An intact file, and how it came to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It was there already.
    Present(PathBuf),
    /// It was downloaded.
    Downloaded(PathBuf),
}

/// Where data sets go when no folder is named: `$XDG_CACHE_HOME/jscc/mnist`, or else `~/.cache/jscc/mnist`.
pub fn cache_dir() -> PathBuf {
    cache_below(env::var_os("XDG_CACHE_HOME"), env::home_dir())
}

/// The XDG specification says to ignore a relative `XDG_CACHE_HOME`.
fn cache_below(xdg: Option<OsString>, home: Option<PathBuf>) -> PathBuf {
    let xdg = xdg.map(PathBuf::from).filter(|path| path.is_absolute());
    xdg.unwrap_or_else(|| home.unwrap_or_default().join(".cache")).join("jscc/mnist")
}

/// Brings the four MNIST files into `dir`, in the order of [`FILES`]; what lies there intact is not fetched again.
///
/// Each mirror is asked in turn for what is still missing of a file, which waits as `NAME.gz.part` until it is whole.
///
/// # Errors
/// [`Error::Fetch`] where no mirror gave a file, [`Error::Write`] from the disk.
pub fn mnist(
    dir: &Path,
    mirrors: &[&str],
    patience: &Patience,
    open: &mut Open,
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<Vec<Fetched>, Error> {
    let total = FILES.iter().map(|file| file.packed_size).sum();
    let mut before = 0;
    let mut fetched = Vec::new();
    for file in &FILES {
        let mut here = |bytes| progress(FetchProgress { name: file.name, done: before + bytes, total });
        fetched.push(fetch(file, dir, mirrors, patience, open, &mut here)?);
        before += file.packed_size;
    }
    Ok(fetched)
}

/// Why a mirror did not give the file.
enum Fault {
    /// Ask the next one.
    Mirror(String),
    /// No other mirror can help.
    Disk(io::Error),
}

impl From<io::Error> for Fault {
    fn from(reason: io::Error) -> Self {
        Self::Disk(reason)
    }
}

fn fetch(
    file: &PinnedFile,
    dir: &Path,
    mirrors: &[&str],
    patience: &Patience,
    open: &mut Open,
    progress: &mut dyn FnMut(u64),
) -> Result<Fetched, Error> {
    if let Ok(path) = file.verify(dir) {
        progress(file.packed_size);
        return Ok(Fetched::Present(path));
    }
    let path = dir.join(format!("{}.gz.part", file.name));
    let disk = |reason: io::Error| Error::Write(io::Error::new(reason.kind(), format!("{}: {reason}", path.display())));
    let mut part = Part::open(file, &path, patience).map_err(disk)?;
    let mut reasons = Vec::new();
    for mirror in mirrors {
        let url = format!("{}/{}.gz", mirror.trim_end_matches('/'), file.name);
        match part.complete(&url, open, progress) {
            Ok(()) => return part.finish(&path).map(Fetched::Downloaded).map_err(disk),
            Err(Fault::Mirror(reason)) => reasons.push(format!("{mirror}: {reason}")),
            Err(Fault::Disk(reason)) => return Err(disk(reason)),
        }
    }
    if part.len == 0 {
        fs::remove_file(&path).map_err(disk)?;
    }
    Err(Error::Fetch { name: file.name.into(), reason: reasons.join("; ") })
}

/// What has come of a file so far, whichever mirror it is from.
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
        // Two at once would cut off each other's bytes. A file system without locks is no reason not to fetch.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "another process is fetching it; wait for it"));
        }
        let len = file.metadata()?.len();
        let mut part = Self { pinned, patience, file, len };
        if len > pinned.packed_size {
            part.cut(0)?;
        }
        Ok(part)
    }

    /// Completes the part with what the mirror at `url` has.
    fn complete(&mut self, url: &str, open: &mut Open, progress: &mut dyn FnMut(u64)) -> Result<(), Fault> {
        loop {
            let kept = self.receive(url, open, progress)?;
            if self.is_published()? {
                return Ok(());
            }
            self.cut(0)?;
            // The wrong bytes may be those kept from before: then this mirror is asked for all of them.
            if kept == 0 {
                return Err(Fault::Mirror("another file than the published one, by its SHA-256".into()));
            }
        }
    }

    /// Takes the missing bytes from `url`; gives the number of those that were kept from before.
    fn receive(&mut self, url: &str, open: &mut Open, progress: &mut dyn FnMut(u64)) -> Result<u64, Fault> {
        let size = self.pinned.packed_size;
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

    /// Keeps the first `len` bytes, to go on behind them.
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.seek(SeekFrom::Start(len))?;
        self.len = len;
        Ok(())
    }

    fn is_published(&mut self) -> io::Result<bool> {
        let mut bytes = Vec::new();
        self.file.rewind()?;
        self.file.read_to_end(&mut bytes)?;
        Ok(self.pinned.check_packed(Path::new(self.pinned.name), &bytes).is_ok())
    }

    /// Gives the file at `path` its final name, without `.part`.
    fn finish(self, path: &Path) -> io::Result<PathBuf> {
        self.file.sync_all()?;
        let whole = path.with_extension("");
        fs::rename(files::target(path)?, files::target(&whole)?)?;
        Ok(whole)
    }
}

/// How fast a server sends.
struct Pace<'a> {
    patience: &'a Patience,
    /// Begin of the window, and the bytes that were there.
    since: Instant,
    mark: u64,
}

impl<'a> Pace<'a> {
    fn begin(patience: &'a Patience, len: u64) -> Self {
        Self { patience, since: Instant::now(), mark: len }
    }

    /// Whether to wait for more; why not, if not.
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
