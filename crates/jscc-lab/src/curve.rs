//! Curves of an experiment file: a codec on a link.

use crate::Error;
use crate::input;
use crate::results::Trained;
use crate::spec::{CurveSpec, LinkSpec, Spec, SpecError};
use jscc_nn::codec::Codec;
use jscc_nn::compute::Compute;
use jscc_nn::weights::{self, Origin};
use jscc_nn::zoo;
use jscc_phy::link::Link;
use jscc_radio::files::sha256;
use std::path::Path;

/// A codec on a link; curves with the same label are trainings of the same codec.
pub struct Curve {
    pub(crate) label: String,
    pub(crate) codec: Codec,
    pub(crate) spec: LinkSpec,
    pub(crate) link: Box<dyn Link>,
    weights: String,
    weights_sha256: String,
    origin: Option<Origin>,
}

impl Curve {
    /// A curve from the bytes of weights; `name` names their file.
    pub fn new(label: &str, name: &str, safetensors: &[u8], spec: LinkSpec, compute: Compute) -> Result<Self, Error> {
        let refuse = |reason| Error::Weights { path: name.into(), reason };
        let codec = zoo::load(safetensors, compute).map_err(refuse)?;
        let origin = weights::about(safetensors).map_err(refuse)?.and_then(|about| about.origin);
        let link = spec.build_for(codec.card().name, |delivery| codec.accepts(delivery), codec.k())?;
        let file_name = Path::new(name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self {
            label: label.to_owned(),
            weights: file_name,
            weights_sha256: sha256(safetensors),
            origin,
            link,
            codec,
            spec,
        })
    }

    /// The curves of an experiment file, one per file of weights.
    pub fn all(spec: &Spec, compute: Compute) -> Result<Vec<Self>, Error> {
        let trainings = spec.sweep()?.curve.iter().map(|curve| Self::trainings(spec, curve, compute));
        Ok(trainings.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The independent trainings of one curve.
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

    /// Reason why two trainings are not seeds of the same codec; `None` if they are.
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

    /// The codec's entry in a row.
    pub(crate) fn trained(&self) -> Trained {
        Trained {
            method: self.codec.card().name,
            weights: self.weights.clone(),
            weights_sha256: self.weights_sha256.clone(),
            k: self.codec.k(),
            trained_on: self.origin.as_ref().map(|origin| origin.trained_on.clone()).unwrap_or_default(),
        }
    }
}
