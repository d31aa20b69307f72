//! Frames to photographs.

use crate::Picture;
use crate::base::Base;
use crate::carrier::{Carrier, Received};
use crate::detail::{Allocation, Known, remainders};
use crate::header::Header;
use crate::ladder::mcs;
use crate::model::Model;
use crate::shards::{self, Shards};
use crate::transform::synthesise;
use jscc_phy::wifi::{Mcs, ScramblerState};
use std::collections::BTreeMap;

/// Collects the frames of photographs.
pub struct Receiver<'a> {
    model: &'a Model,
    scrambler: ScramblerState,
    shards: BTreeMap<u16, Shards>,
    photographs: BTreeMap<u16, Photograph>,
    /// Frames that may be detail of a picture whose base has not arrived.
    waiting: Vec<(Option<Mcs>, Vec<u8>)>,
}

/// What a frame was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    /// A frame of the base of this picture.
    Base(u16),
    /// A frame of the detail of this picture, damaged or not.
    Detail(u16),
    /// Unknown so far.
    Unknown,
}

/// A photograph whose base has arrived.
pub struct Photograph {
    header: Header,
    base: Base,
    carrier: Carrier,
    received: Vec<Option<Received>>,
}

/// Most frames kept that no picture has claimed yet.
const MOST_WAITING: usize = 4096;

impl<'a> Receiver<'a> {
    /// For a sender with this scrambler state.
    pub fn new(model: &'a Model, scrambler: ScramblerState) -> Self {
        Self { model, scrambler, shards: BTreeMap::new(), photographs: BTreeMap::new(), waiting: Vec::new() }
    }

    /// Whether octets are of a base, or as long as the detail of a photograph here at this rate; `None` is any rate.
    pub fn is_of_any(&self, rate: Option<Mcs>, psdu: &[u8]) -> bool {
        let has_length = |photograph: &Photograph| photograph.carrier.has_length(rate, psdu.len());
        shards::read(psdu).is_some() || self.photographs.values().any(has_length)
    }

    /// Takes in the octets of a frame, right or wrong, as descrambled by whoever received it. A capture may not say the rate.
    pub fn add(&mut self, rate: Option<Mcs>, psdu: Vec<u8>) -> Was {
        if let Some((label, shard)) = shards::read(&psdu) {
            self.add_shard(label.id, |shards| shards.add(label, shard));
            return Was::Base(label.id);
        }
        if let Some(id) = self.claim(rate, &psdu) {
            return Was::Detail(id);
        }
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push((rate, psdu));
        }
        Was::Unknown
    }

    fn add_shard(&mut self, id: u16, add: impl FnOnce(&mut Shards)) {
        let shards = self.shards.entry(id).or_default();
        add(shards);
        if self.photographs.contains_key(&id) {
            return;
        }
        let Some(photograph) = shards.stream().and_then(|stream| Photograph::open(id, &stream, self.model)) else {
            return;
        };
        self.photographs.insert(id, photograph);
        for (rate, psdu) in std::mem::take(&mut self.waiting) {
            if self.claim(rate, &psdu).is_none() {
                self.waiting.push((rate, psdu));
            }
        }
    }

    /// Gives a frame to the picture that it is detail of, the latest first.
    fn claim(&mut self, rate: Option<Mcs>, psdu: &[u8]) -> Option<u16> {
        let scrambler = self.scrambler;
        self.photographs
            .iter_mut()
            .rev()
            .find_map(|(id, photograph)| photograph.take(rate, psdu, scrambler).then_some(*id))
    }

    /// The photographs whose base has arrived, by number.
    pub fn photographs(&self) -> impl Iterator<Item = (u16, &Photograph)> {
        self.photographs.iter().map(|(id, photograph)| (*id, photograph))
    }

    /// The photograph of this number, if its base has arrived.
    pub fn photograph(&self, id: u16) -> Option<&Photograph> {
        self.photographs.get(&id)
    }

    /// Pictures of whose base some frames arrived, but too few: how many did, and how many it takes.
    pub fn lost(&self) -> impl Iterator<Item = (u16, usize, usize)> {
        let lost = self.shards.iter().filter(|(id, _)| !self.photographs.contains_key(id));
        lost.map(|(id, shards)| (*id, shards.progress().0, shards.progress().1))
    }

    /// Frames that are of no picture.
    pub fn unclaimed(&self) -> usize {
        self.waiting.len()
    }
}

impl Photograph {
    /// The photograph of a base's octets.
    fn open(id: u16, stream: &[u8], model: &Model) -> Option<Self> {
        let (header, octets) = Header::read(stream)?;
        let base = Base::decode(octets, &header.grid, header.step, model);
        let rate = mcs(header.format, usize::from(header.rate));
        let carrier = Carrier::new(id, rate, header.symbols as usize, usize::from(header.mtu), 1.0);
        Some(Self { received: vec![None; carrier.len()], header, base, carrier })
    }

    fn take(&mut self, rate: Option<Mcs>, psdu: &[u8], scrambler: ScramblerState) -> bool {
        let found = self.carrier.recognise(psdu, rate, scrambler, &self.received);
        if let Some((index, frame)) = found {
            self.received[index] = Some(frame);
            return true;
        }
        false
    }

    /// Its size and how it was sent.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Frames of detail received, and sent.
    pub fn frames(&self) -> (usize, usize) {
        (self.received.iter().flatten().count(), self.received.len())
    }

    /// SNR in dB of the received symbols, as the known ones among them show; `None` without any.
    pub fn symbols_db(&self) -> Option<f32> {
        let frames: Vec<&Received> = self.received.iter().flatten().collect();
        let mean = |of: fn(&Received) -> f32| frames.iter().map(|frame| of(frame)).sum::<f32>() / frames.len() as f32;
        (!frames.is_empty()).then(|| 10.0 * (mean(|frame| frame.gain * frame.gain) / mean(|frame| frame.noise)).log10())
    }

    /// The base alone.
    pub fn base(&self, model: &Model) -> Picture {
        synthesise(self.header.grid, &self.base_values(model))
    }

    /// What the frames so far tell of the coefficients.
    pub fn known(&self, model: &Model) -> Known {
        let Header { grid, step, .. } = self.header;
        let expected = remainders(&grid, &self.base, step, model);
        let mut known = Known::of_base(self.base.values(step, model), &expected);
        if self.frames().0 > 0 {
            let allocation = Allocation::new(&expected, 2 * self.carrier.n_symbols(), self.header.noise());
            let gain = self.header.gain();
            let heard = self.carrier.gather(&self.received).into_iter().map(|heard| heard.scaled(gain));
            allocation.decode(heard, &mut known);
        }
        known
    }

    /// The picture in closed form, as sharp as the frames so far make it.
    pub fn picture(&self, model: &Model) -> Picture {
        synthesise(self.header.grid, &self.known(model).values)
    }

    /// Coefficients of the base alone.
    pub fn base_values(&self, model: &Model) -> Vec<f32> {
        self.base.values(self.header.step, model)
    }
}
