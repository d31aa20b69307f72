//! Soft-decision Viterbi decoder, the inverse of [`super::convolve`]. IEEE 802.11-2020, 17.3.5.6 and 17.3.11.
//!
//! Soft bits are log-likelihood ratios ln P(0)/P(1), quantised to five bits: positive means 0, zero is an erasure.
//! Their common scale does not matter, so the same search finds the codeword nearest to a received signal and the one
//! nearest to a target.
//!
//! The search runs from both ends at once and joins the two halves in the state of least total cost: the resulting path
//! is globally optimal, and two independent halves keep the processor's units busy. The trellis of this code is
//! reversible in time: what holds below for steps forwards holds for steps backwards.
//!
//! The 64 path metrics are costs in single octets, one vector register wide. A coded bit that contradicts its soft bit
//! costs the soft bit's magnitude; one that agrees costs nothing. Metrics never overflow: let q = [`SOFT_MAX`] and
//! min(t), max(t) the least and greatest true metric after step t.
//!
//! 1. Six inputs lead from any state to any other and a step costs at most 2q: max(t) ≤ min(t − 6) + 12q.
//! 2. The two branches leaving a state have opposite coded bits, whose costs add up to at most 2q, so that the cheaper
//!    costs at most q: min(t + 1) ≤ min(t) + q. Costs are not negative: min(t) ≤ min(t + 1).
//! 3. Once per six steps, at t₀, a kernel subtracts min(t₀ − m), the minimum m ≤ 5 steps before. Until the next time,
//!    t ≤ t₀ + 6, the stored values are at most
//!    max(t) − min(t₀ − m) ≤ min(t₀) − min(t₀ − m) + 12q ≤ (12 + m) q ≤ 255.
//!    Where kernels change after the first block, m = 0 and then ten steps: min(t − 6) ≤ min(t₀) + 4q, 16q in all.
//! 4. For the beginning, see `begin`.
//!
//! Butterflies are computed in place, so that a step moves each metric at most once. In phase p = t mod 6 of a block,
//! state s is in the lane i of which s is the rotation to the right by p of six bits. The step replaces the state's
//! last bit, which is bit p of the lane, by the input: lane i is reached from itself (straight) and from the lane that
//! differs in bit p (cross), backwards as forwards. After six steps lanes are states again, and a state is its last six
//! input bits.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod kernel;
mod portable;

use super::convolve::{EncoderState, N_MEMORY};

/// Largest soft bit.
pub const SOFT_MAX: i8 = 15;

/// Termination of the trellis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// In the best state.
    Open,
    /// In the zero state, as after six tail bits.
    Zero,
}

const N_STATES: usize = 64;

/// The metric of each state.
type PerState = [u8; N_STATES];
/// For each step of a block, the lanes for which the crossing branch is better; ties go to the straight one.
type Decisions = [u64; N_MEMORY];
/// Soft bits (A, B) of six steps.
type Block = [[i8; 2]; N_MEMORY];
/// Blocks whose costs the vector kernels compute at a time.
#[cfg(target_arch = "x86_64")]
const CHUNK: usize = 32;

/// The blocks of one half of a frame, their decisions, and the metrics at its entry.
struct Half<'a> {
    blocks: &'a [Block],
    decisions: &'a mut [Decisions],
    metrics: PerState,
}

/// Costs of a step's coded bits (A, B) = 00, 01, 10, 11, in this order from the least significant octet. Soft bits must
/// be within ±[`SOFT_MAX`].
#[inline]
fn costs(pair: [i8; 2]) -> u32 {
    // Cost of a 1 and of a 0, from a soft bit.
    let cost = |soft: i8| (u32::from(soft.max(0) as u8), u32::from(soft.saturating_neg().max(0) as u8));
    let ((a1, a0), (b1, b0)) = (cost(pair[0]), cost(pair[1]));
    (a0 + b0) | (a0 + b1) << 8 | (a1 + b0) << 16 | (a1 + b1) << 24
}

/// Coded bits, as 2A + B, of the branch between each lane and itself, in each phase. The branch between the lane and
/// the other of its butterfly has the opposite bits, 3 − this, because both generators tap the first and the last bit.
const STRAIGHT: [PerState; N_MEMORY] = {
    let mut straight = [[0; N_STATES]; N_MEMORY];
    let mut phase = 0;
    while phase < N_MEMORY {
        let mut lane = 0;
        while lane < N_STATES {
            let state = (lane >> phase | lane << (N_MEMORY - phase)) & (N_STATES - 1);
            let output = EncoderState(state as u8).output((state & 1) as u8);
            straight[phase][lane] = 2 * output[0] + output[1];
            lane += 1;
        }
        phase += 1;
    }
    straight
};

