//! Sets of images and labels in four IDX files, gzip-compressed or not: MNIST and its relatives.

use super::places::Places;
use super::{DataError, Dataset, Images, idx};
use crate::spec::Split;
use std::path::Path;

/// The four files without `.gz`: images and labels for training, images and labels for testing.
pub const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// Where a plain download or torchvision puts them.
pub(super) const PLACES: Places = Places { folders: &["", "MNIST/raw", "raw"], endings: [".gz", ""] };

/// What is known of a set before its files are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Height and width of an image.
    pub size: [usize; 2],
    /// Number of classes; labels are below it.
    pub classes: usize,
    /// Images of the training file set aside for validation: its last ones.
    pub held_out: usize,
}

/// Reads one split from `dir`, or from `MNIST/raw` or `raw` below it: images [1, height, width] in [0, 1] and labels
/// below `classes`. Validation is the last `held_out` images of the training file.
///
/// # Errors
/// One variant per fault: [`DataError::MissingMember`], those of [`idx::read`], `ImageSize`, `Label`, `CountMismatch`,
/// `TooFew`.
pub fn read(dir: &Path, split: Split, layout: &Layout) -> Result<Dataset, DataError> {
    let [train_images, train_labels, test_images, test_labels] = NAMES;
    let names = if split == Split::Test { [test_images, test_labels] } else { [train_images, train_labels] };
    let (images_path, labels_path) = (PLACES.find(dir, names[0])?, PLACES.find(dir, names[1])?);
    let idx::Idx { dims: [images, height, width], bytes: pixels } = idx::read::<3>(&images_path)?;
    if [height, width] != layout.size {
        return Err(DataError::ImageSize { path: images_path, got: [height, width], want: layout.size });
    }
    let labels = read_labels(&labels_path, layout.classes)?;
    if labels.len() != images {
        return Err(DataError::CountMismatch { images_path, images, labels_path, labels: labels.len() });
    }
    let want = if split == Split::Test { 0 } else { layout.held_out };
    if images <= want {
        return Err(DataError::TooFew { path: images_path, got: images, want });
    }
    let range = match split {
        Split::Train => 0..images - want,
        Split::Validation => images - want..images,
        Split::Test => 0..images,
    };
    let pixels = &pixels[range.start * height * width..range.end * height * width];
    let pixels = pixels.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    Ok(Dataset { images: Images { shape: [1, height, width], pixels }, labels: labels[range].to_vec() })
}

fn read_labels(path: &Path, classes: usize) -> Result<Vec<u8>, DataError> {
    let labels = idx::read::<1>(path)?.bytes;
    DataError::check_labels(path, labels.iter().copied(), classes)?;
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::{Layout, NAMES, read};
    use crate::data::{DataError, idx::tests::write};
    use crate::spec::Split;
    use std::fs;

    /// Sides, classes and number held out are the user's; what the files hold is checked against them.
    #[test]
    fn a_set_of_another_size_is_read_as_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = |place: usize, bytes: Vec<u8>| fs::write(folder.path().join(NAMES[place]), bytes).unwrap();
        file(0, write([5, 2, 3], &(0..30).collect::<Vec<u8>>()));
        file(1, write([5], &[0, 1, 2, 3, 46]));
        let layout = Layout { size: [2, 3], classes: 47, held_out: 2 };
        let read = |split, layout| read(folder.path(), split, &layout);
        let [train, validation] = [Split::Train, Split::Validation].map(|split| read(split, layout).unwrap());
        assert_eq!((train.images.shape, &train.labels[..]), ([1, 2, 3], &[0, 1, 2][..]));
        assert_eq!(validation.labels, [3, 46]);
        assert_eq!(validation.images.image(0), [18, 19, 20, 21, 22, 23].map(|level| level as f32 / 255.0));

        let error = read(Split::Train, Layout { size: [3, 2], ..layout }).unwrap_err();
        assert!(matches!(error, DataError::ImageSize { got: [2, 3], want: [3, 2], .. }), "{error}");
        let error = read(Split::Train, Layout { classes: 46, ..layout }).unwrap_err();
        assert!(matches!(error, DataError::Label { label: 46, index: 4, classes: 46, .. }), "{error}");
        assert!(error.to_string().contains("want 0 to 45"), "{error}");
        let error = read(Split::Validation, Layout { held_out: 5, ..layout }).unwrap_err();
        assert!(matches!(error, DataError::TooFew { got: 5, want: 5, .. }), "{error}");
    }
}
