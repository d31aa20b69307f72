//! Frames behind radiotap headers, as a pcap.

use super::{MAX_PACKET, PcapError};
use crate::link::RADIOTAP;
use crate::radiotap::Radiotap;
use crate::{Beside, RadioError};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Writes a pcap of link type 127: little-endian, microseconds.
pub struct Writer<W: Write> {
    writer: W,
    packet: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the file's header to `writer`.
    ///
    /// # Errors
    /// [`PcapError::Write`].
    pub fn new(mut writer: W) -> Result<Self, PcapError> {
        // Version 2.4, no time zone.
        let words = [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, MAX_PACKET as u32, RADIOTAP];
        writer.write_all(&words.map(u32::to_le_bytes).concat()).map_err(PcapError::Write)?;
        Ok(Self { writer, packet: 0 })
    }

    /// Writes `frame` behind `radiotap`, at `time` since 1970-01-01 UTC, truncated to whole microseconds.
    ///
    /// # Errors
    /// [`PcapError::TooLong`], `Time` and `Write`.
    pub fn write(&mut self, time: Duration, radiotap: &Radiotap, frame: &[u8]) -> Result<(), PcapError> {
        self.packet += 1;
        let bytes = [&radiotap.encode(), frame].concat();
        let got = bytes.len();
        if got > MAX_PACKET {
            return Err(PcapError::TooLong { packet: self.packet, got, limit: MAX_PACKET });
        }
        let seconds = u32::try_from(time.as_secs()).map_err(|_| PcapError::Time { seconds: time.as_secs() })?;
        let head = [seconds, time.subsec_micros(), got as u32, got as u32].map(u32::to_le_bytes).concat();
        self.writer.write_all(&[head, bytes].concat()).map_err(PcapError::Write)
    }

    /// The underlying writer.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

impl Writer<Beside> {
    /// Begins the file at `path`, which appears only on [`Writer::finish`].
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn create(path: &Path) -> Result<Self, RadioError> {
        let file = Beside::create(path).map_err(RadioError::Write)?;
        Self::new(file).map_err(RadioError::pcap(path))
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self) -> Result<(), RadioError> {
        self.into_inner().finish().map_err(RadioError::Write)
    }
}
