//! The interface of a method to the trainer, the codecs and the experiments.

use crate::init::Initial;
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::link::Delivery;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use rand_chacha::ChaCha8Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::ops::Range;

/// Channel information that the encoder or the decoder needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Each image's SNR.
    Snr,
    /// The noise variance of each symbol after the equaliser.
    NoiseMap,
}

/// Task of the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Recover the picture.
    #[default]
    Recover,
    /// Classify the picture.
    Execute,
}

/// Family of a method in Table I of the survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Robust training.
    RobustTraining,
    /// Feature selection.
    FeatureSelection,
    /// Physical layer.
    PhysicalLayer,
    /// Feature adaptation.
    FeatureAdaptation,
    /// Not in the table: foundations of other methods, and baselines.
    Foundation,
}

/// Description of a method.
#[derive(Debug, Clone, Copy)]
pub struct Card {
    /// Its name in experiment files and weights.
    pub name: &'static str,
    /// Its display name.
    pub title: &'static str,
    /// The publication, or its purpose.
    pub reference: &'static str,
    /// Its family in the survey.
    pub family: Family,
    /// Supported tasks, the default first.
    pub tasks: &'static [Task],
    /// Channel information at the encoder.
    pub encoder: Needs,
    /// Channel information at the decoder.
    pub decoder: Needs,
    /// The parts that can be frozen: the network's fields.
    pub parts: &'static [&'static str],
}

/// The pictures that a network is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Maps, height, width.
    pub shape: [usize; 3],
    /// Number of classes.
    pub classes: usize,
}

impl Source {
    /// Grey digits; the source of weights that do not name one.
    pub const MNIST: Self = Self { shape: [1, 28, 28], classes: 10 };
    /// Colour photographs of ten kinds of things.
    pub const CIFAR10: Self = Self { shape: [3, 32, 32], classes: 10 };

    /// Reals of one picture, the n of the bandwidth ratio k/n.
    pub fn reals(self) -> usize {
        self.shape.iter().product()
    }

    /// Pictures as a batch `[images, maps, height, width]`.
    ///
    /// # Panics
    /// If the pixels do not fill whole pictures.
    pub fn tensor(self, pixels: &[f32], device: &Device) -> Tensor<4> {
        let [maps, height, width] = self.shape;
        assert_eq!(pixels.len() % self.reals(), 0, "{} pixels in pictures of {}", pixels.len(), self.reals());
        let images = pixels.len() / self.reals();
        Tensor::from_data(TensorData::new(pixels.to_vec(), [images, maps, height, width]), device)
    }
}

impl Default for Source {
    fn default() -> Self {
        Self::MNIST
    }
}

/// State of the channel for some images, known once their channel is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChannelState {
    /// SNR of each image.
    pub snr: Vec<Snr>,
    /// Noise variance of each symbol after the equaliser, k per image.
    pub noise: Vec<f32>,
}

impl ChannelState {
    /// The state of some of the images.
    #[must_use]
    pub fn of(&self, images: &[usize]) -> Self {
        let k = self.noise.len() / self.snr.len().max(1);
        let noise = images.iter().flat_map(|&i| &self.noise[i * k..(i + 1) * k]);
        Self { snr: images.iter().map(|&i| self.snr[i]).collect(), noise: noise.copied().collect() }
    }
}

/// Channel information given to one side: as much as its [`Card`] says, and no more.
#[derive(Debug, Clone)]
pub enum Side {
    /// Nothing.
    Withheld,
    /// SNR, `[images, 1]`, scaled linearly in dB: -0.5 at 0 dB, 0.5 at 20 dB, limited to ±1.5.
    Snr(Tensor<2>),
    /// Noise variances, `[images, k]`.
    NoiseMap(Tensor<2>),
}

impl Side {
    /// The scaled SNR, `[images, 1]`.
    ///
    /// # Panics
    /// If the card does not ask for it.
    pub fn snr(&self) -> &Tensor<2> {
        match self {
            Self::Snr(snr) => snr,
            other => panic!("a side that is told {other:?} instead of the SNR"),
        }
    }

