//! Trained weights, ready to run: pixels to symbols and symbols to pixels, without gradients.

use crate::compute::Compute;
use crate::methods::{Entry, METHODS, Method};
use crate::symbols::{from_complex, to_complex};
use crate::train::Halves;
use crate::{N_PIXELS, SIDE};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::Complex32;
use rayon::prelude::*;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Images that a device takes at once; fixed, so that results do not depend on how many there are.
const BATCH: usize = 64;
/// Most symbols an image that weights may ask for: one a source real.
const MAX_K: usize = N_PIXELS;

/// An encoder and decoder.
#[derive(Debug)]
pub struct Codec {
    net: Box<dyn Network>,
    method: &'static str,
    together: usize,
    k: usize,
    compute: Compute,
}

/// [`Halves`] of whatever kind.
trait Network: Send + Sync + Debug {
    fn encode(&self, x: Tensor<4>) -> Tensor<3>;
    fn decode(&self, heard: Tensor<3>) -> Tensor<4>;
}

impl<N: Halves> Network for N {
    fn encode(&self, x: Tensor<4>) -> Tensor<3> {
        Halves::encode(self, x)
    }

    fn decode(&self, heard: Tensor<3>) -> Tensor<4> {
        Halves::decode(self, heard)
    }
}

/// Why bytes are not weights of a codec.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Not a safetensors file, or a damaged one.
    #[error("not an intact safetensors file: {0}")]
    Malformed(String),
    /// Tensors are missing, have another shape, or are of something else.
    #[error("not the weights of a codec: {0}")]
    Mismatch(String),
    /// A weight is infinite or not a number.
    #[error("a weight is not a finite number")]
    NotFinite,
}

impl Codec {
    /// Reads weights of any method from safetensors bytes, to be run on a device.
    ///
    /// # Panics
    /// If the device was not [checked](Compute::check).
    pub fn from_safetensors(bytes: &[u8], compute: Compute) -> Result<Self, WeightsError> {
        let file = open(bytes)?;
        if let Some(about) = about(bytes)? {
            let unknown =
                || WeightsError::Mismatch(format!("its method `{}` is not one of this version's", about.method));
            return (Entry::named(&about.method).ok_or_else(unknown)?.load)(bytes, compute);
        }
        let has = |part: &&str| file.names().iter().any(|name| name.starts_with(&format!("{part}.")));
        // A method's weights have all of its parts; of those, the method with most parts.
        let all = METHODS.iter().filter(|method| method.parts.iter().all(&has));
        let method = all.max_by_key(|method| method.parts.len());
        let none = || WeightsError::Mismatch("it lacks parts of every method".to_owned());
        (method.ok_or_else(none)?.load)(bytes, compute)
    }

    pub(crate) fn load<M: Method>(bytes: &[u8], compute: Compute) -> Result<Self, WeightsError> {
        Ok(Self::of(load::<M>(bytes, &compute.device())?, symbols_per_image(bytes)?, compute))
    }

    pub(crate) fn of<M: Method>(net: M, k: usize, compute: Compute) -> Self {
        Self { net: Box::new(net), method: M::NAME, together: M::TOGETHER, k, compute }
    }

