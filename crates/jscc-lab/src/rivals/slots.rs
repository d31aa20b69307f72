//! Separate bits for each picture of a frame, instead of one budget for all.

use super::{Decoded, N_PIXELS, SourceCodec, share};

/// A codec whose pictures do not share a frame's bits: each has its own share, and its own quality.
#[derive(Debug)]
pub struct Slots<C>(pub C);

impl<C: SourceCodec> SourceCodec for Slots<C> {
    fn name(&self) -> String {
        format!("{}, a picture at a time", self.0.name())
    }

    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8> {
        let n = pictures.len() / N_PIXELS;
        let mut bits = vec![0; budget];
        for (j, picture) in pictures.chunks_exact(N_PIXELS).enumerate() {
            let slot = &mut bits[share(budget, n, j)];
            let own = self.0.encode(picture, slot.len());
            slot[..own.len()].copy_from_slice(&own);
        }
        bits
    }

    fn decode(&self, bits: &[u8], pictures: usize) -> Vec<Decoded> {
        (0..pictures).flat_map(|j| self.0.decode(&bits[share(bits.len(), pictures, j)], 1)).collect()
    }
}
