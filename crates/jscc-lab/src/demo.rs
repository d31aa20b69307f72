//! Demonstration of the shipped weights on a few pictures: curves of `experiments/d2a-mnist.toml`, first training of
//! each.

use crate::Error;
use crate::curve::Curve;
use crate::spec::SpecFile;
use jscc_nn::compute::Compute;
use std::path::Path;

/// SNRs of the demonstration, in dB.
pub const SNR_DB: [f64; 9] = [-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0];

/// The codecs and their links.
const EXPERIMENT: &str = include_str!("../../../experiments/d2a-mnist.toml");

macro_rules! shipped {
    ($name:literal) => {
        (concat!($name, ".safetensors"), include_bytes!(concat!("../../../models/", $name, ".safetensors")))
    };
}

/// Weights trained on MNIST through 802.11a frames at 54 Mb/s, the default of `jscc send`.
pub(crate) const WIFI: (&str, &[u8]) = shipped!("deepjscc-mnist-k48-wifi54");

/// Weights of the curves shown; the experiment's other curves are left out.
const WEIGHTS: [(&str, &[u8]); 4] = [
    shipped!("ideal-mnist-k48-seed1"),
    shipped!("d2ajscc-mnist-k48-seed1"),
    shipped!("ste-mnist-k48-float32-seed1"),
    shipped!("ours-mnist-k48-seed1"),
];

/// The ideal radio, D2AJSCC as published with its baselines, and ours.
pub fn curves() -> Result<Vec<Curve>, Error> {
    let file: SpecFile = toml::from_str(EXPERIMENT).expect("the shipped experiment is one");
    let sweep = file.sweep.expect("it has curves");
    let shown = sweep.curve.into_iter().filter_map(|curve| {
        let name = curve.weights.get_ref().files().first().and_then(|file| Path::new(file).file_name())?;
        let (name, weights) = WEIGHTS.iter().find(|(shipped, _)| name == *shipped)?;
        Some(Curve::new(&curve.label, name, weights, curve.link, Compute::Cpu))
    });
    shown.collect()
}
