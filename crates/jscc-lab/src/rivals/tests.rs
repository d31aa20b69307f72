//! Common part of the codecs' tests.

use super::basis::{Basis, Transform};
use super::{Analysis, N_PIXELS, SourceCodec, share};
use crate::data::digits;
use crate::metrics::mse;
use std::sync::Arc;
use std::sync::LazyLock;

/// The PCA basis of synthetic digits, their coefficients, and forty other digits.
pub(crate) fn fitted<T>(fit: impl FnOnce(Arc<Basis>, Vec<f32>) -> T) -> (T, Vec<f32>) {
    static FITTED: LazyLock<(Arc<Basis>, Vec<f32>)> = LazyLock::new(|| {
        let train = digits::dataset(1, 0..1500).images.pixels;
        let basis = Basis::fit(&train, Transform::Pca);
        let coefficients = basis.analyse(&train);
        (Arc::new(basis), coefficients)
    });
    let (basis, coefficients) = FITTED.clone();
    (fit(basis, coefficients), digits::dataset(4, 0..40).images.pixels)
}

/// The mean squared error of pictures, sent ten at a time in at most, or exactly, `budget` bits.
pub(crate) fn mse_at(codec: &impl SourceCodec, pictures: &[f32], budget: usize, exactly: bool) -> f64 {
    let of = |pictures: &[f32]| {
        let mut bits = codec.encode(pictures, budget);
        assert!(bits.len() <= budget, "{} bits of {budget}", bits.len());
        assert!(!exactly || bits.len() == budget, "{} bits of {budget}", bits.len());
        bits.resize(budget, 0);
        let decoded = codec.decode(&bits, pictures.len() / N_PIXELS).into_iter();
        let seen: Vec<f32> = decoded.flat_map(|picture| picture.unwrap_or(vec![0.5; N_PIXELS])).collect();
        mse(pictures, &seen)
    };
    let errors: Vec<f64> = pictures.chunks_exact(10 * N_PIXELS).map(of).collect();
    errors.iter().sum::<f64>() / errors.len() as f64
}

#[test]
fn shares_are_equal_but_for_a_bit_and_leave_nothing() {
    for budget in [0, 7, 184, 2104, 2109] {
        let shares: Vec<_> = (0..10).map(|j| share(budget, 10, j)).collect();
        assert_eq!(shares.iter().map(ExactSizeIterator::len).sum::<usize>(), budget);
        assert!(shares.iter().all(|share| share.len().abs_diff(budget / 10) <= 1));
    }
}
