//! The base in frames: cut into shards, with Reed-Solomon parity, so that any as many as were cut give it back.

use crate::header::{Label, N_LABEL};
use jscc_phy::emulation::layout::{BROADCAST, Framing, N_MAC_HEADER};
use jscc_phy::wifi::fcs::{N_FCS, fcs};
use std::collections::BTreeMap;

/// Octets of a frame beside its shard.
const AROUND: usize = N_MAC_HEADER + N_LABEL + N_FCS;

/// How many parity frames a base has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Parity {
    /// So many per frame, rounded up.
    PerFrame(f64),
    /// The fewest with which one base in 200 is lost, if this part of the frames is.
    ForLoss(f64),
}

/// Bases per one that may be lost.
const LOST_BASES: f64 = 200.0;

impl Parity {
    /// Parity frames for this many others.
    fn count(self, originals: usize) -> usize {
        match self {
            Self::PerFrame(parity) => (parity * originals as f64).ceil() as usize,
            Self::ForLoss(loss) => {
                let suffices = |&parity: &usize| too_many(originals + parity, parity, loss) <= 1.0 / LOST_BASES;
                (0..=originals).find(suffices).unwrap_or(originals)
            }
        }
    }
}

/// Probability that of `n` frames more than `most` are lost.
fn too_many(n: usize, most: usize, loss: f64) -> f64 {
    let mut chance = (1.0 - loss).powi(n as i32);
    let mut kept = 0.0;
    for lost in 0..=most {
        kept += chance;
        chance *= (n - lost) as f64 / (lost + 1) as f64 * loss / (1.0 - loss);
    }
    1.0 - kept
}

/// PSDUs of a stream of octets, none longer than `most`, and their parity frames.
///
/// # Panics
/// If `most` leaves no room for a shard.
pub fn frames(id: u16, stream: &[u8], most: usize, parity: Parity) -> Vec<Vec<u8>> {
    let (originals, parity, octets) = division(stream.len(), most, parity);
    let mut padded = stream.to_vec();
    padded.resize(originals * octets, 0);
    let mut shards: Vec<Vec<u8>> = padded.chunks_exact(octets).map(<[u8]>::to_vec).collect();
    if parity > 0 {
        shards
            .extend(reed_solomon_simd::encode(originals, parity, &shards).expect("counts and sizes that it supports"));
    }
    let label = |index| Label { id, originals: originals as u16, parity: parity as u16, index };
    (0..).zip(&shards).map(|(index, shard)| addressed(label(index).frame(shard))).collect()
}

/// Lengths of the PSDUs of [`frames`] in octets, which are equal, and their number.
pub fn lengths(octets: usize, most: usize, parity: Parity) -> (usize, usize) {
    let (originals, parity, of_shard) = division(octets, most, parity);
    (AROUND + of_shard, originals + parity)
}

/// Numbers of shards and of parity shards, and octets of each: even, as the code wants them.
fn division(octets: usize, most: usize, parity: Parity) -> (usize, usize, usize) {
    let of_shard = most.saturating_sub(AROUND) & !1;
    assert!(of_shard > 0, "frames of {most} octets, of which {AROUND} are around a shard");
    let originals = octets.div_ceil(of_shard).max(1);
    let of_shard = octets.div_ceil(originals).next_multiple_of(2).max(2);
    (originals, parity.count(originals), of_shard)
}

/// A PSDU with our MAC header and a right FCS.
fn addressed(body: Vec<u8>) -> Vec<u8> {
    let Framing::Mac { header } = BROADCAST else { unreachable!("broadcast frames have a header") };
    let mut psdu = header.to_vec();
    psdu.extend(body);
    let check = fcs(&psdu);
    psdu.extend(check);
    psdu
}

