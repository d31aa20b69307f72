//! Which frames are ours, and how many pictures they hold.
//!
//! A frame with our MAC header is known by it: by its addresses where the header can be read, else by how much the points
//! of its first OFDM symbols look like those of that header, from any state of the sender's scrambler. A frame without one
//! has nothing but its length, and a check sequence that is wrong because it has none.

use super::packing::Packing;
use crate::spec::FramingSpec;
use jscc_phy::Complex32;
use jscc_phy::emulation::Emulator;
use jscc_phy::emulation::layout::{BROADCAST, Framing};
use jscc_phy::wifi::{Mcs, ScramblerState};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// The least likeness of a header. At 54 Mb/s and 0 dB ours have 0.72, one in 200 less than 0.48; the best of 127 states
/// for another frame has 0.26, one in 200 more than 0.38. Slow rates have more points to go by.
const LIKE: f32 = 0.42;

/// Where the three addresses stand in a MAC header. Duration and sequence before and after them are a card's to change.
const ADDRESSES: Range<usize> = 4..22;

/// What is known of a frame.
pub(super) struct Evidence<'a> {
    pub mcs: Mcs,
    /// The octets, descrambled as the receiver did, FCS included.
    pub psdu: &'a [u8],
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

/// A frame of ours.
pub(super) struct Ours {
    pub framing: FramingSpec,
    /// The sender's scrambler state by the header; without one, the state that the receiver took.
    pub sender: ScramblerState,
    pub emulator: Rc<Emulator>,
}

/// Knows frames by the weights that their pictures are made with.
pub(super) struct Recogniser {
    k: usize,
    /// The only framing that is looked for.
    only: Option<FramingSpec>,
    packings: HashMap<(Mcs, Framing), Packing>,
    emulators: HashMap<(Mcs, Framing, usize), Rc<Emulator>>,
}

impl Recogniser {
    pub fn new(k: usize, only: Option<FramingSpec>) -> Self {
        Self { k, only, packings: HashMap::new(), emulators: HashMap::new() }
    }

    /// What the frame is; `points` gives those of its DATA field as far as they are known.
    pub fn judge(&mut self, evidence: &Evidence, points: impl FnOnce(&Emulator) -> Vec<Complex32>) -> Verdict {
        let (is_right, is_addressed) = (evidence.fcs_ok == Some(true), is_addressed(evidence.psdu));
        if is_right && !is_addressed {
            return Verdict::Foreign;
        }
        let ours = |framing, sender, emulator| Verdict::Ours(Ours { framing, sender, emulator });
        match self.emulator(FramingSpec::Mac, evidence) {
            Some(emulator) if is_right => return ours(FramingSpec::Mac, evidence.receiver, emulator),
            Some(emulator) => {
                let (likeness, sender) = likeliest(&emulator, &points(&emulator), evidence.senders);
                if is_addressed || likeness >= LIKE {
                    return ours(FramingSpec::Mac, sender, emulator);
                }
            }
            None if is_addressed && self.only != Some(FramingSpec::Bare) => return Verdict::Unfitting,
            None => {}
        }
        // Where the FCS was taken off, nothing tells a frame without one from any other.
        match self.emulator(FramingSpec::Bare, evidence) {
            Some(emulator) if evidence.fcs_ok == Some(false) => ours(FramingSpec::Bare, evidence.receiver, emulator),
            _ => Verdict::Foreign,
        }
    }

    /// What takes the pictures out of a frame of this length, if it is looked for.
    fn emulator(&mut self, framing: FramingSpec, evidence: &Evidence) -> Option<Rc<Emulator>> {
        if self.only.is_some_and(|only| only != framing) {
            return None;
        }
        let (k, mcs, framing) = (self.k, evidence.mcs, framing.into());
        let packing = self.packings.entry((mcs, framing)).or_insert_with(|| Packing::new(k, mcs, framing));
        let n = packing.pictures(evidence.psdu.len())?;
        let emulator = self.emulators.entry((mcs, framing, n)).or_insert_with(|| Rc::new(packing.emulator(n)));
        Some(Rc::clone(emulator))
    }
}

/// Whether the octets begin with our header, as far as a card leaves it alone.
fn is_addressed(psdu: &[u8]) -> bool {
    let Framing::Mac { header } = BROADCAST else { return false };
    psdu.first() == header.first() && psdu.get(ADDRESSES) == header.get(ADDRESSES)
}

/// How much our header looks like the points, and from which of the sender's states it does most.
fn likeliest(emulator: &Emulator, points: &[Complex32], senders: &[ScramblerState]) -> (f32, ScramblerState) {
    let likeness = |state| emulator.layout().header_likeness(points, state).expect("frames with a header");
    let candidates = senders.iter().map(|&state| (likeness(state), state));
    candidates.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a sender has a state")
}
