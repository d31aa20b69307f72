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
    let n_axes = 2 * mcs.n_data() * layout.n_sym();
    let (mut axes, mut axis_weights) = (vec![0.0; n_axes], vec![0.0; n_axes]);
    let unit = least_weight(mcs.modulation()) * weights.len() as f32 / weights.iter().sum::<f32>();
    for ((&slot, target), weight) in slots.iter().zip(targets).zip(weights) {
        (axes[2 * slot], axes[2 * slot + 1]) = (target.re, target.im);
        axis_weights[2 * slot..2 * slot + 2].fill(unit * weight);
    }
    let n_axes = 2 * mcs.n_data();
    let mut mother = Vec::with_capacity(layout.n_sym() * 2 * mcs.n_dbps());
    for (axes, weights) in axes.chunks_exact(n_axes).zip(axis_weights.chunks_exact(n_axes)) {
        Coder::of(mcs).soften(axes, weights, &mut mother);
    }
    mother
}
