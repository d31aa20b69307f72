//! What is kept of the frames that a recording holds: a capture of packets, a recording with annotations.

use super::decode::Found;
use super::radiotap::{FLAG_BAD_FCS, Radiotap};
use super::sigmf::{self, Annotation, Head};
use super::source::{SAMPLE_RATE, Source};
use super::{Beside, Fcs, FrameNote, RadioError, pcap};
use jscc_phy::Complex32;
use jscc_phy::wifi::ampdu;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A capture of the frames that were received, as a card in monitor mode writes it. The recording begins at time 0.
pub struct Capture {
    writer: pcap::Writer<Beside>,
    path: PathBuf,
}

impl Capture {
    /// Begins the capture at `path`, which is there only once [`Capture::finish`] is called.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn create(path: &Path) -> Result<Self, RadioError> {
        Ok(Self { writer: pcap::Writer::create(path)?, path: path.to_path_buf() })
    }

    /// Writes a frame, whose last octets are its FCS, right or wrong; of an A-MPDU, each frame in it that is right.
    ///
    /// # Errors
    /// [`RadioError::Pcap`].
    pub fn write(&mut self, found: &Found) -> Result<(), RadioError> {
        let psdu = &found.note.psdu[..];
        let frames = if found.aggregation { ampdu::split(psdu) } else { vec![psdu] };
        frames.into_iter().try_for_each(|frame| self.write_frame(&found.note, frame))
    }

    fn write_frame(&mut self, note: &FrameNote, frame: &[u8]) -> Result<(), RadioError> {
        let mut radiotap = Radiotap::received(note.rate, Fcs::Present);
        if !note.fcs_ok {
            radiotap.flags = radiotap.flags.map(|flags| flags | FLAG_BAD_FCS);
        }
        let time = Duration::from_secs_f64(note.start as f64 / SAMPLE_RATE);
        self.writer.write(time, &radiotap, frame).map_err(RadioError::pcap(&self.path))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self) -> Result<(), RadioError> {
        self.writer.finish()
    }
}

/// A copy of a recording as SigMF, with an annotation for each frame.
pub struct Annotated {
    writer: sigmf::Writer,
    annotations: Vec<Annotation>,
}

impl Annotated {
    /// Begins the recording at `path`, whose files are there only once [`Annotated::finish`] is called.
    ///
    /// # Errors
    /// [`RadioError`].
    pub fn create(path: &Path, source: &Source) -> Result<Self, RadioError> {
        let head = source.head().clone();
        let description = head.description.unwrap_or_else(|| source.path().display().to_string());
        let head = Head { description: Some(description), ..head };
        // Full scale as it was read: the integers come back as they were.
        Ok(Self { writer: sigmf::Writer::create(path, source.format(), 1.0, head)?, annotations: Vec::new() })
    }

    /// Copies samples.
    ///
    /// # Errors
    /// [`RadioError`].
    pub fn write(&mut self, samples: &[Complex32]) -> Result<(), RadioError> {
        self.writer.write(samples)
    }

    /// Notes a frame.
    pub fn note(&mut self, note: FrameNote) {
        self.annotations.push(note.into());
    }

    /// Ends both files.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self) -> Result<(), RadioError> {
        self.writer.finish(self.annotations).map(drop)
    }
}
