//! A capture of the frames in a recording.

use super::decode::Found;
use super::radiotap::{FLAG_BAD_FCS, Radiotap};
use super::source::Source;
use super::{Beside, Fcs, RadioError, pcap};
use jscc_phy::wifi::ampdu;
use std::path::{Path, PathBuf};

/// A capture of the received frames, as written by a card in monitor mode. A recording without a time of its own begins
/// at 0.
pub struct Capture {
    writer: pcap::Writer<Beside>,
    path: PathBuf,
}

impl Capture {
    /// Begins the capture at `path`, which appears only on [`Capture::finish`].
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn create(path: &Path) -> Result<Self, RadioError> {
        Ok(Self { writer: pcap::Writer::create(path)?, path: path.to_path_buf() })
    }

    /// Writes a frame of `source` including its FCS, right or wrong; of an A-MPDU, each frame in it with a right FCS.
    ///
    /// # Errors
    /// [`RadioError::Pcap`].
    pub fn write(&mut self, found: &Found, source: &Source) -> Result<(), RadioError> {
        let psdu = &found.note.psdu[..];
        let frames = if found.aggregation { ampdu::split(psdu) } else { vec![psdu] };
        let mut radiotap = Radiotap::received(found.note.rate, Fcs::Present);
        if !found.note.fcs_ok {
            radiotap.flags = radiotap.flags.map(|flags| flags | FLAG_BAD_FCS);
        }
        radiotap.channel_mhz = source.frequency(found.note.start).and_then(channel_mhz);
        let time = source.time(found.note.start);
        let mut write = |frame| self.writer.write(time, &radiotap, frame).map_err(RadioError::pcap(&self.path));
        frames.into_iter().try_for_each(&mut write)
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self) -> Result<(), RadioError> {
        self.writer.finish()
    }
}

/// The centre of a channel in MHz, if the frequency is in a band of radiotap.
fn channel_mhz(hz: f64) -> Option<u16> {
    let mhz = (hz / 1e6).round();
    (2400.0..7200.0).contains(&mhz).then_some(mhz as u16)
}
