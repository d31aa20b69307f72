//! Training of the network on windows of received photographs.
//!
//! The loss is the squared error of the corrected windows relative to that of the closed form's pictures: 1 at the start, whatever
//! the photograph and its noise. Weighted by picture and not by window, it moves as the mean PSNR does.

use super::restore::{Origin, Restorer};
use super::seen::{Seen, cells};
use super::unet::{Config, PIXELS, Unet};
use crate::compute::Compute;
use crate::init::{self, Initial};
use crate::train::{ADAM_EPSILON, CheckpointError, NotFinite};
use crate::train::{average, gradients};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::store::ModuleRecord;
use burn::tensor::{Bytes, Device, Tensor, TensorData};
use rayon::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

/// How to train.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Sizes of the network.
    pub network: Config,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Steps.
    pub steps: usize,
    /// Largest learning rate, after the warm-up.
    pub learning_rate: f64,
    /// Learning rate at the end of the half cosine.
    pub last_rate: f64,
    /// Steps of the warm-up.
    pub warmup: usize,
    /// Longest gradient.
    pub max_norm: f64,
    /// Decay of the moving average of weights.
    pub average: f64,
}

impl Plan {
    /// The learning rate of a step.
    pub fn learning_rate_at(&self, step: usize) -> f64 {
        if step < self.warmup {
            return self.learning_rate * (step + 1) as f64 / self.warmup as f64;
        }
        let part = (step - self.warmup) as f64 / (self.steps - self.warmup).max(1) as f64;
        let cosine = f64::midpoint(1.0, (std::f64::consts::PI * part).cos());
        self.last_rate + (self.learning_rate - self.last_rate) * cosine
    }
}

/// A window of a received photograph.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What is known of it.
    pub seen: Seen,
    /// The original, as planes like [`Seen::picture`].
    pub original: Vec<f32>,
    /// Squared error per number of the whole photograph in closed form.
    pub squared_error: f32,
}

/// A training in progress.
pub struct Trainer {
    plan: Plan,
    net: Unet,
    average: Unet,
    optimizer: ModuleOptimizer,
    step: usize,
}

fn device() -> Device {
    Compute::Cpu.device().autodiff()
}

fn adam() -> AdamConfig {
    AdamConfig::new().with_epsilon(ADAM_EPSILON)
}

/// A network that corrects nothing yet.
fn initial(plan: &Plan) -> Unet {
    init::draw(Unet::new(&plan.network, &device()), Initial::He, plan.seed).silent()
}

impl Trainer {
    /// A training from the start.
    pub fn new(plan: Plan) -> Self {
        let net = initial(&plan);
        let average = net.valid();
        Self { plan, net, average, optimizer: adam().init(), step: 0 }
    }

    /// Steps done.
    pub fn step(&self) -> usize {
        self.step
    }

    /// One step on a batch; its loss.
    ///
    /// # Errors
    /// [`NotFinite`]; the weights are those of the step before.
    pub fn advance(&mut self, samples: &[Sample]) -> Result<f64, NotFinite> {
        let device = device();
        let learn = |sample: &Sample| {
            let net = gradients::replica(&self.net, None);
            let loss = loss(&net, sample, &device) / samples.len() as f32;
            let value = f64::from(loss.clone().into_scalar::<f32>());
            (value, GradientsParams::from_grads(loss.backward(), &net))
        };
        let (losses, parts): (Vec<f64>, Vec<_>) = samples.par_iter().map(learn).unzip();
        let (total, norm) = gradients::total(&self.net, parts);
        let loss = losses.iter().sum::<f64>();
        for (what, value) in [("loss", loss), ("gradient", norm)] {
            if !value.is_finite() {
                return Err(NotFinite { what, step: self.step + 1 });
            }
        }
        let total = gradients::shorten(&self.net, total, norm, self.plan.max_norm);
        self.net = self.optimizer.step(self.plan.learning_rate_at(self.step), self.net.clone(), total);
        let decay = average::decay_at(self.plan.average, self.step);
        self.average = average::approach(self.average.clone(), &self.net, decay);
        self.step += 1;
        Ok(loss)
    }

    /// The network so far: the moving average.
    pub fn restorer(&self) -> Restorer {
        Restorer::new(self.average.clone(), self.plan.network)
    }

    /// The file of the network so far.
    pub fn weights(&self, origin: &Origin) -> Vec<u8> {
        self.restorer().write(origin)
    }

    /// All state besides the plan; `run` names it.
    pub fn checkpoint(&self, run: &str) -> Vec<u8> {
        let record = |net: &Unet| net.clone().into_record().into_bytes().expect("weights in memory").to_vec();
        let optimizer = self.optimizer.into_bytes().expect("moments in memory").to_vec();
        let parts = [
            ("average", record(&self.average)),
            ("net", record(&self.net)),
            ("optimizer", optimizer),
            ("run", run.as_bytes().to_vec()),
            ("step", (self.step as u64).to_le_bytes().to_vec()),
        ];
        let views = parts.iter().map(|(name, bytes)| {
            (*name, TensorView::new(Dtype::U8, vec![bytes.len()], bytes).expect("a vector of octets"))
        });
        safetensors::serialize(views, None).expect("a checkpoint in memory can be written")
    }

