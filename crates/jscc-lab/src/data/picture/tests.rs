use super::{PictureFault, decode};
use flate2::{Compression, Crc, write::ZlibEncoder};
use image::Rgb32FImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A picture with distinct parts.
fn scene(width: usize, height: usize) -> Vec<u8> {
    let level = |i: usize| {
        let (x, y, c) = (i / 3 % width, i / 3 / width, i % 3);
        ((x * x + 7 * y * (c + 1) + x * y * 3 + (x / 5) * (y / 3) * 11) % 256) as u8
    };
    (0..3 * width * height).map(level).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Baseline,
    Restarts,
    OneScanEach,
    Progressive,
}

fn jpeg(kind: Kind, sampling: SamplingFactor, [width, height]: [u16; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(sampling);
    match kind {
        Kind::Baseline => {}
        Kind::Restarts => encoder.set_restart_interval(3),
        // One table and one scan per component.
        Kind::OneScanEach => encoder.set_optimized_huffman_tables(true),
        Kind::Progressive => encoder.set_progressive(true),
    }
    encoder.encode(&scene(width.into(), height.into()), width, height, ColorType::Rgb).unwrap();
    bytes
}

fn off(a: &Rgb32FImage, b: &Rgb32FImage) -> f32 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: f32 = a.iter().zip(b.iter()).map(|(a, b)| (a - b).abs()).sum();
    sum / a.len() as f32
}

const KINDS: [(Kind, SamplingFactor); 5] = [
    (Kind::Baseline, SamplingFactor::F_2_2),
    (Kind::Restarts, SamplingFactor::F_1_1),
    (Kind::OneScanEach, SamplingFactor::F_1_1),
    (Kind::OneScanEach, SamplingFactor::F_2_2),
    (Kind::Progressive, SamplingFactor::F_2_2),
];

/// Only the end marker may be missing; a marker does not replace a missing part of the picture.
#[test]
fn a_jpeg_is_whole_or_refused() {
    for (kind, sampling) in KINDS {
        let whole = jpeg(kind, sampling, [70, 50]);
        let picture = decode(&whole).unwrap();
        let unmarked = &whole[..whole.len() - 2];
        for extra in [&[][..], &[0xff], &[0xff, 0xd9, 1, 2, 3]] {
            assert!(off(&decode(&[unmarked, extra].concat()).unwrap(), &picture) < 1e-6);
        }
        for cut in (2..unmarked.len() - 4).step_by(13).chain(unmarked.len() - 12..unmarked.len() - 4) {
            for end in [&[][..], &[0xff, 0xd9]] {
                let bytes = [&whole[..cut], end].concat();
                // A progressive picture that ends between two scans, with an end marker, counts as complete.
                let is_told = kind == Kind::Progressive && !end.is_empty();
                assert!(decode(&bytes).is_err() || is_told, "{cut} of {} bytes, {end:?}", whole.len());
            }
        }
    }
}

#[test]
fn a_scan_for_each_component_is_the_same_picture() {
    for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_2_2] {
        let [one, each] = [Kind::Baseline, Kind::OneScanEach].map(|kind| jpeg(kind, sampling, [70, 50]));
        assert_ne!(one, each);
        assert!(off(&decode(&one).unwrap(), &decode(&each).unwrap()) < 1e-6);
    }
}

fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(content);
    [&(content.len() as u32).to_be_bytes(), name, content, &crc.sum().to_be_bytes()].concat()
}

/// A grey PNG of filtered rows.
fn png(width: u32, height: u32, depth: u8, interlaced: bool, rows: &[u8]) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, 0, 0, 0, u8::from(interlaced)]);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(rows).unwrap();
    let packed = packed.finish().unwrap();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &packed), &chunk(b"IEND", &[])].concat()
}

#[test]
fn interlaced_rows_find_their_place() {
    let level = |x: u32, y: u32| (7 * x + 31 * y) as u8;
    for [width, height] in [[1, 1], [3, 2], [11, 9], [5, 1], [1, 6], [2100, 20]] {
        let row =
            |x: u32, y, dx: u32| std::iter::once(0).chain((x..width).step_by(dx as usize).map(move |x| level(x, y)));
        let plain: Vec<u8> = (0..height).flat_map(|y| row(0, y, 1)).collect();
        let passes = super::png::ADAM7.iter().filter(|[x, ..]| *x < width);
        let passes = passes
            .flat_map(|&[x, first, dx, dy]| (first..height).step_by(dy as usize).flat_map(move |y| row(x, y, dx)));
        let [plain, interlaced] = [(false, plain), (true, passes.collect())]
            .map(|(is, rows)| decode(&png(width, height, 8, is, &rows)).unwrap());
        assert!(off(&plain, &interlaced) < 1e-6, "{width}x{height}");
    }
}

