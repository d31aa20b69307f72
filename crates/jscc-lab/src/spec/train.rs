//! The `[train]` table: a method and its successive stages.

use super::objective::ObjectiveSpec;
use super::{LinkSpec, values};
use crate::Error;
use jscc_nn::method::{Source, Task};
use jscc_nn::objective::Objective;
use jscc_nn::tell::Tell;
use jscc_nn::train::{Plan, Schedule, Stage, Turn};
use jscc_nn::zoo::Entry;
use jscc_phy::link::Link;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;
use std::path::PathBuf;
use toml::Spanned;

/// `[train]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Name of the method.
    #[serde(default = "values::default_method", deserialize_with = "values::method", serialize_with = "values::name")]
    pub method: &'static Entry,
    /// Task of the receiver; by default the method's first.
    pub task: Option<Task>,
    /// Sizes of its networks; omitted ones have the method's defaults.
    pub config: Option<Spanned<Value>>,
    /// Complex channel uses per image.
    pub k: Spanned<usize>,
    /// One training per seed of initial weights, order of images, SNRs and noise.
    #[serde(deserialize_with = "values::seeds")]
    pub seeds: Vec<u64>,
    /// One codec per SNR in dB: all stages train at it, instead of over their ranges.
    #[serde(default, deserialize_with = "values::snr_points", skip_serializing_if = "Vec::is_empty")]
    pub at_db: Vec<f64>,
    /// Images per step.
    #[serde(deserialize_with = "values::at_least_one")]
    pub batch: usize,
    /// Weights to start from, instead of random ones; `{seed}` in the name stands for the seed.
    pub start: Option<PathBuf>,
    /// Successive stages; each starts from the weights of the one before.
    #[serde(deserialize_with = "values::not_empty")]
    pub stage: Vec<StageSpec>,
}

/// `[[train.stage]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// Its name in logs; by default its number.
    #[serde(default, deserialize_with = "values::some_label")]
    pub name: Option<String>,
    /// Most passes over the images.
    #[serde(deserialize_with = "values::at_least_one")]
    pub epochs: usize,
    /// Largest learning rate.
    #[serde(deserialize_with = "values::positive")]
    pub learning_rate: f64,
    /// Its schedule.
    #[serde(default)]
    pub schedule: ScheduleSpec,
    /// Steps of linear warmup from zero.
    #[serde(default)]
    pub warmup: usize,
    /// Range of the SNR in dB, drawn uniformly.
    #[serde(deserialize_with = "values::snr_range")]
    pub snr_db: [f64; 2],
    /// The link between encoder and decoder.
    pub link: LinkSpec,
    /// What the two sides are told of the channel.
    #[serde(default, skip_serializing_if = "Tell::is_true")]
    pub tell: Tell,
    /// The objective; by default that of the task.
    pub objective: Option<ObjectiveSpec>,
    /// Turns of the learning parts; by default all parts always learn.
    #[serde(default)]
    pub turn: Vec<TurnSpec>,
    /// Gradients with a larger norm are clipped to it.
    #[serde(default, deserialize_with = "values::some_positive")]
    pub max_norm: Option<f64>,
    /// Decay of the moving average of weights, with which the stage ends.
    #[serde(default, deserialize_with = "values::some_fraction")]
    pub average: Option<f64>,
    /// Epochs without a better validation score after which the stage ends, with its best weights.
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
    /// Multiplied by `factor` after each of these epochs.
    Steps {
        /// Epochs of the stage.
        epochs: Vec<usize>,
        /// Factor of the rate.
        #[serde(deserialize_with = "values::positive")]
        factor: f64,
    },
}

/// `[[train.stage.turn]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TurnSpec {
    /// Parts of the network that learn: "encoder", "decoder", and others of the method.
    #[serde(deserialize_with = "values::parts")]
    pub learns: Vec<String>,
    /// The objective that they minimise; by default the stage's.
    pub objective: Option<ObjectiveSpec>,
    /// Steps until the next turn.
    #[serde(deserialize_with = "values::at_least_one")]
    pub steps: usize,
}

/// Position in the file, if known, and fault.
pub(super) type Misfit = (Option<Range<usize>>, String);

impl TrainSpec {
    /// The task.
    pub fn task(&self) -> Task {
        self.task.unwrap_or(self.method.card.tasks[0])
    }

    /// Sizes of the networks with defaults filled in.
    ///
    /// # Panics
    /// If the table is unchecked.
    pub(crate) fn config(&self) -> Value {
        self.resolved_config().expect("a checked table")
    }

    fn resolved_config(&self) -> Result<Value, Misfit> {
        let (value, span) = match &self.config {
            Some(config) => (config.get_ref(), Some(config.span())),
            None => (&Value::Null, None),
        };
        (self.method.config)(value).map_err(|why| (span, why))
    }

