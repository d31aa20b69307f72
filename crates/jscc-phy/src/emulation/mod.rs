//! Inversion of the PHY: PSDU bits whose standard waveform imitates given symbols, and the same symbols recovered from
//! the bits of a standard receiver. D2AJSCC, section III-B.
//!
//! | module | content |
//! |---|---|
//! | [`layout`] | bits and subcarriers of a frame that are ours, and those of the standard |
//! | [`carriers`] | sets of subcarriers whose coded bits are all free, by rank over GF(2) |
//! | [`invert`] | *exact*: every chosen subcarrier gets its nearest point |
//! | [`trellis`] | *trellis*: all subcarriers get the codeword nearest to the target |
//! | [`room`] | use of spare subcarriers |
//! | `posterior` | posterior mean of the symbols, for a receiver that has points |
//! | [`Emulator`] | both inversions, from symbols to a PSDU and back, one symbol per subcarrier |
//! | [`waveform`] | the same with the symbols as one pulse-shaped waveform, as in the paper |

pub mod carriers;
pub mod invert;
pub mod layout;
mod posterior;
pub mod room;
pub mod trellis;
pub mod waveform;

use crate::Complex32;
use crate::wifi::ScramblerState;
use crate::wifi::mcs::{Mcs, Modulation};
use crate::wifi::ppdu::{Guard, Ppdu};
use crate::wifi::transmit::data_points;
use layout::{Framing, Layout};
use room::{Room, Spreading};
use serde::{Deserialize, Serialize};

/// How the transmitter is inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Inversion {
    /// Solves for the bits that give every chosen subcarrier its nearest constellation point; the others are dummies.
    Exact,
    /// Searches the trellis for the codeword nearest to the target on all subcarriers.
    Trellis,
}

impl Inversion {
    /// Amplitude, on the constellation, of targets of mean power 1.
    fn scale(self, modulation: Modulation) -> f32 {
        match (modulation, self) {
            (Modulation::Bpsk | Modulation::Qpsk, _) | (Modulation::Qam16, Self::Trellis) => 1.0,
            (Modulation::Qam16, Self::Exact) => 0.90,
            (Modulation::Qam64, Self::Exact) => 0.76,
            (Modulation::Qam64, Self::Trellis) => 0.84,
        }
    }
}

/// The symbols do not fit into one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} symbols do not fit into one frame at rate {mcs}, which carries {most} at the most")]
pub struct TooLong {
    /// Rate of the frame.
    pub mcs: Mcs,
    /// Number of symbols requested.
    pub wanted: usize,
    /// Symbols of the longest frame.
    pub most: usize,
}

/// Maps complex symbols of mean power 1 to the data subcarriers of one 802.11 frame: one symbol per subcarrier, or
/// [spread](Emulator::in_room) over more.
#[derive(Debug, Clone)]
pub struct Emulator {
    layout: Layout,
    inversion: Inversion,
    exact: Option<invert::Exact>,
    room: Room,
    /// Positions among the points of the DATA field that have a target.
    slots: Vec<usize>,
    /// Transform from the symbols to the targets, if they differ.
    spreading: Option<Spreading>,
    /// Weight of the power at the other positions.
    silence: f32,
    scale: f32,
}

impl Emulator {
    /// The shortest frame that carries `n_symbols`.
    pub fn new(mcs: Mcs, framing: Framing, inversion: Inversion, n_symbols: usize) -> Result<Self, TooLong> {
        Self::with_room(mcs, framing, inversion, n_symbols, 0)
    }

    /// A frame with `spare` OFDM symbols more than the shortest that carries `n_symbols`.
    pub fn with_room(
        mcs: Mcs,
        framing: Framing,
        inversion: Inversion,
        n_symbols: usize,
        spare: usize,
    ) -> Result<Self, TooLong> {
        let most_sym = Layout::most_symbols(mcs).saturating_sub(spare);
        let most = if most_sym < Layout::least_symbols(mcs, framing) {
            0
        } else {
            Self::with_symbols(mcs, framing, inversion, most_sym).slots.len()
        };
        if most < n_symbols {
            return Err(TooLong { mcs, wanted: n_symbols, most });
        }
        let shortest = Self::of_length(mcs, framing, inversion, n_symbols, Layout::least_symbols(mcs, framing));
        let n_sym = shortest.layout.n_sym() + spare;
        Ok(if spare == 0 { shortest } else { Self::of_length(mcs, framing, inversion, n_symbols, n_sym) })
    }

