use super::{Bad, CHUNK, FileSamples, IqError, IqReader, IqWriter, SampleFormat, Written};
use crate::RadioError;
use jscc_phy::Complex32;
use proptest::prelude::*;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

fn written(samples: &[Complex32], format: SampleFormat, peak: f32) -> (Vec<u8>, Written) {
    let mut writer = IqWriter::new(Vec::new(), format, peak).unwrap();
    writer.write(samples).unwrap();
    let written = writer.written();
    (writer.into_inner(), written)
}

fn all(mut reader: IqReader<impl Read>, max: usize) -> Result<Vec<Complex32>, IqError> {
    let (mut all, mut part) = (Vec::new(), Vec::new());
    while reader.read(&mut part, max)? > 0 {
        all.extend_from_slice(&part);
    }
    assert_eq!(reader.done(), all.len() as u64);
    Ok(all)
}

/// Returns a few bytes at a time, as a pipe may.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let few = bytes.len().min(3);
        self.0.read(&mut bytes[..few])
    }
}

#[test]
fn names_and_extensions_stand_for_formats() {
    for format in SampleFormat::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
        assert_eq!(SampleFormat::of_path(Path::new(&format!("a.b/c.{format}"))), Ok(format));
    }
    assert_eq!(SampleFormat::of_path(Path::new("x.CFILE")), Ok(SampleFormat::CF32));
    assert_eq!(SampleFormat::of_path(Path::new("x.sc16")), Ok(SampleFormat::CI16));
    assert_eq!(SampleFormat::of_path(Path::new("x.cs8")), Ok(SampleFormat::CI8));
    for (name, format) in [("fc32_be", "cf32_be"), ("CS32", "ci32"), ("sc16_le", "ci16"), ("cu8_be", "cu8")] {
        assert_eq!(name.parse::<SampleFormat>().unwrap().to_string(), format);
    }
    for name in ["rf32", "x.ri16_be", "ru8"] {
        let error = SampleFormat::of_path(Path::new(name)).or(name.parse()).unwrap_err().to_string();
        assert!(error.contains("real numbers") && error.contains(name), "{error}");
    }
    for name in ["cf16", "ci64", "be", "_be", "cf32_me"] {
        assert!(name.parse::<SampleFormat>().is_err(), "{name}");
    }
    for name in ["x.wav", "cf32", "", ".ci8"] {
        let error = SampleFormat::of_path(Path::new(name)).unwrap_err();
        assert_eq!(error.name, name);
        assert!(error.to_string().contains("ci16"), "{error}");
    }
}

#[test]
fn codes_are_those_of_the_format() {
    let at = |bytes: &[u8], format| all(IqReader::new(bytes, format), 9).unwrap();
    assert_eq!(at(&[0, 0x80, 0xFF, 0x7F], SampleFormat::CI16), [Complex32::new(-1.0, 32767.0 / 32768.0)]);
    assert_eq!(at(&[0x80, 0x40], SampleFormat::CI8), [Complex32::new(-1.0, 0.5)]);
    assert_eq!(at(&[0, 255], SampleFormat::CU8), [Complex32::new(-1.0, 1.0)]);
    assert_eq!(at(&[0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], SampleFormat::CF32), [Complex32::new(1.0, -2.0)]);
    let named = |name: &str, bytes: &[u8]| at(bytes, name.parse().unwrap());
    assert_eq!(named("ci16_be", &[0x80, 0, 0x40, 0]), [Complex32::new(-1.0, 0.5)]);
    assert_eq!(named("cf32_be", &[0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0]), [Complex32::new(1.0, -2.0)]);
    assert_eq!(named("ci32", &[0, 0, 0, 0x80, 0, 0, 0, 0x20]), [Complex32::new(-1.0, 0.25)]);
    assert_eq!(named("ci32_be", &[0x80, 0, 0, 0, 0x20, 0, 0, 0]), [Complex32::new(-1.0, 0.25)]);
    let doubles = [1.5f64.to_le_bytes(), (-0.25f64).to_le_bytes()].concat();
    assert_eq!(named("cf64", &doubles), [Complex32::new(1.5, -0.25)]);
    assert_eq!(named("cu16", &[0, 0, 0xFF, 0xFF]), [Complex32::new(-1.0, 1.0)]);
    assert_eq!(named("cu32_be", &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]), [Complex32::new(-1.0, 1.0)]);
}

