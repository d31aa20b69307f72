//! Intervals, and where a curve crosses an error rate.

/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_964;

/// Ends of Wilson's 95 % interval of a probability, after `errors` of `n`.
pub(super) fn wilson(errors: usize, n: usize) -> [f64; 2] {
    let (n, p) = (n as f64, errors as f64 / n as f64);
    let denominator = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / denominator;
    let half = Z / denominator * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [(middle - half).max(0.0), (middle + half).min(1.0)]
}

/// SNR in dB at which the error rate falls to `target`, between two points on a straight line in dB and log(rate).
/// Points are pairs of SNR and rate, by rising SNR.
pub(super) fn crossing(points: &[(f64, f64)], target: f64) -> Option<f64> {
    let is_across = |pair: &&[(f64, f64)]| pair[0].1 >= target && pair[1].1 < target;
    let pair = points.windows(2).find(is_across)?;
    let [(left, above), (right, below)] = [pair[0], pair[1]];
    // A rate of 0 has no logarithm, and after so few packets no meaning.
    let below = below.max(target * 1e-3);
    Some(left + (right - left) * (above / target).ln() / (above / below).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_interval_is_the_textbooks() {
        // R: prop.test(10, 100, correct = FALSE)
        let [low, high] = wilson(10, 100);
        assert!((low - 0.055_229).abs() < 1e-5 && (high - 0.174_366).abs() < 1e-5, "{low} {high}");
        assert!(wilson(0, 10)[0].abs() < 1e-12 && (wilson(10, 10)[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn crossings_are_log_linear() {
        let points = [(0.0, 1.0), (1.0, 0.4), (2.0, 0.025)];
        let at = crossing(&points, 0.1).unwrap();
        assert!((at - 1.5).abs() < 1e-9, "{at}");
        assert_eq!(crossing(&points[..2], 0.1), None);
        assert_eq!(crossing(&[(3.0, 0.1), (4.0, 0.0)], 0.1), Some(3.0));
    }
}
