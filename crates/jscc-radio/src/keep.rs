//! What is kept of the frames that a recording holds: a capture of packets.

use super::decode::Found;
use super::radiotap::{FLAG_BAD_FCS, Radiotap};
use super::source::Source;
use super::{Beside, Fcs, RadioError, pcap};
use jscc_phy::wifi::ampdu;
use std::path::{Path, PathBuf};

/// A capture of the frames that were received, as a card in monitor mode writes it. A recording without a time of its own
/// begins at 0.
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

    /// Writes a frame of `source`, whose last octets are its FCS, right or wrong; of an A-MPDU, each frame in it that is right.
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

    /// Ends the file.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self) -> Result<(), RadioError> {
        self.writer.finish()
    }
}

/// The middle of a channel, where the frequency is of a band that radiotap can name.
fn channel_mhz(hz: f64) -> Option<u16> {
    let mhz = (hz / 1e6).round();
    (2400.0..7200.0).contains(&mhz).then_some(mhz as u16)
}
