//! Impairments of radios. Like a channel, an impairment **draws** a distortion from a seeded stream, and applying it is
//! separate.
//!
//! Order of the signal path: IQ imbalance and amplifier of the transmitter, the channel's [`apply`], bursts, frequency
//! and clock offset, phase noise, IQ imbalance of the receiver. Frequency and clock offset are set separately; in a
//! real radio one crystal causes both, ppm × carrier frequency = Hz.
//!
//! [`apply`]: super::Realization::apply

mod amplifier;
mod burst;
mod clock;
mod iq;
mod rotation;

use crate::Complex32;
use crate::units::mean_power;
use rand_chacha::ChaCha8Rng;

/// The impairments of this project. Frequencies are at 20 Msample/s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Impairment {
    /// Carrier frequency offset f: y = x·e^(j(φ + 2πft)), φ uniform.
    FrequencyOffset {
        /// f in Hz.
        hz: f64,
    },
    /// Sampling clock offset: the receiver takes its n-th sample at n·(1 + δ) samples of the transmitter.
    ClockOffset {
        /// δ in parts per million; the receiver's clock is slow by as much.
        ppm: f64,
    },
    /// Phase noise of a free-running oscillator, a Wiener process: phase increments of variance 2πβ/(20 MHz).
    PhaseNoise {
        /// β in Hz: full width at half maximum of the oscillator's Lorentzian line.
        linewidth_hz: f64,
    },
    /// The Q branch differs in gain and is not at 90°: y = μx + νx*.
    IqImbalance {
        /// Side of the link.
        side: Side,
        /// Gain g of Q over I in dB (20·log10).
        gain_db: f64,
        /// Angle φ between Q and its ideal direction, in degrees.
        phase_deg: f64,
    },
    /// Power amplifier after C. Rapp (ECSC 1991): y = x/(1 + (|x|/A)^(2p))^(1/(2p)); phase kept, small signals kept.
    Amplifier {
        /// p: sharpness of the saturation; 802.11 uses 3 for comparisons.
        smoothness: f64,
        /// Input back-off in dB: saturation power A² over the mean power of all nonzero samples.
        backoff_db: f64,
    },
    /// Bursts of another transmitter, complex Gaussian: on and off by a two-state chain (Gilbert) that starts in
    /// equilibrium. Fraction of time on: duty = s/(s + 1/l).
    Bursts {
        /// s: probability per sample outside bursts that a burst starts.
        start: f64,
        /// l: mean length in samples, geometrically distributed.
        mean_length: f64,
        /// Power of a burst, in dB over the mean power of all nonzero samples, including noise if present.
        power_db: f64,
    },
}

/// A side of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Up-conversion: μ = (1 + g·e^(jφ))/2, ν = (1 − g·e^(jφ))/2.
    Transmitter,
    /// Down-conversion: μ = (1 + g·e^(−jφ))/2, ν = (1 − g·e^(jφ))/2.
    Receiver,
}

/// One draw of an impairment.
#[derive(Debug, Clone, PartialEq)]
pub enum Distortion {
    /// A phase for each sample, as e^(jφ).
    Rotation(Vec<Complex32>),
    /// Time step: sample n is taken at n times this.
    Resampling(f64),
    /// y = μx + νx*.
    Image {
        /// μ, gain of the signal.
        mu: Complex32,
        /// ν, gain of its mirror image.
        nu: Complex32,
    },
    /// See [`Impairment::Amplifier`].
    Compression {
        /// p.
        smoothness: f64,
        /// Input back-off in dB.
        backoff_db: f64,
    },
    /// y = x + √P·b, where P is the mean power of all nonzero x.
    Interference(Vec<Complex32>),
}

