//! Mixing: a frame's symbols through a unitary map, so that each error on the air is shared by all of them.
//!
//! Symbols of convolutional encoders have heavy tails: a few peaks are cut off at the edge of the constellation, each with a large
//! error in one place of a picture, and where the channel fades a few places take all of it. Mixed, every symbol is a sum of all the
//! others, close to Gaussian whatever they were, and the error that comes back is spread evenly. SoftCast does so with Hadamard matrices
//! (Jakubczak, Katabi, MobiCom 2011); a chirp and a Fourier transform do it for any number of symbols.

use crate::Complex32;
use rustfft::{Fft, FftPlanner};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::sync::Arc;

/// How a frame's symbols are mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mix {
    /// Turned by a quadratic phase, then Fourier transformed: constants, peaks and everything between become flat.
    Chirp,
}

/// The map for frames of one length.
pub struct Mixer {
    chirp: Vec<Complex32>,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
}

impl Mixer {
    /// For `n` symbols.
    pub fn new(n: usize) -> Self {
        let mut planner = FftPlanner::new();
        // Modulo the period of 2n in integers: exact for any length.
        let phase = |i: usize| PI * ((i * i) % (2 * n)) as f64 / n as f64;
        let chirp = |i| Complex32::new(phase(i).cos() as f32, phase(i).sin() as f32);
        Self {
            chirp: (0..n).map(chirp).collect(),
            forward: planner.plan_fft_forward(n),
            inverse: planner.plan_fft_inverse(n),
        }
    }

    /// Mixes symbols; their energy stays.
    pub fn mix(&self, z: &[Complex32]) -> Vec<Complex32> {
        assert_eq!(z.len(), self.chirp.len(), "{} symbols into a mixer of {}", z.len(), self.chirp.len());
        let mut mixed: Vec<Complex32> = z.iter().zip(&self.chirp).map(|(z, chirp)| z * chirp).collect();
        self.forward.process(&mut mixed);
        self.unitary(&mut mixed);
        mixed
    }

    /// The inverse of [`Mixer::mix`].
    pub fn undo(&self, mut mixed: Vec<Complex32>) -> Vec<Complex32> {
        assert_eq!(mixed.len(), self.chirp.len(), "{} symbols into a mixer of {}", mixed.len(), self.chirp.len());
        self.inverse.process(&mut mixed);
        self.unitary(&mut mixed);
        mixed.iter().zip(&self.chirp).map(|(z, chirp)| z * chirp.conj()).collect()
    }

    fn unitary(&self, values: &mut [Complex32]) {
        let factor = 1.0 / (self.chirp.len() as f32).sqrt();
        for value in values {
            *value *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    use crate::random::stream;
    use crate::units::mean_power;
    use proptest::prelude::*;

    fn near(a: &[Complex32], b: &[Complex32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).norm() < 1e-4)
    }

    proptest! {
        #[test]
        fn undoing_gives_the_symbols_back(n in 1usize..1200, seed in 0u64..1000) {
            let (z, mixer) = (Channel::Awgn.draw(n, 1.0, &mut stream(seed, "symbols", 0)).noise, Mixer::new(n));
            let mixed = mixer.mix(&z);
            prop_assert!((mean_power(&mixed) - mean_power(&z)).abs() < 1e-4);
            prop_assert!(near(&mixer.undo(mixed), &z));
        }
    }

    /// A peak, a constant and an oscillation: each becomes symbols of one and the same magnitude.
    #[test]
    fn what_stands_out_becomes_flat() {
        let n = 768;
        let peak = (0..n).map(|i| Complex32::from(if i == 100 { 1.0 } else { 0.0 })).collect::<Vec<_>>();
        let constant = vec![Complex32::ONE; n];
        let wave: Vec<_> =
            (0..n).map(|i| Complex32::from_polar(1.0, 0.125 * std::f32::consts::TAU * i as f32)).collect();
        for z in [peak, constant, wave] {
            let magnitude = mean_power(&z).sqrt() as f32;
            let mixed = Mixer::new(n).mix(&z);
            assert!(mixed.iter().all(|value| (value.norm() - magnitude).abs() < 1e-3 * magnitude.max(1.0)));
        }
    }
}
