//! Curves of an experiment file: a codec on a link.

use crate::Error;
use crate::input;
use crate::results::Trained;
use crate::spec::{CurveSpec, LinkSpec, Spec, SpecError};
use jscc_nn::codec::Codec;
use jscc_nn::compute::Compute;
use jscc_nn::tell::Tell;
use jscc_nn::weights::{self, Origin};
use jscc_nn::zoo;
use jscc_phy::link::Link;
use jscc_radio::files::sha256;
use std::path::{Path, PathBuf};

/// A codec on a link; curves with the same label are trainings of the same codec.
pub struct Curve {
    pub(crate) label: String,
    pub(crate) spec: LinkSpec,
    pub(crate) link: Box<dyn Link>,
    /// What the two sides are told of the channel.
    pub(crate) tell: Tell,
    /// Name of the file of weights; with `{snr_db}` in it, of several.
    weights: String,
    /// The weights, and the SNR in dB that they are for, where there are several.
    loaded: Vec<(f64, Loaded)>,
}

/// Weights of a curve.
pub(crate) struct Loaded {
    pub codec: Codec,
    sha256: String,
    origin: Option<Origin>,
}

/// The part of a file's name that stands for the SNR in dB.
const PER_SNR: &str = "{snr_db}";

impl Curve {
    /// A curve from the bytes of weights; `name` names their file.
    pub fn new(label: &str, name: &str, safetensors: &[u8], spec: LinkSpec, compute: Compute) -> Result<Self, Error> {
        Self::of(label, name, vec![(0.0, Loaded::new(name, safetensors, compute)?)], spec)
    }

    /// The same, with both sides told something else of the channel.
    #[must_use]
    pub fn telling(self, tell: Tell) -> Self {
        Self { tell, ..self }
    }

    fn of(label: &str, name: &str, loaded: Vec<(f64, Loaded)>, spec: LinkSpec) -> Result<Self, Error> {
        let codec = &loaded[0].1.codec;
        let link = spec.build_for(codec.card().name, |delivery| codec.accepts(delivery), codec.k())?;
        let weights = Path::new(name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { label: label.to_owned(), spec, link, tell: Tell::True, weights, loaded })
    }

    /// The curves of an experiment file, one per file of weights.
    pub fn all(spec: &Spec, compute: Compute) -> Result<Vec<Self>, Error> {
        let trainings = spec.sweep()?.curve.iter().map(|curve| Self::trainings(spec, curve, compute));
        Ok(trainings.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The independent trainings of one curve.
    fn trainings(spec: &Spec, curve: &CurveSpec, compute: Compute) -> Result<Vec<Self>, Error> {
        let mut trainings: Vec<Self> = Vec::new();
        for file in curve.weights.get_ref().files() {
            let path = spec.resolve(file);
            let name = path.display().to_string();
            let points = if name.contains(PER_SNR) { &spec.sweep()?.snr_db[..] } else { &[0.0] };
            let load = |&snr_db: &f64| {
                let path = PathBuf::from(name.replace(PER_SNR, &snr_db.to_string()));
                let bytes = input::bytes(&path).map_err(|reason| Error::Read { path: path.clone(), reason })?;
                Ok((snr_db, Loaded::new(&path.display().to_string(), &bytes, compute)?))
            };
            let loaded = points.iter().map(load).collect::<Result<Vec<_>, Error>>()?;
            let training = Self::of(&curve.label, &name, loaded, curve.link.clone())?.telling(curve.tell.clone());
            let first = training.codec().k();
            let other = training.loaded.iter().map(|(_, loaded)| loaded.codec.k()).find(|&k| k != first);
            let mixed = other.map(|other| format!("codecs of k = {first} and k = {other}; a curve has one k"));
            let unlike = || trainings.iter().find_map(|earlier| earlier.unlike_seeds(&training));
            if let Some(message) = mixed.or_else(unlike) {
                return Err(SpecError::at(&spec.path, &spec.text, &curve.weights.span(), message).into());
            }
            trainings.push(training);
        }
        Ok(trainings)
    }

    /// The codec, or the first of several.
    pub(crate) fn codec(&self) -> &Codec {
        &self.loaded[0].1.codec
    }

    /// The weights for an SNR: of several, those of the nearest.
    pub(crate) fn at(&self, snr_db: f64) -> &Loaded {
        let distance = |(of_db, _): &&(f64, Loaded)| (of_db - snr_db).abs();
        let nearest = self.loaded.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        &nearest.expect("a curve has weights").1
    }

    /// Whether all SNRs have the same weights.
    pub(crate) fn is_one_for_all(&self) -> bool {
        self.loaded.len() == 1
    }

    /// Reason why two trainings are not seeds of the same codec; `None` if they are.
    fn unlike_seeds(&self, other: &Self) -> Option<String> {
        let (names, k) = ([&self.weights, &other.weights], [self.codec().k(), other.codec().k()]);
        if k[0] != k[1] {
            let [(a, k_a), (b, k_b)] = [(names[0], k[0]), (names[1], k[1])];
            return Some(format!("`{a}` has k = {k_a} and `{b}` k = {k_b}; the trainings of a curve have one k"));
        }
        let [ours, theirs] = [self, other].map(|curve| &curve.loaded[0].1);
        if let [Some(a), Some(b)] = [ours, theirs].map(|loaded| loaded.origin.as_ref())
            && a.spec_sha256 != b.spec_sha256
        {
            let [first, second] = names;
            let why = "are of different experiment files; the trainings of a curve differ in their seed alone";
            return Some(format!("`{first}` ({}) and `{second}` ({}) {why}", a.experiment, b.experiment));
        }
        let is_copy = ours.sha256 == theirs.sha256;
        is_copy.then(|| format!("`{}` and `{}` hold the same weights; list each training once", names[0], names[1]))
    }

    /// The entry in a row of the codec at an SNR.
    pub(crate) fn trained(&self, snr_db: f64) -> Trained {
        let Loaded { codec, sha256, origin } = self.at(snr_db);
        Trained {
            method: codec.card().name,
            weights: self.weights.clone(),
            weights_sha256: sha256.clone(),
            k: codec.k(),
            trained_on: origin.as_ref().map(|origin| origin.trained_on.clone()).unwrap_or_default(),
            passes: origin.as_ref().and_then(|origin| origin.passes),
        }
    }
}

impl Loaded {
    fn new(name: &str, safetensors: &[u8], compute: Compute) -> Result<Self, Error> {
        let refuse = |reason| Error::Weights { path: name.into(), reason };
        let codec = zoo::load(safetensors, compute).map_err(refuse)?;
        let origin = weights::about(safetensors).map_err(refuse)?.and_then(|about| about.origin);
        Ok(Self { codec, sha256: sha256(safetensors), origin })
    }
}
