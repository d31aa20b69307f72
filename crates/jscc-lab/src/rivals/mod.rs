//! The classical rivals of the analog codecs: pictures compressed to bits and sent by the same radio for the same time.
//!
//! A frame of ten pictures has, beside preamble and header, one OFDM symbol a picture, as the analog codecs with k = 48
//! have. Its bits are what the rate makes of these symbols without SERVICE, tail and check sequence, and its pictures
//! are lost with it. What is agreed beforehand, and costs nothing on the air: transform, quantisers, tables, rate,
//! length. Everything that was fitted was fitted to training pictures.
//!
//! | module | what it is |
//! |---|---|
//! | [`budget`] | bits of a frame, and Shannon's |
//! | [`basis`] | PCA and DCT |
//! | [`fixed`], [`entropy`] | transform codecs: Lloyd-Max at a fixed rate; uniform, arithmetically coded |
//! | [`jpeg`] | JPEG without and with its headers |
//! | [`slots`] | a codec picture by picture |
//! | [`transport`] | 802.11 frames with a check sequence |
//! | [`linear`] | the analog scheme without learning |
//! | [`compare`] | rows of all of them |
//! | [`run`] | those of an experiment file |
//!
//! Not here, because no file of theirs fits a frame of ten 28×28 pictures at any rate (318 octets at most): lossy WebP,
//! whose smallest has 376 octets (libwebp, quality 0), and AVIF, whose smallest has 566 (libaom); nor one of a single
//! picture in a tenth of it: 76 and 314 octets.

mod arithmetic;
pub mod basis;
mod bitstream;
pub mod budget;
pub mod compare;
pub mod entropy;
pub mod fixed;
mod huffman;
pub mod jpeg;
pub mod linear;
pub mod run;
pub mod slots;
pub mod transport;

#[cfg(test)]
pub(crate) mod tests;

use std::ops::Range;
use std::sync::Arc;

/// Height and width of a picture.
pub const SIDE: usize = 28;
/// Pixels of a picture, grey in [0, 1].
pub const N_PIXELS: usize = SIDE * SIDE;

/// A picture that was decoded; none where its bits had no room for it.
pub type Decoded = Option<Vec<f32>>;

/// Pictures to bits and back, for the pictures of one frame.
pub trait SourceCodec: Sync {
    /// Its name in rows.
    fn name(&self) -> String;

    /// At most `budget` bits, octets of 0 and 1, of pictures that follow one another.
    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8>;

    /// As many pictures, from bits that were padded with zeros to the budget.
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

/// The bits of picture `j` where `n` pictures have equal shares of a budget.
fn share(budget: usize, n: usize, j: usize) -> Range<usize> {
    budget * j / n..budget * (j + 1) / n
}
