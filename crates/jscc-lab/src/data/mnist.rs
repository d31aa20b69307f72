//! MNIST from a user's folder: four IDX files, gzip-compressed or not.
//!
//! Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

use super::{DataError, Dataset, Images, gzip, idx};
use jscc_radio::files;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Images of the training file set aside for validation: its last ones.
const VALIDATION: usize = 5000;
/// Height and width of an image.
const SIZE: [usize; 2] = [28, 28];

/// A split of MNIST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The first 55,000 images of the training file.
    Train,
    /// The last 5,000 images of the training file, for every choice.
    Validation,
    /// The 10,000 images of the test file, to be used once.
    Test,
}

/// One published file, compressed and unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinnedFile {
    /// Name without `.gz`.
    pub name: &'static str,
    /// Bytes of the `.gz` file.
    pub packed_size: u64,
    /// SHA-256 of the `.gz` file, in hexadecimal.
    pub packed_sha256: &'static str,
    /// Bytes of the unpacked file.
    pub size: u64,
    /// SHA-256 of the unpacked file, in hexadecimal.
    pub sha256: &'static str,
}

/// The four files: images and labels for training, images and labels for testing.
pub const FILES: [PinnedFile; 4] = [
    PinnedFile {
        name: "train-images-idx3-ubyte",
        packed_size: 9_912_422,
        packed_sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        size: 47_040_016,
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    PinnedFile {
        name: "train-labels-idx1-ubyte",
        packed_size: 28_881,
        packed_sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        size: 60_008,
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    PinnedFile {
        name: "t10k-images-idx3-ubyte",
        packed_size: 1_648_877,
        packed_sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        size: 7_840_016,
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    PinnedFile {
        name: "t10k-labels-idx1-ubyte",
        packed_size: 4542,
        packed_sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        size: 10_008,
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

/// URLs of the published `.gz` files: append a name and `.gz`. The first is torchvision's choice, the last the origin,
/// over plain HTTP: trust no download before [`PinnedFile::check_packed`].
pub const MIRRORS: [&str; 3] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
];

impl PinnedFile {
    /// Checks that `bytes`, downloaded for `path`, are the published `.gz` file.
    ///
    /// # Errors
    /// [`DataError::Length`] or [`DataError::Checksum`].
    pub fn check_packed(&self, path: &Path, bytes: &[u8]) -> Result<(), DataError> {
        check(path, bytes, self.packed_size, self.packed_sha256)
    }

    /// Path of the file in or below `dir`, where torchvision or a plain download puts it.
    fn find(&self, dir: &Path) -> Result<PathBuf, DataError> {
        if !dir.is_dir() {
            let kind = if dir.exists() { ErrorKind::NotADirectory } else { ErrorKind::NotFound };
            return Err(DataError::read(dir, kind.into()));
        }
        let places = ["", "MNIST/raw", "raw"].map(|below| dir.join(below));
        let found = places.iter().find_map(|place| self.find_at(place));
        found.ok_or_else(|| DataError::MissingMember { folder: dir.into(), name: self.name })
    }

    /// The file in the folder `place`, compressed or not, also under the name `train-images.idx3-ubyte` of some copies,
    /// or in capitals. The published name takes precedence.
    fn find_at(&self, place: &Path) -> Option<PathBuf> {
        let packed = format!("{}.gz", self.name);
        let published = [&packed, self.name].map(|name| place.join(name));
        if let Some(path) = published.into_iter().find(|path| path.is_file()) {
            return Some(path);
        }
        let entries = fs::read_dir(place).ok()?.flatten().map(|entry| entry.path());
        let is_it = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            let name = name.replacen(".idx", "-idx", 1);
            (name == packed || name == self.name) && path.is_file()
        };
        let mut others: Vec<_> = entries.filter(is_it).collect();
        others.sort();
        others.into_iter().next()
    }

    /// Compares the unpacked content, so that a recompressed file passes too.
    pub(super) fn verify(&self, dir: &Path) -> Result<PathBuf, DataError> {
        let path = self.find(dir)?;
        check(&path, &gzip::read(&path, self.size)?, self.size, self.sha256)?;
        Ok(path)
    }
}

fn check(path: &Path, bytes: &[u8], size: u64, sha256: &'static str) -> Result<(), DataError> {
    if bytes.len() as u64 != size {
        return Err(DataError::Length { path: path.into(), got: bytes.len() as u64, want: size });
    }
    let got = files::sha256(bytes);
    if got != sha256 {
        return Err(DataError::Checksum { path: path.into(), got, want: sha256 });
    }
    Ok(())
}

/// Result of [`verify`] for one file.
#[derive(Debug)]
pub struct FileCheck {
    /// Name without `.gz`.
    pub name: &'static str,
    /// Path of the intact file, or its fault.
    pub result: Result<PathBuf, DataError>,
}

/// Compares the content of the four files at or below `dir` with the published one.
pub fn verify(dir: &Path) -> Vec<FileCheck> {
    FILES.iter().map(|file| FileCheck { name: file.name, result: file.verify(dir) }).collect()
}

/// Reads one split of MNIST from `dir`, or from `MNIST/raw` or `raw` below it: images [1, 28, 28] and labels 0..=9.
///
/// Checksums are not compared, so other sets of this layout (Fashion-MNIST) can be read too; see [`verify`].
///
/// # Errors
/// One variant per fault: [`DataError::MissingMember`], those of [`idx::read`], `ImageSize`, `Label`, `CountMismatch`,
/// `TooFew`.
pub fn read(dir: &Path, split: Split) -> Result<Dataset, DataError> {
    let [train_images, train_labels, test_images, test_labels] = FILES;
    let (images_path, labels_path) = match split {
        Split::Train | Split::Validation => (train_images.find(dir)?, train_labels.find(dir)?),
        Split::Test => (test_images.find(dir)?, test_labels.find(dir)?),
    };
    let idx::Idx { dims: [images, height, width], bytes: pixels } = idx::read::<3>(&images_path)?;
    if [height, width] != SIZE {
        return Err(DataError::ImageSize { path: images_path, got: [height, width], want: SIZE });
    }
    let labels = read_labels(&labels_path)?;
    if labels.len() != images {
        return Err(DataError::CountMismatch { images_path, images, labels_path, labels: labels.len() });
    }
    let want = if split == Split::Test { 0 } else { VALIDATION };
    if images <= want {
        return Err(DataError::TooFew { path: images_path, got: images, want });
    }
    let range = match split {
        Split::Train => 0..images - VALIDATION,
        Split::Validation => images - VALIDATION..images,
        Split::Test => 0..images,
    };
    let pixels = &pixels[range.start * height * width..range.end * height * width];
    let pixels = pixels.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    Ok(Dataset { images: Images { shape: [1, height, width], pixels }, labels: labels[range].to_vec() })
}

fn read_labels(path: &Path) -> Result<Vec<u8>, DataError> {
    let labels = idx::read::<1>(path)?.bytes;
    match labels.iter().position(|&label| label > 9) {
        Some(index) => Err(DataError::Label { path: path.into(), label: labels[index], index }),
        None => Ok(labels),
    }
}

impl From<crate::spec::Split> for Split {
    fn from(split: crate::spec::Split) -> Self {
        match split {
            crate::spec::Split::Train => Self::Train,
            crate::spec::Split::Validation => Self::Validation,
            crate::spec::Split::Test => Self::Test,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
