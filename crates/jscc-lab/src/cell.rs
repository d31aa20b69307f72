//! One cell of an experiment: codec × training × link × SNR × seed → a row. Cells are independent: measured anywhere
//! and in any order, they give the same bytes.

use crate::curve::Curve;
use crate::data::Dataset;
use crate::metrics::{Metric, Quality, classes, mse, ssim};
use crate::results::{DeployedOn, Provenance, Row};
use crate::spec::Split;
use jscc_nn::codec::{Codec, Decoded, Symbols};
use jscc_nn::frames::{Frames, Noise};
use jscc_nn::method::Task;
use jscc_nn::tell::Tell;
use jscc_phy::Complex32;
use jscc_phy::link::{AirTime, Delivery, Link};
use jscc_phy::units::{Snr, to_db};
use rayon::prelude::*;

/// The part that all cells of an experiment share.
pub struct Setting {
    /// Provenance of their rows.
    pub provenance: Provenance,
    /// Name of the data set.
    pub data: String,
    /// Split of the data set.
    pub split: Option<Split>,
    /// The pictures.
    pub images: Dataset,
    /// The picture in place of a lost one.
    pub lost: Vec<f32>,
    /// Seed of the noise.
    pub seed: u64,
}

/// Pictures after transmission over a link.
pub(crate) struct Deployed {
    /// Output of the decoder; for a lost picture, the one given in its place, and zero logits.
    pub decoded: Decoded,
    /// Mask of the lost pictures.
    pub is_lost: Vec<bool>,
    /// Frames sent.
    pub frames: usize,
    /// Frames lost.
    pub lost: usize,
    /// Symbols sent.
    pub n_sent: usize,
    /// Energy per picture sent, [`jscc_phy::link::Heard::energy`]; of the frames that arrived.
    pub energy: f64,
    /// Power of the symbols over the mean square error of the received ones, in dB; `None` unless the link delivers symbols.
    pub heard_snr_db: Option<f64>,
}

/// Sends pictures over a link and decodes what is received, or takes another picture in place of a lost one. `sent`
/// holds their symbols where an encoder without channel information has computed them already.
pub(crate) fn deploy(
    codec: &Codec,
    link: &dyn Link,
    tell: &Tell,
    [pixels, instead]: [&[f32]; 2],
    sent: Option<&Symbols>,
    snr_db: f64,
    seed: u64,
) -> Deployed {
    let (n_images, per_frame) = (pixels.len() / codec.source().reals(), link.images_per_frame());
    let snr = vec![Snr::per_symbol(snr_db); n_images.div_ceil(per_frame)];
    // A frame's noise is the same at every SNR except for its scale, so that curves are compared over the same channel.
    let noise = Noise { seed, purpose: "deploy noise", first: 0 };
    let frames = Frames::draw(link, n_images, codec.k(), &snr, noise);
    let state = tell.told(frames.state(), seed, 0);
    let encoded = sent.is_none().then(|| codec.encode(pixels, &state));
    let symbols = sent.or(encoded.as_ref()).expect("one of them is there");
    let frames = frames.carry(&symbols.z);

    let is_lost: Vec<bool> = (0..n_images).map(|image| frames[image / per_frame].is_none()).collect();
    let arrived: Vec<usize> = (0..n_images).filter(|&image| !is_lost[image]).collect();
    let mut heard: Vec<Complex32> = frames.iter().flatten().flat_map(|frame| &frame.values).copied().collect();
    if let Some(kept) = &symbols.kept {
        let k = codec.k();
        let of_arrived = arrived.iter().flat_map(|&image| &kept[image * k..(image + 1) * k]);
        heard.iter_mut().zip(of_arrived).filter(|(_, kept)| !**kept).for_each(|(value, _)| *value = Complex32::ZERO);
    }
    let heard_snr_db =
        (link.delivers() == Delivery::Symbols).then(|| snr_of_symbols(&symbols.z, &heard, &arrived, codec.k()));
    let energy = frames.iter().flatten().map(|frame| frame.energy).sum::<f64>() / arrived.len().max(1) as f64;
    let decoded = codec.decode_heard(&heard, link.delivers().per_image(codec.k()), &state.of(&arrived));
    Deployed {
        energy,
        heard_snr_db,
        decoded: with_lost(&decoded, &is_lost, instead, codec),
        frames: frames.len(),
        lost: frames.iter().filter(|frame| frame.is_none()).count(),
        n_sent: symbols.n_sent(),
        is_lost,
    }
}

