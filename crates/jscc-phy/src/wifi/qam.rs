//! Gray-coded constellations: the mapper and its soft inverse. IEEE 802.11-2020, 17.3.5.8.

use super::mcs::Modulation;
use crate::Complex32;

/// Amplitudes of one axis, indexed by its bits (the first sent is the most significant), before scaling.
const fn axis(modulation: Modulation) -> &'static [f32] {
    match modulation {
        Modulation::Bpsk | Modulation::Qpsk => &[-1.0, 1.0],
        Modulation::Qam16 => &[-3.0, -1.0, 3.0, 1.0],
        Modulation::Qam64 => &[-7.0, -5.0, -1.0, -3.0, 7.0, 5.0, 1.0, 3.0],
    }
}

/// Scale that makes the mean power 1.
fn k_mod(modulation: Modulation) -> f32 {
    match modulation {
        Modulation::Bpsk => 1.0,
        Modulation::Qpsk => 0.5f32.sqrt(),
        Modulation::Qam16 => 0.1f32.sqrt(),
        Modulation::Qam64 => (1.0 / 42.0f32).sqrt(),
    }
}

/// Maps bits to constellation points of mean power 1, `n_bpsc` bits a point, I before Q.
///
/// # Panics
/// If the bits do not fill whole points.
pub fn map(bits: &[u8], modulation: Modulation) -> Vec<Complex32> {
    let n_bpsc = modulation.n_bpsc();
    assert_eq!(bits.len() % n_bpsc, 0, "{} bits in points of {n_bpsc}", bits.len());
    let (axis, scale) = (axis(modulation), k_mod(modulation));
    let amplitude = |bits: &[u8]| scale * axis[bits.iter().fold(0, |word, &b| word << 1 | b as usize)];
    let point = |bits: &[u8]| match modulation {
        Modulation::Bpsk => Complex32::new(amplitude(bits), 0.0),
        _ => Complex32::new(amplitude(&bits[..n_bpsc / 2]), amplitude(&bits[n_bpsc / 2..])),
    };
    bits.chunks_exact(n_bpsc).map(point).collect()
}

/// Max-log soft bits of one point, times `weight` (|h|²/N0 for likelihood ratios): the difference of the
/// squared distances to the nearest amplitude with a 1 and with a 0. Positive says 0.
///
/// # Panics
/// If `llr` does not hold `n_bpsc` values.
pub fn demap(point: Complex32, modulation: Modulation, weight: f32, llr: &mut [f32]) {
    let n_bpsc = modulation.n_bpsc();
    assert_eq!(llr.len(), n_bpsc, "soft bits of a point");
    let per_axis = n_bpsc.div_ceil(2);
    let (i, q) = llr.split_at_mut(per_axis);
    demap_axis(point.re, modulation, weight, i);
    if !q.is_empty() {
        demap_axis(point.im, modulation, weight, q);
    }
}

fn demap_axis(x: f32, modulation: Modulation, weight: f32, llr: &mut [f32]) {
    let (axis, scale) = (axis(modulation), k_mod(modulation));
    let distance = |word: usize| {
        let error = x - scale * axis[word];
        error * error
    };
    for (b, llr) in llr.iter_mut().rev().enumerate() {
        let mut nearest = [f32::INFINITY; 2];
        for word in 0..axis.len() {
            let bit = word >> b & 1;
            nearest[bit] = nearest[bit].min(distance(word));
        }
        *llr = weight * (nearest[1] - nearest[0]);
    }
}

/// Hard decisions: the bits of the constellation point nearest to each `x`; the inverse of [`map`].
pub fn slice(x: &[Complex32], modulation: Modulation) -> Vec<u8> {
    let mut llr = vec![0.0; modulation.n_bpsc()];
    let mut bits = Vec::with_capacity(x.len() * llr.len());
    for &x in x {
        demap(x, modulation, 1.0, &mut llr);
        bits.extend(llr.iter().map(|&llr| u8::from(llr < 0.0)));
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::mean_power;

    #[test]
    fn slice_undoes_map_and_power_is_one() {
        for modulation in [Modulation::Bpsk, Modulation::Qpsk, Modulation::Qam16, Modulation::Qam64] {
            let n_bpsc = modulation.n_bpsc();
            let bits: Vec<u8> =
                (0..1 << n_bpsc).flat_map(|word| (0..n_bpsc).map(move |i| (word >> i & 1) as u8)).collect();
            let points = map(&bits, modulation);
            assert_eq!(slice(&points, modulation), bits);
            assert!((mean_power(&points) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn soft_bits_are_differences_of_squared_distances() {
        let mut llr = [0.0; 4];
        demap(Complex32::new(0.0, -3.0) * 0.1f32.sqrt(), Modulation::Qam16, 10.0, &mut llr);
        // I at 0: nearest 0 is -1, nearest 1 is +1; nearest outer is 3, nearest inner 1. Q at -3: 16 to +1, 4 to -1.
        let want = [0.0, -8.0, 16.0, 4.0];
        llr.iter().zip(want).for_each(|(got, want)| assert!((got - want).abs() < 1e-5, "{llr:?}"));
    }
}