    /// The shortest frame of at least `least` OFDM symbols that carries `n_symbols`. Its spare subcarriers are spread
    /// evenly among the symbols: where there is no target, the trellis search has a choice of codewords. At 54 Mb/s and
    /// 480 symbols, two spare OFDM symbols of 13 lower its error from -12.0 to -13.8 dB.
    ///
    /// # Panics
    /// If no frame is that long; [`Layout::n_free`] is the capacity of one.
    pub fn of_length(mcs: Mcs, framing: Framing, inversion: Inversion, n_symbols: usize, least: usize) -> Self {
        let least = n_symbols.div_ceil(mcs.n_data()).max(least);
        let fits = |n_sym| Self::with_symbols(mcs, framing, inversion, n_sym).slots.len() >= n_symbols;
        let n_sym = shortest(least, Layout::most_symbols(mcs), fits);
        Self::in_layout(Layout::new(mcs, framing, n_sym), inversion, n_symbols)
    }

    /// The frame of a layout, its spare subcarriers spread evenly among the symbols.
    ///
    /// # Panics
    /// If the symbols do not fit.
    pub fn in_layout(layout: Layout, inversion: Inversion, n_symbols: usize) -> Self {
        let mut whole = Self::filling(layout, inversion);
        let free = whole.slots.len();
        assert!(free >= n_symbols, "{n_symbols} symbols; the frame carries {free}");
        whole.slots = room::evenly(&whole.layout, whole.slots, n_symbols);
        if inversion == Inversion::Trellis {
            whole.scale = room::scale(Room::Erased, whole.layout.mcs().modulation(), n_symbols, free);
        }
        whole
    }

    /// The same frame for as many symbols, with another use of its room.
    ///
    /// # Panics
    /// If the inversion is exact: its unused subcarriers are dummies, not room.
    #[must_use]
    pub fn in_room(self, room: Room) -> Self {
        assert_eq!(self.inversion, Inversion::Trellis, "room is the trellis search's");
        let n_symbols = self.n_symbols();
        let free = free_slots(&self.layout);
        let n_slots = room.n_slots(n_symbols, free.len());
        let spreading = (n_slots > n_symbols).then(|| Spreading::new(n_symbols, n_slots));
        let scale = room::scale(room, self.layout.mcs().modulation(), n_slots, free.len());
        let slots = room::evenly(&self.layout, free, n_slots);
        Self { room, slots, spreading, scale, ..self }
    }

    /// The same frame, with a search that keeps unused subcarriers quiet: this is the weight of their power, relative
    /// to 1 for a symbol's squared error. Their power then goes to the symbols, and their coded bits are ones that a
    /// receiver distinguishes more easily: a gain of some dB at SNRs at which frames barely come through, against a
    /// larger error without noise. Effective from 0.05 at 64-QAM and 0.1 at 16-QAM on. 480 symbols in 16 OFDM symbols,
    /// mixed, 54 Mb/s, decoded bits, dB by SNR:
    ///
    /// | silence | 10 dB | 12.5 dB | 15 dB | no noise |
    /// |---|---|---|---|---|
    /// | 0 | -8.0 | -10.5 | -15.9 | -16.4 |
    /// | 0.05 | -8.6 | -12.7 | -15.8 | -15.9 |
    /// | 0.15 | -8.8 | -13.3 | -14.8 | -14.8 |
    ///
    /// # Panics
    /// If the inversion is exact, or the weight negative.
    #[must_use]
    pub fn with_silence(self, silence: f32) -> Self {
        assert_eq!(self.inversion, Inversion::Trellis, "only a search can be asked for silence");
        assert!(silence >= 0.0, "a weight of {silence}");
        Self { silence, ..self }
    }

    /// The same frame with another [`Emulator::scale`]. A larger one puts more of a card's fixed power into the symbols,
    /// against noise, and clips more of them.
    ///
    /// # Panics
    /// If it is not positive.
    #[must_use]
    pub fn at_scale(self, scale: f32) -> Self {
        assert!(scale > 0.0, "a scale of {scale}");
        Self { scale, ..self }
    }

