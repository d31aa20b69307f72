//! A training and its folder. Killed at any moment, it resumes from its last checkpoint and ends with the same bytes.
//!
//! | file | content |
//! |---|---|
//! | `run.jsonl` | the experiment, defaults filled in, the seed and the pictures that the run belongs to |
//! | `checkpoint.safetensors` | weights, optimiser's moments, position |
//! | `checkpoint-previous.safetensors` | the one before, in case that one is damaged |
//! | `lock` | held by the process that trains here |
//! | `metrics.jsonl` | loss by step, validation PSNR by epoch |
//! | `tensorboard/` | the same for TensorBoard, on request |
//! | `NAME.safetensors`, `NAME.md` | the trained weights and their card |

mod card;
pub(crate) mod folder;
mod log;
mod tensorboard;
mod validation;

pub use jscc_nn::method::Task;
pub use jscc_nn::objective::Objective;
pub use log::LogRow;

use crate::Error;
use crate::data::{self, Dataset, Images};
use crate::input;
use crate::spec::{DataSpec, Spec, SpecError, Split};
use folder::Folder;
use jscc_nn::compute::Compute;
use jscc_nn::train::{CheckpointError, Pictures, Plan, Step, Training};
use jscc_nn::weights::{self, Origin, TrainedOn};
use jscc_nn::zoo::Entry;
use jscc_phy::link::Link;
use jscc_radio::files::sha256;
use log::Log;
use serde_json::json;
use std::path::{Path, PathBuf};
use validation::Validation;

/// Steps between checkpoints.
const CHECKPOINT_EVERY: usize = 250;
/// Steps averaged in one row of the log.
const LOG_EVERY: usize = 50;
/// SNRs at which validation is measured, in dB.
pub const VALIDATION_SNR_DB: [f64; 7] = [-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 35.0];
/// Validation pictures.
const N_VALIDATION: usize = 1000;

/// Progress of a training.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Name of the stage.
    pub stage: String,
    /// Completed steps.
    pub step: usize,
    /// Steps of the run, if no further stage ends early.
    pub n_steps: usize,
    /// The objective of the last step.
    pub objective: Objective,
    /// Its mean over the last steps.
    pub loss: f64,
}

/// A run that is ready to start or resume.
pub struct Run<'a> {
    spec: &'a Spec,
    /// Name of the files that it delivers.
    name: String,
    folder: Folder,
    plan: Plan,
    trainer: Box<dyn Training>,
    /// One link per stage.
    links: Vec<Box<dyn Link>>,
    train: Dataset,
    validation: Validation,
    log: Log,
    notice: Option<String>,
}

/// Files of a finished run.
#[derive(Debug, Clone)]
pub struct Trained {
    /// Weights, in safetensors.
    pub weights: PathBuf,
    /// Their card.
    pub card: PathBuf,
    /// Task of the codec.
    pub task: Task,
    /// Validation by SNR in dB over the link of the last stage: PSNR in dB, or accuracy.
    pub validation: Vec<[f64; 2]>,
    /// Reason why the weights are useless, if they are.
    pub warning: Option<String>,
}

impl<'a> Run<'a> {
    /// Opens the run of one seed of an experiment file in `folder`: a new one, or the one that stopped there.
    pub fn open(
        spec: &'a Spec,
        seed: u64,
        folder: &Path,
        data_dir: Option<&Path>,
        compute: Compute,
    ) -> Result<Self, Error> {
        let wanted = spec.train()?;
        if let DataSpec::Folder(_) = spec.file.data {
            return Err(SpecError::no_splits(&spec.path).into());
        }
        let links = wanted.stage.iter().map(|stage| wanted.link(stage));
        let links = links.collect::<Result<Vec<_>, _>>()?;
        let train = data::of(spec, Split::Train, data_dir)?;
        let lost = train.images.mean();
        let validation = Validation::new(wanted.task(), data::of(spec, Split::Validation, data_dir)?, lost);
        let plan = wanted.plan(spec.source(), seed, train.len()).map_err(|why| SpecError::misfit(&spec.path, why))?;
        // A refused plan leaves no folder.
        let begun = if folder.exists() { None } else { Some(begin(spec, &plan, compute)?) };
        let folder = Folder::open(folder, mark(spec, seed, &train.images))?;
        let (trainer, notice) = match resume(&folder, wanted.method, &plan, compute)? {
            Some(resumed) => resumed,
            None => (begun.map_or_else(|| begin(spec, &plan, compute), Ok)?, None),
        };
        let log = Log::new(folder.log(trainer.place().step)?, wanted.task());
        Ok(Self { spec, name: name(spec, seed), folder, plan, trainer, links, train, validation, log, notice })
    }

