//! Weights as safetensors with a header that describes them.
//!
//! One entry of metadata, `jscc`, holds [`About`] as JSON. Only one, because the format does not fix the order of
//! several, and equal runs must give equal bytes.

use crate::method::{Card, Method, Source, Task};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::Device;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most reals per picture of any weights, so that a few bytes cannot claim all memory.
const MOST_REALS: usize = 4096;
/// Most classes.
const MOST_CLASSES: usize = 1000;

/// Reason why bytes are not weights of a codec.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Not a safetensors file, or a damaged one.
    #[error("not an intact safetensors file: {0}")]
    Malformed(String),
    /// Tensors are missing, have another shape, or belong to something else.
    #[error("not the weights of a codec: {0}")]
    Mismatch(String),
    /// A weight is infinite or NaN.
    #[error("a weight is not a finite number")]
    NotFinite,
}

/// Header of weights. Weights from elsewhere, and from version 0.1.0 and before, have none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Name of the method.
    pub method: String,
    /// Sizes of its networks, [`Method::Config`].
    pub config: Value,
    /// Shape and classes of the pictures.
    pub source: Source,
    /// Complex channel uses per image.
    pub k: usize,
    /// Task of the receiver.
    pub task: Task,
    /// The training that produced them.
    pub origin: Option<Origin>,
    /// CRC-32 of names and values.
    crc32: String,
}

/// The training that weights come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Name of the experiment.
    pub experiment: String,
    /// SHA-256 of the resolved experiment.
    pub spec_sha256: String,
    /// Seed of the run.
    pub seed: u64,
    /// The pictures.
    pub data: String,
    /// Links and SNRs, stage by stage.
    pub trained_on: Vec<TrainedOn>,
    /// Pictures that went forward and backward through the networks, those of the weights it started from included; `None` if
    /// that is not known, as of weights from before it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passes: Option<u64>,
}

/// Link and SNRs of a stage of training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedOn {
    /// The link, as in experiment files.
    pub link: Value,
    /// Range of the SNR in dB, drawn uniformly.
    pub snr_db: [f64; 2],
}

/// Description of a codec, without its weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub card: Card,
    pub config: &'a Value,
    pub source: Source,
    pub task: Task,
    pub k: usize,
}

/// Key of [`About`] among the metadata.
const ABOUT: &str = "jscc";
/// Most bytes of it.
const MOST_ABOUT: usize = 1 << 16;
/// Key of the checksum in the metadata of weights without [`About`].
const CHECKSUM: &str = "deepjscc-crc32";

/// Parses a configuration, null for the default one; the error is the reason for a refusal.
pub fn config<M: Method>(value: &Value) -> Result<M::Config, String> {
    match value {
        Value::Null => Ok(M::Config::default()),
        value => M::Config::deserialize(value).map_err(|error| error.to_string()),
    }
}

/// Reads the header of weights; `None` if they have none.
pub fn about(safetensors: &[u8]) -> Result<Option<About>, WeightsError> {
    let Some(entry) = entry(safetensors, ABOUT) else { return Ok(None) };
    let bad = |why: String| WeightsError::Malformed(format!("its entry `{ABOUT}` cannot be read: {why}"));
    if entry.len() > MOST_ABOUT {
        return Err(bad(format!("{} bytes long", entry.len())));
    }
    serde_json::from_str(&entry).map(Some).map_err(|error| bad(error.to_string()))
}

/// An entry of the metadata.
fn entry(bytes: &[u8], key: &str) -> Option<String> {
    let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
    header.metadata().as_ref()?.get(key).cloned()
}

impl Identity<'_> {
    /// A network's weights as safetensors.
    pub fn save<M: Method>(&self, net: &M, origin: Option<&Origin>) -> Vec<u8> {
        let collect = |mut store: SafetensorsStore| {
            net.save_into(&mut store).expect("weights in memory can be collected");
            store.get_bytes().expect("weights in memory can be written")
        };
        let bare = SafetensorsStore::from_bytes(None).clear_metadata();
        let crc32 = checksum(&SafeTensors::deserialize(&collect(bare)).expect("just written"));
        let about = About {
            method: self.card.name.to_owned(),
            config: self.config.clone(),
            source: self.source,
            k: self.k,
            task: self.task,
            origin: origin.cloned(),
            crc32,
        };
        let about = serde_json::to_string(&about).expect("words and numbers");
        collect(SafetensorsStore::from_bytes(None).clear_metadata().metadata(ABOUT, about))
    }
}

/// Complete weights of finite numbers.
pub(crate) struct Weights<'a> {
    bytes: &'a [u8],
    file: SafeTensors<'a>,
    about: Option<About>,
    k: usize,
}

