//! The training loop: a codec, a link, and images in a seeded order.
//!
//! The link works on symbols outside the gradient's graph. Its output re-enters as `z + stop(ẑ - z)`, which has the
//! value ẑ and the gradient of z: exact for additive noise, straight-through for everything else.

use crate::N_PIXELS;
use crate::codec::{Codec, WeightsError, images, load, save};
use crate::link::{Link, Noise, carry_all};
use crate::methods::deepjscc::DeepJscc;
use crate::symbols::{from_complex, to_complex};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::store::ModuleRecord;
use burn::tensor::{Bytes, Device};
use jscc_phy::Complex32;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use rand::RngExt;
use rand::seq::SliceRandom;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::f64::consts::PI;

/// What is trained, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Complex channel uses an image.
    pub k: usize,
    /// Seed of initial weights, order of images, SNRs and noise.
    pub seed: u64,
    /// Images.
    pub n_images: usize,
    /// Images a step.
    pub batch: usize,
    /// Passes over the images.
    pub epochs: usize,
    /// First learning rate; it falls to zero along half a cosine.
    pub learning_rate: f64,
    /// SNR in dB is drawn uniformly from this range for each frame.
    pub snr_db: [f64; 2],
}

impl Plan {
    /// Steps an epoch; images that do not fill a batch wait for another epoch's order.
    pub fn steps_per_epoch(&self) -> usize {
        self.n_images / self.batch
    }

    /// Steps of the whole run.
    pub fn n_steps(&self) -> usize {
        self.epochs * self.steps_per_epoch()
    }

    /// The learning rate of a step.
    pub fn learning_rate_at(&self, step: usize) -> f64 {
        self.learning_rate * 0.5 * (1.0 + (PI * step as f64 / self.n_steps() as f64).cos())
    }
}

/// A run in progress. All that it draws is named by the step, so a run continued from a checkpoint is the same run.
pub struct Trainer {
    plan: Plan,
    net: DeepJscc,
    optimizer: ModuleOptimizer,
    step: usize,
    /// The epoch whose order of images is at hand, and that order.
    order: (usize, Vec<usize>),
    device: Device,
}

/// Why bytes are not a checkpoint of this run.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not a checkpoint, or a damaged one.
    #[error("not a checkpoint: {0}")]
    Malformed(String),
    /// A checkpoint of another plan.
    #[error("the checkpoint stands at step {step}, but the plan has only {n_steps}")]
    PastEnd {
        /// Steps done.
        step: usize,
        /// Steps of the plan.
        n_steps: usize,
    },
}

impl Trainer {
    /// A run from initial weights drawn from the plan's seed.
    ///
    /// # Panics
    /// If the images do not fill one batch.
    pub fn new(plan: Plan) -> Self {
        let device = Device::flex().autodiff();
        let net = DeepJscc::new(plan.k, plan.seed, &device);
        Self::with(plan, net, AdamConfig::new().init(), 0, device)
    }

    /// A run that starts from given weights.
    pub fn from_weights(plan: Plan, safetensors: &[u8]) -> Result<Self, WeightsError> {
        let device = Device::flex().autodiff();
        let k = Codec::from_safetensors(safetensors)?.k();
        if k != plan.k {
            return Err(WeightsError::Mismatch(format!("it has k = {k}, the plan k = {}", plan.k)));
        }
        let net = load(safetensors, &device)?;
        Ok(Self::with(plan, net, AdamConfig::new().init(), 0, device))
    }

