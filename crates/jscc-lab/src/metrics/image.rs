//! Metrics of recovered pictures: MSE, PSNR, SSIM.

use super::Metric;
use super::interval::mean_ci95;

/// Side of the SSIM window in pixels.
const WINDOW: usize = 11;
/// Standard deviation of the SSIM window in pixels.
const SIGMA: f64 = 1.5;
/// SSIM's stabilising constants (K L)^2 with K1 = 0.01, K2 = 0.03 and the pixels' range L = 1.
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

/// Mean squared error between an image and its reconstruction, both in [0, 1] and of one length.
pub fn mse(x: &[f32], x_hat: &[f32]) -> f64 {
    assert_eq!(x.len(), x_hat.len(), "an image of {} pixels against one of {}", x.len(), x_hat.len());
    assert!(!x.is_empty(), "an image of 0 pixels has no error");
    let squares = x.iter().zip(x_hat).map(|(&x, &x_hat)| (f64::from(x) - f64::from(x_hat)).powi(2));
    squares.sum::<f64>() / x.len() as f64
}

/// Peak signal-to-noise ratio in dB of pixels in [0, 1]: infinite for an error of 0.
pub fn psnr_db(mse: f64) -> f64 {
    -10.0 * mse.log10()
}

/// Structural similarity of two images [channels, height, width] = `shape` in [0, 1], the mean over the channels.
///
/// Gaussian window of 11x11 with standard deviation 1.5, at every position inside the image; 1 for equal images.
///
/// Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility to
/// structural similarity", IEEE Trans. Image Processing 13(4), 2004, eq. (13).
///
/// # Panics
/// If a side is below 11 pixels or an image is not of `shape`.
pub fn ssim(shape: [usize; 3], x: &[f32], x_hat: &[f32]) -> f64 {
    let [channels, height, width] = shape;
    assert!(height >= WINDOW && width >= WINDOW, "SSIM of {height}x{width} pixels, its window has {WINDOW}x{WINDOW}");
    for image in [x, x_hat] {
        assert_eq!(image.len(), channels * height * width, "pixels of an image [{channels}, {height}, {width}]");
    }
    let planes = x.chunks(height * width).zip(x_hat.chunks(height * width));
    planes.map(|(x, x_hat)| ssim_of_plane(width, x, x_hat)).sum::<f64>() / channels as f64
}

/// Weights of the five scales, from the finest.
const SCALES: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// Multi-scale structural similarity of two images [channels, height, width] = `shape` in [0, 1]: contrast and structure at five
/// scales, luminance at the coarsest, each the mean over places and channels; 1 for equal images.
///
/// Source: Z. Wang, E. Simoncelli, A. Bovik, "Multiscale structural similarity for image quality assessment", Asilomar 2003.
///
/// # Panics
/// If a side is below 176 pixels or an image is not of `shape`.
pub fn ms_ssim([channels, mut height, mut width]: [usize; 3], x: &[f32], x_hat: &[f32]) -> f64 {
    assert!(height >= WINDOW << 4 && width >= WINDOW << 4, "MS-SSIM of {height}x{width} pixels, which needs 176x176");
    for image in [x, x_hat] {
        assert_eq!(image.len(), channels * height * width, "pixels of an image [{channels}, {height}, {width}]");
    }
    let (mut x, mut x_hat, mut product) = (x.to_vec(), x_hat.to_vec(), 1.0);
    for (scale, weight) in SCALES.iter().enumerate() {
        let planes = x.chunks(height * width).zip(x_hat.chunks(height * width));
        let of_planes: Vec<[f64; 2]> = planes.map(|(x, x_hat)| indices(width, x, x_hat)).collect();
        let which = usize::from(scale + 1 < SCALES.len());
        let mean = of_planes.iter().map(|indices| indices[which]).sum::<f64>() / channels as f64;
        product *= mean.max(0.0).powf(*weight);
        [x, x_hat] = [x, x_hat].map(|image| halved([channels, height, width], &image));
        (height, width) = (height / 2, width / 2);
    }
    product
}

/// The image at half the size: means of four pixels.
fn halved([channels, height, width]: [usize; 3], image: &[f32]) -> Vec<f32> {
    let at = |c: usize, y: usize, x: usize| image[(c * height + y) * width + x];
    let mut half = Vec::with_capacity(channels * (height / 2) * (width / 2));
    for (c, y) in (0..channels).flat_map(|c| (0..height / 2).map(move |y| (c, 2 * y))) {
        let four = |x: usize| at(c, y, x) + at(c, y, x + 1) + at(c, y + 1, x) + at(c, y + 1, x + 1);
        half.extend((0..width / 2).map(|x| four(2 * x) / 4.0));
    }
    half
}

fn ssim_of_plane(width: usize, x: &[f32], x_hat: &[f32]) -> f64 {
    indices(width, x, x_hat)[0]
}

