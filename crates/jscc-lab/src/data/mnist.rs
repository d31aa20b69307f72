//! MNIST from a user's folder: four IDX files, gzip-compressed or not.
//!
//! Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

use super::idx_set::{self, Layout, NAMES, PLACES};
use super::pinned::{PinnedFile, Sum};
use super::published::{Downloads, Published};
use super::{DataError, Dataset};
use crate::spec::Split;
use std::path::Path;

/// 28x28 images of ten digits, the last 5,000 of the training file for every choice.
const LAYOUT: Layout = Layout { size: [28, 28], classes: 10, held_out: 5000 };

/// The four files: images and labels for training, images and labels for testing.
pub const FILES: [PinnedFile; 4] = [
    PinnedFile {
        name: NAMES[0],
        size: 47_040_016,
        sum: Sum::Sha256("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    },
    PinnedFile {
        name: NAMES[1],
        size: 60_008,
        sum: Sum::Sha256("65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    },
    PinnedFile {
        name: NAMES[2],
        size: 7_840_016,
        sum: Sum::Sha256("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    },
    PinnedFile {
        name: NAMES[3],
        size: 10_008,
        sum: Sum::Sha256("ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    },
];

/// The same as they are published.
pub const PACKED: [PinnedFile; 4] = [
    PinnedFile {
        name: "train-images-idx3-ubyte.gz",
        size: 9_912_422,
        sum: Sum::Sha256("440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    },
    PinnedFile {
        name: "train-labels-idx1-ubyte.gz",
        size: 28_881,
        sum: Sum::Sha256("3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    },
    PinnedFile {
        name: "t10k-images-idx3-ubyte.gz",
        size: 1_648_877,
        sum: Sum::Sha256("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    },
    PinnedFile {
        name: "t10k-labels-idx1-ubyte.gz",
        size: 4542,
        sum: Sum::Sha256("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    },
];

/// MNIST as it is published. Its first mirror is torchvision's choice, the last the origin, over plain HTTP.
pub static MNIST: Published = Published {
    name: "MNIST",
    word: "mnist",
    files: &FILES,
    places: PLACES,
    mirrors: &[
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ],
    downloads: Downloads::Each(&PACKED),
};

/// Reads one split of MNIST from `dir`, or from `MNIST/raw` or `raw` below it: images [1, 28, 28] and labels 0..=9;
/// 55,000 for training, 5,000 for validation, 10,000 for the test.
///
/// Checksums are not compared, so other sets of this layout (Fashion-MNIST) can be read too; see
/// [`Published::verify`].
///
/// # Errors
/// Those of [`idx_set::read`].
pub fn read(dir: &Path, split: Split) -> Result<Dataset, DataError> {
    idx_set::read(dir, split, &LAYOUT)
}

#[cfg(test)]
pub(crate) mod tests;
