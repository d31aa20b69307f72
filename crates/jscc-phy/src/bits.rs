//! Bits in octets, the least significant first, as the standard orders them (IEEE 802.11-2020, 9.2.2), and in the words
//! of one OFDM symbol.

/// Words for the bits of any OFDM symbol: at most 312 coded bits, or 266 data bits including the encoder's memory.
pub const N_WORDS: usize = 5;

/// Bits of one OFDM symbol: bit j is bit j mod 64 of word j / 64; bits after the last are zero.
pub type SymbolBits = [u64; N_WORDS];

/// Octets to bits, least significant first.
pub fn to_bits(octets: &[u8]) -> Vec<u8> {
    octets.iter().flat_map(|octet| (0..8).map(move |i| octet >> i & 1)).collect()
}

/// Bits, least significant first, to octets; the inverse of [`to_bits`].
///
/// # Panics
/// If the bits do not fill whole octets.
pub fn to_octets(bits: &[u8]) -> Vec<u8> {
    assert_eq!(bits.len() % 8, 0, "{} bits in octets", bits.len());
    bits.chunks_exact(8).map(|bits| bits.iter().rev().fold(0, |octet, &bit| octet << 1 | bit)).collect()
}

/// `n` bits of octets from bit `start` on; zeros past the end.
///
/// # Panics
/// If `n` exceeds the size of an OFDM symbol.
pub fn take(octets: &[u8], start: usize, n: usize) -> SymbolBits {
    assert!(n <= 64 * N_WORDS, "{n} bits in {N_WORDS} words");
    let shift = start % 8;
    let mut words = [0; N_WORDS];
    for (i, word) in words.iter_mut().take(n.div_ceil(64)).enumerate() {
        let at = start / 8 + 8 * i;
        let mut nine = [0; 16];
        let there = octets.get(at..).unwrap_or_default();
        let there = &there[..there.len().min(9)];
        nine[..there.len()].copy_from_slice(there);
        let have = (u128::from_le_bytes(nine) >> shift) as u64;
        let wanted = (n - 64 * i).min(64);
        *word = have & (u64::MAX >> (64 - wanted));
    }
    words
}

/// Adds (exclusive or) the first `n` bits of words to octets from bit `start` on; the inverse of [`take`] on zeros.
///
/// # Panics
/// If the octets end earlier.
pub fn add(octets: &mut [u8], start: usize, words: &SymbolBits, n: usize) {
    let shift = start % 8;
    for (i, word) in words.iter().take(n.div_ceil(64)).enumerate() {
        let wanted = (n - 64 * i).min(64);
        let bits = u128::from(word & (u64::MAX >> (64 - wanted))) << shift;
        let at = start / 8 + 8 * i;
        for (octet, add) in octets[at..].iter_mut().zip(bits.to_le_bytes()).take((wanted + shift).div_ceil(8)) {
            *octet ^= add;
        }
    }
}

/// Packs bits into words.
pub fn pack(bits: &[u8]) -> SymbolBits {
    assert!(bits.len() <= 64 * N_WORDS, "{} bits in {N_WORDS} words", bits.len());
    let mut words = [0; N_WORDS];
    for (i, &bit) in bits.iter().enumerate() {
        words[i / 64] |= u64::from(bit) << (i % 64);
    }
    words
}

/// The `n` bits of words from bit `start` on, as a number.
#[inline]
pub fn field(words: &SymbolBits, start: usize, n: usize) -> usize {
    let (word, shift) = (start / 64, start % 64);
    let mut value = words[word] >> shift;
    if shift + n > 64 {
        value |= words[word + 1] << (64 - shift);
    }
    value as usize & ((1 << n) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn octets_come_back(octets in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(to_octets(&to_bits(&octets)), octets);
        }

        #[test]
        fn words_hold_what_the_octets_do(octets in prop::collection::vec(any::<u8>(), 60), start in 0usize..500, n in 0usize..=320) {
            let mut bits = to_bits(&octets);
            bits.resize(1000, 0);
            let words = take(&octets, start, n);
            prop_assert_eq!(words, pack(&bits[start..start + n]));
            let mut added = vec![0; 125];
            add(&mut added, start, &words, n);
            bits[..start].fill(0);
            bits[start + n..].fill(0);
            prop_assert_eq!(&added, &to_octets(&bits));
            let bits = to_bits(&added);
            for at in 0..n.saturating_sub(6) {
                let want = bits[start + at..start + at + 6].iter().rev().fold(0, |v, &bit| v << 1 | usize::from(bit));
                prop_assert_eq!(field(&words, at, 6), want);
            }
        }
    }
}
