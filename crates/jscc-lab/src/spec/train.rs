//! The `[train]` table: stages one after another.

use super::{LinkSpec, values};
use jscc_nn::methods::Entry;
use jscc_nn::train::{Objective, Plan, Schedule, Stage, Turn};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[train]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Name of the method.
    #[serde(default = "values::default_method", deserialize_with = "values::method")]
    pub method: &'static Entry,
    /// Complex channel uses an image.
    #[serde(deserialize_with = "values::symbols")]
    pub k: usize,
    /// A training each: seeds of initial weights, order of images, SNRs and noise.
    #[serde(deserialize_with = "values::seeds")]
    pub seeds: Vec<u64>,
    /// Images a step.
    #[serde(deserialize_with = "values::at_least_one")]
    pub batch: usize,
    /// Weights to start from, instead of random ones.
    pub start: Option<PathBuf>,
    /// One after another; each begins with what the one before ended with.
    #[serde(deserialize_with = "values::stages")]
    pub stage: Vec<StageSpec>,
}

/// `[[train.stage]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// Its name in logs; by default its number.
    #[serde(default, deserialize_with = "values::some_label")]
    pub name: Option<String>,
    /// Passes over the images, at most.
    #[serde(deserialize_with = "values::at_least_one")]
    pub epochs: usize,
    /// Largest learning rate.
    #[serde(deserialize_with = "values::positive")]
    pub learning_rate: f64,
    /// How it changes.
    #[serde(default)]
    pub schedule: ScheduleSpec,
    /// Steps in which it rises from zero.
    #[serde(default)]
    pub warmup: usize,
    /// SNR in dB is drawn uniformly between these two.
    #[serde(deserialize_with = "values::snr_range")]
    pub snr_db: [f64; 2],
    /// What lies between encoder and decoder.
    pub link: LinkSpec,
    /// Who learns when; by default all parts, always.
    #[serde(default)]
    pub turn: Vec<TurnSpec>,
    /// Longer gradients are shortened to this length.
    #[serde(default, deserialize_with = "values::some_positive")]
    pub max_norm: Option<f64>,
    /// Decay of the moving average of weights that the stage ends with.
    #[serde(default, deserialize_with = "values::some_fraction")]
    pub average: Option<f64>,
    /// Epochs without better validation after which the stage ends, with its best weights.
    #[serde(default, deserialize_with = "values::some_at_least_one")]
    pub patience: Option<usize>,
}

/// `schedule`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ScheduleSpec {
    /// The same learning rate throughout.
    Constant,
    /// To zero along half a cosine.
    #[default]
    Cosine,
    /// Times `factor` after each of these epochs.
    Steps {
        /// Epochs of the stage.
        epochs: Vec<usize>,
        /// What the rate is multiplied by.
        #[serde(deserialize_with = "values::positive")]
        factor: f64,
    },
}

/// `[[train.stage.turn]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnSpec {
    /// Parts of the network that learn: "encoder", "decoder", and what else the method has.
    #[serde(deserialize_with = "values::parts")]
    pub learns: Vec<String>,
    /// What they make smaller.
    #[serde(default)]
    pub objective: ObjectiveSpec,
    /// Steps until the next turn.
    #[serde(deserialize_with = "values::at_least_one")]
    pub steps: usize,
}

/// `objective`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ObjectiveSpec {
    /// The pictures' error over the link, whose gradient is the identity.
    #[default]
    Reconstruct,
    /// The compensated waveform's error.
    Compensate,
    /// The error of the link's imitation.
    Imitate,
    /// The pictures' error through the imitation.
    Proxy {
        /// Weight of the compensated waveform's error.
        #[serde(deserialize_with = "values::not_negative")]
        weight: f64,
    },
    /// The pictures' error over the link, with the imitation's gradient.
    Guide {
        /// Weight of the compensated waveform's error.
        #[serde(deserialize_with = "values::not_negative")]
        weight: f64,
    },
    /// The pictures' error through noise as strong as the link's error.
    Surrogate {
        /// Weight of the compensated waveform's error.
        #[serde(deserialize_with = "values::not_negative")]
        weight: f64,
    },
}

impl From<ObjectiveSpec> for Objective {
    fn from(objective: ObjectiveSpec) -> Self {
        match objective {
            ObjectiveSpec::Reconstruct => Self::Reconstruct,
            ObjectiveSpec::Compensate => Self::Compensate,
            ObjectiveSpec::Imitate => Self::Imitate,
            ObjectiveSpec::Proxy { weight } => Self::Proxy { weight },
            ObjectiveSpec::Guide { weight } => Self::Guide { weight },
            ObjectiveSpec::Surrogate { weight } => Self::Surrogate { weight },
        }
    }
}

impl TrainSpec {
    /// Why the method cannot be trained so, if it cannot.
    pub(super) fn misfit(&self) -> Option<String> {
        let (method, turns) = (self.method, self.stage.iter().flat_map(|stage| &stage.turn));
        if !self.batch.is_multiple_of(method.together) {
            return Some(format!("batch = {}; {} takes {} images together", self.batch, method.name, method.together));
        }
        for turn in turns {
            if let Some(part) = turn.learns.iter().find(|part| !method.parts.contains(&part.as_str())) {
                return Some(format!(
                    "{} has no part `{part}`; its parts are {}",
                    method.name,
                    method.parts.join(", ")
                ));
            }
            let objective = Objective::from(turn.objective);
            if !(method.knows)(objective) {
                return Some(format!("{} knows no objective `{}`", method.name, objective.name()));
            }
        }
        None
    }

    /// The plan for one seed and so many images, or why they are too few. Where they do not fill a batch, it is made
    /// smaller.
    pub(crate) fn plan(&self, seed: u64, n_images: usize) -> Result<Plan, String> {
        let Entry { name, together, .. } = self.method;
        let batch = self.batch.min(n_images) / together * together;
        if batch == 0 {
            return Err(format!("{n_images} training images; {name} takes {together} together"));
        }
        let stages = self.stage.iter().zip(1..).map(|(stage, number)| stage.plan(number)).collect();
        Ok(Plan { k: self.k, seed, n_images, batch, stages })
    }
}

impl StageSpec {
    fn plan(&self, number: usize) -> Stage {
        let turn =
            |turn: &TurnSpec| Turn { learns: turn.learns.clone(), objective: turn.objective.into(), steps: turn.steps };
        Stage {
            name: self.name.clone().unwrap_or_else(|| number.to_string()),
            epochs: self.epochs,
            learning_rate: self.learning_rate,
            schedule: match self.schedule.clone() {
                ScheduleSpec::Constant => Schedule::Constant,
                ScheduleSpec::Cosine => Schedule::Cosine,
                ScheduleSpec::Steps { epochs, factor } => Schedule::Steps { epochs, factor },
            },
            warmup: self.warmup,
            snr_db: self.snr_db,
            turns: self.turn.iter().map(turn).collect(),
            max_norm: self.max_norm,
            average: self.average,
            patience: self.patience,
        }
    }
}
