//! The block interleaver of one OFDM symbol and its inverse. IEEE 802.11-2020, 17.3.5.7 and 19.3.11.8.

use super::mcs::{Format, Mcs};

/// Coded bit k of a symbol is sent at position `permutation(mcs)[k]`.
pub fn permutation(mcs: Mcs) -> Vec<usize> {
    let (n_cbps, s) = (mcs.n_cbps(), (mcs.n_bpsc() / 2).max(1));
    let columns = match mcs.format() {
        Format::NonHt => 16,
        Format::Ht => 13,
    };
    let send = |k: usize| {
        let i = n_cbps / columns * (k % columns) + k / columns; // neighbours onto distant subcarriers
        s * (i / s) + (i + n_cbps - columns * i / n_cbps) % s // and onto bits of changing significance
    };
    (0..n_cbps).map(send).collect()
}

/// Interleaves the bits of whole OFDM symbols.
///
/// # Panics
/// If the bits do not fill whole symbols.
pub fn interleave<T: Copy + Default>(coded: &[T], mcs: Mcs) -> Vec<T> {
    permute(coded, mcs, |out, symbol, k, j| out[j] = symbol[k])
}

/// The inverse of [`interleave`], on bits or soft bits.
///
/// # Panics
/// If the bits do not fill whole symbols.
pub fn deinterleave<T: Copy + Default>(sent: &[T], mcs: Mcs) -> Vec<T> {
    permute(sent, mcs, |out, symbol, k, j| out[k] = symbol[j])
}

fn permute<T: Copy + Default>(bits: &[T], mcs: Mcs, place: impl Fn(&mut [T], &[T], usize, usize)) -> Vec<T> {
    let n_cbps = mcs.n_cbps();
    assert_eq!(bits.len() % n_cbps, 0, "{} bits in symbols of {n_cbps}", bits.len());
    let permutation = permutation(mcs);
    let mut out = vec![T::default(); bits.len()];
    for (out, symbol) in out.chunks_exact_mut(n_cbps).zip(bits.chunks_exact(n_cbps)) {
        for (k, &j) in permutation.iter().enumerate() {
            place(out, symbol, k, j);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deinterleave_undoes_interleave_at_every_rate() {
        for mcs in Mcs::ALL {
            let coded: Vec<usize> = (0..3 * mcs.n_cbps()).collect();
            let sent = interleave(&coded, mcs);
            assert_ne!(sent, coded);
            assert_eq!(deinterleave(&sent, mcs), coded);
        }
    }
}
