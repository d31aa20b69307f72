//! Many images over a link, frame after frame, on all cores; the result does not depend on how many cores there are.

use jscc_phy::Complex32;
use jscc_phy::link::{Heard, Link, Transmission};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use rayon::prelude::*;

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

/// The air of as many frames as `images` images fill, in order; the last may be short.
pub struct Frames<'a> {
    drawn: Vec<Box<dyn Transmission + 'a>>,
    per_frame: usize,
}

impl<'a> Frames<'a> {
    /// Draws the air of `images` images of `k` symbols each, with one SNR per frame.
    ///
    /// # Panics
    /// If the number of SNRs is not the number of frames.
    pub fn draw(link: &'a dyn Link, images: usize, k: usize, snr: &[Snr], noise: Noise) -> Self {
        let most = link.images_per_frame();
        assert_eq!(snr.len(), images.div_ceil(most), "one SNR per frame");
        let draw = |(i, &snr): (usize, &Snr)| {
            let rng = stream(noise.seed, noise.purpose, noise.first + i as u64);
            link.draw(most.min(images - i * most), k, snr, rng)
        };
        Self { drawn: snr.par_iter().enumerate().map(draw).collect(), per_frame: most * k }
    }

    /// Noise variance of every symbol after the equaliser, image after image.
    pub fn noise(&self) -> Vec<f32> {
        self.drawn.iter().flat_map(|frame| frame.noise()).copied().collect()
    }

    /// Carries the images' symbols; `None` for a lost frame.
    ///
    /// # Panics
    /// If there are not as many symbols as were drawn for.
    pub fn carry(self, z: &[Complex32]) -> Vec<Option<Heard>> {
        assert_eq!(z.len().div_ceil(self.per_frame), self.drawn.len(), "frames of symbols, and those drawn");
        self.drawn.into_par_iter().zip(z.par_chunks(self.per_frame)).map(|(frame, z)| frame.carry(z)).collect()
    }
}
