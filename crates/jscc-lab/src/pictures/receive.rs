//! Recordings and captures to pictures.

use super::recognise::{Evidence, Ours, Recogniser, Verdict};
use super::state::Sender;
use super::{PictureCodec, PictureError};
use crate::spec::{FramingSpec, ReceiveSpec};
use jscc_phy::Complex32;
use jscc_phy::emulation::Emulator;
use jscc_phy::wifi::ScramblerState;
use jscc_phy::wifi::receive::{Frame, Lost, Refinement};
use jscc_phy::wifi::receiver::Reception;
use jscc_phy::wifi::transmit::data_points;
use jscc_radio::decode::Listener;
use jscc_radio::encode::{SendError, has_fcs, scrambler_state, with_fcs};
use jscc_radio::pcap::{self, Packet, PcapError, Reader};
use jscc_radio::source::{Said, Source};
use jscc_radio::{Fcs, RadioError, Rate, Warning};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// Octets of the longest PSDU of 802.11n.
const MAX_PSDU: usize = 65_535;

/// How pictures are received.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// What the decoder gets; of a capture only bits can be had.
    pub receive: ReceiveSpec,
    /// The framing that is looked for; `None` is both.
    pub framing: Option<FramingSpec>,
    /// The sender's scrambler state, 1 to 127, in captures, where it is not kept; `None` to find it out.
    pub scrambler: Option<u32>,
}

/// Where a frame stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// First sample of its preamble.
    Sample(u64),
    /// Number of the packet from 1, as in Wireshark, and its time since 1970.
    Packet(u64, Duration),
}

/// A frame of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureFrame {
    /// Where it stands.
    pub place: Place,
    /// Its rate.
    pub rate: Rate,
    /// Octets of its PSDU, FCS included.
    pub length: usize,
    /// What surrounds its pictures.
    pub framing: FramingSpec,
    /// Whether its FCS is right; `None` where a capture leaves it out.
    pub fcs_ok: Option<bool>,
    /// SNR in dB: in a recording what the training fields say, in a capture what the card says.
    pub snr_db: Option<f64>,
    /// Initial state of the scrambler: the sender's; of a frame without header in a recording, the receiver's reading.
    pub scrambler: u8,
    /// Its pictures among all.
    pub pictures: Range<usize>,
}

/// What was not a frame of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Frames of others.
    pub foreign: usize,
    /// Frames with our header whose length is that of no number of pictures.
    pub unfitting: usize,
    /// Frames of kinds that the receiver does not have; packets without a rate, or with a damaged header.
    pub refused: usize,
    /// Preambles after which nothing could be read.
    pub lost: usize,
}

/// What was received.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The frames.
    pub frames: Vec<PictureFrame>,
    /// The pictures, one after another.
    pub pixels: Vec<f32>,
    /// What else there was.
    pub passed: Passed,
    /// What there is to say of the recording, worth a word each.
    pub warnings: Vec<Warning>,
}

/// The pictures in the file at `path`, a recording or a capture. `progress` hears how many of how many samples are done.
///
/// # Errors
/// [`PictureError::Radio`], and `Frame` for the scrambler state.
pub fn receive(
    codec: &PictureCodec,
    path: &Path,
    said: Said,
    wanted: Wanted,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Received, PictureError> {
    let mut gathering = Gathering::new(codec, wanted)?;
    let warnings = if pcap::is_capture(path) {
        gathering.capture(path)?;
        Vec::new()
    } else {
        gathering.recording(path, said, progress)?
    };
    let Gathering { frames, z, passed, .. } = gathering;
    Ok(Received { frames, pixels: codec.decode(&z), passed, warnings })
}

/// Frames as they come.
struct Gathering<'a> {
    codec: &'a PictureCodec,
    wanted: Wanted,
    recogniser: Recogniser,
    sender: Sender,
    frames: Vec<PictureFrame>,
    /// Symbols of all pictures.
    z: Vec<Complex32>,
    passed: Passed,
}

impl<'a> Gathering<'a> {
    fn new(codec: &'a PictureCodec, wanted: Wanted) -> Result<Self, SendError> {
        let recogniser = Recogniser::new(codec.k(), wanted.framing);
        let sender = Sender::new(wanted.scrambler.map(scrambler_state).transpose()?);
        Ok(Self { codec, wanted, recogniser, sender, frames: Vec::new(), z: Vec::new(), passed: Passed::default() })
    }

