//! A batch in shards: each goes through a copy of the network with a graph of its own, on whichever core is free.

use super::gradients::{replica, total};
use crate::symbols::{from_complex, to_complex};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::Complex32;
use rayon::prelude::*;

/// A network with a channel between its halves.
pub trait Halves: Module + Clone + Send + Sync {
    /// Pictures `[batch, maps, height, width]` to symbols `[batch, k, 2]`.
    fn encode(&self, x: Tensor<4>) -> Tensor<3>;

    /// What the link handed over, `[batch, values, 2]`, to pictures.
    fn decode(&self, heard: Tensor<3>) -> Tensor<4>;
}

/// Pictures of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// All their pixels, picture after picture.
    pub pixels: &'a [f32],
    /// Maps, height, width of one.
    pub shape: [usize; 3],
    /// Pictures of a shard.
    pub per_shard: usize,
}

/// What a batch teaches.
pub struct Lesson {
    /// What it should make smaller.
    pub loss: f64,
    /// The gradient of that by every weight that learns.
    pub gradients: GradientsParams,
    /// The gradient's Euclidean length.
    pub norm: f64,
}

/// A shard between the halves of a network.
pub struct Passage {
    /// Pictures `[images, maps, height, width]`.
    pub x: Tensor<4>,
    /// Their symbols `[images, k, 2]`, in the graph.
    pub z: Tensor<3>,
    /// What the link handed over, the same number of complex values for each image: `[images, values, 2]`.
    pub heard: Tensor<3>,
    /// The shard's first image, counted within the batch.
    pub first: usize,
}

/// The pictures' mean square error, with the identity as the link's gradient.
pub fn reconstruct<N: Halves>(net: &N, passage: Passage) -> Tensor<1> {
    let Passage { x, z, heard, .. } = passage;
    let z_hat = z.clone() + (heard - z.detach());
    (net.decode(z_hat) - x).square().mean()
}

/// Takes a batch through `net`, whose symbols `carry` takes to what is heard of them, all at once; `loss` is what a shard
/// makes of it, a mean over its images.
///
/// Only the named parts of the network learn, if any are named. The result depends on the shards, not on the number of
/// cores.
pub fn learn<N: Halves>(
    net: &N,
    learns: Option<&[String]>,
    batch: Batch,
    device: &Device,
    carry: impl FnOnce(&[Complex32]) -> Vec<Complex32>,
    loss: impl Fn(&N, Passage) -> Tensor<1> + Sync,
) -> Lesson {
    let image = batch.shape.iter().product::<usize>();
    let n = batch.pixels.len() / image;
    let encode = |pixels: &[f32]| {
        let (net, x) = (replica(net, learns), batch.tensor(pixels, device));
        let z = net.encode(x.clone());
        (to_complex(z.clone().detach()), (net, x, z))
    };
    let (z, shards): (Vec<_>, Vec<_>) = batch.pixels.par_chunks(batch.per_shard * image).map(encode).unzip();
    let heard = carry(&z.concat());
    let values = heard.len() / n;
    let heard = heard.par_chunks(batch.per_shard * values).map(|heard| from_complex(heard, values, device));
    let learn = |(i, ((net, x, z), heard)): (usize, ((N, Tensor<4>, _), _))| {
        let (first, images) = (i * batch.per_shard, x.dims());
        let part = loss(&net, Passage { x, z, heard, first }) * (images[0] as f32 / n as f32);
        let value = f64::from(part.clone().into_scalar::<f32>());
        (value, GradientsParams::from_grads(part.backward(), &net))
    };
    let (loss, gradients): (Vec<_>, Vec<_>) = shards.into_par_iter().zip(heard).enumerate().map(learn).unzip();
    let (gradients, norm) = total(net, gradients);
    Lesson { loss: loss.into_iter().sum(), gradients, norm }
}

impl Batch<'_> {
    fn tensor(&self, pixels: &[f32], device: &Device) -> Tensor<4> {
        let [maps, height, width] = self.shape;
        let n = pixels.len() / (maps * height * width);
        Tensor::from_data(TensorData::new(pixels.to_vec(), [n, maps, height, width]), device)
    }
}
