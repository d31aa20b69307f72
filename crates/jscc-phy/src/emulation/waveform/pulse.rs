//! Root-raised-cosine pulses: complex symbols to a waveform at 20 Msample/s and, by the matched filter, back. They are
//! the pulse-shaping filter of D2AJSCC, equation 3.

use crate::Complex32;
use crate::units::N_FFT;
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_1_SQRT_2;
use std::f64::consts::PI;
use std::f64::consts::TAU;

/// Pulse and symbol rate of a waveform.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shaping {
    /// Excess bandwidth of the root raised cosine, from 0 (a sinc) to 1.
    pub roll_off: f64,
    /// Samples at 20 Msample/s between symbols: the symbol rate is 20 MHz over this.
    pub samples_per_symbol: usize,
    /// Length of the pulse in symbol periods, half of them on either side.
    pub span: usize,
    /// Subcarrier at the centre of the band.
    pub centre: i32,
}

impl Default for Shaping {
    /// 5 Msymbol/s on the 24 subcarriers from 2 to 26, clear of the empty centre. Of the measured shapings that carry
    /// ten times 48 symbols in 130 µs at 54 Mb/s, the one of least error without precompensation.
    fn default() -> Self {
        Self { roll_off: 0.5, samples_per_symbol: 4, span: 8, centre: 14 }
    }
}

/// Most samples per symbol: more than twelve OFDM symbols.
const MOST_SAMPLES: usize = 1024;
/// Most symbol periods of a pulse, beyond which it has decayed.
const MOST_SPAN: usize = 64;

/// Fault of a shaping.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BadShaping {
    /// Roll-off out of range.
    #[error("roll_off = {0}; it lies between 0 and 1")]
    RollOff(f64),
    /// The band exceeds the sample rate.
    #[error("samples_per_symbol = {samples_per_symbol} do not hold a band of {band} symbol rates")]
    Aliased {
        /// Samples per symbol.
        samples_per_symbol: usize,
        /// 1 + roll-off.
        band: f64,
    },
    /// Symbols too long to be useful.
    #[error("samples_per_symbol = {0}; it is {MOST_SAMPLES} at the most")]
    Slow(usize),
    /// A pulse too short or too long.
    #[error("span = {0} symbol periods; it lies between 2 and {MOST_SPAN}")]
    Span(usize),
    /// Not an occupied subcarrier.
    #[error("centre = {0}, a subcarrier; it lies between -28 and 28")]
    Centre(i32),
}

impl Shaping {
    /// The shaping, if it is valid.
    pub fn checked(self) -> Result<Self, BadShaping> {
        let (band, samples_per_symbol) = (1.0 + self.roll_off, self.samples_per_symbol);
        match self {
            _ if !(0.0..=1.0).contains(&self.roll_off) => Err(BadShaping::RollOff(self.roll_off)),
            _ if band > samples_per_symbol as f64 => Err(BadShaping::Aliased { samples_per_symbol, band }),
            _ if samples_per_symbol > MOST_SAMPLES => Err(BadShaping::Slow(samples_per_symbol)),
            _ if !(2..=MOST_SPAN).contains(&self.span) => Err(BadShaping::Span(self.span)),
            _ if !(-28..=28).contains(&self.centre) => Err(BadShaping::Centre(self.centre)),
            good => Ok(good),
        }
    }

    /// Symbol rate, in Msymbol/s.
    pub fn symbol_rate_mhz(self) -> f64 {
        20.0 / self.samples_per_symbol as f64
    }

    /// Width of the band in subcarrier spacings: 64·(1 + roll-off)/(samples per symbol).
    pub fn band(self) -> f64 {
        N_FFT as f64 * (1.0 + self.roll_off) / self.samples_per_symbol as f64
    }
}

/// The root raised cosine of unit period and height 1 − α + 4α/π, at time `t`.
fn root_raised_cosine(t: f64, roll_off: f64) -> f64 {
    if t == 0.0 {
        return 1.0 - roll_off + 4.0 * roll_off / PI;
    }
    let x = 4.0 * roll_off * t;
    if (x.abs() - 1.0).abs() < 1e-9 {
        let (sine, cosine) = (PI / (4.0 * roll_off)).sin_cos();
        return roll_off * FRAC_1_SQRT_2 * ((1.0 + 2.0 / PI) * sine + (1.0 - 2.0 / PI) * cosine);
    }
    ((PI * t * (1.0 - roll_off)).sin() + x * (PI * t * (1.0 + roll_off)).cos()) / (PI * t * (1.0 - x * x))
}

