//! A training and its folder. Killed at any moment, it goes on from its last checkpoint and ends with the same bytes.
//!
//! | file | what it is |
//! |---|---|
//! | `spec.toml` | the experiment file and the pictures that the run belongs to |
//! | `checkpoint.safetensors` | weights, optimiser's moments, step |
//! | `metrics.jsonl` | loss by step, validation PSNR by epoch |
//! | `NAME.safetensors`, `NAME.md` | the trained weights and their card |

mod card;

use crate::Error;
use crate::data::{Dataset, Images};
use crate::files::{sha256, write_atomic};
use crate::metrics::{mse, psnr_db};
use crate::spec::{DataSpec, Spec, SpecError, Split, TrainSpec};
use crate::sweep::deploy;
use jscc_nn::link::Link;
use jscc_nn::train::{Plan, Trainer};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Steps between checkpoints.
const CHECKPOINT_EVERY: usize = 250;
/// Steps averaged in one row of the log.
const LOG_EVERY: usize = 50;
/// SNRs at which validation is measured, in dB.
pub const VALIDATION_SNR_DB: [f64; 7] = [-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 35.0];
/// Seed of the noise in validation, the same for every run.
const VALIDATION_SEED: u64 = 0;
/// Validation pictures.
const N_VALIDATION: usize = 1000;

/// A row of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogRow {
    /// Steps done.
    pub step: usize,
    /// Epochs begun.
    pub epoch: usize,
    /// Mean loss since the row before; the mean squared error of training pictures.
    pub loss: f64,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// After an epoch: PSNR of the mean MSE on validation pictures, by SNR as [dB, dB].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation: Vec<[f64; 2]>,
}

/// How a training goes.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Steps done.
    pub step: usize,
    /// Steps of the run.
    pub n_steps: usize,
    /// Mean loss over the last steps.
    pub loss: f64,
}

/// A run that is ready to go on.
pub struct Run<'a> {
    spec: &'a Spec,
    mark: String,
    folder: PathBuf,
    plan: Plan,
    trainer: Trainer,
    link: Box<dyn Link>,
    train: Dataset,
    validation: Dataset,
    /// Lines of `metrics.jsonl`.
    log: Vec<String>,
}

/// The files that a finished run leaves.
#[derive(Debug, Clone)]
pub struct Trained {
    /// Weights, in safetensors.
    pub weights: PathBuf,
    /// Their card.
    pub card: PathBuf,
    /// PSNR in dB by SNR in dB on validation pictures, over the link of the training.
    pub validation: Vec<[f64; 2]>,
}

impl<'a> Run<'a> {
    /// Opens the run of an experiment file in `folder`: a new one, or the one that stopped there.
    pub fn open(spec: &'a Spec, folder: &Path, data_dir: Option<&Path>) -> Result<Self, Error> {
        let wanted = spec.train()?;
        if let DataSpec::Folder(_) = spec.file.data {
            return Err(SpecError::no_splits(&spec.path).into());
        }
        let train = spec.images(Split::Train, data_dir)?;
        let validation = spec.images(Split::Validation, data_dir)?.take(N_VALIDATION);
        let plan = wanted.plan(train.len());
        let link = wanted.link.build(plan.k)?;
        let mark = mark(spec, &train.images);
        let (trainer, log) = match read_if_there(&folder.join("checkpoint.safetensors"))? {
            Some(checkpoint) => resume(&mark, &plan, &checkpoint, folder)?,
            None => (begin(spec, wanted, &plan)?, Vec::new()),
        };
        Ok(Self { spec, mark, folder: folder.into(), plan, trainer, link, train, validation, log })
    }

    /// Steps done so far, and steps of the whole run.
    pub fn steps(&self) -> (usize, usize) {
        (self.trainer.step(), self.plan.n_steps())
    }

    /// Trains to the end.
    pub fn finish(mut self, code: &str, progress: &mut dyn FnMut(Progress)) -> Result<Trained, Error> {
        let (mut sum, mut n) = (0.0, 0);
        while !self.trainer.is_done() {
            let loss = f64::from(self.trainer.advance(&self.train.images.pixels, self.link.as_ref()));
            let step = self.trainer.step();
            if !loss.is_finite() {
                return Err(Error::NotFinite { step });
            }
            (sum, n) = (sum + loss, n + 1);
            progress(Progress { step, n_steps: self.plan.n_steps(), loss: sum / f64::from(n) });
            let epoch_done = step.is_multiple_of(self.plan.steps_per_epoch());
            // Rows stand at fixed steps, so that a run that was broken off logs the same rows.
            if step.is_multiple_of(LOG_EVERY) || epoch_done {
                self.log_row(sum / f64::from(n), epoch_done);
                (sum, n) = (0.0, 0);
                if step.is_multiple_of(CHECKPOINT_EVERY) || epoch_done {
                    self.save()?;
                }
            }
        }
        self.deliver(code)
    }

