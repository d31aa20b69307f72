//! Recognition of our frames, their form, and the number of pictures in them.
//!
//! A frame with our MAC header is recognised by it: by its addresses if the header can be read, else by the likeness of
//! the points of its first OFDM symbols to that header, over all states of the sender's scrambler. A frame without a
//! header has only its length, a wrong check sequence (because it has none) and its pictures: it is ours if they [look
//! like pictures](super::likeness).

use super::packing::{Form, Packing};
use crate::spec::FramingSpec;
use jscc_phy::Complex32;
use jscc_phy::emulation::Emulator;
use jscc_phy::emulation::layout::{BROADCAST, Framing};
use jscc_phy::wifi::{Mcs, ScramblerState};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::rc::Rc;

/// Smallest likeness of a header. At 54 Mb/s and 0 dB ours reach 0.72, one in 200 less than 0.48; another frame
/// reaches, in the best of 127 states, 0.26, one in 200 more than 0.38, one in 10,000 more than this. Slow rates have
/// more points as evidence.
const LIKE: f32 = 0.42;
/// Likeness of a header that is proof by itself: seven deviations above strangers at 54 Mb/s.
const SURELY_LIKE: f32 = 0.55;
/// Smallest likeness, in deviations, of the pictures after a header whose likeness only reaches [`LIKE`].
const BEHIND_HEADER: f32 = 3.0;
/// Smallest likeness, in deviations, of pictures without a header.
const WITHOUT_HEADER: f32 = 4.0;

/// Octets of the three addresses in a MAC header. A card may change duration and sequence before and after them, and
/// the flags in the second octet depend on the program that wrote the frame.
const ADDRESSES: Range<usize> = 4..22;
/// Number of cached emulators: senders use few lengths.
const KEPT: usize = 8;

/// Evidence about a frame.
pub(super) struct Evidence<'a> {
    pub mcs: Mcs,
    /// Octets of the PSDU, FCS included.
    pub length: usize,
    /// The octets, or the available ones, descrambled as the receiver did.
    pub octets: &'a [u8],
    /// Whether the FCS is correct; `None` if it was removed.
    pub fcs_ok: Option<bool>,
    /// The state that the receiver used, or is assumed to have used.
    pub receiver: ScramblerState,
    /// Possible states of the sender.
    pub senders: &'a [ScramblerState],
}

/// Verdict on a frame.
pub(super) enum Verdict {
    Ours(Ours),
    /// A frame of another sender.
    Foreign,
    /// It has our header, but its length fits no number of pictures.
    Unfitting,
}

/// A frame of ours, or one that may be.
#[derive(Clone, Copy)]
pub(super) struct Ours {
    pub mcs: Mcs,
    pub framing: FramingSpec,
    /// Use of its room.
    pub form: Form,
    /// Pictures in it.
    pub n: usize,
    /// The sender's scrambler state according to the header; without one, the state that the receiver used.
    pub sender: ScramblerState,
    /// Required likeness of its pictures, in deviations; `None` if the header is proof by itself.
    pub wants: Option<f32>,
}

/// Rate, framing, form and pictures of a frame, which determine its emulator.
type Kind = (Mcs, FramingSpec, Form, usize);

/// Recognises frames made with given weights.
pub(super) struct Recogniser {
    k: usize,
    /// The only expected framing; `None` for both.
    only: Option<FramingSpec>,
    packings: HashMap<(Mcs, Framing, Form), Packing>,
    /// The shortest frame with our header, per rate and form.
    headers: HashMap<(Mcs, Form), Rc<Emulator>>,
    /// Cached emulators, the most recent at the end.
    emulators: VecDeque<(Kind, Rc<Emulator>)>,
    /// Emulators built so far.
    pub made: usize,
}

impl Recogniser {
    pub fn new(k: usize, only: Option<FramingSpec>) -> Self {
        let (packings, headers) = (HashMap::new(), HashMap::new());
        Self { k, only, packings, headers, emulators: VecDeque::new(), made: 0 }
    }

