//! One frame over the air: transmitter, noise, receiver. What the links over Wi-Fi have in common.

use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::units::{Snr, mean_power};
use jscc_phy::wifi::equalize::ChannelEstimate;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receive::{Frame, Known, receive, receive_aided};
use jscc_phy::wifi::transmit::modulate;
use jscc_phy::wifi::{Ppdu, ScramblerState};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What the receiver is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// Timing, SIGNAL, channel and scrambler state: no frame is ever lost.
    Aided,
    /// Only what both sides agree on beforehand: rate, length, the sender's scrambler state. The frame stands somewhere in
    /// noise and can be lost.
    Unaided,
}

/// The sender's scrambler state that both sides of an unaided link agree on.
const AGREED: ScramblerState = ScramblerState::EXAMPLE;
/// Most samples of noise before an unaided frame.
const MAX_LEAD: usize = 400;
/// Samples of noise after it.
const TRAIL: usize = 80;

/// White noise between two radios.
pub(super) struct Air {
    reception: Reception,
    transform: Transform,
}

impl Air {
    pub fn new(reception: Reception) -> Self {
        Self { reception, transform: Transform::default() }
    }

    /// The state that the sender's scrambler takes.
    pub fn scrambler(&self, rng: &mut ChaCha8Rng) -> ScramblerState {
        match self.reception {
            Reception::Aided => ScramblerState::new(rng.random_range(1..=127)).expect("1 to 127 are states"),
            Reception::Unaided => AGREED,
        }
    }

    /// Sends points through the channel and receives them. The transmitter's gain gives the data subcarriers mean
    /// power 1, so that `snr` is what each of them has.
    pub fn cross(
        &self,
        ppdu: Ppdu,
        points: &[Complex32],
        scrambler: ScramblerState,
        snr: Snr,
        rng: &mut ChaCha8Rng,
    ) -> Option<Frame> {
        let gain = (1.0 / mean_power(points).sqrt()) as f32;
        let mut air = modulate(ppdu, points, &self.transform);
        for sample in &mut air {
            *sample *= gain;
        }
        if self.reception == Reception::Unaided {
            air = surround(air, rng);
        }
        Channel::Awgn.draw(air.len(), snr.no_time_sample(), rng).apply(&mut air);
        match self.reception {
            Reception::Aided => {
                let known = Known { ppdu, channel: ChannelEstimate::flat(gain, snr.no()), scrambler };
                Some(receive_aided(&air, &known, &self.transform))
            }
            // A frame whose SIGNAL was misread into another valid one is as lost as one that was not found.
            Reception::Unaided => receive(&air, 0, &self.transform).ok().filter(|frame| frame.ppdu == ppdu),
        }
    }
}

/// Noise of unknown length, the frame, and noise again.
fn surround(samples: Vec<Complex32>, rng: &mut ChaCha8Rng) -> Vec<Complex32> {
    let mut air = vec![Complex32::ZERO; rng.random_range(0..MAX_LEAD)];
    air.extend(samples);
    air.resize(air.len() + TRAIL, Complex32::ZERO);
    air
}
