//! Quality of a codec on validation pictures, by which a stage with patience keeps its best weights.

use super::{N_VALIDATION, VALIDATION_SNR_DB};
use crate::cell::{deploy, judged};
use crate::data::Dataset;
use crate::metrics::{mse, psnr_db};
use jscc_nn::codec::Codec;
use jscc_nn::method::{ChannelState, Needs, Task};
use jscc_nn::tell::Tell;
use jscc_phy::link::Link;

/// Seed of the noise in validation, the same for every run.
const SEED: u64 = 0;

/// Pictures and task of a validation.
pub(super) struct Validation {
    task: Task,
    pictures: Dataset,
    /// The mean of the training pictures, in place of lost ones.
    mean: Vec<f32>,
}

impl Validation {
    pub fn new(task: Task, pictures: Dataset, mean: Vec<f32>) -> Self {
        Self { task, pictures: pictures.take(N_VALIDATION), mean }
    }

    /// PSNR in dB of the mean MSE, or accuracy, by SNR in dB.
    pub fn measure(&self, codec: &Codec, link: &dyn Link, tell: &Tell) -> Vec<[f64; 2]> {
        let pixels = &self.pictures.images.pixels;
        let sent = (codec.card().encoder == Needs::Nothing).then(|| codec.encode(pixels, &ChannelState::default()));
        let score = |snr_db: f64| {
            let deployed = deploy(codec, link, tell, [pixels, &self.mean], sent.as_ref(), snr_db, SEED);
            match self.task {
                Task::Recover => psnr_db(mse(pixels, &deployed.decoded.pixels)),
                Task::Execute => {
                    let (right, _) = judged(&self.pictures, &deployed, codec.source().classes);
                    right.iter().filter(|&&right| right).count() as f64 / right.len() as f64
                }
            }
        };
        VALIDATION_SNR_DB.map(|snr_db| [snr_db, score(snr_db)]).to_vec()
    }

    /// Whether a constant output is at every SNR as good as the codec: the mean of the training pictures, or the most
    /// frequent of their labels. If so, a warning.
    pub fn learnt_nothing(&self, train: &Dataset, measured: &[[f64; 2]]) -> Option<String> {
        let best = measured.iter().map(|[_, score]| *score).fold(f64::NEG_INFINITY, f64::max);
        let (nothing, what) = match self.task {
            Task::Recover => {
                (self.mean_picture(), "dB on validation pictures, where the mean of the training pictures")
            }
            Task::Execute => {
                (self.usual_label(train), "of validation pictures named rightly, where the most frequent label")
            }
        };
        (best <= nothing).then(|| {
            format!(
                "nothing was learnt: at most {best:.2} {what} has {nothing:.2}; try another learning_rate, more epochs or higher SNRs"
            )
        })
    }

    fn mean_picture(&self) -> f64 {
        let pictures = &self.pictures.images;
        let errors = pictures.pixels.chunks_exact(pictures.image_len()).map(|picture| mse(picture, &self.mean));
        psnr_db(errors.sum::<f64>() / self.pictures.len() as f64)
    }

    fn usual_label(&self, train: &Dataset) -> f64 {
        let counted = |labels: &[u8]| {
            let mut counts = [0usize; 256];
            for &label in labels {
                counts[usize::from(label)] += 1;
            }
            counts
        };
        let (seen, here) = (counted(&train.labels), counted(&self.pictures.labels));
        let usual = (0..256).max_by_key(|&label| seen[label]).expect("256 labels");
        here[usual] as f64 / self.pictures.len() as f64
    }
}
