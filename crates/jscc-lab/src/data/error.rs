//! Faults of a user's data.

use super::picture::PictureFault;
use super::pinned::Sum;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A fault of a data file or folder: the path, the fault, the remedy.
#[derive(Debug, Error)]
pub enum DataError {
    /// There is nothing at the path.
    #[error("{path}: no such file or folder; check the path")]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// A file of a data set is in none of its possible places.
    #[error(
        "{folder}: holds neither {name} nor {name}.gz, nor does a folder {below} in it; fetch the data set or name its folder"
    )]
    MissingMember {
        /// The folder given.
        folder: PathBuf,
        /// The file's name without `.gz`.
        name: &'static str,
        /// The folders below it where the file may also be.
        below: String,
    },
    /// The system cannot read the file or folder.
    #[error("{path}: cannot be read ({reason}); check its kind and permissions")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// The file begins as gzip but is truncated or damaged.
    #[error("{path}: truncated or damaged gzip file ({reason}); fetch it again")]
    Gzip {
        /// The file.
        path: PathBuf,
        /// The decoder's reason.
        reason: io::Error,
    },
    /// The unpacked file is larger than any file of its kind.
    #[error("{path}: more than {limit} bytes once unpacked, too many for this kind of file; fetch it again")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Most bytes allowed.
        limit: u64,
    },
    /// The first four bytes are not those of the expected kind of IDX file.
    #[error(
        "{path}: begins with {got:#010x}, an IDX file of this kind with {want:#010x}; is it another file, or a web page saved by mistake?"
    )]
    Magic {
        /// The file.
        path: PathBuf,
        /// First four bytes, big-endian.
        got: u32,
        /// Expected bytes.
        want: u32,
    },
    /// The file is shorter or longer than its header (or the published file) says.
    #[error("{path}: {got} bytes, want {want}; it is cut short or damaged: fetch it again")]
    Length {
        /// The file.
        path: PathBuf,
        /// Actual size in bytes.
        got: u64,
        /// Expected size in bytes; `u64::MAX` if the header's product overflows.
        want: u64,
    },
    /// The numbers of images and labels differ.
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
    /// The file has too few images: none, or no more than the validation split takes.
    #[error("{path}: {got} images, want more than {want}; fetch the whole file")]
    TooFew {
        /// The file.
        path: PathBuf,
        /// Actual number of images.
        got: usize,
        /// The number that must be exceeded.
        want: usize,
    },
    /// The images have another size.
    #[error("{path}: images of {}x{}, want {}x{}; give a data set of that size, or its `size` in [data.idx]", got[0], got[1], want[0], want[1])]
    ImageSize {
        /// The file.
        path: PathBuf,
        /// Actual height and width.
        got: [usize; 2],
        /// Expected height and width.
        want: [usize; 2],
    },
    /// A label is beyond the classes.
    #[error("{path}: label {label} at {index}, want 0 to {}; give a data set of {classes} classes", classes - 1)]
    Label {
        /// The file.
        path: PathBuf,
        /// The label.
        label: u8,
        /// Its place in the file.
        index: usize,
        /// Number of classes.
        classes: usize,
    },
    /// The content differs from the published file.
    #[error("{path}: {} is {got}, want {}; fetch it again", want.algorithm(), want.hex())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// Actual checksum, in hexadecimal.
        got: String,
        /// Expected checksum.
        want: Sum,
    },
    /// An archive cannot be unpacked.
    #[error("{path}: cannot be unpacked ({reason}); remove it and fetch the data set again")]
    Archive {
        /// The archive.
        path: PathBuf,
        /// The system's or the decoder's reason.
        reason: io::Error,
    },
    /// The image file is empty.
    #[error("{path}: an empty file, not an image; remove or replace it")]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a readable picture.
    #[error("{path}: {reason}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// The fault of the picture.
        reason: PictureFault,
    },
    /// The folder contains no image.
    #[error("{path}: no file that ends in .png, .jpg or .jpeg; name the folder that holds the images itself")]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
}

impl DataError {
    /// The fault for an error of the system on opening or reading `path`.
    pub(super) fn read(path: &Path, reason: io::Error) -> Self {
        let path = path.to_path_buf();
        if reason.kind() == io::ErrorKind::NotFound { Self::Missing { path } } else { Self::Read { path, reason } }
    }

    /// Refuses a label of `path` that is not below `classes`.
    pub(super) fn check_labels(path: &Path, labels: impl Iterator<Item = u8>, classes: usize) -> Result<(), Self> {
        let beyond = labels.enumerate().find(|&(_, label)| usize::from(label) >= classes);
        beyond.map_or(Ok(()), |(index, label)| Err(Self::Label { path: path.into(), label, index, classes }))
    }
}

impl From<DataError> for crate::Error {
    fn from(error: DataError) -> Self {
        Self::Data(Box::new(error))
    }
}
