//! Received photographs to train on: each is sent, carried and received as on the air, and stays for some windows.
//!
//! Everything is a function of seed and number, so a training that stopped goes on as if it had not.

use super::restore::{in_colour, seen};
use super::way::{SCRAMBLER, Way};
use crate::spec::RestorerSpec;
use jscc_nn::photo::{Sample, Seen};
use jscc_photo::Picture;
use jscc_photo::model::SHIPPED;
use jscc_photo::receive::{Photograph, Receiver};
use jscc_photo::send::{Order, Sent, send, usual_symbols};
use jscc_photo::transform::{analyse, planes};
use jscc_phy::air::Reception;
use jscc_phy::channel::Channel;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::mcs::Format;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::VecDeque;

/// Longest PSDU.
const MTU: usize = 1500;

/// A received photograph beside its original.
pub(super) struct Received {
    pub seen: Seen,
    pub original: Vec<f32>,
    /// Squared error per number in closed form.
    pub squared_error: f32,
}

impl Received {
    /// Of a photograph that was received.
    fn new(picture: &Picture, photograph: &Photograph) -> Self {
        let (grid, seen) = (picture.grid(), seen(photograph, &SHIPPED));
        let original = in_colour(planes(grid, &analyse(picture)), &grid);
        let squared_error = squared_error(&seen.picture, &original);
        Self { seen, original, squared_error }
    }

    fn window(&self, rng: &mut ChaCha8Rng, blocks: usize) -> Sample {
        let size = self.seen.blocks.map(|n| n.min(blocks));
        let corner = [0, 1].map(|axis| rng.random_range(0..=self.seen.blocks[axis] - size[axis]));
        Sample {
            seen: self.seen.window(corner, size),
            original: self.seen.window_of(&self.original, corner, size),
            squared_error: self.squared_error,
        }
    }
}

/// Squared error per number, at least that of rounding to whole steps.
pub(super) fn squared_error(a: &[f32], b: &[f32]) -> f32 {
    let sum: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    (sum / a.len() as f64).max(1.0 / 12.0) as f32
}

/// A photograph over white noise at an SNR, its base always received. `None` if there is no room for a base.
pub(super) fn received(
    picture: &Picture,
    order: &Order,
    snr_db: f64,
    lost: f64,
    streams: [u64; 2],
) -> Option<Received> {
    let sent = send(picture, order, &SHIPPED).ok()?;
    let [seed, first] = streams;
    let way = Way::new(Channel::Awgn, Reception::Aided, Snr::per_symbol(snr_db), seed, first);
    let receiver = carried(&sent, &way, lost);
    receiver.photograph(order.id).map(|photograph| Received::new(picture, photograph))
}

fn carried(sent: &Sent, way: &Way, lost: f64) -> Receiver<'static> {
    let mut receiver = Receiver::new(&SHIPPED, SCRAMBLER);
    let (base, detail) = sent.frames.split_at(sent.base.0);
    for (mcs, psdu) in base {
        receiver.add(Some(*mcs), psdu.clone());
    }
    let cross = |(index, (mcs, psdu)): (usize, &(_, Vec<u8>))| Some((*mcs, way.cross(*mcs, psdu, index)?));
    let kept = detail.par_iter().enumerate().filter(|(index, _)| !way.loses(*index, lost));
    for (mcs, psdu) in kept.filter_map(cross).collect::<Vec<_>>() {
        receiver.add(Some(mcs), psdu);
    }
    receiver
}

/// An order for white noise with a card's frames.
pub(super) fn order(picture: &Picture, snr_db: f64, margin_db: f64, air: f64) -> Order {
    let symbols = (usual_symbols(picture.width, picture.height) as f64 * air) as usize;
    Order { id: 1, snr_db, margin_db, symbols, mtu: MTU, format: Format::NonHt, scrambler: SCRAMBLER, interval_ms: 0 }
}

