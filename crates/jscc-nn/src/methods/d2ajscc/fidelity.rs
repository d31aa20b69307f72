//! Fidelity of ProxyNet to a link: of its values, and of the gradients that it supplies.
//!
//! The true link has no gradient, but its expected loss has one as soon as symbols are blurred a little: with ε
//! Gaussian, E[(L(z + σε) − L(z − σε))·ε]/2σ. Pictures of a frame hardly interact, so all are probed at once, each by
//! its own loss.

use super::D2aJscc;
use crate::compute::Compute;
use crate::frames::{Frames, Noise};
use crate::method::{Method, Side, Source};
use crate::symbols::{from_complex, to_complex};
use crate::weights::{Weights, WeightsError};
use burn::tensor::{Device, Tensor};
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::link::{Delivery, Link};
use jscc_phy::random::stream;
use jscc_phy::units::{Snr, to_db};

/// Standard deviation of a blurred symbol's real part; constellation points at 54 Mb/s lie 0.4 apart.
const BLUR: f32 = 0.1;
/// Transmissions over which the gradients of networks are averaged.
const PASSAGES: usize = 16;

/// Parameters of a measurement.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// Es/N0 in dB.
    pub snr_db: f64,
    /// Pairs of blurred symbols per frame.
    pub pairs: usize,
    /// Seed of blur and noise.
    pub seed: u64,
}

/// Agreement of two sets of gradients: the mean over pictures of the cosine between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// As measured.
    pub cosine: f64,
    /// Corrected for the sampling error in the true link's estimate.
    pub corrected: f64,
}

/// Fidelity of ProxyNet at one SNR.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fidelity {
    /// Error of the imitation against the compensated link with the same noise, in dB relative to the latter.
    pub imitation_db: f64,
    /// The same between two transmissions over the link, each with noise of its own.
    pub chance_db: f64,
    /// The gradient through ProxyNet.
    pub proxy: Likeness,
    /// ProxyNet's gradient at the true link's values.
    pub guide: Likeness,
    /// The identity's gradient at the true link's values.
    pub straight: Likeness,
    /// Cosine of the true link's estimated gradient to its exact one, estimated from halves of the pairs.
    pub reliability: f64,
}

/// Measures weights of D2AJSCC against a link, on pictures.
///
/// # Panics
/// If the pictures do not fill frames, or the link does not deliver the waveform of D2AJSCC.
pub fn measure(weights: &[u8], link: &dyn Link, pixels: &[f32], probe: Probe) -> Result<Fidelity, WeightsError> {
    let (weights, device) = (Weights::read(weights)?, Compute::Cpu.device());
    let (net, source) = (weights.network::<D2aJscc>(&device)?, weights.identity::<D2aJscc>().source);
    let (frame, delivery) = (net.map.frame(), link.delivers());
    assert!(frame.is_of(delivery), "{delivery:?} is not the waveform of these weights");
    let images = frame.images;
    assert_eq!(pixels.len() % (images * source.reals()), 0, "{} pixels in frames of {images} pictures", pixels.len());
    let z = to_complex(net.encoder.forward(source.tensor(pixels, &device)));
    let (graph, k) = (weights.network(&device.autodiff())?, net.decoder.k());
    Ok(Subject { net, graph, source, link, pixels, z, k, probe }.measure())
}

struct Subject<'a> {
    net: D2aJscc,
    /// The same network, recording a graph.
    graph: D2aJscc,
    source: Source,
    link: &'a dyn Link,
    pixels: &'a [f32],
    z: Vec<Complex32>,
    k: usize,
    probe: Probe,
}

/// Gradients of the pictures' losses with respect to their own symbols, 2k reals each.
type Gradients = Vec<f64>;

