//! What sender and receiver know of photographs before one is sent: variances of coefficients in each class of blocks, and first
//! probabilities of the base's decisions. Fitted to photographs by `cargo run --release -p jscc-photo --example fit`.
//!
//! Variances are *levels*, eighths of an octave in integers, so that both sides make the same choices on any processor.

use crate::coding::adaptive::Chance;
use crate::transform::AREA;
use safetensors::SafeTensors;
use std::sync::LazyLock;

/// Classes of blocks.
pub const CLASSES: usize = 64;
/// Levels per octave of variance.
pub const PER_OCTAVE: i32 = 8;
/// Level of variance 1.
pub const UNIT: i32 = 48;
/// Quantiser steps per octave: a step's square has a level.
pub const STEPS_PER_OCTAVE: i32 = 4;
/// Decisions that a first probability is worth.
const SEEN: u16 = 12;
/// Ratios of variance to squared step, in levels, that [`Model::untold`] has, from [`LEAST_RATIO`] on.
pub const RATIOS: usize = 160;
/// The least of them.
pub const LEAST_RATIO: i32 = -80;

/// The level of a variance.
pub fn level(variance: f64) -> u8 {
    (f64::from(PER_OCTAVE) * variance.max(1e-9).log2() + f64::from(UNIT)).round().clamp(0.0, 255.0) as u8
}

/// The variance of a level.
pub fn variance(level: u8) -> f32 {
    ((f32::from(level) - UNIT as f32) / PER_OCTAVE as f32).exp2()
}

/// Size of quantiser `step`.
pub fn step_size(step: u8) -> f32 {
    (f32::from(step) / STEPS_PER_OCTAVE as f32).exp2()
}

/// Level of the squared size of quantiser `step`.
pub fn step_level(step: u8) -> i32 {
    2 * PER_OCTAVE / STEPS_PER_OCTAVE * i32::from(step) + UNIT
}

/// The fitted tables.
#[derive(Debug, Clone)]
pub struct Model {
    /// Level of a coefficient's variance: `[class][colour][coefficient]`.
    pub levels: Vec<u8>,
    /// First probabilities of 1 of all [decisions](crate::chances::Chances), in parts of 2^16.
    pub chances: Vec<u16>,
    /// What of a coefficient is left if it was quantised to 0, relative to its step, in levels: by the ratio of its
    /// variance to the squared step.
    pub untold: Vec<i16>,
    /// Mean magnitude of coefficients that were quantised to 1, 2 and more, less that number, in 1/256 of a step.
    pub offsets: Vec<i16>,
}

/// The shipped tables.
pub static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    Model::from_bytes(include_bytes!("../../../models/photo-linear.safetensors")).expect("the shipped tables")
});

impl Model {
    /// Tables of a safetensors file; `None` if they are not ours.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let file = SafeTensors::deserialize(bytes).ok()?;
        let data = |name: &str| Some(file.tensor(name).ok()?.data());
        let pairs = |name: &str| Some(data(name)?.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
        Some(Self {
            levels: data("levels").filter(|levels| levels.len() == CLASSES * 3 * AREA)?.to_vec(),
            chances: pairs("chances")?.map(u16::from_le_bytes).collect(),
            untold: pairs("untold")?.map(i16::from_le_bytes).collect(),
            offsets: pairs("offsets")?.map(i16::from_le_bytes).collect(),
        })
    }

    /// Levels of the coefficients of a class's blocks, as many as a block has.
    pub fn levels_of(&self, class: u8, per_block: usize) -> &[u8] {
        &self.levels[usize::from(class) * 3 * AREA..][..per_block]
    }

    /// First probability of decision `n`.
    pub fn chance(&self, n: usize) -> Chance {
        self.chances.get(n).map_or(Chance::new(1 << 15, 0), |&one| Chance::new(one, SEEN))
    }

    /// Level of what is left of a coefficient of this level that was quantised to 0.
    pub fn level_untold(&self, level: u8, step: u8) -> u8 {
        let ratio = i32::from(level) - step_level(step);
        let at = (ratio - LEAST_RATIO).clamp(0, RATIOS as i32 - 1) as usize;
        (step_level(step) + i32::from(self.untold[at])).clamp(0, 255).min(i32::from(level)) as u8
    }

    /// Level of what is left of a coefficient that was quantised to another number: a twelfth of the squared step.
    pub fn level_told(step: u8) -> u8 {
        (step_level(step) - 29).clamp(0, 255) as u8
    }

    /// The value that a quantised coefficient stands for.
    pub fn value(&self, q: i16, step: u8) -> f32 {
        if q == 0 {
            return 0.0;
        }
        let magnitude = q.unsigned_abs();
        let offset = self.offsets[usize::from(magnitude.min(self.offsets.len() as u16) - 1)];
        f32::from(q.signum()) * step_size(step) * (f32::from(magnitude) + f32::from(offset) / 256.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_stand_for_variances() {
        assert_eq!((level(1.0), level(2.0), level(0.0)), (48, 56, 0));
        assert!((0..=255).all(|n| level(f64::from(variance(n))) == n));
        assert!((0..48).all(|step| level(f64::from(step_size(step)).powi(2)) == step_level(step).clamp(0, 255) as u8));
    }
}