/// Similarity of two planes, and of their contrast and structure alone.
fn indices(width: usize, x: &[f32], x_hat: &[f32]) -> [f64; 2] {
    let window = window();
    let local_mean = |product: fn(f64, f64) -> f64| {
        let plane: Vec<f64> = x.iter().zip(x_hat).map(|(&x, &y)| product(f64::from(x), f64::from(y))).collect();
        blurred(&plane, width, &window)
    };
    let [mean_x, mean_y] = [local_mean(|x, _| x), local_mean(|_, y| y)];
    let [mean_xx, mean_yy, mean_xy] = [local_mean(|x, _| x * x), local_mean(|_, y| y * y), local_mean(|x, y| x * y)];
    let map = (0..mean_x.len()).map(|i| {
        let (mx, my) = (mean_x[i], mean_y[i]);
        let variances = mean_xx[i] - mx * mx + mean_yy[i] - my * my;
        let covariance = mean_xy[i] - mx * my;
        let contrast = (2.0 * covariance + C2) / (variances + C2);
        [contrast * (2.0 * mx * my + C1) / (mx * mx + my * my + C1), contrast]
    });
    let sums = map.fold([0.0; 2], |sums: [f64; 2], at| [sums[0] + at[0], sums[1] + at[1]]);
    sums.map(|sum| sum / mean_x.len() as f64)
}

