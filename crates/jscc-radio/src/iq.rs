//! Raw samples: I, Q, I, Q, ... without a header, as in GNU Radio, UHD, HackRF and RTL-SDR tools.

mod format;
mod tap;

pub use format::{FormatError, SampleFormat};
pub use tap::Tap;

use super::{Beside, RadioError};
use jscc_phy::Complex32;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Take, Write};
use std::path::Path;

/// Bytes read or written at a time; a multiple of every sample's size.
const CHUNK: usize = 1 << 16;
/// Largest plausible I or Q: beyond it the power, and the power's square, would leave the range of `f32`.
const MAX_AMPLITUDE: f32 = 1e12;

/// Faults of samples.
#[derive(Debug, thiserror::Error)]
pub enum IqError {
    /// The system cannot read.
    #[error("cannot be read ({0}); check its kind and permissions")]
    Read(io::Error),
    /// The system cannot write.
    #[error("cannot be written ({0}); check the disk's space and permissions")]
    Write(io::Error),
    /// The file has less than one sample.
    #[error("only {bytes} bytes, less than one sample of {format}; is it the whole file, and is that its format?")]
    Cut {
        /// Size in bytes.
        bytes: usize,
        /// The assumed format.
        format: SampleFormat,
    },
    /// No sample is a plausible number.
    #[error("each of its {samples} samples is not a finite number, or is beyond 1e12; is the file really {format}?")]
    AllBad {
        /// Number of samples.
        samples: u64,
        /// The assumed format.
        format: SampleFormat,
    },
    /// A sample to be written is infinite or NaN.
    #[error("sample {sample} is not a finite number, and is not written")]
    NotFinite {
        /// Its place.
        sample: u64,
    },
    /// An invalid amplitude for full scale.
    #[error("a peak of {got} cannot be full scale; give a positive number, such as the largest |I| or |Q|")]
    Peak {
        /// The amplitude given.
        got: f32,
    },
}

/// Samples that are not plausible numbers: infinite, NaN, or beyond 1e12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bad {
    /// Their number.
    pub count: u64,
    /// The place of the first.
    pub first: u64,
}

/// Reads samples from a stream of bytes, in chunks.
///
/// If the stream ends within a sample, the odd bytes are left out and counted in [`IqReader::trailing`]; they are an
/// error only if there is no whole sample. A sample that is not a number is read as zero, and counted in
/// [`IqReader::bad`]; such samples are an error only if there are no others.
#[derive(Debug)]
pub struct IqReader<R> {
    reader: R,
    format: SampleFormat,
    total: Option<u64>,
    done: u64,
    bad: Bad,
    trailing: usize,
    bytes: Vec<u8>,
}

/// Samples from a file, or from a part of it.
pub type FileSamples = IqReader<Tap<Take<BufReader<File>>>>;

impl FileSamples {
    /// The samples of the file at `path`.
    ///
    /// # Errors
    /// [`RadioError::Read`] if it cannot be opened.
    pub fn open(path: &Path, format: SampleFormat) -> Result<Self, RadioError> {
        let (file, length) = open(path)?;
        Ok(Self::within(file, length, format))
    }

    /// The samples of the next `length` bytes of `file`; of all bytes if the length is unknown, as in a pipe.
    pub(super) fn within(file: BufReader<File>, length: Option<u64>, format: SampleFormat) -> Self {
        let mut samples = Self::new(Tap::new(file.take(length.unwrap_or(u64::MAX))), format);
        samples.total = length.map(|bytes| bytes / format.sample_bytes() as u64);
        samples
    }
}

/// The file at `path`, and its length if it has one.
pub(super) fn open(path: &Path) -> Result<(BufReader<File>, Option<u64>), RadioError> {
    let file = File::open(path).map_err(RadioError::read(path))?;
    let about = file.metadata().map_err(RadioError::read(path))?;
    Ok((BufReader::new(file), about.is_file().then_some(about.len())))
}

impl<R: Read> IqReader<R> {
    /// Reads samples from `reader`.
    pub fn new(reader: R, format: SampleFormat) -> Self {
        let bytes = vec![0; CHUNK];
        Self { reader, format, total: None, done: 0, bad: Bad::default(), trailing: 0, bytes }
    }

