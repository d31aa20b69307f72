//! Recordings on disk: found by either name, read, and written data first.

use super::{Annotation, MAX_META, Meta, SigmfError, archive, parse};
use crate::files::{is_stream, write_atomic};
use crate::iq::{FileSamples, IqError, IqReader, IqWriter, SampleFormat, Written};
use crate::{Beside, RadioError, hex};
use jscc_phy::Complex32;
use sha2::{Digest, Sha512};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// A recording, open to be read.
#[derive(Debug)]
pub struct Recording {
    /// What is known of it.
    pub meta: Meta,
    /// Its samples. The first has the number `meta.global.offset`.
    pub samples: FileSamples,
    path: PathBuf,
}

/// Opens the recording at `path`: its `.sigmf-meta`, its `.sigmf-data`, their name without either, or a `.sigmf`.
///
/// # Errors
/// [`RadioError::Read`] and [`RadioError::Sigmf`], with the path of the file at fault.
pub fn open(path: &Path) -> Result<Recording, RadioError> {
    let is_archive = path.extension().is_some_and(|extension| extension == "sigmf");
    let (path, meta, file, length) = if is_archive {
        let (meta, file, length) = archive::open(path)?;
        (path.to_path_buf(), meta, file, length)
    } else {
        let (meta_path, data_path) = pair(path);
        let meta = File::open(&meta_path).and_then(|mut file| read_meta(&mut file));
        let meta = meta.map_err(RadioError::read(&meta_path))?;
        let file = File::open(&data_path).map_err(RadioError::read(&data_path))?;
        let length = file.metadata().map_err(RadioError::read(&data_path))?.len();
        (meta_path, meta, BufReader::new(file), length)
    };
    let meta = parse(&meta).map_err(RadioError::sigmf(&path))?;
    let samples = IqReader::within(file, Some(length), meta.global.format);
    Ok(Recording { meta, samples, path })
}

impl Recording {
    /// Compares the samples with the description's SHA-512, if it has one, in a pass over the whole file of its own.
    ///
    /// # Errors
    /// [`SigmfError::Checksum`] where they differ, and those of [`open`].
    pub fn verify(&self) -> Result<(), RadioError> {
        let Some(want) = &self.meta.global.sha512 else { return Ok(()) };
        let again = open(&self.path)?;
        let mut hashed = Hashed { inner: io::sink(), sha512: Sha512::new() };
        io::copy(&mut again.samples.into_inner(), &mut hashed).map_err(RadioError::read(&self.path))?;
        let got = hex::encode(&hashed.sha512.finalize());
        if got.eq_ignore_ascii_case(want) {
            return Ok(());
        }
        Err(RadioError::sigmf(&self.path)(SigmfError::Checksum { got, want: want.clone() }))
    }
}

/// Names of the description and of the samples.
fn pair(path: &Path) -> (PathBuf, PathBuf) {
    let is_half = path.extension().is_some_and(|extension| extension == "sigmf-meta" || extension == "sigmf-data");
    let base = if is_half { path.with_extension("") } else { path.to_path_buf() };
    let with = |extension: &str| {
        let mut name = base.clone().into_os_string();
        name.push(extension);
        PathBuf::from(name)
    };
    (with(".sigmf-meta"), with(".sigmf-data"))
}

/// All bytes, or one more than is allowed.
pub(super) fn read_meta(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_META + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is said of a recording besides its frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// In samples per second.
    pub sample_rate: f64,
    /// Centre frequency in Hz.
    pub frequency: Option<f64>,
    /// Time of the first sample, as in `2026-11-22T16:00:00Z`.
    pub datetime: Option<String>,
    /// In words.
    pub description: Option<String>,
    /// The receiver or transmitter, in words.
    pub hardware: Option<String>,
}

/// Writes a recording.
#[derive(Debug)]
pub struct Writer {
    samples: IqWriter<Hashed<Beside>>,
    format: SampleFormat,
    head: Head,
    data_path: PathBuf,
    meta_path: PathBuf,
}

impl Writer {
    /// Begins the recording at `path`, named by either of its files or without extension. Its files are there only once
    /// [`Writer::finish`] is called. An I or Q of `peak` is full scale in the integer formats.
    ///
    /// # Errors
    /// [`RadioError::Sigmf`] for the sample rate, `Iq` for the peak, `Pair` for what is no file, `Write`.
    pub fn create(path: &Path, format: SampleFormat, peak: f32, head: Head) -> Result<Self, RadioError> {
        let (meta_path, data_path) = pair(path);
        if let Some(stream) = [path, &meta_path, &data_path].into_iter().find(|path| is_stream(path)) {
            return Err(RadioError::Pair { path: stream.to_path_buf() });
        }
        let got = head.sample_rate;
        if !got.is_finite() || got <= 0.0 {
            return Err(RadioError::sigmf(&meta_path)(SigmfError::SampleRate { got }));
        }
        let file = Beside::create(&data_path).map_err(RadioError::Write)?;
        let samples = IqWriter::new(Hashed { inner: file, sha512: Sha512::new() }, format, peak);
        let samples = samples.map_err(RadioError::iq(&data_path))?;
        Ok(Self { samples, format, head, data_path, meta_path })
    }

    /// Writes `samples` after those before.
    ///
    /// # Errors
    /// As [`IqWriter::write`], with the path.
    pub fn write(&mut self, samples: &[Complex32]) -> Result<(), RadioError> {
        self.samples.write(samples).map_err(|reason| match reason {
            IqError::Write(reason) => RadioError::Write(reason),
            reason => RadioError::iq(&self.data_path)(reason),
        })
    }

    /// Ends the recording, with `annotations` in any order.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self, mut annotations: Vec<Annotation>) -> Result<Written, RadioError> {
        let written = self.samples.written();
        let Hashed { inner: file, sha512 } = self.samples.into_inner();
        let mut meta = Meta::new(self.format, hex::encode(&sha512.finalize()), self.head);
        // The specification wants them in this order.
        annotations.sort_by_key(|annotation| annotation.start);
        meta.annotations = annotations;
        let json = serde_json::to_vec_pretty(&meta).expect("strings and numbers");
        file.finish().map_err(RadioError::Write)?;
        write_atomic(&self.meta_path, &json).map_err(RadioError::Write)?;
        Ok(written)
    }
}

/// Passes bytes on and hashes them.
#[derive(Debug)]
struct Hashed<W> {
    inner: W,
    sha512: Sha512,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.sha512.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
