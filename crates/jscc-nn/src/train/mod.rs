//! The training loop: a codec, a link, and images in a seeded order, in the stages of a [`Plan`].
//!
//! The link works on symbols outside the autodiff graph. Its output re-enters as `g·z + stop(ẑ - g·z)`, which has the
//! value ẑ and the gradient of g·z, where g is the link's gain of the symbol: exact if the link adds noise to g·z,
//! straight-through otherwise.
//!
//! A batch is split into shards that go through the network in parallel, each with its own graph; their gradients are
//! added in a fixed order, so the same seed gives the same weights on any number of cores.

pub(crate) mod average;
mod checkpoint;
pub(crate) mod gradients;
mod plan;
mod shards;

pub use checkpoint::CheckpointError;
pub use plan::{Plan, Schedule, Stage, Turn};
pub use shards::{Batch, Gradients, Received, learn};

use crate::codec::Codec;
use crate::compute::Compute;
use crate::frames::{Frames, Noise};
use crate::init;
use crate::method::{Draws, Method};
use crate::objective::Objective;
use crate::weights::{Identity, Origin, Weights, WeightsError, config};
use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::tensor::Device;
use jscc_phy::Complex32;
use jscc_phy::link::{Heard, Link};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use rand::RngExt;
use rand::seq::SliceRandom;

/// Noise streams reserved per step, one per frame.
const FRAMES_A_STEP: u64 = 1 << 20;

/// A run in progress. Random streams are indexed by step, so a run continued from a checkpoint equals one without a
/// stop.
pub struct Trainer<M: Method> {
    plan: Plan,
    /// Images per pass of the method.
    per_pass: usize,
    compute: Compute,
    net: M,
    optimizer: ModuleOptimizer,
    average: Option<M>,
    best: Option<Best<M>>,
    place: Place,
    /// The current epoch and its order of images.
    order: (usize, Vec<usize>),
}

/// Position of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Completed stages.
    pub stage: usize,
    /// Completed steps of the stage.
    pub step_in_stage: usize,
    /// Completed and validated epochs of the stage.
    pub epochs_in_stage: usize,
    /// Completed steps of the run.
    pub step: usize,
    /// Completed epochs of the run.
    pub epochs: usize,
}

/// The best weights of a stage so far.
struct Best<M> {
    net: M,
    score: f64,
    /// Completed epochs of the stage at that time.
    epochs: usize,
}

/// Result of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The objective that it minimised.
    pub objective: Objective,
    /// The objective's value on the batch before the step.
    pub loss: f64,
    /// Norm of the gradient over all learning weights, before clipping.
    pub gradient_norm: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// Whether the epoch ended; [`Trainer::end_epoch`] comes next.
    pub epoch_done: bool,
}

/// Training stopped at an infinite number or NaN. The weights are those of the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {what} of step {step} is not a finite number")]
pub struct NotFinite {
    /// Loss or gradient.
    pub what: &'static str,
    /// The step, counted from 1.
    pub step: usize,
}

/// All pictures of a plan.
#[derive(Debug, Clone, Copy)]
pub struct Pictures<'a> {
    /// Their pixels, picture after picture.
    pub pixels: &'a [f32],
    /// Labels, one per picture; empty if unknown.
    pub labels: &'a [u8],
}

/// A run of any method.
pub trait Training {
    /// The position.
    fn place(&self) -> Place;

    /// The stage of the next step; `None` when the run is done.
    fn stage(&self) -> Option<&Stage>;

    /// One step on the next batch of the plan's pictures.
    ///
    /// # Panics
    /// If the number of images is not the plan's, the run is done, or the epoch before was not
    /// [ended](Self::end_epoch).
    fn advance(&mut self, pictures: Pictures, link: &dyn Link) -> Result<Step, NotFinite>;

    /// Judges the weights that a stage with [patience](Stage::patience) begins with, by which it can end with them. For
    /// other stages nothing happens.
    ///
    /// # Panics
    /// If the stage has begun.
    fn judge_start(&mut self, score: f64);

    /// Ends an epoch with its validation score (higher is better), by which a stage with [patience](Stage::patience)
    /// keeps its best weights and ends early.
    fn end_epoch(&mut self, score: f64);

    /// The current codec.
    fn codec(&self) -> Codec;

    /// The current weights, as safetensors with a header that describes them.
    fn weights(&self, origin: Option<&Origin>) -> Vec<u8>;

    /// All state needed to resume besides the plan: weights, their average and the best ones, the optimiser's moments,
    /// the position; and the name of the run, so that no other run resumes from it.
    fn checkpoint(&self, run: &str) -> Vec<u8>;

    /// Whether all stages are done.
    fn is_done(&self) -> bool {
        self.stage().is_none()
    }
}

impl<M: Method> Trainer<M> {
    /// A run from initial weights drawn from the plan's seed.
    ///
    /// # Panics
    /// If the images do not fill one batch, a batch is not of whole passes of the method, its configuration is not the
    /// method's, or the device was not [checked](Compute::check).
    pub fn new(plan: Plan, compute: Compute) -> Self {
        let net = initial(&plan, &compute.device().autodiff());
        Self::with(plan, compute, net)
    }

