//! An 802.11 frame between encoder and decoder, D2AJSCC's figure 3: one JSCC symbol a data subcarrier.

use super::{AirTime, Link};
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::{Emulator, Inversion, TooLong};
use jscc_phy::units::{Snr, mean_power};
use jscc_phy::wifi::equalize::ChannelEstimate;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receive::{Frame, Known, receive, receive_aided};
use jscc_phy::wifi::transmit::{data_points, modulate};
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What the receiver hands to the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receive {
    /// PSDU bits, as every card returns them; re-modulated.
    Bits,
    /// Equalised points, as a software radio has them.
    Symbols,
}

/// What the receiver is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// Timing, SIGNAL, channel and scrambler state: no frame is ever lost.
    Aided,
    /// Only what both sides agree on beforehand: rate, length, the sender's scrambler state. The frame stands somewhere in
    /// noise and can be lost.
    Unaided,
}

/// How symbols travel over Wi-Fi.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WifiConfig {
    /// Rate.
    pub mcs: Mcs,
    /// How the transmitter is inverted.
    pub inversion: Inversion,
    /// What surrounds our bits.
    pub framing: Framing,
    /// What the decoder gets.
    pub receive: Receive,
    /// What the receiver is told.
    pub reception: Reception,
    /// Images in one frame.
    pub images_per_frame: usize,
}

/// The link.
pub struct Wifi {
    config: WifiConfig,
    k: usize,
    /// For frames of 1, 2, … images.
    emulators: Vec<Emulator>,
    transform: Transform,
}

/// The sender's scrambler state that both sides of an unaided link agree on.
const AGREED: ScramblerState = ScramblerState::EXAMPLE;
/// Most samples of noise before an unaided frame.
const MAX_LEAD: usize = 400;
/// Samples of noise after it.
const TRAIL: usize = 80;

impl Wifi {
    /// A link for `k` symbols an image.
    pub fn new(config: WifiConfig, k: usize) -> Result<Self, TooLong> {
        let of_images = |n| Emulator::new(config.mcs, config.framing, config.inversion, n * k);
        let emulators = (1..=config.images_per_frame).map(of_images).collect::<Result<_, _>>()?;
        Ok(Self { config, k, emulators, transform: Transform::default() })
    }

    /// Noise of unknown length, the frame, and noise again.
    fn surround(samples: Vec<Complex32>, rng: &mut ChaCha8Rng) -> Vec<Complex32> {
        let mut air = vec![Complex32::ZERO; rng.random_range(0..MAX_LEAD)];
        air.extend(samples);
        air.resize(air.len() + TRAIL, Complex32::ZERO);
        air
    }

    /// Sends points through the channel and receives them. The transmitter's gain gives the data subcarriers mean
    /// power 1, so that `snr` is what each of them has.
    fn transmit_and_receive(
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
        if self.config.reception == Reception::Unaided {
            air = Self::surround(air, rng);
        }
        Channel::Awgn.draw(air.len(), snr.no_time_sample(), rng).apply(&mut air);
        match self.config.reception {
            Reception::Aided => {
                let known = Known { ppdu, channel: ChannelEstimate::flat(gain, snr.no()), scrambler };
                Some(receive_aided(&air, &known, &self.transform))
            }
            // A frame whose SIGNAL was misread into another valid one is as lost as one that was not found.
            Reception::Unaided => receive(&air, 0, &self.transform).ok().filter(|frame| frame.ppdu == ppdu),
        }
    }
}

impl Link for Wifi {
    fn images_per_frame(&self) -> usize {
        self.config.images_per_frame
    }

    fn air_time(&self) -> Option<AirTime> {
        let images = self.config.images_per_frame;
        Some(AirTime { us: self.emulators[images - 1].layout().ppdu().air_time_us(), images })
    }

    fn carry(&self, z: &[Complex32], snr: Snr, rng: &mut ChaCha8Rng) -> Option<Vec<Complex32>> {
        let (n, most, mcs) = (z.len() / self.k, self.config.images_per_frame, self.config.mcs);
        assert!(
            (1..=most).contains(&n) && z.len().is_multiple_of(self.k),
            "{} symbols of {} in 1 to {most} images",
            z.len(),
            self.k
        );
        let emulator = &self.emulators[n - 1];
        let scrambler = match self.config.reception {
            Reception::Aided => ScramblerState::new(rng.random_range(1..=127)).expect("1 to 127 are states"),
            Reception::Unaided => AGREED,
        };
        let psdu = emulator.emulate(z, scrambler);
        let points = data_points(&psdu, mcs, scrambler);
        let frame = self.transmit_and_receive(Ppdu::long_guard(mcs, psdu.len()), &points, scrambler, snr, rng)?;
        Some(match self.config.receive {
            Receive::Bits => emulator.recover(&frame.psdu, scrambler),
            Receive::Symbols => emulator.pick(&frame.points),
        })
    }
}
