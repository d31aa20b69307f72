//! What a method is: all that the trainer, the codecs and the experiments know of one.

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

/// What a side of the link may know of the channel.
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

/// What the receiver wants of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// The picture.
    #[default]
    Recover,
    /// What it shows.
    Execute,
}

/// Where the survey's Table I puts a method.
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
    /// Not in the table: what others build on, and what they are compared with.
    Foundation,
}

/// What is said of a method.
#[derive(Debug, Clone, Copy)]
pub struct Card {
    /// Its name in experiment files and weights.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The publication, or what it is for.
    pub reference: &'static str,
    /// Its place in the survey.
    pub family: Family,
    /// What it can be trained for, the usual one first.
    pub tasks: &'static [Task],
    /// What its encoder is told of the channel.
    pub encoder: Needs,
    /// What its decoder is told of the channel.
    pub decoder: Needs,
    /// The parts that can be frozen: the network's fields.
    pub parts: &'static [&'static str],
    /// Images that its networks take at once; a batch is of whole passes.
    pub images_per_pass: usize,
    /// Whether its decoder accepts what a link delivers.
    pub accepts: fn(Delivery) -> bool,
}

/// A method whose decoder takes symbols; [`Card::accepts`].
pub fn symbols(delivery: Delivery) -> bool {
    delivery == Delivery::Symbols
}

/// The pictures that a network is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Maps, height, width.
    pub shape: [usize; 3],
    /// Kinds of things that the pictures show.
    pub classes: usize,
}

impl Source {
    /// Grey digits; the source of weights that do not name one.
    pub const MNIST: Self = Self { shape: [1, 28, 28], classes: 10 };

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

/// The state of the channel that some images meet, known once their air is drawn.
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

/// What one side is told of the channel: as much as its [`Card`] says, and no more.
#[derive(Debug, Clone)]
pub enum Side {
    /// Nothing.
    Withheld,
    /// SNR, `[images, 1]`: -0.5 at 0 dB, 0.5 at 20 dB, at most 1.5 either way.
    Snr(Tensor<2>),
    /// Noise variances, `[images, k]`.
    NoiseMap(Tensor<2>),
}

impl Side {
    /// What a side with these needs is told of a range of images.
    ///
    /// # Panics
    /// If it needs what the state does not hold.
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

/// What an encoder hands to the link.
#[derive(Debug, Clone)]
pub struct Sent<A = ()> {
    /// Symbols `[images, k, 2]`, of mean power 1 over those that are kept, image by image.
    pub z: Tensor<3>,
    /// Which of them are sent, `[images, k]` of 0 and 1; `None` for all. The others are received as zero.
    pub kept: Option<Tensor<2>>,
    /// What only a loss reads.
    pub aux: A,
}

impl Sent {
    /// All symbols.
    pub fn all(z: Tensor<3>) -> Self {
        Self { z, kept: None, aux: () }
    }
}

/// A pixel of a picture whose frame is lost, mid-grey, wherever one is counted: in training, evaluation and rivals. Logits
/// of it are zero. No gradient comes from it.
pub const LOST_PIXEL: f32 = 0.5;

/// What a decoder makes of what it received.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Pictures `[images, maps, height, width]` in [0, 1].
    pub image: Option<Tensor<4>>,
    /// Logits of what they show, `[images, classes]`.
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

    /// The output, but that of a lost frame where `lost`, `[images]` of 0 and 1, is 1.
    #[must_use]
    pub fn without(self, lost: &Tensor<1>) -> Self {
        let [images] = lost.dims();
        let arrived = lost.clone() * -1.0 + 1.0;
        let grey = |image: Tensor<4>| {
            let each = [images, 1, 1, 1];
            image * arrived.clone().reshape(each) + lost.clone().reshape(each) * LOST_PIXEL
        };
        Self {
            image: self.image.map(grey),
            logits: self.logits.map(|logits| logits * arrived.clone().reshape([images, 1])),
        }
    }
}

/// A shard of a batch on its way through a method, from the pictures to what the link delivered.
pub struct ForwardPass<'a, A = ()> {
    /// Pictures `[images, maps, height, width]`.
    pub x: Tensor<4>,
    /// What they show, one per image; empty where the data do not say.
    pub labels: &'a [u8],
    /// What was sent of them, in the graph.
    pub sent: Sent<A>,
    /// What the link delivered, the same number of complex values for each image: `[images, values, 2]`.
    pub heard: Tensor<3>,
    /// By what the link multiplied each symbol, `[images, k, 2]`; `None` where an equaliser left 1.
    pub gain: Option<Tensor<3>>,
    /// Which images were lost, `[images]` of 0 and 1; `None` for none.
    pub lost: Option<Tensor<1>>,
    /// What the decoder is told of the channel.
    pub side: Side,
    /// The step's random numbers.
    pub draws: Draws<'a>,
}

