//! Raw samples: I, Q, I, Q, ... and nothing else, as GNU Radio, UHD, HackRF and RTL-SDR tools write them.
//!
//! Numbers are little-endian. Integers are read to full scale ±1: ci16 is divided by 32768, ci8 by 128; cu8, whose zero
//! lies between two codes, is (code - 127.5) / 127.5.

use super::{Beside, RadioError};
use jscc_phy::Complex32;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Take, Write};
use std::path::Path;
use std::str::FromStr;

/// Bytes read or written at a time; a multiple of every sample's size.
const CHUNK: usize = 1 << 16;

/// How a sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFormat {
    /// Two `f32`.
    Cf32,
    /// Two `i16`.
    Ci16,
    /// Two `i8`: HackRF.
    Ci8,
    /// Two `u8`: RTL-SDR.
    Cu8,
}

/// A name or file name that stands for no format of samples.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} names no sample format; use cf32, ci16, ci8 or cu8 (also fc32, cfile, cs16, sc16, cs8, sc8)")]
pub struct FormatError {
    /// What was given.
    pub name: String,
}

impl SampleFormat {
    /// Each format once.
    pub const ALL: [Self; 4] = [Self::Cf32, Self::Ci16, Self::Ci8, Self::Cu8];

    /// Bytes of one sample, I and Q together.
    pub fn sample_bytes(self) -> usize {
        match self {
            Self::Cf32 => 8,
            Self::Ci16 => 4,
            Self::Ci8 | Self::Cu8 => 2,
        }
    }

    /// The format that the extension of `path` stands for.
    ///
    /// # Errors
    /// Where it stands for none.
    pub fn of_path(path: &Path) -> Result<Self, FormatError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        extension.parse().map_err(|_| FormatError { name: path.to_string_lossy().into_owned() })
    }

    fn decode(self, bytes: &[u8], samples: &mut Vec<Complex32>) {
        match self {
            Self::Cf32 => extend(samples, bytes, f32::from_le_bytes),
            Self::Ci16 => extend(samples, bytes, |code| f32::from(i16::from_le_bytes(code)) / 32768.0),
            Self::Ci8 => extend(samples, bytes, |code| f32::from(i8::from_le_bytes(code)) / 128.0),
            Self::Cu8 => extend(samples, bytes, |[code]| (f32::from(code) - 127.5) / 127.5),
        }
    }

    /// The bytes of one number; a cast to an integer goes to the nearest end of its range.
    fn encode(self, value: f32, bytes: &mut Vec<u8>) {
        match self {
            Self::Cf32 => bytes.extend(value.to_le_bytes()),
            Self::Ci16 => bytes.extend(((value * 32768.0).round() as i16).to_le_bytes()),
            Self::Ci8 => bytes.extend(((value * 128.0).round() as i8).to_le_bytes()),
            Self::Cu8 => bytes.push((value * 127.5 + 127.5).round() as u8),
        }
    }
}

fn extend<const N: usize>(samples: &mut Vec<Complex32>, bytes: &[u8], number: impl Fn([u8; N]) -> f32) {
    let (numbers, _) = bytes.as_chunks::<N>();
    let (pairs, _) = numbers.as_chunks::<2>();
    samples.extend(pairs.iter().map(|&[i, q]| Complex32::new(number(i), number(q))));
}

impl FromStr for SampleFormat {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, FormatError> {
        match name.to_ascii_lowercase().as_str() {
            "cf32" | "fc32" | "cfile" => Ok(Self::Cf32),
            "ci16" | "cs16" | "sc16" => Ok(Self::Ci16),
            "ci8" | "cs8" | "sc8" => Ok(Self::Ci8),
            "cu8" => Ok(Self::Cu8),
            _ => Err(FormatError { name: name.to_owned() }),
        }
    }
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cf32 => "cf32",
            Self::Ci16 => "ci16",
            Self::Ci8 => "ci8",
            Self::Cu8 => "cu8",
        })
    }
}

/// What can be wrong with samples.
#[derive(Debug, thiserror::Error)]
pub enum IqError {
    /// The system cannot read.
    #[error("cannot be read ({0}); check its kind and permissions")]
    Read(io::Error),
    /// The system cannot write.
    #[error("cannot be written ({0}); check the disk's space and permissions")]
    Write(io::Error),
    /// Less than one sample is all there is.
    #[error("only {bytes} bytes, less than one sample of {format}; is it the whole file, and is that its format?")]
    Cut {
        /// Bytes there are.
        bytes: usize,
        /// How they were read.
        format: SampleFormat,
    },
    /// A sample is infinite or not a number.
    #[error("sample {sample} is not a finite number; is the file really cf32?")]
    NotFinite {
        /// Its place.
        sample: u64,
    },
    /// The amplitude for full scale is none.
    #[error("a peak of {got} cannot be full scale; give a positive number, such as the largest |I| or |Q|")]
    Peak {
        /// What was given.
        got: f32,
    },
}

/// Samples from a stream of bytes, a few at a time.
///
/// Where the stream ends within a sample, the odd bytes are left out and counted in [`IqReader::trailing`]; only where
/// there is no whole sample are they an error.
#[derive(Debug)]
pub struct IqReader<R> {
    reader: R,
    format: SampleFormat,
    total: Option<u64>,
    done: u64,
    trailing: usize,
    bytes: Vec<u8>,
}

/// Samples from a file, or from a part of it.
pub type FileSamples = IqReader<Take<BufReader<File>>>;

