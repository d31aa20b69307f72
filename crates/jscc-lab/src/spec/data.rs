//! The `[data]` table: where pictures come from. It opens none of them.

use super::values;
use jscc_nn::method::Source;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Source of pictures.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DataSpec {
    /// MNIST from a folder.
    Mnist(MnistSpec),
    /// CIFAR-10 from a folder.
    Cifar10(Cifar10Spec),
    /// A set of four IDX files, named as MNIST's and of any size, such as Fashion-MNIST.
    Idx(IdxSpec),
    /// Synthetic digits, drawn from a seed.
    Digits(DigitsSpec),
    /// A folder of PNG and JPEG files, scaled to 28x28 grey; every split is the whole folder.
    Folder(FolderSpec),
}

/// `[data.mnist]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MnistSpec {
    /// Folder of the four files; by default where `jscc data fetch mnist` puts them.
    pub dir: Option<PathBuf>,
}

/// `[data.cifar10]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cifar10Spec {
    /// Folder of the batches; by default where `jscc data fetch cifar10` puts them.
    pub dir: Option<PathBuf>,
    /// Training batches taken, 1 to 5; by default all that are there. The last 2,000 of their pictures validate.
    #[serde(default, deserialize_with = "values::batches")]
    pub batches: Option<Vec<u8>>,
}

/// `[data.idx]`. The files are checked against what it says of them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IdxSpec {
    /// Folder of the four files.
    pub dir: PathBuf,
    /// Height and width of a picture; by default MNIST's.
    #[serde(default = "values::default_size", deserialize_with = "values::size")]
    pub size: [usize; 2],
    /// Number of classes; labels are below it.
    #[serde(default = "values::default_classes", deserialize_with = "values::classes")]
    pub classes: usize,
    /// Last pictures of the training file that validate.
    #[serde(default = "values::default_held_out", deserialize_with = "values::at_least_one")]
    pub held_out: usize,
}

/// `[data.digits]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DigitsSpec {
    /// Seed of the generator.
    pub seed: u64,
    /// Pictures in the training split.
    #[serde(deserialize_with = "values::drawn")]
    pub images: usize,
}

/// `[data.folder]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FolderSpec {
    /// The folder.
    pub dir: PathBuf,
}

impl DataSpec {
    /// The pictures' shape and number of classes.
    pub(super) fn source(&self) -> Source {
        match self {
            DataSpec::Mnist(_) | DataSpec::Digits(_) | DataSpec::Folder(_) => Source::MNIST,
            DataSpec::Cifar10(_) => Source::CIFAR10,
            DataSpec::Idx(IdxSpec { size: [height, width], classes, .. }) => {
                Source { shape: [1, *height, *width], classes: *classes }
            }
        }
    }

    /// Name of the data, for tables and cards.
    pub(super) fn name(&self) -> String {
        match self {
            DataSpec::Mnist(_) => "MNIST".to_owned(),
            DataSpec::Cifar10(Cifar10Spec { batches: None, .. }) => "CIFAR-10".to_owned(),
            DataSpec::Cifar10(Cifar10Spec { batches: Some(batches), .. }) => {
                let batches: Vec<_> = batches.iter().map(u8::to_string).collect();
                format!("CIFAR-10, training batches {}", batches.join(", "))
            }
            DataSpec::Idx(spec) => format!("IDX files of {}", spec.dir.display()),
            DataSpec::Digits(spec) => format!("synthetic digits, seed {}", spec.seed),
            DataSpec::Folder(spec) => format!("pictures of {}", spec.dir.display()),
        }
    }
}