/// Random numbers of a step, one stream per image and purpose.
#[derive(Debug, Clone, Copy)]
pub struct Draws<'a> {
    /// Seed of the run.
    pub seed: u64,
    /// Index of the first image's streams.
    pub first: u64,
    /// SNR of each image's frame, for networks that stand in for a link.
    pub snr: &'a [Snr],
}

impl Draws<'_> {
    /// The stream of an image of the shard. A purpose has its own: a new one moves no other.
    pub fn stream(&self, purpose: &str, image: usize) -> ChaCha8Rng {
        stream(self.seed, purpose, self.first + image as u64)
    }
}

impl<A> ForwardPass<'_, A> {
    /// What the decoder gets: the delivered symbols, with the gradient of g·z. That is the link's own where it adds noise to
    /// g·z, and a straight-through estimate for a frame. `[images, k, 2]`.
    pub fn received(&self) -> Tensor<3> {
        let heard = through(self.sent.z.clone(), self.heard.clone(), self.gain.clone());
        match &self.sent.kept {
            None => heard,
            Some(kept) => heard * kept.clone().unsqueeze_dim(2),
        }
    }

    /// A decoder's output, constant where the frame was lost.
    pub fn arrived(&self, output: Output) -> Output {
        match &self.lost {
            None => output,
            Some(lost) => output.without(lost),
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

/// Complex products.
fn product(a: &Tensor<3>, b: &Tensor<3>) -> Tensor<3> {
    let part = |x: &Tensor<3>, axis| x.clone().narrow(2, axis, 1);
    let re = part(a, 0) * part(b, 0) - part(a, 1) * part(b, 1);
    let im = part(a, 0) * part(b, 1) + part(a, 1) * part(b, 0);
    Tensor::cat(vec![re, im], 2)
}

/// Computes a term of a shard: a mean over its images.
pub type Loss<M> = fn(&M, &ForwardPass<<M as Method>::Aux>) -> Tensor<1>;

/// A term of an objective, by its name.
pub struct Term<M: Method> {
    /// Its name in experiment files and logs.
    pub name: &'static str,
    /// What it is.
    pub loss: Loss<M>,
}

/// Sizes of a method's networks: `[train.config]` of experiment files, and in the header of weights. What it cannot be it
/// refuses when it is read.
pub trait Config: Serialize + DeserializeOwned + Default + Clone + Debug + PartialEq + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Default + Clone + Debug + PartialEq + Send + Sync + 'static> Config for T {}

/// A codec that can be trained.
pub trait Method: Module + Clone + Debug + Send + Sync + 'static {
    /// What is said of it.
    const CARD: Card;
    /// Terms of objectives that only it has, or has its own way of.
    const TERMS: &'static [Term<Self>] = &[];
    /// Sizes of its networks.
    type Config: Config;
    /// What its encoder keeps for a loss.
    type Aux: Send;

    /// Why it cannot be made for such pictures, if it cannot.
    fn misfit(_source: Source) -> Option<String> {
        None
    }

    /// A network for k complex symbols per image. Its weights count only once they are drawn or loaded.
    fn new(config: &Self::Config, source: Source, k: usize, device: &Device) -> Self;

    /// Pictures `[images, maps, height, width]` in [0, 1] to symbols.
    fn encode(&self, x: Tensor<4>, side: &Side) -> Sent<Self::Aux>;

    /// What the link delivered, `[images, values, 2]`, to pictures or logits.
    fn decode(&self, received: Tensor<3>, side: &Side) -> Output;
}
