//! The sender's scrambler state in a capture, which holds octets and no state.
//!
//! Octets are those that were sent, whatever state they were sent with; but only from that one do they give the symbols
//! of pictures, which are known by their [likeness](super::likeness). Of 127 states the best stranger is 2.5 deviations
//! up, so a state counts as found at [`FOUND`], and [`AHEAD`] of every other. Frames that do not tell alone tell together:
//! what they say of each state is added up.

use super::likeness::{Likeness, together};
use jscc_phy::emulation::Emulator;
use jscc_phy::wifi::ScramblerState;
use jscc_phy::wifi::transmit::data_points;

/// The least likeness, in deviations, of the best of 127 states. Chance gives it to one frame in 20,000.
const FOUND: f32 = 5.0;
/// How much less every other state's must be.
const AHEAD: f32 = 1.5;
/// The least likeness from a state that is expected: chance gives it to one frame in 30,000.
const EXPECTED: f32 = 4.0;
/// The least likeness from a state that other frames gave away.
const FITTING: f32 = 1.5;
/// Pictures of a frame that are looked at.
const LOOKED_AT: usize = 10;

/// The state of the frames so far.
pub(super) struct Sender {
    agreed: Option<ScramblerState>,
    found: Option<ScramblerState>,
    /// Sums of the pictures' likeness from each state, of frames that did not tell.
    sums: [f32; 127],
    pictures: usize,
}

impl Sender {
    /// A sender whose state both sides agreed on, or one that is yet to be heard.
    pub fn new(agreed: Option<ScramblerState>) -> Self {
        Self { agreed, found: None, sums: [0.0; 127], pictures: 0 }
    }

    /// The state, where it is known.
    pub fn known(&self) -> Option<ScramblerState> {
        self.agreed.or(self.found)
    }

    /// The state, or what `jscc send` takes where nothing is said.
    pub fn likeliest(&self) -> ScramblerState {
        self.known().unwrap_or(ScramblerState::EXAMPLE)
    }

    /// The states that a frame may have been sent from.
    pub fn candidates(&self) -> Vec<ScramblerState> {
        self.known().map_or_else(|| states().collect(), |state| vec![state])
    }

    /// The state that these octets were sent from, as far as they and those before them tell.
    pub fn hear(&mut self, likeness: &Likeness, emulator: &Emulator, psdu: &[u8]) -> Option<ScramblerState> {
        if self.agreed.is_some() {
            return self.agreed;
        }
        let expected = self.likeliest();
        let now = together(&from_state(likeness, emulator, psdu, expected));
        if now >= EXPECTED || self.found.is_some() && now >= FITTING {
            self.found = Some(expected);
            return self.found;
        }
        let of_states: Vec<_> = states().map(|state| from_state(likeness, emulator, psdu, state)).collect();
        let n = of_states[0].len();
        let alone: Vec<f32> = of_states.iter().map(|pictures| together(pictures)).collect();
        if let Some(state) = clear(&alone) {
            (self.found, self.sums, self.pictures) = (Some(state), [0.0; 127], 0);
            return self.found;
        }
        self.sums.iter_mut().zip(&of_states).for_each(|(sum, pictures)| *sum += pictures.iter().sum::<f32>());
        self.pictures += n;
        let all: Vec<f32> = self.sums.iter().map(|sum| sum / (self.pictures as f32).sqrt()).collect();
        self.found = clear(&all).or(self.found);
        clear(&all)
    }
}

/// How much the pictures of a frame look like pictures, sent from a state; of the first few.
pub(super) fn from_state(likeness: &Likeness, emulator: &Emulator, psdu: &[u8], state: ScramblerState) -> Vec<f32> {
    let z = emulator.pick(&data_points(psdu, emulator.layout().mcs(), state));
    likeness.of_first(&z, LOOKED_AT)
}

/// Every state of a sender.
pub(super) fn states() -> impl Iterator<Item = ScramblerState> {
    (1..=127).filter_map(ScramblerState::new)
}

/// The state whose likeness is clearly more than chance, and clearly more than any other's.
fn clear(of_states: &[f32]) -> Option<ScramblerState> {
    let mut ranked: Vec<_> = states().zip(of_states).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(a.1));
    let [(best, most), (_, second), ..] = ranked[..] else { return None };
    is_clear(*most, *second).then_some(best)
}

/// Whether the best of many is more than chance, and clearly more than the next.
pub(super) fn is_clear(best: f32, second: f32) -> bool {
    best >= FOUND && best - second >= AHEAD
}