/// Label and shard of a PSDU, of which the FCS may be missing; `None` if it is no frame of a base, or damaged.
pub fn read(psdu: &[u8]) -> Option<(Label, &[u8])> {
    let with_check = psdu.get(N_MAC_HEADER..psdu.len().saturating_sub(N_FCS)).and_then(Label::read);
    with_check.or_else(|| psdu.get(N_MAC_HEADER..).and_then(Label::read))
}

/// Shards of one picture.
#[derive(Debug, Clone, Default)]
pub struct Shards {
    label: Option<Label>,
    received: BTreeMap<u16, Vec<u8>>,
}

impl Shards {
    /// Takes one in. One that does not belong to those before is left out.
    pub fn add(&mut self, label: Label, shard: &[u8]) {
        let first = *self.label.get_or_insert(label);
        let fits = |shard_before: &Vec<u8>| shard_before.len() == shard.len();
        let is_one = (label.id, label.originals, label.parity) == (first.id, first.originals, first.parity);
        if is_one && self.received.values().next().is_none_or(fits) {
            self.received.insert(label.index, shard.to_vec());
        }
    }

    /// Received and needed.
    pub fn progress(&self) -> (usize, usize) {
        (self.received.len(), self.label.map_or(0, |label| usize::from(label.originals)))
    }

    /// The stream of octets, and zeros, as soon as there are enough shards.
    pub fn stream(&self) -> Option<Vec<u8>> {
        let label = self.label?;
        let [originals, parity] = [label.originals, label.parity].map(usize::from);
        if self.received.len() < originals {
            return None;
        }
        let of = |is_parity: bool| {
            let wanted = move |(index, _): &(&u16, &Vec<u8>)| (usize::from(**index) >= originals) == is_parity;
            let shift = if is_parity { originals } else { 0 };
            self.received.iter().filter(wanted).map(move |(index, shard)| (usize::from(*index) - shift, shard))
        };
        let mut restored = BTreeMap::new();
        if of(false).count() < originals {
            restored = reed_solomon_simd::decode(originals, parity, of(false), of(true)).ok()?;
        }
        let shard = |index: usize| self.received.get(&(index as u16)).cloned().or_else(|| restored.remove(&index));
        (0..originals).map(shard).collect::<Option<Vec<_>>>().map(|shards| shards.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_as_many_as_were_cut_give_the_stream(
            stream in prop::collection::vec(any::<u8>(), 1..3000), most in 60usize..500, parity in 0.0f64..1.2, lost: prop::sample::Index,
        ) {
            let parity = Parity::PerFrame(parity);
            let frames = frames(7, &stream, most, parity);
            let (length, count) = lengths(stream.len(), most, parity);
            prop_assert!(frames.len() == count && frames.iter().all(|frame| frame.len() == length && length <= most));
            let needed = usize::from(read(&frames[0]).expect("a label").0.originals);
            // Those lost are the first ones, from anywhere on.
            let mut shards = Shards::default();
            let from = lost.index(count);
            for (n, frame) in (0..needed).map(|n| &frames[(from + n) % count]).enumerate() {
                prop_assert_eq!(shards.stream(), None, "{} of {} is not enough", n, needed);
                let cut = &frame[..frame.len() - if n % 2 == 0 { 0 } else { N_FCS }];
                let (label, shard) = read(cut).expect("a label");
                shards.add(label, shard);
            }
            let read = shards.stream().expect("enough");
            prop_assert_eq!(&read[..stream.len()], &stream[..]);
        }
    }

    #[test]
    fn parity_is_as_much_as_loss_wants() {
        let (kept, lost) = (0.975f64, 0.025f64);
        let one_of_five = 1.0 - kept.powi(5) - 5.0 * lost * kept.powi(4);
        assert!((too_many(5, 1, lost) - one_of_five).abs() < 1e-12);
        let counts = |loss| [1, 4, 5, 20, 30].map(|originals| Parity::ForLoss(loss).count(originals));
        assert_eq!((counts(0.02), counts(1.5e-4), counts(0.0)), ([1, 1, 2, 3, 3], [0; 5], [0; 5]));
    }
}