    /// Judges a frame; `points` gives those of the first symbols of its DATA field, as many as the emulator has.
    pub fn judge(&mut self, evidence: &Evidence, points: impl FnOnce(&Emulator) -> Vec<Complex32>) -> Verdict {
        let (is_right, is_addressed) = (evidence.fcs_ok == Some(true), is_addressed(evidence.octets));
        if is_right && !is_addressed {
            return Verdict::Foreign;
        }
        let ours = |framing, (form, n), sender, wants| {
            Verdict::Ours(Ours { mcs: evidence.mcs, framing, form, n, sender, wants })
        };
        match self.pictures(FramingSpec::Mac, evidence) {
            Some(fits) if is_right => return ours(FramingSpec::Mac, fits, evidence.receiver, None),
            Some(fits) => {
                let header = self.header(evidence.mcs, fits.0);
                let (likeness, sender) = likeliest(&header, &points(&header), evidence.senders);
                if is_addressed || likeness >= SURELY_LIKE {
                    return ours(FramingSpec::Mac, fits, sender, None);
                }
                if likeness >= LIKE {
                    return ours(FramingSpec::Mac, fits, sender, Some(BEHIND_HEADER));
                }
            }
            None if is_addressed && self.only != Some(FramingSpec::Bare) => return Verdict::Unfitting,
            None => {}
        }
        // If the FCS was removed, nothing distinguishes a frame without one from any other.
        match self.pictures(FramingSpec::Bare, evidence) {
            Some(fits) if evidence.fcs_ok == Some(false) => {
                ours(FramingSpec::Bare, fits, evidence.receiver, Some(WITHOUT_HEADER))
            }
            _ => Verdict::Foreign,
        }
    }

    /// Form and number of pictures of a frame of this length, if its framing is expected.
    fn pictures(&mut self, framing: FramingSpec, evidence: &Evidence) -> Option<(Form, usize)> {
        if self.only.is_some_and(|only| only != framing) {
            return None;
        }
        Form::ALL.into_iter().find_map(|form| {
            let n = self.packing(evidence.mcs, framing, form).pictures(evidence.length)?;
            Some((form, n))
        })
    }

    /// The emulator that recovers the pictures of a frame.
    pub fn emulator(&mut self, ours: &Ours) -> Rc<Emulator> {
        let key = (ours.mcs, ours.framing, ours.form, ours.n);
        let kept = self.emulators.iter().position(|(of, _)| *of == key).and_then(|at| self.emulators.remove(at));
        let (_, emulator) = kept.unwrap_or_else(|| {
            self.made += 1;
            (key, Rc::new(self.packing(ours.mcs, ours.framing, ours.form).emulator(ours.n)))
        });
        self.emulators.push_back((key, Rc::clone(&emulator)));
        if self.emulators.len() > KEPT {
            self.emulators.pop_front();
        }
        emulator
    }

    /// The emulator that reads the header of a frame at this rate, which is no shorter than its own.
    fn header(&mut self, mcs: Mcs, form: Form) -> Rc<Emulator> {
        if let Some(header) = self.headers.get(&(mcs, form)) {
            return Rc::clone(header);
        }
        let header = Rc::new(self.packing(mcs, FramingSpec::Mac, form).emulator(1));
        Rc::clone(self.headers.entry((mcs, form)).or_insert(header))
    }

    fn packing(&mut self, mcs: Mcs, framing: FramingSpec, form: Form) -> &mut Packing {
        let (k, framing) = (self.k, framing.into());
        self.packings.entry((mcs, framing, form)).or_insert_with(|| Packing::new(k, mcs, framing, form))
    }
}

/// Whether the octets begin with our header, in the fields that a card does not change.
pub(super) fn is_addressed(psdu: &[u8]) -> bool {
    let Framing::Mac { header } = BROADCAST else { return false };
    psdu.first() == header.first() && psdu.get(ADDRESSES) == header.get(ADDRESSES)
}

/// Largest likeness of the points to our header over the sender's states, and that state.
fn likeliest(emulator: &Emulator, points: &[Complex32], senders: &[ScramblerState]) -> (f32, ScramblerState) {
    let likeness = |state| emulator.layout().header_likeness(points, state).expect("frames with a header");
    let candidates = senders.iter().map(|&state| (likeness(state), state));
    candidates.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a sender has a state")
}
