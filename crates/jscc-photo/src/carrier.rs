//! The detail in frames: which symbol goes into which, known symbols among them, all mixed, then emulated.
//!
//! Consecutive symbols, which are of one block, go to frames and places far apart. So a lost frame takes a little of every block, and
//! no block takes all of a bad stretch of frequencies.

use crate::detail::Heard;
use jscc_phy::Complex32;
use jscc_phy::emulation::layout::{BROADCAST, Layout};
use jscc_phy::emulation::{Emulator, Inversion};
use jscc_phy::link::mix::Mixer;
use jscc_phy::random::stream;
use jscc_phy::units::mean_power;
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState};
use rand::RngExt;
use rayon::prelude::*;

/// Symbols per known one.
const PER_PILOT: usize = 64;
/// Least known symbols in a frame: as likely as they can be, N of them are √(2N) deviations from those of other frames.
const LEAST_PILOTS: usize = 32;
/// Likeness of known symbols to those of a frame, in deviations, that no other frame reaches.
const SURE: f32 = 4.5;

/// The frames of one picture's detail.
pub struct Carrier {
    id: u16,
    /// One per length of frame, the shortest first.
    kinds: Vec<Kind>,
    /// The kind of each frame.
    frames: Vec<usize>,
}

/// Frames of one length.
struct Kind {
    emulator: Emulator,
    mixer: Mixer,
    pilots: usize,
}

impl Kind {
    fn new(mcs: Mcs, n_sym: usize, scale: f32) -> Self {
        let layout = Layout::new(mcs, BROADCAST, n_sym);
        let n = layout.n_free();
        let emulator = Emulator::in_layout(layout, Inversion::Trellis, n).at_scale(scale);
        let pilots = (n / PER_PILOT).max(LEAST_PILOTS).min(n);
        Self { emulator, mixer: Mixer::new(n), pilots }
    }

    /// Symbols of the picture.
    fn data(&self) -> usize {
        self.emulator.n_symbols() - self.pilots
    }
}

/// OFDM symbols of a preamble.
pub fn n_preamble(mcs: Mcs) -> usize {
    Ppdu::long_guard(mcs, 1).n_header() / 80
}

/// OFDM symbols of a frame, preamble included.
pub fn n_on_air(mcs: Mcs, octets: usize) -> usize {
    n_preamble(mcs) + mcs.n_sym(octets)
}

/// OFDM symbols of the data of each frame, if all of them with their preambles take `symbols` and none is longer than `mtu`
/// octets. None if there is no room for one.
fn division(mcs: Mcs, symbols: usize, mtu: usize) -> Vec<usize> {
    let (preamble, least) = (n_preamble(mcs), Layout::least_symbols(mcs, BROADCAST) + 1);
    let fits = |n_sym: &usize| Layout::new(mcs, BROADCAST, *n_sym).length() <= mtu;
    let Some(most) = (least..=Layout::most_symbols(mcs)).rev().find(fits) else { return Vec::new() };
    let count = symbols.div_ceil(preamble + most);
    let (each, longer) = (symbols.checked_div(count).unwrap_or(0), symbols.checked_rem(count).unwrap_or(0));
    if each < preamble + least {
        return Vec::new();
    }
    (0..count).map(|n| each - preamble + usize::from(n < longer)).collect()
}

impl Carrier {
    /// For picture `id`, at most `symbols` OFDM symbols and `mtu` octets per frame. `scale` is the amplitude of symbols on the
    /// constellation, which a receiver need not know.
    pub fn new(id: u16, mcs: Mcs, symbols: usize, mtu: usize, scale: f32) -> Self {
        let division = division(mcs, symbols, mtu);
        let mut lengths = division.clone();
        lengths.sort_unstable();
        lengths.dedup();
        let frames = division.iter().map(|n_sym| lengths.binary_search(n_sym).expect("one of them")).collect();
        Self { id, kinds: lengths.iter().map(|&n_sym| Kind::new(mcs, n_sym, scale)).collect(), frames }
    }

    /// Frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there is no room for any.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Complex symbols of the picture in all frames.
    pub fn n_symbols(&self) -> usize {
        self.frames.iter().map(|&kind| self.kinds[kind].data()).sum()
    }

