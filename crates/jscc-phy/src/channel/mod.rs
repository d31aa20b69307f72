//! Channel models. A channel **draws** a realization from a seeded stream; applying it is separate, so that training
//! and deployment see the same numbers.
//!
//! The noise is drawn before the gains: on the same stream every channel has the same noise. All channels are constant
//! over a draw unless [`Coherence`] says otherwise, and have mean power gain 1, so that an SNR keeps its meaning.
//! Impairments of the radios at both ends are in [`impairment`].
//!
//! Each model has a name for command lines and files, see [`names`]:
//!
//! ```
//! use jscc_phy::{Complex32, channel::Channel, random::stream};
//!
//! let air: Channel = "tgn-d".parse()?;
//! let mut x = vec![Complex32::ONE; 400];
//! air.draw(x.len(), 0.01, &mut stream(1, "air", 0)).apply(&mut x);
//! # Ok::<(), jscc_phy::channel::names::BadName>(())
//! ```

mod awgn;
mod chain;
mod delay_line;
mod doppler;
mod exponential;
mod flat;
pub mod impairment;
pub mod names;
mod sinc;
mod tgn;

pub use chain::{Chain, Drawn};
pub use delay_line::Path;
pub use delay_line::Taps;
pub use delay_line::rms_delay_ns;
pub use doppler::Doppler;
pub use flat::Coherence;
pub use flat::Fading;
pub use tgn::Tgn;

use crate::Complex32;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Samples per second of a 20 MHz channel, the reference of delays and frequencies in this module.
pub const SAMPLE_RATE_HZ: f64 = 20e6;
/// Time between two samples in ns.
pub const SAMPLE_NS: f64 = 1e9 / SAMPLE_RATE_HZ;

/// The channels of this project.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Channel {
    /// Additive white Gaussian noise: y = x + n.
    Awgn,
    /// One gain for all frequencies: y = h·x + n.
    Flat {
        /// Distribution of h.
        fading: Fading,
        /// Coherence of h.
        coherence: Coherence,
    },
    /// Indoor multipath of IEEE 802.11 Task Group n, for 20 Msample/s.
    Tgn(Tgn),
    /// Multipath with exponentially decaying power, the channel for which 802.11a was designed, for 20 Msample/s.
    Exponential {
        /// Time constant of the decay in ns.
        rms_ns: f64,
    },
}

/// One draw of a channel for a block of samples.
#[derive(Debug, Clone)]
pub struct Realization {
    /// Gain of the samples: the receiver's perfect channel knowledge.
    pub gain: Gain,
    /// Noise, one per sample.
    pub noise: Vec<Complex32>,
}

/// Gain of a channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Gain {
    /// Unit gain, h = 1.
    One,
    /// One gain per sample.
    PerSample(Vec<Complex32>),
    /// A filter.
    Taps(Taps),
}

impl Channel {
    /// Draws the channel for `n` samples with complex noise of variance `no`, half of it per real dimension.
    ///
    /// # Panics
    /// If a parameter is out of the range that [`names`] states.
    pub fn draw(self, n: usize, no: f32, rng: &mut ChaCha8Rng) -> Realization {
        if let Err(fault) = self.check() {
            panic!("{self:?}: {fault}");
        }
        let noise = awgn::draw(n, no, rng);
        let gain = match self {
            Self::Awgn => Gain::One,
            Self::Flat { fading, coherence } => Gain::PerSample(flat::draw(fading, coherence, n, rng)),
            Self::Tgn(_) | Self::Exponential { .. } => Gain::Taps(delay_line::draw(&self.profile(), rng)),
        };
        Realization { gain, noise }
    }

    /// Mean power at each delay; the sum is 1.
    pub fn profile(self) -> Vec<Path> {
        match self {
            Self::Awgn | Self::Flat { .. } => vec![Path { delay_ns: 0.0, power: 1.0 }],
            Self::Tgn(model) => model.paths(),
            Self::Exponential { rms_ns } => exponential::paths(rms_ns),
        }
    }

    /// Checks the ranges of the parameters.
    fn check(self) -> Result<(), &'static str> {
        match self {
            Self::Flat { fading: Fading::Rician { k_db }, .. } if !(-100.0..=100.0).contains(&k_db) => {
                Err("K must be from -100 to 100 dB")
            }
            Self::Exponential { rms_ns } if !(0.0..=10_000.0).contains(&rms_ns) => {
                Err("the delay must be from 0 to 10000 ns")
            }
            _ => Ok(()),
        }
    }
}

impl Realization {
    /// Passes a block through the drawn channel. The block keeps its position and length: echoes beyond its end are
    /// lost, so pad a frame whose last samples count.
    ///
    /// # Panics
    /// If `x` is not as long as the draw.
    pub fn apply(&self, x: &mut [Complex32]) {
        assert_eq!(x.len(), self.noise.len(), "samples and drawn noise");
        self.apply_gain(x);
        for (x, n) in x.iter_mut().zip(&self.noise) {
            *x += n;
        }
    }

    /// As [`Realization::apply`], without the noise.
    ///
    /// # Panics
    /// If `x` is not as long as drawn gains.
    pub fn apply_gain(&self, x: &mut [Complex32]) {
        match &self.gain {
            Gain::One => {}
            Gain::PerSample(gains) => {
                assert_eq!(x.len(), gains.len(), "samples and drawn gains");
                for (x, h) in x.iter_mut().zip(gains) {
                    *x *= h;
                }
            }
            Gain::Taps(taps) => taps.apply(x),
        }
    }
}

/// Draws from CN(0, `variance`): half the variance in each real dimension.
fn complex_gaussian(variance: f32, rng: &mut ChaCha8Rng) -> Complex32 {
    let deviation = (variance / 2.0).sqrt();
    let mut real = || -> f32 {
        let unit: f32 = StandardNormal.sample(rng);
        deviation * unit
    };
    Complex32::new(real(), real())
}