    /// The method that it is of.
    pub fn method(&self) -> &'static Entry {
        Entry::named(self.method).expect("a method of the list")
    }

    /// Complex channel uses an image.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Symbols of the images, k each, of mean power 1.
    ///
    /// # Shapes
    /// - `pixels`: n images of 28·28 in [0, 1]
    ///
    /// # Panics
    /// If the pixels do not fill whole images.
    pub fn encode(&self, pixels: &[f32]) -> Vec<Complex32> {
        assert_eq!(pixels.len() % N_PIXELS, 0, "{} pixels in images of {N_PIXELS}", pixels.len());
        let device = self.compute.device();
        let symbols = |batch: &[f32]| to_complex(self.net.encode(images(batch, &device)));
        side_by_side(pixels, self.compute.shard(BATCH) * N_PIXELS, symbols)
    }

    /// Pictures of received symbols; the inverse of [`Codec::encode`] as far as the channel lets it.
    ///
    /// # Panics
    /// If the symbols do not fill whole images.
    pub fn decode(&self, z_hat: &[Complex32]) -> Vec<f32> {
        self.decode_heard(z_hat, self.k)
    }

    /// Pictures of what a link handed over, `per_image` complex values for each.
    ///
    /// # Panics
    /// If the values do not fill as many images as the method takes together, or the method does not hear such values.
    pub fn decode_heard(&self, heard: &[Complex32], per_image: usize) -> Vec<f32> {
        let together = per_image * self.together;
        assert_eq!(heard.len() % together, 0, "{} values in passes of {together}", heard.len());
        let device = self.compute.device();
        let pixels = |batch: &[Complex32]| -> Vec<f32> {
            let x_hat = self.net.decode(from_complex(batch, per_image, &device));
            x_hat.try_into_vec_as().expect("pixels are 32-bit floats")
        };
        let images = self.compute.shard(BATCH).next_multiple_of(self.together);
        side_by_side(heard, images * per_image, pixels)
    }
}

/// Computes pieces on all cores; one piece alone wakes none of them.
fn side_by_side<T: Sync, U: Send>(whole: &[T], piece: usize, compute: impl Fn(&[T]) -> Vec<U> + Sync + Send) -> Vec<U> {
    if whole.len() <= piece {
        return compute(whole);
    }
    let pieces: Vec<_> = whole.par_chunks(piece).map(compute).collect();
    pieces.into_iter().flatten().collect()
}

/// Pixels as a batch `[batch, 1, 28, 28]`.
pub(crate) fn images(pixels: &[f32], device: &Device) -> Tensor<4> {
    let batch = pixels.len() / N_PIXELS;
    Tensor::from_data(TensorData::new(pixels.to_vec(), [batch, 1, SIDE, SIDE]), device)
}

/// What weights say of themselves, in one entry of their metadata. Those from elsewhere, and those of version 0.1.0 and before, do
/// not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Name of the method.
    pub method: String,
    /// Complex channel uses per image.
    pub k: usize,
    /// What they were trained by.
    pub origin: Option<Origin>,
    /// Of names and values.
    crc32: String,
}

/// The training that weights come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Name of the experiment.
    pub experiment: String,
    /// SHA-256 of its file.
    pub spec_sha256: String,
    /// Seed of the run.
    pub seed: u64,
    /// The pictures.
    pub data: String,
}

/// Key of [`About`] among the metadata.
const ABOUT: &str = "jscc";
/// Most bytes of it.
const MOST_ABOUT: usize = 1 << 16;

/// What weights say of themselves.
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

/// The network's weights as safetensors.
pub(crate) fn save<M: Method>(net: &M, k: usize, origin: Option<&Origin>) -> Vec<u8> {
    let collect = |mut store: SafetensorsStore| {
        net.save_into(&mut store).expect("weights in memory can be collected");
        store.get_bytes().expect("weights in memory can be written")
    };
    let bare = SafetensorsStore::from_bytes(None).clear_metadata();
    let crc32 = checksum(&SafeTensors::deserialize(&collect(bare)).expect("just written"));
    let about = About { method: M::NAME.to_owned(), k, origin: origin.cloned(), crc32 };
    let about = serde_json::to_string(&about).expect("words and numbers");
    // One entry only: the format writes several in no fixed order, and equal runs shall give equal bytes.
    collect(SafetensorsStore::from_bytes(None).clear_metadata().metadata(ABOUT, about))
}

/// A network with the weights in safetensors bytes.
pub(crate) fn load<M: Method>(bytes: &[u8], device: &Device) -> Result<M, WeightsError> {
    let k = symbols_per_image(bytes)?;
    fill(M::new(k, 0, device), bytes, k, M::PARTS)
}

