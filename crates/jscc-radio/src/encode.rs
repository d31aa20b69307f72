//! Frames to samples, and to files for radios and their tools.

use super::air::Air;
use super::iq::{FormatError, IqWriter, SampleFormat, Written};
use super::radiotap::Radiotap;
use super::resample::SAMPLE_RATE;
use super::sigmf::{self, Annotation, Head};
use super::{Fcs, FrameNote, NoSuchRate, RadioError, Rate, hex, pcap};
use jscc_phy::Complex32;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Ppdu, ScramblerState, fcs};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Largest file of a PSDU in octets: more than any frame can carry, so that the frame refuses it.
const MAX_FILE: u64 = 1 << 16;

/// Reason why a frame cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No such rate or frame.
    #[error("{0}")]
    Rate(#[from] NoSuchRate),
    /// A scrambler has 127 states.
    #[error("no scrambler state {got}; give 1 to 127, with x1 as the least significant bit")]
    Scrambler {
        /// The number given.
        got: u32,
    },
    /// Neither hexadecimal digits nor a readable file.
    #[error("PSDU {given:?}: neither an even number of hexadecimal digits nor a file that can be read ({reason})")]
    Psdu {
        /// The text given.
        given: String,
        /// The system's error for a file of that name.
        reason: std::io::Error,
    },
    /// The DATA field has fewer symbols.
    #[error("no DATA symbol {got}; the frame has {n_sym}, from 0 to {}", .n_sym - 1)]
    Symbol {
        /// The symbol requested.
        got: usize,
        /// Number of symbols.
        n_sym: usize,
    },
}

/// The octets given by an even number of hexadecimal digits, or else the content of the file of that name. `@NAME` is
/// always a file.
///
/// # Errors
/// [`SendError::Psdu`].
pub fn psdu(given: &str) -> Result<Vec<u8>, SendError> {
    if let Some(octets) = hex::decode(given) {
        return Ok(octets);
    }
    let mut octets = Vec::new();
    let path = PathBuf::from(given.strip_prefix('@').unwrap_or(given));
    let read = File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut octets));
    read.map_err(|reason| SendError::Psdu { given: given.to_owned(), reason })?;
    Ok(octets)
}

/// The initial state of the scrambler with this number.
///
/// # Errors
/// [`SendError::Scrambler`].
pub fn scrambler_state(number: u32) -> Result<ScramblerState, SendError> {
    let state = u8::try_from(number).ok().and_then(ScramblerState::new);
    state.ok_or(SendError::Scrambler { got: number })
}

/// A MAC frame followed by its frame check sequence.
#[must_use]
pub fn with_fcs(frame: Vec<u8>) -> Vec<u8> {
    let check = fcs::fcs(&frame);
    [frame, check.to_vec()].concat()
}

/// Whether octets end with their own frame check sequence.
pub fn has_fcs(psdu: &[u8]) -> bool {
    fcs::check(psdu)
}

/// A frame to send.
#[derive(Clone, Debug)]
pub struct Sending {
    rate: Rate,
    ppdu: Ppdu,
    psdu: Vec<u8>,
    scrambler: ScramblerState,
    /// Sample before which it does not begin, from the end of the silence before all frames on.
    not_before: u64,
}

impl Sending {
    /// Scheme, guard interval and length.
    pub fn ppdu(&self) -> Ppdu {
        self.ppdu
    }

    /// Its octets.
    pub fn psdu(&self) -> &[u8] {
        &self.psdu
    }

    /// The initial state of its scrambler.
    pub fn scrambler(&self) -> ScramblerState {
        self.scrambler
    }

    /// The frame with this rate and PSDU, sent with this state of the scrambler.
    ///
    /// # Errors
    /// [`SendError::Rate`] and `Scrambler`.
    pub fn new(rate: Rate, psdu: Vec<u8>, scrambler: u32) -> Result<Self, SendError> {
        let scrambler = scrambler_state(scrambler)?;
        Ok(Self { rate, ppdu: rate.ppdu(psdu.len())?, psdu, scrambler, not_before: 0 })
    }

    /// The frame, to begin no sooner than this many samples after the silence before all frames.
    #[must_use]
    pub fn not_before(self, sample: u64) -> Self {
        Self { not_before: sample, ..self }
    }

    /// The frame at 20 Msample/s and the fixed gain of a card: data subcarriers have the power of their points.
    pub fn samples(&self) -> Vec<Complex32> {
        transmit(&self.psdu, self.ppdu, self.scrambler, &Transform::default())
    }

    /// Octets of its PSDU, FCS included.
    pub fn length(&self) -> usize {
        self.psdu.len()
    }

    /// Description of the frame if it begins at sample `start`.
    pub fn note(&self, start: u64) -> FrameNote {
        FrameNote {
            start,
            count: self.ppdu.n_samples() as u64,
            rate: self.rate,
            length: self.psdu.len(),
            scrambler: self.scrambler.get(),
            fcs_ok: has_fcs(&self.psdu),
            cfo_hz: f64::NAN,
            snr_db: f64::NAN,
            psdu: self.psdu.clone(),
        }
    }
}

/// Kind of an output file.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Raw samples.
    Raw(SampleFormat),
    /// A SigMF recording.
    Sigmf(SampleFormat),
    /// Frames for injection, instead of samples.
    Pcap,
}