    fn recording(
        &mut self,
        path: &Path,
        said: Said,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<Warning>, RadioError> {
        // Emulated frames are wrong by their nature: decoding them again would lean on bits that nobody sent.
        let mut listener = Listener::with(Source::open(path, said)?, Refinement::Never);
        while let Some(receptions) = listener.receptions()? {
            for reception in receptions {
                match reception {
                    Reception::Frame(frame) => self.heard(&frame),
                    Reception::Lost { why: Lost::Unsupported(_), .. } => self.passed.refused += 1,
                    Reception::Lost { .. } => self.passed.lost += 1,
                }
            }
            progress(listener.source().done(), listener.source().total());
        }
        listener.warnings()
    }

    /// Our own receiver says which state it took, so the bits it decided on can be had again, whatever the sender's was.
    fn heard(&mut self, frame: &Frame) {
        if frame.aggregation {
            self.passed.foreign += 1;
            return;
        }
        let (mcs, senders) = (frame.ppdu.mcs(), every_state());
        let fcs_ok = Some(frame.fcs_ok());
        let evidence = Evidence { mcs, psdu: &frame.psdu, fcs_ok, receiver: frame.scrambler, senders: &senders };
        let Some(ours) = self.ours(&evidence, |_| frame.points.clone()) else { return };
        let z = match self.wanted.receive {
            ReceiveSpec::Bits => ours.emulator.pick(&data_points(&frame.psdu, mcs, frame.scrambler)),
            ReceiveSpec::Symbols => ours.emulator.pick(&frame.points),
            ReceiveSpec::Mean => {
                ours.emulator.posterior_mean(&frame.points, &frame.channel.noise_on(mcs), frame.scrambler)
            }
        };
        let about = About {
            place: Place::Sample(frame.start as u64),
            rate: Rate::of(frame.ppdu),
            length: frame.psdu.len(),
            fcs_ok,
            snr_db: Some(frame.channel.snr_db()),
        };
        self.add(about, &ours, &z);
    }

    fn capture(&mut self, path: &Path) -> Result<(), RadioError> {
        for (number, packet) in (1..).zip(Reader::open(path)?) {
            match packet {
                Ok(packet) => self.packet(number, packet),
                // A damaged header hides its frame, and no other.
                Err(PcapError::Radiotap { .. }) => self.passed.refused += 1,
                Err(error) => return Err(RadioError::pcap(path)(error)),
            }
        }
        Ok(())
    }

    fn packet(&mut self, number: u64, packet: Packet) {
        let Packet { time, radiotap, frame, cut } = packet;
        let (rate, snr_db) = (radiotap.rate(), radiotap.signal_dbm.zip(radiotap.noise_dbm));
        let snr_db = snr_db.map(|(signal, noise)| f64::from(signal) - f64::from(noise));
        let (psdu, fcs_ok) = whole(frame, cut, radiotap.fcs());
        let ppdu = rate.and_then(|rate| Some((rate, rate.ppdu(psdu.len()).ok()?)));
        let Some((rate, ppdu)) = ppdu else {
            self.passed.refused += 1;
            return;
        };
        let known = self.sender.state();
        let evidence = Evidence { mcs: ppdu.mcs(), psdu: &psdu, fcs_ok, receiver: known, senders: &[known] };
        let Some(mut ours) = self.ours(&evidence, |emulator| emulator.points(&psdu, known)) else { return };
        if fcs_ok == Some(true) {
            self.sender.hear(self.codec, &ours.emulator, &psdu);
        }
        ours.sender = self.sender.state();
        let z = ours.emulator.recover(&psdu, self.sender.state());
        let about = About { place: Place::Packet(number, time), rate, length: psdu.len(), fcs_ok, snr_db };
        self.add(about, &ours, &z);
    }

    fn ours(&mut self, evidence: &Evidence, points: impl FnOnce(&Emulator) -> Vec<Complex32>) -> Option<Ours> {
        match self.recogniser.judge(evidence, points) {
            Verdict::Ours(ours) => return Some(ours),
            Verdict::Foreign => self.passed.foreign += 1,
            Verdict::Unfitting => self.passed.unfitting += 1,
        }
        None
    }

    fn add(&mut self, about: About, ours: &Ours, z: &[Complex32]) {
        let first = self.z.len() / self.codec.k();
        self.z.extend(z);
        let About { place, rate, length, fcs_ok, snr_db } = about;
        let scrambler = ours.sender.get();
        let pictures = first..self.z.len() / self.codec.k();
        let framing = ours.framing;
        self.frames.push(PictureFrame { place, rate, length, framing, fcs_ok, snr_db, scrambler, pictures });
    }
}

/// What is known of a frame of ours before its pictures.
#[derive(Clone, Copy)]
struct About {
    place: Place,
    rate: Rate,
    length: usize,
    fcs_ok: Option<bool>,
    snr_db: Option<f64>,
}

fn every_state() -> Vec<ScramblerState> {
    (1..=127).filter_map(ScramblerState::new).collect()
}

/// The PSDU of a captured frame, and whether its FCS is right. What the capture left out, none of it ours or all of it
/// lost, is filled up: the number of pictures stands in the length.
fn whole(mut frame: Vec<u8>, cut: u32, fcs: Fcs) -> (Vec<u8>, Option<bool>) {
    let length = frame.len() + cut as usize;
    if cut > 0 && length <= MAX_PSDU {
        frame.resize(length, 0);
    }
    match fcs {
        Fcs::Present => {
            let ok = has_fcs(&frame);
            (frame, Some(ok))
        }
        Fcs::Unknown if has_fcs(&frame) => (frame, Some(true)),
        Fcs::Absent | Fcs::Unknown => (with_fcs(frame), None),
    }
}
