//! Curves over SNR: a codec trained somewhere, deployed on a link, measured on pictures. Every figure of the project
//! is made of cells of this one table.

use crate::Error;
use crate::data::Dataset;
use crate::input;
use crate::metrics::{Quality, mse, ssim};
use crate::results::Row;
use crate::spec::{CurveSpec, LinkSpec, Spec, SpecError, Split};
use jscc_nn::N_PIXELS;
use jscc_nn::codec::{self, Codec, Origin};
use jscc_nn::compute::Compute;
use jscc_nn::frames::{Frames, Noise};
use jscc_phy::Complex32;
use jscc_phy::link::Link;
use jscc_phy::units::Snr;
use jscc_radio::files::sha256;
use rayon::prelude::*;
use std::path::Path;

/// A codec on a link; curves of one label are trainings of the same.
pub struct Curve {
    label: String,
    weights: String,
    weights_sha256: String,
    origin: Option<Origin>,
    codec: Codec,
    spec: LinkSpec,
    link: Box<dyn Link>,
}

/// What was sent and what came, for the figures.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// One row per curve, file of weights and SNR, in this order.
    pub rows: Vec<Row>,
    /// For each row, the first pictures as they were received.
    pub received: Vec<Vec<Vec<f32>>>,
}

/// What is swept.
pub struct Sweep<'a> {
    /// Name of the experiment, for the rows.
    pub experiment: String,
    /// SHA-256 of the experiment file.
    pub spec_sha256: String,
    /// Version and commit of the code.
    pub code: String,
    /// What the pictures are.
    pub data: String,
    /// Which of them.
    pub split: Option<Split>,
    /// The pictures.
    pub images: &'a Dataset,
    /// How many of them to keep for the gallery.
    pub pictures: usize,
    /// Seed of the noise.
    pub seed: u64,
    /// Es/N0 in dB.
    pub snr_db: Vec<f64>,
}

impl Curve {
    /// A curve from bytes of weights; `name` says where they are from.
    pub fn new(label: &str, name: &str, weights: &[u8], spec: LinkSpec, compute: Compute) -> Result<Self, Error> {
        let refuse = |reason| Error::Weights { path: name.into(), reason };
        let codec = Codec::from_safetensors(weights, compute).map_err(refuse)?;
        let origin = codec::about(weights).map_err(refuse)?.and_then(|about| about.origin);
        let link = spec.build_for(codec.method(), codec.k())?;
        let file_name = Path::new(name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self {
            label: label.to_owned(),
            weights: file_name,
            weights_sha256: sha256(weights),
            origin,
            link,
            codec,
            spec,
        })
    }

