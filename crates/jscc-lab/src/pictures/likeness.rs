//! Likeness of symbols to those of pictures.
//!
//! The codec recognises symbols of pictures: decoded and encoded again, they change little. The cosine between before
//! and after is near 1 for pictures and, for the shipped codec, 0.71 to 0.72 ± 0.046 for strangers, that is other
//! frames, depending on their rate. So a frame is measured in standard deviations of its pictures' mean above that of
//! strangers ([`Likeness::of`]), whose mean and deviation come from random frames of the same points. Of 725,000
//! strangers none exceeded 4. Frames of the shipped codec, received without damage:
//!
//! | rate | one picture | ten pictures |
//! |---|---|---|
//! | 54 Mb/s, MCS 7 | 5.7 | 17.8 |
//! | 24 Mb/s | 3.7 | 11.7 |
//! | 12 Mb/s | 3.0 | 7.2 |
//! | 6 Mb/s | 1.3 | 3.0 |
//!
//! At 9 Mb/s and below, where points have one amplitude on one axis, single frames cannot be recognised.

use super::PictureCodec;
use jscc_phy::Complex32;
use jscc_phy::random::stream;
use jscc_phy::wifi::transmit::data_points;
use jscc_phy::wifi::{Mcs, ScramblerState};
use rand::Rng;
use std::sync::OnceLock;

/// Pictures of random bits from which the strangers' distribution is estimated.
const STRANGERS: usize = 1024;
/// Most pictures of a frame that are examined: more would only accumulate the small differences between strangers.
const LOOKED_AT: usize = 40;

/// Mean and standard deviation of strangers' cosines, for BPSK, QPSK, 16-QAM and 64-QAM, which differ by a fifth of a
/// deviation; computed on first use.
pub(super) type Strangers = [OnceLock<(f32, f32)>; 4];

pub(super) struct Likeness<'a> {
    codec: &'a PictureCodec,
}

impl<'a> Likeness<'a> {
    pub fn new(codec: &'a PictureCodec) -> Self {
        Self { codec }
    }

    /// Likeness of each of the first pictures, in deviations above strangers at this rate.
    pub fn of_first(&self, mcs: Mcs, z: &[Complex32], most: usize) -> Vec<f32> {
        // 1, 2, 4 or 6 bits per point.
        let strangers_here = &self.codec.strangers[mcs.n_bpsc() / 2];
        let (mean, deviation) = strangers_here.get_or_init(|| strangers(self.codec, mcs.n_bpsc()));
        let z = &z[..z.len().min(most * self.codec.k())];
        cosines(self.codec, z).into_iter().map(|cosine| (cosine - mean) / deviation).collect()
    }

    /// Joint likeness of the pictures, in deviations above strangers at this rate.
    pub fn of(&self, mcs: Mcs, z: &[Complex32]) -> f32 {
        together(&self.of_first(mcs, z, LOOKED_AT))
    }
}

/// Mean and deviation of the cosines of random frames.
fn strangers(codec: &PictureCodec, n_bpsc: usize) -> (f32, f32) {
    let mcs = Mcs::ALL.into_iter().find(|mcs| mcs.n_bpsc() == n_bpsc).expect("a rate of these points");
    let (mut random, mut z) = (stream(1, "strangers", 0), Vec::new());
    while z.len() < STRANGERS * codec.k() {
        let mut octets = [0; 1000];
        random.fill_bytes(&mut octets);
        z.extend(data_points(&octets, mcs, ScramblerState::EXAMPLE));
    }
    z.truncate(STRANGERS * codec.k());
    let cosines = cosines(codec, &z);
    let mean = cosines.iter().sum::<f32>() / STRANGERS as f32;
    let variance = cosines.iter().map(|cosine| (cosine - mean).powi(2)).sum::<f32>() / STRANGERS as f32;
    (mean, variance.sqrt().max(f32::MIN_POSITIVE))
}

/// Deviations of a mean, from those of its parts.
pub(super) fn together(parts: &[f32]) -> f32 {
    parts.iter().sum::<f32>() / (parts.len().max(1) as f32).sqrt()
}

/// For each picture, the cosine between its symbols and those after decoding and encoding.
fn cosines(codec: &PictureCodec, z: &[Complex32]) -> Vec<f32> {
    if z.is_empty() {
        return Vec::new();
    }
    let again = codec.encode(&codec.decode(z));
    let product = |a: &[Complex32], b: &[Complex32]| a.iter().zip(b).map(|(a, b)| (a.conj() * b).re).sum::<f32>();
    let cosine = |(a, b)| {
        let power = product(a, a) * product(b, b);
        if power > 0.0 { product(a, b) / power.sqrt() } else { 0.0 }
    };
    z.chunks(codec.k()).zip(again.chunks(codec.k())).map(cosine).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;
    use crate::pictures::packing::{Form, Packing};
    use jscc_phy::emulation::layout::Framing;

    #[test]
    fn strangers_are_alike_at_every_rate_and_pictures_are_not() {
        let codec = PictureCodec::open(None).unwrap();
        let likeness = Likeness::new(&codec);
        let mut random = stream(7, "octets", 0);
        for mcs in [Mcs::NON_HT[0], Mcs::NON_HT[2], Mcs::NON_HT[4], Mcs::M54, Mcs::HT7] {
            let emulator = Packing::new(codec.k(), mcs, Framing::Bare, Form::Plain).emulator(100);
            let mut octets = vec![0; emulator.layout().length()];
            random.fill_bytes(&mut octets);
            let z = emulator.pick(&data_points(&octets, mcs, ScramblerState::EXAMPLE));
            let each = likeness.of_first(mcs, &z, 100);
            let mean = each.iter().sum::<f32>() / each.len() as f32;
            let most = each.iter().copied().fold(f32::MIN, f32::max);
            assert!((-0.6..0.35).contains(&mean) && most < 3.8, "rate {mcs}: {mean}, at most {most}");
        }
        let z = codec.encode(&digits::dataset(3, 0..20).images.pixels);
        let least = likeness.of_first(Mcs::M54, &z, 20).into_iter().fold(f32::MAX, f32::min);
        assert!(least > 5.0, "{least}");
        assert!(likeness.of(Mcs::M54, &vec![Complex32::ZERO; codec.k()]) < -5.0);
    }
}
