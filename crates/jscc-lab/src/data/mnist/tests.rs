use super::{FILES, LAYOUT, MNIST, PACKED, read};
use crate::data::{DataError, Dataset, FileCheck, gzip::tests::packed, idx::tests::write, shared};
use crate::spec::Split;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const VALIDATION: usize = LAYOUT.held_out;

fn verify(folder: &Path) -> Vec<FileCheck> {
    MNIST.verify(folder)
}

/// A folder with training files of `n` images, image i all of value i mod 251 and label i mod 10.
pub(crate) fn training_folder(n: usize, below: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join(below);
    fs::create_dir_all(&raw).unwrap();
    let pixels: Vec<u8> = (0..n * 784).map(|i| (i / 784 % 251) as u8).collect();
    let labels: Vec<u8> = (0..n).map(|i| (i % 10) as u8).collect();
    fs::write(raw.join(FILES[0].name), write([n, 28, 28], &pixels)).unwrap();
    fs::write(raw.join(format!("{}.gz", FILES[1].name)), packed(&write([n], &labels))).unwrap();
    folder
}

#[test]
fn the_last_images_validate_and_the_first_train() {
    for below in ["", "raw", "MNIST/raw"] {
        let folder = training_folder(VALIDATION + 3, below);
        let train = read(folder.path(), Split::Train).unwrap();
        let validation = read(folder.path(), Split::Validation).unwrap();
        assert_eq!((train.len(), validation.len()), (3, VALIDATION));
        assert_eq!(train.labels, [0, 1, 2]);
        assert_eq!(validation.labels[..3], [3, 4, 5]);
        assert_eq!(validation.images.image(0), [3.0 / 255.0; 784]);
    }
}

#[test]
fn faults_are_told_by_name() {
    let folder = training_folder(VALIDATION, "");
    assert!(matches!(read(folder.path(), Split::Train), Err(DataError::TooFew { got: 5000, .. })));
    let missing = read(folder.path(), Split::Test).unwrap_err();
    assert!(matches!(missing, DataError::MissingMember { name: "t10k-images-idx3-ubyte", .. }));
    assert!(missing.to_string().contains("t10k-images-idx3-ubyte.gz"), "{missing}");

    let test = |file: usize, bytes: &[u8]| fs::write(folder.path().join(FILES[file].name), bytes).unwrap();
    test(2, &write([2, 28, 28], &[0; 2 * 784]));
    test(3, &write([3], &[1, 2, 3]));
    let mismatch = read(folder.path(), Split::Test).unwrap_err();
    assert!(matches!(mismatch, DataError::CountMismatch { images: 2, labels: 3, .. }), "{mismatch}");
    test(3, &write([2], &[1, 10]));
    assert!(matches!(read(folder.path(), Split::Test), Err(DataError::Label { label: 10, index: 1, .. })));
    test(3, &write([2], &[1, 2]));
    assert_eq!(read(folder.path(), Split::Test).unwrap().len(), 2);
    test(2, &write([2, 0, 28], &[]));
    assert!(matches!(read(folder.path(), Split::Test), Err(DataError::ImageSize { got: [0, 28], .. })));
}

#[test]
fn verify_tells_each_file_apart() {
    let folder = training_folder(1, "");
    fs::write(folder.path().join(FILES[2].name), vec![0; FILES[2].size as usize]).unwrap();
    let checks = verify(folder.path());
    assert_eq!(checks.iter().map(|check| check.name).collect::<Vec<_>>(), FILES.map(|file| file.name));
    let faults: Vec<DataError> = checks.into_iter().map(|check| check.result.unwrap_err()).collect();
    assert!(matches!(faults[0], DataError::Length { got: 800, want: 47_040_016, .. }));
    assert!(matches!(faults[1], DataError::Length { got: 9, want: 60_008, .. }));
    assert!(matches!(faults[2], DataError::Checksum { .. }));
    assert!(matches!(faults[3], DataError::MissingMember { .. }));
}

#[test]
fn the_published_files_verify_packed_and_unpacked() {
    let Some(folder) = shared("mnist", "the_published_files_verify_packed_and_unpacked") else { return };
    for check in verify(&folder) {
        let path = check.result.unwrap();
        assert!(path.ends_with(format!("{}.gz", check.name)));
    }
    for file in PACKED {
        let path = folder.join(file.name);
        let mut bytes = fs::read(&path).unwrap();
        file.check(&path, &bytes).unwrap();
        assert!(file.is_at(&path));
        bytes[4] ^= 1;
        assert!(matches!(file.check(&path, &bytes), Err(DataError::Checksum { .. })));
    }
    unpacked_verifies(&folder);
}

fn unpacked_verifies(folder: &Path) {
    let unpacked = tempfile::tempdir().unwrap();
    for file in FILES {
        let bytes = crate::data::gzip::read(&folder.join(format!("{}.gz", file.name)), file.size).unwrap();
        fs::write(unpacked.path().join(file.name), bytes).unwrap();
    }
    assert!(verify(unpacked.path()).iter().all(|check| check.result.is_ok()));
}

#[test]
fn the_published_images_have_the_known_statistics() {
    let Some(folder) = shared("mnist", "the_published_images_have_the_known_statistics") else { return };
    let parts = [Split::Train, Split::Validation].map(|split| read(&folder, split).unwrap());
    assert_eq!(parts.each_ref().map(Dataset::len), [55_000, 5000]);
    assert_eq!(parts[0].labels[..5], [5, 0, 4, 1, 9]);
    let pixels = || parts.iter().flat_map(|part| &part.images.pixels).map(|&pixel| f64::from(pixel));
    let n = 60_000.0 * 784.0;
    let mean = pixels().sum::<f64>() / n;
    let std = (pixels().map(|pixel| (pixel - mean) * (pixel - mean)).sum::<f64>() / n).sqrt();
    assert!((mean - 0.1307).abs() < 5e-5 && (std - 0.3081).abs() < 5e-5, "mean {mean}, std {std}");

    let test = read(&folder, Split::Test).unwrap();
    assert_eq!((test.len(), test.images.shape, &test.labels[..3]), (10_000, [1, 28, 28], &[7, 2, 1][..]));
}

/// Names as on Kaggle and in file managers, in any mixture.
#[test]
fn other_names_are_found() {
    for names in [
        ["train-images.idx3-ubyte", "train-labels.idx1-ubyte"],
        ["train-images.idx3-ubyte.gz", "train-labels-idx1-ubyte"],
        ["TRAIN-IMAGES-IDX3-UBYTE", "Train-Labels.idx1-ubyte.GZ"],
    ] {
        let folder = training_folder(VALIDATION + 3, "raw");
        let raw = folder.path().join("raw");
        fs::rename(raw.join(FILES[0].name), raw.join(names[0])).unwrap();
        fs::rename(raw.join(format!("{}.gz", FILES[1].name)), raw.join(names[1])).unwrap();
        // Kaggle's archive has a folder with the published name beside it.
        fs::create_dir(raw.join(FILES[0].name)).unwrap();
        assert_eq!(read(folder.path(), Split::Train).unwrap().len(), 3, "{names:?}");
        let checks = verify(folder.path());
        let missing = |i: usize| matches!(checks[i].result, Err(DataError::MissingMember { .. }));
        assert!(!missing(0) && !missing(1) && missing(2) && missing(3), "{names:?}");
        fs::write(raw.join(format!("{}.gz", FILES[0].name)), "damaged").unwrap();
        assert!(read(folder.path(), Split::Train).is_err(), "the published name comes first");
    }
}
