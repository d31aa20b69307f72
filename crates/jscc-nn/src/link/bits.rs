//! Symbols written out as numbers and sent as payload: the baseline "JSCC + STE" of D2AJSCC, section IV-A. The channel's code
//! protects them, and breaks where it breaks.

use super::air::Air;
use super::{AirTime, Link, Reception};
use jscc_phy::Complex32;
use jscc_phy::bits::{to_bits, to_octets};
use jscc_phy::units::Snr;
use jscc_phy::wifi::transmit::data_points;
use jscc_phy::wifi::{Guard, Mcs, Ppdu};
use rand_chacha::ChaCha8Rng;

/// Largest real or imaginary part that is sent; parts of symbols of mean power 1 have a standard deviation of 0.71. What
/// arrives beyond it, from a damaged exponent, is taken as this.
const MOST: f32 = 4.0;

/// How a real number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// IEEE 754, 32 bits, as the paper's wording suggests.
    Float,
    /// In steps of equal size over ±2, as an unsigned integer of so many bits, the highest first.
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

    fn read(self, word: u32) -> f32 {
        match self {
            Self::Float => {
                let x = f32::from_bits(word);
                if x.is_nan() { 0.0 } else { x.clamp(-MOST, MOST) }
            }
            Self::Fixed(n_bits) => ((word as f32 + 0.5) / (1u32 << n_bits) as f32 * 2.0 - 1.0) * RANGE,
        }
    }

    fn bits_of(self, x: f32) -> impl Iterator<Item = u8> {
        let word = self.write(x);
        (0..self.n_bits()).rev().map(move |i| (word >> i & 1) as u8)
    }
}

/// More images in a frame than its longest PSDU holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{octets} octets do not fit into one frame, which carries {most} at the most; take fewer images or bits")]
pub struct TooManyBits {
    octets: usize,
    most: usize,
}

/// The link.
pub struct Bits {
    mcs: Mcs,
    number: Number,
    k: usize,
    images_per_frame: usize,
    air: Air,
}

impl Bits {
    /// A link for `k` symbols an image.
    pub fn new(
        mcs: Mcs,
        number: Number,
        reception: Reception,
        images_per_frame: usize,
        k: usize,
    ) -> Result<Self, TooManyBits> {
        let link = Self { mcs, number, k, images_per_frame, air: Air::new(reception) };
        let (octets, most) = (link.octets(images_per_frame), Ppdu::max_length(mcs, Guard::Long));
        if octets > most { Err(TooManyBits { octets, most }) } else { Ok(link) }
    }

    fn octets(&self, images: usize) -> usize {
        (images * 2 * self.k * self.number.n_bits()).div_ceil(8)
    }

    fn write(&self, z: &[Complex32]) -> Vec<u8> {
        let reals = z.iter().flat_map(|z| [z.re, z.im]);
        let mut bits: Vec<u8> = reals.flat_map(|x| self.number.bits_of(x)).collect();
        bits.resize(bits.len().next_multiple_of(8), 0);
        to_octets(&bits)
    }

    fn read(&self, psdu: &[u8], n_symbols: usize) -> Vec<Complex32> {
        let bits = to_bits(psdu);
        let number = |bits: &[u8]| self.number.read(bits.iter().fold(0, |word, &bit| word << 1 | u32::from(bit)));
        let reals: Vec<f32> = bits.chunks_exact(self.number.n_bits()).map(number).collect();
        reals.chunks_exact(2).take(n_symbols).map(|pair| Complex32::new(pair[0], pair[1])).collect()
    }
}

impl Link for Bits {
    fn images_per_frame(&self) -> usize {
        self.images_per_frame
    }

    fn air_time(&self) -> Option<AirTime> {
        let ppdu = Ppdu::long_guard(self.mcs, self.octets(self.images_per_frame));
        Some(AirTime { us: ppdu.air_time_us(), images: self.images_per_frame })
    }

    fn carry(&self, z: &[Complex32], snr: Snr, rng: &mut ChaCha8Rng) -> Option<Vec<Complex32>> {
        super::assert_images(z.len(), self.k, self.images_per_frame);
        let (psdu, scrambler) = (self.write(z), self.air.scrambler(rng));
        let points = data_points(&psdu, self.mcs, scrambler);
        let frame = self.air.cross(Ppdu::long_guard(self.mcs, psdu.len()), &points, scrambler, snr, rng)?;
        Some(self.read(&frame.psdu, z.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jscc_phy::random::stream;
    use rand::RngExt;

    fn symbols(n: usize) -> Vec<Complex32> {
        let mut rng = stream(1, "symbols", 0);
        (0..n).map(|_| Complex32::new(rng.random_range(-1.9..1.9), rng.random_range(-1.9..1.9))).collect()
    }

    fn link(number: Number) -> Bits {
        Bits::new(Mcs::M54, number, Reception::Aided, 3, 7).expect("fits")
    }

    #[test]
    fn numbers_arrive_as_they_were_written_when_no_bit_breaks() {
        let z = symbols(21);
        for (number, error) in [(Number::Float, 0.0), (Number::Fixed(8), 2.0 / 256.0), (Number::Fixed(4), 2.0 / 16.0)] {
            let z_hat = link(number).carry(&z, Snr::per_symbol(40.0), &mut stream(1, "air", 0)).expect("aided");
            for (sent, heard) in z.iter().zip(&z_hat) {
                let off = (sent.re - heard.re).abs().max((sent.im - heard.im).abs());
                assert!(off <= error * 1.001, "{number:?}: {sent} heard as {heard}");
            }
        }
    }

    #[test]
    fn damaged_numbers_stay_finite_and_outsiders_are_clipped() {
        for number in [Number::Float, Number::Fixed(8), Number::Fixed(4)] {
            let z_hat =
                link(number).carry(&symbols(21), Snr::per_symbol(-5.0), &mut stream(1, "air", 0)).expect("aided");
            assert!(z_hat.iter().all(|z| z.re.abs() <= MOST && z.im.abs() <= MOST));
        }
        assert_eq!(Number::Fixed(4).write(9.0), 15);
        assert_eq!(Number::Fixed(4).write(-9.0), 0);
        assert!(Number::Float.read(f32::NAN.to_bits()).abs() < 1e-9);
    }

    #[test]
    fn air_time_grows_with_the_bits_and_long_frames_are_refused() {
        let us = |number| link(number).air_time().expect("a frame").us;
        assert!(us(Number::Float) > us(Number::Fixed(8)) && us(Number::Fixed(8)) > us(Number::Fixed(4)));
        let why = Bits::new(Mcs::M54, Number::Float, Reception::Aided, 100, 48).err().expect("too long");
        assert!(why.to_string().contains("38400 octets"), "{why}");
    }
}