/// A sampled pulse of unit energy on a carrier.
#[derive(Debug, Clone)]
pub struct Pulse {
    taps: Vec<f32>,
    samples_per_symbol: usize,
    centre: i32,
    /// Carrier samples, one per each of its 64 phases.
    carrier: [Complex32; N_FFT],
    /// Autocorrelation of the pulse at 0, 1, … samples.
    overlaps: [f64; N_FFT],
}

impl Pulse {
    /// The pulse of a shaping.
    ///
    /// # Panics
    /// If the shaping is invalid: see [`Shaping::checked`].
    pub fn new(shaping: Shaping) -> Self {
        let Shaping { roll_off, samples_per_symbol, span, centre } =
            shaping.checked().unwrap_or_else(|error| panic!("{error}"));
        let half = (span * samples_per_symbol / 2) as i64;
        let at = |i: i64| root_raised_cosine(i as f64 / samples_per_symbol as f64, roll_off);
        let energy: f64 = (-half..=half).map(|i| at(i).powi(2)).sum();
        let taps: Vec<f32> = (-half..=half).map(|i| (at(i) / energy.sqrt()) as f32).collect();
        let phase = |n: usize| TAU * f64::from(centre) * n as f64 / N_FFT as f64;
        let carrier = std::array::from_fn(|n| Complex32::new(phase(n).cos() as f32, phase(n).sin() as f32));
        let overlaps = std::array::from_fn(|d| {
            let shifted = taps.iter().zip(taps.get(d..).unwrap_or_default());
            shifted.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        });
        Self { taps, samples_per_symbol, centre, carrier, overlaps }
    }

    /// The samples of the pulse, with the peak in the middle.
    pub fn taps(&self) -> &[f32] {
        &self.taps
    }

    /// Samples of `n` symbols including the whole of the first and the last pulse.
    pub fn n_samples(&self, n: usize) -> usize {
        self.taps.len() + n.saturating_sub(1) * self.samples_per_symbol
    }

    /// Most symbols whose pulses lie within `n_samples`.
    pub fn n_symbols(&self, n_samples: usize) -> usize {
        (n_samples + self.samples_per_symbol).saturating_sub(self.taps.len()) / self.samples_per_symbol
    }

    /// The waveform of symbols, followed by silence up to `n_samples`. Symbols of mean power 1 give it the mean power
    /// 1/(samples per symbol), and `n_samples`-point transforms a power density of 1 in the middle of the band.
    ///
    /// # Panics
    /// If the symbols do not fit.
    pub fn shape(&self, z: &[Complex32], n_samples: usize) -> Vec<Complex32> {
        assert!(self.n_samples(z.len()) <= n_samples, "{} symbols in {n_samples} samples", z.len());
        let mut waveform = vec![Complex32::ZERO; n_samples];
        for (n, z) in z.iter().enumerate() {
            let around = &mut waveform[n * self.samples_per_symbol..][..self.taps.len()];
            around.iter_mut().zip(&self.taps).for_each(|(sample, tap)| *sample += z * tap);
        }
        waveform.iter_mut().zip(self.carrier.iter().cycle()).for_each(|(sample, carrier)| *sample *= carrier);
        waveform
    }

    /// The matched filter, sampled at the instants of the first `n` symbols: the inverse of [`Pulse::shape`] up to the
    /// intersymbol interference of truncated pulses. White noise keeps its variance.
    ///
    /// # Panics
    /// If the waveform is too short.
    pub fn sample(&self, waveform: &[Complex32], n: usize) -> Vec<Complex32> {
        assert!(self.n_samples(n) <= waveform.len(), "{n} symbols in {} samples", waveform.len());
        let still = waveform.iter().zip(self.carrier.iter().cycle()).map(|(sample, carrier)| sample * carrier.conj());
        let still: Vec<_> = still.collect();
        let at = |n: usize| -> Complex32 {
            let around = &still[n * self.samples_per_symbol..][..self.taps.len()];
            around.iter().zip(&self.taps).map(|(sample, tap)| sample * tap).sum()
        };
        (0..n).map(at).collect()
    }

