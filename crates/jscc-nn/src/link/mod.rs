//! What lies between encoder and decoder. A link works on symbols, not tensors: what is trained and what is deployed
//! are the same bits. Its gradient, where training needs one, is the identity ([`crate::train`]): exact for additive
//! noise, a straight-through estimate for an 802.11 frame.

mod air;
mod bits;
mod ideal;
mod ladder;
mod waveform;
mod wifi;

pub use air::Reception;
pub use bits::{Bits, BitsConfig, Damaged, Number, TooManyBits};
pub use ideal::Ideal;
pub use ladder::{Ladder, Rung};
pub use waveform::{Aim, Hand, Waveform, WaveformConfig};
pub use wifi::{Receive, Wifi, WifiConfig};

use jscc_phy::Complex32;
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Carries symbols from encoder to decoder.
pub trait Link: Sync {
    /// Images that travel together; SNR is drawn, and frames are lost, for all of them at once.
    fn images_per_frame(&self) -> usize;

    /// What a full frame costs; `None` for a link without frames.
    fn air_time(&self) -> Option<AirTime>;

    /// What the decoder gets.
    fn hands_over(&self) -> HandsOver {
        HandsOver::Symbols
    }

    /// Carries the symbols of up to [`Link::images_per_frame`] images, `k` each, to what [`Link::hands_over`] says.
    /// `None` when the frame is lost.
    ///
    /// # Panics
    /// If there are no symbols, more, or some of half an image.
    fn carry(&self, z: &[Complex32], snr: Snr, rng: &mut ChaCha8Rng) -> Option<Vec<Complex32>>;
}

/// What a link hands to the decoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HandsOver {
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

impl HandsOver {
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
    /// Air-time ratio: samples at 20 Msample/s, which the preamble, SIGNAL, pilots, unused subcarriers and cyclic
    /// prefix count towards, per source real of the images. The counterpart of k/n with nothing left out.
    pub fn ratio(self) -> f64 {
        20.0 * self.us as f64 / (self.images * crate::N_PIXELS) as f64
    }
}

/// Images that `n` symbols are, `k` each.
///
/// # Panics
/// If they are none, more than a frame takes, or some of half an image.
fn assert_images(n: usize, k: usize, most: usize) -> usize {
    let images = n / k;
    assert!((1..=most).contains(&images) && n.is_multiple_of(k), "{n} symbols of {k} in 1 to {most} images");
    images
}

/// The noise of a transmission: its seed, what it is for, and the index of its first frame.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// Seed of the run.
    pub seed: u64,
    /// Purpose: streams of different purposes are independent.
    pub purpose: &'static str,
    /// Index of the first frame; the others follow.
    pub first: u64,
}

/// Carries many images, frame after frame, on all cores; the result does not depend on how many cores there are.
///
/// # Shapes
/// - `z`: k symbols an image
/// - `snr`: one a frame, in order
///
/// # Panics
/// If the number of SNRs is not the number of frames.
pub fn carry_all(link: &dyn Link, z: &[Complex32], k: usize, snr: &[Snr], noise: Noise) -> Vec<Option<Vec<Complex32>>> {
    let per_frame = link.images_per_frame() * k;
    assert_eq!(snr.len(), z.len().div_ceil(per_frame), "one SNR a frame");
    z.par_chunks(per_frame)
        .zip(snr)
        .enumerate()
        .map(|(i, (z, &snr))| link.carry(z, snr, &mut stream(noise.seed, noise.purpose, noise.first + i as u64)))
        .collect()
}