    /// A run that starts from given weights. Parts missing from them begin as in [`Trainer::new`].
    pub fn from_weights(plan: Plan, compute: Compute, safetensors: &[u8]) -> Result<Self, WeightsError> {
        let weights = Weights::read(safetensors)?;
        let net = initial(&plan, &compute.device().autodiff());
        let net = weights.fill_parts(net, plan.k)?;
        Ok(Self::with(plan, compute, net))
    }

    fn with(plan: Plan, compute: Compute, net: M) -> Self {
        assert!(plan.steps_per_epoch() > 0, "{} images in batches of {}", plan.n_images, plan.batch);
        let per_pass = M::images_per_pass(&configured::<M>(&plan));
        assert!(plan.batch.is_multiple_of(per_pass), "a batch of {} in passes of {per_pass}", plan.batch);
        let mut trainer = Self {
            plan,
            per_pass,
            compute,
            net,
            optimizer: adam().init(),
            average: None,
            best: None,
            place: Place::default(),
            order: (usize::MAX, Vec::new()),
        };
        trainer.begin_stage();
        trainer
    }

    /// Takes an optimiser step; returns the learning rate.
    fn descend(&mut self, stage: &Stage, gradients: Gradients) -> f64 {
        let Gradients { mut gradients, norm, .. } = gradients;
        if let Some(most) = stage.max_norm {
            gradients = gradients::shorten(&self.net, gradients, norm, most);
        }
        let learning_rate = self.plan.learning_rate_at(stage, self.place.step_in_stage);
        self.net = self.optimizer.step(learning_rate, self.net.clone(), gradients);
        if let (Some(average), Some(decay)) = (self.average.take(), stage.average) {
            let decay = average::decay_at(decay, self.place.step_in_stage);
            self.average = Some(average::approach(average, &self.net, decay));
        }
        learning_rate
    }

    fn end_stage(&mut self) {
        let net = self.best.take().map_or_else(|| self.candidate(), |best| best.net);
        self.net = gradients::replica(&net.train(), None);
        self.place = Place { stage: self.place.stage + 1, step_in_stage: 0, epochs_in_stage: 0, ..self.place };
        self.begin_stage();
    }

    fn begin_stage(&mut self) {
        self.optimizer = adam().init();
        self.average = self.stage().and_then(|stage| stage.average).map(|_| self.net.valid());
    }

    /// Description of the codec in training.
    fn identity(&self) -> Identity<'_> {
        let Plan { config, source, task, k, .. } = &self.plan;
        Identity { card: M::CARD, config, source: *source, task: *task, k: *k }
    }

    /// The weights that the stage would end with now, without gradients.
    fn candidate(&self) -> M {
        self.average.clone().unwrap_or_else(|| self.net.valid())
    }

    /// The pictures of the next batch, in the epoch's order.
    fn next_batch(&mut self, pictures: Pictures) -> (Vec<f32>, Vec<u8>) {
        let (epoch, within) = (self.place.epochs, self.place.step_in_stage % self.plan.steps_per_epoch());
        if self.order.0 != epoch {
            let mut order: Vec<usize> = (0..self.plan.n_images).collect();
            order.shuffle(&mut stream(self.plan.seed, "order", epoch as u64));
            self.order = (epoch, order);
        }
        let batch = &self.order.1[within * self.plan.batch..(within + 1) * self.plan.batch];
        let reals = self.plan.source.reals();
        let pixels = batch.iter().flat_map(|&i| &pictures.pixels[i * reals..(i + 1) * reals]).copied().collect();
        let labels = batch.iter().filter_map(|&i| pictures.labels.get(i)).copied().collect();
        (pixels, labels)
    }

    /// The SNR of each frame of the next batch.
    fn next_snr(&self, link: &dyn Link, [low, high]: [f64; 2]) -> Vec<Snr> {
        let n_frames = self.plan.batch.div_ceil(link.images_per_frame());
        let mut rng = stream(self.plan.seed, "train snr", self.place.step as u64);
        (0..n_frames).map(|_| Snr::per_symbol(rng.random_range(low..=high))).collect()
    }

    /// The channel of the next batch.
    fn air<'a>(&self, link: &'a dyn Link, snr: &[Snr]) -> Frames<'a> {
        let noise = Noise { seed: self.plan.seed, purpose: "train noise", first: self.first_stream() };
        Frames::draw(link, self.plan.batch, self.plan.k, snr, noise)
    }

    fn first_stream(&self) -> u64 {
        self.place.step as u64 * FRAMES_A_STEP
    }
}

impl<M: Method> Training for Trainer<M> {
    fn place(&self) -> Place {
        self.place
    }

    fn stage(&self) -> Option<&Stage> {
        self.plan.stages.get(self.place.stage)
    }