/// A network with initial weights from `seed`, but for the parts that are in safetensors bytes.
pub(crate) fn load_start<M: Method>(bytes: &[u8], k: usize, seed: u64, device: &Device) -> Result<M, WeightsError> {
    let found = symbols_per_image(bytes)?;
    if found != k {
        return Err(WeightsError::Mismatch(format!("it has k = {found}, the plan k = {k}")));
    }
    let file = open(bytes)?;
    let has = |part: &&&str| file.names().iter().any(|name| name.starts_with(&format!("{part}.")));
    let parts: Vec<_> = M::PARTS.iter().filter(has).copied().collect();
    fill(M::new(k, seed, device), bytes, k, &parts)
}

/// Puts all weights in safetensors bytes in place: those of `parts`, whole, and no others.
fn fill<M: Method>(mut net: M, bytes: &[u8], k: usize, parts: &[&str]) -> Result<M, WeightsError> {
    // burn tells what does not fit in a picture of many lines.
    let misfit = || {
        let name = M::TITLE;
        WeightsError::Mismatch(format!("names or shapes of its tensors are not those of {name} with k = {k}"))
    };
    let mut store = SafetensorsStore::from_bytes(Some(bytes.to_vec())).allow_partial(true);
    let applied = net.load_from(&mut store).map_err(|_| misfit())?;
    let of_parts = |name: &String| parts.iter().any(|part| name.starts_with(&format!("{part}.")));
    let missing = applied.missing.iter().any(|(name, _)| of_parts(name));
    if applied.errors.is_empty() && applied.unused.is_empty() && !missing { Ok(net) } else { Err(misfit()) }
}

/// Key of the checksum among the metadata of weights that do not say what they are.
const CHECKSUM: &str = "deepjscc-crc32";

/// CRC-32 of names and values, in the order of names.
fn checksum(file: &SafeTensors) -> String {
    let mut crc = crc32fast::Hasher::new();
    for (name, tensor) in file.tensors().into_iter().collect::<BTreeMap<_, _>>() {
        crc.update(name.as_bytes());
        crc.update(tensor.data());
    }
    format!("{:08x}", crc.finalize())
}

/// Compares with the checksum that was written; weights from elsewhere have none.
fn is_intact(bytes: &[u8], file: &SafeTensors) -> Result<bool, WeightsError> {
    let written = about(bytes)?.map(|about| about.crc32).or_else(|| entry(bytes, CHECKSUM));
    Ok(written.is_none_or(|written| written == checksum(file)))
}

/// The file, if it is whole.
fn open(bytes: &[u8]) -> Result<SafeTensors<'_>, WeightsError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| WeightsError::Malformed(error.to_string()))?;
    if !is_intact(bytes, &file)? {
        return Err(WeightsError::Malformed("its checksum is wrong".to_owned()));
    }
    Ok(file)
}

/// k: as the weights say, or read from the shape of the layer that makes the symbols.
pub(crate) fn symbols_per_image(bytes: &[u8]) -> Result<usize, WeightsError> {
    let file = open(bytes)?;
    let mismatch = |why: &str| Err(WeightsError::Mismatch(why.to_owned()));
    for (name, tensor) in file.tensors() {
        if tensor.dtype() != safetensors::Dtype::F32 {
            return mismatch(&format!("`{name}` holds {:?}, not F32", tensor.dtype()));
        }
        let finite = |value: &[u8]| f32::from_le_bytes([value[0], value[1], value[2], value[3]]).is_finite();
        if !tensor.data().chunks_exact(4).all(finite) {
            return Err(WeightsError::NotFinite);
        }
    }
    if let Some(About { k, .. }) = about(bytes)? {
        return if (1..=MAX_K).contains(&k) { Ok(k) } else { mismatch(&format!("it says to have k = {k}")) };
    }
    let Ok(layer) = file.tensor("encoder.to_symbols.weight") else {
        return mismatch("it has no tensor `encoder.to_symbols.weight`");
    };
    match *layer.shape() {
        [_, reals] if reals % 2 == 0 && (1..=MAX_K).contains(&(reals / 2)) => Ok(reals / 2),
        _ => mismatch(&format!("`encoder.to_symbols.weight` has the shape {:?}", layer.shape())),
    }
}
