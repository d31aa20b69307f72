//! What the air does to samples. A channel **draws** a realization from a seeded stream; applying it is separate, so
//! the noise of training and the noise on the air are the same numbers.

mod awgn;

use crate::Complex32;
use rand_chacha::ChaCha8Rng;

/// The channels of this project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Additive white Gaussian noise: y = x + n.
    Awgn,
}

/// One draw of a channel for a block of samples: y = x + n.
#[derive(Debug, Clone)]
pub struct Realization {
    /// Noise, one per sample.
    pub noise: Vec<Complex32>,
}

impl Channel {
    /// Draws the channel for `n` samples with complex noise of variance `no`, half of it per real dimension.
    pub fn draw(self, n: usize, no: f32, rng: &mut ChaCha8Rng) -> Realization {
        match self {
            Self::Awgn => awgn::draw(n, no, rng),
        }
    }
}

impl Realization {
    /// Passes a block through the channel as drawn.
    ///
    /// # Panics
    /// If `x` is not as long as the draw.
    pub fn apply(&self, x: &mut [Complex32]) {
        assert_eq!(x.len(), self.noise.len(), "samples and drawn noise");
        for (x, n) in x.iter_mut().zip(&self.noise) {
            *x += n;
        }
    }
}
