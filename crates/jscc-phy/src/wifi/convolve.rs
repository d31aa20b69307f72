//! The K = 7 convolutional encoder, generators 133 and 171 octal. IEEE 802.11-2020, 17.3.5.6.
//! Its inverse is [`super::viterbi`].

/// The encoder's six delayed bits, the newest in bit 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EncoderState(pub(crate) u8);

/// Number of input bits in the encoder's memory.
pub const N_MEMORY: usize = 6;

/// Generators over the register d0 (bit 6, the present input) to d6 (bit 0).
pub(crate) const GENERATORS: [u8; 2] = [0o133, 0o171];

impl EncoderState {
    /// The state after these input bits.
    #[must_use]
    pub fn after(self, bits: &[u8]) -> Self {
        bits.iter().fold(self, |state, &bit| state.next(bit))
    }

    fn next(self, bit: u8) -> Self {
        Self((bit << 6 | self.0) >> 1)
    }

    /// Output bits A and B for one input bit.
    pub(crate) const fn output(self, bit: u8) -> [u8; 2] {
        let register = bit << 6 | self.0;
        [(register & GENERATORS[0]).count_ones() as u8 & 1, (register & GENERATORS[1]).count_ones() as u8 & 1]
    }
}

/// Encodes bits at rate 1/2, from a state: A and B of each input bit, interleaved, twice as many as `bits`.
pub fn encode(bits: &[u8], mut state: EncoderState) -> Vec<u8> {
    let mut coded = Vec::with_capacity(2 * bits.len());
    for &bit in bits {
        coded.extend(state.output(bit));
        state = state.next(bit);
    }
    coded
}
