//! A learned transform: the latents of an autoencoder that was trained with noise on them, in place of a basis. Quantised
//! and entropy-coded, they are a learned digital codec of any rate, of the same network as the analog ones.
//!
//! Source: J. Ballé, V. Laparra, E. Simoncelli, "End-to-end optimized image compression", ICLR 2017, for noise in training in
//! the place of a quantiser.

use super::{Analysis, SHAPE};
use crate::Error;
use crate::input;
use jscc_nn::codec::Codec;
use jscc_nn::compute::Compute;
use jscc_nn::method::ChannelState;
use jscc_nn::zoo;
use jscc_phy::Complex32;
use std::path::Path;

/// Factor of the latents, whose variance is 1/2: the quantisers' steps are made for coefficients of PCA, several times as
/// large.
const SCALE: f32 = 4.0;

/// An autoencoder, its symbols taken as pairs of reals.
#[derive(Debug)]
pub struct Learned {
    name: String,
    codec: Codec,
}

impl Learned {
    /// Loads the weights of an autoencoder.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = input::bytes(path).map_err(|reason| Error::Read { path: path.into(), reason })?;
        let refuse = |reason| Error::Weights { path: path.into(), reason };
        let codec = zoo::load(&bytes, Compute::default()).map_err(refuse)?;
        let shape = codec.source().shape;
        if shape != SHAPE {
            return Err(Error::NotForRivals { path: path.into(), shape });
        }
        Ok(Self { name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), codec })
    }
}

impl Analysis for Learned {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn len(&self) -> usize {
        2 * self.codec.k()
    }

    fn analyse(&self, pictures: &[f32]) -> Vec<f32> {
        let symbols = self.codec.encode(pictures, &ChannelState::default());
        symbols.z.iter().flat_map(|z| [SCALE * z.re, SCALE * z.im]).collect()
    }

    fn synthesise(&self, coefficients: &[f32]) -> Vec<f32> {
        let symbol = |&[re, im]: &[f32; 2]| Complex32::new(re / SCALE, im / SCALE);
        let z: Vec<_> = coefficients.as_chunks::<2>().0.iter().map(symbol).collect();
        self.codec.decode(&z, &ChannelState::default()).pixels
    }
}
