//! A recording or a capture: which, the first bytes tell.

use super::RadioError;
use super::iq::SampleFormat;
use super::pcap::{self, Reader};
use super::source::{Said, Source};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What a file holds.
pub enum Kind {
    /// Frames.
    Capture(Reader<'static>),
    /// Samples.
    Recording(Source),
}

/// Opens the file at `path`; `-` is the standard input. Where the user says how samples are stored they are samples;
/// what begins as a capture is one, whatever its name; the rest goes by its name. What can be read only once, as a pipe,
/// is read once.
///
/// # Errors
/// [`RadioError`]; [`RadioError::Unknown`] where neither content nor name tells.
pub fn open(path: &Path, said: Said) -> Result<Kind, RadioError> {
    let is_sigmf = path.extension().is_some_and(|extension| extension.to_string_lossy().starts_with("sigmf"));
    if said.format.is_some() || is_sigmf {
        return Source::open(path, said).map(Kind::Recording);
    }
    let mut file = BufReader::new(File::open(place(path)).map_err(RadioError::read(path))?);
    let is_file = file.get_ref().metadata().map_err(RadioError::read(path))?.is_file();
    // What is in the buffer is not lost for those who read after this.
    let begins = pcap::begins(file.fill_buf().map_err(RadioError::read(path))?);
    if begins || is_named_so(path) {
        return Reader::new(file).map(Kind::Capture).map_err(RadioError::pcap(path));
    }
    if SampleFormat::of_path(path).is_err() {
        return Err(RadioError::Unknown { path: path.to_path_buf() });
    }
    let source = if is_file { Source::open(path, said) } else { Source::resume(path, file, said) };
    source.map(Kind::Recording)
}

/// Standard input by its name among files.
fn place(path: &Path) -> &Path {
    if path == Path::new("-") { Path::new("/dev/stdin") } else { path }
}

/// Whether the name is that of a capture of packets.
fn is_named_so(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ["pcap", "pcapng", "cap", "dmp"].contains(&extension.as_str())
}
