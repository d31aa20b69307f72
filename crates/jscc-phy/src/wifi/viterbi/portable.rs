//! The kernel for any machine: plain arrays in loops that compilers vectorise. Its additions saturate, so that it also
//! starts each half.

use super::Block;
use super::Half;
use super::N_MEMORY;
use super::N_STATES;
use super::PerState;
use super::STRAIGHT;
use super::costs;

/// All ones where the straight branch of a lane has the coded bits 2A + B.
const OUTPUT_IS: [[PerState; 4]; N_MEMORY] = {
    let mut masks = [[[0; N_STATES]; 4]; N_MEMORY];
    let mut phase = 0;
    while phase < N_MEMORY {
        let mut lane = 0;
        while lane < N_STATES {
            masks[phase][STRAIGHT[phase][lane] as usize][lane] = u8::MAX;
            lane += 1;
        }
        phase += 1;
    }
    masks
};

/// Searches a half from its first step on; returns the metrics after the last step.
pub(super) fn forwards(half: &mut Half) -> PerState {
    for (block, decisions) in half.blocks.iter().zip(half.decisions.iter_mut()) {
        half.metrics = without_least(&half.metrics);
        for (phase, decision) in decisions.iter_mut().enumerate() {
            *decision = step(&mut half.metrics, block, phase);
        }
    }
    half.metrics
}

/// Searches a half from its last step backwards; returns the metrics before the first step.
pub(super) fn backwards(half: &mut Half) -> PerState {
    for (block, decisions) in half.blocks.iter().zip(half.decisions.iter_mut()).rev() {
        half.metrics = without_least(&half.metrics);
        for (phase, decision) in decisions.iter_mut().enumerate().rev() {
            *decision = step(&mut half.metrics, block, phase);
        }
    }
    half.metrics
}

fn without_least(metrics: &PerState) -> PerState {
    let least = metrics.iter().copied().fold(u8::MAX, u8::min);
    metrics.map(|metric| metric - least)
}

#[inline(never)]
fn step(metrics: &mut PerState, block: &Block, phase: usize) -> u64 {
    let [c00, c01, c10, c11] = costs(block[phase]).to_le_bytes();
    let [is_00, is_01, is_10, is_11] = &OUTPUT_IS[phase];
    let swapped: PerState = std::array::from_fn(|lane| metrics[lane ^ 1 << phase]);
    let mut crossed = [0; N_STATES];
    for lane in 0..N_STATES {
        let straight = c00 & is_00[lane] | c01 & is_01[lane] | c10 & is_10[lane] | c11 & is_11[lane];
        let cross = c11 & is_00[lane] | c10 & is_01[lane] | c01 & is_10[lane] | c00 & is_11[lane];
        let (stay, swap) = (metrics[lane].saturating_add(straight), swapped[lane].saturating_add(cross));
        metrics[lane] = stay.min(swap);
        crossed[lane] = u8::from(swap < stay);
    }
    let (eights, _) = crossed.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |mask, (i, &eight)| mask | bits_of(eight) << (8 * i))
}

/// One bit of each octet, which is 0 or 1.
fn bits_of(octets: [u8; 8]) -> u64 {
    // Shifts every octet's bit to its own place in the highest octet.
    u64::from_le_bytes(octets).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