    /// Mean power on a subcarrier of the waveform of symbols of mean power 1, in a transform of 64 samples, relative to
    /// the middle of the band: the raised cosine, smeared by the window of 64 samples.
    pub fn power_on(&self, tone: i32) -> f64 {
        let step = TAU * f64::from(tone - self.centre) / N_FFT as f64;
        let term = |d: usize| (N_FFT - d) as f64 * self.overlaps[d] * (step * d as f64).cos();
        let both_sides = term(0) + 2.0 * (1..N_FFT).map(term).sum::<f64>();
        both_sides / (N_FFT * self.samples_per_symbol) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::to_db;

    fn shaping(roll_off: f64, samples_per_symbol: usize, span: usize) -> Shaping {
        Shaping { roll_off, samples_per_symbol, span, centre: 0 }
    }

    /// Intersymbol interference at the instants of all other symbols, in dB relative to the symbol.
    fn intersymbol_db(shaping: Shaping) -> f64 {
        let (pulse, periods) = (Pulse::new(shaping), 2 * shaping.span);
        let mut z = vec![Complex32::ZERO; 2 * periods + 1];
        z[periods] = Complex32::ONE;
        let back = pulse.sample(&pulse.shape(&z, pulse.n_samples(z.len())), z.len());
        assert!((back[periods] - Complex32::ONE).norm() < 1e-5, "unit energy: {}", back[periods]);
        let others = back.iter().enumerate().filter(|(n, _)| *n != periods);
        to_db(others.map(|(_, z)| f64::from(z.norm_sqr())).sum())
    }

    /// Bound: -45 dB. The truncation falls near zeros of the pulse's tail if roll-off times span is 4.
    #[test]
    fn pulses_do_not_see_each_other() {
        for (roll_off, span) in [(0.25, 16), (0.5, 8), (1.0, 8)] {
            for samples_per_symbol in 2..=16 {
                let left = intersymbol_db(shaping(roll_off, samples_per_symbol, span));
                assert!(left < -45.0, "roll-off {roll_off}, {samples_per_symbol} samples a symbol: {left} dB");
            }
        }
    }

    #[test]
    fn a_symbol_each_sample_is_the_symbols_themselves() {
        let pulse = Pulse::new(shaping(0.0, 1, 8));
        let z: Vec<_> = (0..20).map(|n| Complex32::new(n as f32, 1.0)).collect();
        let waveform = pulse.shape(&z, pulse.n_samples(20));
        assert!(waveform[4..24].iter().zip(&z).all(|(sample, z)| (sample - z).norm() < 1e-5));
    }

    #[test]
    fn a_band_has_power_one_in_its_middle_and_none_beyond() {
        let pulse = Pulse::new(Shaping { centre: -9, ..shaping(0.5, 4, 16) });
        assert!((pulse.power_on(-9) - 1.0).abs() < 0.02, "{}", pulse.power_on(-9));
        assert!((pulse.power_on(-17) - 0.5).abs() < 0.01, "half a symbol rate away: {}", pulse.power_on(-17));
        assert!(pulse.power_on(7) < 0.02, "{}", pulse.power_on(7));
    }

    #[test]
    fn symbols_and_samples_are_counted_alike() {
        let pulse = Pulse::new(shaping(0.5, 5, 7));
        for n in 1..20 {
            assert_eq!(pulse.n_symbols(pulse.n_samples(n)), n);
            assert_eq!(pulse.n_symbols(pulse.n_samples(n) - 1), n - 1);
        }
    }

    #[test]
    fn impossible_shapings_are_refused() {
        assert_eq!(shaping(0.25, 2, 16).checked(), Ok(shaping(0.25, 2, 16)));
        assert_eq!(shaping(1.5, 4, 8).checked(), Err(BadShaping::RollOff(1.5)));
        assert!(matches!(shaping(f64::NAN, 4, 8).checked(), Err(BadShaping::RollOff(_))));
        assert_eq!(shaping(0.5, 1, 8).checked(), Err(BadShaping::Aliased { samples_per_symbol: 1, band: 1.5 }));
        assert_eq!(shaping(0.5, 4, 1).checked(), Err(BadShaping::Span(1)));
        assert_eq!(shaping(0.5, 4, 65).checked(), Err(BadShaping::Span(65)));
        assert_eq!(shaping(0.5, usize::MAX, 8).checked(), Err(BadShaping::Slow(usize::MAX)));
        for centre in [-29, 29, i32::MIN, i32::MAX] {
            assert_eq!(Shaping { centre, ..shaping(0.5, 4, 8) }.checked(), Err(BadShaping::Centre(centre)));
        }
    }
}