    /// The curves of an experiment file, one for each file of weights.
    pub fn all(spec: &Spec, compute: Compute) -> Result<Vec<Self>, Error> {
        let trainings = spec.sweep()?.curve.iter().map(|curve| Self::trainings(spec, curve, compute));
        Ok(trainings.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// One curve's trainings, which are as many independent ones of the same codec.
    fn trainings(spec: &Spec, curve: &CurveSpec, compute: Compute) -> Result<Vec<Self>, Error> {
        let read = |path: &Path| input::bytes(path).map_err(|reason| Error::Read { path: path.into(), reason });
        let mut trainings: Vec<Self> = Vec::new();
        for file in curve.weights.get_ref().files() {
            let path = spec.resolve(file);
            let name = path.display().to_string();
            let training = Self::new(&curve.label, &name, &read(&path)?, curve.link.clone(), compute)?;
            if let Some(message) = trainings.iter().find_map(|earlier| earlier.unlike_seeds(&training)) {
                return Err(SpecError::at(&spec.path, &spec.text, &curve.weights.span(), message).into());
            }
            trainings.push(training);
        }
        Ok(trainings)
    }

    /// Why two trainings are not two seeds of the same, if they are not.
    fn unlike_seeds(&self, other: &Self) -> Option<String> {
        let (names, k) = ([&self.weights, &other.weights], [self.codec.k(), other.codec.k()]);
        if k[0] != k[1] {
            let [(a, k_a), (b, k_b)] = [(names[0], k[0]), (names[1], k[1])];
            return Some(format!("`{a}` has k = {k_a} and `{b}` k = {k_b}; the trainings of a curve have one k"));
        }
        if let [Some(a), Some(b)] = [self, other].map(|curve| curve.origin.as_ref())
            && a.spec_sha256 != b.spec_sha256
        {
            let [first, second] = names;
            let why = "are of different experiment files; the trainings of a curve differ in their seed alone";
            return Some(format!("`{first}` ({}) and `{second}` ({}) {why}", a.experiment, b.experiment));
        }
        let is_copy = self.weights_sha256 == other.weights_sha256;
        is_copy.then(|| format!("`{}` and `{}` hold the same weights; list each training once", names[0], names[1]))
    }
}

/// Pictures after a link.
pub(crate) struct Deployed {
    /// Received pictures; those of a lost frame are mid-grey.
    pub x_hat: Vec<f32>,
    /// Frames sent.
    pub frames: usize,
    /// Frames lost.
    pub lost: usize,
}

/// Sends the symbols of pictures over a link and decodes what is heard.
pub(crate) fn deploy(codec: &Codec, link: &dyn Link, z: &[Complex32], snr_db: f64, seed: u64) -> Deployed {
    let (n_images, per_frame) = (z.len() / codec.k(), link.images_per_frame());
    let snr = vec![Snr::per_symbol(snr_db); n_images.div_ceil(per_frame)];
    // A frame's noise is the same at every SNR but for its scale: curves are compared on the same air.
    let noise = Noise { seed, purpose: "deploy noise", first: 0 };
    let frames = Frames::draw(link, n_images, codec.k(), &snr, noise).carry(z);
    let heard: Vec<Complex32> = frames.iter().flatten().flat_map(|frame| &frame.values).copied().collect();
    let decoded = codec.decode_heard(&heard, link.delivers().per_image(codec.k()));
    let mut decoded = decoded.chunks(N_PIXELS);
    let grey = [0.5; N_PIXELS];
    let picture = |i: usize| match frames[i / per_frame] {
        Some(_) => decoded.next().expect("a picture for each that was heard"),
        None => &grey,
    };
    let x_hat = (0..n_images).flat_map(picture).copied().collect();
    Deployed { x_hat, frames: frames.len(), lost: frames.iter().filter(|frame| frame.is_none()).count() }
}

impl Sweep<'_> {
    /// Runs all curves; `progress` hears how many of the points are done.
    pub fn run(&self, curves: &[Curve], progress: &mut dyn FnMut(usize)) -> Outcome {
        let mut outcome = Outcome::default();
        for curve in curves {
            let z = curve.codec.encode(&self.images.images.pixels);
            for &snr_db in &self.snr_db {
                let (row, received) = self.point(curve, &z, snr_db);
                outcome.rows.push(row);
                outcome.received.push(received);
                progress(outcome.rows.len());
            }
        }
        outcome
    }

    fn point(&self, curve: &Curve, z: &[Complex32], snr_db: f64) -> (Row, Vec<Vec<f32>>) {
        let Deployed { x_hat, frames, lost } = deploy(&curve.codec, curve.link.as_ref(), z, snr_db, self.seed);
        let quality = measure(self.images, &x_hat, curve.link.images_per_frame());
        let row = Row { snr_db, frames, lost, ..self.blank_row(curve) };
        let received = x_hat.chunks(N_PIXELS).take(self.pictures).map(<[f32]>::to_vec).collect();
        (row.with_quality(&quality), received)
    }

    fn blank_row(&self, curve: &Curve) -> Row {
        let k = curve.codec.k();
        Row {
            experiment: self.experiment.clone(),
            spec_sha256: self.spec_sha256.clone(),
            code: self.code.clone(),
            curve: curve.label.clone(),
            weights: curve.weights.clone(),
            weights_sha256: curve.weights_sha256.clone(),
            link: curve.spec.clone(),
            data: self.data.clone(),
            split: self.split,
            images: 0,
            seed: self.seed,
            k,
            bandwidth_ratio: k as f64 / N_PIXELS as f64,
            air_time_ratio: curve.link.air_time().map(|air_time| air_time.ratio(N_PIXELS)),
            snr_db: 0.0,
            mse: 0.0,
            mse_ci95: None,
            psnr_db: None,
            psnr_db_ci95: [None; 2],
            mean_psnr_db: None,
            mean_psnr_db_ci95: None,
            ssim: 0.0,
            ssim_ci95: None,
            frames: 0,
            lost: 0,
        }
    }
}

/// Quality of received pictures, image by image on all cores.
fn measure(sent: &Dataset, x_hat: &[f32], per_frame: usize) -> Quality {
    let pairs = sent.images.pixels.par_chunks(N_PIXELS).zip(x_hat.par_chunks(N_PIXELS));
    let shape = sent.images.shape;
    let (image_mse, image_ssim): (Vec<_>, Vec<_>) =
        pairs.map(|(x, x_hat)| (mse(x, x_hat), ssim(shape, x, x_hat))).unzip();
    Quality::of_images(&image_mse, &image_ssim, per_frame)
}