/// The add-compare-select kernels. One that the machine does not support is never constructed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kernel {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Kernel {
    /// The kernels this machine can run, the fastest first.
    fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let simd = [
            (is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f")).then_some(Self::Avx512),
            is_x86_feature_detected!("avx2").then_some(Self::Avx2),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let simd = [None];
        simd.into_iter().flatten().chain([Self::Portable])
    }

    fn fastest() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512bw",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
        }
    }

    /// Searches the front half forwards and the back half, of as many blocks, backwards.
    #[allow(unsafe_code)]
    fn search(self, front: &mut Half, back: &mut Half) {
        assert_eq!(front.blocks.len(), back.blocks.len(), "blocks of the halves");
        for half in [&*front, &*back] {
            assert_eq!(half.blocks.len(), half.decisions.len(), "blocks and decisions");
        }
        match self {
            // SAFETY: `available` has checked that the processor supports the instructions.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { avx512::search(front, back) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { avx2::search(front, back) },
            Self::Portable => {
                portable::forwards(front);
                portable::backwards(back);
            }
        }
    }
}

/// Name of the kernel chosen on this machine: "avx512bw", "avx2" or "portable".
pub fn kernel() -> &'static str {
    Kernel::fastest().name()
}

/// A decoder and its buffers, which grow to the longest frame seen.
#[derive(Debug, Clone)]
pub struct Decoder {
    kernel: Kernel,
    decisions: Vec<Decisions>,
    states: Vec<u8>,
    octets: Vec<u8>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder with the fastest kernel for this machine.
    pub fn new() -> Self {
        Self::with(Kernel::fastest())
    }

    fn with(kernel: Kernel) -> Self {
        Self { kernel, decisions: Vec::new(), states: Vec::new(), octets: Vec::new() }
    }

    /// The bits of the most likely path, one per pair of soft bits (A, B), from a known state.
    ///
    /// Soft bits are log-likelihood ratios in any unit, within ±[`SOFT_MAX`]: positive means 0, zero is an erasure. The
    /// bits are packed, the first in the least significant bit of the first octet; unused bits of the last octet are
    /// zero.
    ///
    /// # Panics
    /// If the number of soft bits is odd, or one of them is beyond ±[`SOFT_MAX`].
    pub fn decode(&mut self, soft: &[i8], start: EncoderState, end: End) -> &[u8] {
        assert_eq!(soft.len() % 2, 0, "soft bits come in pairs, got {}", soft.len());
        let largest = soft.iter().fold(0, |largest: u8, soft| largest.max(soft.unsigned_abs()));
        assert!(largest <= SOFT_MAX.unsigned_abs(), "a soft bit of ±{largest}, beyond ±{SOFT_MAX}");
        let (pairs, _) = soft.as_chunks();
        let (first, rest) = pairs.split_at(pairs.len() % N_MEMORY);
        let (blocks, _) = rest.as_chunks();
        if self.decisions.len() < blocks.len() {
            self.decisions.resize(blocks.len(), Decisions::default());
            self.states.resize(blocks.len(), 0);
        }
        let decisions = &mut self.decisions[..blocks.len()];
        let states = &mut self.states[..blocks.len()];
        let middle = blocks.len().div_ceil(2);
        let (front_blocks, back_blocks) = blocks.split_at(middle);
        let (front_decisions, back_decisions) = decisions.split_at_mut(middle);
        let front = Half { blocks: front_blocks, decisions: front_decisions, metrics: begin(first, start) };
        let back = Half { blocks: back_blocks, decisions: back_decisions, metrics: finish(end) };
        let joint = search(self.kernel, front, back);
        let after_first = walk(decisions, middle, joint, states);
        pack(u32::from(after_first) >> (N_MEMORY - first.len()), first.len(), states, &mut self.octets);
        &self.octets
    }
}

/// Searches both halves and returns the state between them on the best path; the lowest of several.
fn search(kernel: Kernel, mut front: Half, mut back: Half) -> u8 {
    // The first block of each half may begin with unreached states, which requires saturating additions; and the front
    // half may have one block more.
    let (n_front, n_back) = (front.blocks.len(), back.blocks.len());
    let (entered_front, entered_back) = (n_front.min(1), n_back.min(1));
    let both = n_back - entered_back;
    front.metrics = portable::forwards(&mut front.part(0..entered_front));
    back.metrics = portable::backwards(&mut back.part(both..n_back));
    let (mut front_rest, mut back_rest) = (front.part(entered_front..entered_front + both), back.part(0..both));
    kernel.search(&mut front_rest, &mut back_rest);
    let (back_metrics, metrics) = (back_rest.metrics, front_rest.metrics);
    front.metrics = metrics;
    let front_metrics = portable::forwards(&mut front.part(entered_front + both..n_front));
    let total = |state: usize| u16::from(front_metrics[state]) + u16::from(back_metrics[state]);
    (0..N_STATES).min_by_key(|&state| total(state)).unwrap_or(0) as u8
}

