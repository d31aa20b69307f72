//! Recordings on disk: opened under either name; written with the data first.

use super::document::read_meta;
use super::{Annotation, Document, Meta, NAMESPACE, NAMESPACE_VERSION, RECORDER, SigmfError, VERSION, archive};
use crate::files::{is_stream, write_atomic};
use crate::iq::{self, FileSamples, IqError, IqReader, IqWriter, SampleFormat, Written};
use crate::{Beside, RadioError, hex};
use jscc_phy::Complex32;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A recording opened for reading.
#[derive(Debug)]
pub struct Recording {
    /// Description of its samples.
    pub meta: Meta,
    /// Its whole description.
    pub document: Document,
    /// Its samples. The first has the number `meta.offset`.
    pub samples: FileSamples,
    /// Bytes of them missing from a truncated archive.
    pub missing: u64,
    /// The file with the samples.
    pub data_path: PathBuf,
}

/// Opens the recording at `path`: its `.sigmf-meta`, its `.sigmf-data`, their name without extension, or a `.sigmf`.
///
/// # Errors
/// [`RadioError::Read`] and [`RadioError::Sigmf`], with the path of the file at fault.
pub fn open(path: &Path) -> Result<Recording, RadioError> {
    let is_archive = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sigmf"));
    let (meta_path, data_path) = if is_archive { (path.to_path_buf(), path.to_path_buf()) } else { pair(path) };
    let (meta, file, length, missing) = if is_archive {
        let (meta, file, length, missing) = archive::open(path)?;
        (meta, file, Some(length), missing)
    } else {
        let meta = File::open(&meta_path).and_then(|mut file| read_meta(&mut file));
        let meta = meta.map_err(RadioError::read(&meta_path))?;
        let (file, length) = iq::open(&data_path)?;
        (meta, file, length, 0)
    };
    let document = Document::parse(&meta).map_err(RadioError::sigmf(&meta_path))?;
    let meta = Meta::of(&document).map_err(RadioError::sigmf(&meta_path))?;
    let mut samples = IqReader::within(file, length, meta.format);
    if meta.sha512.is_some() {
        samples.inner().hash();
    }
    Ok(Recording { meta, document, samples, missing, data_path })
}

impl Recording {
    /// SHA-512 of the samples, if it differs from that of the description; reads the rest of the samples.
    ///
    /// # Errors
    /// [`RadioError::Read`].
    pub fn other_sha512(&mut self) -> Result<Option<String>, RadioError> {
        let got = self.samples.inner().finish_hash().map_err(RadioError::read(&self.data_path))?;
        let want = self.meta.sha512.as_deref().unwrap_or_default();
        Ok(got.filter(|got| !got.eq_ignore_ascii_case(want)))
    }
}

/// Paths of the description and of the samples.
pub(super) fn pair(path: &Path) -> (PathBuf, PathBuf) {
    let is_half = path.extension().is_some_and(|extension| extension == "sigmf-meta" || extension == "sigmf-data");
    let base = if is_half { path.with_extension("") } else { path.to_path_buf() };
    let with = |extension: &str| {
        let mut name = base.clone().into_os_string();
        name.push(extension);
        PathBuf::from(name)
    };
    (with(".sigmf-meta"), with(".sigmf-data"))
}

/// As [`pair`], for output: both must be files rather than streams.
///
/// # Errors
/// [`RadioError::Pair`].
pub(crate) fn pair_to_write(path: &Path) -> Result<(PathBuf, PathBuf), RadioError> {
    let (meta_path, data_path) = pair(path);
    if let Some(stream) = [path, &meta_path, &data_path].into_iter().find(|path| is_stream(path)) {
        return Err(RadioError::Pair { path: stream.to_path_buf() });
    }
    Ok((meta_path, data_path))
}

/// Description of a recording apart from its frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// Samples per second.
    pub sample_rate: f64,
    /// Centre frequency in Hz.
    pub frequency: Option<f64>,
    /// Free text.
    pub description: String,
}

impl Head {
    /// The description of samples of `format` with this SHA-512, without annotations.
    pub(crate) fn describe(&self, format: SampleFormat, sha512: &str) -> Document {
        let mut capture = json!({ "core:sample_start": 0 });
        if let Some(hz) = self.frequency {
            capture["core:frequency"] = hz.into();
        }
        let meta: Value = json!({
            "global": {
                "core:datatype": format.datatype(),
                "core:version": VERSION,
                "core:sample_rate": self.sample_rate,
                "core:num_channels": 1,
                "core:sha512": sha512,
                "core:recorder": RECORDER,
                "core:description": self.description,
                "core:extensions": [{ "name": NAMESPACE, "version": NAMESPACE_VERSION, "optional": true }],
            },
            "captures": [capture],
            "annotations": [],
        });
        Document::parse(format!("{meta:#}").as_bytes()).expect("an object")
    }
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
    /// Begins the recording at `path`, named by either of its files or without extension. Its files appear only on
    /// [`Writer::finish`]. An I or Q of `peak` is full scale in the integer formats.
    ///
    /// # Errors
    /// [`RadioError::Sigmf`] for the sample rate, `Iq` for the peak, `Pair` if `path` is not a file, `Write`.
    pub fn create(path: &Path, format: SampleFormat, peak: f32, head: Head) -> Result<Self, RadioError> {
        let (meta_path, data_path) = pair_to_write(path)?;
        let got = head.sample_rate;
        if !got.is_finite() || got <= 0.0 {
            return Err(RadioError::sigmf(&meta_path)(SigmfError::SampleRate { got }));
        }
        let file = Beside::create(&data_path).map_err(RadioError::Write)?;
        let samples = IqWriter::new(Hashed { inner: file, sha512: Sha512::new() }, format, peak);
        let samples = samples.map_err(RadioError::iq(&data_path))?;
        Ok(Self { samples, format, head, data_path, meta_path })
    }

    /// Appends `samples`.
    ///
    /// # Errors
    /// As [`IqWriter::write`], with the path.
    pub fn write(&mut self, samples: &[Complex32]) -> Result<(), RadioError> {
        self.samples.write(samples).map_err(|reason| match reason {
            IqError::Write(reason) => RadioError::Write(reason),
            reason => RadioError::iq(&self.data_path)(reason),
        })
    }

    /// Finishes the recording, with `annotations` in any order.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self, annotations: Vec<Annotation>) -> Result<Written, RadioError> {
        let written = self.samples.written();
        let Hashed { inner: file, sha512 } = self.samples.into_inner();
        let document = self.head.describe(self.format, &hex::encode(&sha512.finalize()));
        let description = document.with_annotations(annotations).map_err(RadioError::sigmf(&self.meta_path))?;
        file.finish().map_err(RadioError::Write)?;
        write_atomic(&self.meta_path, description.as_bytes()).map_err(RadioError::Write)?;
        Ok(written)
    }
}

/// Passes bytes on and hashes them.
#[derive(Debug)]
pub(crate) struct Hashed<W> {
    pub(crate) inner: W,
    pub(crate) sha512: Sha512,
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