/// Power of the symbols of the pictures that arrived over the mean square error of the received ones, in dB.
fn snr_of_symbols(z: &[Complex32], z_hat: &[Complex32], arrived: &[usize], k: usize) -> f64 {
    let sent = arrived.iter().flat_map(|&image| &z[image * k..(image + 1) * k]);
    let (power, error) = sent.zip(z_hat).fold((0.0, 0.0), |(power, error), (z, z_hat)| {
        (power + f64::from(z.norm_sqr()), error + f64::from((z_hat - z).norm_sqr()))
    });
    to_db(power / error)
}

/// All pictures in order, with another picture, or zero logits, in place of the lost ones.
fn with_lost(arrived: &Decoded, is_lost: &[bool], picture: &[f32], codec: &Codec) -> Decoded {
    let spread = |values: &[f32], instead: &[f32]| -> Vec<f32> {
        let mut arrived = values.chunks(instead.len());
        let of = |&lost: &bool| if lost { instead } else { arrived.next().expect("one for each that arrived") };
        is_lost.iter().flat_map(of).copied().collect()
    };
    match codec.task() {
        Task::Recover => Decoded { pixels: spread(&arrived.pixels, picture), logits: Vec::new() },
        Task::Execute => {
            let logits = spread(&arrived.logits, &vec![0.0; codec.source().classes]);
            Decoded { pixels: Vec::new(), logits }
        }
    }
}

impl Setting {
    /// Measures a cell: its row, and the received pictures. `sent` as for [`deploy`].
    pub(crate) fn measure(&self, curve: &Curve, sent: Option<&Symbols>, snr_db: f64) -> (Row, Vec<f32>) {
        let (codec, link) = (&curve.at(snr_db).codec, curve.link.as_ref());
        let pictures = [&self.images.images.pixels[..], &self.lost];
        let deployed = deploy(codec, link, &curve.tell, pictures, sent, snr_db, self.seed);
        let (n, reals) = (self.images.len(), codec.source().reals());
        let k_mean = deployed.n_sent as f64 / n as f64 + curve.tell.pilots() as f64;
        let row = Row {
            provenance: self.provenance.clone(),
            curve: curve.label.clone(),
            codec: Some(curve.trained(snr_db)),
            deployed_on: DeployedOn::Link(curve.spec.clone()),
            tell: curve.tell.clone(),
            data: Some(self.data.clone()),
            split: self.split,
            images: n,
            seed: self.seed,
            k_mean: Some(k_mean),
            bandwidth_ratio: Some(k_mean / reals as f64),
            air_time_ratio: link.air_time().map(|air_time| air_time.ratio(reals)),
            uses: Some(link.air_time().map_or(k_mean, AirTime::uses_per_image)),
            energy: (deployed.lost < deployed.frames).then_some(deployed.energy),
            snr_db,
            heard_snr_db: deployed.heard_snr_db.filter(|db| db.is_finite()),
            frames: deployed.frames,
            lost: deployed.lost,
            metrics: self.metrics(codec, &deployed, link.images_per_frame()),
        };
        (row, deployed.decoded.pixels)
    }

    fn metrics(&self, codec: &Codec, deployed: &Deployed, per_frame: usize) -> Vec<Metric> {
        match codec.task() {
            Task::Recover => quality(&self.images, &deployed.decoded.pixels, per_frame).metrics(),
            Task::Execute => {
                let (right, nats) = judged(&self.images, deployed, codec.source().classes);
                classes::metrics(&right, &nats, per_frame)
            }
        }
    }
}

/// Quality of received pictures, image by image on all cores.
fn quality(sent: &Dataset, x_hat: &[f32], per_frame: usize) -> Quality {
    let (shape, reals) = (sent.images.shape, sent.images.image_len());
    let pairs = sent.images.pixels.par_chunks(reals).zip(x_hat.par_chunks(reals));
    let (image_mse, image_ssim): (Vec<_>, Vec<_>) =
        pairs.map(|(x, x_hat)| (mse(x, x_hat), ssim(shape, x, x_hat))).unzip();
    Quality::of_images(&image_mse, &image_ssim, per_frame)
}

/// Whether each picture was classified correctly, and the cross entropies.
pub(crate) fn judged(sent: &Dataset, deployed: &Deployed, classes: usize) -> (Vec<bool>, Vec<f64>) {
    assert_eq!(sent.labels.len(), deployed.is_lost.len(), "labels, and pictures");
    let logits = deployed.decoded.logits.chunks(classes);
    let each = logits.zip(&deployed.is_lost).zip(&sent.labels);
    each.map(|((logits, &lost), &label)| classes::judge((!lost).then_some(logits), label, classes)).unzip()
}