impl Half<'_> {
    /// Some of the blocks, entered with the current metrics.
    fn part(&mut self, blocks: std::ops::Range<usize>) -> Half<'_> {
        Half { blocks: &self.blocks[blocks.clone()], decisions: &mut self.decisions[blocks], metrics: self.metrics }
    }
}

/// Metrics after the last step, where the backward search begins. Impossible last states have 255; see `begin`.
fn finish(end: End) -> PerState {
    match end {
        End::Open => [0; N_STATES],
        End::Zero => std::array::from_fn(|state| if state == 0 { 0 } else { u8::MAX }),
    }
}

/// Metrics after the fewer than six steps that precede the blocks, the least of them zero. No two paths have met yet.
///
/// States not reached yet have 255, which saturating additions do not change. By the end of the first block a path from
/// `start` reaches every state; after its first six steps it costs at most 12q = 180, hence has won against 255. The
/// least metric before the first block is zero, so that it subtracts nothing. Backwards likewise, from the end.
fn begin(pairs: &[[i8; 2]], start: EncoderState) -> PerState {
    let mut metrics = [u8::MAX; N_STATES];
    for word in 0..1usize << pairs.len() {
        // The register of all bits, the newest highest: a window of seven per step.
        let register = word << N_MEMORY | start.0 as usize;
        let cost = pairs.iter().enumerate().map(|(t, &pair)| {
            let state = EncoderState((register >> t) as u8 & (N_STATES - 1) as u8);
            let [a, b] = state.output((word >> t & 1) as u8);
            costs(pair).to_le_bytes()[usize::from(2 * a + b)]
        });
        metrics[register >> pairs.len()] = cost.sum();
    }
    let least = metrics.iter().copied().min().unwrap_or(0);
    metrics.map(|metric| if metric == u8::MAX { metric } else { metric - least })
}

/// Follows the path through state `joint` after `middle` blocks, to both ends at once; writes the state after each
/// block and returns that before the first.
fn walk(decisions: &[Decisions], middle: usize, joint: u8, states: &mut [u8]) -> u8 {
    let (front, back) = decisions.split_at(middle);
    let (front_states, back_states) = states.split_at_mut(middle);
    let (mut before, mut after) = (u64::from(joint), u64::from(joint));
    let mut front = front.iter().zip(front_states).rev();
    for (decisions, state) in back.iter().zip(back_states) {
        for (phase, decision) in decisions.iter().enumerate() {
            after = cross(after, *decision, phase);
        }
        *state = after as u8;
        if let Some((decisions, state)) = front.next() {
            *state = before as u8;
            before = walk_back(decisions, before);
        }
    }
    for (decisions, state) in front {
        *state = before as u8;
        before = walk_back(decisions, before);
    }
    before as u8
}

#[inline]
fn walk_back(decisions: &Decisions, state: u64) -> u64 {
    decisions.iter().enumerate().rev().fold(state, |lane, (phase, decision)| cross(lane, *decision, phase))
}

/// The lane at the other end of the branch that won in this one.
#[inline]
fn cross(lane: u64, decision: u64, phase: usize) -> u64 {
    // Rotated so that the lane's bit arrives at the position of the phase: the rotation that depends on the lane comes
    // last.
    lane ^ decision.rotate_left(phase as u32).rotate_right(lane as u32) & 1 << phase
}

/// Packs `n_first` bits and then six bits of each state, least significant bits first.
fn pack(first: u32, n_first: usize, states: &[u8], octets: &mut Vec<u8>) {
    octets.clear();
    let mut carry = first;
    let (quads, rest) = states.as_chunks::<4>();
    for quad in quads {
        let [a, b, c, d] = quad.map(u32::from);
        carry |= (a | b << 6 | c << 12 | d << 18) << n_first;
        octets.extend_from_slice(&carry.to_le_bytes()[..3]);
        carry >>= 24;
    }
    let mut n_bits = n_first;
    for &state in rest {
        carry |= u32::from(state) << n_bits;
        n_bits += N_MEMORY;
    }
    octets.extend_from_slice(&carry.to_le_bytes()[..n_bits.div_ceil(8)]);
}

#[cfg(test)]
mod tests;