impl Subject<'_> {
    fn measure(&self) -> Fidelity {
        let (even, odd) = self.blurred();
        let truth: Gradients = even.iter().zip(&odd).map(|(a, b)| a + b).collect();
        let halves = self.cosine(&even, &odd).clamp(1e-3, 1.0);
        // Spearman and Brown: reliability of both halves together.
        let reliability = (2.0 * halves / (1.0 + halves)).sqrt();
        let [proxy, guide, straight] = self.of_networks().map(|gradients| {
            let cosine = self.cosine(&gradients, &truth);
            Likeness { cosine, corrected: cosine / reliability }
        });
        let (imitation_db, chance_db) = self.errors();
        Fidelity { imitation_db, chance_db, proxy, guide, straight, reliability }
    }

    /// The link's output for symbols, and the noise of that transmission.
    fn heard(&self, z: &[Complex32], passage: usize, device: &Device) -> (Tensor<3>, Tensor<3>) {
        let Delivery::Waveform { images, samples, .. } = self.link.delivers() else { unreachable!("asked before") };
        let frames = z.len() / (images * self.k);
        let noise = Noise { seed: self.probe.seed, purpose: "fidelity noise", first: (passage * frames) as u64 };
        let snr = vec![Snr::per_symbol(self.probe.snr_db); frames];
        let heard = Frames::draw(self.link, z.len() / self.k, self.k, &snr, noise).carry(z);
        let (mut values, mut noise) = (Vec::new(), Vec::new());
        for heard in heard.into_iter().map(|heard| heard.expect("an aided frame is never lost")) {
            values.extend(heard.values);
            noise.extend(heard.noise.expect("a link that delivers a waveform tells its noise"));
        }
        let tensor = |x: &[Complex32]| from_complex(x, samples / images, device);
        (tensor(&values), tensor(&noise))
    }

    /// Each picture's mean square error over the true link.
    fn losses(&self, z: &[Complex32], passage: usize) -> Vec<f64> {
        let (heard, _) = self.heard(z, passage, &Compute::Cpu.device());
        let x_hat = self.net.decode(heard, &Side::Withheld).image.expect("D2AJSCC gives pictures");
        let x_hat: Vec<f32> = x_hat.try_into_vec_as().expect("pixels are 32-bit floats");
        let error = |(x, x_hat): (&f32, &f32)| f64::from(x - x_hat).powi(2);
        let reals = self.source.reals();
        let pictures = self.pixels.chunks_exact(reals).zip(x_hat.chunks_exact(reals));
        pictures.map(|(x, x_hat)| x.iter().zip(x_hat).map(error).sum::<f64>() / reals as f64).collect()
    }

    /// The true link's gradients, estimated from the even and from the odd pairs.
    fn blurred(&self) -> (Gradients, Gradients) {
        let mut sums = [vec![0.0; 2 * self.z.len()], vec![0.0; 2 * self.z.len()]];
        for pair in 0..self.probe.pairs {
            let mut rng = stream(self.probe.seed, "fidelity blur", pair as u64);
            let blur = Channel::Awgn.draw(self.z.len(), 2.0, &mut rng).noise;
            let moved = |sign: f32| -> Vec<f64> {
                let z: Vec<_> = self.z.iter().zip(&blur).map(|(z, blur)| z + blur * (sign * BLUR)).collect();
                self.losses(&z, pair)
            };
            let slopes: Vec<f64> = moved(1.0).iter().zip(moved(-1.0)).map(|(up, down)| up - down).collect();
            let reals = blur.iter().flat_map(|blur| [blur.re, blur.im]);
            for ((sum, blur), slope) in sums[pair % 2].iter_mut().zip(reals).zip(self.each_real(&slopes)) {
                *sum += slope * f64::from(blur);
            }
        }
        let [even, odd] = sums;
        (even, odd)
    }

    /// Repeats a picture's number for each real of its symbols.
    fn each_real<'b>(&self, of_pictures: &'b [f64]) -> impl Iterator<Item = f64> + 'b {
        let reals = 2 * self.k;
        of_pictures.iter().flat_map(move |&x| std::iter::repeat_n(x, reals))
    }

    /// Gradients through the proxy, of the proxy at the link's values, and of the identity there.
    fn of_networks(&self) -> [Gradients; 3] {
        let device = Compute::Cpu.device().autodiff();
        let mut sums = [(); 3].map(|()| vec![0.0; 2 * self.z.len()]);
        for passage in 0..PASSAGES {
            let (heard, noise) = self.heard(&self.z, passage, &device);
            for (way, sum) in [Way::Proxy, Way::Guide, Way::Straight].into_iter().zip(&mut sums) {
                let z = from_complex(&self.z, self.k, &device).require_grad();
                let loss = self.loss(way, z.clone(), heard.clone(), &noise);
                let gradient = z.grad(&loss.backward()).expect("the loss depends on the symbols");
                let gradient: Vec<f32> = gradient.try_into_vec_as().expect("32-bit floats");
                sum.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += f64::from(g));
            }
        }
        sums
    }

    fn loss(&self, way: Way, z: Tensor<3>, heard: Tensor<3>, noise: &Tensor<3>) -> Tensor<1> {
        let net = &self.graph;
        let heard = net.map.baseband(heard);
        let [.., samples] = heard.dims();
        let sent = net.map.waveform(z, samples);
        let imitated = |sent| net.imitate(sent, noise);
        let waveform = match way {
            Way::Proxy => imitated(sent),
            Way::Guide => {
                let imitated = imitated(sent);
                net.compensation.forward(heard) + (imitated.clone() - imitated.detach())
            }
            Way::Straight => net.compensation.forward(sent.clone() + (heard - sent.detach())),
        };
        let x = self.source.tensor(self.pixels, &waveform.device());
        (net.pictures(waveform) - x).square().sum()
    }

    /// Errors of the imitation and of a second transmission, in dB.
    fn errors(&self) -> (f64, f64) {
        let (net, device) = (&self.net, Compute::Cpu.device());
        let of = |passage| {
            let (heard, noise) = self.heard(&self.z, passage, &device);
            (net.compensation.forward(net.map.baseband(heard)), noise)
        };
        let ((first, noise), (second, _)) = (of(0), of(1));
        let [.., samples] = first.dims();
        let sent = net.map.waveform(from_complex(&self.z, self.k, &device), samples);
        let imitated = net.imitate(sent, &noise);
        let db = |x: Tensor<1>| to_db(f64::from(x.into_scalar::<f32>()));
        (db(relative_error(imitated, first.clone())), db(relative_error(second, first)))
    }

    /// Mean over pictures of the cosine between gradients.
    fn cosine(&self, a: &[f64], b: &[f64]) -> f64 {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let of_picture =
            |(a, b): (&[f64], &[f64])| product(a, b) / (product(a, a) * product(b, b)).sqrt().max(f64::MIN_POSITIVE);
        let cosines: Vec<_> = a.chunks_exact(2 * self.k).zip(b.chunks_exact(2 * self.k)).map(of_picture).collect();
        cosines.iter().sum::<f64>() / cosines.len() as f64
    }
}

/// Mean square error over mean square of the target.
fn relative_error(waveform: Tensor<3>, target: Tensor<3>) -> Tensor<1> {
    let power = target.clone().square().mean();
    (waveform - target).square().mean() / power
}

/// Source of a gradient.
#[derive(Clone, Copy)]
enum Way {
    Proxy,
    Guide,
    Straight,
}
