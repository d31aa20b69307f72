//! Inference of the sender's scrambler state from a capture, which stores octets but no state.
//!
//! The octets are those sent, with any state; but only the sender's state turns them into the symbols of pictures,
//! which are recognised by their [likeness](super::likeness). The best of 127 states reaches 2.5 deviations on another
//! frame, so a state counts as found at [`FOUND`], and [`AHEAD`] of every other. Frames that are not decisive alone are
//! combined: their likenesses per state are added.
//!
//! Number of 50 frames, from any state, whose state was found, by pictures per frame (of all 3200, one state was
//! mistaken, at 9 Mb/s):
//!
//! | rate | 1 | 2 | 5 | 10 |
//! |---|---|---|---|---|
//! | 6 Mb/s, MCS 0 | 0 | 0 | 0 | 0 to 1 |
//! | 9 Mb/s | 0 | 0 | 0 | 5 |
//! | 12 Mb/s, MCS 1 | 0 | 0 | 31 to 38 | 50 |
//! | 18 Mb/s, MCS 2 | 0 | 8 to 10 | 50 | 50 |
//! | 24 Mb/s | 0 | 45 | 50 | 50 |
//! | 36 Mb/s, MCS 3 | 1 to 2 | 50 | 50 | 50 |
//! | MCS 4 | 26 | 50 | 50 | 50 |
//! | 48 and 54 Mb/s, MCS 5 to 7 | 50 | 50 | 50 | 50 |

use super::likeness::{Likeness, together};
use jscc_phy::emulation::Emulator;
use jscc_phy::wifi::ScramblerState;
use jscc_phy::wifi::transmit::data_points;

/// Smallest likeness, in deviations, of the best of 127 states. One frame in 20,000 reaches it by chance.
const FOUND: f32 = 5.0;
/// Smallest lead over every other state.
const AHEAD: f32 = 1.5;
/// Smallest likeness from an expected state; one frame in 30,000 reaches it by chance.
const EXPECTED: f32 = 4.0;
/// Smallest likeness from a state found in other frames.
const FITTING: f32 = 1.5;
/// Most pictures of a frame that are examined.
const LOOKED_AT: usize = 10;

/// The state of the frames so far.
pub(super) struct Sender {
    agreed: Option<ScramblerState>,
    found: Option<ScramblerState>,
    /// Sums of the pictures' likeness from each state, over frames that were not decisive.
    sums: [f32; 127],
    pictures: usize,
}

impl Sender {
    /// A sender whose state is agreed in advance, or unknown.
    pub fn new(agreed: Option<ScramblerState>) -> Self {
        Self { agreed, found: None, sums: [0.0; 127], pictures: 0 }
    }

    /// The state, if known.
    pub fn known(&self) -> Option<ScramblerState> {
        self.agreed.or(self.found)
    }

    /// The state, or the default of `jscc send` if unknown.
    pub fn likeliest(&self) -> ScramblerState {
        self.known().unwrap_or(ScramblerState::EXAMPLE)
    }

    /// Possible states of a frame.
    pub fn candidates(&self) -> Vec<ScramblerState> {
        self.known().map_or_else(|| states().collect(), |state| vec![state])
    }

    /// The state that these octets were sent from, if they and those before them are decisive.
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

/// Likeness, assuming a state, of the first few pictures of a frame.
pub(super) fn from_state(likeness: &Likeness, emulator: &Emulator, psdu: &[u8], state: ScramblerState) -> Vec<f32> {
    let mcs = emulator.layout().mcs();
    likeness.of_first(mcs, &emulator.pick(&data_points(psdu, mcs, state)), LOOKED_AT)
}

/// All states of a scrambler.
pub(super) fn states() -> impl Iterator<Item = ScramblerState> {
    (1..=127).filter_map(ScramblerState::new)
}

/// The state whose likeness clearly exceeds chance and every other state's.
fn clear(of_states: &[f32]) -> Option<ScramblerState> {
    let mut ranked: Vec<_> = states().zip(of_states).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(a.1));
    let [(best, most), (_, second), ..] = ranked[..] else { return None };
    is_clear(*most, *second).then_some(best)
}

/// Whether the best of many clearly exceeds chance and the next best.
pub(super) fn is_clear(best: f32, second: f32) -> bool {
    best >= FOUND && best - second >= AHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;
    use crate::pictures::PictureCodec;
    use crate::pictures::packing::{Form, Packing};
    use jscc_phy::emulation::layout::BROADCAST;
    use jscc_phy::wifi::Mcs;

    /// A frame of `n` digits, and the emulator that recovers them.
    fn frame(codec: &PictureCodec, mcs: Mcs, n: usize, state: u8, seed: u64) -> (Emulator, Vec<u8>) {
        let emulator = Packing::new(codec.k(), mcs, BROADCAST, Form::Plain).emulator(n);
        let pixels = digits::dataset(seed, 0..n as u64).images.pixels;
        let psdu = emulator.emulate(&codec.encode(&pixels), ScramblerState::new(state).unwrap());
        (emulator, psdu)
    }

    #[test]
    fn one_frame_tells_the_state() {
        let codec = PictureCodec::open(None).unwrap();
        let likeness = Likeness::new(&codec);
        for (n, mcs, state) in [
            (1, Mcs::M54, 17),
            (2, Mcs::HT7, 127),
            (5, Mcs::NON_HT[4], 1),
            (10, Mcs::NON_HT[2], 93),
            (10, Mcs::HT[1], 8),
        ] {
            let (emulator, psdu) = frame(&codec, mcs, n, state, u64::from(state));
            let mut sender = Sender::new(None);
            let heard = sender.hear(&likeness, &emulator, &psdu);
            assert_eq!(heard, ScramblerState::new(state), "rate {mcs}");
            assert_eq!(sender.known(), heard);
            let mut agreed = Sender::new(ScramblerState::new(5));
            assert_eq!(agreed.hear(&likeness, &emulator, &psdu), ScramblerState::new(5));
        }
    }

    #[test]
    fn where_a_frame_does_not_tell_frames_tell_together_and_none_is_taken_wrong() {
        let codec = PictureCodec::open(None).unwrap();
        let likeness = Likeness::new(&codec);
        let (mut sender, state) = (Sender::new(None), 44);
        let heard = (0..12).map(|seed| {
            let (emulator, psdu) = frame(&codec, Mcs::NON_HT[0], 10, state, seed);
            sender.hear(&likeness, &emulator, &psdu)
        });
        let heard: Vec<_> = heard.collect();
        assert!(heard[0].is_none(), "ten pictures do not tell");
        assert!(heard.iter().flatten().all(|heard| heard.get() == state), "{heard:?}");
        assert_eq!(heard[11].map(ScramblerState::get), Some(state));
    }

    #[test]
    fn a_sender_may_change_its_state() {
        let codec = PictureCodec::open(None).unwrap();
        let likeness = Likeness::new(&codec);
        let mut sender = Sender::new(None);
        for state in [9, 9, 100, 9] {
            let (emulator, psdu) = frame(&codec, Mcs::M54, 2, state, 3);
            assert_eq!(sender.hear(&likeness, &emulator, &psdu), ScramblerState::new(state));
        }
    }
}