    /// Noise variances, `[images, k]`.
    ///
    /// # Panics
    /// If the card does not ask for them.
    pub fn noise(&self) -> &Tensor<2> {
        match self {
            Self::NoiseMap(noise) => noise,
            other => panic!("a side that is told {other:?} instead of the noise"),
        }
    }

    /// Channel information for a range of images, as much as `needs` asks for.
    ///
    /// # Panics
    /// If the state does not hold what is needed.
    pub fn tell(needs: Needs, state: &ChannelState, images: Range<usize>, device: &Device) -> Self {
        let tensor = |values: Vec<f32>| {
            let width = values.len() / images.len();
            Tensor::from_data(TensorData::new(values, [images.len(), width]), device)
        };
        match needs {
            Needs::Nothing => Self::Withheld,
            Needs::Snr => {
                let scaled = |snr: &Snr| (snr.db() / 20.0 - 0.5).clamp(-1.5, 1.5) as f32;
                Self::Snr(tensor(state.snr[images.clone()].iter().map(scaled).collect()))
            }
            Needs::NoiseMap => {
                let k = state.noise.len() / state.snr.len();
                Self::NoiseMap(tensor(state.noise[images.start * k..images.end * k].to_vec()))
            }
        }
    }
}

/// Output of an encoder.
#[derive(Debug, Clone)]
pub struct Sent<A = ()> {
    /// Symbols `[images, k, 2]`, of mean power 1 over those that are kept, image by image.
    pub z: Tensor<3>,
    /// Mask of the symbols that are sent, `[images, k]` of 0 and 1; `None` for all. The others are received as zero.
    pub kept: Option<Tensor<2>>,
    /// Auxiliary values that only a loss reads.
    pub aux: A,
}

impl Sent {
    /// All symbols.
    pub fn all(z: Tensor<3>) -> Self {
        Self { z, kept: None, aux: () }
    }
}

/// Output of a decoder.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Pictures `[images, maps, height, width]` in [0, 1].
    pub image: Option<Tensor<4>>,
    /// Logits of the classes, `[images, classes]`.
    pub logits: Option<Tensor<2>>,
}

impl Output {
    /// Pictures alone.
    pub fn image(image: Tensor<4>) -> Self {
        Self { image: Some(image), logits: None }
    }

    /// Logits alone.
    pub fn logits(logits: Tensor<2>) -> Self {
        Self { image: None, logits: Some(logits) }
    }

    /// The output, where `lost`, `[images]` of 0 and 1, is 1 replaced by a picture `[1, maps, height, width]` and zero
    /// logits, from which no gradient flows.
    #[must_use]
    pub fn without(self, lost: &Tensor<1>, instead: &Tensor<4>) -> Self {
        let [images] = lost.dims();
        let arrived = lost.clone() * -1.0 + 1.0;
        let replaced = |image: Tensor<4>| {
            let each = [images, 1, 1, 1];
            image * arrived.clone().reshape(each) + instead.clone() * lost.clone().reshape(each)
        };
        Self {
            image: self.image.map(replaced),
            logits: self.logits.map(|logits| logits * arrived.clone().reshape([images, 1])),
        }
    }
}

/// A shard of a batch on its way through a method, from the pictures to what the link delivered.
pub struct ForwardPass<'a, A = ()> {
    /// Pictures `[images, maps, height, width]`.
    pub x: Tensor<4>,
    /// Labels, one per image; empty if the data have none.
    pub labels: &'a [u8],
    /// Output of the encoder, in the graph.
    pub sent: Sent<A>,
    /// Values delivered by the link, the same number of complex values per image: `[images, values, 2]`.
    pub heard: Tensor<3>,
    /// Factor of each symbol in the link's output, `[images, k, 2]`; `None` where an equaliser left 1.
    pub gain: Option<Tensor<3>>,
    /// The channel's noise in the place of `heard`; `None` unless the link delivers a waveform.
    pub noise: Option<Tensor<3>>,
    /// Mask of the lost images, `[images]` of 0 and 1; `None` for none.
    pub lost: Option<Tensor<1>>,
    /// Channel information at the decoder.
    pub side: Side,
    /// The step's random numbers.
    pub draws: Draws,
}

/// Random numbers of a step, one stream per image and purpose.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    /// Seed of the run.
    pub seed: u64,
    /// Index of the first image's streams.
    pub first: u64,
}