impl IqReader<Take<BufReader<File>>> {
    /// The samples of the file at `path`.
    ///
    /// # Errors
    /// [`RadioError::Read`] where it cannot be opened.
    pub fn open(path: &Path, format: SampleFormat) -> Result<Self, RadioError> {
        let file = File::open(path).map_err(RadioError::read(path))?;
        let about = file.metadata().map_err(RadioError::read(path))?;
        let length = about.is_file().then_some(about.len());
        Ok(Self::within(BufReader::new(file), length, format))
    }

    /// The samples of the next `length` bytes of `file`; of all that comes where that is not known, as in a pipe.
    pub(super) fn within(file: BufReader<File>, length: Option<u64>, format: SampleFormat) -> Self {
        let mut samples = Self::new(file.take(length.unwrap_or(u64::MAX)), format);
        samples.total = length.map(|bytes| bytes / format.sample_bytes() as u64);
        samples
    }
}

impl<R: Read> IqReader<R> {
    /// The samples that `reader` gives.
    pub fn new(reader: R, format: SampleFormat) -> Self {
        Self { reader, format, total: None, done: 0, trailing: 0, bytes: vec![0; CHUNK] }
    }

    /// How the samples are stored.
    pub fn format(&self) -> SampleFormat {
        self.format
    }

    /// Samples in the file, by its size; `None` for a stream.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Samples read so far.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Bytes after the last whole sample, once the end is reached; worth a warning where not zero.
    pub fn trailing(&self) -> usize {
        self.trailing
    }

    /// Where the bytes come from.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// Puts the next samples in place of what is in `samples`: `max` of them, fewer before the end, none at it.
    ///
    /// # Errors
    /// [`IqError::Read`], `Cut` and `NotFinite`.
    pub fn read(&mut self, samples: &mut Vec<Complex32>, max: usize) -> Result<usize, IqError> {
        samples.clear();
        let size = self.format.sample_bytes();
        while samples.len() < max {
            let want = (max - samples.len()).saturating_mul(size).min(CHUNK);
            let got = fill(&mut self.reader, &mut self.bytes[..want]).map_err(IqError::Read)?;
            self.format.decode(&self.bytes[..got - got % size], samples);
            self.trailing += got % size;
            if got < want {
                break;
            }
        }
        if self.done == 0 && samples.is_empty() && self.trailing > 0 {
            return Err(IqError::Cut { bytes: self.trailing, format: self.format });
        }
        check_finite(samples, self.done)?;
        self.done += samples.len() as u64;
        Ok(samples.len())
    }
}

/// Reads until `bytes` is full or the end is reached.
fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match reader.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn check_finite(samples: &[Complex32], before: u64) -> Result<(), IqError> {
    match samples.iter().position(|sample| !sample.is_finite()) {
        Some(at) => Err(IqError::NotFinite { sample: before + at as u64 }),
        None => Ok(()),
    }
}

/// Samples to a stream of bytes.
#[derive(Debug)]
pub struct IqWriter<W> {
    writer: W,
    format: SampleFormat,
    gain: f32,
    written: Written,
    bytes: Vec<u8>,
}

/// What a writer has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Samples.
    pub samples: u64,
    /// Those of them whose I or Q was beyond the peak, and was cut to it.
    pub clipped: u64,
}

impl<W: Write> IqWriter<W> {
    /// Writes to `writer`. In the integer formats an I or Q of `peak` is full scale; cf32 is written as it is.
    ///
    /// # Errors
    /// [`IqError::Peak`] where `peak` is not a positive number.
    pub fn new(writer: W, format: SampleFormat, peak: f32) -> Result<Self, IqError> {
        if !peak.is_normal() || peak < 0.0 {
            return Err(IqError::Peak { got: peak });
        }
        let gain = if format == SampleFormat::Cf32 { 1.0 } else { 1.0 / peak };
        Ok(Self { writer, format, gain, written: Written::default(), bytes: Vec::new() })
    }

    /// Writes `samples` after those before.
    ///
    /// # Errors
    /// [`IqError::NotFinite`], with none of `samples` written; `Write`, with any part.
    pub fn write(&mut self, samples: &[Complex32]) -> Result<(), IqError> {
        check_finite(samples, self.written.samples)?;
        for part in samples.chunks(CHUNK / 8) {
            self.bytes.clear();
            for sample in part {
                let sample = sample * self.gain;
                self.format.encode(sample.re, &mut self.bytes);
                self.format.encode(sample.im, &mut self.bytes);
                let is_beyond = self.format != SampleFormat::Cf32 && sample.re.abs().max(sample.im.abs()) > 1.0;
                self.written.clipped += u64::from(is_beyond);
            }
            self.writer.write_all(&self.bytes).map_err(IqError::Write)?;
            self.written.samples += part.len() as u64;
        }
        Ok(())
    }

    /// What has been written so far.
    pub fn written(&self) -> Written {
        self.written
    }

    /// Where the bytes went.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

impl IqWriter<Beside> {
    /// Begins the file at `path`, which is there only once [`IqWriter::finish`] is called.
    ///
    /// # Errors
    /// [`RadioError::Iq`] for the peak, `Write` where the file cannot be begun.
    pub fn create(path: &Path, format: SampleFormat, peak: f32) -> Result<Self, RadioError> {
        let file = Beside::create(path).map_err(RadioError::Write)?;
        Self::new(file, format, peak).map_err(RadioError::iq(path))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self) -> Result<Written, RadioError> {
        let written = self.written;
        self.writer.finish().map_err(RadioError::Write)?;
        Ok(written)
    }
}

#[cfg(test)]
mod tests;
