//! A linear codec: the baseline without activations, which the learnt ones must beat.
//!
//! *Source.* K.-H. Lee, D. Petersen, "Optimal linear coding for vector channels", IEEE Trans. Commun. 24 (12), 1976,
//! give the optimum in closed form; SoftCast (Jakubczak, Katabi, MobiCom 2011) sends video this way.
//!
//! *Idea.* Symbols are a matrix times the pixels, and decoded pixels a matrix times the symbols. The optimum for a
//! source of variances λ over noise σ² sends the principal components with powers p = √(λσ²/μ) − σ², where μ fixes
//! their sum.
//!
//! ```text
//! x ─ W x + b ─ z k×2, power 1 ─ channel ─ ẑ ─ V ẑ + c ─ x̂
//! ```
//!
//! *Channel information.* None, on either side: the optimum is that of the SNR that it was trained at.
//!
//! *Departures.* Every picture's symbols have mean power 1 by themselves, as all codecs' here; the closed form has it on average
//! over pictures, which `config.ensemble` approaches.
//! Pixels leave [0, 1] in training; behind it the codec cuts them off, as every codec does.

use crate::layers::size;
use crate::method::{Card, Family, Method, Needs, Output, Sent, Side, Source, Task};
use crate::symbols::normalize_power;
use burn::module::Module;
use burn::nn::{Linear as Matrix, LinearConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// The power constraint; k determines all sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Pictures whose symbols together have mean power 1.
    #[serde(deserialize_with = "size::one")]
    pub ensemble: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { ensemble: 1 }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Linear {
    encoder: Matrix,
    decoder: Matrix,
    /// Maps, height and width of a picture.
    #[module(skip)]
    shape: [usize; 3],
    /// Pictures whose symbols together have mean power 1.
    #[module(skip)]
    ensemble: usize,
}

impl Method for Linear {
    const CARD: Card = Card {
        name: "linear",
        title: "Linear codec",
        reference: "Lee, Petersen, IEEE Trans. Commun. 24 (12), 1976",
        family: Family::Foundation,
        tasks: &[Task::Recover],
        encoder: Needs::Nothing,
        decoder: Needs::Nothing,
        parts: &["encoder", "decoder"],
    };

    type Config = Config;
    type Aux = ();

    fn images_per_pass(config: &Config) -> usize {
        config.ensemble
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        Self {
            encoder: LinearConfig::new(source.reals(), 2 * k).init(device),
            decoder: LinearConfig::new(2 * k, source.reals()).init(device),
            shape: source.shape,
            ensemble: config.ensemble,
        }
    }

    fn encode(&self, x: Tensor<4>, _: &Side) -> Sent {
        let z = self.encoder.forward(x.flatten::<2>(1, 3));
        let [images, reals] = z.dims();
        // Fewer pictures than an ensemble, the last ones of a set, are one of their own.
        let together = if images.is_multiple_of(self.ensemble) { self.ensemble } else { images };
        let z = normalize_power(z.reshape([images / together, together * reals / 2, 2]));
        Sent::all(z.reshape([images, reals / 2, 2]))
    }

    fn decode(&self, received: Tensor<3>, _: &Side) -> Output {
        let ([images, ..], [maps, height, width]) = (received.dims(), self.shape);
        let x_hat = self.decoder.forward(received.flatten::<2>(1, 2));
        Output::image(x_hat.reshape([images, maps, height, width]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Compute;
    use crate::objective::Objective;
    use crate::tell::Tell;
    use crate::train::{Pictures, Plan, Schedule, Stage, Trainer, Training};
    use jscc_phy::channel::Channel;
    use jscc_phy::link::Ideal;
    use jscc_phy::random::stream;
    use jscc_phy::units::{from_db, to_db};

    /// Pixels of a picture of 8×8.
    const N: usize = 64;
    /// Complex channel uses.
    const K: usize = 16;
    const SNR_DB: f64 = 6.0;

    /// Variances of the source's components, which are its pixels: each lies 0.3 dB below the one before.
    fn variances() -> Vec<f64> {
        (0..N).map(|i| from_db(-0.3 * i as f64)).collect()
    }

    fn pictures(n: usize) -> Vec<f32> {
        let white = Channel::Awgn.draw(n * N, 2.0, &mut stream(4, "pixels", 0)).noise;
        let deviations: Vec<f32> = variances().iter().map(|variance| variance.sqrt() as f32).collect();
        white.chunks(N).flat_map(|x| x.iter().zip(&deviations).map(|(x, s)| x.re * s).collect::<Vec<_>>()).collect()
    }

    /// The least mean square error of a linear codec: Lee and Petersen's, with 2k real channel uses of power 1/2 on
    /// average.
    fn optimum() -> f64 {
        let (variances, noise) = (variances(), from_db(-SNR_DB) / 2.0);
        let (sent, rest) = variances.split_at(2 * K);
        let powers = |mu: f64| sent.iter().map(move |variance| ((variance * noise / mu).sqrt() - noise).max(0.0));
        let (mut low, mut high) = (1e-9, 1e3);
        for _ in 0..200 {
            let mu = f64::sqrt(low * high);
            *(if powers(mu).sum::<f64>() > K as f64 { &mut low } else { &mut high }) = mu;
        }
        let errors = sent.iter().zip(powers(low)).map(|(variance, power)| variance * noise / (power + noise));
        (errors.sum::<f64>() + rest.iter().sum::<f64>()) / N as f64
    }

    /// Power 1 is of each picture by itself, or of an ensemble, whose pictures share it as their pixels have it.
    #[test]
    fn an_ensemble_shares_its_power() {
        let (source, pixels) = (Source { shape: [1, 8, 8], classes: 0 }, pictures(6));
        let energies = |ensemble: usize| -> Vec<f64> {
            let config = serde_json::json!({ "ensemble": ensemble });
            let plan = plan(config, source, 6, ensemble);
            let codec = Trainer::<Linear>::new(plan, Compute::Cpu).codec();
            let z = codec.encode(&pixels, &crate::method::ChannelState::default()).z;
            z.chunks(K).map(|z| z.iter().map(|z| f64::from(z.norm_sqr())).sum::<f64>() / K as f64).collect()
        };
        assert!(energies(1).iter().all(|energy| (energy - 1.0).abs() < 1e-5));
        let shared = energies(3);
        assert!(shared.iter().any(|energy| (energy - 1.0).abs() > 0.05), "{shared:?}");
        for ensemble in shared.chunks(3) {
            assert!((ensemble.iter().sum::<f64>() / 3.0 - 1.0).abs() < 1e-5, "{shared:?}");
        }
    }

    /// Trained on a Gaussian source, it comes close to the closed form, but not below; closer where the power is shared as there:
    /// power 1 per picture costs a little.
    #[test]
    fn training_finds_the_optimum() {
        let n_images = 4096;
        let source = Source { shape: [1, 8, 8], classes: 0 };
        let above = |ensemble: usize| {
            let config = serde_json::json!({ "ensemble": ensemble });
            let (mut trainer, pixels) =
                (Trainer::<Linear>::new(plan(config, source, n_images, 64), Compute::Cpu), pictures(n_images));
            let mut losses = Vec::new();
            while !trainer.is_done() {
                let pictures = Pictures { pixels: &pixels, labels: &[] };
                let step = trainer.advance(pictures, &Ideal::default()).expect("finite");
                losses.push(step.loss);
                if step.epoch_done {
                    trainer.end_epoch(0.0);
                }
            }
            let last = &losses[losses.len() - n_images / 64..];
            to_db(last.iter().sum::<f64>() / last.len() as f64 / optimum())
        };
        let [alone, together] = [1, 64].map(above);
        assert!((0.0..0.4).contains(&alone), "{alone} dB above the closed form");
        assert!((-0.05..0.1).contains(&together), "{together} dB above the closed form");
        assert!(together < alone, "{together} and {alone} dB above the closed form");
    }

    fn plan(config: serde_json::Value, source: Source, n_images: usize, batch: usize) -> Plan {
        let stage = Stage {
            name: "only".to_owned(),
            epochs: 40,
            learning_rate: 1e-2,
            schedule: Schedule::Cosine,
            warmup: 0,
            snr_db: [SNR_DB; 2],
            tell: Tell::True,
            objective: Objective::of_task(Task::Recover),
            turns: vec![],
            max_norm: None,
            average: None,
            patience: None,
        };
        Plan { config, source, task: Task::Recover, k: K, seed: 1, n_images, batch, stages: vec![stage] }
    }
}
