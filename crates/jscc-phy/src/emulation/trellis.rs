//! Trellis inversion: the receiver's own soft demapper and Viterbi search, run on the target, find the codeword
//! nearest to it over all data subcarriers at once.

use super::layout::Layout;
use crate::Complex32;
use crate::bits::to_bits;
use crate::wifi::ScramblerState;
use crate::wifi::coder::Coder;
use crate::wifi::convolve::EncoderState;
use crate::wifi::qam::least_weight;
use crate::wifi::viterbi::{Decoder, End};
use std::cell::RefCell;

thread_local! {
    static DECODER: RefCell<Decoder> = RefCell::new(Decoder::new());
}

/// The PSDU whose points at `slots` are near `targets`, each with its weight on the squared error.
pub(super) fn search(
    layout: &Layout,
    slots: &[usize],
    targets: &[Complex32],
    weights: &[f32],
    scrambler: ScramblerState,
) -> Vec<u8> {
    let soft = soften(layout, slots, targets, weights);
    let ours = layout.ours();
    let mut octets = layout.prefix(scrambler);
    let start = EncoderState::default().after(&to_bits(&octets));
    DECODER.with_borrow_mut(|decoder| {
        octets.extend(decoder.decode(&soft[2 * ours.start..2 * ours.end], start, End::Open));
    });
    layout.psdu(octets, scrambler)
}

/// The soft bits of the mother code that the targets ask for. What is not in a slot stays an erasure: any codeword will do
/// there.
fn soften(layout: &Layout, slots: &[usize], targets: &[Complex32], weights: &[f32]) -> Vec<i8> {
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
        axis_weights.fill(0.0);
        for ((slot, target), weight) in slots.iter().zip(targets).zip(weights) {
            let axis = 2 * (slot - n * n_data);
            (axes[axis], axes[axis + 1]) = (target.re, target.im);
            axis_weights[axis..axis + 2].fill(unit * weight);
        }
        coder.soften(&axes, &axis_weights, &mut mother);
    }
    mother
}