    /// The run that [`Trainer::checkpoint`] wrote, to be continued.
    pub fn resume(plan: Plan, checkpoint: &[u8]) -> Result<Self, CheckpointError> {
        let malformed = |error: &dyn std::fmt::Display| CheckpointError::Malformed(error.to_string());
        let file = SafeTensors::deserialize(checkpoint).map_err(|e| malformed(&e))?;
        let part = |name: &str| file.tensor(name).map(|t| t.data().to_vec()).map_err(|e| malformed(&e));
        let (net, optimizer, step) = (part("net")?, part("optimizer")?, part("step")?);
        if part("crc32")? != checksum([&net, &optimizer, &step]) {
            return Err(malformed(&"its checksum is wrong"));
        }
        let step = step.try_into().map_err(|_| malformed(&"its step is not a number"))?;
        let step = u64::from_le_bytes(step) as usize;
        if step > plan.n_steps() {
            return Err(CheckpointError::PastEnd { step, n_steps: plan.n_steps() });
        }
        let device = Device::flex().autodiff();
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(net)).map_err(|e| malformed(&e))?;
        let net = DeepJscc::new(plan.k, plan.seed, &device).try_load_record(record).map_err(|e| malformed(&e))?;
        let moments = Bytes::from_bytes_vec(optimizer);
        let optimizer = AdamConfig::new().init().from_bytes(moments).map_err(|e| malformed(&e))?;
        Ok(Self::with(plan, net, optimizer, step, device))
    }

    fn with(plan: Plan, net: DeepJscc, optimizer: ModuleOptimizer, step: usize, device: Device) -> Self {
        assert!(plan.steps_per_epoch() > 0, "{} images in batches of {}", plan.n_images, plan.batch);
        Self { plan, net, optimizer, step, order: (usize::MAX, Vec::new()), device }
    }

    /// Steps done.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Whether the plan's steps are done.
    pub fn is_done(&self) -> bool {
        self.step >= self.plan.n_steps()
    }

    /// One step over the next batch of `pixels` (all images of the plan); the batch's mean square error before it.
    ///
    /// # Panics
    /// If there are not as many images as the plan says, or the run is done.
    pub fn advance(&mut self, pixels: &[f32], link: &dyn Link) -> f32 {
        assert_eq!(pixels.len(), self.plan.n_images * N_PIXELS, "pixels of the plan's images");
        assert!(!self.is_done(), "the run has {} steps and all are done", self.plan.n_steps());
        let x = images(&self.next_batch(pixels), &self.device);
        let z = self.net.encode(x.clone());
        let z_hat = from_complex(&self.carry(&to_complex(z.clone().detach()), link), self.plan.k, &self.device);
        let z_hat = z.clone() + (z_hat - z.detach());
        let loss = (self.net.decode(z_hat) - x).powi_scalar(2).mean();
        let mse = loss.clone().into_scalar::<f32>();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.net);
        let learning_rate = self.plan.learning_rate_at(self.step);
        self.net = self.optimizer.step(learning_rate, self.net.clone(), gradients);
        self.step += 1;
        mse
    }

    fn next_batch(&mut self, pixels: &[f32]) -> Vec<f32> {
        let (epoch, within) = (self.step / self.plan.steps_per_epoch(), self.step % self.plan.steps_per_epoch());
        if self.order.0 != epoch {
            let mut order: Vec<usize> = (0..self.plan.n_images).collect();
            order.shuffle(&mut stream(self.plan.seed, "order", epoch as u64));
            self.order = (epoch, order);
        }
        let batch = &self.order.1[within * self.plan.batch..(within + 1) * self.plan.batch];
        batch.iter().flat_map(|&i| &pixels[i * N_PIXELS..(i + 1) * N_PIXELS]).copied().collect()
    }

    /// The batch's symbols through the link; a lost frame is heard as silence.
    fn carry(&self, z: &[Complex32], link: &dyn Link) -> Vec<Complex32> {
        let n_frames = self.plan.batch.div_ceil(link.images_per_frame());
        let mut rng = stream(self.plan.seed, "train snr", self.step as u64);
        let [low, high] = self.plan.snr_db;
        let snr: Vec<_> = (0..n_frames).map(|_| Snr::per_symbol(rng.random_range(low..=high))).collect();
        let noise = Noise { seed: self.plan.seed, purpose: "train noise", first: (self.step * n_frames) as u64 };
        let heard = carry_all(link, z, self.plan.k, &snr, noise);
        let sent = z.chunks(link.images_per_frame() * self.plan.k);
        heard.into_iter().zip(sent).flat_map(|(z_hat, z)| z_hat.unwrap_or(vec![Complex32::ZERO; z.len()])).collect()
    }

    /// The codec as it stands.
    pub fn codec(&self) -> Codec {
        Codec::of(self.net.clone().valid(), self.plan.k, Device::flex())
    }

    /// The weights as they stand, as safetensors.
    pub fn weights(&self) -> Vec<u8> {
        save(&self.net.clone().valid())
    }

    /// All that [`Trainer::resume`] needs besides the plan: weights, the optimiser's moments, the step.
    pub fn checkpoint(&self) -> Vec<u8> {
        let net = self.net.clone().into_record().into_bytes().expect("weights in memory can be written");
        let optimizer = self.optimizer.into_bytes().expect("moments in memory can be written");
        let step = (self.step as u64).to_le_bytes();
        let crc32 = checksum([&net, &optimizer, &step]);
        let view = |bytes| TensorView::new(Dtype::U8, vec![<[u8]>::len(bytes)], bytes).expect("a vector of octets");
        let parts =
            [("net", view(&net)), ("optimizer", view(&optimizer)), ("step", view(&step)), ("crc32", view(&crc32))];
        safetensors::serialize(parts, None).expect("a checkpoint in memory can be written")
    }
}

/// CRC-32 of the parts one after another.
fn checksum(parts: [&[u8]; 3]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    for part in parts {
        crc.update(part);
    }
    crc.finalize().to_le_bytes()
}
