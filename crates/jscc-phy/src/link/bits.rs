//! Symbols sent as numbers in the payload: the baseline "JSCC + STE" of D2AJSCC, section IV-A. The channel code
//! protects them, up to its threshold.

use super::{AirTime, Heard, Link, Power, Reception, Transmission};
use crate::Complex32;
use crate::air::{Air, Crossing};
use crate::bits::{to_bits, to_octets};
use crate::channel::Chain;
use crate::units::Snr;
use crate::wifi::fcs::N_FCS;
use crate::wifi::transmit::data_points;
use crate::wifi::{Guard, Mcs, Ppdu, fcs};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Format of a real number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// IEEE 754, 32 bits, as the paper's wording suggests.
    Float,
    /// Uniform steps over ±2, as an unsigned integer of this many bits, the highest first.
    Fixed(u8),
}

/// Range of [`Number::Fixed`], nearly three standard deviations.
const RANGE: f32 = 2.0;

impl Number {
    fn n_bits(self) -> usize {
        match self {
            Self::Float => 32,
            Self::Fixed(n_bits) => n_bits as usize,
        }
    }

    fn write(self, x: f32) -> u32 {
        match self {
            Self::Float => x.to_bits(),
            Self::Fixed(n_bits) => {
                let levels = 1u32 << n_bits;
                let level = (x / RANGE).midpoint(1.0) * levels as f32;
                (level.max(0.0) as u32).min(levels - 1)
            }
        }
    }

    fn read(self, word: u32, clip: f32) -> f32 {
        match self {
            Self::Float => {
                let x = f32::from_bits(word);
                if x.is_nan() { 0.0 } else { x.clamp(-clip, clip) }
            }
            Self::Fixed(n_bits) => ((word as f32 + 0.5) / (1u32 << n_bits) as f32 * 2.0 - 1.0) * RANGE,
        }
    }

    fn bits_of(self, x: f32) -> impl Iterator<Item = u8> {
        let word = self.write(x);
        (0..self.n_bits()).rev().map(move |i| (word >> i & 1) as u8)
    }
}

/// What becomes of a frame that arrives damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Damaged {
    /// Its bits are taken as they are, as a card does in monitor mode: the frame has no check sequence.
    #[default]
    Heard,
    /// It is lost: the frame ends with a check sequence, as every other does.
    Lost,
}

/// Parameters of the link.
#[derive(Debug, Clone, PartialEq)]
pub struct BitsConfig {
    /// Rate.
    pub mcs: Mcs,
    /// Format of real and imaginary parts.
    pub number: Number,
    /// Largest magnitude of a received [`Number::Float`], for a damaged exponent can make it anything; what is no number
    /// becomes 0. Real and imaginary parts of symbols of mean power 1 have a standard deviation of 0.71.
    pub clip: f32,
    /// Treatment of a damaged frame.
    pub damaged: Damaged,
    /// Knowledge of the receiver.
    pub reception: Reception,
    /// Channel and impairments between the radios.
    pub air: Chain,
    /// Gain of the transmitter.
    pub power: Power,
    /// Images per frame.
    pub images_per_frame: usize,
}

/// More images per frame than its longest PSDU can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{octets} octets do not fit into one frame, which carries {most} at the most; take fewer images or bits")]
pub struct TooManyBits {
    octets: usize,
    most: usize,
}

/// The link.
pub struct Bits {
    config: BitsConfig,
    k: usize,
    air: Air,
}

impl Bits {
    /// A link for `k` symbols per image.
    pub fn new(config: BitsConfig, k: usize) -> Result<Self, TooManyBits> {
        let air = Air::new(config.air.clone(), config.reception, config.power);
        let (most, images) = (Ppdu::max_length(config.mcs, Guard::Long), config.images_per_frame);
        let link = Self { config, k, air };
        let octets = link.octets(images);
        if octets > most { Err(TooManyBits { octets, most }) } else { Ok(link) }
    }

    /// Octets of the whole PSDU.
    fn octets(&self, images: usize) -> usize {
        let check = match self.config.damaged {
            Damaged::Heard => 0,
            Damaged::Lost => N_FCS,
        };
        (images * 2 * self.k * self.config.number.n_bits()).div_ceil(8) + check
    }

    fn frame(&self, images: usize) -> Ppdu {
        Ppdu::long_guard(self.config.mcs, self.octets(images))
    }

    fn write(&self, z: &[Complex32]) -> Vec<u8> {
        let reals = z.iter().flat_map(|z| [z.re, z.im]);
        let mut bits: Vec<u8> = reals.flat_map(|x| self.config.number.bits_of(x)).collect();
        bits.resize(bits.len().next_multiple_of(8), 0);
        let mut psdu = to_octets(&bits);
        if self.config.damaged == Damaged::Lost {
            psdu.extend(fcs::fcs(&psdu));
        }
        psdu
    }

    fn read(&self, psdu: &[u8], n_symbols: usize) -> Vec<Complex32> {
        let (bits, &BitsConfig { number, clip, .. }) = (to_bits(psdu), &self.config);
        let real = |bits: &[u8]| number.read(bits.iter().fold(0, |word, &bit| word << 1 | u32::from(bit)), clip);
        let reals: Vec<f32> = bits.chunks_exact(number.n_bits()).map(real).collect();
        reals.chunks_exact(2).take(n_symbols).map(|pair| Complex32::new(pair[0], pair[1])).collect()
    }
}

impl Link for Bits {
    fn images_per_frame(&self) -> usize {
        self.config.images_per_frame
    }

