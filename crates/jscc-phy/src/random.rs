//! Randomness is an argument: every random number comes from a stream named by (seed, purpose, index).

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The stream of random numbers for one purpose and one index of a seeded run.
///
/// The same three arguments give the same numbers on every machine, for any batch size or thread count; two streams
/// that differ in any of them are independent.
///
/// # Panics
/// If `purpose` is longer than 16 bytes: it is part of the key, and truncation could collide.
pub fn stream(seed: u64, purpose: &str, index: u64) -> ChaCha8Rng {
    assert!(purpose.len() <= 16, "purpose `{purpose}` has {} bytes, more than 16", purpose.len());
    let mut key = [0u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&index.to_le_bytes());
    key[16..16 + purpose.len()].copy_from_slice(purpose.as_bytes());
    ChaCha8Rng::from_seed(key)
}

#[cfg(test)]
mod tests {
    use super::stream;
    use rand::Rng;

    #[test]
    fn each_argument_names_another_stream() {
        let first = |seed, purpose, index| stream(seed, purpose, index).next_u64();
        let base = first(1, "noise", 2);
        assert_eq!(base, first(1, "noise", 2));
        assert_ne!(base, first(2, "noise", 2));
        assert_ne!(base, first(1, "shuffle", 2));
        assert_ne!(base, first(1, "noise", 3));
    }
}
