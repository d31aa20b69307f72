//! The detail: what the base leaves of a picture, as symbols of an analog radio.
//!
//! Both sides know from classes and base how large each remainder is expected to be. The largest get a symbol each, with gains
//! that lose least for the noise expected (Lee, Petersen, IEEE Trans. Commun. 24 (12), 1976): a coefficient of variance v gets the
//! power p = max(0, √(v·σ²/μ) − σ²). The receiver weighs each symbol by what it is worth.

use crate::base::{Base, is_coded};
use crate::model::{Model, variance};
use crate::transform::{AREA, Grid};
use rayon::prelude::*;

/// Number of levels.
const LEVELS: usize = 256;

/// Which coefficients have a symbol, and the power of each level.
#[derive(Debug, Clone)]
pub struct Allocation {
    /// Indices of the coefficients, ascending.
    pub chosen: Vec<u32>,
    /// Level of each.
    pub levels: Vec<u8>,
    /// Power of a symbol of each level; the mean over all symbols is 1.
    pub power: Vec<f32>,
}

/// Levels of what the base leaves of each coefficient.
pub fn remainders(grid: &Grid, base: &Base, step: u8, model: &Model) -> Vec<u8> {
    let told = Model::level_told(step);
    let untold: Vec<u8> = (0..=255).map(|level| model.level_untold(level, step)).collect();
    let mut all = vec![0u8; grid.len()];
    let of_block = |(left, (q, &class)): (&mut [u8], (&[i16], &u8))| {
        let levels = model.levels_of(class, grid.per_block());
        for (at, ((left, &q), &level)) in left.iter_mut().zip(q).zip(levels).enumerate() {
            *left = match () {
                () if at % AREA == 0 || q != 0 => told.min(level),
                () if is_coded(level, step) => untold[usize::from(level)],
                () => level,
            };
        }
    };
    let per_block = grid.per_block();
    all.par_chunks_exact_mut(per_block).zip(base.q.par_chunks_exact(per_block).zip(&base.classes)).for_each(of_block);
    all
}

impl Allocation {
    /// At most `n` symbols for remainders of these levels, each in noise of variance `noise` relative to a symbol's mean
    /// power.
    pub fn new(remainders: &[u8], n: usize, noise: f32) -> Self {
        let mut counts = [0usize; LEVELS];
        for &level in remainders {
            counts[usize::from(level)] += 1;
        }
        let power = powers(&counts, n, noise);
        let (mut last, mut of_last, mut left) = (LEVELS, 0, n);
        for level in (0..LEVELS).rev().filter(|&level| power[level] > 0.0) {
            (last, of_last) = (level, counts[level].min(left));
            left -= of_last;
        }
        let (mut chosen, mut levels, mut seen) = (Vec::with_capacity(n - left), Vec::with_capacity(n - left), 0);
        for (index, &level) in (0..).zip(remainders) {
            let is_chosen = match usize::from(level) {
                at if at > last => true,
                // Of the last level as many as have room, evenly over the picture.
                at if at == last => {
                    seen += 1;
                    seen * of_last / counts[last] != (seen - 1) * of_last / counts[last]
                }
                _ => false,
            };
            if is_chosen {
                chosen.push(index);
                levels.push(level);
            }
        }
        Self { chosen, levels, power }
    }

    /// Gain of each level: from a coefficient to its symbol.
    fn gains(&self) -> Vec<f32> {
        (0..=255u8).map(|level| (self.power[usize::from(level)] / variance(level)).sqrt()).collect()
    }

    /// The symbols of remainders, in the order of the coefficients, with a mean square near 1 if they are as large as expected.
    pub fn encode(&self, remainders: &[f32]) -> Vec<f32> {
        let gains = self.gains();
        self.chosen
            .iter()
            .zip(&self.levels)
            .map(|(&at, &level)| remainders[at as usize] * gains[usize::from(level)])
            .collect()
    }

