//! Exact inversion: on a set of subcarriers whose coded bits are independent, the data bits that give each of them its
//! nearest constellation point, by one fixed bit matrix per kind of OFDM symbol. D2AJSCC, equations 7 and 8.

use super::carriers::{generator_matrix, independent_tones, rows};
use super::layout::Layout;
use crate::Complex32;
use crate::gf2::Matrix;
use crate::wifi::ScramblerState;
use crate::wifi::convolve::{EncoderState, encode};
use crate::wifi::interleave::interleave;
use crate::wifi::ofdm::N_DATA;
use crate::wifi::puncture::puncture;
use crate::wifi::qam;
use std::ops::Range;

/// The solvers of a frame's OFDM symbols.
#[derive(Debug, Clone)]
pub struct Exact {
    kinds: Vec<Kind>,
    /// Which kind each OFDM symbol is.
    kind_of: Vec<usize>,
}

/// OFDM symbols with the same data bits free.
#[derive(Debug, Clone)]
struct Kind {
    free: Range<usize>,
    tones: Vec<usize>,
    /// Free data bits from the wanted coded bits of `tones`, less their offset.
    solver: Matrix,
}

impl Kind {
    fn new(layout: &Layout, n: usize) -> Self {
        let (mcs, free) = (layout.mcs(), layout.ours_in_symbol(n));
        let tones = independent_tones(mcs, &free, &layout.free_tones(n));
        let wanted: Vec<_> = tones.iter().flat_map(|&tone| rows(mcs, tone)).collect();
        let solver = generator_matrix(mcs, free.clone()).select(&wanted).right_inverse();
        Self { free, tones, solver: solver.expect("rows chosen to be independent") }
    }
}

impl Exact {
    /// Chooses subcarriers and prepares the solution for every OFDM symbol of a frame.
    pub fn new(layout: &Layout) -> Self {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut kind_of = Vec::new();
        for n in 0..layout.n_sym() {
            let free = layout.ours_in_symbol(n);
            let known = kinds.iter().position(|kind| kind.free == free);
            kind_of.push(known.unwrap_or_else(|| {
                kinds.push(Kind::new(layout, n));
                kinds.len() - 1
            }));
        }
        Self { kinds, kind_of }
    }

    /// The chosen subcarriers of all OFDM symbols: 48 · (symbol) + (data subcarrier).
    pub fn slots(&self) -> Vec<usize> {
        let of_symbol = |(n, &kind): (usize, &usize)| self.kinds[kind].tones.iter().map(move |tone| N_DATA * n + tone);
        self.kind_of.iter().enumerate().flat_map(of_symbol).collect()
    }

    /// The PSDU whose points at `slots` are those nearest to `targets`. Chosen subcarriers past the last slot get the
    /// point nearest to 0.
    pub(super) fn solve(
        &self,
        layout: &Layout,
        slots: &[usize],
        targets: &[Complex32],
        scrambler: ScramblerState,
    ) -> Vec<u8> {
        let (mcs, n_dbps) = (layout.mcs(), layout.mcs().n_dbps());
        let mut points = vec![Complex32::ZERO; N_DATA * layout.n_sym()];
        slots.iter().zip(targets).for_each(|(&slot, &target)| points[slot] = target);
        let mut bits = layout.prefix(scrambler);
        bits.resize(layout.n_sym() * n_dbps, 0);
        let mut state = EncoderState::default();
        for ((data, points), &kind) in bits.chunks_mut(n_dbps).zip(points.chunks(N_DATA)).zip(&self.kind_of) {
            let kind = &self.kinds[kind];
            // With its free bits at zero, the symbol shows what is fixed in it and what the encoder's state adds.
            let offset = interleave(&puncture(&encode(data, state), mcs.code_rate()), mcs);
            let wanted = qam::slice(points, mcs.modulation());
            let difference = |row: usize| wanted[row] ^ offset[row];
            let b: Vec<_> = kind.tones.iter().flat_map(|&tone| rows(mcs, tone)).map(difference).collect();
            data[kind.free.clone()].copy_from_slice(&kind.solver.multiply(&b));
            state = state.after(data);
        }
        bits.truncate(layout.ours().end);
        layout.psdu(bits, scrambler)
    }
}
