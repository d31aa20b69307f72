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

    /// Received symbols to pictures.
    fn decode(&self, z_hat: Tensor<3>) -> Tensor<4>;
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
    /// Its mean square error.
    pub loss: f64,
    /// The gradient of that by every weight that learns.
    pub gradients: GradientsParams,
    /// The gradient's Euclidean length.
    pub norm: f64,
}

/// Takes a batch through `net`, whose symbols `carry` takes from the encoder to the decoder, all at once.
///
/// Only the named parts of the network learn, if any are named. The result depends on the shards, not on the number of
/// cores.
pub fn learn<N: Halves>(
    net: &N,
    learns: Option<&[String]>,
    batch: Batch,
    device: &Device,
    carry: impl FnOnce(&[Complex32]) -> Vec<Complex32>,
) -> Lesson {
    let image = batch.shape.iter().product::<usize>();
    let encode = |pixels: &[f32]| Shard::encode(replica(net, learns), batch.tensor(pixels, device));
    let (z, shards): (Vec<_>, Vec<_>) = batch.pixels.par_chunks(batch.per_shard * image).map(encode).unzip();
    let z_hat = carry(&z.concat());
    let k = z_hat.len() * image / batch.pixels.len();
    let heard = z_hat.par_chunks(batch.per_shard * k).map(|z_hat| from_complex(z_hat, k, device));
    let learn = |(shard, heard): (Shard<N>, _)| shard.learn(heard, batch.pixels.len());
    let (loss, gradients): (Vec<_>, Vec<_>) = shards.into_par_iter().zip(heard).map(learn).unzip();
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

/// A shard on its way: its network, pictures, and symbols in the graph.
struct Shard<N> {
    net: N,
    x: Tensor<4>,
    z: Tensor<3>,
}

impl<N: Halves> Shard<N> {
    fn encode(net: N, x: Tensor<4>) -> (Vec<Complex32>, Self) {
        let z = net.encode(x.clone());
        (to_complex(z.clone().detach()), Self { net, x, z })
    }

    /// Decodes what was heard; the shard's part of the mean square error of `n` pixels, and its gradients.
    fn learn(self, heard: Tensor<3>, n: usize) -> (f64, GradientsParams) {
        let z_hat = self.z.clone() + (heard - self.z.detach());
        let loss = (self.net.decode(z_hat) - self.x).square().sum() / n as f32;
        let value = f64::from(loss.clone().into_scalar::<f32>());
        (value, GradientsParams::from_grads(loss.backward(), &self.net))
    }
}
