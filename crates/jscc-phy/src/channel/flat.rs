//! Flat fading: one gain for all frequencies, constant over a block and independent from block to block.

use super::complex_gaussian;
use crate::Complex32;
use crate::units::from_db;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::f32::consts::TAU;
use std::num::NonZeroUsize;

/// Distribution of a flat gain h, of mean power 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fading {
    /// No line of sight: h ~ CN(0, 1).
    Rayleigh,
    /// Line of sight: h = √(K/(K+1))·e^(jθ) + √(1/(K+1))·CN(0, 1), θ uniform and redrawn per block.
    Rician {
        /// K in dB: power of the direct path over the mean power of all others.
        k_db: f64,
    },
}

/// Duration of a gain until the next, independent one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coherence {
    /// The whole draw.
    Frame,
    /// A number of samples; the last block of a draw may be shorter.
    Block(NonZeroUsize),
    /// One symbol, that is, one sample of the draw.
    Symbol,
}

pub(super) fn draw(fading: Fading, coherence: Coherence, n: usize, rng: &mut ChaCha8Rng) -> Vec<Complex32> {
    let block = match coherence {
        Coherence::Frame => n.max(1),
        Coherence::Block(block) => block.get(),
        Coherence::Symbol => 1,
    };
    let mut gains = Vec::with_capacity(n);
    while gains.len() < n {
        let h = fading.draw(rng);
        gains.resize(n.min(gains.len().saturating_add(block)), h);
    }
    gains
}

impl Fading {
    fn draw(self, rng: &mut ChaCha8Rng) -> Complex32 {
        match self {
            Self::Rayleigh => complex_gaussian(1.0, rng),
            Self::Rician { k_db } => {
                let k = from_db(k_db);
                let direct = Complex32::from_polar((k / (k + 1.0)).sqrt() as f32, rng.random_range(0.0..TAU));
                direct + complex_gaussian((1.0 / (k + 1.0)) as f32, rng)
            }
        }
    }
}