impl Target {
    /// The kind of a file with this name. `stored` applies to SigMF and to names without a known extension, such as
    /// those of pipes.
    ///
    /// # Errors
    /// [`RadioError::Format`].
    pub fn of_path(path: &Path, stored: Option<Stored>) -> Result<Self, RadioError> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match (extension.to_str(), stored) {
            (Some("sigmf-meta" | "sigmf-data"), Some(Stored::Samples(format))) => Ok(Self::Sigmf(format)),
            (Some("sigmf-meta" | "sigmf-data"), None) => Ok(Self::Sigmf(SampleFormat::CF32)),
            (Some("pcap"), _) | (_, Some(Stored::Pcap)) => Ok(Self::Pcap),
            (_, Some(Stored::Samples(format))) => Ok(Self::Raw(format)),
            (_, None) => Ok(Self::Raw(SampleFormat::of_path(path)?)),
        }
    }
}

/// Content of a file whose name has no known extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Samples.
    Samples(SampleFormat),
    /// Frames.
    Pcap,
}

impl FromStr for Stored {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, FormatError> {
        if name.eq_ignore_ascii_case("pcap") { Ok(Self::Pcap) } else { name.parse().map(Self::Samples) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(format) => write!(f, "{format}"),
            Self::Sigmf(format) => write!(f, "SigMF {format}"),
            Self::Pcap => f.write_str("pcap for injection"),
        }
    }
}

/// Silence around frames, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Before the first frame.
    pub lead: usize,
    /// Between two.
    pub gap: usize,
    /// After the last.
    pub trail: usize,
}

/// A sequence of frames.
#[derive(Clone, Copy, Debug)]
pub struct Transmission<'a> {
    /// The frames.
    pub frames: &'a [Sending],
    /// The silence around them.
    pub silence: Silence,
    /// The channel, if any.
    pub air: Option<&'a Air>,
    /// Centre of the channel in Hz, to be stored in a recording.
    pub frequency: Option<f64>,
}

impl Transmission<'_> {
    /// First sample of each frame.
    pub fn starts(&self) -> Vec<u64> {
        let lead = self.silence.lead as u64;
        let mut next = lead;
        let mut place = |frame: &Sending| {
            let start = next.max(lead + frame.not_before);
            next = start + (frame.ppdu.n_samples() + self.silence.gap) as u64;
            start
        };
        self.frames.iter().map(&mut place).collect()
    }

    /// Description of each frame.
    pub fn notes(&self) -> Vec<FrameNote> {
        self.frames.iter().zip(self.starts()).map(|(frame, start)| frame.note(start)).collect()
    }

    /// All samples at 20 Msample/s, after the channel.
    pub fn samples(&self) -> Vec<Complex32> {
        let mut samples = vec![Complex32::ZERO; self.silence.lead];
        for (frame, start) in self.frames.iter().zip(self.starts()) {
            samples.resize(start as usize, Complex32::ZERO);
            samples.extend(frame.samples());
        }
        samples.resize(samples.len() + self.silence.trail, Complex32::ZERO);
        if let Some(air) = self.air {
            air.carry(&mut samples);
        }
        samples
    }

    /// Writes it to the file at `path`. The largest |I| or |Q| is full scale in integer formats; a pcap contains octets
    /// without the channel, with times counted from the first sample.
    ///
    /// # Errors
    /// [`RadioError`].
    pub fn write(&self, path: &Path, target: &Target) -> Result<Written, RadioError> {
        match target {
            Target::Pcap => self.write_pcap(path),
            Target::Raw(format) => {
                let samples = self.samples();
                let mut writer = IqWriter::create(path, *format, peak(&samples))?;
                writer.write(&samples).map_err(RadioError::iq(path))?;
                writer.finish()
            }
            Target::Sigmf(format) => self.write_sigmf(path, *format),
        }
    }

    /// Writes raw samples, with a description and an annotation per frame.
    fn write_sigmf(&self, path: &Path, format: SampleFormat) -> Result<Written, RadioError> {
        let (samples, notes) = (self.samples(), self.notes());
        let frames = if notes.len() == 1 { "frame".to_owned() } else { format!("frames ({})", notes.len()) };
        let rate = notes.first().map_or(String::new(), |note| format!(", {}", note.rate));
        let (frequency, description) = (self.frequency, format!("802.11 {frames}{rate}, made by jscc"));
        let head = Head { sample_rate: SAMPLE_RATE, frequency, description };
        let mut writer = sigmf::Writer::create(path, format, peak(&samples), head)?;
        writer.write(&samples)?;
        writer.finish(notes.into_iter().map(|note| Annotation::of(note, 0, frequency)).collect())
    }

    /// Writes a pcap with one record per frame, for injection at its rate.
    fn write_pcap(&self, path: &Path) -> Result<Written, RadioError> {
        let mut writer = pcap::Writer::create(path)?;
        for (frame, start) in self.frames.iter().zip(self.starts()) {
            let fcs = if has_fcs(&frame.psdu) { Fcs::Present } else { Fcs::Absent };
            let time = Duration::from_secs_f64(start as f64 / SAMPLE_RATE);
            let written = writer.write(time, &Radiotap::injection(frame.rate, fcs), &frame.psdu);
            written.map_err(RadioError::pcap(path))?;
        }
        writer.finish()?;
        Ok(Written::default())
    }
}

fn peak(samples: &[Complex32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| sample.re.abs().max(sample.im.abs()).max(peak))
}
