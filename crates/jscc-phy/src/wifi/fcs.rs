//! The frame check sequence: CRC-32 over the MAC frame, least significant octet first. IEEE 802.11-2020, 9.2.4.8.

/// Octets of the frame check sequence.
pub const N_FCS: usize = 4;

/// The four octets that follow a MAC frame.
pub fn fcs(frame: &[u8]) -> [u8; N_FCS] {
    crc32fast::hash(frame).to_le_bytes()
}

/// Whether a PSDU ends with its own frame check sequence.
pub fn check(psdu: &[u8]) -> bool {
    psdu.split_last_chunk::<N_FCS>().is_some_and(|(frame, last)| fcs(frame) == *last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_value_of_the_polynomial() {
        // CRC-32 of "123456789" is 0xCBF43926 in every catalogue of CRCs.
        assert_eq!(fcs(b"123456789"), [0x26, 0x39, 0xf4, 0xcb]);
    }

    proptest! {
        #[test]
        fn what_is_appended_is_checked(frame in prop::collection::vec(any::<u8>(), 0..100), at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut psdu = [&frame[..], &fcs(&frame)].concat();
            prop_assert!(check(&psdu));
            let at = at.index(psdu.len());
            psdu[at] ^= 1 << bit;
            prop_assert!(!check(&psdu));
            prop_assert!(!check(&psdu[..psdu.len().min(3)]));
        }
    }
}
