//! The digital rivals of the analog codecs, and the analog one without learning: pictures compressed to bits and sent by the same radio for the same time.
//!
//! A frame of ten pictures has, besides preamble and header, one OFDM symbol per picture, as in the analog codecs with
//! k = 48. Its bits are those of these symbols at its rate, less SERVICE, tail and check sequence, and its pictures are
//! lost with it. Agreed in advance, at no cost on the air: transform, quantisers, tables, rate, length. Everything
//! fitted was fitted to training pictures.
//!
//! | module | content |
//! |---|---|
//! | [`budget`] | bits of a frame, and Shannon's bound |
//! | [`basis`] | PCA and DCT |
//! | [`learned`] | a network's latents in place of a basis |
//! | [`fixed`], [`entropy`] | transform codecs: Lloyd-Max at a fixed rate; uniform, arithmetically coded |
//! | [`jpeg`] | JPEG without and with its headers |
//! | [`slots`] | a codec with separate bits per picture |
//! | [`transport`] | 802.11 frames with a check sequence |
//! | [`linear`] | the analog scheme without learning |
//! | [`compare`] | rows of all rivals |
//! | [`run`] | rivals of an experiment file |
//!
//! Not here, because none of their files fits a frame of ten 28×28 pictures at any rate (318 octets at most): lossy
//! WebP, whose smallest has 376 octets (libwebp, quality 0), and AVIF, whose smallest has 566 (libaom); nor does a file
//! of a single picture fit a tenth of it: 76 and 314 octets.

pub mod basis;
pub mod budget;
pub mod compare;
pub mod entropy;
pub mod fixed;
mod huffman;
pub mod jpeg;
pub mod learned;
pub mod linear;
pub mod run;
pub mod slots;
pub mod transport;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

/// Height and width of a picture.
pub const SIDE: usize = 28;
/// Pixels of a picture, grey in [0, 1].
pub const N_PIXELS: usize = SIDE * SIDE;
/// Channels, height and width of a picture.
pub const SHAPE: [usize; 3] = [1, SIDE, SIDE];

/// A decoded picture; `None` if its bits had no room for it.
pub type Decoded = Option<Vec<f32>>;

/// Pictures as coefficients, which a quantiser can round.
pub trait Analysis: Debug + Send + Sync {
    /// Its name in rows.
    fn name(&self) -> String;

    /// Coefficients per picture.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The coefficients of pictures, picture after picture.
    fn analyse(&self, pictures: &[f32]) -> Vec<f32>;

    /// The pictures with these coefficients, their pixels in [0, 1].
    fn synthesise(&self, coefficients: &[f32]) -> Vec<f32>;
}

/// Source codec for the pictures of one frame.
pub trait SourceCodec: Sync {
    /// Its name in rows.
    fn name(&self) -> String;

    /// Encodes successive pictures to at most `budget` bits, octets of 0 and 1.
    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8>;

    /// Decodes `pictures` pictures from bits padded with zeros to the budget.
    fn decode(&self, bits: &[u8], pictures: usize) -> Vec<Decoded>;
}

impl<C: SourceCodec + Send> SourceCodec for Arc<C> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8> {
        (**self).encode(pictures, budget)
    }

    fn decode(&self, bits: &[u8], pictures: usize) -> Vec<Decoded> {
        (**self).decode(bits, pictures)
    }
}

/// The bit range of picture `j` if `n` pictures have equal shares of a budget.
fn share(budget: usize, n: usize, j: usize) -> Range<usize> {
    budget * j / n..budget * (j + 1) / n
}