    /// The frames' PSDUs. `values` are the real symbols, at most two per complex one, of mean square near 1 if there are
    /// as many; missing ones are zero.
    pub fn emulate(&self, values: &[f32], scrambler: ScramblerState) -> Vec<Vec<u8>> {
        let n = self.n_symbols();
        assert!(values.len() <= 2 * n, "{} values for {n} symbols", values.len());
        let mut z = vec![Complex32::ZERO; n];
        let half = 0.5f32.sqrt();
        for (pair, place) in values.chunks(2).zip(places(n)) {
            z[place] = Complex32::new(pair[0], pair.get(1).copied().unwrap_or(0.0)) * half;
        }
        let mut rest = &z[..];
        let mut parts = Vec::with_capacity(self.len());
        for &kind in &self.frames {
            let (part, after) = rest.split_at(self.kinds[kind].data());
            parts.push(part);
            rest = after;
        }
        let of_frame = |(index, (part, &kind)): (usize, (&&[Complex32], &usize))| {
            let Kind { emulator, mixer, pilots } = &self.kinds[kind];
            let mixed = mixer.mix(&[&self.pilots(index, *pilots), *part].concat());
            emulator.emulate(&mixed, scrambler)
        };
        parts.par_iter().zip(&self.frames).enumerate().map(of_frame).collect()
    }

    /// Known symbols of a frame.
    fn pilots(&self, index: usize, n: usize) -> Vec<Complex32> {
        let mut rng = stream(u64::from(self.id), "photo pilots", index as u64);
        (0..n).map(|_| Complex32::from_polar(1.0, rng.random_range(0.0..std::f32::consts::TAU))).collect()
    }

    /// Whether frames have this length, at this rate if it is known.
    pub fn has_length(&self, rate: Option<Mcs>, octets: usize) -> bool {
        self.kinds.iter().any(|kind| kind.fits(rate, octets))
    }

    /// The frame that a damaged PSDU may be, of those not received yet, and its symbols.
    pub fn recognise(
        &self,
        psdu: &[u8],
        rate: Option<Mcs>,
        scrambler: ScramblerState,
        received: &[Option<Received>],
    ) -> Option<(usize, Received)> {
        let kind = self.kinds.iter().position(|kind| kind.fits(rate, psdu.len()))?;
        let symbols = self.kinds[kind].recover(psdu, scrambler);
        let candidates = (0..self.len()).filter(|&index| self.frames[index] == kind && received[index].is_none());
        let best =
            candidates.map(|index| (self.likeness(index, &symbols), index)).max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 >= SURE).then(|| (best.1, self.received(best.1, symbols)))
    }

    /// Likeness of a frame's first symbols to the known ones, in deviations of other frames'.
    fn likeness(&self, index: usize, symbols: &[Complex32]) -> f32 {
        let pilots = self.pilots(index, self.kinds[self.frames[index]].pilots);
        let heard = &symbols[..pilots.len()];
        let power = mean_power(heard) as f32;
        if power > 0.0 { product(&pilots, heard) / (0.5 * power * pilots.len() as f32).sqrt() } else { 0.0 }
    }

    /// Symbols of a frame with what they are worth, by the known ones.
    fn received(&self, index: usize, mut symbols: Vec<Complex32>) -> Received {
        let pilots = self.pilots(index, self.kinds[self.frames[index]].pilots);
        let data = symbols.split_off(pilots.len());
        let gain = (product(&pilots, &symbols) / pilots.len() as f32).max(0.0);
        let errors = pilots.iter().zip(&symbols).map(|(pilot, heard)| (heard - pilot * gain).norm_sqr());
        // The gain was fitted to the same symbols: half a complex one is spent.
        let noise = errors.sum::<f32>() / (pilots.len() as f32 - 0.5);
        Received { gain, noise: noise.max(f32::MIN_POSITIVE), symbols: data }
    }

    /// The real symbols, in the order they were given; those of frames not received are worth nothing.
    pub fn gather(&self, received: &[Option<Received>]) -> Vec<Heard> {
        assert_eq!(received.len(), self.len(), "frames");
        let lost = Heard { value: 0.0, gain: 0.0, noise: 1.0 };
        let mut all = Vec::with_capacity(2 * self.n_symbols());
        for (&kind, frame) in self.frames.iter().zip(received) {
            match frame {
                None => all.extend(std::iter::repeat_n([lost; 2], self.kinds[kind].data())),
                Some(frame) => {
                    let root = 2f32.sqrt();
                    let heard = |value: f32| Heard { value: value * root, gain: frame.gain, noise: frame.noise };
                    all.extend(frame.symbols.iter().map(|z| [heard(z.re), heard(z.im)]));
                }
            }
        }
        places(all.len()).flat_map(|place| all[place]).collect()
    }
}

