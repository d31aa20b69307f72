//! D2AJSCC's own mapping: an 802.11 frame imitates the symbols' pulse-shaped waveform (equations 2, 3 and 8).

use super::lengths::Lengths;
use super::{AirTime, Delivery, Heard, Link, Power, Receive, Reception, Transmission};
use crate::Complex32;
use crate::air::{Air, Crossing};
use crate::channel::Chain;
use crate::emulation::layout::Framing;
use crate::emulation::waveform::pulse::Shaping;
use crate::emulation::waveform::{Tones, WaveformEmulator};
use crate::emulation::{Inversion, TooLong};
use crate::units::Snr;
use crate::wifi::transmit::data_points;
use crate::wifi::{Mcs, Ppdu};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What the sender aims the frame at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    /// The waveform, as in the paper.
    Waveform,
    /// A waveform from which the receiver's matched filter recovers the symbols despite cyclic prefix, pilots and
    /// dummies.
    Symbols,
}

/// What the receiver hands to the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hand {
    /// Symbols, after the matched filter.
    #[default]
    Symbols,
    /// The waveform, to be compensated, as in the paper.
    Waveform,
}

/// Parameters of the link.
#[derive(Debug, Clone, PartialEq)]
pub struct WaveformConfig {
    /// Rate.
    pub mcs: Mcs,
    /// Inversion of the transmitter.
    pub inversion: Inversion,
    /// The subcarriers that imitate the waveform.
    pub tones: Tones,
    /// Pulse and symbol rate; [checked](Shaping::checked).
    pub shaping: Shaping,
    /// Target of the inversion.
    pub aim: Aim,
    /// Framing around our bits.
    pub framing: Framing,
    /// Input of the receiver's waveform.
    pub receive: Receive,
    /// Input of the decoder.
    pub hand: Hand,
    /// Knowledge of the receiver.
    pub reception: Reception,
    /// Channel and impairments between the radios.
    pub air: Chain,
    /// Gain of the transmitter.
    pub power: Power,
    /// Images per frame.
    pub images_per_frame: usize,
    /// [`WaveformEmulator::scale`]; by default that of least error without noise.
    pub scale: Option<f32>,
}

/// The link.
pub struct Waveform {
    config: WaveformConfig,
    k: usize,
    emulators: Lengths<WaveformEmulator>,
    air: Air,
}

impl Waveform {
    /// A link for `k` symbols per image.
    pub fn new(config: WaveformConfig, k: usize) -> Result<Self, TooLong> {
        let most = config.images_per_frame;
        let emulators = Lengths::new(most, emulator(&config, k, most)?);
        let air = Air::new(config.air.clone(), config.reception, config.power);
        Ok(Self { config, k, emulators, air })
    }

    fn emulator(&self, images: usize) -> &WaveformEmulator {
        let make = || emulator(&self.config, self.k, images).expect("fewer images than fit");
        self.emulators.of(images, make)
    }
}

/// The emulator for frames of `images` images.
fn emulator(config: &WaveformConfig, k: usize, images: usize) -> Result<WaveformEmulator, TooLong> {
    let WaveformConfig { mcs, framing, inversion, tones, shaping, .. } = *config;
    let emulator = WaveformEmulator::new(mcs, framing, inversion, tones, shaping, images * k)?;
    Ok(match config.scale {
        Some(scale) => emulator.at_scale(scale),
        None => emulator,
    })
}

impl Link for Waveform {
    fn images_per_frame(&self) -> usize {
        self.config.images_per_frame
    }

    fn air_time(&self) -> Option<AirTime> {
        let images = self.config.images_per_frame;
        Some(AirTime::of(self.emulator(images).layout().ppdu(), images))
    }

    fn ppdu(&self, images: usize) -> Option<Ppdu> {
        Some(self.emulator(images).layout().ppdu())
    }

    fn delivers(&self) -> Delivery {
        let WaveformConfig { hand, shaping, images_per_frame: images, .. } = self.config;
        match hand {
            Hand::Symbols => Delivery::Symbols,
            Hand::Waveform => Delivery::Waveform { shaping, images, samples: self.emulator(images).n_samples() },
        }
    }

    fn draw(&self, images: usize, k: usize, snr: Snr, mut rng: ChaCha8Rng) -> Box<dyn Transmission + '_> {
        assert_eq!(k, self.k, "symbols an image, and those of the link");
        super::assert_images(images, self.config.images_per_frame);
        let sent = if self.config.hand == Hand::Waveform { self.config.images_per_frame } else { images };
        let emulator = self.emulator(sent);
        let crossing = self.air.draw(emulator.layout().ppdu(), snr, &mut rng);
        let noise = vec![emulator.noise(&crossing.noise()); images * k];
        Box::new(Drawn { link: self, emulator, crossing, noise })
    }
}

/// The channel drawn for a frame.
struct Drawn<'a> {
    link: &'a Waveform,
    emulator: &'a WaveformEmulator,
    crossing: Crossing<'a>,
    noise: Vec<f32>,
}

impl Transmission for Drawn<'_> {
    fn noise(&self) -> &[f32] {
        &self.noise
    }

    fn carry(self: Box<Self>, z: &[Complex32]) -> Option<Heard> {
        let Self { link, emulator, crossing, noise } = *self;
        assert_eq!(z.len(), noise.len(), "symbols, and those announced");
        let (mut full, scrambler) = (z.to_vec(), crossing.scrambler());
        full.resize(emulator.n_symbols(), Complex32::ZERO);
        let psdu = match link.config.aim {
            Aim::Waveform => emulator.emulate(&full, scrambler),
            Aim::Symbols => emulator.emulate_waveform(&emulator.precompensate(&full), scrambler),
        };
        let points = data_points(&psdu, link.config.mcs, scrambler);
        let (energy, silence) = (crossing.energy(&points), crossing.silence());
        let frame = crossing.cross(&points)?;
        let heard = match link.config.receive {
            Receive::Bits => emulator.waveform_of_psdu(&frame.psdu, scrambler),
            Receive::Symbols | Receive::Mean => emulator.waveform_of_points(&frame.points),
        };
        Some(match link.config.hand {
            Hand::Symbols => Heard::equalised(emulator.demodulate(&heard), energy),
            Hand::Waveform => {
                let noise = Some(emulator.at_unit_energy(silence[emulator.samples()].to_vec()));
                Heard { noise, ..Heard::equalised(emulator.at_unit_energy(heard), energy) }
            }
        })
    }
}
