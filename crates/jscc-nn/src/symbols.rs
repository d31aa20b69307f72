//! Channel symbols z as the networks see them: power normalised per image, real pairs to complex (D2AJSCC, equation 2).

use burn::tensor::{Device, Tensor, TensorData};
use jscc_phy::Complex32;

/// Scales each image's symbols to mean power 1 independently, so that no image's power depends on another's.
///
/// # Shapes
/// - input and output: `[batch, k, 2]`, real and imaginary parts last
pub fn normalize_power(z: Tensor<3>) -> Tensor<3> {
    let [batch, k, _] = z.dims();
    let energy = z.clone().powi_scalar(2).reshape([batch, 2 * k]).sum_dim(1).reshape([batch, 1, 1]);
    // The floor keeps an all-zero encoder output finite; it is far below any real one.
    z * (energy / k as f32 + 1e-12).sqrt().recip()
}

/// As [`normalize_power`] over the symbols that are kept; the others become zero.
///
/// # Shapes
/// - input and output: `[batch, k, 2]`
/// - `kept`: `[batch, k]` of 0 and 1, at least one 1 per image
pub fn normalize_kept(z: Tensor<3>, kept: &Tensor<2>) -> Tensor<3> {
    let [_, k, _] = z.dims();
    let share = kept.clone().sum_dim(1).unsqueeze_dim::<3>(2) / k as f32;
    normalize_power(z * kept.clone().unsqueeze_dim::<3>(2)) * share.sqrt()
}

/// The symbols of a batch, image after image.
pub(crate) fn to_complex(z: Tensor<3>) -> Vec<Complex32> {
    let reals: Vec<f32> = z.try_into_vec_as().expect("symbols are 32-bit floats");
    reals.chunks_exact(2).map(|pair| Complex32::new(pair[0], pair[1])).collect()
}

/// The inverse of [`to_complex`]: `[batch, k, 2]`.
///
/// # Panics
/// If the symbols do not fill whole images.
pub(crate) fn from_complex(z: &[Complex32], k: usize, device: &Device) -> Tensor<3> {
    assert_eq!(z.len() % k, 0, "{} symbols in images of {k}", z.len());
    let reals: Vec<f32> = z.iter().flat_map(|z| [z.re, z.im]).collect();
    Tensor::from_data(TensorData::new(reals, [z.len() / k, k, 2]), device)
}
