//! A batch in shards: each goes through its own copy of the network, with its own graph, on any free core.

use super::gradients::{replica, total};
use crate::method::{ChannelState, Draws, ForwardPass, Method, Needs, Sent, Side, Source};
use crate::symbols::{from_complex, to_complex};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::Complex32;
use rayon::prelude::*;
use std::ops::Range;

/// The pictures of a batch, their channel, and the step's random numbers.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Pixels, picture after picture.
    pub pixels: &'a [f32],
    /// Labels; empty if the data have none.
    pub labels: &'a [u8],
    /// Shape and classes of the pictures.
    pub source: Source,
    /// Pictures per shard.
    pub per_shard: usize,
    /// Channel state, known before the link carried them.
    pub state: &'a ChannelState,
    /// Random numbers, the first stream for the first picture.
    pub draws: Draws,
}

/// Output of a link for a batch's symbols.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Complex values, the same number per image; zeros for a lost image.
    pub values: Vec<Complex32>,
    /// Factor of each symbol; `None` where an equaliser left 1.
    pub gain: Option<Vec<Complex32>>,
    /// The channel's noise, as many values; `None` unless the link delivers a waveform.
    pub noise: Option<Vec<Complex32>>,
    /// Mask of the lost images.
    pub lost: Vec<bool>,
}

/// Loss and gradients of one batch.
pub struct Gradients {
    /// The loss, averaged over the batch.
    pub loss: f64,
    /// Gradients of all weights that learn.
    pub gradients: GradientsParams,
    /// Euclidean norm of the gradients.
    pub norm: f64,
}

/// A shard after the encoder.
struct Encoded<M: Method> {
    net: M,
    x: Tensor<4>,
    sent: Sent<M::Aux>,
}

/// Loss and gradients of a batch through `net`; `carry` receives the symbols of all its images at once; `loss` is a
/// mean over a shard's images.
///
/// Only the named parts of the network learn, if any are named. The result depends on the shards, not on the number of
/// cores.
pub fn learn<M: Method>(
    net: &M,
    learns: Option<&[String]>,
    batch: Batch,
    device: &Device,
    carry: impl FnOnce(&[Complex32]) -> Received,
    loss: impl Fn(&M, &ForwardPass<M::Aux>) -> Tensor<1> + Sync,
) -> Gradients {
    let n = batch.len();
    let encode = |shard: usize| {
        let (net, x) = (replica(net, learns), batch.tensor(shard, device));
        let sent = net.encode(x.clone(), &batch.side(M::CARD.encoder, shard, device));
        (on_the_air(&sent), Encoded { net, x, sent })
    };
    let (z, shards): (Vec<_>, Vec<_>) = (0..n.div_ceil(batch.per_shard)).into_par_iter().map(encode).unzip();
    let received = carry(&z.concat());
    let learn = |(shard, encoded): (usize, Encoded<M>)| {
        let Encoded { net, x, sent } = encoded;
        let images = batch.images(shard);
        let part = images.len() as f32 / n as f32;
        let pass = ForwardPass {
            x,
            labels: batch.labels.get(images.clone()).unwrap_or_default(),
            sent,
            heard: received.values(&received.values, images.clone(), device),
            gain: received.gain.as_ref().map(|gain| received.values(gain, images.clone(), device)),
            noise: received.noise.as_ref().map(|noise| received.values(noise, images.clone(), device)),
            lost: received.lost(images.clone(), device),
            side: batch.side(M::CARD.decoder, shard, device),
            draws: batch.draws_of(images),
        };
        let part = loss(&net, &pass) * part;
        let value = f64::from(part.clone().into_scalar::<f32>());
        (value, GradientsParams::from_grads(part.backward(), &net))
    };
    let (loss, gradients): (Vec<_>, Vec<_>) = shards.into_par_iter().enumerate().map(learn).unzip();
    let (gradients, norm) = total(net, gradients);
    Gradients { loss: loss.into_iter().sum(), gradients, norm }
}

/// Symbols on the air: zero where a symbol is not kept.
fn on_the_air<A>(sent: &Sent<A>) -> Vec<Complex32> {
    let z = sent.z.clone().detach();
    to_complex(match &sent.kept {
        None => z,
        Some(kept) => z * kept.clone().detach().unsqueeze_dim(2),
    })
}

impl Received {
    /// Values of some images, `[images, values, 2]`.
    fn values(&self, all: &[Complex32], images: Range<usize>, device: &Device) -> Tensor<3> {
        let each = all.len() / self.lost.len();
        from_complex(&all[images.start * each..images.end * each], each, device)
    }

    fn lost(&self, images: Range<usize>, device: &Device) -> Option<Tensor<1>> {
        let lost = &self.lost[images];
        let mask = || lost.iter().map(|&lost| f32::from(u8::from(lost))).collect::<Vec<_>>();
        lost.contains(&true).then(|| Tensor::from_data(TensorData::new(mask(), [lost.len()]), device))
    }
}

impl Batch<'_> {
    fn len(&self) -> usize {
        self.pixels.len() / self.source.reals()
    }

    /// The images of a shard.
    fn images(&self, shard: usize) -> Range<usize> {
        let first = shard * self.per_shard;
        first..(first + self.per_shard).min(self.len())
    }

    fn tensor(&self, shard: usize, device: &Device) -> Tensor<4> {
        let (images, reals) = (self.images(shard), self.source.reals());
        self.source.tensor(&self.pixels[images.start * reals..images.end * reals], device)
    }

    fn side(&self, needs: Needs, shard: usize, device: &Device) -> Side {
        Side::tell(needs, self.state, self.images(shard), device)
    }

    fn draws_of(&self, images: Range<usize>) -> Draws {
        let Draws { seed, first } = self.draws;
        Draws { seed, first: first + images.start as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Compute;
    use crate::method::through;
    use jscc_phy::channel::Channel;
    use jscc_phy::link::{Equaliser, Heard, Ideal, Link};
    use jscc_phy::random::stream;
    use jscc_phy::units::Snr;

    const K: usize = 6;

    /// The link's output for symbols, with the same noise each time.
    fn carry(link: &Ideal, z: &[Complex32]) -> Heard {
        link.draw(1, K, Snr::per_symbol(5.0), stream(1, "air", 3)).carry(z).expect("nothing is lost")
    }

    /// Σ |ẑ|⁴, whose gradient depends on the point.
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
                let Heard { values, gain, .. } = carry(&link, &z);
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
