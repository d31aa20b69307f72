//! CIFAR-10 from a user's folder: the files of its binary version, gzip-compressed or not.
//!
//! Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.

use super::pinned::{PinnedFile, Sum};
use super::places::Places;
use super::published::{Downloads, Published};
use super::{DataError, Dataset, Images, gzip};
use crate::spec::Split;
use jscc_nn::method::Source;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes of an image: 1024 of red, of green and of blue, each row by row.
const N_PIXELS: usize = 3 * 32 * 32;
/// Bytes of a record: the label and the image.
const RECORD: usize = 1 + N_PIXELS;
/// Images of a file.
const PER_FILE: usize = 10_000;
/// Bytes of a file; it has no header.
const FILE_SIZE: u64 = (PER_FILE * RECORD) as u64;
/// Training images set aside for validation: the last ones of the last batch taken.
const VALIDATION: usize = 2000;

const FOLDER: &str = "cifar-10-batches-bin";

/// The fetched files come first, so that they replace damaged ones.
const PLACES: Places = Places { folders: &[FOLDER, ""], endings: ["", ".gz"] };

const fn batch(name: &'static str, md5: &'static str) -> PinnedFile {
    PinnedFile { name, size: FILE_SIZE, sum: Sum::Md5(md5) }
}

/// The six files: five batches for training, and the test batch.
pub const FILES: [PinnedFile; 6] = [
    batch("data_batch_1.bin", "5dd7e06a14cb22eb9f671a540d1b7c25"),
    batch("data_batch_2.bin", "5ea93a67294ea407fff1d09f752e9692"),
    batch("data_batch_3.bin", "942cd6a4bcdd0dd3c604fbe906cb4421"),
    batch("data_batch_4.bin", "ae636b3ba5c66a11e91e8cb52e771fcb"),
    batch("data_batch_5.bin", "53f37980c15c3d472c316c40844f3f0d"),
    batch("test_batch.bin", "803d5f7f4d78ea53de84dbe85f74fb6d"),
];

/// CIFAR-10 as it is published.
pub static CIFAR10: Published = Published {
    name: "CIFAR-10",
    word: "cifar10",
    files: &FILES,
    places: PLACES,
    mirrors: &["https://www.cs.toronto.edu/~kriz/"],
    downloads: Downloads::Archive {
        file: PinnedFile {
            name: "cifar-10-binary.tar.gz",
            size: 170_052_171,
            sum: Sum::Sha256("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
        },
        folder: FOLDER,
    },
};

/// Reads one split from `dir`, or from `cifar-10-batches-bin` in it: images [3, 32, 32] in [0, 1] and labels 0..=9.
///
/// Training images are those of `batches`, numbered 1 to 5 and read in rising order, or of all batches that are there;
/// the last 2,000 of them are the validation split. The test split is the test batch. Checksums are not compared; see
/// [`Published::verify`].
///
/// # Errors
/// [`DataError::MissingMember`], `Read`, `Gzip`, `Length`, `TooLarge`, `Label`.
pub fn read(dir: &Path, split: Split, batches: Option<&[u8]>) -> Result<Dataset, DataError> {
    let parts = parts(dir, split, batches)?;
    let n: usize = parts.iter().map(|(_, range)| range.len()).sum();
    let mut pixels = Vec::with_capacity(n * N_PIXELS);
    let mut labels = Vec::with_capacity(n);
    for (path, range) in parts {
        for record in &records(&path)?.as_chunks::<RECORD>().0[range] {
            labels.push(record[0]);
            pixels.extend(record[1..].iter().map(|&level| f32::from(level) / 255.0));
        }
    }
    Ok(Dataset { images: Images { shape: Source::CIFAR10.shape, pixels }, labels })
}

/// The files of a split, and which of their images belong to it.
fn parts(dir: &Path, split: Split, batches: Option<&[u8]>) -> Result<Vec<(PathBuf, Range<usize>)>, DataError> {
    let [.., test] = FILES;
    if split == Split::Test {
        return Ok(vec![(PLACES.find(dir, test.name)?, 0..PER_FILE)]);
    }
    let mut parts: Vec<_> = training(dir, batches)?.into_iter().map(|path| (path, 0..PER_FILE)).collect();
    let border = PER_FILE - VALIDATION;
    let (last, range) = parts.last_mut().expect("at least one batch is taken");
    if split == Split::Train {
        range.end = border;
    } else {
        parts = vec![(last.clone(), border..PER_FILE)];
    }
    Ok(parts)
}

/// The files of the batches, or of all that are there.
fn training(dir: &Path, batches: Option<&[u8]>) -> Result<Vec<PathBuf>, DataError> {
    let find = |batch: u8| PLACES.find(dir, FILES[usize::from(batch) - 1].name);
    if let Some(batches) = batches {
        let mut batches = batches.to_vec();
        batches.sort_unstable();
        return batches.into_iter().map(find).collect();
    }
    let [all @ .., _] = &FILES;
    let there: Vec<_> = all.iter().filter_map(|file| PLACES.find(dir, file.name).ok()).collect();
    if there.is_empty() { Ok(vec![find(1)?]) } else { Ok(there) }
}

/// The bytes of a whole file, its labels checked.
fn records(path: &Path) -> Result<Vec<u8>, DataError> {
    let bytes = gzip::read(path, FILE_SIZE)?;
    if bytes.len() as u64 != FILE_SIZE {
        return Err(DataError::Length { path: path.into(), got: bytes.len() as u64, want: FILE_SIZE });
    }
    DataError::check_labels(path, bytes.iter().step_by(RECORD).copied(), Source::CIFAR10.classes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
