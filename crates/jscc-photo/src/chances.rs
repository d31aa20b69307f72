//! The probabilities of the base's decisions, each in its context.

use crate::coding::adaptive::Chance;
use crate::model::{CLASSES, Model};

/// Contexts: ratios of variance to squared step, neighbours' magnitudes, kinds of colours.
pub(crate) const RATIO_CONTEXTS: usize = 16;
const NEIGHBOUR_CONTEXTS: usize = 8;
/// Steps in unary of a magnitude beyond 1.
const MAGNITUDE_STEPS: usize = 6;
/// Contexts and steps of the lowest frequency's error of prediction.
pub(crate) const ACTIVITY_CONTEXTS: usize = 12;
const LENGTH_STEPS: usize = 16;

const ZERO_AT: usize = CLASSES * CLASSES * CLASSES;
const MAGNITUDE_AT: usize = ZERO_AT + 2 * RATIO_CONTEXTS * NEIGHBOUR_CONTEXTS;
const LENGTH_AT: usize = MAGNITUDE_AT + RATIO_CONTEXTS * NEIGHBOUR_CONTEXTS * MAGNITUDE_STEPS;
/// Number of decisions with a probability of their own.
pub const N_CHANCES: usize = LENGTH_AT + 2 * ACTIVITY_CONTEXTS * LENGTH_STEPS;

/// The probabilities of all decisions.
pub struct Chances {
    chances: Vec<Chance>,
}

impl Chances {
    /// As the model has them to begin with.
    pub fn new(model: &Model) -> Self {
        Self { chances: (0..N_CHANCES).map(|n| model.chance(n)).collect() }
    }

    /// Their present values.
    pub fn all(&self) -> &[Chance] {
        &self.chances
    }

    pub(crate) fn class(&mut self, left: u8, above: u8, node: usize) -> &mut Chance {
        &mut self.chances[(usize::from(left) * CLASSES + usize::from(above)) * CLASSES + node]
    }

    pub(crate) fn zero(&mut self, of: Context) -> &mut Chance {
        &mut self.chances
            [ZERO_AT + (usize::from(of.is_colour) * RATIO_CONTEXTS + of.ratio) * NEIGHBOUR_CONTEXTS + of.neighbours]
    }

    pub(crate) fn magnitude(&mut self, of: Context) -> &mut [Chance] {
        let at = MAGNITUDE_AT + (of.ratio * NEIGHBOUR_CONTEXTS + of.neighbours) * MAGNITUDE_STEPS;
        &mut self.chances[at..at + MAGNITUDE_STEPS]
    }

    pub(crate) fn length(&mut self, activity: usize, is_colour: bool) -> &mut [Chance] {
        let at = LENGTH_AT + (usize::from(is_colour) * ACTIVITY_CONTEXTS + activity) * LENGTH_STEPS;
        &mut self.chances[at..at + LENGTH_STEPS]
    }
}

/// What is known of a coefficient before it is coded.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    pub is_colour: bool,
    pub ratio: usize,
    pub neighbours: usize,
}
