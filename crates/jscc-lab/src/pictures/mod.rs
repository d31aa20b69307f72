//! Pictures as standard 802.11 frames: sending, and receiving from recordings and captures.
//!
//! | module | content |
//! |---|---|
//! | [`packing`] | number of pictures per frame, use of its room |
//! | [`send`] | pictures to frames |
//! | [`receive`] | recordings and captures to pictures |
//! | [`received`] | options and results of receiving |
//! | `gather` | collection of frames, and recordings |
//! | `captured` | packets of captures: their rate and FCS |
//! | `recognise` | recognition of our frames |
//! | `likeness` | likeness of symbols to those of pictures |
//! | `state` | scrambler state of a sender whose frames were captured without it |
//! | [`compare`] | comparison of received pictures with references |
//! | [`keep`] | pictures as PNG files, and all on one sheet |
//!
//! The frame carries what the receiver must know: its rate in SIGNAL, the number of pictures and the use of its room in its length, the
//! sender's scrambler state in the MAC header, whose content is known. In advance both sides have only the weights,
//! which fix the number of symbols per picture.

mod captured;
pub mod compare;
mod gather;
pub mod keep;
mod likeness;
pub mod packing;
pub mod receive;
pub mod received;
mod recognise;
pub mod send;
mod state;

use crate::data::folder;
use crate::{Compute, Error, demo, input};
use jscc_nn::codec::Codec;
use jscc_nn::method::{ChannelState, Needs, Source, Task};
use jscc_nn::zoo;
use jscc_phy::Complex32;
use jscc_phy::link::Delivery;
use jscc_radio::RadioError;
use jscc_radio::encode::SendError;
use std::path::{Path, PathBuf};

/// Channels, height and width of a picture.
pub const SHAPE: [usize; 3] = Source::MNIST.shape;
/// Rows and columns of a picture.
const SIDE: usize = SHAPE[1];
/// Pixels of a picture.
const N_PIXELS: usize = SHAPE[0] * SIDE * SIDE;

/// Errors of sending and receiving pictures.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Fault of weights, pictures, or an output file.
    #[error(transparent)]
    Lab(#[from] Error),
    /// Fault of a recording or capture.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// A frame that the standard does not allow.
    #[error(transparent)]
    Frame(#[from] SendError),
    /// More pictures than a frame can carry.
    #[error("a frame at {rate} holds {most} pictures of {k} symbols at the most, not {got}; {advice}")]
    TooMany {
        /// Rate of the frame.
        rate: String,
        /// Pictures in the longest frame.
        most: usize,
        /// Symbols per picture.
        k: usize,
        /// Pictures asked for.
        got: usize,
        /// The remedy.
        advice: &'static str,
    },
}

impl PictureError {
    /// Whether the user's input is at fault, rather than the disk.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Lab(error) => error.is_input(),
            Self::Radio(error) => error.is_input(),
            Self::Frame(_) | Self::TooMany { .. } => true,
        }
    }
}

/// Weights that turn pictures into symbols and back.
pub struct PictureCodec {
    codec: Codec,
    /// Statistics of the cosines of other frames.
    strangers: likeness::Strangers,
}

impl PictureCodec {
    /// The weights in the file at `path`; without a path the shipped ones, trained through 802.11a frames.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Weights`], and [`Error::WrongDelivery`] for a codec of waveforms,
    /// [`Error::NotForPictures`] for one that does not recover pictures or needs channel information.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        let (name, read) = match path {
            Some(path) => (
                path.to_path_buf(),
                Some(input::bytes(path).map_err(|reason| Error::Read { path: path.into(), reason })?),
            ),
            None => (PathBuf::from(demo::WIFI.0), None),
        };
        let codec = zoo::load(read.as_deref().unwrap_or(demo::WIFI.1), Compute::Cpu);
        let codec = codec.map_err(|reason| Error::Weights { path: name, reason })?;
        let card = codec.card();
        if !codec.accepts(Delivery::Symbols) {
            return Err(Error::WrongDelivery { codec: card.name.to_owned() });
        }
        let is_told = [card.encoder, card.decoder] != [Needs::Nothing; 2];
        if is_told || codec.task() != Task::Recover || codec.source() != Source::MNIST {
            return Err(Error::NotForPictures { codec: card.name.to_owned() });
        }
        Ok(Self { codec, strangers: Default::default() })
    }

    /// Complex symbols per picture.
    pub fn k(&self) -> usize {
        self.codec.k()
    }

    /// Symbols of pictures, one after another.
    fn encode(&self, pixels: &[f32]) -> Vec<Complex32> {
        self.codec.encode(pixels, &ChannelState::default()).z
    }

    /// Decodes received symbols to pictures, one after another.
    fn decode(&self, z_hat: &[Complex32]) -> Vec<f32> {
        self.codec.decode(z_hat, &ChannelState::default()).pixels
    }
}

/// The PNG or JPEG files as pictures, one after another.
///
/// # Errors
/// Those of [`folder::image`].
pub fn read(paths: &[PathBuf]) -> Result<Vec<f32>, Error> {
    let pictures: Result<Vec<_>, _> = paths.iter().map(|path| folder::image(path, SHAPE)).collect();
    Ok(pictures?.concat())
}

/// Pictures as slices.
fn each(pixels: &[f32]) -> impl Iterator<Item = &[f32]> {
    pixels.chunks(N_PIXELS)
}