    fn advance(&mut self, pictures: Pictures, link: &dyn Link) -> Result<Step, NotFinite> {
        assert_eq!(pictures.pixels.len(), self.plan.n_images * self.plan.source.reals(), "pixels of the plan's images");
        let stage = self.stage().expect("a run that is done has no next step").clone();
        let per_epoch = self.plan.steps_per_epoch();
        assert_eq!(self.place.step_in_stage / per_epoch, self.place.epochs_in_stage, "epochs that were ended");

        let ((pixels, labels), snr) = (self.next_batch(pictures), self.next_snr(link, stage.snr_db));
        let frames = self.air(link, &snr);
        let state = stage.tell.told(frames.state(), self.plan.seed, self.first_stream());
        let batch = Batch {
            pixels: &pixels,
            labels: &labels,
            source: self.plan.source,
            per_shard: self.compute.shard(self.plan.batch).next_multiple_of(self.per_pass),
            state: &state,
            draws: Draws { seed: self.plan.seed, first: self.first_stream() },
        };
        let turn = stage.turn_at(self.place.step_in_stage);
        let objective = turn.map_or(&stage.objective, |turn| &turn.objective);
        let learns = turn.map(|turn| turn.learns.as_slice());
        let carry = |z: &[Complex32]| received(frames, z, self.plan.k, link);
        let device = self.compute.device().autodiff();
        let learnt = learn(&self.net, learns, batch, &device, carry, |net, pass| objective.loss(net, pass));

        let step = self.place.step + 1;
        let finite = |what, x: f64| if x.is_finite() { Ok(x) } else { Err(NotFinite { what, step }) };
        let (loss, gradient_norm) = (finite("loss", learnt.loss)?, finite("gradient", learnt.norm)?);
        let learning_rate = self.descend(&stage, learnt);
        self.place.step += 1;
        self.place.step_in_stage += 1;
        let epoch_done = self.place.step_in_stage.is_multiple_of(per_epoch);
        Ok(Step { objective: objective.clone(), loss, gradient_norm, learning_rate, epoch_done })
    }

    fn judge_start(&mut self, score: f64) {
        assert_eq!(self.place.step_in_stage, 0, "steps before the start of a stage");
        if self.stage().is_some_and(|stage| stage.patience.is_some()) {
            self.best = Some(Best { net: self.candidate(), score, epochs: 0 });
        }
    }

    fn end_epoch(&mut self, score: f64) {
        let stage = self.stage().expect("a run that is done has no epochs").clone();
        self.place.epochs += 1;
        self.place.epochs_in_stage += 1;
        let epochs = self.place.epochs_in_stage;
        if stage.patience.is_some() && self.best.as_ref().is_none_or(|best| score > best.score) {
            self.best = Some(Best { net: self.candidate(), score, epochs });
        }
        let waited = epochs - self.best.as_ref().map_or(epochs, |best| best.epochs);
        if epochs == stage.epochs || stage.patience.is_some_and(|patience| waited >= patience) {
            self.end_stage();
        }
    }

    fn codec(&self) -> Codec {
        Codec::of(self.candidate(), &self.identity(), self.compute)
    }

    fn weights(&self, origin: Option<&Origin>) -> Vec<u8> {
        self.identity().save(&self.candidate(), origin)
    }

    fn checkpoint(&self, run: &str) -> Vec<u8> {
        self.to_bytes(run)
    }
}

/// Adam's epsilon, as PyTorch has it. Gradients of a mean square error are as small as burn's 1e-5, which would hold them back.
pub const ADAM_EPSILON: f32 = 1e-8;

fn adam() -> AdamConfig {
    AdamConfig::new().with_epsilon(ADAM_EPSILON)
}

/// A network with the initial weights of a plan.
fn initial<M: Method>(plan: &Plan, device: &Device) -> M {
    init::draw(M::new(&configured::<M>(plan), plan.source, plan.k, device), M::INITIAL, plan.seed)
}

fn configured<M: Method>(plan: &Plan) -> M::Config {
    config::<M>(&plan.config).expect("a configuration that was checked")
}

/// Carries a batch's symbols. The values of a lost frame are zero.
fn received(frames: Frames, z: &[Complex32], k: usize, link: &dyn Link) -> Received {
    let per_frame = link.images_per_frame() * k;
    let per_image = link.delivers().per_image(k);
    let frames: Vec<_> = frames.carry(z).into_iter().zip(z.chunks(per_frame).map(|z| z.len() / k)).collect();
    let fades = frames.iter().flat_map(|(heard, _)| heard).any(|heard| heard.gain.is_some());
    let is_told = frames.iter().flat_map(|(heard, _)| heard).any(|heard| heard.noise.is_some());
    let mut all =
        Received { values: Vec::new(), gain: fades.then(Vec::new), noise: is_told.then(Vec::new), lost: Vec::new() };
    for (heard, images) in frames {
        all.lost.extend(vec![heard.is_none(); images]);
        let nothing = || vec![Complex32::ZERO; images * per_image];
        let (values, gain, noise) = match heard {
            Some(Heard { values, gain, noise, .. }) => (values, gain, noise),
            None => (nothing(), None, None),
        };
        if let Some(all) = &mut all.noise {
            all.extend(noise.unwrap_or_else(nothing));
        }
        if let Some(all) = &mut all.gain {
            all.extend(gain.unwrap_or_else(|| vec![Complex32::ONE; values.len()]));
        }
        all.values.extend(values);
    }
    all
}
