//! The plan of a training: successive stages, each with its own link, learning rate and learning parts.

use crate::method::{Source, Task};
use crate::objective::Objective;
use crate::tell::Tell;
use serde_json::Value;
use std::f64::consts::PI;

/// A whole training.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Sizes of the networks, [`crate::method::Method::Config`].
    pub config: Value,
    /// The pictures.
    pub source: Source,
    /// Task of the receiver.
    pub task: Task,
    /// Complex channel uses per image.
    pub k: usize,
    /// Seed of initial weights, order of images, SNRs and noise.
    pub seed: u64,
    /// Number of images.
    pub n_images: usize,
    /// Images per step.
    pub batch: usize,
    /// Successive stages; each starts from the weights of the one before, with a fresh optimiser.
    pub stages: Vec<Stage>,
}

/// A stage of training.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name in logs.
    pub name: String,
    /// Most passes over the images.
    pub epochs: usize,
    /// Largest learning rate.
    pub learning_rate: f64,
    /// Its schedule.
    pub schedule: Schedule,
    /// Steps of linear warmup from zero to the schedule's rate.
    pub warmup: usize,
    /// Range of the SNR in dB, drawn uniformly per frame: per image, if a frame carries one image.
    pub snr_db: [f64; 2],
    /// What the two sides are told of the channel.
    pub tell: Tell,
    /// Objective of steps outside turns.
    pub objective: Objective,
    /// Turns, repeated in a cycle. Empty: all parts always learn.
    pub turns: Vec<Turn>,
    /// Gradients with a larger norm (over all learning weights together) are clipped to it.
    pub max_norm: Option<f64>,
    /// Decay of the moving average of weights that replaces the last weights at the stage's end.
    pub average: Option<f64>,
    /// Epochs without a better validation score after which the stage ends; it then ends with its best weights.
    pub patience: Option<usize>,
}

/// Learning-rate schedule within a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// No change.
    Constant,
    /// To zero along half a cosine.
    Cosine,
    /// Multiplied by `factor` after each of these epochs.
    Steps {
        /// Epochs, counted from the start of the stage.
        epochs: Vec<usize>,
        /// Factor of the rate.
        factor: f64,
    },
}

/// Successive steps in which only some parts of the network learn.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The parts that learn; the others are frozen.
    pub learns: Vec<String>,
    /// The objective that they minimise.
    pub objective: Objective,
    /// Steps until the next turn.
    pub steps: usize,
}

impl Plan {
    /// Steps per epoch; images that do not fill a batch are left out of this epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.n_images / self.batch
    }

    /// Steps of the whole training if no stage ends early.
    pub fn n_steps(&self) -> usize {
        self.stages.iter().map(|stage| stage.epochs * self.steps_per_epoch()).sum()
    }

    /// The learning rate of a step, counted within the stage.
    pub fn learning_rate_at(&self, stage: &Stage, step: usize) -> f64 {
        let (step, per_epoch) = (step as f64, self.steps_per_epoch());
        let fall = match &stage.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine => 0.5 * (1.0 + (PI * step / (stage.epochs * per_epoch) as f64).cos()),
            Schedule::Steps { epochs, factor } => {
                let passed = epochs.iter().filter(|&&epoch| step >= epoch as f64 * per_epoch as f64).count();
                factor.powi(passed as i32)
            }
        };
        let rise = if stage.warmup == 0 { 1.0 } else { ((step + 1.0) / stage.warmup as f64).min(1.0) };
        stage.learning_rate * rise * fall
    }
}

impl Stage {
    /// The turn of a step, counted within the stage; `None`: all parts learn the stage's objective.
    pub fn turn_at(&self, step: usize) -> Option<&Turn> {
        let round: usize = self.turns.iter().map(|turn| turn.steps).sum();
        let mut within = step.checked_rem(round)?;
        self.turns.iter().find(|turn| match within.checked_sub(turn.steps) {
            Some(left) => {
                within = left;
                false
            }
            None => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(schedule: Schedule, warmup: usize, turns: Vec<Turn>) -> Plan {
        let stage = Stage {
            name: "only".to_owned(),
            epochs: 10,
            learning_rate: 0.5,
            schedule,
            warmup,
            snr_db: [0.0, 1.0],
            objective: Objective::of_task(Task::Recover),
            turns,
            max_norm: None,
            average: None,
            tell: Tell::True,
            patience: None,
        };
        let (source, task, config) = (Source::MNIST, Task::Recover, Value::Null);
        Plan { config, source, task, k: 1, seed: 0, n_images: 45, batch: 10, stages: vec![stage] }
    }

    fn rates(plan: &Plan, steps: &[usize]) -> Vec<f64> {
        steps.iter().map(|&step| plan.learning_rate_at(&plan.stages[0], step)).collect()
    }

    #[test]
    fn learning_rates_follow_the_schedule() {
        assert_eq!(plan(Schedule::Constant, 0, vec![]).n_steps(), 40);
        assert_eq!(rates(&plan(Schedule::Constant, 0, vec![]), &[0, 39]), [0.5, 0.5]);
        assert_eq!(rates(&plan(Schedule::Constant, 4, vec![]), &[0, 1, 3, 9]), [0.125, 0.25, 0.5, 0.5]);
        let cosine = rates(&plan(Schedule::Cosine, 0, vec![]), &[0, 20, 40]);
        assert!((cosine[0] - 0.5).abs() < 1e-12 && (cosine[1] - 0.25).abs() < 1e-12 && cosine[2].abs() < 1e-12);
        let steps = Schedule::Steps { epochs: vec![2, 5], factor: 0.1 };
        let steps = rates(&plan(steps, 0, vec![]), &[7, 8, 19, 20]);
        for (rate, want) in steps.iter().zip([0.5, 0.05, 0.05, 0.005]) {
            assert!((rate - want).abs() < 1e-12, "{steps:?}");
        }
    }

    #[test]
    fn turns_go_round() {
        let turn =
            |part: &str, steps| Turn { learns: vec![part.to_owned()], objective: Objective::only("recover"), steps };
        let plan = plan(Schedule::Constant, 0, vec![turn("a", 2), turn("b", 1)]);
        let who: Vec<_> = (0..7).map(|step| plan.stages[0].turn_at(step).unwrap().learns[0].as_str()).collect();
        assert_eq!(who, ["a", "a", "b", "a", "a", "b", "a"]);
        assert_eq!(Stage { turns: vec![], ..plan.stages[0].clone() }.turn_at(3), None);
    }
}
