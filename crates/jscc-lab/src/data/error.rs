//! What can be wrong with a user's data.

use super::picture::PictureFault;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A fault in a data file or folder: which one, what is wrong, what to do.
#[derive(Debug, Error)]
pub enum DataError {
    /// Nothing lies at the path.
    #[error("{path}: no such file or folder; check the path")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file of a data set is in none of the places it may be in.
    #[error(
        "{folder}: holds neither {name} nor {name}.gz, nor does a folder MNIST/raw or raw in it; fetch the data set or name its folder"
    )]
    MissingMember {
        /// The folder given.
        folder: PathBuf,
        /// The file's name without `.gz`.
        name: &'static str,
    },
    /// The system cannot read the file or folder.
    #[error("{path}: cannot be read ({reason}); check its kind and permissions")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// The file begins as gzip but does not end as such.
    #[error("{path}: truncated or damaged gzip file ({reason}); fetch it again")]
    Gzip {
        /// The file.
        path: PathBuf,
        /// The decoder's reason.
        reason: io::Error,
    },
    /// The file holds more bytes, once unpacked, than any file of its kind.
    #[error("{path}: more than {limit} bytes once unpacked, too many for this kind of file; fetch it again")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Most bytes allowed.
        limit: u64,
    },
    /// The first four bytes are not those of the wanted kind of IDX file.
    #[error(
        "{path}: begins with {got:#010x}, an IDX file of this kind with {want:#010x}; is it another file, or a web page saved by mistake?"
    )]
    Magic {
        /// The file.
        path: PathBuf,
        /// First four bytes, big-endian.
        got: u32,
        /// What they should be.
        want: u32,
    },
    /// The file is shorter or longer than its header (or the published file) says.
    #[error("{path}: {got} bytes, want {want}; it is cut short or damaged: fetch it again")]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes there are.
        got: u64,
        /// Bytes there should be; the largest number where the header's product is beyond it.
        want: u64,
    },
    /// Images and labels do not belong together.
    #[error("{images_path} holds {images} images but {labels_path} holds {labels} labels; take both from one source")]
    CountMismatch {
        /// File of images.
        images_path: PathBuf,
        /// Number of images.
        images: usize,
        /// File of labels.
        labels_path: PathBuf,
        /// Number of labels.
        labels: usize,
    },
    /// The file has too few images: none, or no more than are set aside for validation.
    #[error("{path}: {got} images, want more than {want}; fetch the whole file")]
    TooFew {
        /// The file.
        path: PathBuf,
        /// Images there are.
        got: usize,
        /// Images that are not enough.
        want: usize,
    },
    /// The images are not of the wanted size.
    #[error("{path}: images of {}x{}, want {}x{}; give a data set of that size", got[0], got[1], want[0], want[1])]
    ImageSize {
        /// The file.
        path: PathBuf,
        /// Height and width there are.
        got: [usize; 2],
        /// Height and width there should be.
        want: [usize; 2],
    },
    /// A label is not a digit.
    #[error("{path}: label {label} at {index}, want 0 to 9; give a data set of digits")]
    Label {
        /// The file.
        path: PathBuf,
        /// The label.
        label: u8,
        /// Its place in the file.
        index: usize,
    },
    /// The content is not the published one.
    #[error("{path}: SHA-256 is {got}, want {want}; fetch it again")]
    Checksum {
        /// The file.
        path: PathBuf,
        /// SHA-256 there is, in hexadecimal.
        got: String,
        /// SHA-256 there should be.
        want: &'static str,
    },
    /// The file of an image has no byte.
    #[error("{path}: an empty file, not an image; remove or replace it")]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is no picture that can be read.
    #[error("{path}: {reason}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: PictureFault,
    },
    /// The folder has no image in it.
    #[error("{path}: no file that ends in .png, .jpg or .jpeg; name the folder that holds the images itself")]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
}

impl DataError {
    /// The fault behind the system's refusal to open or read `path`.
    pub(super) fn read(path: &Path, reason: io::Error) -> Self {
        let path = path.to_path_buf();
        if reason.kind() == io::ErrorKind::NotFound { Self::Missing { path } } else { Self::Read { path, reason } }
    }
}

impl From<DataError> for crate::Error {
    fn from(error: DataError) -> Self {
        Self::Data(Box::new(error))
    }
}
