//! The way of one transmission of a photograph, frame by frame.

use jscc_photo::model::SHIPPED;
use jscc_photo::receive::Receiver;
use jscc_photo::send::Sent;
use jscc_phy::air::{Air, Power, Reception};
use jscc_phy::channel::{Chain, Channel};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::scramble::scramble_octets;
use jscc_phy::wifi::transmit::data_points;
use jscc_phy::wifi::{Mcs, N_SERVICE, Ppdu, ScramblerState};
use rand::RngExt;

/// The sender's scrambler state.
pub(super) const SCRAMBLER: ScramblerState = ScramblerState::EXAMPLE;

/// A channel at one SNR, and the random streams of its frames.
pub(super) struct Way {
    air: Air,
    channel: Channel,
    reception: Reception,
    /// Seed of the streams.
    pub seed: u64,
    /// Number of the first frame's stream.
    pub first: u64,
    snr: Snr,
}

impl Way {
    /// Frames over `channel`, drawn for each, at a card's gain.
    pub fn new(channel: Channel, reception: Reception, snr: Snr, seed: u64, first: u64) -> Self {
        let air = Air::new(Chain::new(channel, Vec::new()), reception, Power::Card);
        Self { air, channel, reception, seed, first, snr }
    }

    /// Everything that it is a function of, as text.
    pub fn name(&self) -> String {
        format!("{:?} {:?} {} {} {}", self.channel, self.reception, self.seed, self.first, self.snr.db())
    }

    /// Its SNR.
    pub fn snr_db(&self) -> f64 {
        self.snr.db()
    }

    /// Whether a frame is lost whatever the channel does, as this part of them is.
    pub fn loses(&self, index: usize, part: f64) -> bool {
        part > 0.0 && stream(self.seed, "lost frames", self.first + index as u64).random_range(0.0..1.0) < part
    }

    /// A photograph's frames, as a receiver has them; `lost` is the part of the detail's that does not arrive.
    pub fn carry(&self, sent: &Sent, lost: f64) -> Receiver<'static> {
        let mut receiver = Receiver::new(&SHIPPED, SCRAMBLER);
        for (index, (mcs, psdu)) in sent.frames.iter().enumerate() {
            if index >= sent.base.0 && self.loses(index, lost) {
                continue;
            }
            if let Some(heard) = self.cross(*mcs, psdu, index) {
                receiver.add(Some(*mcs), heard);
            }
        }
        receiver
    }

    /// A frame's octets as received; `None` if it was lost.
    pub fn cross(&self, mcs: Mcs, psdu: &[u8], index: usize) -> Option<Vec<u8>> {
        let mut rng = stream(self.seed, "air of photos", self.first + index as u64);
        let crossing = self.air.draw(Ppdu::long_guard(mcs, psdu.len()), self.snr, &mut rng);
        let told = crossing.scrambler();
        let frame = crossing.cross(&data_points(psdu, mcs, SCRAMBLER))?;
        Some(match self.reception {
            Reception::Unaided => frame.psdu,
            // An aided receiver descrambles as it was told.
            Reception::Aided => {
                let mut octets = [vec![0; N_SERVICE / 8], frame.psdu].concat();
                scramble_octets(&mut octets, told);
                scramble_octets(&mut octets, SCRAMBLER);
                octets.split_off(N_SERVICE / 8)
            }
        })
    }
}
