//! Use of a frame's room: the subcarriers beyond one per symbol.
//!
//! Left alone they give the trellis search a choice of codewords; spread over, they average each symbol's noise.
//! Spreading is a transform from the symbols, padded with zeros, to the subcarriers. Its columns are orthogonal and
//! each subcarrier gets an equal share of every symbol, so that noise and rounding become white and equally strong in
//! all symbols of all images.

use super::Inversion;
use super::layout::{Layout, coded_bits};
use crate::Complex32;
use crate::wifi::mcs::Modulation;
use rustfft::{Fft, FftPlanner};
use std::fmt;
use std::sync::Arc;

/// Use of a frame's room in a trellis search. Error of 480 Gaussian symbols, 54 Mb/s, decoded bits, in dB:
///
/// | OFDM symbols | room | 0 dB SNR | 5 dB | 15 dB | no noise |
/// |---|---|---|---|---|---|
/// | 13 | erased | -2.3 | -4.6 | -13.7 | -13.9 |
/// | | mixed, 4 passes | -2.4 | -4.7 | -13.8 | -14.0 |
/// | | spread | -2.9 | -5.4 | -12.2 | -12.3 |
/// | 16 | erased | -2.1 | -4.5 | -13.8 | -14.2 |
/// | | mixed, 4 passes | -2.6 | -5.2 | -15.9 | -16.4 |
/// | | spread | -3.3 | -6.1 | -13.1 | -13.2 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Room {
    /// One symbol per subcarrier; any codeword is allowed on the others.
    #[default]
    Erased,
    /// Symbols are spread over part of the room, a seventh in 13 OFDM symbols and a third in 16, and any codeword is
    /// allowed on the rest. The symbols then see a denser set of points than the constellation: least error at high
    /// SNR.
    Mixed {
        /// Searches after the first, each with the errors of the one before. Four take about seven times as long as
        /// none, and lower the error by 0.4 dB in 13 OFDM symbols, 1.6 dB in 16.
        passes: usize,
    },
    /// Symbols are spread over all of it: least noise, for low SNR.
    Spread,
}

impl Room {
    /// Number of the `n_free` subcarriers on which `n_symbols` are sent.
    pub(super) fn n_slots(self, n_symbols: usize, n_free: usize) -> usize {
        match self {
            Self::Erased => n_symbols,
            // Measured: the less room there is, the more of it should be left to the search.
            Self::Mixed { .. } => {
                let room = n_free - n_symbols;
                n_symbols + (3 * room * room / (5 * n_symbols)).min(room / 3)
            }
            Self::Spread => n_free,
        }
    }

    pub(super) fn passes(self) -> usize {
        match self {
            Self::Erased | Self::Spread => 0,
            Self::Mixed { passes } => passes,
        }
    }
}

/// Amplitude, on the constellation, of targets of mean power 1, on `n_slots` of the free subcarriers.
pub(super) fn scale(room: Room, modulation: Modulation, n_slots: usize, n_free: usize) -> f32 {
    match (room, modulation) {
        // Noise exceeds the search's error, which a coarser step increases.
        (Room::Spread, Modulation::Qam64) => 0.88,
        // With a large choice, a search comes close to the constellation's own error.
        (_, Modulation::Qam64) if 8 * n_free > 9 * n_slots => 0.78,
        _ => Inversion::Trellis.scale(modulation),
    }
}

/// `n_slots` of a layout's free data subcarriers, ascending, chosen so that those in between leave the encoder at even
/// distances: a search has the largest choice if every stretch of the trellis has its share. Even distances in
/// frequency can coincide with the interleaver's period and lose 1.5 dB.
pub(super) fn evenly(layout: &Layout, mut free: Vec<usize>, n_slots: usize) -> Vec<usize> {
    let (n_data, n_bpsc, coded) = (layout.mcs().n_data(), layout.mcs().n_bpsc(), coded_bits(layout.mcs()));
    let steps: Vec<usize> = coded.chunks(n_bpsc).map(|bits| bits.iter().map(|bit| bit.step).sum()).collect();
    let n_free = free.len();
    free.sort_by_key(|slot| (slot / n_data, steps[slot % n_data]));
    let mut slots: Vec<_> = (0..n_slots).map(|i| free[i * n_free / n_slots]).collect();
    slots.sort_unstable();
    slots
}

/// Transform of symbols to at least as many subcarriers, and back.
#[derive(Clone)]
pub(super) struct Spreading {
    n_symbols: usize,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
}

impl Spreading {
    pub fn new(n_symbols: usize, n_slots: usize) -> Self {
        assert!(n_symbols <= n_slots, "{n_symbols} symbols on {n_slots} subcarriers");
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(n_slots), planner.plan_fft_inverse(n_slots));
        Self { n_symbols, forward, inverse }
    }

    pub fn n_symbols(&self) -> usize {
        self.n_symbols
    }

    fn n_slots(&self) -> usize {
        self.forward.len()
    }

    /// Subcarriers per symbol.
    pub fn per_symbol(&self) -> f32 {
        self.n_slots() as f32 / self.n_symbols as f32
    }

    /// The points of the subcarriers, of the symbols' mean power.
    pub fn spread(&self, symbols: &[Complex32]) -> Vec<Complex32> {
        assert_eq!(symbols.len(), self.n_symbols, "symbols to spread");
        let scale = 1.0 / (self.n_symbols as f32).sqrt();
        let mut points: Vec<_> = symbols.iter().map(|symbol| symbol * scale).collect();
        points.resize(self.n_slots(), Complex32::ZERO);
        self.forward.process(&mut points);
        points
    }

    /// The symbols nearest to these points; the inverse of [`Spreading::spread`] on its output.
    pub fn gather(&self, mut points: Vec<Complex32>) -> Vec<Complex32> {
        assert_eq!(points.len(), self.n_slots(), "points to gather");
        self.inverse.process(&mut points);
        points.truncate(self.n_symbols);
        let scale = (self.n_symbols as f32).sqrt() / self.n_slots() as f32;
        for point in &mut points {
            *point *= scale;
        }
        points
    }
}

impl fmt::Debug for Spreading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spreading({} symbols on {})", self.n_symbols, self.n_slots())
    }
}

#[cfg(test)]
mod tests {
    use super::Spreading;
    use crate::Complex32;
    use crate::channel::Channel;
    use crate::random::stream;
    use crate::units::mean_power;

    fn gaussian(n: usize, purpose: &str) -> Vec<Complex32> {
        Channel::Awgn.draw(n, 1.0, &mut stream(3, purpose, 0)).noise
    }

    #[test]
    fn gathering_undoes_spreading_and_keeps_the_power() {
        for (n_symbols, n_slots) in [(1, 1), (48, 48), (48, 59), (480, 598), (480, 599)] {
            let (spreading, z) = (Spreading::new(n_symbols, n_slots), gaussian(n_symbols, "symbols"));
            let points = spreading.spread(&z);
            assert!((mean_power(&points) / mean_power(&z) - 1.0).abs() < 1e-4, "{n_symbols} on {n_slots}");
            let again = spreading.gather(points);
            assert!(again.iter().zip(&z).all(|(a, b)| (a - b).norm() < 1e-4), "{n_symbols} on {n_slots}");
        }
    }

    /// White noise on the subcarriers is reduced by the number of subcarriers per symbol.
    #[test]
    fn noise_is_averaged() {
        let spreading = Spreading::new(4800, 6000);
        let left = mean_power(&spreading.gather(gaussian(6000, "noise")));
        assert!((left * f64::from(spreading.per_symbol()) - 1.0).abs() < 0.05, "{left}");
    }
}
