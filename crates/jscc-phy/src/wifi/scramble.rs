//! The data scrambler, which is its own inverse. IEEE 802.11-2020, 17.3.5.5.

use super::N_TAIL;
use std::sync::OnceLock;

/// Initial state of the scrambler: x1 is the least significant bit, x7 the most. A sender's is never all zeros; a
/// receiver may misread it as zeros, and then leaves the bits unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScramblerState(u8);

impl ScramblerState {
    /// The state 1011101 of the standard's worked example, also MATLAB's default 93.
    pub const EXAMPLE: Self = Self(93);

    /// A state from 1 to 127; `None` for any other number.
    pub const fn new(state: u8) -> Option<Self> {
        if state >= 1 && state <= 127 { Some(Self(state)) } else { None }
    }

    /// All states that a receiver may read.
    pub(crate) fn received() -> impl Iterator<Item = Self> {
        (0..=127).map(Self)
    }

    /// The number from 1 to 127; 0 for a receiver that read zeros.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The scrambling sequence x⁷ + x⁴ + 1 from this state; it repeats after 127 bits.
    pub fn sequence(self) -> impl Iterator<Item = u8> {
        let mut state = self.0;
        std::iter::repeat_with(move || {
            let out = (state >> 6 ^ state >> 3) & 1;
            state = (state << 1 | out) & 0x7f;
            out
        })
    }

    /// The sequence in octets, least significant bit first; it repeats after these 127.
    fn octets(self) -> &'static [u8; PERIOD] {
        static SEQUENCES: OnceLock<Box<[[u8; PERIOD]]>> = OnceLock::new();
        let of_state = |state: Self| {
            let mut bits = state.sequence();
            std::array::from_fn(|_| (0..8).fold(0, |octet, i| octet | bits.next().unwrap_or_default() << i))
        };
        &SEQUENCES.get_or_init(|| Self::received().map(of_state).collect())[self.0 as usize]
    }

    /// The state that produced these first seven scrambled SERVICE bits, which are zero before scrambling.
    ///
    /// # Panics
    /// If fewer than seven bits are given.
    pub fn from_service(scrambled: &[u8]) -> Self {
        // After seven steps the register holds those seven bits, x1 the newest; seven steps back is the start.
        let mut state = scrambled[..7].iter().fold(0, |state, &bit| state << 1 | bit);
        for _ in 0..7 {
            state = state >> 1 | ((state & 1) ^ (state >> 4 & 1)) << 6;
        }
        Self(state)
    }
}

/// Period of the sequence, in bits and in octets.
const PERIOD: usize = 127;

/// Scrambles whole octets in place, least significant bit first; a second call restores them.
pub fn scramble_octets(octets: &mut [u8], state: ScramblerState) {
    for block in octets.chunks_mut(PERIOD) {
        block.iter_mut().zip(state.octets()).for_each(|(octet, s)| *octet ^= s);
    }
}

/// Scrambles bits in place; a second call restores them.
pub fn scramble(bits: &mut [u8], state: ScramblerState) {
    for (bit, s) in bits.iter_mut().zip(state.sequence()) {
        *bit ^= s;
    }
}

/// Scrambles a whole DATA field whose tail begins at bit `tail`: the tail stays zero, 17.3.5.3.
pub fn scramble_data(bits: &mut [u8], tail: usize, state: ScramblerState) {
    scramble(bits, state);
    bits[tail..tail + N_TAIL].fill(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::to_bits;
    use proptest::prelude::*;

    #[test]
    fn all_ones_gives_the_sequence_of_the_standard() {
        // 17.3.5.5: 00001110 11110010 11001001 00000010 ...
        let bits: String = ScramblerState(127).sequence().take(32).map(|b| b.to_string()).collect();
        assert_eq!(bits, "00001110111100101100100100000010");
    }

    #[test]
    fn every_state_has_period_127_and_is_found_from_the_service_bits() {
        for state in (1..=127).filter_map(ScramblerState::new) {
            let bits: Vec<u8> = state.sequence().take(254).collect();
            assert_eq!(bits[..127], bits[127..]);
            assert_eq!(ScramblerState::from_service(&bits), state);
        }
        let silent = ScramblerState::from_service(&[0; 7]);
        assert!(silent.sequence().take(127).all(|bit| bit == 0));
        assert_eq!(ScramblerState::new(silent.get()), None, "no sender's state");
    }

    #[test]
    fn a_lone_x1_shows_the_bit_order() {
        // x1 alone reaches x4 after three steps: in a reversed register it would at once. (The example's state is a
        // palindrome and cannot show this.)
        let bits: Vec<u8> = ScramblerState(1).sequence().take(7).collect();
        assert_eq!(bits, [0, 0, 0, 1, 0, 0, 1]);
    }

    proptest! {
        #[test]
        fn octets_are_scrambled_as_their_bits(octets in prop::collection::vec(any::<u8>(), 0..300), state in 0u8..128) {
            let mut bits = to_bits(&octets);
            scramble(&mut bits, ScramblerState(state));
            let mut scrambled = octets;
            scramble_octets(&mut scrambled, ScramblerState(state));
            prop_assert_eq!(to_bits(&scrambled), bits);
        }

        #[test]
        fn twice_is_nothing(bits in prop::collection::vec(0u8..2, 0..600), state in 1u8..128) {
            let state = ScramblerState(state);
            let mut again = bits.clone();
            scramble(&mut again, state);
            scramble(&mut again, state);
            prop_assert_eq!(bits, again);
        }
    }
}
