//! A frame to samples, and to files that radios and their tools send.

use super::iq::{IqWriter, SampleFormat, Written};
use super::radiotap::Radiotap;
use super::sigmf::{self, Annotation, Head};
use super::source::SAMPLE_RATE;
use super::{Fcs, FrameNote, NoSuchRate, RadioError, Rate, hex, pcap};
use jscc_phy::Complex32;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Ppdu, ScramblerState, fcs};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest number of octets that a file of a PSDU may have: one more than any frame takes, so that the frame refuses it.
const MAX_FILE: u64 = 1 << 16;

/// What cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No such rate or frame.
    #[error("{0}")]
    Rate(#[from] NoSuchRate),
    /// A scrambler has 127 states.
    #[error("no scrambler state {got}; give 1 to 127, with x1 as the least significant bit")]
    Scrambler {
        /// What was given.
        got: u32,
    },
    /// Neither digits nor a file.
    #[error("PSDU {given:?}: neither an even number of hexadecimal digits nor a file that can be read ({reason})")]
    Psdu {
        /// What was given.
        given: String,
        /// What the system says of a file of that name.
        reason: std::io::Error,
    },
    /// The DATA field has fewer symbols.
    #[error("no DATA symbol {got}; the frame has {n_sym}, from 0 to {}", .n_sym - 1)]
    Symbol {
        /// What was asked for.
        got: usize,
        /// How many there are.
        n_sym: usize,
    },
}

/// The octets that a user means: an even number of hexadecimal digits, or the content of the file of that name.
/// `@NAME` is always a file.
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

/// A MAC frame and the frame check sequence after it.
#[must_use]
pub fn with_fcs(frame: Vec<u8>) -> Vec<u8> {
    let check = fcs::fcs(&frame);
    [frame, check.to_vec()].concat()
}

/// Whether octets end in their own frame check sequence.
pub fn has_fcs(psdu: &[u8]) -> bool {
    fcs::check(psdu)
}

/// A frame that can be sent.
#[derive(Clone, Debug)]
pub struct Sending {
    rate: Rate,
    pub(crate) ppdu: Ppdu,
    pub(crate) psdu: Vec<u8>,
    pub(crate) scrambler: ScramblerState,
}

impl Sending {
    /// The frame of this rate and PSDU, sent with this state of the scrambler.
    ///
    /// # Errors
    /// [`SendError::Rate`] and `Scrambler`.
    pub fn new(rate: Rate, psdu: Vec<u8>, scrambler: u32) -> Result<Self, SendError> {
        let state = u8::try_from(scrambler).ok().and_then(ScramblerState::new);
        let scrambler = state.ok_or(SendError::Scrambler { got: scrambler })?;
        Ok(Self { rate, ppdu: rate.ppdu(psdu.len())?, psdu, scrambler })
    }

    /// The frame at 20 Msample/s, with samples of silence before and after it.
    pub fn samples(&self, lead: usize, trail: usize) -> Vec<Complex32> {
        let mut samples = vec![Complex32::ZERO; lead];
        samples.extend(transmit(&self.psdu, self.ppdu, self.scrambler, &Transform::default()));
        samples.resize(samples.len() + trail, Complex32::ZERO);
        samples
    }

    /// What there is to say of the frame, where it begins at sample `start`.
    pub fn note(&self, start: u64) -> FrameNote {
        FrameNote {
            start,
            count: self.ppdu.n_samples() as u64,
            rate: self.rate,
            length: self.psdu.len(),
            scrambler: self.scrambler.get(),
            fcs_ok: fcs::check(&self.psdu),
            cfo_hz: f64::NAN,
            snr_db: f64::NAN,
            psdu: self.psdu.clone(),
        }
    }

    /// Writes a pcap of this one frame, for injection at its rate.
    ///
    /// # Errors
    /// [`RadioError`].
    pub fn write_pcap(&self, path: &Path) -> Result<(), RadioError> {
        let fcs = if fcs::check(&self.psdu) { Fcs::Present } else { Fcs::Absent };
        let mut writer = pcap::Writer::create(path)?;
        let written = writer.write(Duration::ZERO, &Radiotap::injection(self.rate, fcs), &self.psdu);
        written.map_err(RadioError::pcap(path))?;
        writer.finish()
    }
}

/// A file of samples that can be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Samples and nothing else.
    Raw(SampleFormat),
    /// A SigMF recording.
    Sigmf(SampleFormat),
    /// A frame for injection, in place of samples.
    Pcap,
}

impl Target {
    /// What a file of this name is. `format` is for SigMF and for names that do not tell.
    ///
    /// # Errors
    /// [`RadioError::Format`].
    pub fn of_path(path: &Path, format: Option<SampleFormat>) -> Result<Self, RadioError> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("sigmf-meta" | "sigmf-data") => Ok(Self::Sigmf(format.unwrap_or(SampleFormat::Cf32))),
            Some("pcap") => Ok(Self::Pcap),
            _ => Ok(Self::Raw(format.map_or_else(|| SampleFormat::of_path(path), Ok)?)),
        }
    }
}

/// Writes samples that hold the frame of `note`; the largest |I| or |Q| of them is full scale in integer formats.
///
/// # Errors
/// [`RadioError`].
pub fn write_raw(path: &Path, format: SampleFormat, samples: &[Complex32]) -> Result<Written, RadioError> {
    let mut writer = IqWriter::create(path, format, peak(samples))?;
    writer.write(samples).map_err(RadioError::iq(path))?;
    writer.finish()
}

/// As [`write_raw`], with a description and an annotation of the frame.
///
/// # Errors
/// [`RadioError`].
pub fn write_sigmf(
    path: &Path,
    format: SampleFormat,
    samples: &[Complex32],
    note: FrameNote,
) -> Result<Written, RadioError> {
    let description = Some(format!("802.11 frame, {}, made by jscc", note.rate));
    let head = Head { sample_rate: SAMPLE_RATE, description, ..Head::default() };
    let mut writer = sigmf::Writer::create(path, format, peak(samples), head)?;
    writer.write(samples)?;
    writer.finish(vec![Annotation::from(note)])
}

fn peak(samples: &[Complex32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| sample.re.abs().max(sample.im.abs()).max(peak))
}
