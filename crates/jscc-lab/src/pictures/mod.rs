//! Pictures as standard 802.11 frames, and out of recordings and captures again.
//!
//! | module | what it is |
//! |---|---|
//! | `packing` | how many pictures a frame of some length holds |
//! | [`send`] | pictures to frames |
//! | [`receive`] | recordings and captures to pictures |
//! | [`received`] | what is wanted of them, and what was found |
//! | `gather` | frames as they come, of recordings |
//! | `captured` | packets of captures: at which rate, with an FCS or without |
//! | `recognise` | which frames are ours |
//! | `likeness` | how much symbols are like those of pictures |
//! | `state` | the scrambler state of a sender whose frames were captured without it |
//! | [`compare`] | what was received beside what was sent |
//! | [`keep`] | pictures as PNG files, all of them on one sheet |
//!
//! What the receiver must know travels in the frame: its rate in SIGNAL, the number of pictures in its length, the
//! sender's scrambler state in the MAC header, whose content is known. Beforehand both sides have the weights, which say
//! how many symbols a picture takes.

mod captured;
pub mod compare;
mod gather;
pub mod keep;
mod likeness;
mod packing;
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

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Weights, pictures, a file to write.
    #[error(transparent)]
    Lab(#[from] Error),
    /// A recording or capture.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// A frame that the standard does not have.
    #[error(transparent)]
    Frame(#[from] SendError),
    /// More pictures in a frame than it holds.
    #[error("a frame at {rate} holds {most} pictures of {k} symbols at the most, not {got}; {advice}")]
    TooMany {
        /// Its rate.
        rate: String,
        /// Pictures of the longest frame.
        most: usize,
        /// Symbols of a picture.
        k: usize,
        /// Pictures asked for.
        got: usize,
        /// What to do.
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
    /// What symbols of others look like to it.
    strangers: likeness::Strangers,
}

impl PictureCodec {
    /// The weights in the file at `path`; the shipped ones, trained through 802.11a frames, without one.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Weights`], and [`Error::WrongDelivery`] for a codec of waveforms, [`Error::NotForPictures`] for one that gives no
    /// pictures or must be told of the channel.
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
        if !(card.accepts)(Delivery::Symbols) {
            return Err(Error::WrongDelivery { codec: card.name.to_owned() });
        }
        let is_told = [card.encoder, card.decoder] != [Needs::Nothing; 2];
        if is_told || codec.task() != Task::Recover || codec.source() != Source::MNIST {
            return Err(Error::NotForPictures { codec: card.name.to_owned() });
        }
        Ok(Self { codec, strangers: Default::default() })
    }

    /// Complex symbols of a picture.
    pub fn k(&self) -> usize {
        self.codec.k()
    }

    /// Symbols of pictures, one after another.
    fn encode(&self, pixels: &[f32]) -> Vec<Complex32> {
        self.codec.encode(pixels, &ChannelState::default()).z
    }

    /// Pictures of received symbols, one after another.
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
