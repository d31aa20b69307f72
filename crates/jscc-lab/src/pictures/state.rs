//! The sender's scrambler state in a capture, which holds octets and no state.
//!
//! Where the FCS is right the octets are those that were sent, whatever state they were sent with; but only from that one
//! do they give the symbols of pictures. Symbols of pictures are known by the codec: drawn, and made symbols again, they
//! change little. At 54 Mb/s the cosine between before and after is 0.97 from the right state, and at most 0.82 from any
//! other. At 18 Mb/s and below, where points have one amplitude, that can fail.

use super::PictureCodec;
use jscc_phy::Complex32;
use jscc_phy::emulation::Emulator;
use jscc_phy::wifi::ScramblerState;
use jscc_phy::wifi::transmit::data_points;

/// How much less like a picture's the symbols of the next frame may be before other states are tried, and how much more
/// those of another state must be.
const SLACK: f32 = 0.05;

/// The state of the frames so far.
pub(super) struct Sender {
    state: ScramblerState,
    /// How much the symbols of the frame that showed it were like those of pictures.
    likeness: Option<f32>,
    is_agreed: bool,
}

impl Sender {
    /// A sender whose state both sides agreed on, or one that is yet to be heard.
    pub fn new(agreed: Option<ScramblerState>) -> Self {
        Self { state: agreed.unwrap_or(ScramblerState::EXAMPLE), likeness: None, is_agreed: agreed.is_some() }
    }

    /// The state, as far as is known.
    pub fn state(&self) -> ScramblerState {
        self.state
    }

    /// Learns from a frame whose octets are right.
    pub fn hear(&mut self, codec: &PictureCodec, emulator: &Emulator, psdu: &[u8]) {
        if self.is_agreed {
            return;
        }
        let likeness = |state| likeness(codec, &emulator.pick(&data_points(psdu, emulator.layout().mcs(), state)));
        let now = likeness(self.state);
        if self.likeness.is_some_and(|before| now > before - SLACK) {
            return;
        }
        let states = (1..=127).filter_map(ScramblerState::new);
        let best = states.map(|state| (likeness(state), state)).max_by(|a, b| a.0.total_cmp(&b.0));
        let (likeness, state) = best.expect("a sender has 127 states");
        // Few pictures at a low rate are hard to tell from chance: what was known before stands unless clearly beaten.
        let is_beaten = likeness > now + SLACK;
        (self.state, self.likeness) = if is_beaten { (state, Some(likeness)) } else { (self.state, Some(now)) };
    }
}

/// How much symbols are like those of pictures.
fn likeness(codec: &PictureCodec, z: &[Complex32]) -> f32 {
    let again = codec.codec.encode(&codec.decode(z));
    let product = |a: &[Complex32], b: &[Complex32]| a.iter().zip(b).map(|(a, b)| (a.conj() * b).re).sum::<f32>();
    product(z, &again) / (product(z, z) * product(&again, &again)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;
    use crate::pictures::packing::Packing;
    use jscc_phy::emulation::layout::BROADCAST;
    use jscc_phy::wifi::Mcs;

    #[test]
    fn one_frame_tells_the_state() {
        let codec = PictureCodec::open(None).unwrap();
        for (n, mcs, state) in [(1, Mcs::M54, 17), (2, Mcs::HT7, 127), (5, Mcs::NON_HT[4], 1), (2, Mcs::NON_HT[2], 93)]
        {
            let emulator = Packing::new(codec.k(), mcs, BROADCAST).emulator(n);
            let pixels = digits::dataset(u64::from(state), 0..n as u64).images.pixels;
            let state = ScramblerState::new(state).unwrap();
            let psdu = emulator.emulate(&codec.codec.encode(&pixels), state);
            let mut sender = Sender::new(None);
            sender.hear(&codec, &emulator, &psdu);
            assert_eq!(sender.state(), state, "rate {mcs}");
            let mut agreed = Sender::new(ScramblerState::new(5));
            agreed.hear(&codec, &emulator, &psdu);
            assert_eq!(agreed.state().get(), 5);
        }
    }
}