#[test]
fn every_format_reads_back_what_it_wrote() {
    let samples: Vec<_> = (0..500).map(|i| Complex32::new((i as f32).sin(), (i as f32 * 0.7).cos()) * 0.9).collect();
    for format in SampleFormat::ALL {
        let (bytes, count) = written(&samples, format, 1.0);
        assert_eq!((bytes.len(), count.clipped), (500 * format.sample_bytes(), 0), "{format}");
        let back = all(IqReader::new(Drip(&bytes), format), 77).unwrap();
        let worst = back.iter().zip(&samples).map(|(b, s)| (b - s).norm()).fold(0.0, f32::max);
        let step = if format.sample_bytes() == 2 { 0.01 } else { 0.0001 };
        assert!(worst < step, "{format}: {worst}");
        assert_eq!(written(&back, format, 1.0).0, bytes, "{format}: the same codes again");
    }
}

#[test]
fn what_is_beyond_the_peak_is_cut_and_counted() {
    let samples = [Complex32::new(4.0, 0.0), Complex32::new(4.1, -9.0), Complex32::new(0.0, -4.0)];
    let (bytes, count) = written(&samples, SampleFormat::CI8, 4.0);
    assert_eq!(bytes, [127, 0, 127, 128, 0, 128]);
    assert_eq!(count, Written { samples: 3, clipped: 1 });
    assert_eq!(written(&samples, SampleFormat::CF32, 4.0).1.clipped, 0);
}

#[test]
fn a_peak_is_a_positive_number() {
    for got in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-40] {
        let error = IqWriter::new(Vec::new(), SampleFormat::CI16, got).unwrap_err();
        assert!(matches!(error, IqError::Peak { .. }), "{error}");
    }
}

#[test]
fn what_is_no_number_is_silence_and_counted() {
    for (format, size) in [("cf32", 8), ("cf32_be", 8), ("cf64", 16), ("cf64_be", 16)] {
        let format: SampleFormat = format.parse().unwrap();
        let (mut bytes, _) = written(&vec![Complex32::new(0.5, 0.25); 3 * CHUNK / 8], format, 1.0);
        let places = [CHUNK / 8 + 1, 2 * CHUNK / 8, 2 * CHUNK / 8 + 9, 2 * CHUNK / 8 + 10];
        for (at, number) in places.into_iter().zip([f32::NAN, f32::NEG_INFINITY, 1e38, -2e12]) {
            let (code, _) = written(&[Complex32::ZERO], format, 1.0);
            let mut number_bytes = Vec::new();
            format.encode(number, &mut number_bytes);
            bytes[at * size + code.len() / 2..][..size / 2].copy_from_slice(&number_bytes);
        }
        let mut reader = IqReader::new(&bytes[..], format);
        let (mut samples, mut part) = (Vec::new(), Vec::new());
        while reader.read(&mut part, 100).unwrap() > 0 {
            samples.extend_from_slice(&part);
        }
        assert_eq!(reader.bad(), Bad { count: 4, first: places[0] as u64 }, "{format}");
        let silent: Vec<usize> = (0..samples.len()).filter(|&i| samples[i] == Complex32::ZERO).collect();
        assert_eq!(silent, places, "{format}");
    }
}

#[test]
fn only_what_is_no_number_is_an_error() {
    let bytes = f32::NAN.to_le_bytes().repeat(20);
    let error = all(IqReader::new(&bytes[..], SampleFormat::CF32), 7).unwrap_err();
    assert!(matches!(error, IqError::AllBad { samples: 10, .. }), "{error}");
}