    /// Continues the run whose checkpoint this is.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn resume(plan: Plan, run: &str, checkpoint: &[u8]) -> Result<Self, CheckpointError> {
        let malformed = |why: &dyn std::fmt::Display| CheckpointError::Malformed(why.to_string());
        let parts = SafeTensors::deserialize(checkpoint).map_err(|error| malformed(&error))?;
        let get = |name: &str| Ok(parts.tensor(name).map_err(|error| malformed(&error))?.data().to_vec());
        let written = get("run")?;
        if written != run.as_bytes() {
            return Err(CheckpointError::OtherRun(String::from_utf8_lossy(&written).into_owned()));
        }
        let network = |name: &str, blank: Unet| {
            let record =
                ModuleRecord::from_bytes(Bytes::from_bytes_vec(get(name)?)).map_err(|error| malformed(&error))?;
            blank.try_load_record(record).map_err(|error| malformed(&error))
        };
        let blank = initial(&plan);
        let average = network("average", blank.valid())?;
        let net = network("net", blank)?;
        let optimizer = adam().init().from_bytes(Bytes::from_bytes_vec(get("optimizer")?));
        let optimizer = optimizer.map_err(|error| malformed(&error))?;
        let step: [u8; 8] = get("step")?.try_into().map_err(|_| malformed(&"a step of another length"))?;
        Ok(Self { plan, net, average, optimizer, step: u64::from_le_bytes(step) as usize })
    }
}

/// The squared error of a corrected window, relative to that of its photograph before.
fn loss(net: &Unet, sample: &Sample, device: &Device) -> Tensor<1> {
    let Sample { seen, original, squared_error } = sample;
    let [height, width] = seen.sides();
    let (maps, doubts) = (seen.maps(device), seen.doubt_maps());
    let wrong: Vec<f32> = original.iter().zip(&seen.picture).map(|(original, picture)| original - picture).collect();
    let missing: Vec<f32> = cells(&wrong, [height, width]);
    let missing = missing.iter().zip(doubts.iter().cycle()).map(|(wrong, doubt)| wrong / doubt).collect();
    let shape = |maps| [1, maps, height / 4, width / 4];
    let missing = Tensor::<4>::from_data(TensorData::new::<f32, _>(missing, shape(PIXELS)), device);
    let weights = doubts.iter().map(|doubt| doubt * doubt / squared_error).collect::<Vec<_>>();
    let weights = Tensor::<4>::from_data(TensorData::new(weights, shape(1)), device);
    let left = net.forward(maps.x, maps.variances) - missing;
    (left.square() * weights).mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::unet::BLOCK;
    use jscc_phy::random::stream;
    use rand::RngExt;

    fn plan() -> Plan {
        Plan {
            network: Config { maps: [6, 6, 6], pairs: 1 },
            seed: 1,
            steps: 60,
            learning_rate: 5e-3,
            last_rate: 1e-3,
            warmup: 5,
            max_norm: 1.0,
            average: 0.5,
        }
    }

    /// Flat windows in noise that is seen.
    fn batch(step: u64) -> Vec<Sample> {
        let sample = |n: u64| {
            let mut rng = stream(step, "windows", n);
            let level: f32 = rng.random_range(100.0..300.0);
            let original = vec![level; BLOCK];
            let picture = original.iter().map(|x| x + rng.random_range(-5.0..5.0)).collect();
            let seen = Seen { blocks: [1, 1], picture, base: original.clone(), variances: vec![25.0 / 3.0; BLOCK] };
            Sample { seen, original, squared_error: 25.0 / 3.0 }
        };
        (0..4).map(sample).collect()
    }

    #[test]
    fn it_begins_at_the_closed_form_and_learns() {
        let mut trainer = Trainer::new(plan());
        let seen = &batch(0)[0].seen;
        assert_eq!(trainer.restorer().restore(seen), seen.picture, "nothing is corrected yet");
        let losses: Vec<f64> = (0..60).map(|step| trainer.advance(&batch(step)).expect("finite")).collect();
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        assert!((mean(&losses[..2]) - 1.0).abs() < 0.2, "{losses:?}");
        assert!(mean(&losses[50..]) < mean(&losses[..10]) - 0.02, "{losses:?}");
    }

    #[test]
    fn a_training_that_stopped_goes_on() {
        let mut whole = Trainer::new(plan());
        let mut first = Trainer::new(plan());
        for step in 0..3 {
            let losses = [&mut whole, &mut first].map(|trainer| trainer.advance(&batch(step)).expect("finite"));
            assert!(losses[0].total_cmp(&losses[1]).is_eq(), "{losses:?}");
        }
        let stopped = first.checkpoint("mine");
        assert!(matches!(Trainer::resume(plan(), "other", &stopped), Err(CheckpointError::OtherRun(_))));
        assert!(matches!(Trainer::resume(plan(), "mine", &stopped[..99]), Err(CheckpointError::Malformed(_))));
        let mut second = Trainer::resume(plan(), "mine", &stopped).expect("its own");
        assert_eq!(second.step(), 3);
        for step in 3..5 {
            let losses = [&mut whole, &mut second].map(|trainer| trainer.advance(&batch(step)).expect("finite"));
            assert!(losses[0].total_cmp(&losses[1]).is_eq(), "{losses:?}");
        }
        let weights = |trainer: &Trainer| trainer.weights(&Origin::default());
        assert!(weights(&whole) == weights(&second), "the same bytes");
    }
}
