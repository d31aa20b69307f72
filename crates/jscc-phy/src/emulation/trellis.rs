//! Trellis inversion: the receiver's own soft demapper and Viterbi search, applied to the target, find the codeword
//! nearest to it over all data subcarriers at once.

use super::layout::Layout;
use super::room::Spreading;
use crate::Complex32;
use crate::bits::to_bits;
use crate::wifi::ScramblerState;
use crate::wifi::coder::Coder;
use crate::wifi::convolve::EncoderState;
use crate::wifi::qam::least_weight;
use crate::wifi::transmit::data_points;
use crate::wifi::viterbi::{Decoder, End};
use std::cell::RefCell;

thread_local! {
    static DECODER: RefCell<Decoder> = RefCell::new(Decoder::new());
}

/// The PSDU whose points at `slots` are near `targets`, each with its weight on the squared error, and whose other
/// points are near zero, with the weight `silence`.
pub(super) fn search(
    layout: &Layout,
    slots: &[usize],
    targets: &[Complex32],
    weights: &[f32],
    silence: f32,
    scrambler: ScramblerState,
) -> Vec<u8> {
    let soft = soften(layout, slots, targets, weights, silence);
    let ours = layout.ours();
    let mut octets = layout.prefix(scrambler);
    let start = EncoderState::default().after(&to_bits(&octets));
    DECODER.with_borrow_mut(|decoder| {
        octets.extend(decoder.decode(&soft[2 * ours.start..2 * ours.end], start, End::Open));
    });
    layout.psdu(octets, scrambler)
}

/// Symbols spread over the slots, each with its weight on the squared error.
pub(super) struct Spread<'a> {
    pub layout: &'a Layout,
    pub slots: &'a [usize],
    pub spreading: &'a Spreading,
    pub wanted: &'a [Complex32],
    pub weights: &'a [f32],
    pub silence: f32,
}

impl Spread<'_> {
    /// The best PSDU of a search and `passes` more.
    ///
    /// The first targets the points of the wanted symbols. But only the symbols' components in the slots matter, so
    /// each pass targets the points found by the one before, less the errors of the symbols: a gradient step, projected
    /// to a codeword.
    pub fn search(&self, passes: usize, scrambler: ScramblerState) -> Vec<u8> {
        let equal = vec![1.0; self.slots.len()];
        let mut aims = self.spreading.spread(self.wanted);
        let mut best = search(self.layout, self.slots, &aims, &equal, self.silence, scrambler);
        if passes == 0 {
            return best;
        }
        let heaviest = self.weights.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let step = self.spreading.per_symbol() / heaviest;
        let mut least = self.retarget(&best, step, &mut aims, scrambler);
        for _ in 0..passes {
            let psdu = search(self.layout, self.slots, &aims, &equal, self.silence, scrambler);
            let error = self.retarget(&psdu, step, &mut aims, scrambler);
            if error < least {
                (best, least) = (psdu, error);
            }
        }
        best
    }

    /// Weighted squared error of the symbols in a PSDU, and the next targets.
    fn retarget(&self, psdu: &[u8], step: f32, aims: &mut Vec<Complex32>, scrambler: ScramblerState) -> f32 {
        let all = data_points(psdu, self.layout.mcs(), scrambler);
        let found: Vec<_> = self.slots.iter().map(|&slot| all[slot]).collect();
        let mut slopes = self.spreading.gather(found.clone());
        let mut total = 0.0;
        for ((slope, wanted), weight) in slopes.iter_mut().zip(self.wanted).zip(self.weights) {
            let error = *slope - wanted;
            total += weight * error.norm_sqr();
            *slope = error * weight;
        }
        let slopes = self.spreading.spread(&slopes);
        *aims = found.iter().zip(slopes).map(|(found, slope)| found - slope * step).collect();
        total
    }
}

/// Soft bits of the mother code for the targets. Points outside the slots have the target zero; with zero weight they
/// are erasures: any codeword is allowed there.
fn soften(layout: &Layout, slots: &[usize], targets: &[Complex32], weights: &[f32], silence: f32) -> Vec<i8> {
    let mcs = layout.mcs();
    let (n_data, coder) = (mcs.n_data(), Coder::of(mcs));
    let unit = least_weight(mcs.modulation()) * weights.len() as f32 / weights.iter().sum::<f32>();
    let mut mother = Vec::with_capacity(layout.n_sym() * 2 * mcs.n_dbps());
    let mut axis_weights = vec![0.0; 2 * n_data];
    let mut at = 0;
    for n in 0..layout.n_sym() {
        let count = slots[at..].partition_point(|&slot| slot < (n + 1) * n_data);
        let (slots, targets, weights) = (&slots[at..at + count], &targets[at..at + count], &weights[at..at + count]);
        at += count;
        if count == n_data {
            axis_weights.chunks_exact_mut(2).zip(weights).for_each(|(axes, weight)| axes.fill(unit * weight));
            coder.soften(bytemuck::cast_slice(targets), &axis_weights, &mut mother);
            continue;
        }
        let mut axes = vec![0.0; 2 * n_data];
        axis_weights.fill(unit * silence);
        for ((slot, target), weight) in slots.iter().zip(targets).zip(weights) {
            let axis = 2 * (slot - n * n_data);
            (axes[axis], axes[axis + 1]) = (target.re, target.im);
            axis_weights[axis..axis + 2].fill(unit * weight);
        }
        coder.soften(&axes, &axis_weights, &mut mother);
    }
    mother
}
