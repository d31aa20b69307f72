//! Puncturing of the rate-1/2 code, and its inverse, which inserts erasures. IEEE 802.11-2020, 17.3.5.6 and 19.3.11.6.

use super::mcs::CodeRate;

/// Mask of the bits A1 B1 A2 B2 … of one period that are sent.
const fn kept(rate: CodeRate) -> &'static [bool] {
    match rate {
        CodeRate::Half => &[true, true],
        CodeRate::TwoThirds => &[true, true, true, false],
        CodeRate::ThreeQuarters => &[true, true, true, false, false, true],
        CodeRate::FiveSixths => &[true, true, true, false, false, true, true, false, false, true],
    }
}

/// Positions in the mother code of the coded bits that are sent, in order.
pub fn positions(rate: CodeRate) -> impl Iterator<Item = usize> {
    kept(rate).iter().cycle().enumerate().filter_map(|(position, &kept)| kept.then_some(position))
}

/// Drops the bits that are not sent.
///
/// # Panics
/// If the bits do not fill whole puncturing periods.
pub fn puncture(coded: &[u8], rate: CodeRate) -> Vec<u8> {
    let period = kept(rate).len();
    assert_eq!(coded.len() % period, 0, "{} coded bits in periods of {period}", coded.len());
    coded.iter().zip(kept(rate).iter().cycle()).filter_map(|(&bit, &kept)| kept.then_some(bit)).collect()
}

/// Inserts an erasure (0) for each soft bit that was not sent; the inverse of [`puncture`] on the others.
pub fn depuncture(sent: &[f32], rate: CodeRate) -> Vec<f32> {
    let period = kept(rate);
    let per_period = period.iter().filter(|&&kept| kept).count();
    assert_eq!(sent.len() % per_period, 0, "{} soft bits in periods of {per_period}", sent.len());
    let mut mother = vec![0.0; sent.len() / per_period * period.len()];
    for (position, &llr) in positions(rate).zip(sent) {
        mother[position] = llr;
    }
    mother
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn depuncture_undoes_puncture(bits in prop::collection::vec(0u8..2, 60), rate in 0usize..4) {
            let rates = [CodeRate::Half, CodeRate::TwoThirds, CodeRate::ThreeQuarters, CodeRate::FiveSixths];
            let rate = rates[rate];
            let sent: Vec<f32> = puncture(&bits, rate).iter().map(|&b| 1.0 - 2.0 * f32::from(b)).collect();
            let mother = depuncture(&sent, rate);
            prop_assert_eq!(mother.len(), bits.len());
            let n_erased = mother.iter().filter(|&&llr| llr == 0.0).count();
            prop_assert_eq!(n_erased, bits.len() - sent.len());
            for (&llr, &bit) in mother.iter().zip(&bits).filter(|(llr, _)| **llr != 0.0) {
                prop_assert_eq!(llr < 0.0, bit == 1);
            }
        }
    }
}
