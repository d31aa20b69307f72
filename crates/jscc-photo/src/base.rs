//! The base: what of a picture is sent as bits. The class of each block, then its coefficients, quantised.
//!
//! Only coefficients are coded whose class gives them a chance to exceed the step, so a coarse step leaves a small picture and a fine
//! one leaves nothing out. Every decision is coded with a probability that learns, in the context of the variance
//! expected and of what neighbours turned out to be.

use crate::chances::{ACTIVITY_CONTEXTS, Chances, Context, RATIO_CONTEXTS};
use crate::classes;
use crate::coding::adaptive::{Coder, number};
use crate::coding::arithmetic::{Decoder, Encoder};
use crate::coding::bitstream::{BitReader, BitWriter};
use crate::model::{Model, step_level, step_size};
use crate::transform::{AREA, Grid, SIDE};

/// Levels below the squared step's at which a coefficient is no longer coded.
pub const CODED_FROM: i32 = -32;
/// Part of a step by which the boundaries between quantised numbers are farther from zero than the middle, by the levels of a
/// coefficient's variance above the squared step's: a number other than 0 costs more bits where it is rare. Chosen on validation
/// photographs.
fn dead(ratio: i32) -> f32 {
    0.2 + 0.1 * (16 - ratio).max(0) as f32 / 32.0
}

/// Largest quantised number.
const MOST: f32 = 30_000.0;

/// A picture's classes and quantised coefficients, in the order of [`crate::transform::analyse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Class of each block.
    pub classes: Vec<u8>,
    /// Quantised coefficients.
    pub q: Vec<i16>,
}

/// Whether a coefficient other than the lowest is coded.
pub fn is_coded(level: u8, step: u8) -> bool {
    i32::from(level) - step_level(step) >= CODED_FROM
}

/// Quantises coefficients.
pub fn quantise(grid: &Grid, values: &[f32], classes: Vec<u8>, step: u8, model: &Model) -> Base {
    use rayon::prelude::*;
    let size = step_size(step);
    let mut q = vec![0i16; values.len()];
    let of_block = |((q, values), &class): ((&mut [i16], &[f32]), &u8)| {
        let levels = model.levels_of(class, grid.per_block());
        for (at, ((q, x), &level)) in q.iter_mut().zip(values).zip(levels).enumerate() {
            let is_lowest = at % AREA == 0;
            if is_lowest || is_coded(level, step) {
                let dead = if is_lowest { 0.0 } else { dead(i32::from(level) - step_level(step)) };
                *q = (((x.abs() / size + 0.5 - dead).floor().min(MOST)) * x.signum()) as i16;
            }
        }
    };
    q.par_chunks_exact_mut(grid.per_block())
        .zip(values.par_chunks_exact(grid.per_block()))
        .zip(&classes)
        .for_each(of_block);
    Base { classes, q }
}

impl Base {
    /// The base as octets.
    pub fn encode(&self, grid: &Grid, step: u8, model: &Model) -> Vec<u8> {
        let (mut encoder, mut chances) = (Encoder::new(BitWriter::default()), Chances::new(model));
        self.clone().code(grid, step, model, &mut chances, &mut encoder);
        let bits = encoder.finish();
        bits.chunks(8).map(|bits| bits.iter().zip((0..8).rev()).map(|(bit, shift)| bit << shift).sum()).collect()
    }

    /// The base of octets. Any octets are a base.
    pub fn decode(octets: &[u8], grid: &Grid, step: u8, model: &Model) -> Self {
        let bits: Vec<u8> = octets.iter().flat_map(|octet| (0..8).rev().map(move |shift| octet >> shift & 1)).collect();
        let mut base = Self { classes: vec![0; grid.blocks()], q: vec![0; grid.len()] };
        let mut chances = Chances::new(model);
        base.code(grid, step, model, &mut chances, &mut Decoder::new(BitReader::new(&bits)));
        base
    }

    /// Codes all decisions, in either direction.
    pub fn code(&mut self, grid: &Grid, step: u8, model: &Model, chances: &mut Chances, coder: &mut impl Coder) {
        classes::code(coder, grid.cols(), &mut self.classes, chances);
        for block in 0..grid.blocks() {
            let levels = model.levels_of(self.classes[block], grid.per_block());
            for channel in 0..grid.channels {
                let plane = Plane { grid, block, channel };
                plane.code_lowest(&mut self.q, chances, coder);
                let levels = &levels[channel * AREA..][..AREA];
                for at in (1..AREA).filter(|&at| is_coded(levels[at], step)) {
                    plane.code(at, i32::from(levels[at]) - step_level(step), &mut self.q, chances, coder);
                }
            }
        }
    }

