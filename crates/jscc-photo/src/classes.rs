//! Classes of blocks: each block says which of the fitted sets of variances is most like it. With them both sides know where in a
//! picture the detail is.

use crate::chances::Chances;
use crate::coding::adaptive::Coder;
use crate::model::{CLASSES, Model, variance};
use crate::transform::{AREA, Grid};
use rayon::prelude::*;

/// Bits of a class.
const BITS: u32 = CLASSES.ilog2();
/// The class of each block, from its coefficients. `floor` is the variance below which differences are of no use, in squared
/// pixel steps: that of what is lost anyway.
pub fn choose(grid: &Grid, values: &[f32], floor: f32, model: &Model) -> Vec<u8> {
    let of_class = |class| Likelihood::new(model.levels_of(class, grid.per_block()), floor);
    let likelihoods: Vec<Likelihood> = (0..CLASSES as u8).map(of_class).collect();
    values.par_chunks_exact(grid.per_block()).map(|block| nearest(block, &likelihoods)).collect()
}

/// The classes at the left of block `n` and above it; at the edge each stands in for the other.
fn neighbours(classes: &[u8], n: usize, cols: usize) -> (u8, u8) {
    let left = (!n.is_multiple_of(cols)).then(|| classes[n - 1]);
    let above = (n >= cols).then(|| classes[n - cols]);
    (left.or(above).unwrap_or(0), above.or(left).unwrap_or(0))
}

/// Cost of a block in a class: twice the negative logarithm of its likelihood as Gaussian coefficients.
pub struct Likelihood {
    inverse: Vec<f32>,
    constant: f32,
}

impl Likelihood {
    /// Of a class with these levels.
    pub fn new(levels: &[u8], floor: f32) -> Self {
        let variances: Vec<f32> = levels.iter().map(|&level| variance(level) + floor).collect();
        // The lowest frequency says how bright a block is, not how much detail it has.
        let counts = |at: usize| !at.is_multiple_of(AREA);
        let constant = variances.iter().enumerate().filter(|(at, _)| counts(*at)).map(|(_, v)| v.ln()).sum();
        let inverse = variances.iter().enumerate().map(|(at, v)| if counts(at) { 1.0 / v } else { 0.0 }).collect();
        Self { inverse, constant }
    }

    fn cost(&self, block: &[f32]) -> f32 {
        self.constant + block.iter().zip(&self.inverse).map(|(x, inverse)| x * x * inverse).sum::<f32>()
    }
}

/// The class of least cost.
pub fn nearest(block: &[f32], likelihoods: &[Likelihood]) -> u8 {
    let costs = likelihoods.iter().map(|class| class.cost(block));
    costs.zip(0u8..).min_by(|a, b| a.0.total_cmp(&b.0)).expect("there are classes").1
}

/// Codes the class of each block, given those at its left and above.
pub fn code(coder: &mut impl Coder, cols: usize, classes: &mut [u8], chances: &mut Chances) {
    for n in 0..classes.len() {
        let (left, above) = neighbours(classes, n, cols);
        let mut node = 1;
        for i in (0..BITS).rev() {
            let bit = coder.decide(classes[n] >> i & 1 == 1, chances.class(left, above, node));
            node = 2 * node + usize::from(bit);
        }
        classes[n] = (node - CLASSES) as u8;
    }
}
