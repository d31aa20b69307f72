//! Trained weights, ready to run: pixels to symbols and symbols to pixels, without gradients.

use crate::compute::Compute;
use crate::methods::deepjscc::DeepJscc;
use crate::symbols::{from_complex, to_complex};
use crate::train::Halves;
use crate::{N_PIXELS, SIDE};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::Complex32;
use rayon::prelude::*;
use safetensors::SafeTensors;
use std::collections::BTreeMap;

/// Images that a device takes at once; fixed, so that results do not depend on how many there are.
const BATCH: usize = 64;
/// Most symbols an image that weights may ask for: one a source real.
const MAX_K: usize = N_PIXELS;

/// A DeepJSCC encoder and decoder.
#[derive(Debug)]
pub struct Codec {
    net: DeepJscc,
    k: usize,
    compute: Compute,
}

/// Why bytes are not weights of a codec.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Not a safetensors file, or a damaged one.
    #[error("not an intact safetensors file: {0}")]
    Malformed(String),
    /// Tensors are missing, have another shape, or are of something else.
    #[error("not the weights of a DeepJSCC codec: {0}")]
    Mismatch(String),
    /// A weight is infinite or not a number.
    #[error("a weight is not a finite number")]
    NotFinite,
}

impl Codec {
    /// Reads weights from safetensors bytes, to be run on a device.
    ///
    /// # Panics
    /// If the device was not [checked](Compute::check).
    pub fn from_safetensors(bytes: &[u8], compute: Compute) -> Result<Self, WeightsError> {
        let net = load(bytes, &compute.device())?;
        Ok(Self { k: symbols_per_image(bytes)?, net, compute })
    }

    pub(crate) fn of(net: DeepJscc, k: usize, compute: Compute) -> Self {
        Self { net, k, compute }
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
        assert_eq!(z_hat.len() % self.k, 0, "{} symbols in images of {}", z_hat.len(), self.k);
        let device = self.compute.device();
        let pixels = |batch: &[Complex32]| -> Vec<f32> {
            let x_hat = self.net.decode(from_complex(batch, self.k, &device));
            x_hat.try_into_vec_as().expect("pixels are 32-bit floats")
        };
        side_by_side(z_hat, self.compute.shard(BATCH) * self.k, pixels)
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

/// The network's weights as safetensors.
pub(crate) fn save(net: &DeepJscc) -> Vec<u8> {
    let collect = |mut store: SafetensorsStore| {
        net.save_into(&mut store).expect("weights in memory can be collected");
        store.get_bytes().expect("weights in memory can be written")
    };
    let bare = SafetensorsStore::from_bytes(None).clear_metadata();
    let check = checksum(&SafeTensors::deserialize(&collect(bare)).expect("just written"));
    // One entry only: the format writes several in no fixed order, and equal runs shall give equal bytes.
    collect(SafetensorsStore::from_bytes(None).clear_metadata().metadata(CHECKSUM, check))
}

/// A network with the weights in safetensors bytes.
pub(crate) fn load(bytes: &[u8], device: &Device) -> Result<DeepJscc, WeightsError> {
    let k = symbols_per_image(bytes)?;
    let mut net = DeepJscc::new(k, 0, device);
    let mut store = SafetensorsStore::from_bytes(Some(bytes.to_vec()));
    // burn tells what does not fit in a picture of many lines.
    let misfit =
        || WeightsError::Mismatch(format!("names or shapes of its tensors are not those of a codec with k = {k}"));
    let applied = net.load_from(&mut store).map_err(|_| misfit())?;
    if applied.unused.is_empty() { Ok(net) } else { Err(misfit()) }
}

/// Key of the checksum among the metadata.
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

/// Compares with the checksum that [`save`] wrote; weights from elsewhere have none.
fn is_intact(bytes: &[u8], file: &SafeTensors) -> bool {
    let metadata = SafeTensors::read_metadata(bytes).ok().and_then(|(_, header)| header.metadata().clone());
    metadata.and_then(|entries| entries.get(CHECKSUM).cloned()).is_none_or(|wanted| wanted == checksum(file))
}

/// k, read from the shape of the layer that makes the symbols.
fn symbols_per_image(bytes: &[u8]) -> Result<usize, WeightsError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| WeightsError::Malformed(error.to_string()))?;
    if !is_intact(bytes, &file) {
        return Err(WeightsError::Malformed("its checksum is wrong".to_owned()));
    }
    let mismatch = |why: &str| Err(WeightsError::Mismatch(why.to_owned()));
    let Ok(layer) = file.tensor("encoder.to_symbols.weight") else {
        return mismatch("it has no tensor `encoder.to_symbols.weight`");
    };
    for (name, tensor) in file.tensors() {
        if tensor.dtype() != safetensors::Dtype::F32 {
            return mismatch(&format!("`{name}` holds {:?}, not F32", tensor.dtype()));
        }
        let finite = |value: &[u8]| f32::from_le_bytes([value[0], value[1], value[2], value[3]]).is_finite();
        if !tensor.data().chunks_exact(4).all(finite) {
            return Err(WeightsError::NotFinite);
        }
    }
    match *layer.shape() {
        [_, reals] if reals % 2 == 0 && (1..=MAX_K).contains(&(reals / 2)) => Ok(reals / 2),
        _ => mismatch(&format!("`encoder.to_symbols.weight` has the shape {:?}", layer.shape())),
    }
}