impl Draws {
    /// The stream of an image of the shard. Each purpose has its own, so that a new one does not change the others.
    pub fn stream(&self, purpose: &str, image: usize) -> ChaCha8Rng {
        stream(self.seed, purpose, self.first + image as u64)
    }
}

impl<A> ForwardPass<'_, A> {
    /// Input of the decoder, `[images, k, 2]`: the delivered symbols, with the gradient of g·z. That gradient is exact
    /// where the link adds noise to g·z, and a straight-through estimate for a frame.
    pub fn received(&self) -> Tensor<3> {
        let heard = through(self.sent.z.clone(), self.heard.clone(), self.gain.clone());
        match &self.sent.kept {
            None => heard,
            Some(kept) => heard * kept.clone().unsqueeze_dim(2),
        }
    }

    /// A decoder's output; where the frame was lost, the mean of the pictures of the pass, which has no gradient.
    pub fn arrived(&self, output: Output) -> Output {
        match &self.lost {
            None => output,
            Some(lost) => output.without(lost, &self.x.clone().mean_dim(0)),
        }
    }
}

/// The values of `heard` with the gradient of g·z; all three are `[images, k, 2]`.
pub fn through(z: Tensor<3>, heard: Tensor<3>, gain: Option<Tensor<3>>) -> Tensor<3> {
    let sent = match gain {
        None => z,
        Some(gain) => product(&gain, &z),
    };
    sent.clone() + (heard - sent.detach())
}

/// Elementwise complex product.
fn product(a: &Tensor<3>, b: &Tensor<3>) -> Tensor<3> {
    let part = |x: &Tensor<3>, axis| x.clone().narrow(2, axis, 1);
    let re = part(a, 0) * part(b, 0) - part(a, 1) * part(b, 1);
    let im = part(a, 0) * part(b, 1) + part(a, 1) * part(b, 0);
    Tensor::cat(vec![re, im], 2)
}

/// Computes a term over a shard: a mean over its images.
pub type Loss<M> = fn(&M, &ForwardPass<<M as Method>::Aux>) -> Tensor<1>;

/// A named term of an objective.
pub struct Term<M: Method> {
    /// Its name in experiment files and logs.
    pub name: &'static str,
    /// Its function.
    pub loss: Loss<M>,
}

/// Sizes of a method's networks: `[train.config]` of experiment files, and in the header of weights. Invalid sizes are
/// refused on deserialisation.
pub trait Config: Serialize + DeserializeOwned + Default + Clone + Debug + PartialEq + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Default + Clone + Debug + PartialEq + Send + Sync + 'static> Config for T {}

/// A codec that can be trained.
pub trait Method: Module + Clone + Debug + Send + Sync + 'static {
    /// Its description.
    const CARD: Card;
    /// Terms of objectives that only this method has, or that it overrides.
    const TERMS: &'static [Term<Self>] = &[];
    /// Variance of its initial weights.
    const INITIAL: Initial = Initial::LeCun;
    /// Sizes of its networks.
    type Config: Config;
    /// Auxiliary output of its encoder, read by a loss.
    type Aux: Send;

    /// Reason why the method cannot be built for such pictures and k symbols each; `None` if it can.
    fn misfit(_source: Source, _k: usize) -> Option<String> {
        None
    }

    /// Images per pass of its networks; a batch is a multiple of it.
    fn images_per_pass(_config: &Self::Config) -> usize {
        1
    }

    /// Whether its decoder accepts what a link delivers.
    fn accepts(_config: &Self::Config, delivery: Delivery) -> bool {
        delivery == Delivery::Symbols
    }

    /// A network for k complex symbols per image. Its weights are placeholders until they are drawn or loaded.
    fn new(config: &Self::Config, source: Source, k: usize, device: &Device) -> Self;

    /// Encodes pictures `[images, maps, height, width]` in [0, 1].
    fn encode(&self, x: Tensor<4>, side: &Side) -> Sent<Self::Aux>;

    /// Decodes what the link delivered, `[images, values, 2]`, to pictures or logits.
    fn decode(&self, received: Tensor<3>, side: &Side) -> Output;
}