    /// Complex channel uses per image.
    pub fn k(&self) -> usize {
        *self.k.get_ref()
    }

    /// Reason why the method cannot be trained this way; `None` if it can.
    pub(super) fn misfit(&self, source: Source) -> Option<Misfit> {
        // More would be no compression, and a link of any number of them would take for ever to build.
        let (k, most) = (self.k(), source.reals());
        if !(1..=most).contains(&k) {
            let why = format!("k = {k} is not within 1 to {most} complex channel uses an image");
            return Some((Some(self.k.span()), why));
        }
        let (card, here) = (self.method.card, |why: String| Some((None, why)));
        let name = card.name;
        if !card.tasks.contains(&self.task()) {
            let task = format!("{:?}", self.task()).to_lowercase();
            return here(format!("{name} cannot be trained to {task}"));
        }
        if let Some(why) = (self.method.misfit)(source, k) {
            return here(format!("{name} is not for {why}"));
        }
        let config = match self.resolved_config() {
            Ok(config) => config,
            Err(misfit) => return Some(misfit),
        };
        let per_pass = (self.method.images_per_pass)(&config);
        if !self.batch.is_multiple_of(per_pass) {
            return here(format!("batch = {}; {name} takes {per_pass} images at once", self.batch));
        }
        let mut parts = self.stage.iter().flat_map(|stage| &stage.turn).flat_map(|turn| &turn.learns);
        if let Some(part) = parts.find(|part| !card.parts.contains(&part.as_str())) {
            return here(format!("{name} has no part `{part}`; its parts are {}", card.parts.join(", ")));
        }
        let terms = (self.method.terms)();
        let mut named = self.stage.iter().flat_map(StageSpec::objectives).flat_map(|objective| objective.0.names());
        if let Some(unknown) = named.find(|name| !terms.contains(name)) {
            return here(format!("{name} has no objective `{unknown}`; its objectives are {}", terms.join(", ")));
        }
        let mut links = self.stage.iter().map(|stage| self.link(stage));
        links.find_map(Result::err).and_then(|refused| here(refused.to_string()))
    }

    /// The link of a stage, if the method accepts what it delivers.
    ///
    /// # Panics
    /// If the table is unchecked.
    pub fn link(&self, stage: &StageSpec) -> Result<Box<dyn Link>, Error> {
        let (method, config) = (self.method, self.config());
        stage.link.build_for(method.card.name, |delivery| (method.accepts)(&config, delivery), self.k())
    }

    /// The weights to start from for a seed: `{seed}` in the file's name stands for it.
    pub(crate) fn start(&self, seed: u64) -> Option<PathBuf> {
        self.start.as_ref().map(|start| start.to_string_lossy().replace("{seed}", &seed.to_string()).into())
    }

    /// The plan for one seed and `n_images` images; the error says that they are too few. If they do not fill a batch,
    /// the batch is reduced.
    pub(crate) fn plan(&self, source: Source, seed: u64, n_images: usize) -> Result<Plan, String> {
        let (card, config) = (self.method.card, self.config());
        let per_pass = (self.method.images_per_pass)(&config);
        let batch = self.batch.min(n_images) / per_pass * per_pass;
        if batch == 0 {
            return Err(format!("{n_images} training images; {} takes {per_pass} at once", card.name));
        }
        let task = self.task();
        let stages = self.stage.iter().zip(1..).map(|(stage, number)| stage.plan(task, number)).collect();
        Ok(Plan { config, source, task, k: self.k(), seed, n_images, batch, stages })
    }
}

impl StageSpec {
    fn objectives(&self) -> impl Iterator<Item = &ObjectiveSpec> {
        self.objective.iter().chain(self.turn.iter().filter_map(|turn| turn.objective.as_ref()))
    }

    fn plan(&self, task: Task, number: usize) -> Stage {
        let objective = self.objective.clone().map_or_else(|| Objective::of_task(task), |objective| objective.0);
        let turn = |turn: &TurnSpec| Turn {
            learns: turn.learns.clone(),
            objective: turn.objective.clone().map_or_else(|| objective.clone(), |objective| objective.0),
            steps: turn.steps,
        };
        Stage {
            name: self.name.clone().unwrap_or_else(|| number.to_string()),
            epochs: self.epochs,
            learning_rate: self.learning_rate,
            tell: self.tell.clone(),
            schedule: match self.schedule.clone() {
                ScheduleSpec::Constant => Schedule::Constant,
                ScheduleSpec::Cosine => Schedule::Cosine,
                ScheduleSpec::Steps { epochs, factor } => Schedule::Steps { epochs, factor },
            },
            warmup: self.warmup,
            snr_db: self.snr_db,
            turns: self.turn.iter().map(turn).collect(),
            objective,
            max_norm: self.max_norm,
            average: self.average,
            patience: self.patience,
        }
    }
}
