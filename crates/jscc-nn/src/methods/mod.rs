//! One file per published method, and the list of them: everything that goes by a method's name comes from it.

pub mod d2ajscc;
pub mod deepjscc;

use crate::codec::{Codec, WeightsError};
use crate::compute::Compute;
use crate::train::{CheckpointError, Halves, Objective, Passage, Plan, Trainer, Training, reconstruct};
use burn::tensor::{Device, Tensor};
use jscc_phy::link::Delivery;
use jscc_phy::units::Snr;

/// A codec that can be trained.
pub trait Method: Halves + 'static {
    /// Its name in experiment files and weights.
    const NAME: &'static str;
    /// Its name in cards.
    const TITLE: &'static str;
    /// The parts that can be frozen: the network's fields.
    const PARTS: &'static [&'static str];
    /// Images that its networks take together.
    const TOGETHER: usize = 1;

    /// A network for k complex symbols an image, its weights drawn from `seed`.
    fn new(k: usize, seed: u64, device: &Device) -> Self;

    /// Whether its decoder can make something of what a link hands over.
    fn accepts(delivery: Delivery) -> bool {
        delivery == Delivery::Symbols
    }

    /// Whether it has what an objective is about.
    fn knows(objective: Objective) -> bool {
        objective == Objective::Reconstruct
    }

    /// What an objective makes smaller: a mean over the passage's images.
    fn loss(&self, objective: Objective, passage: Passage, _air: &Air) -> Tensor<1> {
        assert!(Self::knows(objective), "{objective:?} of {}", Self::NAME);
        reconstruct(self, passage)
    }
}

/// The channel of a step, for networks that stand in for a link.
#[derive(Debug, Clone, Copy)]
pub struct Air<'a> {
    /// Of each image of the batch.
    pub snr: &'a [Snr],
    /// Seed of the run.
    pub seed: u64,
    /// Index of the step's first noise stream; each image has one of its own.
    pub first: u64,
}

/// A run of some method, or why there is none.
pub type Begun<E> = Result<Box<dyn Training>, E>;

/// A method by its name.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// [`Method::NAME`].
    pub name: &'static str,
    /// [`Method::TITLE`].
    pub title: &'static str,
    /// [`Method::PARTS`].
    pub parts: &'static [&'static str],
    /// [`Method::TOGETHER`].
    pub together: usize,
    /// [`Method::accepts`].
    pub accepts: fn(Delivery) -> bool,
    /// [`Method::knows`].
    pub knows: fn(Objective) -> bool,
    /// A run from random weights, or from given ones in safetensors.
    pub begin: fn(Plan, Compute, Option<&[u8]>) -> Begun<WeightsError>,
    /// The run of this name that wrote a checkpoint.
    pub resume: fn(Plan, Compute, &str, &[u8]) -> Begun<CheckpointError>,
    /// Trained weights.
    pub load: fn(&[u8], Compute) -> Result<Codec, WeightsError>,
}

/// All methods.
pub const METHODS: [Entry; 2] = [Entry::of::<deepjscc::DeepJscc>(), Entry::of::<d2ajscc::D2aJscc>()];

impl Entry {
    const fn of<M: Method>() -> Self {
        Self {
            name: M::NAME,
            title: M::TITLE,
            parts: M::PARTS,
            together: M::TOGETHER,
            accepts: M::accepts,
            knows: M::knows,
            begin: |plan, compute, start| {
                let trainer = match start {
                    None => Trainer::<M>::new(plan, compute),
                    Some(weights) => Trainer::<M>::from_weights(plan, compute, weights)?,
                };
                Ok(Box::new(trainer))
            },
            resume: |plan, compute, run, checkpoint| {
                Ok(Box::new(Trainer::<M>::resume(plan, compute, run, checkpoint)?))
            },
            load: Codec::load::<M>,
        }
    }

    /// The method of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name == name)
    }
}
