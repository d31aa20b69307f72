//! A recording of either format, opened by its name, resampled to the receiver's 20 Msample/s.

use super::iq::{FileSamples, SampleFormat};
use super::resample::{Ratio, Resampler, SAMPLE_RATE};
use super::sigmf::{self, Document, Recording};
use super::{RadioError, Warning};
use jscc_phy::Complex32;
use std::fs::File;
use std::io::BufReader;
use std::mem;
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Highest plausible sample rate of a radio.
const MAX_RATE: f64 = 10e9;
/// Largest difference of rates that count as equal, for the tolerance of clocks: 20 ppm.
const SAME_RATE: f64 = 20e-6 * SAMPLE_RATE;
/// Samples read at a time.
const CHUNK: usize = 1 << 16;

/// Reads the samples of a file, in chunks.
pub struct Source {
    kept: Kept,
    path: PathBuf,
    sample_rate: f64,
    order: IqOrder,
    ratio: Ratio,
    /// `None` if the recording's rate is the receiver's.
    resampler: Option<Resampler>,
    /// Samples of the recording, to be resampled.
    raw: Vec<Complex32>,
    /// Samples that are ready for the receiver, from `given` on.
    ready: Vec<Complex32>,
    given: usize,
}

/// Storage of the samples.
enum Kept {
    Raw(Box<FileSamples>),
    Sigmf(Box<Recording>),
}

/// Explicit properties of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said {
    /// Format of raw samples, if the file's extension does not determine it.
    pub format: Option<SampleFormat>,
    /// Samples per second, instead of a SigMF recording's own or, for raw samples, of 20e6.
    pub sample_rate: Option<f64>,
    /// Order of I and Q.
    pub order: IqOrder,
}

/// Order of I and Q.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IqOrder {
    /// I first, as in every format here.
    #[default]
    Iq,
    /// Q first: a radio or a tool has exchanged them, which mirrors the spectrum.
    Qi,
}

impl Source {
    /// Opens raw samples, or a SigMF recording under any of its names. `-` is standard input.
    ///
    /// # Errors
    /// [`RadioError`], with [`RadioError::TooSlow`] and [`RadioError::NoRate`] for the sample rate.
    pub fn open(path: &Path, said: Said) -> Result<Self, RadioError> {
        let is_sigmf = path
            .extension()
            .is_some_and(|extension| extension.to_string_lossy().to_ascii_lowercase().starts_with("sigmf"));
        let kept = if is_sigmf {
            Kept::Sigmf(Box::new(sigmf::open(path)?))
        } else {
            let format = said.format.map_or_else(|| SampleFormat::of_path(path), Ok)?;
            // Path of standard input, which avoids a separate type of reader.
            let file = if path == Path::new("-") { Path::new("/dev/stdin") } else { path };
            Kept::Raw(Box::new(FileSamples::open(file, format)?))
        };
        Self::of(path, said, kept)
    }

    /// Raw samples of an open pipe, of which some bytes are buffered.
    pub(super) fn resume(path: &Path, file: BufReader<File>, said: Said) -> Result<Self, RadioError> {
        let format = said.format.map_or_else(|| SampleFormat::of_path(path), Ok)?;
        Self::of(path, said, Kept::Raw(Box::new(FileSamples::within(file, None, format))))
    }

    fn of(path: &Path, said: Said, kept: Kept) -> Result<Self, RadioError> {
        let told = match &kept {
            Kept::Raw(_) => None,
            Kept::Sigmf(recording) => recording.meta.sample_rate,
        };
        let hz = said.sample_rate.or(told).unwrap_or(SAMPLE_RATE);
        let ratio = ratio(hz, path)?;
        let resampler = (ratio != Ratio::ONE).then(|| Resampler::new(ratio));
        let (order, path) = (said.order, path.to_path_buf());
        Ok(Self { kept, path, sample_rate: hz, order, ratio, resampler, raw: Vec::new(), ready: Vec::new(), given: 0 })
    }

    /// Replaces the content of `samples` by the next `max` samples at the receiver's rate, or fewer at the end; returns
    /// 0 after the end.
    ///
    /// # Errors
    /// [`RadioError::Iq`]; [`RadioError::Empty`] if there are none at all.
    pub fn read(&mut self, samples: &mut Vec<Complex32>, max: usize) -> Result<usize, RadioError> {
        if self.resampler.is_none() {
            return self.read_raw(samples, max);
        }
        while self.ready.len() - self.given < max {
            let mut raw = mem::take(&mut self.raw);
            let got = self.read_raw(&mut raw, CHUNK)?;
            self.ready.drain(..mem::take(&mut self.given));
            let resampler = self.resampler.as_mut().expect("looked at before");
            if got > 0 {
                resampler.push(&raw, &mut self.ready);
            } else {
                resampler.finish(&mut self.ready);
                break;
            }
            self.raw = raw;
        }
        samples.clear();
        let some = max.min(self.ready.len() - self.given);
        samples.extend_from_slice(&self.ready[self.given..self.given + some]);
        self.given += some;
        Ok(some)
    }

    /// The next samples of the recording.
    fn read_raw(&mut self, samples: &mut Vec<Complex32>, max: usize) -> Result<usize, RadioError> {
        let path = &self.path;
        let file = self.kept.samples_mut();
        let got = file.read(samples, max).map_err(RadioError::iq(path))?;
        if file.done() == 0 {
            return Err(RadioError::Empty { path: path.clone() });
        }
        if self.order == IqOrder::Qi {
            for sample in samples {
                *sample = Complex32::new(sample.im, sample.re);
            }
        }
        Ok(got)
    }

