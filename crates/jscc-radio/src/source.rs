//! A recording of either kind, opened by what its name says.

use super::RadioError;
use super::iq::{FileSamples, IqReader, SampleFormat};
use super::sigmf::{self, Head, Meta};
use jscc_phy::Complex32;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// The receiver's samples a second.
pub const SAMPLE_RATE: f64 = 20e6;

/// Samples of a file, a chunk at a time.
#[derive(Debug)]
pub struct Source {
    samples: FileSamples,
    head: Head,
    path: PathBuf,
}

/// What the user says of a recording beside its name.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said {
    /// How raw samples are stored, where the file's extension does not tell.
    pub format: Option<SampleFormat>,
    /// Samples a second, in place of what a SigMF recording says or, for raw samples, of 20e6.
    pub sample_rate: Option<f64>,
}

impl Source {
    /// Opens raw samples, or a SigMF recording by any of its names. `-` is the standard input.
    ///
    /// # Errors
    /// [`RadioError`], with [`RadioError::SampleRate`] for any rate but the receiver's.
    pub fn open(path: &Path, said: Said) -> Result<Self, RadioError> {
        let is_sigmf = path.extension().is_some_and(|extension| extension.to_string_lossy().starts_with("sigmf"));
        let (samples, head) = if is_sigmf {
            let recording = sigmf::open(path)?;
            (recording.samples, head_of(recording.meta))
        } else {
            let format = said.format.map_or_else(|| SampleFormat::of_path(path), Ok)?;
            // Standard input by its name among files: it needs no reader of another type.
            let file = if path == Path::new("-") { Path::new("/dev/stdin") } else { path };
            (IqReader::open(file, format)?, Head { sample_rate: SAMPLE_RATE, ..Head::default() })
        };
        Self::of(path, said, samples, head)
    }

    /// Raw samples of a pipe that has been opened, and into whose buffer was looked.
    pub(super) fn resume(path: &Path, file: BufReader<File>, said: Said) -> Result<Self, RadioError> {
        let format = said.format.map_or_else(|| SampleFormat::of_path(path), Ok)?;
        let head = Head { sample_rate: SAMPLE_RATE, ..Head::default() };
        Self::of(path, said, IqReader::within(file, None, format), head)
    }

    fn of(path: &Path, said: Said, samples: FileSamples, mut head: Head) -> Result<Self, RadioError> {
        let hz = said.sample_rate.unwrap_or(head.sample_rate);
        head.sample_rate = SAMPLE_RATE;
        if (hz - SAMPLE_RATE).abs() > 0.5 || hz.is_nan() {
            return Err(RadioError::SampleRate { path: path.to_path_buf(), hz });
        }
        Ok(Self { samples, head, path: path.to_path_buf() })
    }

    /// Puts the next samples in place of what is in `samples`: `max` of them, fewer before the end, none at it.
    ///
    /// # Errors
    /// [`RadioError::Iq`]; [`RadioError::Empty`] where there are none at all.
    pub fn read(&mut self, samples: &mut Vec<Complex32>, max: usize) -> Result<usize, RadioError> {
        let got = self.samples.read(samples, max).map_err(RadioError::iq(&self.path))?;
        if self.samples.done() == 0 {
            return Err(RadioError::Empty { path: self.path.clone() });
        }
        Ok(got)
    }

    /// Its name, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a SigMF recording says of itself.
    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    /// How the samples are stored.
    pub fn format(&self) -> SampleFormat {
        self.samples.format()
    }

    /// Samples in the file; `None` for a stream.
    pub fn total(&self) -> Option<u64> {
        self.samples.total()
    }

    /// Samples read so far.
    pub fn done(&self) -> u64 {
        self.samples.done()
    }

    /// Bytes after the last whole sample, once the end is reached.
    pub fn trailing(&self) -> usize {
        self.samples.trailing()
    }
}

fn head_of(meta: Meta) -> Head {
    let capture = meta.captures.into_iter().next();
    Head {
        sample_rate: meta.global.sample_rate.unwrap_or(SAMPLE_RATE),
        frequency: capture.as_ref().and_then(|capture| capture.frequency),
        datetime: capture.and_then(|capture| capture.datetime),
        description: meta.global.description,
        hardware: meta.global.hardware,
    }
}
