//! Comparison of received pictures with the references.

use super::each;
use crate::metrics::{mse, psnr_db};

/// Quality of a received picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// Index of the reference that it was compared with.
    pub reference: usize,
    /// PSNR in dB; infinite for equal pictures.
    pub psnr_db: f64,
}

/// Compares received pictures with references: one by one if the numbers agree, else each with its nearest one, because
/// a lost frame does not reveal which pictures it held.
pub fn compare(received: &[f32], references: &[f32]) -> Vec<Compared> {
    let is_in_order = received.len() == references.len();
    let with = |(n, picture): (usize, &[f32])| {
        let errors = each(references).map(|reference| mse(reference, picture)).enumerate();
        let mut candidates = errors.filter(|(reference, _)| !is_in_order || *reference == n);
        let first = candidates.next()?;
        let (reference, mse) = candidates.fold(first, |best, other| if other.1 < best.1 { other } else { best });
        Some(Compared { reference, psnr_db: psnr_db(mse) })
    };
    each(received).enumerate().filter_map(with).collect()
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::data::digits;
    use crate::pictures::N_PIXELS;

    #[test]
    fn in_order_or_by_likeness() {
        let digits = digits::dataset(1, 0..3).images.pixels;
        let whole = compare(&digits, &digits);
        assert!(whole.iter().enumerate().all(|(n, it)| it.reference == n && it.psnr_db == f64::INFINITY));
        let swapped = [&digits[N_PIXELS..], &digits[..N_PIXELS]].concat();
        assert!(compare(&swapped, &digits).iter().enumerate().all(|(n, it)| it.reference == n), "in order");
        assert_eq!(compare(&digits[2 * N_PIXELS..], &digits)[0].reference, 2, "the nearest");
        assert!(compare(&digits, &[]).is_empty());
    }
}