    /// Warnings about the recording, after as much as wanted has been read. If it has a SHA-512, its rest is read.
    ///
    /// # Errors
    /// [`RadioError::Read`].
    pub fn warnings(&mut self) -> Result<Vec<Warning>, RadioError> {
        let mut warnings = Vec::new();
        let (format, samples) = (self.format(), self.samples());
        if samples.trailing() > 0 {
            warnings.push(Warning::Trailing { bytes: samples.trailing(), format });
        }
        if samples.bad().count > 0 {
            warnings.push(Warning::Bad(samples.bad()));
        }
        if let Kept::Sigmf(recording) = &mut self.kept {
            let meta = &recording.meta;
            let end = recording.samples.total().map(|total| meta.offset.saturating_add(total));
            if recording.missing > 0 {
                warnings.push(Warning::Missing { bytes: recording.missing });
            } else if let Some(end) = end.filter(|&end| meta.reach > end) {
                warnings.push(Warning::Short { reach: meta.reach, end });
            }
            if let Some(got) = recording.other_sha512()? {
                let want = recording.meta.sha512.clone().unwrap_or_default();
                warnings.push(Warning::Sha512 { got, want });
            }
        }
        Ok(warnings)
    }

    /// The given path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sample rate of the recording in samples per second.
    pub fn sample_rate(&self) -> f64 {
        self.sample_rate
    }

    /// Ratio of the recording's sample rate to the receiver's.
    pub fn ratio(&self) -> Ratio {
        self.ratio
    }

    /// Format of the samples.
    pub fn format(&self) -> SampleFormat {
        self.samples().format()
    }

    /// Samples in the file; `None` for a stream.
    pub fn total(&self) -> Option<u64> {
        self.samples().total()
    }

    /// Samples of the recording read so far.
    pub fn done(&self) -> u64 {
        self.samples().done()
    }

    /// Centre frequency in Hz at the recording's sample `at`.
    pub fn frequency(&self, at: u64) -> Option<f64> {
        self.sigmf().and_then(|recording| recording.meta.capture_of(at)?.frequency)
    }

    /// Time of the recording's sample `at`: since 1970 if the recording has a time, since its first sample otherwise.
    pub fn time(&self, at: u64) -> Duration {
        let since_first = Duration::from_secs_f64(at as f64 / self.sample_rate);
        self.sigmf().and_then(|recording| self.since_1970(&recording.meta, at)).unwrap_or(since_first)
    }

    fn since_1970(&self, meta: &sigmf::Meta, at: u64) -> Option<Duration> {
        let at = meta.offset.saturating_add(at);
        let timed = meta.captures.iter().filter(|capture| capture.start <= at);
        let timed = timed.filter_map(|capture| Some((capture.start, since_1970(capture.datetime.as_deref()?)?)));
        let (start, time) = timed.max_by_key(|(start, _)| *start)?;
        time.checked_add(Duration::try_from_secs_f64((at - start) as f64 / self.sample_rate).ok()?)
    }

    /// Number of the first sample according to the recording.
    pub(super) fn offset(&self) -> u64 {
        self.sigmf().map_or(0, |recording| recording.meta.offset)
    }

    /// The description of a SigMF recording.
    pub(super) fn document(&self) -> Option<&Document> {
        self.sigmf().map(|recording| &recording.document)
    }

    /// The file with the samples of a SigMF recording.
    pub(super) fn data_path(&self) -> Option<&Path> {
        self.sigmf().map(|recording| recording.data_path.as_path())
    }

    /// Keeps all bytes read from now on, until they are taken.
    pub(super) fn keep_bytes(&mut self) {
        self.kept.samples_mut().inner().keep();
    }

    /// The bytes read since the last call.
    pub(super) fn take_bytes(&mut self) -> Vec<u8> {
        self.kept.samples_mut().inner().take_kept()
    }

    fn samples(&self) -> &FileSamples {
        match &self.kept {
            Kept::Raw(samples) => samples,
            Kept::Sigmf(recording) => &recording.samples,
        }
    }

    fn sigmf(&self) -> Option<&Recording> {
        match &self.kept {
            Kept::Raw(_) => None,
            Kept::Sigmf(recording) => Some(recording),
        }
    }
}

impl Kept {
    fn samples_mut(&mut self) -> &mut FileSamples {
        match self {
            Self::Raw(samples) => samples,
            Self::Sigmf(recording) => &mut recording.samples,
        }
    }
}

/// The ratio of `hz` samples per second to the receiver's rate.
fn ratio(hz: f64, path: &Path) -> Result<Ratio, RadioError> {
    let path = path.to_path_buf();
    if (hz - SAMPLE_RATE).abs() <= SAME_RATE {
        return Ok(Ratio::ONE);
    }
    match hz {
        _ if hz.is_nan() || hz <= 0.0 || hz > MAX_RATE => Err(RadioError::NoRate { path, hz }),
        _ if hz < SAMPLE_RATE => Err(RadioError::TooSlow { path, hz }),
        _ => Ok(Ratio::of(hz)),
    }
}

/// Parses a time of SigMF, within the range of a packet capture.
fn since_1970(datetime: &str) -> Option<Duration> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    // Older recordings omit the zone, which is always UTC.
    let time = parse(datetime).or_else(|| parse(&format!("{datetime}Z")))?;
    let seconds = u32::try_from(time.unix_timestamp()).ok()?;
    Some(Duration::new(seconds.into(), time.nanosecond()))
}
