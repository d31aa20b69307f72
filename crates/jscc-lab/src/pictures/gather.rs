//! Collects the frames of ours, with their symbols, as they arrive.

use super::PictureCodec;
use super::likeness::{Likeness, together};
use super::received::{Draw, Passed, PictureFrame, Place, Received, Wanted};
use super::recognise::{Evidence, Ours, Recogniser, Verdict};
use super::state::{self, Sender};
use jscc_phy::Complex32;
use jscc_phy::emulation::Emulator;
use jscc_phy::wifi::receive::{Frame, Lost, Refinement};
use jscc_phy::wifi::receiver::Reception;
use jscc_phy::wifi::transmit::data_points;
use jscc_radio::decode::Listener;
use jscc_radio::encode::{SendError, scrambler_state};
use jscc_radio::source::Source;
use jscc_radio::{RadioError, Rate, Warning};
use std::collections::HashMap;

use crate::spec::{FramingSpec, Receive};

/// Joint likeness, in deviations, that identifies frames of one rate and length as ours.
const AGREEING: f32 = 5.0;
/// Smallest likeness of each of them.
const EACH: f32 = 2.0;

/// Facts about a frame that do not depend on its pictures.
#[derive(Clone, Copy)]
pub(super) struct About {
    pub place: Place,
    pub rate: Rate,
    pub length: usize,
    pub fcs_ok: Option<bool>,
    pub snr_db: Option<f64>,
}

/// A frame with its symbols.
struct Gathered {
    about: About,
    ours: Ours,
    z: Vec<Complex32>,
}

/// A frame of ours in a capture, whose scrambler state is not known yet.
pub(super) struct Waiting {
    pub about: About,
    pub ours: Ours,
    pub psdu: Vec<u8>,
}

pub(super) struct Gathering<'a> {
    pub wanted: Wanted,
    pub likeness: Likeness<'a>,
    pub recogniser: Recogniser,
    pub sender: Sender,
    pub passed: Passed,
    codec: &'a PictureCodec,
    frames: Vec<Gathered>,
    /// Frames that may be ours, with their likeness.
    doubtful: Vec<(Gathered, f32)>,
    waiting: Vec<Waiting>,
    /// Number of pictures in each of the three.
    pictures: [usize; 3],
    pub is_full: bool,
}

impl<'a> Gathering<'a> {
    pub fn new(codec: &'a PictureCodec, wanted: Wanted) -> Result<Self, SendError> {
        Ok(Self {
            wanted,
            likeness: Likeness::new(codec),
            recogniser: Recogniser::new(codec.k(), wanted.framing),
            sender: Sender::new(wanted.scrambler.map(scrambler_state).transpose()?),
            passed: Passed::default(),
            codec,
            frames: Vec::new(),
            doubtful: Vec::new(),
            waiting: Vec::new(),
            pictures: [0; 3],
            is_full: false,
        })
    }

