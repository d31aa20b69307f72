//! Trellis inversion: the receiver's own soft demapper and Viterbi search, run on the target, find the codeword
//! nearest to it over all data subcarriers at once.

use super::layout::Layout;
use crate::Complex32;
use crate::wifi::ScramblerState;
use crate::wifi::convolve::EncoderState;
use crate::wifi::interleave::deinterleave;
use crate::wifi::puncture::depuncture;
use crate::wifi::qam;
use crate::wifi::viterbi::{End, decode};

/// The PSDU whose points at `slots` are near `targets`, each with its weight on the squared error.
pub(super) fn search(
    layout: &Layout,
    slots: &[usize],
    targets: &[Complex32],
    weights: &[f32],
    scrambler: ScramblerState,
) -> Vec<u8> {
    let mcs = layout.mcs();
    let n_bpsc = mcs.n_bpsc();
    // What is not in a slot stays an erasure: any codeword will do there.
    let mut llr = vec![0.0; layout.n_sym() * mcs.n_cbps()];
    for ((&slot, &target), &weight) in slots.iter().zip(targets).zip(weights) {
        qam::demap(target, mcs.modulation(), weight, &mut llr[n_bpsc * slot..n_bpsc * (slot + 1)]);
    }
    let mother = depuncture(&deinterleave(&llr, mcs), mcs.code_rate());
    let ours = layout.ours();
    let mut bits = layout.prefix(scrambler);
    let start = EncoderState::default().after(&bits);
    bits.extend(decode(&mother[2 * ours.start..2 * ours.end], start, End::Open));
    layout.psdu(bits, scrambler)
}
