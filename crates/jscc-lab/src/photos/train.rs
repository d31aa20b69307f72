//! `jscc train` of the photographs' network. Killed at any moment, it resumes from its last checkpoint and ends with the same
//! bytes.

use super::measure::Set;
use super::pool::{Pool, Received, order, received, squared_error};
use crate::Error;
use crate::runs::folder::Folder;
use crate::spec::{DataSpec, Spec, SpecError};
use jscc_nn::photo::{Origin, Restorer, Trainer};
use jscc_photo::Picture;
use jscc_radio::files::sha256;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Steps between checkpoints.
const CHECKPOINT_EVERY: usize = 250;
/// Steps between validations.
const VALIDATE_EVERY: usize = 1000;
/// Steps averaged in one row of the log.
const LOG_EVERY: usize = 50;
/// SNRs at which validation is measured, in dB.
pub const VALIDATION_SNR_DB: [f64; 6] = [0.0, 5.0, 10.0, 15.0, 20.0, 25.0];

/// Progress of a training.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Steps done.
    pub step: usize,
    /// All steps.
    pub steps: usize,
    /// Mean loss of the last steps.
    pub loss: f64,
}

/// A finished training.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The weights.
    pub weights: PathBuf,
    /// PSNR in dB over the closed form's on the validation photographs, by SNR in dB.
    pub gains: Vec<[f64; 2]>,
}

/// Trains the network of an experiment in `folder`; `data` replaces the folder of its photographs.
///
/// # Errors
/// Those of reading photographs and of the run folder, and [`Error::NotFinite`].
pub fn run(spec: &Spec, folder: &Path, data: Option<&Path>, tell: &mut dyn FnMut(Progress)) -> Result<Trained, Error> {
    let wanted = spec.restorer()?;
    let DataSpec::Folder(of_training) = &spec.file.data else {
        return Err(SpecError::misfit(&spec.path, "[restorer] needs [data.folder]".to_owned()).into());
    };
    let train = Set::read(&data.map_or_else(|| spec.resolve(&of_training.dir), Path::to_owned))?;
    let judges = Set::read(&spec.resolve(&wanted.validation))?;
    let mark = json!({ "experiment": spec.resolved(), "photographs": digest(&train.pictures) }).to_string();
    let folder = Folder::open(folder, mark)?;
    let mut trainer = open(&folder, wanted.plan.clone())?;
    let mut log = Log(folder.log(trainer.step())?.concat());
    let (mut pool, judges) = (Pool::new(wanted, &train.pictures), Judges::new(&judges.pictures));
    let mut losses = Vec::new();
    let steps = wanted.plan.steps;
    while trainer.step() < steps {
        losses.push(trainer.advance(&pool.batch(trainer.step()))?);
        let step = trainer.step();
        if step.is_multiple_of(LOG_EVERY) || step == steps {
            let loss = losses.iter().sum::<f64>() / losses.len() as f64;
            losses.clear();
            log.push(&json!({ "step": step, "loss": loss }));
            tell(Progress { step, steps, loss });
        }
        if step.is_multiple_of(VALIDATE_EVERY) {
            log.push(&json!({ "step": step, "gains_db": judges.gains(&trainer.restorer()) }));
        }
        if step.is_multiple_of(CHECKPOINT_EVERY) {
            folder.save(&log.0, &trainer.checkpoint(&folder.run()))?;
        }
    }
    let name = format!("{}.safetensors", spec.file.name);
    folder.save(&log.0, &trainer.checkpoint(&folder.run()))?;
    // Judged as the file will be, with weights of 16 bits.
    let (rounded, _) = Restorer::read(&trainer.weights(&Origin::default())).expect("its own file");
    let origin = Origin {
        experiment: spec.file.name.clone(),
        spec_sha256: spec.sha256(),
        seed: wanted.plan.seed,
        data: spec.data_name(),
        steps,
        gains_db: judges.gains(&rounded),
    };
    folder.write(&name, &trainer.weights(&origin))?;
    Ok(Trained { weights: folder.join(&name), gains: origin.gains_db })
}

/// Rows of the log, as text.
struct Log(String);

impl Log {
    fn push(&mut self, row: &Value) {
        self.0.push_str(&row.to_string());
        self.0.push('\n');
    }
}

/// A trainer at the start, or where the run in the folder stopped.
fn open(folder: &Folder, plan: jscc_nn::photo::Plan) -> Result<Trainer, Error> {
    let mut fault = None;
    for (path, bytes) in folder.checkpoints()? {
        match Trainer::resume(plan.clone(), &folder.run(), &bytes) {
            Ok(trainer) => {
                if fault.is_some() {
                    folder.go_back()?;
                }
                return Ok(trainer);
            }
            Err(reason) => fault = fault.or(Some((path, reason))),
        }
    }
    match fault {
        Some((path, reason)) => Err(Error::Checkpoint { path, reason }),
        None => Ok(Trainer::new(plan)),
    }
}

fn digest(pictures: &[Picture]) -> String {
    let octets: Vec<u8> = pictures.iter().flat_map(|picture| &picture.pixels).flat_map(|x| x.to_le_bytes()).collect();
    sha256(&octets)
}

/// Photographs received once, by SNR.
struct Judges {
    by_snr: Vec<Vec<Received>>,
}

impl Judges {
    fn new(photographs: &[Picture]) -> Self {
        let at = |snr_db: &f64| {
            let of = |(n, picture): (usize, &Picture)| {
                let order = order(picture, *snr_db, 0.0, 1.0);
                received(picture, &order, *snr_db, 0.0, [0, (n as u64) << 16])
            };
            photographs.par_iter().enumerate().filter_map(of).collect()
        };
        Self { by_snr: VALIDATION_SNR_DB.iter().map(at).collect() }
    }

    /// Mean PSNR over the closed form's, by SNR.
    fn gains(&self, network: &Restorer) -> Vec<[f64; 2]> {
        let gain = |received: &Received| {
            let after = squared_error(&network.restore(&received.seen), &received.original);
            10.0 * f64::from(received.squared_error / after).log10()
        };
        let mean = |all: &Vec<Received>| all.par_iter().map(gain).sum::<f64>() / all.len() as f64;
        VALIDATION_SNR_DB.iter().zip(&self.by_snr).map(|(&snr_db, all)| [snr_db, mean(all)]).collect()
    }
}