    pub fn recording(
        &mut self,
        source: Source,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<Warning>, RadioError> {
        // Emulated frames fail their FCS by design: decoding them again would rely on bits that were never sent.
        let mut listener = Listener::with(source, Refinement::Never);
        while let Some(receptions) = listener.receptions()? {
            for reception in receptions {
                match reception {
                    Reception::Frame(frame) => self.heard(&frame),
                    Reception::Lost { why: Lost::Unsupported(kind), .. } => self.refuse(kind.to_string()),
                    Reception::Lost { .. } => self.passed.lost += 1,
                }
            }
            if self.is_full {
                break;
            }
            progress(listener.source().done(), listener.source().total());
        }
        listener.warnings()
    }

    pub fn refuse(&mut self, why: String) {
        *self.passed.refused.entry(why).or_default() += 1;
    }

    /// Our own receiver reports the state that it used, so its decided bits can be recovered for any state of the
    /// sender.
    fn heard(&mut self, frame: &Frame) {
        if frame.aggregation {
            self.passed.foreign += 1;
            return;
        }
        let (mcs, senders): (_, Vec<_>) = (frame.ppdu.mcs(), state::states().collect());
        let fcs_ok = Some(frame.fcs_ok());
        let (length, octets, receiver) = (frame.psdu.len(), &frame.psdu, frame.scrambler);
        let evidence = Evidence { mcs, length, octets, fcs_ok, receiver, senders: &senders };
        let ours = match self.recogniser.judge(&evidence, |_| frame.points.clone()) {
            Verdict::Ours(ours) => ours,
            Verdict::Foreign => return self.passed.foreign += 1,
            Verdict::Unfitting => return self.passed.unfitting += 1,
        };
        let emulator = self.recogniser.emulator(&ours);
        let z = self.symbols(frame, &emulator);
        let about = About {
            place: Place::Sample(frame.start as u64),
            rate: Rate::of(frame.ppdu),
            length,
            fcs_ok,
            snr_db: Some(frame.channel.snr_db()),
        };
        self.add(about, ours, z);
    }

    fn symbols(&self, frame: &Frame, emulator: &Emulator) -> Vec<Complex32> {
        let mcs = frame.ppdu.mcs();
        match self.wanted.receive {
            Receive::Bits => emulator.pick(&data_points(&frame.psdu, mcs, frame.scrambler)),
            Receive::Symbols => emulator.pick(&frame.points),
            Receive::Mean => emulator.posterior_mean(&frame.points, &frame.channel.noise_on(mcs), frame.scrambler),
        }
    }

    /// Keeps a frame that is ours; one that may be ours is judged when all have arrived.
    pub fn add(&mut self, about: About, ours: Ours, z: Vec<Complex32>) {
        let frame = Gathered { about, ours, z };
        let Some(wants) = ours.wants.filter(|_| self.wanted.draw == Draw::Ours) else { return self.keep(frame) };
        let likeness = self.likeness.of(ours.mcs, &frame.z);
        if likeness >= wants {
            return self.keep(frame);
        }
        self.passed.doubtful += 1;
        if self.has_room(1, ours.n) {
            self.doubtful.push((frame, likeness));
        }
    }

    /// Keeps a frame of ours until its sender's state is known.
    pub fn wait(&mut self, waiting: Waiting) {
        self.passed.stateless += 1;
        if self.has_room(2, waiting.ours.n) {
            self.waiting.push(waiting);
        }
    }

    /// Whether `n` more pictures are within the limit; if so, counts them.
    fn has_room(&mut self, of: usize, n: usize) -> bool {
        let is_room = self.pictures[of] + n <= self.wanted.limit;
        self.pictures[of] += if is_room { n } else { 0 };
        is_room
    }

    fn keep(&mut self, frame: Gathered) {
        if self.has_room(0, frame.ours.n) {
            self.frames.push(frame);
        } else {
            self.is_full = true;
        }
    }

    /// Identifies frames of one rate and length jointly, if none of them is proof by itself.
    fn agree(&mut self) {
        let mut groups: HashMap<_, Vec<f32>> = HashMap::new();
        let kind = |ours: &Ours| (ours.mcs, ours.framing == FramingSpec::Mac, ours.form, ours.n);
        for (frame, likeness) in &self.doubtful {
            groups.entry(kind(&frame.ours)).or_default().push(*likeness);
        }
        for (frame, likeness) in std::mem::take(&mut self.doubtful) {
            let group = &groups[&kind(&frame.ours)];
            if likeness >= EACH && group.len() > 1 && together(group) >= AGREEING {
                self.passed.doubtful -= 1;
                self.keep(frame);
            }
        }
    }

    /// Decodes frames whose state was found after they arrived.
    fn catch_up(&mut self) {
        let guessed = (self.wanted.draw == Draw::Doubtful).then(|| self.sender.likeliest());
        let Some(state) = self.sender.known().or(guessed) else { return };
        for Waiting { about, mut ours, psdu } in std::mem::take(&mut self.waiting) {
            self.passed.stateless -= 1;
            ours.sender = state;
            let z = self.recogniser.emulator(&ours).recover(&psdu, state);
            self.add(about, ours, z);
        }
    }

    /// The result, in the order of the file.
    pub fn finish(mut self, losses: Vec<String>) -> Received {
        self.catch_up();
        self.agree();
        self.frames.sort_by_key(|frame| match frame.about.place {
            Place::Sample(start) => start,
            Place::Packet(number, _) => number,
        });
        let (mut frames, mut z) = (Vec::new(), Vec::new());
        for Gathered { about, ours, z: of_frame } in self.frames {
            let first = z.len() / self.codec.k();
            z.extend(of_frame);
            let About { place, rate, length, fcs_ok, snr_db } = about;
            let (scrambler, pictures) = (ours.sender.get(), first..z.len() / self.codec.k());
            let Ours { framing, form, .. } = ours;
            frames.push(PictureFrame { place, rate, length, framing, form, fcs_ok, snr_db, scrambler, pictures });
        }
        let warnings = Vec::new();
        let pixels = self.codec.decode(&z);
        Received { frames, pixels, passed: self.passed, losses, warnings, is_full: self.is_full }
    }
}
