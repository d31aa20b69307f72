use super::{image, list, read};
use crate::data::DataError;
use crate::data::picture::PictureFault;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use tempfile::TempDir;

const GREY_28: [usize; 3] = [1, 28, 28];

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn one_file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn near(got: f32, want: f32) {
    assert!((got - want).abs() < 1e-3, "got {got}, want {want}");
}

#[test]
fn a_wide_picture_keeps_its_proportions_between_black_bars() {
    let white = RgbImage::from_pixel(56, 28, Rgb([255; 3]));
    let (_folder, path) = one_file("wide.png", &encoded(white, ImageFormat::Png));
    let pixels = image(&path, GREY_28).unwrap();
    for (row, pixels) in pixels.chunks(28).enumerate() {
        let want = if (7..21).contains(&row) { 1.0 } else { 0.0 };
        for &pixel in pixels {
            near(pixel, want);
        }
    }
    assert_eq!(image(&path, [1, 1, 1]).unwrap().len(), 1);
}

#[test]
fn colours_stay_apart_or_weigh_into_grey_over_black() {
    let half_seen = RgbaImage::from_pixel(5, 5, Rgba([255, 0, 51, 102]));
    let (_folder, path) = one_file("colour.png", &encoded(half_seen, ImageFormat::Png));
    let pixels = image(&path, [3, 5, 5]).unwrap();
    assert_eq!(pixels.len(), 75);
    near(pixels[0], 0.4);
    near(pixels[25], 0.0);
    near(pixels[50], 0.08);
    near(image(&path, GREY_28).unwrap()[0], 0.4 * 0.299 + 0.08 * 0.114);
}

#[test]
fn scaling_down_averages() {
    let stripes = RgbImage::from_fn(280, 280, |x, _| Rgb([if x % 2 == 0 { 255 } else { 0 }; 3]));
    let (_folder, path) = one_file("stripes.png", &encoded(stripes, ImageFormat::Png));
    for pixel in image(&path, GREY_28).unwrap() {
        assert!((pixel - 0.5).abs() < 0.02, "{pixel}");
    }
}

#[test]
fn a_folder_is_read_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let shade = |shade| RgbImage::from_pixel(28, 28, Rgb([shade; 3]));
    fs::write(folder.path().join("b.JPG"), encoded(shade(102), ImageFormat::Jpeg)).unwrap();
    fs::write(folder.path().join("a.png"), encoded(shade(51), ImageFormat::Png)).unwrap();
    fs::write(folder.path().join("c.jpeg"), encoded(shade(204), ImageFormat::Png)).unwrap();
    fs::write(folder.path().join(".hidden.png"), b"no picture").unwrap();
    fs::write(folder.path().join("README.md"), b"no picture").unwrap();
    fs::create_dir(folder.path().join("folder.png")).unwrap();
    let dataset = read(folder.path(), GREY_28).unwrap();
    assert_eq!((dataset.len(), dataset.labels.len()), (3, 0));
    for (i, want) in [0.2, 0.4, 0.8].into_iter().enumerate() {
        near(dataset.images.image(i)[400], want);
    }
    assert_eq!(list(&folder.path().join("a.png")).unwrap(), [folder.path().join("a.png")]);
}

#[test]
fn faults_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(read(folder.path(), GREY_28), Err(DataError::EmptyFolder { .. })));
    assert!(matches!(read(&folder.path().join("none"), GREY_28), Err(DataError::Missing { .. })));

    let (folder, path) = one_file("empty.png", b"");
    let error = read(folder.path(), GREY_28).unwrap_err();
    assert!(matches!(error, DataError::EmptyFile { .. }) && error.to_string().contains("empty.png"), "{error}");
    fs::write(&path, b"<html>not found</html>").unwrap();
    assert!(matches!(read(folder.path(), GREY_28), Err(DataError::Picture { reason: PictureFault::Unknown, .. })));
}

#[test]
fn a_claim_of_huge_dimensions_is_an_error() {
    let mut bytes = encoded(RgbImage::new(1, 1), ImageFormat::Png);
    // Width and height of the header chunk, which begins at byte 12; its checksum must agree.
    bytes[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let (_folder, path) = one_file("huge.png", &bytes);
    let error = image(&path, GREY_28).unwrap_err();
    assert!(
        matches!(error, DataError::Picture { reason: PictureFault::Large { width: 0x7fff_ffff, .. }, .. }),
        "{error:?}"
    );
}

#[test]
fn every_prefix_of_a_png_is_an_error() {
    let whole = encoded(RgbImage::from_fn(6, 6, |x, y| Rgb([x as u8 * 40, y as u8 * 40, 9])), ImageFormat::Png);
    let (_folder, path) = one_file("cut.png", &whole);
    // The last chunk only marks the end of the file, so a decoder may do without it.
    for end in 0..whole.len() - 16 {
        fs::write(&path, &whole[..end]).unwrap();
        assert!(image(&path, GREY_28).is_err(), "{end} of {} bytes", whole.len());
    }
}

proptest! {
    #[test]
    fn damaged_pictures_never_panic(at in any::<prop::sample::Index>(), bits in 1..=255u8, jpeg in any::<bool>()) {
        let format = if jpeg { ImageFormat::Jpeg } else { ImageFormat::Png };
        let mut bytes = encoded(RgbImage::from_fn(9, 9, |x, y| Rgb([x as u8, y as u8, 9])), format);
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        let (_folder, path) = one_file("damaged.png", &bytes);
        if let Ok(pixels) = image(&path, GREY_28) {
            prop_assert!(pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        }
    }
}