    /// Adds the remainders to the base's coefficients, and takes what is then known from their variances.
    pub fn decode(&self, symbols: impl Iterator<Item = Heard>, known: &mut Known) {
        let gains = self.gains();
        for ((&at, &level), heard) in self.chosen.iter().zip(&self.levels).zip(symbols) {
            let (at, level) = (at as usize, usize::from(level));
            let weight = heard.weight(self.power[level]);
            known.values[at] += heard.value * weight / gains[level];
            known.variances[at] *= 1.0 - heard.gain * weight;
        }
    }

    /// Squared error that is to be expected of a picture with these remainders, if symbols are sent with this gain and received
    /// with `noise`.
    pub fn expected_error(&self, remainders: &[f32], noise: f32, gain: f32) -> f64 {
        let gains = self.gains();
        let total: f64 =
            remainders.par_chunks(1 << 16).map(|part| part.iter().map(|r| f64::from(r * r)).sum::<f64>()).sum();
        let saved = |(&at, &level): (&u32, &u8)| {
            let (r, p) = (f64::from(remainders[at as usize]), f64::from(self.power[usize::from(level)]));
            let (w, sent) = (p / (p + f64::from(noise)), f64::from(gain * gains[usize::from(level)]));
            r * r * (1.0 - (1.0 - w).powi(2)) - w * w * f64::from(noise) / (sent * sent)
        };
        total - self.chosen.iter().zip(&self.levels).map(saved).sum::<f64>()
    }
}

/// What is known of coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Their values, as far as they are.
    pub values: Vec<f32>,
    /// Variance that is expected of the error of each.
    pub variances: Vec<f32>,
}

impl Known {
    /// What a base tells, with the levels of what it leaves.
    pub fn of_base(values: Vec<f32>, remainders: &[u8]) -> Self {
        Self { values, variances: remainders.par_iter().map(|&level| variance(level)).collect() }
    }
}

/// A received symbol: `gain` times the one sent, with noise.
#[derive(Debug, Clone, Copy)]
pub struct Heard {
    /// Its value.
    pub value: f32,
    /// What the symbol was multiplied by.
    pub gain: f32,
    /// Variance of the noise on it.
    pub noise: f32,
}

impl Heard {
    /// The same, if symbols were multiplied by `gain` to have mean power 1: remainders are then smaller than expected by as much,
    /// and noise is worth more.
    #[must_use]
    pub fn scaled(self, gain: f32) -> Self {
        Self { gain: self.gain * gain, noise: self.noise * gain * gain, ..self }
    }

    /// Wiener's factor for a symbol of this power.
    fn weight(self, power: f32) -> f32 {
        let of_all = self.gain * self.gain * power + self.noise;
        if of_all > 0.0 { self.gain * power / of_all } else { 0.0 }
    }
}

/// Power of a symbol of each level, if the `n` largest remainders get one.
fn powers(counts: &[usize; LEVELS], n: usize, noise: f32) -> Vec<f32> {
    // How many of each level get a symbol.
    let mut left = n;
    let mut taken = [0usize; LEVELS];
    for level in (0..LEVELS).rev() {
        taken[level] = counts[level].min(left);
        left -= taken[level];
    }
    let of_level = |level: usize, water: f32| (water * variance(level as u8).sqrt() - noise).max(0.0);
    let total = |water: f32| -> f64 {
        (0..LEVELS)
            .filter(|&level| taken[level] > 0)
            .map(|level| taken[level] as f64 * f64::from(of_level(level, water)))
            .sum()
    };
    let (mut low, mut high) = (-40f32, 40f32);
    for _ in 0..60 {
        let middle = f32::midpoint(low, high);
        if total(middle.exp2()) < n as f64 { low = middle } else { high = middle }
    }
    (0..LEVELS).map(|level| if taken[level] > 0 { of_level(level, high.exp2()) } else { 0.0 }).collect()
}
