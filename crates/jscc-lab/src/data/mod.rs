//! Images and labels, from files or from a generator.

pub mod cifar10;
pub mod digits;
mod error;
pub mod fetch;
pub mod folder;
mod gzip;
pub mod idx;
pub mod idx_set;
pub mod mnist;
pub mod picture;
mod pinned;
mod places;
mod published;

pub use error::DataError;
pub use pinned::{PinnedFile, Sum};
pub use places::Places;
pub use published::{Downloads, FileCheck, Published};

use crate::Error;
use crate::spec::{DataSpec, DigitsSpec, IdxSpec, Spec, SpecError, Split};
use idx_set::Layout;
use std::ops::Range;
use std::path::Path;

/// Images of one shape, one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Images {
    /// Channels, height, width.
    pub shape: [usize; 3],
    /// Pixels [n, channels, height, width] in [0, 1].
    pub pixels: Vec<f32>,
}

impl Images {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / self.image_len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Pixels of one image, n of the bandwidth ratio k/n: channels x height x width.
    pub fn image_len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Image `i` as [channels, height, width].
    pub fn image(&self, i: usize) -> &[f32] {
        self.range(i..i + 1)
    }

    /// The images `range` as [n, channels, height, width].
    pub fn range(&self, range: Range<usize>) -> &[f32] {
        assert!(range.end <= self.len(), "images {range:?} of {}", self.len());
        &self.pixels[range.start * self.image_len()..range.end * self.image_len()]
    }

    /// The mean image.
    pub fn mean(&self) -> Vec<f32> {
        let mut sums = vec![0f64; self.image_len()];
        for image in self.pixels.chunks_exact(self.image_len()) {
            sums.iter_mut().zip(image).for_each(|(sum, pixel)| *sum += f64::from(*pixel));
        }
        sums.into_iter().map(|sum| (sum / self.len() as f64) as f32).collect()
    }

    /// The first `n` images, or all if there are fewer.
    #[must_use]
    pub fn take(mut self, n: usize) -> Self {
        self.pixels.truncate(n.saturating_mul(self.image_len()));
        self
    }
}

/// Images with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The images.
    pub images: Images,
    /// One label per image, or none for pictures from a folder.
    pub labels: Vec<u8>,
}

impl Dataset {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The first `n` images and labels, or all if there are fewer.
    #[must_use]
    pub fn take(mut self, n: usize) -> Self {
        self.labels.truncate(n);
        Dataset { images: self.images.take(n), labels: self.labels }
    }
}

/// Pictures of one split of an experiment file; `dir` replaces the folder named in the file.
pub fn of(spec: &Spec, split: Split, dir: Option<&Path>) -> Result<Dataset, Error> {
    let folder_of = |named: &Path| dir.map_or_else(|| spec.resolve(named), Path::to_path_buf);
    let in_cache = |named: Option<&Path>, set: &Published| {
        named.map_or_else(|| dir.map_or_else(|| fetch::cache_dir(set), Path::to_path_buf), folder_of)
    };
    Ok(match &spec.file.data {
        DataSpec::Mnist(mnist) => mnist::read(&in_cache(mnist.dir.as_deref(), &mnist::MNIST), split)?,
        DataSpec::Cifar10(cifar10) => {
            let dir = in_cache(cifar10.dir.as_deref(), &cifar10::CIFAR10);
            cifar10::read(&dir, split, cifar10.batches.as_deref())?
        }
        &DataSpec::Idx(IdxSpec { ref dir, size, classes, held_out }) => {
            idx_set::read(&folder_of(dir), split, &Layout { size, classes, held_out })?
        }
        DataSpec::Digits(_) if dir.is_some() => return Err(SpecError::drawn(&spec.path).into()),
        DataSpec::Digits(digits) => drawn(digits, split),
        DataSpec::Folder(folder) => folder::read(&folder_of(&folder.dir), spec.source().shape)?,
    })
}

/// What any receiver draws for a lost picture, codec or rival: the mean of the training pictures, which both ends know
/// from the training; mid-grey for a folder, which has none.
pub fn in_place_of_lost(spec: &Spec, dir: Option<&Path>) -> Result<Vec<f32>, Error> {
    match &spec.file.data {
        DataSpec::Folder(_) => Ok(mid_grey(spec.source().shape)),
        DataSpec::Mnist(_) | DataSpec::Cifar10(_) | DataSpec::Idx(_) | DataSpec::Digits(_) => {
            Ok(of(spec, Split::Train, dir)?.images.mean())
        }
    }
}

/// A picture in place of a lost one where nothing is known of the pictures.
pub fn mid_grey(shape: [usize; 3]) -> Vec<f32> {
    vec![0.5; shape.iter().product()]
}

/// The splits are disjoint ranges of one endless stream of digits.
fn drawn(spec: &DigitsSpec, split: Split) -> Dataset {
    let (first, n) = match split {
        Split::Train => (0, spec.images as u64),
        Split::Validation => (1 << 40, 1000),
        Split::Test => (1 << 41, 1000),
    };
    digits::dataset(spec.seed, first..first + n)
}

/// A real data set of the shared folder; reports a skipped test on machines without it.
#[cfg(test)]
fn shared(set: &str, test: &str) -> Option<std::path::PathBuf> {
    use std::io::Write;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(set);
    if !folder.is_dir() {
        // Bypasses the test harness, which hides the output of passing tests.
        writeln!(std::io::stderr(), "skipped: {test}: no shared/data/{set}").expect("the error stream is open");
        return None;
    }
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::{Dataset, Images};

    #[test]
    fn images_are_cut_at_their_borders() {
        let images = Images { shape: [1, 2, 2], pixels: (0..12).map(|p| p as f32).collect() };
        assert_eq!((images.len(), images.image_len()), (3, 4));
        assert_eq!(images.image(1), [4.0, 5.0, 6.0, 7.0]);
        assert_eq!(images.range(1..3), &images.pixels[4..]);
        let dataset = Dataset { images, labels: vec![7, 8, 9] };
        assert_eq!(dataset.clone().take(usize::MAX), dataset);
        let first = dataset.take(2);
        assert_eq!((first.len(), first.labels), (2, vec![7, 8]));
    }
}