    fn log_row(&mut self, loss: f64, epoch_done: bool) {
        let step = self.trainer.step();
        let row = LogRow {
            step,
            epoch: step.div_ceil(self.plan.steps_per_epoch()),
            loss,
            learning_rate: self.plan.learning_rate_at(step - 1),
            validation: if epoch_done { self.validate() } else { Vec::new() },
        };
        self.log.push(serde_json::to_string(&row).expect("finite numbers") + "\n");
    }

    fn validate(&self) -> Vec<[f64; 2]> {
        let (codec, pixels) = (self.trainer.codec(), &self.validation.images.pixels);
        let z = codec.encode(pixels);
        let psnr =
            |snr_db| psnr_db(mse(pixels, &deploy(&codec, self.link.as_ref(), &z, snr_db, VALIDATION_SEED).x_hat));
        VALIDATION_SNR_DB.map(|snr_db| [snr_db, psnr(snr_db)]).to_vec()
    }

    fn save(&self) -> Result<(), Error> {
        write_atomic(&self.folder.join("spec.toml"), self.mark.as_bytes()).map_err(Error::Write)?;
        // The log first: rows past the checkpoint are dropped on resuming, missing ones could not be made again.
        write_atomic(&self.folder.join("metrics.jsonl"), self.log.concat().as_bytes()).map_err(Error::Write)?;
        write_atomic(&self.folder.join("checkpoint.safetensors"), &self.trainer.checkpoint()).map_err(Error::Write)
    }

    fn deliver(&self, code: &str) -> Result<Trained, Error> {
        let (name, weights) = (&self.spec.file.name, self.trainer.weights());
        let validation = self.validate();
        let card = card::markdown(self.spec, &self.plan, &weights, &validation, code);
        let path = |ending: &str| self.folder.join(format!("{name}.{ending}"));
        let trained = Trained { weights: path("safetensors"), card: path("md"), validation };
        write_atomic(&trained.weights, &weights).map_err(Error::Write)?;
        write_atomic(&trained.card, card.as_bytes()).map_err(Error::Write)?;
        Ok(trained)
    }
}

/// What tells one run from another: the experiment file, and the pictures that it was given.
fn mark(spec: &Spec, train: &Images) -> String {
    let bytes: Vec<u8> = train.pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
    format!("{}\n# pictures: SHA-256 {}\n", spec.text, sha256(&bytes))
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(Error::Read { path: path.into(), reason }),
    }
}

fn begin(spec: &Spec, wanted: &TrainSpec, plan: &Plan) -> Result<Trainer, Error> {
    let Some(start) = &wanted.start else { return Ok(Trainer::new(plan.clone())) };
    let path = spec.resolve(start);
    let bytes = std::fs::read(&path).map_err(|reason| Error::Read { path: path.clone(), reason })?;
    Trainer::from_weights(plan.clone(), &bytes).map_err(|reason| Error::Weights { path, reason })
}

fn resume(mark: &str, plan: &Plan, checkpoint: &[u8], folder: &Path) -> Result<(Trainer, Vec<String>), Error> {
    if read_if_there(&folder.join("spec.toml"))?.as_deref() != Some(mark.as_bytes()) {
        return Err(Error::OtherRun { folder: folder.into() });
    }
    let path = folder.join("checkpoint.safetensors");
    let trainer = Trainer::resume(plan.clone(), checkpoint).map_err(|reason| Error::Checkpoint { path, reason })?;
    let text = read_if_there(&folder.join("metrics.jsonl"))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let is_kept = |line: &&str| serde_json::from_str::<LogRow>(line).is_ok_and(|row| row.step <= trainer.step());
    let log = text.split_inclusive('\n').filter(is_kept).map(str::to_owned).collect();
    Ok((trainer, log))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::mnist::tests::training_folder;

    const TRAINING: &str = "name = \"a\"\n[data.mnist]\n[train]\nk = 2\nseed = 1\nepochs = 1\nbatch = 1\n\
        learning_rate = 1e-3\nsnr_db = [0, 9]\nlink = \"ideal\"\n";

    #[test]
    fn a_run_goes_on_with_its_own_pictures_only() {
        let (runs, own, others) = (tempfile::tempdir().unwrap(), training_folder(5002, ""), training_folder(5003, ""));
        let path = runs.path().join("a.toml");
        std::fs::write(&path, TRAINING).unwrap();
        let spec = Spec::read(&path).unwrap();
        let open = |data: &tempfile::TempDir| Run::open(&spec, &runs.path().join("run"), Some(data.path()));
        let trained = open(&own).unwrap().finish("test", &mut |_| {}).unwrap();
        assert!(std::fs::read_to_string(trained.card).unwrap().contains("2 pictures"));
        assert_eq!(open(&own).unwrap().steps(), (2, 2));
        assert!(matches!(open(&others).err(), Some(Error::OtherRun { .. })));
    }
}