impl Kind {
    fn fits(&self, rate: Option<Mcs>, octets: usize) -> bool {
        rate.is_none_or(|mcs| mcs == self.emulator.layout().mcs()) && self.emulator.layout().length() == octets
    }

    fn recover(&self, psdu: &[u8], scrambler: ScramblerState) -> Vec<Complex32> {
        self.mixer.undo(self.emulator.recover(psdu, scrambler))
    }
}

/// A frame's symbols, and what they are worth.
#[derive(Debug, Clone)]
pub struct Received {
    /// What symbols were multiplied by.
    pub gain: f32,
    /// Variance of the noise on a symbol.
    pub noise: f32,
    symbols: Vec<Complex32>,
}

/// Real part of the inner product.
fn product(a: &[Complex32], b: &[Complex32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a.conj() * b).re).sum()
}

/// The place of each of `n` symbols: multiples of a number near n/φ that has no divisor in common with n.
fn places(n: usize) -> impl Iterator<Item = usize> {
    let near = (n as f64 * 0.618_033_988_75) as usize;
    let stride = (near.max(1)..=n + 1).find(|&stride| gcd(stride, n) == 1).unwrap_or(1);
    (0..n).scan(0, move |place, _| {
        let here = *place;
        *place = (*place + stride) % n;
        Some(here)
    })
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jscc_phy::channel::Channel;

    #[test]
    fn every_place_is_taken_once() {
        for n in [0, 1, 2, 3, 10, 97, 4096, 65_800] {
            let mut all: Vec<usize> = places(n).collect();
            all.sort_unstable();
            assert!(all.iter().copied().eq(0..n), "{n}");
        }
    }

    #[test]
    fn frames_fill_the_time_and_no_more() {
        for (symbols, mtu) in [(1538, 1500), (1538, 4095), (70, 1500), (61, 1500), (13, 1500), (5, 1500), (0, 1500)] {
            let division = division(Mcs::M54, symbols, mtu);
            let total: usize = division.iter().map(|n_sym| n_sym + 5).sum();
            assert!(total == symbols || division.is_empty() && symbols < 13, "{symbols}: {division:?}");
            assert!(division.iter().all(|&n_sym| Layout::new(Mcs::M54, BROADCAST, n_sym).length() <= mtu));
        }
        assert!(division(Mcs::M54, 1538, 1500).len() == 26 && division(Mcs::M54, 1538, 4095).len() == 10);
    }

    fn noise(n: usize, index: u64) -> Vec<f32> {
        Channel::Awgn.draw(n, 2.0, &mut stream(1, "values", index)).noise.iter().map(|z| z.re).collect()
    }

    /// Frames in any order, one lost, one of another picture: each is recognised, and its symbols come back to their places.
    #[test]
    fn symbols_come_back() {
        let carrier = Carrier::new(5, Mcs::M54, 400, 1500, 0.84);
        let values = noise(2 * carrier.n_symbols(), 0);
        let psdus = carrier.emulate(&values, ScramblerState::EXAMPLE);
        let mut received = vec![None; carrier.len()];
        for psdu in psdus.iter().skip(1).rev() {
            let (index, frame) =
                carrier.recognise(psdu, Some(Mcs::M54), ScramblerState::EXAMPLE, &received).expect("ours");
            assert_eq!(psdus[index], *psdu);
            received[index] = Some(frame);
        }
        let other = Carrier::new(6, Mcs::M54, 400, 1500, 0.84);
        assert!(other.recognise(&psdus[1], None, ScramblerState::EXAMPLE, &vec![None; other.len()]).is_none());
        let heard = carrier.gather(&received);
        let there: Vec<_> = heard.iter().zip(&values).filter(|(heard, _)| heard.gain > 0.0).collect();
        let lost = 1.0 - there.len() as f32 / values.len() as f32;
        assert!((lost - 1.0 / carrier.len() as f32).abs() < 0.01, "{lost} lost");
        let error: f32 = there.iter().map(|(heard, value)| (heard.value / heard.gain - *value).powi(2)).sum();
        let error = error / there.len() as f32;
        assert!((0.03..0.11).contains(&error), "error {error} of a search at 54 Mb/s");
        let told = there[0].0.noise / there[0].0.gain.powi(2);
        assert!((told / error - 1.0).abs() < 0.4, "told {told}, is {error}");
    }
}
