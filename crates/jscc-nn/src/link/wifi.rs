//! An 802.11 frame between encoder and decoder, D2AJSCC's figure 3: one JSCC symbol a data subcarrier.

use super::air::Air;
use super::{AirTime, Link, Reception};
use jscc_phy::Complex32;
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::{Emulator, Inversion, TooLong};
use jscc_phy::units::Snr;
use jscc_phy::wifi::transmit::data_points;
use jscc_phy::wifi::{Mcs, Ppdu};
use rand_chacha::ChaCha8Rng;

/// What the receiver hands to the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receive {
    /// PSDU bits, as every card returns them; re-modulated.
    Bits,
    /// Equalised points, as a software radio has them.
    Symbols,
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
    /// OFDM symbols more than a frame needs, for the trellis to choose in.
    pub spare: usize,
}

/// The link.
pub struct Wifi {
    config: WifiConfig,
    k: usize,
    /// For frames of 1, 2, … images.
    emulators: Vec<Emulator>,
    air: Air,
}

impl Wifi {
    /// A link for `k` symbols an image.
    pub fn new(config: WifiConfig, k: usize) -> Result<Self, TooLong> {
        let of_images = |n| Emulator::with_room(config.mcs, config.framing, config.inversion, n * k, config.spare);
        let emulators = (1..=config.images_per_frame).map(of_images).collect::<Result<_, _>>()?;
        Ok(Self { config, k, emulators, air: Air::new(config.reception) })
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
        let (images, mcs) = (super::assert_images(z.len(), self.k, self.config.images_per_frame), self.config.mcs);
        let (emulator, scrambler) = (&self.emulators[images - 1], self.air.scrambler(rng));
        let psdu = emulator.emulate(z, scrambler);
        let points = data_points(&psdu, mcs, scrambler);
        let frame = self.air.cross(Ppdu::long_guard(mcs, psdu.len()), &points, scrambler, snr, rng)?;
        Some(match self.config.receive {
            Receive::Bits => emulator.recover(&frame.psdu, scrambler),
            Receive::Symbols => emulator.pick(&frame.points),
        })
    }
}
