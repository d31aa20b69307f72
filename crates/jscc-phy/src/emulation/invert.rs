//! Exact inversion: on a set of subcarriers whose coded bits are independent, solves for the data bits that give each
//! its nearest constellation point, by one fixed bit matrix per kind of OFDM symbol. D2AJSCC, equations 7 and 8.

use super::carriers::{generator_matrix, independent_tones, rows};
use super::layout::Layout;
use crate::Complex32;
use crate::bits::{add, pack};
use crate::gf2::Table;
use crate::wifi::ScramblerState;
use crate::wifi::coder::Coder;
use crate::wifi::mcs::Mcs;
use crate::wifi::qam;
use std::ops::Range;

/// The solvers of a frame's OFDM symbols.
#[derive(Debug, Clone)]
pub struct Exact {
    kinds: Vec<Kind>,
    /// Kind of each OFDM symbol.
    kind_of: Vec<usize>,
}

/// OFDM symbols with the same data bits free.
#[derive(Debug, Clone)]
struct Kind {
    free: Range<usize>,
    tones: Vec<usize>,
    /// Maps the wanted coded bits of the symbol, less their offset, to its free data bits, in their places. Ignores the
    /// coded bits of other subcarriers than `tones`.
    solver: Table,
}

impl Kind {
    fn new(mcs: Mcs, free: Range<usize>, tones: Vec<usize>) -> Self {
        let wanted: Vec<_> = tones.iter().flat_map(|&tone| rows(mcs, tone)).collect();
        let inverse = generator_matrix(mcs, free.clone()).select(&wanted).right_inverse();
        let inverse = inverse.expect("the coded bits of the chosen subcarriers are independent");
        let column = |sent: usize| {
            let mut bits = vec![0; mcs.n_dbps()];
            if let Some(c) = wanted.iter().position(|&row| row == sent) {
                free.clone().enumerate().for_each(|(r, bit)| bits[bit] = u8::from(inverse.entry(r, c)));
            }
            pack(&bits)
        };
        let solver = Table::new(mcs.n_cbps(), column);
        Self { free, tones, solver }
    }
}

impl Exact {
    /// Chooses subcarriers and prepares the solution for every OFDM symbol of a frame.
    pub fn new(layout: &Layout) -> Self {
        Self::on(layout, |_| true)
    }

    /// As [`Exact::new`], restricted to data subcarriers (counted from the lowest) that are `wanted`.
    pub fn on(layout: &Layout, wanted: impl Fn(usize) -> bool) -> Self {
        let mut chosen: Vec<(Range<usize>, Vec<usize>)> = Vec::new();
        Self::with_tones(layout, |n| {
            let free = layout.ours_in_symbol(n);
            if let Some((_, tones)) = chosen.iter().find(|(known, _)| *known == free) {
                return tones.clone();
            }
            let candidates: Vec<_> = layout.free_tones(n).into_iter().filter(|&tone| wanted(tone)).collect();
            let tones = independent_tones(layout.mcs(), &free, &candidates);
            chosen.push((free, tones.clone()));
            tones
        })
    }

    /// Prepares the solution for a frame that uses the data subcarriers `tones_of(n)`, ascending, in OFDM symbol n.
    ///
    /// # Panics
    /// If an OFDM symbol's coded bits on its subcarriers are not independent.
    pub fn with_tones(layout: &Layout, mut tones_of: impl FnMut(usize) -> Vec<usize>) -> Self {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut kind_of = Vec::new();
        for n in 0..layout.n_sym() {
            let (free, tones) = (layout.ours_in_symbol(n), tones_of(n));
            let known = kinds.iter().position(|kind| kind.free == free && kind.tones == tones);
            kind_of.push(known.unwrap_or_else(|| {
                kinds.push(Kind::new(layout.mcs(), free, tones));
                kinds.len() - 1
            }));
        }
        Self { kinds, kind_of }
    }

    /// The chosen subcarriers of all OFDM symbols: `n_data` · (symbol) + (data subcarrier).
    pub fn slots(&self, n_data: usize) -> Vec<usize> {
        let of_symbol = |(n, &kind): (usize, &usize)| self.kinds[kind].tones.iter().map(move |tone| n_data * n + tone);
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
        let (mcs, coder) = (layout.mcs(), Coder::of(layout.mcs()));
        let mut points = vec![Complex32::ZERO; mcs.n_data() * layout.n_sym()];
        slots.iter().zip(targets).for_each(|(&slot, &target)| points[slot] = target);
        let mut octets = vec![0];
        octets.extend(layout.prefix(scrambler));
        octets.resize(1 + (layout.n_sym() * mcs.n_dbps()).div_ceil(8), 0);
        for (n, (points, &kind)) in points.chunks(mcs.n_data()).zip(&self.kind_of).enumerate() {
            // With its free bits at zero, the symbol contains the offset by its fixed bits and the encoder's state.
            let offset = coder.of_field(&octets, n);
            let wanted = qam::slice_symbol(points, mcs.modulation());
            let difference = std::array::from_fn(|word| wanted[word] ^ offset[word]);
            let free = self.kinds[kind].solver.apply(&difference);
            add(&mut octets, 8 + n * mcs.n_dbps(), &free, mcs.n_dbps());
        }
        octets.truncate(1 + layout.ours().end / 8);
        octets.remove(0);
        layout.psdu(octets, scrambler)
    }
}
