//! Raw samples: what is read in pieces is what is read at once, and what is written is what was read.

use crate::Seeds;
use crate::input::{Drip, Input, Noise};
use crate::memory;
use jscc_phy::Complex32;
use jscc_radio::iq::{IqError, IqReader, IqWriter, SampleFormat};
use std::io::Read;

/// Round trips, in pieces of any size.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let format = SampleFormat::ALL[usize::from(input.u8() % 4)];
    let (mut noise, bytes) = (Noise(input.u16().into()), input.0);
    let limit = (1 << 20) + 64 * bytes.len();
    let whole = memory::within(limit, || read(bytes, format, || usize::MAX));
    let drip = Drip { bytes, noise: Noise(noise.next()) };
    let pieces = memory::within(limit, || read(drip, format, || 1 + noise.next() as usize % 5000));
    let size = format.sample_bytes();
    let (samples, done, trailing) = match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            assert!(whole == pieces, "in one read and in pieces");
            whole
        }
        (Err(IqError::NotFinite { sample }), Err(IqError::NotFinite { sample: other })) => {
            assert_eq!(sample, other);
            return;
        }
        (Err(IqError::Cut { bytes: cut, .. }), Err(IqError::Cut { bytes: other, .. })) => {
            assert!(cut == other && cut == bytes.len() && cut < size);
            return;
        }
        (whole, pieces) => panic!("in one read {:?}, in pieces {:?}", whole.err(), pieces.err()),
    };
    assert_eq!((samples.len(), done, trailing), (bytes.len() / size, samples.len() as u64, bytes.len() % size));
    let mut writer = IqWriter::new(Vec::new(), format, 1.0).expect("1 is a peak");
    writer.write(&samples).expect("what was read is finite, and memory takes it");
    assert_eq!(writer.written().samples, done);
    assert!(writer.into_inner() == bytes[..bytes.len() - trailing], "what is written is not what was read");
}

type Samples = (Vec<Complex32>, u64, usize);

fn read(source: impl Read, format: SampleFormat, mut most: impl FnMut() -> usize) -> Result<Samples, IqError> {
    let (mut reader, mut all, mut some) = (IqReader::new(source, format), Vec::new(), Vec::new());
    while reader.read(&mut some, most())? > 0 {
        all.extend_from_slice(&some);
    }
    Ok((all, reader.done(), reader.trailing()))
}

/// Each format, whole and cut.
pub fn seeds() -> Seeds {
    let numbers = [0.0f32, 1.0, -1.0, 0.5, 1e-30, -0.0, 3e38, 0.1, -7.25];
    let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    let all: Vec<u8> = (0..=255).collect();
    (0..4).flat_map(|format| [&bytes[..], &bytes[..32], &all].map(|bytes| [&[format, 1, 2], bytes].concat())).collect()
}
