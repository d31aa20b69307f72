//! A batch in shards: each goes through a copy of the network with a graph of its own, on whichever core is free.

use super::gradients::{replica, total};
use crate::symbols::{from_complex, to_complex};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::Complex32;
use jscc_phy::link::Heard;
use rayon::prelude::*;

/// A network with a channel between its halves.
pub trait Halves: Module + Clone + Send + Sync {
    /// Pictures `[batch, maps, height, width]` to symbols `[batch, k, 2]`.
    fn encode(&self, x: Tensor<4>) -> Tensor<3>;

    /// What the link delivery over, `[batch, values, 2]`, to pictures.
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
    /// What the link delivery over, the same number of complex values for each image: `[images, values, 2]`.
    pub heard: Tensor<3>,
    /// By what the link multiplied each symbol, `[images, k, 2]`; `None` where an equaliser left 1.
    pub gain: Option<Tensor<3>>,
    /// The shard's first image, counted within the batch.
    pub first: usize,
}

/// The pictures' mean square error over the link.
pub fn reconstruct<N: Halves>(net: &N, passage: Passage) -> Tensor<1> {
    let Passage { x, z, heard, gain, .. } = passage;
    (net.decode(through(z, heard, gain)) - x).square().mean()
}

/// What the link delivered of symbols, with the gradient of g·z: the link's own where it adds noise to that, a
/// straight-through estimate for a frame. All three are `[images, k, 2]`.
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
    carry: impl FnOnce(&[Complex32]) -> Heard,
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
    let Heard { values, gain } = carry(&z.concat());
    let of_shard = |all: &[Complex32], first: usize, images: usize| {
        let each = all.len() / n;
        from_complex(&all[first * each..(first + images) * each], each, device)
    };
    let learn = |(i, (net, x, z)): (usize, (N, Tensor<4>, _))| {
        let (first, [images, ..]) = (i * batch.per_shard, x.dims());
        let heard = of_shard(&values, first, images);
        let gain = gain.as_ref().map(|gain| of_shard(gain, first, images));
        let part = loss(&net, Passage { x, z, heard, gain, first }) * (images as f32 / n as f32);
        let value = f64::from(part.clone().into_scalar::<f32>());
        (value, GradientsParams::from_grads(part.backward(), &net))
    };
    let (loss, gradients): (Vec<_>, Vec<_>) = shards.into_par_iter().enumerate().map(learn).unzip();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Compute;
    use jscc_phy::channel::Channel;
    use jscc_phy::link::{Equaliser, Ideal, Link};
    use jscc_phy::random::stream;
    use jscc_phy::units::Snr;

    const K: usize = 6;

    /// What the link delivers of symbols; the same air each time.
    fn carry(link: &Ideal, z: &[Complex32]) -> Heard {
        link.draw(1, K, Snr::per_symbol(5.0), stream(1, "air", 3)).carry(z).expect("nothing is lost")
    }

    /// Σ |ẑ|⁴, whose slope depends on where it is taken.
    fn loss(values: &[Complex32]) -> f64 {
        values.iter().map(|z| f64::from(z.norm_sqr()).powi(2)).sum()
    }

    #[test]
    fn the_gradient_is_the_links() {
        let device = Compute::Cpu.device().autodiff();
        let z = Channel::Awgn.draw(K, 1.0, &mut stream(1, "symbols", 0)).noise;
        for channel in ["awgn", "rayleigh", "rician:3,2", "tgn-d"] {
            for equaliser in [Equaliser::None, Equaliser::ZeroForcing { floor: 0.5 }, Equaliser::Mmse] {
                let link = Ideal { channel: channel.parse().expect("a name"), equaliser };
                let Heard { values, gain } = carry(&link, &z);
                let sent = from_complex(&z, K, &device).require_grad();
                let gain = gain.map(|gain| from_complex(&gain, K, &device));
                let heard = through(sent.clone(), from_complex(&values, K, &device), gain);
                let value = heard.powi_scalar(2).sum_dim(2).powi_scalar(2).sum();
                let gradient = sent.grad(&value.backward()).expect("the loss depends on the symbols");
                let gradient: Vec<f32> = gradient.try_into_vec_as().expect("32-bit floats");
                for (i, slope) in gradient.into_iter().enumerate() {
                    let moved = |by: f32| {
                        let mut z = z.clone();
                        if i % 2 == 0 {
                            z[i / 2].re += by;
                        } else {
                            z[i / 2].im += by;
                        }
                        loss(&carry(&link, &z).values)
                    };
                    let quotient = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                    let off = (f64::from(slope) - quotient).abs();
                    assert!(
                        off < 0.01 * quotient.abs() + 0.01,
                        "{channel} {equaliser:?}, real {i}: {slope}, {quotient}"
                    );
                }
            }
        }
    }
}
