//! 95 % confidence intervals.

/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_964;

/// The mean and the half-width of its 95 % confidence interval, 1.96 s/sqrt(n) by the normal approximation.
///
/// Each group of `per_frame` values shared one frame, so the n independent values are the frames' means. The half-width
/// of a single frame is infinite: it gives no estimate of the spread.
pub fn mean_ci95(values: &[f64], per_frame: usize) -> (f64, f64) {
    assert!(!values.is_empty(), "the mean of 0 values");
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let frames: Vec<f64> =
        values.chunks(per_frame).map(|frame| frame.iter().sum::<f64>() / frame.len() as f64).collect();
    if frames.len() == 1 {
        return (mean, f64::INFINITY);
    }
    let n = frames.len() as f64;
    let variance = frames.iter().map(|frame| (frame - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, 1.96 * (variance / n).sqrt())
}

/// Ends of Wilson's 95 % interval of a probability, after `hits` of `n` trials.
pub fn wilson(hits: f64, n: f64) -> [f64; 2] {
    let p = hits / n;
    let denominator = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / denominator;
    let half = Z / denominator * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [(middle - half).max(0.0), (middle + half).min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-9 * want.abs().max(1.0), "got {got}, want {want}");
    }

    #[test]
    fn intervals_by_hand() {
        // Variance of 1, 2, 3, 4 is 5/3.
        let (mean, half) = mean_ci95(&[1.0, 2.0, 3.0, 4.0], 1);
        near(mean, 2.5);
        near(half, 1.96 * (5.0f64 / 12.0).sqrt());
        assert_eq!(mean_ci95(&[3.0], 1), (3.0, f64::INFINITY));
        assert_eq!(mean_ci95(&[3.0, 3.0], 1), (3.0, 0.0));
        // Two frames of two: means 1 and 4, variance 4.5; the spread within a frame does not count.
        let (mean, half) = mean_ci95(&[0.0, 2.0, 3.0, 5.0], 2);
        near(mean, 2.5);
        near(half, 1.96 * (4.5f64 / 2.0).sqrt());
        assert_eq!(mean_ci95(&[1.0, 2.0], 10), (1.5, f64::INFINITY));
    }

    #[test]
    fn wilsons_interval_is_the_textbooks() {
        // R: prop.test(10, 100, correct = FALSE)
        let [low, high] = wilson(10.0, 100.0);
        assert!((low - 0.055_229).abs() < 1e-5 && (high - 0.174_366).abs() < 1e-5, "{low} {high}");
        assert!(wilson(0.0, 10.0)[0].abs() < 1e-12 && (wilson(10.0, 10.0)[1] - 1.0).abs() < 1e-12);
    }
}
