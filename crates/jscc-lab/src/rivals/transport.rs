//! Transport of pictures' bits in standard frames: each is sent, received, and dropped if its check sequence is wrong.

use super::budget::frame_bits;
use crate::per::Reception;
use jscc_phy::Complex32;
use jscc_phy::bits::{to_bits, to_octets};
use jscc_phy::channel::Channel;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::aided::{Known, receive_aided};
use jscc_phy::wifi::equalize::ChannelEstimate;
use jscc_phy::wifi::fcs::{N_FCS, check, fcs};
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receiver::{self, Receiver};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState};
use rand::RngExt;

/// Most samples of noise before an unaided frame, and samples after it.
const LEAD: usize = 400;
const TRAIL: usize = 400;

/// Frames of one rate and length.
pub struct Frames {
    ppdu: Ppdu,
    budget: usize,
    reception: Reception,
    seed: u64,
    transform: Transform,
}

impl Frames {
    /// The longest frames of `symbols` OFDM symbols; `None` if not even one octet of pictures fits.
    pub fn new(mcs: Mcs, symbols: usize, reception: Reception, seed: u64) -> Option<Self> {
        let budget = Some(frame_bits(mcs, symbols)).filter(|&bits| bits > 0)?;
        let ppdu = Ppdu::long_guard(mcs, Ppdu::most_octets(mcs, symbols));
        Some(Self { ppdu, budget, reception, seed, transform: Transform::default() })
    }

    /// Bits for pictures in a frame.
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// Air time in µs, preamble and header included.
    pub fn air_time_us(&self) -> usize {
        self.ppdu.air_time_us()
    }

    /// Sends bits, at most as many as the budget, in frame `index`; the received bits are padded with zeros to the
    /// budget. The frame's noise is the same at every SNR except for its scale, and at every rate.
    ///
    /// # Panics
    /// If there are more bits than the budget.
    pub fn carry(&self, bits: &[u8], snr: Snr, index: u64) -> Option<Vec<u8>> {
        assert!(bits.len() <= self.budget, "{} bits of pictures in a frame for {}", bits.len(), self.budget);
        let mut padded = bits.to_vec();
        padded.resize(self.budget, 0);
        let mut psdu = to_octets(&padded);
        psdu.extend(fcs(&psdu));
        let mut rng = stream(self.seed, "rival frame", index);
        let scrambler = ScramblerState::new(rng.random_range(1..=127)).expect("1 to 127 are states");
        let mut air = transmit(&psdu, self.ppdu, scrambler, &self.transform);
        if self.reception == Reception::Unaided {
            air.splice(..0, vec![Complex32::ZERO; rng.random_range(0..LEAD)]);
            air.resize(air.len() + TRAIL, Complex32::ZERO);
        }
        let noise = &mut stream(self.seed, "rival noise", index);
        Channel::Awgn.draw(air.len(), snr.no_time_sample(), noise).apply(&mut air);
        let heard = match self.reception {
            Reception::Aided => self.aided(&air, scrambler, snr),
            Reception::Unaided => self.unaided(&air),
        }?;
        Some(to_bits(&heard[..heard.len() - N_FCS]))
    }

    fn aided(&self, air: &[Complex32], scrambler: ScramblerState, snr: Snr) -> Option<Vec<u8>> {
        let known = Known { ppdu: self.ppdu, channel: ChannelEstimate::flat(1.0, snr.no()), scrambler };
        Some(receive_aided(air, &known, &self.transform).psdu).filter(|psdu| check(psdu))
    }

    /// The first frame of this rate and length whose check sequence is correct.
    fn unaided(&self, air: &[Complex32]) -> Option<Vec<u8>> {
        let mut heard = None;
        let mut tell = |reception| {
            if let receiver::Reception::Frame(frame) = reception
                && heard.is_none()
                && frame.ppdu == self.ppdu
                && frame.fcs_ok()
            {
                heard = Some(frame.psdu);
            }
        };
        let mut receiver = Receiver::new();
        receiver.push(air, &mut tell);
        receiver.finish(&mut tell);
        heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(mcs: Mcs, reception: Reception, snr_db: f64) -> usize {
        let frames = Frames::new(mcs, 10, reception, 1).unwrap();
        let bits: Vec<u8> = (0..frames.budget() - 3).map(|i| (i * i % 7 % 2) as u8).collect();
        let arrives = |&index: &u64| {
            let heard = frames.carry(&bits, Snr::per_symbol(snr_db), index);
            heard.is_some_and(|heard| heard.starts_with(&bits) && heard.len() == frames.budget())
        };
        (0..10).filter(arrives).count()
    }

    #[test]
    fn all_arrives_without_noise_and_nothing_below_it() {
        for reception in [Reception::Aided, Reception::Unaided] {
            for mcs in Mcs::ALL {
                assert_eq!(arrived(mcs, reception, 40.0), 10, "{mcs}, {reception:?}");
            }
            assert_eq!(arrived(Mcs::M54, reception, -5.0), 0);
        }
    }

    #[test]
    fn a_frame_without_room_is_none() {
        assert!(Frames::new(Mcs::SIGNAL, 1, Reception::Aided, 1).is_none());
        assert_eq!(Frames::new(Mcs::M54, 10, Reception::Aided, 1).unwrap().air_time_us(), 60);
        assert_eq!(Frames::new(Mcs::HT7, 10, Reception::Aided, 1).unwrap().air_time_us(), 76);
    }
}
