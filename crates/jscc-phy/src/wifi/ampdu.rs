//! A-MPDU: several MAC frames in one PSDU, each after a delimiter. IEEE 802.11-2020, 9.7.1.

use super::fcs;
use super::ht_signal::crc8;
use crate::bits::{to_bits, to_octets};

/// Octets of a delimiter: reserved and length, check, signature.
const N_DELIMITER: usize = 4;
/// The last octet of a delimiter, ASCII "N".
const SIGNATURE: u8 = 0x4e;
/// Longest MAC frame that a delimiter of HT can announce.
pub const MAX_MPDU: usize = 4095;

/// The delimiter with these first two octets: four reserved bits and the length.
fn delimiter(head: [u8; 2]) -> [u8; N_DELIMITER] {
    [head[0], head[1], to_octets(&crc8(&to_bits(&head)))[0], SIGNATURE]
}

/// The PSDU that contains these MAC frames.
///
/// # Panics
/// If a frame is longer than 4095 octets.
pub fn aggregate(mpdus: &[&[u8]]) -> Vec<u8> {
    let mut psdu: Vec<u8> = Vec::new();
    for mpdu in mpdus {
        assert!(mpdu.len() <= MAX_MPDU, "a MAC frame of {} octets, more than {MAX_MPDU}", mpdu.len());
        psdu.resize(psdu.len().next_multiple_of(4), 0);
        psdu.extend(delimiter(((mpdu.len() as u16) << 4).to_le_bytes()));
        psdu.extend_from_slice(mpdu);
    }
    psdu
}

/// The MAC frames of a PSDU with a right check sequence; the inverse of [`aggregate`] on the intact part. After a
/// damaged delimiter, the next one is searched every four octets, as in the standard.
pub fn split(psdu: &[u8]) -> Vec<&[u8]> {
    let (mut mpdus, mut at) = (Vec::new(), 0);
    while let Some(head) = psdu.get(at..at + N_DELIMITER) {
        let length = usize::from(u16::from_le_bytes([head[0], head[1]]) >> 4);
        let body = psdu.get(at + N_DELIMITER..at + N_DELIMITER + length);
        at += match body.filter(|_| delimiter([head[0], head[1]]) == head) {
            Some(mpdu) => {
                mpdus.extend(fcs::check(mpdu).then_some(mpdu));
                (N_DELIMITER + length).next_multiple_of(4)
            }
            None => N_DELIMITER,
        };
    }
    mpdus
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn split_undoes_aggregate(frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..6), damaged in any::<prop::sample::Index>()) {
            let mpdus: Vec<Vec<u8>> = frames.iter().map(|frame| [&frame[..], &fcs::fcs(frame)].concat()).collect();
            let slices: Vec<&[u8]> = mpdus.iter().map(Vec::as_slice).collect();
            let mut psdu = aggregate(&slices);
            prop_assert_eq!(split(&psdu), slices.clone());
            // One wrong octet costs at most one frame.
            if !psdu.is_empty() {
                let at = damaged.index(psdu.len());
                psdu[at] ^= 0x21;
                prop_assert!(split(&psdu).len() + 1 >= slices.len());
            }
        }

        #[test]
        fn any_octets_are_survived(psdu in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = split(&psdu);
        }
    }
}