    /// A frame of `n_sym` OFDM symbols that uses only the data subcarriers `tones` (counted from the lowest) of its
    /// [whole symbols](Layout::whole_symbols). An exact inversion omits those that depend on the others:
    /// [`Emulator::slots`] has the remaining ones.
    ///
    /// # Panics
    /// If the framing does not fit into the symbols, or they exceed the longest frame.
    pub fn on_tones(mcs: Mcs, framing: Framing, inversion: Inversion, n_sym: usize, tones: &[usize]) -> Self {
        let layout = Layout::new(mcs, framing, n_sym);
        let exact = (inversion == Inversion::Exact).then(|| invert::Exact::on(&layout, |tone| tones.contains(&tone)));
        let n_data = mcs.n_data();
        let slots = match &exact {
            Some(exact) => exact.slots(n_data),
            None => (0..n_sym * n_data).filter(|slot| tones.contains(&(slot % n_data))).collect(),
        };
        let whole = layout.whole_symbols();
        let slots = slots.into_iter().filter(|slot| whole.contains(&(slot / n_data))).collect();
        let scale = inversion.scale(mcs.modulation());
        Self { layout, inversion, exact, room: Room::Erased, slots, spreading: None, silence: 0.0, scale }
    }

    fn with_symbols(mcs: Mcs, framing: Framing, inversion: Inversion, n_sym: usize) -> Self {
        Self::filling(Layout::new(mcs, framing, n_sym), inversion)
    }

    /// As many symbols as a layout carries.
    fn filling(layout: Layout, inversion: Inversion) -> Self {
        let mcs = layout.mcs();
        let exact = (inversion == Inversion::Exact).then(|| invert::Exact::new(&layout));
        let slots = exact.as_ref().map_or_else(|| free_slots(&layout), |exact| exact.slots(mcs.n_data()));
        let scale = inversion.scale(mcs.modulation());
        Self { layout, inversion, exact, room: Room::Erased, slots, spreading: None, silence: 0.0, scale }
    }

    /// The part of the frame that is ours.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Symbols that the frame carries.
    pub fn n_symbols(&self) -> usize {
        self.spreading.as_ref().map_or(self.slots.len(), Spreading::n_symbols)
    }

    /// Positions of the symbols, ascending: n_data · (OFDM symbol of the DATA field) + (data subcarrier). One per
    /// symbol, in order, unless they are spread.
    pub fn slots(&self) -> &[usize] {
        &self.slots
    }

    /// Amplitude of symbols of mean power 1 on the constellation. It balances clipping of large symbols against the
    /// constellation's step, for the least error of Gaussian symbols.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The PSDU whose frame, scrambled from `scrambler`, carries `z`.
    ///
    /// # Panics
    /// If the number of symbols is not that of the emulator.
    pub fn emulate(&self, z: &[Complex32], scrambler: ScramblerState) -> Vec<u8> {
        self.emulate_weighted(z, &vec![1.0; z.len()], scrambler)
    }

    /// As [`Emulator::emulate`], with a weight on each symbol's squared error. Weights matter only to a search: an
    /// exact inversion gives every symbol its nearest point. Spread symbols are weighted in the passes after the first.
    ///
    /// # Panics
    /// If the number of symbols or weights is not that of the emulator.
    pub fn emulate_weighted(&self, z: &[Complex32], weights: &[f32], scrambler: ScramblerState) -> Vec<u8> {
        assert_eq!(z.len(), self.n_symbols(), "symbols of the frame");
        assert_eq!(weights.len(), self.n_symbols(), "weights of the frame's symbols");
        let wanted: Vec<_> = z.iter().map(|z| z * self.scale()).collect();
        let (layout, slots) = (&self.layout, &self.slots);
        match (&self.exact, &self.spreading) {
            (Some(exact), _) => exact.solve(layout, slots, &wanted, scrambler),
            (None, None) => trellis::search(layout, slots, &wanted, weights, self.silence, scrambler),
            (None, Some(spreading)) => {
                let (wanted, silence) = (&wanted, self.silence);
                let problem = trellis::Spread { layout, slots, spreading, wanted, weights, silence };
                problem.search(self.room.passes(), scrambler)
            }
        }
    }

    /// Recovers the symbols from the bits of a standard receiver, by running the transmitter again. `scrambler` is the
    /// sender's state; if the receiver used another, a MAC header reveals it.
    ///
    /// # Panics
    /// If the PSDU does not have the frame's length.
    pub fn recover(&self, psdu: &[u8], scrambler: ScramblerState) -> Vec<Complex32> {
        self.pick(&self.points(psdu, scrambler))
    }

