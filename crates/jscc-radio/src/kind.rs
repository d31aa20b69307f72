//! Detection of recordings and captures by their first bytes.

use super::RadioError;
use super::iq::SampleFormat;
use super::pcap::{self, Reader};
use super::source::{Said, Source};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Kind of a file.
pub enum Kind {
    /// Frames.
    Capture(Reader<'static>),
    /// Samples.
    Recording(Box<Source>),
}

/// Opens the file at `path`; `-` is standard input. With an explicit format it contains samples; a file that begins as
/// a capture is one, whatever its name; others are identified by their name. A file that can be read only once, such as
/// a pipe, is read once.
///
/// # Errors
/// [`RadioError`]; [`RadioError::Unknown`] if neither content nor name reveals the kind.
pub fn open(path: &Path, said: Said) -> Result<Kind, RadioError> {
    let is_sigmf =
        path.extension().is_some_and(|extension| extension.to_string_lossy().to_ascii_lowercase().starts_with("sigmf"));
    if said.format.is_some() || is_sigmf {
        return Source::open(path, said).map(|source| Kind::Recording(Box::new(source)));
    }
    let mut file = BufReader::new(File::open(place(path)).map_err(RadioError::read(path))?);
    let is_file = file.get_ref().metadata().map_err(RadioError::read(path))?.is_file();
    // Buffered bytes stay available to later readers.
    let begins = pcap::begins(file.fill_buf().map_err(RadioError::read(path))?);
    if begins || is_named_so(path) {
        return Reader::new(file).map(Kind::Capture).map_err(RadioError::pcap(path));
    }
    SampleFormat::of_path(path).map_err(|reason| RadioError::Unknown { path: path.to_path_buf(), reason })?;
    let source = if is_file { Source::open(path, said) } else { Source::resume(path, file, said) };
    source.map(|source| Kind::Recording(Box::new(source)))
}

/// Path of standard input.
fn place(path: &Path) -> &Path {
    if path == Path::new("-") { Path::new("/dev/stdin") } else { path }
}

/// Whether the extension is that of a packet capture.
fn is_named_so(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ["pcap", "pcapng", "cap", "dmp"].contains(&extension.as_str())
}
