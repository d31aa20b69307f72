//! Links between encoder and decoder. A link works on symbols, not tensors, so that training and deployment use the
//! same code.
//!
//! The channel comes first, the symbols second: [`Link::draw`] draws the channel of a frame, whose state an encoder may
//! use; [`Transmission::carry`] sends the symbols.
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
pub mod mix;
mod waveform;
mod wifi;

pub use crate::air::{Power, Reception};
pub use bits::{Bits, BitsConfig, Damaged, Number, TooManyBits};
pub use ideal::{Equaliser, Ideal};
pub use ladder::{Ladder, Rung};
pub use mix::Mix;
pub use waveform::{Aim, Hand, Waveform, WaveformConfig};
pub use wifi::{Receive, Wifi, WifiConfig};

use crate::Complex32;
use crate::emulation::waveform::pulse::Shaping;
use crate::units::Snr;
use crate::wifi::Ppdu;
use rand_chacha::ChaCha8Rng;

/// Carries symbols from encoder to decoder.
pub trait Link: Sync {
    /// Images that share a frame, and so its SNR and its loss.
    fn images_per_frame(&self) -> usize;

    /// Cost of a full frame; `None` for a link without frames.
    fn air_time(&self) -> Option<AirTime>;

    /// Rate and length of the frame that holds `images` images, by which a receiver knows it; `None` for a link without
    /// frames, or of several.
    fn ppdu(&self, _images: usize) -> Option<Ppdu> {
        None
    }

    /// Input of the decoder.
    fn delivers(&self) -> Delivery {
        Delivery::Symbols
    }

    /// Draws the channel for one frame of `images` images, `k` symbols each.
    ///
    /// # Panics
    /// If there are no images, more than [`Link::images_per_frame`], or the link was made for another `k`.
    fn draw(&self, images: usize, k: usize, snr: Snr, rng: ChaCha8Rng) -> Box<dyn Transmission + '_>;
}

/// The channel drawn for one frame, not yet used.
pub trait Transmission: Send {
    /// Noise variance of each symbol after the equaliser, for symbols of mean power 1: the channel's, without the
    /// rounding to a frame. SNR, channel state and heat map are derived from it.
    fn noise(&self) -> &[f32];

    /// Carries the symbols to the output specified by [`Link::delivers`]. `None` if the frame is lost.
    ///
    /// # Panics
    /// If the number of symbols is not that of [`Link::draw`].
    fn carry(self: Box<Self>, z: &[Complex32]) -> Option<Heard>;
}

/// Output of a receiver for a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Symbols or samples, according to [`Delivery`].
    pub values: Vec<Complex32>,
    /// Factor of each symbol in its value, through which a gradient passes the link; `None` where the equaliser leaves
    /// 1.
    pub gain: Option<Vec<Complex32>>,
    /// The channel's noise in the place of the values, at their scale: for a model of the link that is taught with the
    /// noise that the link had. `None` unless a waveform is delivered.
    pub noise: Option<Vec<Complex32>>,
    /// Energy sent in symbols, or on the frame's data subcarriers: a channel use of power 1 has energy 1.
    pub energy: f64,
}

impl Heard {
    /// Values after an equaliser.
    fn equalised(values: Vec<Complex32>, energy: f64) -> Self {
        Self { values, gain: None, noise: None, energy }
    }
}

/// Kind of values that a link delivers to the decoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delivery {
    /// The symbols, as many as were sent.
    Symbols,
    /// The waveform of a full frame: missing images count as silence.
    Waveform {
        /// Pulse and symbol rate.
        shaping: Shaping,
        /// Images in the frame.
        images: usize,
        /// Samples of the frame at 20 Msample/s.
        samples: usize,
    },
}

impl Delivery {
    /// Complex values per image of `k` symbols.
    pub fn per_image(self, k: usize) -> usize {
        match self {
            Self::Symbols => k,
            Self::Waveform { images, samples, .. } => samples / images,
        }
    }
}

/// Cost of a full frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AirTime {
    /// Time on the air, preamble and SIGNAL included, in µs.
    pub us: usize,
    /// Images in the frame.
    pub images: usize,
    /// Channel uses of its DATA field: data subcarriers times OFDM symbols.
    pub uses: usize,
}

impl AirTime {
    /// The cost of a frame.
    fn of(ppdu: Ppdu, images: usize) -> Self {
        Self { us: ppdu.air_time_us(), images, uses: ppdu.n_sym() * ppdu.mcs().n_data() }
    }

    /// Channel uses per image.
    pub fn uses_per_image(self) -> f64 {
        self.uses as f64 / self.images as f64
    }

    /// Air-time ratio: samples at 20 Msample/s, including preamble, SIGNAL, pilots, unused subcarriers and cyclic
    /// prefix, per source real of images that have `source_reals` each. The counterpart of k/n with nothing left out.
    pub fn ratio(self, source_reals: usize) -> f64 {
        20.0 * self.us as f64 / (self.images * source_reals) as f64
    }
}

/// Checks the number of images in a frame.
fn assert_images(images: usize, most: usize) {
    assert!((1..=most).contains(&images), "{images} images in a frame of 1 to {most}");
}

#[cfg(test)]
mod tests {
    use super::AirTime;

    /// Table of the README: ten MNIST pictures in 96 µs.
    #[test]
    fn air_time_counts_every_sample() {
        let ratio = AirTime { us: 96, images: 10, uses: 912 }.ratio(784);
        assert!((ratio - 1920.0 / 7840.0).abs() < 1e-12, "{ratio}");
    }
}