    fn air_time(&self) -> Option<AirTime> {
        let images = self.config.images_per_frame;
        Some(AirTime::of(self.frame(images), images))
    }

    fn ppdu(&self, images: usize) -> Option<Ppdu> {
        Some(self.frame(images))
    }

    /// Numbers have no subcarrier of their own: the reported noise is the mean over all.
    fn draw(&self, images: usize, k: usize, snr: Snr, mut rng: ChaCha8Rng) -> Box<dyn Transmission + '_> {
        assert_eq!(k, self.k, "symbols an image, and those of the link");
        super::assert_images(images, self.config.images_per_frame);
        let crossing = self.air.draw(self.frame(images), snr, &mut rng);
        let on_tones = crossing.noise();
        let noise = vec![on_tones.iter().sum::<f32>() / on_tones.len() as f32; images * k];
        Box::new(Drawn { link: self, crossing, noise })
    }
}

/// The channel drawn for a frame.
struct Drawn<'a> {
    link: &'a Bits,
    crossing: Crossing<'a>,
    noise: Vec<f32>,
}

impl Transmission for Drawn<'_> {
    fn noise(&self) -> &[f32] {
        &self.noise
    }

    fn carry(self: Box<Self>, z: &[Complex32]) -> Option<Heard> {
        let Self { link, crossing, noise } = *self;
        assert_eq!(z.len(), noise.len(), "symbols, and those announced");
        let points = data_points(&link.write(z), link.config.mcs, crossing.scrambler());
        let energy = crossing.energy(&points);
        let frame = crossing.cross(&points)?;
        let lost = link.config.damaged == Damaged::Lost && !fcs::check(&frame.psdu);
        (!lost).then(|| Heard::equalised(link.read(&frame.psdu, z.len()), energy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    use crate::random::stream;
    use rand::RngExt;

    fn symbols(n: usize) -> Vec<Complex32> {
        let mut rng = stream(1, "symbols", 0);
        (0..n).map(|_| Complex32::new(rng.random_range(-1.9..1.9), rng.random_range(-1.9..1.9))).collect()
    }

    fn config(number: Number) -> BitsConfig {
        let (mcs, damaged, reception) = (Mcs::M54, Damaged::Heard, Reception::Aided);
        let air = Chain::new(Channel::Awgn, vec![]);
        BitsConfig { mcs, number, clip: 4.0, damaged, reception, air, power: Power::Card, images_per_frame: 3 }
    }

    fn carry(link: &Bits, z: &[Complex32], snr_db: f64, index: u64) -> Option<Vec<Complex32>> {
        let air = link.draw(3, 7, Snr::per_symbol(snr_db), stream(1, "air", index));
        air.carry(z).map(|heard| heard.values)
    }

    fn link(number: Number) -> Bits {
        Bits::new(config(number), 7).expect("fits")
    }

    #[test]
    fn numbers_arrive_as_they_were_written_when_no_bit_breaks() {
        let z = symbols(21);
        for (number, error) in [(Number::Float, 0.0), (Number::Fixed(8), 2.0 / 256.0), (Number::Fixed(4), 2.0 / 16.0)] {
            let z_hat = carry(&link(number), &z, 40.0, 0).expect("aided");
            for (sent, heard) in z.iter().zip(&z_hat) {
                let off = (sent.re - heard.re).abs().max((sent.im - heard.im).abs());
                assert!(off <= error * 1.001, "{number:?}: {sent} heard as {heard}");
            }
        }
    }

    #[test]
    fn damaged_numbers_stay_finite_and_outsiders_are_clipped() {
        let largest = |clip, number| {
            let link = Bits::new(BitsConfig { clip, ..config(number) }, 7).expect("fits");
            let z_hat = carry(&link, &symbols(21), -5.0, 0).expect("aided");
            z_hat.iter().flat_map(|z| [z.re.abs(), z.im.abs()]).fold(0.0, f32::max)
        };
        for number in [Number::Float, Number::Fixed(8), Number::Fixed(4)] {
            assert!(largest(4.0, number) <= 4.0, "{number:?}");
        }
        assert!(largest(1e30, Number::Float) > 1e6, "exponents are damaged");
        assert_eq!(Number::Fixed(4).write(9.0), 15);
        assert_eq!(Number::Fixed(4).write(-9.0), 0);
        assert!(Number::Float.read(f32::NAN.to_bits(), 4.0).abs() < 1e-9);
    }

    #[test]
    fn a_frame_with_a_check_arrives_whole_or_not_at_all() {
        let (z, checked) = (symbols(21), BitsConfig { damaged: Damaged::Lost, ..config(Number::Fixed(8)) });
        let checked = Bits::new(checked, 7).expect("fits");
        let mut lost = 0;
        for i in 0..200 {
            let heard = |snr_db| carry(&checked, &z, snr_db, i);
            assert!(heard(40.0).is_some() && heard(0.0).is_none());
            match heard(17.0) {
                Some(z_hat) => assert_eq!(z_hat, heard(40.0).expect("whole")),
                None => lost += 1,
            }
        }
        assert!((1..200).contains(&lost), "{lost} of 200 frames lost where some are");
    }

    #[test]
    fn air_time_grows_with_the_bits_and_long_frames_are_refused() {
        let us = |number| link(number).air_time().expect("a frame").us;
        assert!(us(Number::Float) > us(Number::Fixed(8)) && us(Number::Fixed(8)) > us(Number::Fixed(4)));
        let long = BitsConfig { images_per_frame: 100, ..config(Number::Float) };
        let why = Bits::new(long, 48).err().expect("too long");
        assert!(why.to_string().contains("38400 octets"), "{why}");
    }
}