    /// A notice to the user on how the run was opened.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Writes the log for TensorBoard too.
    pub fn show_in_tensorboard(&mut self) -> Result<PathBuf, Error> {
        let folder = self.folder.join("tensorboard");
        self.log.show_in_tensorboard(&folder, self.trainer.place().step)?;
        Ok(folder)
    }

    /// Completed steps, and steps of the whole run.
    pub fn steps(&self) -> (usize, usize) {
        let place = self.trainer.place();
        let rest = self.plan.stages.iter().skip(place.stage).map(|stage| stage.epochs * self.plan.steps_per_epoch());
        (place.step, place.step + rest.sum::<usize>() - place.step_in_stage)
    }

    /// Trains to the end.
    pub fn finish(mut self, code: &str, progress: &mut dyn FnMut(Progress)) -> Result<Trained, Error> {
        let mut steps = Vec::new();
        while let Some(stage) = self.trainer.stage().map(|stage| stage.name.clone()) {
            let place = self.trainer.place();
            let link = self.links[place.stage].as_ref();
            if place.step_in_stage == 0 && self.plan.stages[place.stage].patience.is_some() {
                self.trainer.judge_start(mean_score(&self.validate(place.stage), self.plan.stages[place.stage].snr_db));
            }
            let pictures = Pictures { pixels: &self.train.images.pixels, labels: &self.train.labels };
            steps.push(self.trainer.advance(pictures, link)?);
            let ((step, n_steps), (objective, loss)) = (self.steps(), mean_loss(&steps));
            progress(Progress { stage: stage.clone(), step, n_steps, objective, loss });
            let epoch_done = steps.last().is_some_and(|step| step.epoch_done);
            // Rows are written at fixed steps, so that an interrupted run logs the same rows.
            if step.is_multiple_of(LOG_EVERY) || epoch_done {
                self.end_row(stage, &steps, epoch_done)?;
                steps.clear();
                if step.is_multiple_of(CHECKPOINT_EVERY) || epoch_done {
                    self.folder.save(&self.log.text(), &self.trainer.checkpoint(&self.folder.run()))?;
                }
            }
        }
        self.deliver(code)
    }

    fn end_row(&mut self, stage: String, steps: &[Step], epoch_done: bool) -> Result<(), Error> {
        let place = self.trainer.place();
        let last = steps.last().expect("a row is of some steps");
        let validation = if epoch_done { self.validate(place.stage) } else { Vec::new() };
        if epoch_done {
            self.trainer.end_epoch(mean_score(&validation, self.plan.stages[place.stage].snr_db));
        }
        let (objective, loss) = mean_loss(steps);
        self.log.push(&LogRow {
            step: place.step,
            epoch: place.epochs + 1,
            stage,
            objective: objective.to_string(),
            loss,
            gradient_norm: steps.iter().map(|step| step.gradient_norm).sum::<f64>() / steps.len() as f64,
            learning_rate: last.learning_rate,
            validation,
        })
    }

    fn validate(&self, stage: usize) -> Vec<[f64; 2]> {
        let tell = &self.plan.stages[stage].tell;
        self.validation.measure(&self.trainer.codec(), self.links[stage].as_ref(), tell)
    }

    /// Passes of the weights that the run started from; `None` if those do not say.
    fn passes_before(&self) -> Result<Option<u64>, Error> {
        let Some(start) = self.spec.train()?.start(self.plan.seed) else { return Ok(Some(0)) };
        let path = self.spec.resolve(&start);
        let bytes = input::bytes(&path).map_err(|reason| Error::Read { path: path.clone(), reason })?;
        let about = weights::about(&bytes).map_err(|reason| Error::Weights { path, reason })?;
        Ok(about.and_then(|about| about.origin).and_then(|origin| origin.passes))
    }

    fn deliver(&self, code: &str) -> Result<Trained, Error> {
        let origin = Origin {
            experiment: self.spec.file.name.clone(),
            spec_sha256: self.spec.sha256(),
            seed: self.plan.seed,
            data: self.spec.data_name(),
            trained_on: trained_on(self.spec)?,
            passes: self.passes_before()?.map(|before| before + (self.trainer.place().step * self.plan.batch) as u64),
        };
        let (name, weights) = (&self.name, self.trainer.weights(Some(&origin)));
        let validation = self.validate(self.links.len() - 1);
        let warning = self.log.stood_still();
        let warning = warning.or_else(|| self.validation.learnt_nothing(&self.train, &validation));
        let result = card::Result { weights: &weights, validation: &validation, warning: warning.as_deref() };
        let card = card::markdown(name, self.spec, &self.plan, result, code);
        let [weights_file, card_file] = ["safetensors", "md"].map(|ending| format!("{name}.{ending}"));
        self.folder.write(&weights_file, &weights)?;
        self.folder.write(&card_file, card.as_bytes())?;
        Ok(Trained {
            weights: self.folder.join(&weights_file),
            card: self.folder.join(&card_file),
            task: self.plan.task,
            validation,
            warning,
        })
    }
}