    /// The points of the DATA field to which those bits were decoded; as [`Emulator::recover`].
    ///
    /// # Panics
    /// If the PSDU does not have the frame's length.
    pub fn points(&self, psdu: &[u8], scrambler: ScramblerState) -> Vec<Complex32> {
        assert_eq!(psdu.len(), self.layout.length(), "octets of the PSDU");
        data_points(psdu, self.layout.mcs(), self.layout.receiver_state(psdu, scrambler))
    }

    /// The symbols among the equalised points of a DATA field, for a receiver that has them.
    ///
    /// # Panics
    /// If the number of points is not data subcarriers times OFDM symbols.
    pub fn pick(&self, points: &[Complex32]) -> Vec<Complex32> {
        assert_eq!(points.len(), self.layout.mcs().n_data() * self.layout.n_sym(), "points of the DATA field");
        let of_slots = self.slots.iter().map(|&slot| points[slot] / self.scale()).collect();
        match &self.spreading {
            Some(spreading) => spreading.gather(of_slots),
            None => of_slots,
        }
    }
}

impl Emulator {
    /// Noise variance of each symbol of [`Emulator::pick`], if symbols are sent with mean power 1 and each data
    /// subcarrier has the noise `on_tones`.
    ///
    /// # Panics
    /// If the number of variances is not that of the data subcarriers.
    pub fn noise(&self, on_tones: &[f32]) -> Vec<f32> {
        assert_eq!(on_tones.len(), self.layout.mcs().n_data(), "variances, and data subcarriers");
        let of_slots = self.slots.iter().map(|slot| on_tones[slot % on_tones.len()] / self.scale().powi(2));
        match &self.spreading {
            None => of_slots.collect(),
            // A transform gives each symbol an equal share of every subcarrier.
            Some(spreading) => {
                let mean = of_slots.sum::<f32>() / self.slots.len() as f32;
                vec![mean / spreading.per_symbol(); spreading.n_symbols()]
            }
        }
    }
}

/// The smallest count from `least` to `most` that fits, if fitting is monotonic; `most` if none does. Tries few: frames
/// are large, and most symbols fit into one barely longer than the least.
fn shortest(least: usize, most: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut too_short, mut step) = (None, 1);
    let mut enough = least.min(most);
    while enough < most && !fits(enough) {
        too_short = Some(enough);
        enough = (enough + step).min(most);
        step *= 2;
    }
    let Some(mut too_short) = too_short else { return enough };
    while too_short + 1 < enough {
        let middle = usize::midpoint(too_short, enough);
        if fits(middle) { enough = middle } else { too_short = middle }
    }
    enough
}

/// The data subcarriers of a whole frame that are ours.
fn free_slots(layout: &Layout) -> Vec<usize> {
    let n_data = layout.mcs().n_data();
    let of_symbol = |n| layout.free_tones(n).into_iter().map(move |tone| n_data * n + tone);
    (0..layout.n_sym()).flat_map(of_symbol).collect()
}

impl Layout {
    /// OFDM symbols of the longest frame: the last whole symbol count with a valid PSDU length.
    pub fn most_symbols(mcs: Mcs) -> usize {
        (mcs.n_sym(Ppdu::max_length(mcs, Guard::Long) + 1) - 1).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layout::BROADCAST;

    #[test]
    fn the_shortest_is_found_with_few_looks() {
        for wanted in 3..70 {
            for most in [3, 40, 64] {
                let looks = std::cell::Cell::new(0);
                let fits = |n| {
                    looks.set(looks.get() + 1);
                    n >= wanted
                };
                assert_eq!(shortest(3, most, fits), wanted.min(most));
                assert!(looks.get() <= 13, "{} looks", looks.get());
            }
        }
    }

    /// The monotonicity that [`shortest`] assumes.
    #[test]
    fn a_longer_frame_carries_no_less() {
        for mcs in Mcs::ALL {
            for (framing, inversion) in
                [(Framing::Bare, Inversion::Exact), (BROADCAST, Inversion::Exact), (BROADCAST, Inversion::Trellis)]
            {
                let least = Layout::least_symbols(mcs, framing);
                let carried = |n| Emulator::with_symbols(mcs, framing, inversion, n).slots.len();
                let carried: Vec<_> = (least..least + 12).map(carried).collect();
                assert!(carried.is_sorted(), "{mcs}, {inversion:?}: {carried:?}");
            }
        }
    }
}