impl Impairment {
    /// Draws the impairment for `n` samples.
    ///
    /// # Panics
    /// If a parameter is out of the range that [`super::names`] states.
    pub fn draw(self, n: usize, rng: &mut ChaCha8Rng) -> Distortion {
        if let Err(fault) = self.check() {
            panic!("{self:?}: {fault}");
        }
        match self {
            Self::FrequencyOffset { hz } => Distortion::Rotation(rotation::offset(hz, n, rng)),
            Self::PhaseNoise { linewidth_hz } => Distortion::Rotation(rotation::noise(linewidth_hz, n, rng)),
            Self::ClockOffset { ppm } => Distortion::Resampling(1.0 + ppm * 1e-6),
            Self::IqImbalance { side, gain_db, phase_deg } => {
                let (mu, nu) = iq::gains(side, gain_db, phase_deg);
                Distortion::Image { mu, nu }
            }
            Self::Amplifier { smoothness, backoff_db } => Distortion::Compression { smoothness, backoff_db },
            Self::Bursts { start, mean_length, power_db } => {
                Distortion::Interference(burst::draw(start, mean_length, power_db, n, rng))
            }
        }
    }

    /// Its place in the signal path: 0 and 1 in the transmitter, the others after the channel.
    pub fn place(self) -> u8 {
        match self {
            Self::IqImbalance { side: Side::Transmitter, .. } => 0,
            Self::Amplifier { .. } => 1,
            Self::Bursts { .. } => 2,
            Self::FrequencyOffset { .. } => 3,
            Self::ClockOffset { .. } => 4,
            Self::PhaseNoise { .. } => 5,
            Self::IqImbalance { side: Side::Receiver, .. } => 6,
        }
    }

    /// Whether it acts before the channel.
    pub fn is_senders(self) -> bool {
        self.place() < 2
    }

    /// Checks the ranges of the parameters.
    pub(super) fn check(self) -> Result<(), &'static str> {
        let (holds, rule) = match self {
            Self::FrequencyOffset { hz } => (hz.abs() <= 10e6, "the offset must be from -10 to 10 MHz"),
            Self::ClockOffset { ppm } => (ppm.abs() <= 1000.0, "the offset must be from -1000 to 1000 ppm"),
            Self::PhaseNoise { linewidth_hz } => {
                ((0.0..=1e6).contains(&linewidth_hz), "the linewidth must be from 0 to 1 MHz")
            }
            Self::IqImbalance { gain_db, phase_deg, .. } => (
                gain_db.abs() <= 20.0 && phase_deg.abs() <= 90.0,
                "the gain must be from -20 to 20 dB, the phase from -90 to 90 degrees",
            ),
            Self::Amplifier { smoothness, backoff_db } => (
                (0.1..=100.0).contains(&smoothness) && backoff_db.abs() <= 100.0,
                "the smoothness must be from 0.1 to 100, the back-off from -100 to 100 dB",
            ),
            Self::Bursts { start, mean_length, power_db } => (
                (0.0..=1.0).contains(&start) && (1.0..=1e9).contains(&mean_length) && power_db.abs() <= 100.0,
                "the probability must be from 0 to 1, the length from 1 to 1e9, the power from -100 to 100 dB",
            ),
        };
        if holds { Ok(()) } else { Err(rule) }
    }
}

impl Distortion {
    /// Distorts a block as drawn.
    ///
    /// # Panics
    /// If the distortion was drawn per sample, and `x` has another length.
    pub fn apply(&self, x: &mut [Complex32]) {
        match self {
            Self::Rotation(phasors) => {
                assert_eq!(x.len(), phasors.len(), "samples and drawn phases");
                for (x, phasor) in x.iter_mut().zip(phasors) {
                    *x *= phasor;
                }
            }
            Self::Resampling(step) => clock::resample(*step, x),
            Self::Image { mu, nu } => {
                for x in x {
                    *x = mu * *x + nu * x.conj();
                }
            }
            Self::Compression { smoothness, backoff_db } => amplifier::compress(*smoothness, *backoff_db, x),
            Self::Interference(bursts) => {
                assert_eq!(x.len(), bursts.len(), "samples and drawn interference");
                let amplitude = active_power(x).sqrt() as f32;
                for (x, burst) in x.iter_mut().zip(bursts) {
                    *x += burst * amplitude;
                }
            }
        }
    }
}

/// Mean power of the nonzero samples, so that silence around a frame does not change an operating point.
fn active_power(x: &[Complex32]) -> f64 {
    let n_active = x.iter().filter(|x| **x != Complex32::ZERO).count();
    mean_power(x) * x.len() as f64 / n_active.max(1) as f64
}