    /// The coefficients that the base stands for.
    pub fn values(&self, step: u8, model: &Model) -> Vec<f32> {
        use rayon::prelude::*;
        self.q.par_iter().map(|&q| model.value(q, step)).collect()
    }
}

/// One colour of one block.
struct Plane<'a> {
    grid: &'a Grid,
    block: usize,
    channel: usize,
}

impl Plane<'_> {
    /// Where a coefficient of this colour of a block is.
    fn index(&self, block: usize, at: usize) -> usize {
        block * self.grid.per_block() + self.channel * AREA + at
    }

    fn left(&self) -> Option<usize> {
        (!self.block.is_multiple_of(self.grid.cols())).then(|| self.block - 1)
    }

    fn above(&self) -> Option<usize> {
        self.block.checked_sub(self.grid.cols())
    }

    /// The lowest frequency, as the error of a prediction from left and above (LOCO-I's).
    fn code_lowest(&self, q: &mut [i16], chances: &mut Chances, coder: &mut impl Coder) {
        let near = |block: Option<usize>| block.map(|block| i32::from(q[self.index(block, 0)]));
        let corner = self.left().zip(self.above()).map(|(_, above)| above - 1);
        let (expected, activity) = match (near(self.left()), near(self.above()), near(corner)) {
            (Some(left), Some(above), Some(corner)) => {
                let expected = (left + above - corner).clamp(left.min(above), left.max(above));
                (expected, (left - corner).abs() + (above - corner).abs())
            }
            (left, above, _) => (left.or(above).unwrap_or(0), 6),
        };
        let activity = (activity.ilog2_or_zero() as usize).min(ACTIVITY_CONTEXTS - 1);
        let here = self.index(self.block, 0);
        let error = i32::from(q[here]) - expected;
        let chances = chances.length(activity, self.channel > 0);
        let length = number(coder, error.unsigned_abs().ilog2_or_zero(), chances);
        let length = length.min(17);
        if length == 0 {
            q[here] = expected as i16;
            return;
        }
        let below = coder.raw(error.unsigned_abs(), length as usize - 1);
        let magnitude = (1 << (length - 1) | below) as i32;
        let is_negative = coder.raw(u32::from(error < 0), 1) == 1;
        let decoded = expected + if is_negative { -magnitude } else { magnitude };
        q[here] = decoded.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
    }

    /// Another coefficient.
    fn code(&self, at: usize, ratio: i32, q: &mut [i16], chances: &mut Chances, coder: &mut impl Coder) {
        let ratio = ((ratio - CODED_FROM) / 5).min(RATIO_CONTEXTS as i32 - 1) as usize;
        let neighbours = self.neighbours(at, q);
        let context = Context { is_colour: self.channel > 0, ratio, neighbours };
        let here = self.index(self.block, at);
        let magnitude = u32::from(q[here].unsigned_abs());
        if !coder.decide(magnitude > 0, chances.zero(context)) {
            q[here] = 0;
            return;
        }
        let magnitude = 1 + number(coder, magnitude.wrapping_sub(1), chances.magnitude(context));
        let is_negative = coder.raw(u32::from(q[here] < 0), 1) == 1;
        let magnitude = magnitude.min(MOST as u32) as i16;
        q[here] = if is_negative { -magnitude } else { magnitude };
    }

    /// Context of the magnitudes around a coefficient: at neighbouring frequencies, in neighbouring blocks, in the first colour.
    fn neighbours(&self, at: usize, q: &[i16]) -> usize {
        let (v, u) = (at / SIDE, at % SIDE);
        let magnitude = |index: usize| q[index].unsigned_abs().min(4);
        let here = |at: usize| magnitude(self.index(self.block, at));
        let mut sum = 0;
        if u > 0 && at > 1 {
            sum += 2 * here(at - 1);
        }
        if v > 0 && at > SIDE {
            sum += 2 * here(at - SIDE);
        }
        if u > 0 && v > 0 && at > SIDE + 1 {
            sum += here(at - SIDE - 1);
        }
        sum += self.left().map_or(0, |block| magnitude(self.index(block, at)));
        sum += self.above().map_or(0, |block| magnitude(self.index(block, at)));
        if self.channel > 0 {
            sum += 2 * magnitude(self.block * self.grid.per_block() + at);
        }
        match sum {
            0..=3 => usize::from(sum),
            4..=5 => 4,
            6..=8 => 5,
            9..=13 => 6,
            _ => 7,
        }
    }
}

/// Binary digits of a number.
trait Digits {
    fn ilog2_or_zero(self) -> u32;
}

impl Digits for u32 {
    fn ilog2_or_zero(self) -> u32 {
        32 - self.leading_zeros()
    }
}

impl Digits for i32 {
    fn ilog2_or_zero(self) -> u32 {
        self.unsigned_abs().ilog2_or_zero()
    }
}
