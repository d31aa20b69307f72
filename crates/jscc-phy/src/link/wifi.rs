//! An 802.11 frame between encoder and decoder, D2AJSCC's figure 3: one JSCC symbol per data subcarrier.

use super::lengths::Lengths;
use super::mix::{Mix, Mixer};
use super::{AirTime, Heard, Link, Power, Reception, Transmission};
use crate::Complex32;
use crate::air::{Air, Crossing};
use crate::channel::Chain;
use crate::emulation::layout::Framing;
use crate::emulation::room::Room;
use crate::emulation::{Emulator, Inversion, TooLong};
use crate::units::Snr;
use crate::wifi::transmit::data_points;
use crate::wifi::{Mcs, Ppdu};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What the receiver hands to the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Receive {
    /// PSDU bits, as delivered by every card; re-modulated.
    Bits,
    /// Equalised points, as in a software radio.
    Symbols,
    /// The posterior mean of the points, given all that was received: soft decoding in a software radio. For waveforms
    /// as [`Receive::Symbols`].
    Mean,
}

/// Parameters of the link.
#[derive(Debug, Clone, PartialEq)]
pub struct WifiConfig {
    /// Rate.
    pub mcs: Mcs,
    /// Inversion of the transmitter.
    pub inversion: Inversion,
    /// Framing around our bits.
    pub framing: Framing,
    /// Input of the decoder.
    pub receive: Receive,
    /// Knowledge of the receiver.
    pub reception: Reception,
    /// Channel and impairments between the radios.
    pub air: Chain,
    /// Gain of the transmitter.
    pub power: Power,
    /// Images per frame.
    pub images_per_frame: usize,
    /// OFDM symbols beyond those that a frame needs, as room for the trellis search.
    pub spare: usize,
    /// Use of that room; an exact inversion supports [`Room::Erased`] only.
    pub room: Room,
    /// Weight of the power of unused subcarriers, [`Emulator::with_silence`].
    pub silence: f32,
    /// [`Emulator::scale`]; by default that of least error without noise.
    pub scale: Option<f32>,
    /// Mixing of a frame's symbols; without it each has its own place.
    pub mix: Option<Mix>,
}

/// The link.
pub struct Wifi {
    config: WifiConfig,
    k: usize,
    senders: Lengths<Sender>,
    air: Air,
}

/// What makes frames of one length.
struct Sender {
    emulator: Emulator,
    mixer: Option<Mixer>,
}

impl Wifi {
    /// A link for `k` symbols per image.
    ///
    /// # Panics
    /// If an exact inversion is combined with another use of its room.
    pub fn new(config: WifiConfig, k: usize) -> Result<Self, TooLong> {
        let most = config.images_per_frame;
        let senders = Lengths::new(most, Sender::new(&config, k, most)?);
        let air = Air::new(config.air.clone(), config.reception, config.power);
        Ok(Self { config, k, senders, air })
    }

    fn sender(&self, images: usize) -> &Sender {
        let make = || Sender::new(&self.config, self.k, images).expect("fewer images than fit");
        self.senders.of(images, make)
    }
}

impl Sender {
    fn new(config: &WifiConfig, k: usize, images: usize) -> Result<Self, TooLong> {
        let mixer = config.mix.map(|Mix::Chirp| Mixer::new(images * k));
        Ok(Self { emulator: emulator(config, k, images)?, mixer })
    }

    /// Noise of each symbol, given that of those on the air: mixed, all have the mean.
    fn noise(&self, crossing: &Crossing) -> Vec<f32> {
        let noise = self.emulator.noise(&crossing.noise());
        if self.mixer.is_none() {
            return noise;
        }
        let mean = noise.iter().sum::<f32>() / noise.len() as f32;
        vec![mean; noise.len()]
    }
}

/// The emulator for frames of `images` images.
fn emulator(config: &WifiConfig, k: usize, images: usize) -> Result<Emulator, TooLong> {
    let plain = Emulator::with_room(config.mcs, config.framing, config.inversion, images * k, config.spare)?;
    let plain = if config.room == Room::Erased { plain } else { plain.in_room(config.room) };
    let quiet = if config.silence == 0.0 { plain } else { plain.with_silence(config.silence) };
    Ok(match config.scale {
        Some(scale) => quiet.at_scale(scale),
        None => quiet,
    })
}

impl Link for Wifi {
    fn images_per_frame(&self) -> usize {
        self.config.images_per_frame
    }

    fn air_time(&self) -> Option<AirTime> {
        let images = self.config.images_per_frame;
        Some(AirTime::of(self.sender(images).emulator.layout().ppdu(), images))
    }

    fn ppdu(&self, images: usize) -> Option<Ppdu> {
        Some(self.sender(images).emulator.layout().ppdu())
    }

    fn draw(&self, images: usize, k: usize, snr: Snr, mut rng: ChaCha8Rng) -> Box<dyn Transmission + '_> {
        assert_eq!(k, self.k, "symbols an image, and those of the link");
        super::assert_images(images, self.config.images_per_frame);
        let sender = self.sender(images);
        let crossing = self.air.draw(sender.emulator.layout().ppdu(), snr, &mut rng);
        let noise = sender.noise(&crossing);
        Box::new(Drawn { sender, receive: self.config.receive, crossing, noise })
    }
}

/// The channel drawn for a frame.
struct Drawn<'a> {
    sender: &'a Sender,
    receive: Receive,
    crossing: Crossing<'a>,
    noise: Vec<f32>,
}

impl Transmission for Drawn<'_> {
    fn noise(&self) -> &[f32] {
        &self.noise
    }

    fn carry(self: Box<Self>, z: &[Complex32]) -> Option<Heard> {
        let Self { sender: Sender { emulator, mixer }, receive, crossing, .. } = *self;
        let mixed = mixer.as_ref().map(|mixer| mixer.mix(z));
        let (mcs, scrambler) = (emulator.layout().mcs(), crossing.scrambler());
        let psdu = emulator.emulate(mixed.as_deref().unwrap_or(z), scrambler);
        let points = data_points(&psdu, mcs, scrambler);
        let energy = crossing.energy(&points);
        let frame = crossing.cross(&points)?;
        let values = match receive {
            Receive::Bits => emulator.recover(&frame.psdu, scrambler),
            Receive::Symbols => emulator.pick(&frame.points),
            Receive::Mean => emulator.posterior_mean(&frame.points, &frame.channel.noise_on(mcs), scrambler),
        };
        let values = match mixer {
            Some(mixer) => mixer.undo(values),
            None => values,
        };
        Some(Heard::equalised(values, energy))
    }
}
