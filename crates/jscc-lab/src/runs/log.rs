//! The log of a run.

use super::tensorboard::EventFile;
use crate::Error;
use crate::metrics::psnr_db;
use jscc_nn::method::Task;
use jscc_nn::objective::Objective;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A row of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogRow {
    /// Completed steps.
    pub step: usize,
    /// Started epochs.
    pub epoch: usize,
    /// Name of the stage.
    pub stage: String,
    /// Objective of the last step.
    #[serde(default = "pictures", skip_serializing_if = "is_pictures")]
    pub objective: String,
    /// Its mean over the steps with the same objective since the row before; for "recover", the mean squared error of
    /// training pictures.
    pub loss: f64,
    /// Mean norm of the gradient since the row before.
    pub gradient_norm: f64,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// At the end of an epoch, by SNR in dB: PSNR in dB of the mean MSE of validation pictures, or their accuracy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation: Vec<[f64; 2]>,
}

/// Name of the default objective.
fn pictures() -> String {
    Objective::of_task(Task::Recover).to_string()
}

fn is_pictures(objective: &String) -> bool {
    *objective == pictures()
}

/// Rows so far, and their destinations.
pub(super) struct Log {
    lines: Vec<String>,
    task: Task,
    tensorboard: Option<EventFile>,
}

/// Name of the validation score.
fn score_of(task: Task) -> &'static str {
    match task {
        Task::Recover => "psnr_db",
        Task::Execute => "accuracy",
    }
}

impl Log {
    pub fn new(lines: Vec<String>, task: Task) -> Self {
        Self { lines, task, tensorboard: None }
    }

    pub fn text(&self) -> String {
        self.lines.concat()
    }

    /// If training has stalled: for how long its gradient has been zero.
    pub fn stood_still(&self) -> Option<String> {
        let rows: Vec<LogRow> = self.lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let moved = rows.iter().rposition(|row| row.gradient_norm > 0.0);
        let (since, last) = (moved.map_or(0, |at| rows[at].step), rows.last()?.step);
        (since < last).then(|| {
            format!(
                "the training has died: its gradient is zero from step {since} of {last} on; try a lower learning_rate, \
                 or max_norm"
            )
        })
    }

    pub fn show_in_tensorboard(&mut self, folder: &Path, step: usize) -> Result<(), Error> {
        self.tensorboard = Some(EventFile::begin(folder, now(), step as u64).map_err(Error::Write)?);
        Ok(())
    }

    pub fn push(&mut self, row: &LogRow) -> Result<(), Error> {
        self.lines.push(serde_json::to_string(row).expect("finite numbers") + "\n");
        let Some(events) = &mut self.tensorboard else { return Ok(()) };
        let mut scalars = if is_pictures(&row.objective) {
            vec![("train/loss".to_owned(), row.loss), ("train/psnr_db".to_owned(), psnr_db(row.loss))]
        } else {
            vec![(format!("train/loss_{}", row.objective), row.loss)]
        };
        scalars.push(("train/gradient_norm".to_owned(), row.gradient_norm));
        scalars.push(("train/learning_rate".to_owned(), row.learning_rate));
        let score = score_of(self.task);
        let validation = row.validation.iter();
        scalars.extend(validation.map(|[snr_db, value]| (format!("validation_{score}/at_{snr_db}_dB"), *value)));
        let mut write = |(tag, value): (String, f64)| events.scalar(now(), row.step as u64, &tag, value as f32);
        scalars.into_iter().try_for_each(&mut write).map_err(Error::Write)
    }
}

/// Seconds since 1970; 0 for a clock before that.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
