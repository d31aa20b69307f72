//! Photographs as standard 802.11 frames: sending, and receiving from recordings and captures.
//!
//! | module | content |
//! |---|---|
//! | [`send`] | photographs to frames |
//! | [`receive`] | recordings and captures to photographs |
//! | [`keep`] | photographs as PNG files |
//! | [`restore`] | received photographs through the network |
//! | [`train`] | its training, on received photographs from `pool` |
//! | [`measure`] | photographs over drawn channels, for an experiment |
//! | [`rows`] | what was measured as rows, as a table, and in words |
//! | [`files`] | rivals' files over the same frames |
//!
//! The codec is `jscc-photo`'s; a receiver needs nothing but the frames.

pub mod files;
pub mod keep;
pub mod measure;
mod pool;
pub mod receive;
pub mod restore;
pub mod rows;
pub mod send;
pub mod train;
mod way;

use crate::Error;
use crate::data::picture;
use crate::metrics::{mse, psnr_db};
use jscc_photo::Picture;
use jscc_radio::RadioError;
use jscc_radio::encode::SendError;
use std::path::{Path, PathBuf};

pub use jscc_photo::send::usual_symbols;

/// Errors of sending and receiving photographs.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// Fault of a picture, or of an output file.
    #[error(transparent)]
    Lab(#[from] Error),
    /// Fault of a recording or capture.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// A frame that the standard does not allow.
    #[error(transparent)]
    Frame(#[from] SendError),
    /// A photograph that cannot be sent as ordered.
    #[error("{}: {reason}", path.display())]
    Unsendable {
        /// Its file.
        path: PathBuf,
        /// The reason.
        reason: jscc_photo::send::Unsendable,
    },
}

impl PhotoError {
    /// Whether the user's input is at fault, rather than the disk.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Lab(error) => error.is_input(),
            Self::Radio(error) => error.is_input(),
            Self::Frame(_) | Self::Unsendable { .. } => true,
        }
    }
}

/// Reads a photograph, PNG or JPEG: in colour, unless all of it is grey.
///
/// # Errors
/// [`Error::Data`].
pub fn read(path: &Path) -> Result<Picture, Error> {
    let image = picture::read(path)?;
    let is_grey = image.pixels().all(|pixel| pixel.0.iter().all(|value| value.to_bits() == pixel.0[0].to_bits()));
    let channels = if is_grey { 1 } else { 3 };
    let pixels = (0..channels).flat_map(|c| image.pixels().map(move |pixel| pixel.0[c])).collect();
    Ok(Picture { width: image.width() as usize, height: image.height() as usize, channels, pixels })
}

/// The reference that a received photograph is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Its index.
    pub reference: usize,
    /// PSNR in dB; infinite for equal pictures.
    pub psnr_db: f64,
}

impl Likeness {
    /// For each photograph the reference of its size that it is most like, if there is one.
    pub fn of(photos: &[receive::Photo], references: &[Picture]) -> Vec<Option<Self>> {
        let with = |photo: &receive::Photo, (index, reference): (usize, &Picture)| {
            let is_comparable = reference.grid() == photo.picture.grid();
            is_comparable
                .then(|| Self { reference: index, psnr_db: psnr_db(mse(&reference.pixels, &photo.picture.pixels)) })
        };
        let best = |photo: &receive::Photo| {
            let all = references.iter().enumerate().filter_map(|reference| with(photo, reference));
            all.max_by(|a, b| a.psnr_db.total_cmp(&b.psnr_db))
        };
        photos.iter().map(best).collect()
    }
}
