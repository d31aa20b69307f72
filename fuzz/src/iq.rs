//! Raw samples: what is read in pieces is what is read at once, and what is written is what was read; so it is at other
//! rates.

use crate::Seeds;
use crate::input::{Drip, Input, Noise};
use crate::memory;
use jscc_phy::Complex32;
use jscc_radio::iq::{Bad, IqError, IqReader, IqWriter, SampleFormat};
use jscc_radio::resample::{Ratio, Resampler};
use std::io::Read;

/// Rates of radios, and one that is no simple fraction of the receiver's.
const RATES: [f64; 4] = [25e6, 61.44e6, 245.76e6, 20.01e6];

/// Round trips, in pieces of any size.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let kind = usize::from(input.u8());
    let format = SampleFormat::ALL[kind % SampleFormat::ALL.len()];
    let (mut noise, bytes) = (Noise(input.u16().into()), input.0);
    let limit = (1 << 20) + 64 * bytes.len();
    let whole = memory::within(limit, || read(bytes, format, || usize::MAX));
    let drip = Drip { bytes, noise: Noise(noise.next()) };
    let pieces = memory::within(limit, || read(drip, format, || 1 + noise.next() as usize % 5000));
    let size = format.sample_bytes();
    let Got { samples, done, bad, trailing } = match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            assert!(whole == pieces, "in one read and in pieces");
            whole
        }
        (Err(IqError::AllBad { samples, .. }), Err(IqError::AllBad { samples: other, .. })) => {
            assert!(samples == other && samples as usize == bytes.len() / size);
            return;
        }
        (Err(IqError::Cut { bytes: cut, .. }), Err(IqError::Cut { bytes: other, .. })) => {
            assert!(cut == other && cut == bytes.len() && cut < size);
            return;
        }
        (whole, pieces) => panic!("in one read {:?}, in pieces {:?}", whole.err(), pieces.err()),
    };
    assert_eq!((samples.len(), done, trailing), (bytes.len() / size, samples.len() as u64, bytes.len() % size));
    assert!(samples.iter().all(|sample| sample.norm_sqr().is_finite()), "what is read can be reckoned with");
    assert!(bad.count <= done && (bad.count == 0 || samples[bad.first as usize] == Complex32::ZERO));
    let mut writer = IqWriter::new(Vec::new(), format, 1.0).expect("1 is a peak");
    writer.write(&samples).expect("what was read is finite, and memory takes it");
    assert_eq!(writer.written().samples, done);
    let written = writer.into_inner();
    let is_narrow = !["cf64", "ci32", "cu32"].iter().any(|wide| format.to_string().starts_with(wide));
    if is_narrow && bad.count == 0 {
        assert!(written == bytes[..bytes.len() - trailing], "what is written is not what was read");
    }
    let again = read(&written[..], format, || usize::MAX).expect("what was written");
    assert!(again.samples == samples, "what is read again is not what was written");
    resampled(&samples, RATES[kind / SampleFormat::ALL.len() % RATES.len()], &mut noise);
}

fn resampled(samples: &[Complex32], rate: f64, noise: &mut Noise) {
    let ratio = Ratio::of(rate);
    let (mut whole, mut pieces) = (Vec::new(), Vec::new());
    memory::within((8 << 20) + 64 * samples.len(), || {
        let mut resampler = Resampler::new(ratio);
        resampler.push(samples, &mut whole);
        resampler.finish(&mut whole);
        let (mut resampler, mut rest) = (Resampler::new(ratio), samples);
        while !rest.is_empty() {
            let (piece, later) = rest.split_at((1 + noise.next() as usize % 3000).min(rest.len()));
            resampler.push(piece, &mut pieces);
            rest = later;
        }
        resampler.finish(&mut pieces);
    });
    assert!(whole == pieces, "resampled at once and in pieces");
    assert_eq!(whole.len() as u64, ratio.to_receiver(samples.len() as u64));
}

/// What a reader gave.
#[derive(PartialEq)]
struct Got {
    samples: Vec<Complex32>,
    done: u64,
    bad: Bad,
    trailing: usize,
}

fn read(source: impl Read, format: SampleFormat, mut most: impl FnMut() -> usize) -> Result<Got, IqError> {
    let (mut reader, mut samples, mut some) = (IqReader::new(source, format), Vec::new(), Vec::new());
    while reader.read(&mut some, most())? > 0 {
        samples.extend_from_slice(&some);
    }
    Ok(Got { samples, done: reader.done(), bad: reader.bad(), trailing: reader.trailing() })
}

/// Each format, whole and cut.
pub fn seeds() -> Seeds {
    let numbers = [0.0f32, 1.0, -1.0, 0.5, 1e-30, -0.0, 3e38, 0.1, -7.25, f32::NAN, 2.0];
    let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    let all: Vec<u8> = (0..=255).collect();
    (0..4 * SampleFormat::ALL.len() as u8)
        .step_by(3)
        .flat_map(|format| [&bytes[..], &bytes[..32], &all].map(|bytes| [&[format, 1, 2], bytes].concat()))
        .collect()
}
