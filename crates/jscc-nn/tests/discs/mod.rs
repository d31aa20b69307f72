//! A small training: discs, and the codec that learns them.

use jscc_nn::compute::Compute;
use jscc_nn::method::{Source, Task};
use jscc_nn::methods::deepjscc::DeepJscc;
use jscc_nn::objective::Objective;
use jscc_nn::tell::Tell;
use jscc_nn::train::{Plan, Schedule, Stage};
use jscc_phy::random::stream;
use rand::RngExt;

pub const N_PIXELS: usize = 784;

pub type Trainer = jscc_nn::train::Trainer<DeepJscc>;

/// Smooth random pictures: a bright disc on black.
pub fn pictures(n: usize) -> Vec<f32> {
    let mut rng = stream(3, "pictures", 0);
    let mut pixels = Vec::with_capacity(n * N_PIXELS);
    for _ in 0..n {
        let (row, column, radius) =
            (rng.random_range(8.0..20.0), rng.random_range(8.0..20.0), rng.random_range(3.0..8.0f32));
        let ink = |i: usize| radius - ((i / 28) as f32 - row).hypot((i % 28) as f32 - column);
        pixels.extend((0..N_PIXELS).map(|i| ink(i).clamp(0.0, 1.0)));
    }
    pixels
}

pub fn stage(epochs: usize) -> Stage {
    Stage {
        name: "only".to_owned(),
        epochs,
        learning_rate: 2e-3,
        schedule: Schedule::Cosine,
        warmup: 0,
        snr_db: [0.0, 20.0],
        tell: Tell::True,
        objective: Objective::of_task(Task::Recover),
        turns: vec![],
        max_norm: None,
        average: None,
        patience: None,
    }
}

pub fn plan(n_images: usize, epochs: usize) -> Plan {
    let (source, task, config) = (Source::MNIST, Task::Recover, serde_json::Value::Null);
    Plan { config, source, task, k: 12, seed: 5, n_images, batch: 16, stages: vec![stage(epochs)] }
}

pub fn begin(plan: &Plan) -> Trainer {
    Trainer::new(plan.clone(), Compute::Cpu)
}