    /// Format of the samples.
    pub fn format(&self) -> SampleFormat {
        self.format
    }

    /// Number of samples, from the size of the file; `None` for a stream.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Samples read so far.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Samples read so far that are not numbers.
    pub fn bad(&self) -> Bad {
        self.bad
    }

    /// Bytes after the last whole sample, once the end is reached; a reason for a warning if not zero.
    pub fn trailing(&self) -> usize {
        self.trailing
    }

    /// The underlying reader.
    pub fn inner(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Replaces the content of `samples` by the next `max` samples, or fewer at the end; returns 0 after the end.
    ///
    /// # Errors
    /// [`IqError::Read`], `Cut`, and `AllBad` at the end.
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
        if self.format.is_float() {
            self.silence_bad(samples);
        }
        self.done += samples.len() as u64;
        if samples.is_empty() && max > 0 && self.done > 0 && self.bad.count == self.done {
            return Err(IqError::AllBad { samples: self.done, format: self.format });
        }
        Ok(samples.len())
    }

    fn silence_bad(&mut self, samples: &mut [Complex32]) {
        // Also catches NaN, which is not below the limit.
        let is_sound = |sample: &Complex32| sample.re.abs() <= MAX_AMPLITUDE && sample.im.abs() <= MAX_AMPLITUDE;
        for (i, sample) in samples.iter_mut().enumerate().filter(|(_, sample)| !is_sound(sample)) {
            *sample = Complex32::ZERO;
            if self.bad.count == 0 {
                self.bad.first = self.done + i as u64;
            }
            self.bad.count += 1;
        }
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

/// Writes samples to a stream of bytes.
#[derive(Debug)]
pub struct IqWriter<W> {
    writer: W,
    format: SampleFormat,
    gain: f32,
    written: Written,
    bytes: Vec<u8>,
}

/// Counts of a writer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Samples written.
    pub samples: u64,
    /// Samples clipped because I or Q exceeded the peak.
    pub clipped: u64,
}

impl<W: Write> IqWriter<W> {
    /// Writes to `writer`. In the integer formats an I or Q of `peak` is full scale; floats are written as they are.
    ///
    /// # Errors
    /// [`IqError::Peak`] if `peak` is not a positive number.
    pub fn new(writer: W, format: SampleFormat, peak: f32) -> Result<Self, IqError> {
        if !peak.is_normal() || peak < 0.0 {
            return Err(IqError::Peak { got: peak });
        }
        let gain = if format.is_float() { 1.0 } else { 1.0 / peak };
        Ok(Self { writer, format, gain, written: Written::default(), bytes: Vec::new() })
    }

    /// Appends `samples`.
    ///
    /// # Errors
    /// [`IqError::NotFinite`], with none of `samples` written; `Write`, with some of them written.
    pub fn write(&mut self, samples: &[Complex32]) -> Result<(), IqError> {
        check_finite(samples, self.written.samples)?;
        for part in samples.chunks(CHUNK / 8) {
            self.bytes.clear();
            for sample in part {
                let sample = sample * self.gain;
                self.format.encode(sample.re, &mut self.bytes);
                self.format.encode(sample.im, &mut self.bytes);
                let is_beyond = !self.format.is_float() && sample.re.abs().max(sample.im.abs()) > 1.0;
                self.written.clipped += u64::from(is_beyond);
            }
            self.writer.write_all(&self.bytes).map_err(IqError::Write)?;
            self.written.samples += part.len() as u64;
        }
        Ok(())
    }

    /// The counts so far.
    pub fn written(&self) -> Written {
        self.written
    }

    /// The underlying writer.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

impl IqWriter<Beside> {
    /// Begins the file at `path`, which appears only on [`IqWriter::finish`].
    ///
    /// # Errors
    /// [`RadioError::Iq`] for the peak, `Write` if the file cannot be created.
    pub fn create(path: &Path, format: SampleFormat, peak: f32) -> Result<Self, RadioError> {
        let file = Beside::create(path).map_err(RadioError::Write)?;
        Self::new(file, format, peak).map_err(RadioError::iq(path))
    }

    /// Finishes the file.
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
