use super::{CIFAR10, FILE_SIZE, FILES, FOLDER, N_PIXELS, PER_FILE, RECORD, VALIDATION, read};
use crate::data::gzip::tests::packed;
use crate::data::{DataError, Sum, shared};
use crate::spec::Split;
use std::fs;
use std::path::Path;

/// A file of a batch: image i all of value (i + `first`) mod 251, label i mod 10.
fn batch(first: usize) -> Vec<u8> {
    let record = |i: usize| {
        let mut record = vec![((i + first) % 251) as u8; RECORD];
        record[0] = (i % 10) as u8;
        record
    };
    (0..PER_FILE).flat_map(record).collect()
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

#[test]
fn the_last_images_validate_and_the_first_train() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "data_batch_2.bin.gz", packed(&batch(2)));
    write(&folder.path().join(FOLDER), "data_batch_4.bin", batch(4));
    let read = |split, batches: &[u8]| read(folder.path(), split, Some(batches)).unwrap();
    let (train, validation) = (read(Split::Train, &[4, 2]), read(Split::Validation, &[4, 2]));
    assert_eq!((train.images.shape, train.len(), train.labels.len()), ([3, 32, 32], 18_000, 18_000));
    assert_eq!((validation.len(), validation.labels.len()), (VALIDATION, VALIDATION));
    let level = |value: usize| [(value % 251) as f32 / 255.0; N_PIXELS];
    assert_eq!(train.images.image(7), level(7 + 2), "batch 2 comes first, however they are named");
    assert_eq!((train.images.image(10_007), train.labels[10_007]), (&level(7 + 4)[..], 7));
    assert_eq!((validation.images.image(3), validation.labels[3]), (&level(8003 + 4)[..], 3));
    assert_eq!(read(Split::Validation, &[2]).images.image(0), level(8000 + 2));
    let all = super::read(folder.path(), Split::Train, None).unwrap();
    assert!(all == train, "the batches that are there");
}

#[test]
fn red_green_and_blue_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = vec![0; FILE_SIZE as usize];
    bytes[1..=N_PIXELS].iter_mut().zip(0..).for_each(|(level, at)| *level = (at / 1024 * 100 + at % 32) as u8);
    write(folder.path(), "test_batch.bin.gz", packed(&bytes));
    let test = read(folder.path(), Split::Test, None).unwrap();
    let image = test.images.image(0);
    // Row 1, column 1 of each plane.
    let levels: Vec<f32> = image.iter().copied().skip(33).step_by(1024).collect();
    assert_eq!(levels, [1.0 / 255.0, 101.0 / 255.0, 201.0 / 255.0]);
}

#[test]
fn faults_are_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let fault = |split, batches: Option<&[u8]>| read(at, split, batches).unwrap_err();
    assert!(matches!(fault(Split::Train, None), DataError::MissingMember { name: "data_batch_1.bin", .. }));
    write(at, "data_batch_1.bin", batch(0));
    let missing = fault(Split::Validation, Some(&[1, 5]));
    assert!(matches!(missing, DataError::MissingMember { name: "data_batch_5.bin", .. }));
    assert!(missing.to_string().contains("data_batch_5.bin.gz, nor does a folder cifar-10-batches-bin"), "{missing}");
    assert!(matches!(fault(Split::Test, None), DataError::MissingMember { name: "test_batch.bin", .. }));

    let mut bytes = vec![0; FILE_SIZE as usize];
    bytes[3 * RECORD] = 10;
    let test = |bytes: &[u8]| {
        write(at, "test_batch.bin", bytes);
        fault(Split::Test, None)
    };
    let label = test(&bytes);
    assert!(matches!(label, DataError::Label { label: 10, index: 3, classes: 10, .. }), "{label}");
    assert!(label.to_string().contains("test_batch.bin"), "{label}");
    let short = test(&bytes[1..]);
    assert!(matches!(short, DataError::Length { got: 30_729_999, want: 30_730_000, .. }), "{short}");
    assert!(matches!(test(&[]), DataError::Length { got: 0, .. }));
    bytes.push(0);
    assert!(matches!(test(&bytes), DataError::TooLarge { limit: 30_730_000, .. }));
    let mut damaged = packed(&vec![0; FILE_SIZE as usize]);
    let crc = damaged.len() - 8;
    damaged[crc] ^= 1;
    assert!(matches!(test(&damaged), DataError::Gzip { .. }));
    assert!(matches!(read(&at.join("none"), Split::Test, None), Err(DataError::Missing { .. })));
}

#[test]
fn verify_tells_each_file_apart() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join(FOLDER), "data_batch_3.bin", vec![0; FILE_SIZE as usize]);
    write(folder.path(), "test_batch.bin", "short");
    let checks = CIFAR10.verify(folder.path());
    assert!(checks.iter().map(|check| check.name).eq(FILES.iter().map(|file| file.name)));
    let faults: Vec<DataError> = checks.into_iter().map(|check| check.result.unwrap_err()).collect();
    assert!(matches!(faults[2], DataError::Checksum { want: Sum::Md5(_), .. }));
    assert!(faults[2].to_string().contains("MD5 is "), "{}", faults[2]);
    assert!(matches!(faults[5], DataError::Length { got: 5, .. }));
    assert!([0, 1, 3, 4].iter().all(|&i| matches!(faults[i], DataError::MissingMember { .. })));
}

#[test]
fn the_published_images_have_the_known_statistics() {
    let Some(folder) = shared("cifar-10", "the_published_images_have_the_known_statistics") else { return };
    let read = |split, batches: &[u8]| read(&folder, split, Some(batches)).unwrap();
    let (train, validation) = (read(Split::Train, &[1]), read(Split::Validation, &[1]));
    assert_eq!((train.len(), validation.len(), read(Split::Test, &[1]).len()), (8000, 2000, 10_000));
    assert_eq!(train.labels[..5], [6, 9, 9, 4, 1]);
    let pixels = || [&train, &validation].into_iter().flat_map(|part| &part.images.pixels);
    let mean = pixels().map(|&pixel| f64::from(pixel)).sum::<f64>() / (10_000 * N_PIXELS) as f64;
    assert!((mean - 0.474_671).abs() < 1e-5, "{mean}");
}

#[test]
fn the_published_files_verify() {
    let Some(folder) = shared("cifar-10", "the_published_files_verify") else { return };
    for check in CIFAR10.verify(&folder) {
        match check.result {
            Ok(path) => assert!(path.ends_with(format!("{}.gz", check.name))),
            Err(fault) => {
                assert!(matches!(fault, DataError::MissingMember { name: "data_batch_5.bin", .. }), "{fault}");
            }
        }
    }
}
