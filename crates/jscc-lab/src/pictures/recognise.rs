//! Which frames are ours, and how many pictures they hold.
//!
//! A frame with our MAC header is known by it: by its addresses where the header can be read, else by how much the points
//! of its first OFDM symbols look like those of that header, from any state of the sender's scrambler. A frame without one
//! has nothing but its length, a check sequence that is wrong because it has none, and its pictures: it is ours if they
//! [look like pictures](super::likeness).

use super::packing::Packing;
use crate::spec::FramingSpec;
use jscc_phy::Complex32;
use jscc_phy::emulation::Emulator;
use jscc_phy::emulation::layout::{BROADCAST, Framing};
use jscc_phy::wifi::{Mcs, ScramblerState};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::rc::Rc;

/// The least likeness of a header. At 54 Mb/s and 0 dB ours have 0.72, one in 200 less than 0.48; the best of 127 states
/// for another frame has 0.26, one in 200 more than 0.38, one in 10,000 more than this. Slow rates have more points to go by.
const LIKE: f32 = 0.42;
/// The likeness of a header that needs no other proof: seven deviations over that of strangers at 54 Mb/s.
const SURELY_LIKE: f32 = 0.55;
/// The least likeness, in deviations, of the pictures behind a header that is only [`LIKE`] ours.
const BEHIND_HEADER: f32 = 3.0;
/// The least likeness, in deviations, of pictures without a header.
const WITHOUT_HEADER: f32 = 4.0;

/// Where the three addresses stand in a MAC header. Duration and sequence before and after them are a card's to change,
/// and flags in its second octet depend on who wrote the frame.
const ADDRESSES: Range<usize> = 4..22;
/// Emulators that are kept: senders use few lengths.
const KEPT: usize = 8;

/// What is known of a frame.
pub(super) struct Evidence<'a> {
    pub mcs: Mcs,
    /// Octets of the PSDU, FCS included.
    pub length: usize,
    /// The octets, or as many as there are, descrambled as the receiver did.
    pub octets: &'a [u8],
    /// Whether the FCS is right; `None` where it was taken off.
    pub fcs_ok: Option<bool>,
    /// The state that the receiver took, or is taken to have.
    pub receiver: ScramblerState,
    /// States that the sender may have had.
    pub senders: &'a [ScramblerState],
}

/// What a frame is.
pub(super) enum Verdict {
    Ours(Ours),
    /// Somebody else's.
    Foreign,
    /// It has our header, and a length that no number of our pictures has.
    Unfitting,
}

/// A frame of ours, or one that may be.
#[derive(Clone, Copy)]
pub(super) struct Ours {
    pub mcs: Mcs,
    pub framing: FramingSpec,
    /// Pictures in it.
    pub n: usize,
    /// The sender's scrambler state by the header; without one, the state that the receiver took.
    pub sender: ScramblerState,
    /// How much its pictures must look like pictures, in deviations; `None` where the header is proof enough.
    pub wants: Option<f32>,
}

/// Knows frames by the weights that their pictures are made with.
pub(super) struct Recogniser {
    k: usize,
    /// The only framing that is looked for.
    only: Option<FramingSpec>,
    packings: HashMap<(Mcs, Framing), Packing>,
    /// For each rate, the shortest frame with our header.
    headers: HashMap<Mcs, Rc<Emulator>>,
    /// The last ones used, the latest at the end.
    emulators: VecDeque<((Mcs, FramingSpec, usize), Rc<Emulator>)>,
    /// Emulators made so far.
    pub made: usize,
}

impl Recogniser {
    pub fn new(k: usize, only: Option<FramingSpec>) -> Self {
        let (packings, headers) = (HashMap::new(), HashMap::new());
        Self { k, only, packings, headers, emulators: VecDeque::new(), made: 0 }
    }

