use super::{CHUNK, IqError, IqReader, IqWriter, SampleFormat, Written};
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

/// Gives a few bytes at a time, as a pipe may.
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
    assert_eq!(SampleFormat::of_path(Path::new("x.CFILE")), Ok(SampleFormat::Cf32));
    assert_eq!(SampleFormat::of_path(Path::new("x.sc16")), Ok(SampleFormat::Ci16));
    assert_eq!(SampleFormat::of_path(Path::new("x.cs8")), Ok(SampleFormat::Ci8));
    for name in ["x.wav", "cf32", "", ".ci8"] {
        let error = SampleFormat::of_path(Path::new(name)).unwrap_err();
        assert_eq!(error.name, name);
        assert!(error.to_string().contains("ci16"), "{error}");
    }
}

#[test]
fn codes_are_those_of_the_format() {
    let at = |bytes: &[u8], format| all(IqReader::new(bytes, format), 9).unwrap();
    assert_eq!(at(&[0, 0x80, 0xFF, 0x7F], SampleFormat::Ci16), [Complex32::new(-1.0, 32767.0 / 32768.0)]);
    assert_eq!(at(&[0x80, 0x40], SampleFormat::Ci8), [Complex32::new(-1.0, 0.5)]);
    assert_eq!(at(&[0, 255], SampleFormat::Cu8), [Complex32::new(-1.0, 1.0)]);
    assert_eq!(at(&[0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], SampleFormat::Cf32), [Complex32::new(1.0, -2.0)]);
}

#[test]
fn what_is_beyond_the_peak_is_cut_and_counted() {
    let samples = [Complex32::new(4.0, 0.0), Complex32::new(4.1, -9.0), Complex32::new(0.0, -4.0)];
    let (bytes, count) = written(&samples, SampleFormat::Ci8, 4.0);
    assert_eq!(bytes, [127, 0, 127, 128, 0, 128]);
    assert_eq!(count, Written { samples: 3, clipped: 1 });
    assert_eq!(written(&samples, SampleFormat::Cf32, 4.0).1.clipped, 0);
}

#[test]
fn a_peak_is_a_positive_number() {
    for got in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-40] {
        let error = IqWriter::new(Vec::new(), SampleFormat::Ci16, got).unwrap_err();
        assert!(matches!(error, IqError::Peak { .. }), "{error}");
    }
}

#[test]
fn what_is_no_number_is_refused_by_place() {
    let mut bytes = vec![0; 3 * CHUNK];
    bytes[2 * CHUNK + 8..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let error = all(IqReader::new(&bytes[..], SampleFormat::Cf32), 100).unwrap_err();
    assert!(matches!(error, IqError::NotFinite { sample } if sample == CHUNK as u64 / 4 + 1), "{error}");
    let mut writer = IqWriter::new(Vec::new(), SampleFormat::Ci8, 1.0).unwrap();
    writer.write(&[Complex32::ZERO]).unwrap();
    let error = writer.write(&[Complex32::ZERO, Complex32::new(0.0, f32::INFINITY)]).unwrap_err();
    assert!(matches!(error, IqError::NotFinite { sample: 2 }), "{error}");
}

#[test]
fn odd_bytes_are_an_error_only_where_nothing_else_is() {
    let mut reader = IqReader::new(&[1, 2, 3, 4, 5, 6, 7][..], SampleFormat::Ci16);
    let mut samples = Vec::new();
    for want in [1, 0, 0] {
        assert_eq!(reader.read(&mut samples, 9).unwrap(), want);
        assert_eq!(reader.trailing(), 3);
    }
    let error = all(IqReader::new(&[1, 2, 3][..], SampleFormat::Ci16), 9).unwrap_err();
    assert!(matches!(error, IqError::Cut { bytes: 3, .. }), "{error}");
    assert_eq!(all(IqReader::new(&[][..], SampleFormat::Ci16), 9).unwrap(), []);
}

#[test]
fn a_file_knows_its_total_and_stands_only_when_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.ci16");
    let samples = vec![Complex32::new(0.5, -0.25); 5000];
    let mut writer = IqWriter::create(&path, SampleFormat::Ci16, 1.0).unwrap();
    writer.write(&samples).unwrap();
    assert!(matches!(IqReader::open(&path, SampleFormat::Ci16), Err(RadioError::Read { .. })));
    assert_eq!(writer.finish().unwrap(), Written { samples: 5000, clipped: 0 });
    let reader = IqReader::open(&path, SampleFormat::Ci16).unwrap();
    assert_eq!(reader.total(), Some(5000));
    assert_eq!(all(reader, 999).unwrap(), samples);
    assert!(matches!(IqWriter::create(&path, SampleFormat::Ci8, 0.0), Err(RadioError::Iq { .. })));
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
        for (format, step) in [SampleFormat::Ci16, SampleFormat::Ci8, SampleFormat::Cu8].into_iter().zip(steps) {
            let (bytes, _) = written(&samples, format, peak);
            let back = all(IqReader::new(Drip(&bytes), format), max).unwrap();
            prop_assert_eq!(back.len(), samples.len());
            for (b, s) in back.iter().zip(&samples) {
                let off = b - s / peak;
                prop_assert!(off.re.abs().max(off.im.abs()) <= step + 1e-6, "{} {} {}", format, b, s / peak);
                if s.re < 0.9 * peak && s.im < 0.9 * peak && format != SampleFormat::Cu8 {
                    prop_assert!(off.re.abs().max(off.im.abs()) <= step / 2.0 + 1e-6, "{} {} {}", format, b, s / peak);
                }
            }
        }
        let (bytes, _) = written(&samples, SampleFormat::Cf32, peak);
        prop_assert_eq!(all(IqReader::new(Drip(&bytes), SampleFormat::Cf32), max).unwrap(), samples);
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
