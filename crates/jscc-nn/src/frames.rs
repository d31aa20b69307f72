//! Transmission of many images over a link, frame after frame, on all cores; the result does not depend on their
//! number.

use crate::method::ChannelState;
use jscc_phy::Complex32;
use jscc_phy::link::{Heard, Link, Transmission};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use rayon::prelude::*;

/// Random stream of a transmission's noise: seed, purpose and index of the first frame.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// Seed of the run.
    pub seed: u64,
    /// Purpose: streams of different purposes are independent.
    pub purpose: &'static str,
    /// Index of the first frame; the others follow.
    pub first: u64,
}

/// The channel drawn for `images` images, frame after frame; the last frame may be short.
pub struct Frames<'a> {
    drawn: Vec<Box<dyn Transmission + 'a>>,
    snr: Vec<Snr>,
    images: usize,
    images_per_frame: usize,
    k: usize,
}

impl<'a> Frames<'a> {
    /// Draws the channel for `images` images of `k` symbols each, with one SNR per frame.
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
        let drawn = snr.par_iter().enumerate().map(draw).collect();
        Self { drawn, snr: snr.to_vec(), images, images_per_frame: most, k }
    }

    /// Channel state of the images.
    pub fn state(&self) -> ChannelState {
        ChannelState {
            snr: (0..self.images).map(|image| self.snr[image / self.images_per_frame]).collect(),
            noise: self.drawn.iter().flat_map(|frame| frame.noise()).copied().collect(),
        }
    }

    /// Carries the images' symbols; `None` per lost frame.
    ///
    /// # Panics
    /// If the number of symbols is not `images · k` of [`Frames::draw`].
    pub fn carry(self, z: &[Complex32]) -> Vec<Option<Heard>> {
        assert_eq!(z.len(), self.images * self.k, "symbols, and those that air was drawn for");
        let of_frames = z.par_chunks(self.images_per_frame * self.k);
        self.drawn.into_par_iter().zip(of_frames).map(|(frame, z)| frame.carry(z)).collect()
    }
}
