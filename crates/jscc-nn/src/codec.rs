//! Trained weights, ready to run: pixels to symbols and symbols to pixels, without gradients.

use crate::compute::Compute;
use crate::method::{Card, ChannelState, Method, Output, Sent, Side, Source, Task};
use crate::symbols::{from_complex, to_complex};
use crate::weights::{Identity, Weights, WeightsError, config};
use burn::tensor::Tensor;
use jscc_phy::Complex32;
use jscc_phy::link::Delivery;
use rayon::prelude::*;
use std::fmt::Debug;
use std::ops::Range;

/// Images per call of the network; fixed, so that results do not depend on the number of images.
const BATCH: usize = 64;

/// An encoder and decoder.
#[derive(Debug)]
pub struct Codec {
    net: Box<dyn Network>,
    card: Card,
    images_per_pass: usize,
    source: Source,
    task: Task,
    k: usize,
    compute: Compute,
}

/// A network of any [`Method`].
trait Network: Send + Sync + Debug {
    fn accepts(&self, delivery: Delivery) -> bool;
    fn encode(&self, x: Tensor<4>, side: &Side) -> Sent;
    fn decode(&self, received: Tensor<3>, side: &Side) -> Output;
}

#[derive(Debug)]
struct Configured<M: Method> {
    net: M,
    config: M::Config,
}

impl<M: Method> Network for Configured<M> {
    fn accepts(&self, delivery: Delivery) -> bool {
        M::accepts(&self.config, delivery)
    }

    fn encode(&self, x: Tensor<4>, side: &Side) -> Sent {
        let Sent { z, kept, .. } = self.net.encode(x, side);
        Sent { z, kept, aux: () }
    }

    fn decode(&self, received: Tensor<3>, side: &Side) -> Output {
        self.net.decode(received, side)
    }
}

/// Symbols of images, k per image.
#[derive(Debug, Clone, PartialEq)]
pub struct Symbols {
    /// The symbols, zero where none is sent.
    pub z: Vec<Complex32>,
    /// Mask of the symbols that are sent; `None` for all.
    pub kept: Option<Vec<bool>>,
}

impl Symbols {
    /// Number of symbols sent.
    pub fn n_sent(&self) -> usize {
        self.kept.as_ref().map_or(self.z.len(), |kept| kept.iter().filter(|&&kept| kept).count())
    }
}

/// Output of a decoder; what it does not produce is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// Pixels, picture after picture; what a network puts beyond [0, 1] is cut off.
    pub pixels: Vec<f32>,
    /// Logits of the classes, one per class and image.
    pub logits: Vec<f32>,
}

impl Codec {
    pub(crate) fn load<M: Method>(weights: &Weights, compute: Compute) -> Result<Self, WeightsError> {
        Ok(Self::of(weights.network::<M>(&compute.device())?, &weights.identity::<M>(), compute))
    }

    pub(crate) fn of<M: Method>(net: M, identity: &Identity, compute: Compute) -> Self {
        let Identity { card, source, task, k, .. } = *identity;
        let config = config::<M>(identity.config).expect("a configuration that was checked");
        let images_per_pass = M::images_per_pass(&config);
        Self { net: Box::new(Configured { net, config }), card, images_per_pass, source, task, k, compute }
    }

    /// Whether its decoder accepts what a link delivers.
    pub fn accepts(&self, delivery: Delivery) -> bool {
        self.net.accepts(delivery)
    }

    /// Card of the method.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Shape and classes of the pictures.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Task of the receiver.
    pub fn task(&self) -> Task {
        self.task
    }

    /// Complex channel uses per image.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Encodes images to k symbols each, of mean power 1 over those that are sent.
    ///
    /// # Shapes
    /// - `pixels`: n images of [`Codec::source`] in [0, 1]
    /// - `state`: of n images; may be empty where the card's encoder needs nothing
    ///
    /// # Panics
    /// If the pixels do not fill whole images, or the state lacks what the encoder needs.
    pub fn encode(&self, pixels: &[f32], state: &ChannelState) -> Symbols {
        let reals = self.source.reals();
        assert_eq!(pixels.len() % reals, 0, "{} pixels in images of {reals}", pixels.len());
        let device = self.compute.device();
        let encode = |images: Range<usize>| {
            let x = self.source.tensor(&pixels[images.start * reals..images.end * reals], &device);
            let side = Side::tell(self.card.encoder, state, images, &device);
            let Sent { z, kept, .. } = self.net.encode(x, &side);
            let kept: Option<Vec<f32>> = kept.map(|kept| kept.try_into_vec_as().expect("a mask of 32-bit floats"));
            (to_complex(z), kept)
        };
        let (z, kept): (Vec<_>, Vec<_>) =
            side_by_side(pixels.len() / reals, self.images_at_once(), encode).into_iter().unzip();
        let mut z = z.concat();
        let kept: Option<Vec<_>> = kept.into_iter().collect();
        let kept: Option<Vec<bool>> = kept.map(|kept| kept.concat().into_iter().map(|kept| kept > 0.5).collect());
        if let Some(kept) = &kept {
            z.iter_mut().zip(kept).filter(|(_, kept)| !**kept).for_each(|(z, _)| *z = Complex32::ZERO);
        }
        Symbols { z, kept }
    }

    /// Decodes received symbols, k per image: the inverse of [`Codec::encode`] as far as the channel lets it.
    ///
    /// # Panics
    /// As [`Codec::decode_heard`].
    pub fn decode(&self, z_hat: &[Complex32], state: &ChannelState) -> Decoded {
        self.decode_heard(z_hat, self.k, state)
    }

    /// Decodes what a link delivered, `per_image` complex values per image.
    ///
    /// # Panics
    /// If the values do not fill whole images, nor frames where the method takes those, the method does not take such
    /// values, or the state lacks what the decoder needs.
    pub fn decode_heard(&self, heard: &[Complex32], per_image: usize, state: &ChannelState) -> Decoded {
        assert_eq!(heard.len() % per_image, 0, "{} values in images of {per_image}", heard.len());
        let device = self.compute.device();
        let decode = |images: Range<usize>| {
            let received = from_complex(&heard[images.start * per_image..images.end * per_image], per_image, &device);
            let side = Side::tell(self.card.decoder, state, images, &device);
            let Output { image, logits } = self.net.decode(received, &side);
            let image = image.map(|image| image.clamp(0.0, 1.0).try_into_vec_as().expect("pixels are 32-bit floats"));
            let logits = logits.map(|logits| logits.try_into_vec_as().expect("logits are 32-bit floats"));
            Decoded { pixels: image.unwrap_or_default(), logits: logits.unwrap_or_default() }
        };
        let piece = self.images_at_once();
        let mut all = Decoded::default();
        for Decoded { pixels, logits } in side_by_side(heard.len() / per_image, piece, decode) {
            all.pixels.extend(pixels);
            all.logits.extend(logits);
        }
        all
    }
}

impl Codec {
    /// Images per call of the network: whole passes of the method.
    fn images_at_once(&self) -> usize {
        self.compute.shard(BATCH).next_multiple_of(self.images_per_pass)
    }
}

/// Computes pieces of `n` images in parallel; a single piece stays on the calling thread.
fn side_by_side<T: Send>(n: usize, piece: usize, compute: impl Fn(Range<usize>) -> T + Sync + Send) -> Vec<T> {
    let images = |i: usize| i * piece..((i + 1) * piece).min(n);
    match n.div_ceil(piece) {
        0 => Vec::new(),
        1 => vec![compute(0..n)],
        pieces => (0..pieces).into_par_iter().map(|i| compute(images(i))).collect(),
    }
}