#[test]
fn what_is_no_number_is_not_written() {
    let mut writer = IqWriter::new(Vec::new(), SampleFormat::CI8, 1.0).unwrap();
    writer.write(&[Complex32::ZERO]).unwrap();
    let error = writer.write(&[Complex32::ZERO, Complex32::new(0.0, f32::INFINITY)]).unwrap_err();
    assert!(matches!(error, IqError::NotFinite { sample: 2 }), "{error}");
}

#[test]
fn odd_bytes_are_an_error_only_where_nothing_else_is() {
    let mut reader = IqReader::new(&[1, 2, 3, 4, 5, 6, 7][..], SampleFormat::CI16);
    let mut samples = Vec::new();
    for want in [1, 0, 0] {
        assert_eq!(reader.read(&mut samples, 9).unwrap(), want);
        assert_eq!(reader.trailing(), 3);
    }
    let error = all(IqReader::new(&[1, 2, 3][..], SampleFormat::CI16), 9).unwrap_err();
    assert!(matches!(error, IqError::Cut { bytes: 3, .. }), "{error}");
    assert_eq!(all(IqReader::new(&[][..], SampleFormat::CI16), 9).unwrap(), []);
}

#[test]
fn a_file_knows_its_total_and_stands_only_when_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.ci16");
    let samples = vec![Complex32::new(0.5, -0.25); 5000];
    let mut writer = IqWriter::create(&path, SampleFormat::CI16, 1.0).unwrap();
    writer.write(&samples).unwrap();
    assert!(matches!(FileSamples::open(&path, SampleFormat::CI16), Err(RadioError::Read { .. })));
    assert_eq!(writer.finish().unwrap(), Written { samples: 5000, clipped: 0 });
    let reader = FileSamples::open(&path, SampleFormat::CI16).unwrap();
    assert_eq!(reader.total(), Some(5000));
    assert_eq!(all(reader, 999).unwrap(), samples);
    assert!(matches!(IqWriter::create(&path, SampleFormat::CI8, 0.0), Err(RadioError::Iq { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #[test]
    fn samples_read_back_within_a_step(
        numbers in prop::collection::vec((-1.0f32..=1.0, -1.0f32..=1.0), 0..200),
        max in 1..300usize,
        peak in 0.01f32..100.0,
    ) {
        let samples: Vec<_> = numbers.iter().map(|&(re, im)| Complex32::new(re, im) * peak).collect();
        // Half a step; a whole one at the positive end, where two's complement has no code.
        let steps = [1.0 / 32768.0, 1.0 / 128.0, 0.5 / 127.5];
        for (format, step) in [SampleFormat::CI16, SampleFormat::CI8, SampleFormat::CU8].into_iter().zip(steps) {
            let (bytes, _) = written(&samples, format, peak);
            let back = all(IqReader::new(Drip(&bytes), format), max).unwrap();
            prop_assert_eq!(back.len(), samples.len());
            for (b, s) in back.iter().zip(&samples) {
                let off = b - s / peak;
                prop_assert!(off.re.abs().max(off.im.abs()) <= step + 1e-6, "{} {} {}", format, b, s / peak);
                if s.re < 0.9 * peak && s.im < 0.9 * peak && format != SampleFormat::CU8 {
                    prop_assert!(off.re.abs().max(off.im.abs()) <= step / 2.0 + 1e-6, "{} {} {}", format, b, s / peak);
                }
            }
        }
        let (bytes, _) = written(&samples, SampleFormat::CF32, peak);
        prop_assert_eq!(all(IqReader::new(Drip(&bytes), SampleFormat::CF32), max).unwrap(), samples);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), max in 1..99usize) {
        for format in SampleFormat::ALL {
            if let Ok(samples) = all(IqReader::new(&bytes[..], format), max) {
                prop_assert_eq!(samples.len(), bytes.len() / format.sample_bytes());
            }
        }
    }
}