#[test]
fn a_huge_picture_is_made_smaller_as_it_comes() {
    // Left half white: 4,200 times 8,400 pixels in 50 kB.
    let (width, height) = (8400, 4200);
    let row: Vec<u8> = std::iter::once(0).chain((0..width / 8).map(|x| if x < width / 16 { 255 } else { 0 })).collect();
    let bytes = png(width, height, 1, false, &row.repeat(height as usize));
    assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
    let picture = decode(&bytes).unwrap();
    assert_eq!(picture.dimensions(), (2800, 1400));
    assert!(picture.get_pixel(0, 0).0[0] > 0.999 && picture.get_pixel(2799, 1399).0[0] < 0.001);
    assert!((picture.iter().sum::<f32>() / picture.len() as f32 - 0.5).abs() < 1e-3);

    let jpeg = jpeg(Kind::Baseline, SamplingFactor::F_2_2, [4200, 64]);
    let picture = decode(&jpeg).unwrap();
    assert!((1024..=2100).contains(&picture.width()), "{:?}", picture.dimensions());
    let mean = |levels: &mut dyn Iterator<Item = f32>, n: usize| levels.sum::<f32>() / n as f32;
    let scene = scene(4200, 64);
    let want = mean(&mut scene.iter().map(|&level| f32::from(level) / 255.0), scene.len());
    let got = mean(&mut picture.iter().copied(), picture.len());
    assert!((want - got).abs() < 0.02, "{got}, want {want}");
}

#[test]
fn what_is_too_large_is_told_with_its_size() {
    let picture = png(20_000, 20_000, 1, false, &[]);
    let message = decode(&picture).unwrap_err().to_string();
    assert!(message.contains("20000x20000") && message.contains("268 million"), "{message}");
    let mut progressive = jpeg(Kind::Progressive, SamplingFactor::F_2_2, [16, 16]);
    let frame = progressive.windows(2).position(|pair| pair == [0xff, 0xc2]).unwrap();
    progressive[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    let message = decode(&progressive).unwrap_err().to_string();
    assert!(message.contains("10000x10000") && message.contains("67 million"), "{message}");
}

#[test]
fn content_tells_the_kind() {
    let webp = decode(b"RIFF\x24\0\0\0WEBPVP8 ").unwrap_err();
    assert!(matches!(webp, PictureFault::Kind(_)) && webp.to_string().contains("WebP"), "{webp}");
    assert!(matches!(decode(b"<html>"), Err(PictureFault::Unknown)));
    assert!(matches!(decode(b"\xff\xd8\xff\xe0"), Err(PictureFault::Cut)));
}

/// Third-party pictures; reports a skipped test on machines without them.
fn wild(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/wild/in");
    if !folder.is_dir() {
        // Bypasses the test harness, which hides the output of passing tests.
        writeln!(std::io::stderr(), "skipped: {test}: no shared/wild/in").expect("the error stream is open");
        return None;
    }
    Some(folder)
}

#[test]
fn pictures_from_the_wild_are_read_or_refused() {
    let Some(folder) = wild("pictures_from_the_wild_are_read_or_refused") else { return };
    for entry in fs::read_dir(folder.join("img")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        match (name, decode(&fs::read(&path).unwrap())) {
            ("cut.png" | "cut-half.jpg" | "cut-90.jpg" | "progressive-cut.jpg", result) => {
                assert!(matches!(result, Err(PictureFault::Cut)), "{name}: {:?}", result.err());
            }
            ("webp.jpg", result) => assert!(matches!(result, Err(PictureFault::Kind(_))), "{name}"),
            (_, result) => assert!(result.is_ok(), "{name}: {:?}", result.err()),
        }
    }
    let [subsampled, full] = ["420", "444"].map(|sampling| {
        let path = folder.join(format!("real/zune_non_interleaved_{sampling}_64x64.jpg"));
        decode(&fs::read(path).unwrap()).unwrap()
    });
    assert!(off(&subsampled, &full) < 0.05, "{}", off(&subsampled, &full));
}
