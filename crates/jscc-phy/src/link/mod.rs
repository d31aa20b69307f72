//! What lies between encoder and decoder. A link works on symbols, not tensors: what is trained and what is deployed are
//! the same bits.
//!
//! First the air, then the symbols: [`Link::draw`] says what a frame will meet, and whoever may know it is told before it
//! encodes; [`Transmission::carry`] sends.
//!
//! ```
//! use jscc_phy::link::{Ideal, Link};
//! use jscc_phy::{Complex32, random::stream, units::Snr};
//!
//! let link = Ideal::default();
//! let air = link.draw(1, 48, Snr::per_symbol(10.0), stream(1, "example", 0));
//! assert_eq!(air.noise(), [0.1; 48]);
//! let heard = air.carry(&[Complex32::ONE; 48]).expect("an ideal radio loses nothing");
//! assert_eq!(heard.values.len(), 48);
//! ```

mod bits;
mod ideal;
mod ladder;
mod lengths;
mod waveform;
mod wifi;

pub use crate::air::Reception;
pub use bits::{Bits, BitsConfig, Damaged, Number, TooManyBits};
pub use ideal::{Equaliser, Ideal};
pub use ladder::{Ladder, Rung};
pub use waveform::{Aim, Hand, Waveform, WaveformConfig};
pub use wifi::{Receive, Wifi, WifiConfig};

use crate::Complex32;
use crate::emulation::waveform::pulse::Shaping;
use crate::units::Snr;
use rand_chacha::ChaCha8Rng;

/// Carries symbols from encoder to decoder.
pub trait Link: Sync {
    /// Images that travel together; SNR is drawn, and frames are lost, for all of them at once.
    fn images_per_frame(&self) -> usize;

    /// What a full frame costs; `None` for a link without frames.
    fn air_time(&self) -> Option<AirTime>;

    /// What the decoder gets.
    fn delivers(&self) -> Delivery {
        Delivery::Symbols
    }

    /// Draws the air of one frame of `images` images, `k` symbols each.
    ///
    /// # Panics
    /// If there are no images, more than [`Link::images_per_frame`], or the link was made for another `k`.
    fn draw(&self, images: usize, k: usize, snr: Snr, rng: ChaCha8Rng) -> Box<dyn Transmission + '_>;
}

/// The air of one frame, drawn and not yet used.
pub trait Transmission: Send {
    /// Noise variance of each symbol after the equaliser, where symbols are sent with mean power 1: what the air adds, not what
    /// rounding to a frame does. SNR, channel state and heat map are views of it.
    fn noise(&self) -> &[f32];

    /// Carries the symbols to what [`Link::delivers`] says. `None` when the frame is lost.
    ///
    /// # Panics
    /// If there are not as many symbols as were announced.
    fn carry(self: Box<Self>, z: &[Complex32]) -> Option<Heard>;
}

/// What a receiver makes of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Symbols or samples, as [`Delivery`] says.
    pub values: Vec<Complex32>,
    /// By what each symbol is multiplied in its value; `None` where the equaliser leaves 1. A gradient passes the link
    /// through it.
    pub gain: Option<Vec<Complex32>>,
}

impl Heard {
    /// Values behind an equaliser.
    fn equalised(values: Vec<Complex32>) -> Self {
        Self { values, gain: None }
    }
}

/// What a link delivers to the decoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delivery {
    /// The symbols, as many as were sent.
    Symbols,
    /// The waveform of a full frame: images that are not there count as silence.
    Waveform {
        /// Pulse and symbol rate.
        shaping: Shaping,
        /// Images in the frame.
        images: usize,
        /// Samples at 20 Msample/s of the frame.
        samples: usize,
    },
}

impl Delivery {
    /// Complex values for each image of `k` symbols.
    pub fn per_image(self, k: usize) -> usize {
        match self {
            Self::Symbols => k,
            Self::Waveform { images, samples, .. } => samples / images,
        }
    }
}

/// What a full frame costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AirTime {
    /// Time on the air, preamble and SIGNAL included, in µs.
    pub us: usize,
    /// Images in it.
    pub images: usize,
}

impl AirTime {
    /// Air-time ratio: samples at 20 Msample/s, which the preamble, SIGNAL, pilots, unused subcarriers and cyclic prefix count
    /// towards, per source real of images that have `source_reals` each. The counterpart of k/n with nothing left out.
    pub fn ratio(self, source_reals: usize) -> f64 {
        20.0 * self.us as f64 / (self.images * source_reals) as f64
    }
}

/// Checks the images of a frame.
fn assert_images(images: usize, most: usize) {
    assert!((1..=most).contains(&images), "{images} images in a frame of 1 to {most}");
}

#[cfg(test)]
mod tests {
    use super::AirTime;

    /// Table of the README: ten MNIST pictures in 96 µs.
    #[test]
    fn air_time_counts_every_sample() {
        let ratio = AirTime { us: 96, images: 10 }.ratio(784);
        assert!((ratio - 1920.0 / 7840.0).abs() < 1e-12, "{ratio}");
    }
}