    /// What the frame is; `points` gives those of the first symbols of its DATA field, as many as the emulator has.
    pub fn judge(&mut self, evidence: &Evidence, points: impl FnOnce(&Emulator) -> Vec<Complex32>) -> Verdict {
        let (is_right, is_addressed) = (evidence.fcs_ok == Some(true), is_addressed(evidence.octets));
        if is_right && !is_addressed {
            return Verdict::Foreign;
        }
        let ours = |framing, n, sender, wants| Verdict::Ours(Ours { mcs: evidence.mcs, framing, n, sender, wants });
        match self.pictures(FramingSpec::Mac, evidence) {
            Some(n) if is_right => return ours(FramingSpec::Mac, n, evidence.receiver, None),
            Some(n) => {
                let header = self.header(evidence.mcs);
                let (likeness, sender) = likeliest(&header, &points(&header), evidence.senders);
                if is_addressed || likeness >= SURELY_LIKE {
                    return ours(FramingSpec::Mac, n, sender, None);
                }
                if likeness >= LIKE {
                    return ours(FramingSpec::Mac, n, sender, Some(BEHIND_HEADER));
                }
            }
            None if is_addressed && self.only != Some(FramingSpec::Bare) => return Verdict::Unfitting,
            None => {}
        }
        // Where the FCS was taken off, nothing tells a frame without one from any other.
        match self.pictures(FramingSpec::Bare, evidence) {
            Some(n) if evidence.fcs_ok == Some(false) => {
                ours(FramingSpec::Bare, n, evidence.receiver, Some(WITHOUT_HEADER))
            }
            _ => Verdict::Foreign,
        }
    }

    /// How many pictures a frame of this length holds, if it is looked for.
    fn pictures(&mut self, framing: FramingSpec, evidence: &Evidence) -> Option<usize> {
        if self.only.is_some_and(|only| only != framing) {
            return None;
        }
        self.packing(evidence.mcs, framing).pictures(evidence.length)
    }

    /// What takes the pictures out of a frame.
    pub fn emulator(&mut self, ours: &Ours) -> Rc<Emulator> {
        let key = (ours.mcs, ours.framing, ours.n);
        let kept = self.emulators.iter().position(|(of, _)| *of == key).and_then(|at| self.emulators.remove(at));
        let (_, emulator) = kept.unwrap_or_else(|| {
            self.made += 1;
            (key, Rc::new(self.packing(ours.mcs, ours.framing).emulator(ours.n)))
        });
        self.emulators.push_back((key, Rc::clone(&emulator)));
        if self.emulators.len() > KEPT {
            self.emulators.pop_front();
        }
        emulator
    }

    /// What reads the header of a frame that holds pictures at this rate.
    fn header(&mut self, mcs: Mcs) -> Rc<Emulator> {
        if let Some(header) = self.headers.get(&mcs) {
            return Rc::clone(header);
        }
        let header = Rc::new(self.packing(mcs, FramingSpec::Mac).emulator(1));
        Rc::clone(self.headers.entry(mcs).or_insert(header))
    }

    fn packing(&mut self, mcs: Mcs, framing: FramingSpec) -> &mut Packing {
        let (k, framing) = (self.k, framing.into());
        self.packings.entry((mcs, framing)).or_insert_with(|| Packing::new(k, mcs, framing))
    }
}

/// Whether the octets begin with our header, as far as a card leaves it alone.
pub(super) fn is_addressed(psdu: &[u8]) -> bool {
    let Framing::Mac { header } = BROADCAST else { return false };
    psdu.first() == header.first() && psdu.get(ADDRESSES) == header.get(ADDRESSES)
}

/// How much our header looks like the points, and from which of the sender's states it does most.
fn likeliest(emulator: &Emulator, points: &[Complex32], senders: &[ScramblerState]) -> (f32, ScramblerState) {
    let likeness = |state| emulator.layout().header_likeness(points, state).expect("frames with a header");
    let candidates = senders.iter().map(|&state| (likeness(state), state));
    candidates.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a sender has a state")
}