impl<'a> Weights<'a> {
    /// Reads weights of any method.
    pub fn read(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| WeightsError::Malformed(error.to_string()))?;
        let about = about(bytes)?;
        let written = about.as_ref().map(|about| about.crc32.clone()).or_else(|| entry(bytes, CHECKSUM));
        if written.is_some_and(|written| written != checksum(&file)) {
            return Err(WeightsError::Malformed("its checksum is wrong".to_owned()));
        }
        are_finite(&file)?;
        let k = match &about {
            Some(about) => about.checked_k()?,
            None => symbols_per_image(&file)?,
        };
        Ok(Self { bytes, file, about, k })
    }

    /// Name of the method, if there is a header.
    pub fn method(&self) -> Option<&str> {
        self.about.as_ref().map(|about| about.method.as_str())
    }

    /// Whether there are tensors of a part.
    pub fn has(&self, part: &str) -> bool {
        self.file.names().iter().any(|name| is_of(name, part))
    }

    /// Description of the codec; what a missing header leaves open has the values of version 0.1.0.
    pub fn identity<M: Method>(&self) -> Identity<'_> {
        let (card, k) = (M::CARD, self.k);
        match &self.about {
            Some(About { config, source, task, .. }) => Identity { card, config, source: *source, task: *task, k },
            None => Identity { card, config: &Value::Null, source: Source::MNIST, task: Task::Recover, k },
        }
    }

    /// The network.
    pub fn network<M: Method>(&self, device: &Device) -> Result<M, WeightsError> {
        let Identity { config, source, task, k, .. } = self.identity::<M>();
        let name = M::CARD.title;
        let config = self::config::<M>(config);
        let config = config.map_err(|why| WeightsError::Mismatch(format!("{name} has no such config: {why}")))?;
        if let Some(why) = M::misfit(source, k) {
            return Err(WeightsError::Mismatch(why));
        }
        if !M::CARD.tasks.contains(&task) {
            return Err(WeightsError::Mismatch(format!("{name} is not for the task that it says to be for")));
        }
        self.fill(M::new(&config, source, k, device), M::CARD.parts)
    }

    /// Replaces the parts of a network that these weights contain; the others stay as they are.
    pub fn fill_parts<M: Method>(&self, net: M, k: usize) -> Result<M, WeightsError> {
        if self.k != k {
            return Err(WeightsError::Mismatch(format!("it has k = {}, the plan k = {k}", self.k)));
        }
        let parts: Vec<_> = M::CARD.parts.iter().filter(|part| self.has(part)).copied().collect();
        self.fill(net, &parts)
    }

    /// Loads all weights: those of `parts`, complete, and no others.
    fn fill<M: Method>(&self, mut net: M, parts: &[&str]) -> Result<M, WeightsError> {
        // burn reports a misfit in a drawing of many lines.
        let misfit = || {
            let (name, k) = (M::CARD.title, self.k);
            WeightsError::Mismatch(format!("names or shapes of its tensors are not those of {name} with k = {k}"))
        };
        let mut store = SafetensorsStore::from_bytes(Some(self.bytes.to_vec())).allow_partial(true);
        let applied = net.load_from(&mut store).map_err(|_| misfit())?;
        let missing = applied.missing.iter().any(|(name, _)| parts.iter().any(|part| is_of(name, part)));
        if applied.errors.is_empty() && applied.unused.is_empty() && !missing { Ok(net) } else { Err(misfit()) }
    }
}

impl About {
    /// k, if it and the source are within bounds.
    fn checked_k(&self) -> Result<usize, WeightsError> {
        let Self { source, k, .. } = *self;
        let reals =
            source.shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side)).unwrap_or(usize::MAX);
        if !(1..=MOST_REALS).contains(&reals) || source.classes > MOST_CLASSES {
            return Err(WeightsError::Mismatch(format!("it says to be for pictures of {:?}", source.shape)));
        }
        if !(1..=reals).contains(&k) {
            return Err(WeightsError::Mismatch(format!("it says to have k = {k}")));
        }
        Ok(k)
    }
}

/// Whether a tensor belongs to a part.
fn is_of(name: &str, part: &str) -> bool {
    name.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'))
}

/// CRC-32 of names and values, in the order of names.
fn checksum(file: &SafeTensors) -> String {
    let mut crc = crc32fast::Hasher::new();
    for (name, tensor) in file.tensors().into_iter().collect::<BTreeMap<_, _>>() {
        crc.update(name.as_bytes());
        crc.update(tensor.data());
    }
    format!("{:08x}", crc.finalize())
}

fn are_finite(file: &SafeTensors) -> Result<(), WeightsError> {
    for (name, tensor) in file.tensors() {
        if tensor.dtype() != safetensors::Dtype::F32 {
            return Err(WeightsError::Mismatch(format!("`{name}` holds {:?}, not F32", tensor.dtype())));
        }
        let finite = |value: &[u8; 4]| f32::from_le_bytes(*value).is_finite();
        if !tensor.data().as_chunks::<4>().0.iter().all(finite) {
            return Err(WeightsError::NotFinite);
        }
    }
    Ok(())
}

/// k of weights without a header, from the shape of the layer that produces the symbols.
fn symbols_per_image(file: &SafeTensors) -> Result<usize, WeightsError> {
    let Ok(layer) = file.tensor("encoder.to_symbols.weight") else {
        return Err(WeightsError::Mismatch("it has no tensor `encoder.to_symbols.weight`".to_owned()));
    };
    match *layer.shape() {
        [_, reals] if reals % 2 == 0 && (1..=Source::MNIST.reals()).contains(&(reals / 2)) => Ok(reals / 2),
        _ => Err(WeightsError::Mismatch(format!("`encoder.to_symbols.weight` has the shape {:?}", layer.shape()))),
    }
}