/// Name of the weights of one seed of an experiment.
pub fn name(spec: &Spec, seed: u64) -> String {
    if has_one_seed(spec) { spec.file.name.clone() } else { format!("{}-seed{seed}", spec.file.name) }
}

/// Folder of the run of one seed, given that of the experiment's runs.
pub fn folder(spec: &Spec, seed: u64, parent: &Path) -> PathBuf {
    if has_one_seed(spec) { parent.to_path_buf() } else { parent.join(format!("seed-{seed}")) }
}

fn has_one_seed(spec: &Spec) -> bool {
    spec.file.train.as_ref().is_some_and(|train| train.seeds.len() == 1)
}

/// Link and SNRs of each stage.
fn trained_on(spec: &Spec) -> Result<Vec<TrainedOn>, Error> {
    // By way of text, so that a number of 32 bits stands as it was written.
    let text = |link| serde_json::to_string(link).expect("a link is words and numbers");
    let link = |link| serde_json::from_str(&text(link)).expect("as written");
    Ok(spec.train()?.stage.iter().map(|stage| TrainedOn { link: link(&stage.link), snr_db: stage.snr_db }).collect())
}

/// The last step's objective, and the mean loss of the steps that had it.
fn mean_loss(steps: &[Step]) -> (Objective, f64) {
    let objective = steps.last().expect("a row is of some steps").objective.clone();
    let of_it: Vec<_> = steps.iter().filter(|step| step.objective == objective).map(|step| step.loss).collect();
    (objective, of_it.iter().sum::<f64>() / of_it.len() as f64)
}

/// Mean over the SNRs that a stage trains at; over all, if its range holds none of them.
fn mean_score(validation: &[[f64; 2]], [low, high]: [f64; 2]) -> f64 {
    let within: Vec<f64> =
        validation.iter().filter(|[db, _]| (low..=high).contains(db)).map(|[_, score]| *score).collect();
    let all = || validation.iter().map(|[_, score]| *score).collect();
    let scores = if within.is_empty() { all() } else { within };
    scores.iter().sum::<f64>() / scores.len() as f64
}

/// Identity of a run: the experiment file, the seed, and the pictures.
fn mark(spec: &Spec, seed: u64, train: &Images) -> String {
    let bytes: Vec<u8> = train.pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
    format!("{}\n{}\n{}\n", spec.resolved(), json!({ "seed": seed }), json!({ "pictures_sha256": sha256(&bytes) }))
}

fn begin(spec: &Spec, plan: &Plan, compute: Compute) -> Result<Box<dyn Training>, Error> {
    let train = spec.train()?;
    let start = train.start(plan.seed);
    let path = start.as_ref().map(|start| spec.resolve(start)).unwrap_or_default();
    let read = |_| input::bytes(&path).map_err(|reason| Error::Read { path: path.clone(), reason });
    let start = start.as_ref().map(read).transpose()?;
    (train.method.begin)(plan.clone(), compute, start.as_deref()).map_err(|reason| Error::Weights { path, reason })
}

/// A resumed run, and a notice to the user.
type Resumed = (Box<dyn Training>, Option<String>);

/// The run that stopped in the folder, if there is one. A damaged checkpoint loses the steps since the one before.
fn resume(folder: &Folder, method: &Entry, plan: &Plan, compute: Compute) -> Result<Option<Resumed>, Error> {
    let mut damaged: Option<(PathBuf, CheckpointError)> = None;
    for (path, checkpoint) in folder.checkpoints()? {
        match ((method.resume)(plan.clone(), compute, &folder.run(), &checkpoint), damaged.take()) {
            (Ok(trainer), None) => return Ok(Some((trainer, None))),
            (Ok(trainer), Some((path, reason))) => {
                folder.go_back()?;
                let step = trainer.place().step;
                let notice =
                    format!("{}: {reason}; going on from step {step}, where the one before stands", path.display());
                return Ok(Some((trainer, Some(notice))));
            }
            // A checkpoint of another run is not damage that the one before could repair.
            (Err(reason @ CheckpointError::OtherRun(_)), _) => return Err(Error::Checkpoint { path, reason }),
            (Err(reason), first) => damaged = first.or(Some((path, reason))),
        }
    }
    damaged.map_or(Ok(None), |(path, reason)| Err(Error::Checkpoint { path, reason }))
}

#[cfg(test)]
mod tests;