/// The received photographs of a step.
pub(super) struct Pool<'a> {
    spec: &'a RestorerSpec,
    photographs: &'a [Picture],
    kept: VecDeque<Received>,
    /// Number of the first one kept.
    first: usize,
}

impl<'a> Pool<'a> {
    pub fn new(spec: &'a RestorerSpec, photographs: &'a [Picture]) -> Self {
        Self { spec, photographs, kept: VecDeque::new(), first: 0 }
    }

    /// The windows of a step.
    pub fn batch(&mut self, step: usize) -> Vec<Sample> {
        let RestorerSpec { batch, blocks, pool, windows_each, plan, .. } = self.spec;
        self.advance(step * batch / windows_each);
        let sample = |n: usize| {
            let mut rng = stream(plan.seed, "windows", (step * batch + n) as u64);
            self.kept[rng.random_range(0..*pool)].window(&mut rng, *blocks)
        };
        (0..*batch).map(sample).collect()
    }

    /// Keeps the photographs from number `first` on.
    fn advance(&mut self, first: usize) {
        if self.kept.is_empty() {
            self.first = first;
        }
        while self.first < first {
            self.kept.pop_front();
            self.first += 1;
        }
        let missing = self.first + self.kept.len()..first + self.spec.pool;
        let new: Vec<Received> = missing.into_par_iter().map(|number| self.photograph(number)).collect();
        self.kept.extend(new);
    }

    /// Received photograph number `number`.
    fn photograph(&self, number: usize) -> Received {
        let spec = self.spec;
        let (round, within) = (number / self.photographs.len(), number % self.photographs.len());
        let mut order_of: Vec<usize> = (0..self.photographs.len()).collect();
        order_of.shuffle(&mut stream(spec.plan.seed, "photos in order", round as u64));
        let mut rng = stream(spec.plan.seed, "photos", number as u64);
        let picture = turned(&self.photographs[order_of[within]], &mut rng, spec.grey);
        let streams = [spec.plan.seed, (number as u64) << 16];
        loop {
            let for_db = rng.random_range(spec.for_db[0]..=spec.for_db[1]);
            let margin_db = spec.margins_db[rng.random_range(0..spec.margins_db.len())];
            let air = (spec.air[0].ln() + rng.random_range(0.0..=1.0) * (spec.air[1] / spec.air[0]).ln()).exp();
            let away = f64::from(Channel::Awgn.draw(1, 2.0, &mut rng).noise[0].re);
            let lost = if rng.random_range(0.0..1.0) < 0.5 { 0.0 } else { rng.random_range(0.0..=spec.lost) };
            let order = order(&picture, for_db, margin_db, air);
            if let Some(received) = received(&picture, &order, for_db + spec.off_db * away, lost, streams) {
                return received;
            }
        }
    }
}

/// A photograph as it is or mirrored, on its side, grey.
fn turned(picture: &Picture, rng: &mut ChaCha8Rng, grey: f64) -> Picture {
    let [mirrored, upended, on_its_side] = [(); 3].map(|()| rng.random_range(0..2) == 1);
    let channels = if rng.random_range(0.0..1.0) < grey { 1 } else { picture.channels };
    let (width, height) = (picture.width, picture.height);
    let (new_width, new_height) = if on_its_side { (height, width) } else { (width, height) };
    let mut pixels = Vec::with_capacity(channels * width * height);
    let places = (0..new_height).flat_map(|y| (0..new_width).map(move |x| (y, x))).map(|(y, x)| {
        let (y, x) = if on_its_side { (x, y) } else { (y, x) };
        (if upended { height - 1 - y } else { y }) * width + if mirrored { width - 1 - x } else { x }
    });
    let area = width * height;
    for place in (0..channels).flat_map(|c| places.clone().map(move |place| (c, place))) {
        let (c, place) = place;
        pixels.push(match channels {
            1 => (0..picture.channels).map(|c| picture.pixels[c * area + place]).sum::<f32>() / picture.channels as f32,
            _ => picture.pixels[c * area + place],
        });
    }
    Picture { width: new_width, height: new_height, channels, pixels }
}
