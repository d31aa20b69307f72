//! D2AJSCC's own mapping: the symbols' pulse-shaped waveform is what an 802.11 frame imitates (equations 2, 3 and 8).

use super::air::Air;
use super::{AirTime, HandsOver, Link, Receive, Reception};
use jscc_phy::Complex32;
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::emulation::waveform::{Tones, WaveformEmulator};
use jscc_phy::emulation::{Inversion, TooLong};
use jscc_phy::units::Snr;
use jscc_phy::wifi::transmit::data_points;
use jscc_phy::wifi::{Mcs, Ppdu};
use rand_chacha::ChaCha8Rng;

/// What the sender aims the frame at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// The waveform, as the paper does.
    Waveform,
    /// A waveform in which the receiver's matched filter finds the symbols despite cyclic prefix, pilots and dummies.
    Symbols,
}

/// What the receiver hands to the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Symbols, after the matched filter.
    Symbols,
    /// The waveform, to be compensated: as the paper does.
    Waveform,
}

/// How symbols travel as a waveform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaveformConfig {
    /// Rate.
    pub mcs: Mcs,
    /// How the transmitter is inverted.
    pub inversion: Inversion,
    /// The subcarriers that imitate the waveform.
    pub tones: Tones,
    /// Pulse and symbol rate; [checked](Shaping::checked).
    pub shaping: Shaping,
    /// What the sender aims at.
    pub aim: Aim,
    /// What surrounds our bits.
    pub framing: Framing,
    /// What the receiver makes its waveform of.
    pub receive: Receive,
    /// What the decoder gets.
    pub hand: Hand,
    /// What the receiver is told.
    pub reception: Reception,
    /// Images in one frame.
    pub images_per_frame: usize,
}

/// The link.
pub struct Waveform {
    config: WaveformConfig,
    k: usize,
    /// For frames of 1, 2, … images.
    emulators: Vec<WaveformEmulator>,
    air: Air,
}

impl Waveform {
    /// A link for `k` symbols an image.
    pub fn new(config: WaveformConfig, k: usize) -> Result<Self, TooLong> {
        let WaveformConfig { mcs, framing, inversion, tones, shaping, .. } = config;
        let of_images = |n| WaveformEmulator::new(mcs, framing, inversion, tones, shaping, n * k);
        let emulators = (1..=config.images_per_frame).map(of_images).collect::<Result<_, _>>()?;
        Ok(Self { config, k, emulators, air: Air::new(config.reception) })
    }
}

impl Link for Waveform {
    fn images_per_frame(&self) -> usize {
        self.config.images_per_frame
    }

    fn air_time(&self) -> Option<AirTime> {
        let images = self.config.images_per_frame;
        Some(AirTime { us: self.emulators[images - 1].layout().ppdu().air_time_us(), images })
    }

    fn hands_over(&self) -> HandsOver {
        let WaveformConfig { hand, shaping, images_per_frame: images, .. } = self.config;
        match hand {
            Hand::Symbols => HandsOver::Symbols,
            Hand::Waveform => HandsOver::Waveform { shaping, images, samples: self.emulators[images - 1].n_samples() },
        }
    }

    fn carry(&self, z: &[Complex32], snr: Snr, rng: &mut ChaCha8Rng) -> Option<Vec<Complex32>> {
        let (images, mcs) = (super::assert_images(z.len(), self.k, self.config.images_per_frame), self.config.mcs);
        if self.config.hand == Hand::Waveform && images < self.config.images_per_frame {
            let mut full = z.to_vec();
            full.resize(self.k * self.config.images_per_frame, Complex32::ZERO);
            return self.carry(&full, snr, rng);
        }
        let (emulator, scrambler) = (&self.emulators[images - 1], self.air.scrambler(rng));
        let psdu = match self.config.aim {
            Aim::Waveform => emulator.emulate(z, scrambler),
            Aim::Symbols => emulator.emulate_waveform(&emulator.precompensate(z), scrambler),
        };
        let points = data_points(&psdu, mcs, scrambler);
        let frame = self.air.cross(Ppdu::long_guard(mcs, psdu.len()), &points, scrambler, snr, rng)?;
        let heard = match self.config.receive {
            Receive::Bits => emulator.waveform_of_psdu(&frame.psdu, scrambler),
            Receive::Symbols | Receive::Mean => emulator.waveform_of_points(&frame.points),
        };
        Some(match self.config.hand {
            Hand::Symbols => emulator.demodulate(&heard),
            Hand::Waveform => emulator.at_unit_energy(heard),
        })
    }
}