/// One side of the separable Gaussian window; sums to 1.
fn window() -> [f64; WINDOW] {
    let weights: [f64; WINDOW] = std::array::from_fn(|i| {
        let away = i as f64 - (WINDOW / 2) as f64;
        (-away * away / (2.0 * SIGMA * SIGMA)).exp()
    });
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

/// The plane averaged under the window, along rows, then along columns: `WINDOW - 1` fewer in each direction.
fn blurred(plane: &[f64], width: usize, window: &[f64; WINDOW]) -> Vec<f64> {
    let short = width - WINDOW + 1;
    let mut rows = vec![0.0; plane.len() / width * short];
    for (row, under) in plane.chunks_exact(width).zip(rows.chunks_exact_mut(short)) {
        for (k, weight) in window.iter().enumerate() {
            under.iter_mut().zip(&row[k..]).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    let mut columns = vec![0.0; rows.len() - (WINDOW - 1) * short];
    for (k, weight) in window.iter().enumerate() {
        columns.iter_mut().zip(&rows[k * short..]).for_each(|(sum, value)| *sum += weight * value);
    }
    columns
}

/// Quality of a set of reconstructed images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Number of images.
    pub images: usize,
    /// Mean squared error over the set.
    pub mse: f64,
    /// Half-width of the 95 % confidence interval of `mse`.
    pub mse_ci95: f64,
    /// PSNR in dB of the mean squared error over the set: the figure to report.
    pub psnr_db: f64,
    /// Ends of the 95 % confidence interval of `psnr_db`, that of `mse` in dB, the lower first.
    pub psnr_db_ci95: [f64; 2],
    /// Mean of the images' own PSNR in dB, never below `psnr_db`; infinite once an image is perfect.
    pub mean_psnr_db: f64,
    /// Half-width of the 95 % confidence interval of `mean_psnr_db`.
    pub mean_psnr_db_ci95: f64,
    /// Mean SSIM.
    pub ssim: f64,
    /// Half-width of the 95 % confidence interval of `ssim`.
    pub ssim_ci95: f64,
}

impl Quality {
    /// Combines the squared error and the SSIM of each image; `per_frame` of them shared each frame.
    pub fn of_images(image_mse: &[f64], image_ssim: &[f64], per_frame: usize) -> Self {
        let images = image_mse.len();
        assert_eq!(images, image_ssim.len(), "{images} errors, {} similarities", image_ssim.len());
        let (mse, mse_ci95) = mean_ci95(image_mse, per_frame);
        let image_psnr_db: Vec<f64> = image_mse.iter().map(|&mse| psnr_db(mse)).collect();
        let (mean_psnr_db, mean_psnr_db_ci95) = mean_ci95(&image_psnr_db, per_frame);
        let (ssim, ssim_ci95) = mean_ci95(image_ssim, per_frame);
        let psnr_db_ci95 = [psnr_db(mse + mse_ci95), psnr_db((mse - mse_ci95).max(0.0))];
        Quality {
            images,
            mse,
            mse_ci95,
            psnr_db: psnr_db(mse),
            psnr_db_ci95,
            mean_psnr_db,
            mean_psnr_db_ci95,
            ssim,
            ssim_ci95,
        }
    }

    /// The metrics of a row.
    pub fn metrics(&self) -> Vec<Metric> {
        vec![
            Metric::within("mse", self.mse, self.mse_ci95),
            Metric::new("psnr_db", self.psnr_db, self.psnr_db_ci95),
            Metric::within("mean_psnr_db", self.mean_psnr_db, self.mean_psnr_db_ci95),
            Metric::within("ssim", self.ssim, self.ssim_ci95),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{C1, Quality, ms_ssim, mse, psnr_db, ssim};
    use crate::data::digits;
    use iqa::{Image, MsssimOptions, SsimOptions};
    use jscc_phy::random;
    use rand::RngExt;

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-9 * want.abs().max(1.0), "got {got}, want {want}");
    }

    #[test]
    fn errors_by_hand() {
        near(mse(&[0.0, 1.0, 0.5, 0.25], &[0.5, 1.0, 0.25, 0.25]), (0.25 + 0.0625) / 4.0);
        near(psnr_db(0.01), 20.0);
        near(psnr_db(1.0), 0.0);
        assert!(psnr_db(0.0) == f64::INFINITY);
    }

    #[test]
    fn a_set_summed_up_by_hand() {
        let quality = Quality::of_images(&[0.1, 0.001], &[0.5, 0.9], 1);
        assert_eq!(quality.images, 2);
        near(quality.psnr_db, -10.0 * 0.0505f64.log10());
        near(quality.mean_psnr_db, 20.0);
        near(quality.mean_psnr_db_ci95, 19.6);
        near(quality.ssim, 0.7);
        near(quality.ssim_ci95, 1.96 * 0.2);
        // s/sqrt(2) of two values is half their distance; the lower end of the error falls below 0.
        near(quality.psnr_db_ci95[0], -10.0 * (0.0505f64 + 1.96 * 0.0495).log10());
        assert!(quality.psnr_db_ci95[1] == f64::INFINITY);
    }

    #[test]
    fn ssim_in_closed_form() {
        let plane = |value: f32| vec![value; 2 * 12 * 13];
        // Constant images have no variance: only the luminance term remains.
        near(ssim([2, 12, 13], &plane(0.25), &plane(0.75)), (2.0 * 0.1875 + C1) / (0.0625 + 0.5625 + C1));
        near(ssim([2, 12, 13], &plane(0.0), &plane(1.0)), C1 / (1.0 + C1));
        let noise = noise(2 * 12 * 13);
        near(ssim([2, 12, 13], &noise, &noise), 1.0);
    }

    fn noise(n: usize) -> Vec<f32> {
        let mut rng = random::stream(1, "test", 0);
        (0..n).map(|_| rng.random_range(0.0..1.0)).collect()
    }

    /// The levels of a 16-bit image, all that `iqa` takes.
    fn levels(image: &[f32]) -> Vec<u16> {
        image.iter().map(|pixel| (pixel * 65535.0).round() as u16).collect()
    }

    /// The crate `iqa` is an independent implementation of the same paper.
    fn agrees(height: usize, width: usize, x: &[f32], x_hat: &[f32]) {
        let levels = [levels(x), levels(x_hat)];
        let [x, x_hat]: [Vec<f32>; 2] =
            levels.each_ref().map(|levels| levels.iter().map(|&level| f32::from(level) / 65535.0).collect());
        let [want_x, want_x_hat] = levels.map(|levels| Image::gray16(width as u32, height as u32, levels).unwrap());
        let got = ssim([1, height, width], &x, &x_hat);
        let want = iqa::ssim(&want_x, &want_x_hat, SsimOptions::default()).unwrap();
        assert!((got - want).abs() < 1e-7, "got {got}, want {want}");
    }

    #[test]
    fn ssim_agrees_with_another_implementation() {
        let (digit, _) = digits::digit(3, 0);
        for amount in [0.0, 0.05, 0.3, 1.0] {
            let noisy: Vec<f32> = digit.iter().zip(noise(784)).map(|(p, n)| (1.0 - amount) * p + amount * n).collect();
            agrees(28, 28, &digit, &noisy);
        }
        agrees(15, 33, &noise(15 * 33), &[0.5; 15 * 33]);
    }

    #[test]
    fn ms_ssim_agrees_with_another_implementation() {
        let (height, width) = (190, 221);
        let wave = |at: usize| 0.5 + 0.3 * ((at % width) as f32 * 0.13).sin() * ((at / width) as f32 * 0.07).cos();
        let x: Vec<f32> = (0..height * width).map(wave).collect();
        for amount in [0.0, 0.05, 0.3] {
            let x_hat: Vec<f32> = x.iter().zip(noise(x.len())).map(|(p, n)| (1.0 - amount) * p + amount * n).collect();
            let [x, x_hat] = [&x, &x_hat].map(|image| levels(image));
            let seen =
                [&x, &x_hat].map(|image| image.iter().map(|&level| f32::from(level) / 65535.0).collect::<Vec<f32>>());
            let [of_x, of_x_hat] = [x, x_hat].map(|image| Image::gray16(width as u32, height as u32, image).unwrap());
            let got = ms_ssim([1, height, width], &seen[0], &seen[1]);
            let want = iqa::msssim(&of_x, &of_x_hat, MsssimOptions::default()).unwrap();
            assert!((got - want).abs() < 1e-3, "got {got}, want {want}");
        }
    }
}
