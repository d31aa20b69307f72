//! Photographs as standard 802.11 frames: sending, and receiving from recordings and captures.
//!
//! | module | content |
//! |---|---|
//! | [`send`] | photographs to frames |
//! | [`receive`] | recordings and captures to photographs |
//! | [`sequence`] | what stands for a lost picture of a sequence |
//! | [`keep`] | photographs as PNG files |
//! | [`restore`] | received photographs through the network |
//! | [`train`] | its training, on received photographs from `pool` |
//! | [`demo`] | one photograph at many SNRs, for `jscc demo` |
//! | [`measure`] | photographs over drawn channels, for an experiment |
//! | [`rows`] | what was measured as rows, as a table, and in words |
//! | [`files`] | rivals' files over the same frames |
//!
//! The codec is `jscc-photo`'s; a receiver needs nothing but the frames.

pub mod demo;
pub mod files;
pub mod keep;
pub mod measure;
mod pool;
pub mod receive;
pub mod restore;
pub mod rows;
pub mod send;
pub mod sequence;
pub mod train;
mod way;

use crate::Error;
use crate::data::picture;
use crate::metrics::{mse, psnr_db};
use image::Rgb32FImage;
use jscc_photo::Picture;
use jscc_radio::RadioError;
use jscc_radio::encode::SendError;
use receive::Photo;
use sequence::Shown;
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
    Ok(photograph(&picture::read(path)?))
}

fn photograph(image: &Rgb32FImage) -> Picture {
    let is_grey = image.pixels().all(|pixel| pixel.0.iter().all(|value| value.to_bits() == pixel.0[0].to_bits()));
    let channels = if is_grey { 1 } else { 3 };
    let pixels = (0..channels).flat_map(|c| image.pixels().map(move |pixel| pixel.0[c])).collect();
    Picture { width: image.width() as usize, height: image.height() as usize, channels, pixels }
}

/// The photograph in three colours.
fn in_colour(picture: Picture) -> Picture {
    match picture.channels {
        1 => Picture { channels: 3, pixels: picture.pixels.repeat(3), ..picture },
        _ => picture,
    }
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
    /// For each photograph the reference to judge it by, if there is one of its size: for pictures of a sequence the one of their
    /// place, for others the one that they are most like.
    pub fn of(shown: &[Shown], references: &[Picture]) -> Vec<Option<Self>> {
        let with = |photo: &Photo, index: usize| {
            let reference = references.get(index).filter(|reference| reference.grid() == photo.picture.grid())?;
            Some(Self { reference: index, psnr_db: psnr_db(mse(&reference.pixels, &photo.picture.pixels)) })
        };
        let first = shown.first().map_or(0, |shown| shown.id);
        let best = |shown: &Shown| {
            if shown.photo.is_of_sequence() {
                return with(shown.photo, usize::from(shown.id - first));
            }
            let all = (0..references.len()).filter_map(|index| with(shown.photo, index));
            all.max_by(|a, b| a.psnr_db.total_cmp(&b.psnr_db))
        };
        shown.iter().map(best).collect()
    }
}
