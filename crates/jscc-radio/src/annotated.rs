//! A copy of a recording with an annotation per frame: the bytes of the samples and the metadata of others are kept.

use crate::files::write_atomic;
use crate::sigmf::file::{self, Hashed};
use crate::sigmf::{Annotation, Document, Head, SigmfError};
use crate::source::Source;
use crate::{Beside, FrameNote, RadioError, hex};
use sha2::{Digest, Sha512};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Written while a recording is read.
pub struct Annotated {
    /// `None` if the recording is annotated in place, whose samples stay as they are.
    data: Option<Hashed<Beside>>,
    meta_path: PathBuf,
    description: Description,
    /// Trailing bytes of an incomplete sample.
    odd: Vec<u8>,
    annotations: Vec<Annotation>,
}

/// Description of the copy.
enum Description {
    /// The recording's own description.
    Kept(Document),
    /// A new description of raw samples.
    New(Head),
}

impl Annotated {
    /// Begins the copy of `source` at `path`, named by either of its files or without extension. Its files appear only
    /// on [`Annotated::finish`].
    ///
    /// # Errors
    /// [`RadioError::Sigmf`] for a name of an archive, or a description that cannot be kept; `Pair` if `path` is not a
    /// file; `Write`.
    pub fn create(path: &Path, source: &mut Source) -> Result<Self, RadioError> {
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sigmf")) {
            return Err(RadioError::sigmf(path)(SigmfError::ArchiveName));
        }
        let (meta_path, data_path) = file::pair_to_write(path)?;
        let description = match source.document() {
            Some(document) => {
                document.with_annotations(Vec::new()).map_err(RadioError::sigmf(source.path()))?;
                Description::Kept(document.clone())
            }
            None => Description::New(Head {
                sample_rate: source.sample_rate(),
                frequency: None,
                description: source.path().display().to_string(),
            }),
        };
        let is_itself = source.data_path().is_some_and(|data| is_same(data, &data_path));
        let data = if is_itself {
            None
        } else {
            source.keep_bytes();
            let inner = Beside::create(&data_path).map_err(RadioError::Write)?;
            Some(Hashed { inner, sha512: Sha512::new() })
        };
        Ok(Self { data, meta_path, description, odd: Vec::new(), annotations: Vec::new() })
    }

    /// Copies the bytes read from `source` since the last call.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn copy(&mut self, source: &mut Source) -> Result<(), RadioError> {
        let Some(data) = &mut self.data else { return Ok(()) };
        self.odd.extend(source.take_bytes());
        let whole = self.odd.len() - self.odd.len() % source.format().sample_bytes();
        data.write_all(&self.odd[..whole]).map_err(RadioError::Write)?;
        self.odd.drain(..whole);
        Ok(())
    }

    /// Adds a frame of `source`.
    pub fn note(&mut self, note: FrameNote, source: &Source) {
        let frequency = source.frequency(note.start);
        self.annotations.push(Annotation::of(note, source.offset(), frequency));
    }

    /// Finishes both files.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self, source: &Source) -> Result<(), RadioError> {
        let sha512 = match self.data {
            None => None,
            Some(mut data) => {
                // Odd bytes have no place in a new recording; an existing one must keep the bytes of its hash.
                if matches!(self.description, Description::Kept(_)) {
                    data.write_all(&self.odd).map_err(RadioError::Write)?;
                }
                data.inner.finish().map_err(RadioError::Write)?;
                Some(hex::encode(&data.sha512.finalize()))
            }
        };
        let document = match self.description {
            Description::Kept(document) => document,
            Description::New(head) => head.describe(source.format(), &sha512.unwrap_or_default()),
        };
        let description = document.with_annotations(self.annotations);
        let description = description.map_err(RadioError::sigmf(&self.meta_path))?;
        write_atomic(&self.meta_path, description.as_bytes()).map_err(RadioError::Write)
    }
}

/// Whether both paths lead to one file.
fn is_same(a: &Path, b: &Path) -> bool {
    fs::canonicalize(a).is_ok_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
}
