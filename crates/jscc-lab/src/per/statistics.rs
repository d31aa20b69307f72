//! SNR at which a curve crosses an error rate.

/// SNR in dB at which the error rate falls to `target`, interpolated linearly in dB and log(rate). Points are pairs of
/// SNR and rate, by rising SNR.
pub(super) fn crossing(points: &[(f64, f64)], target: f64) -> Option<f64> {
    let is_across = |pair: &&[(f64, f64)]| pair[0].1 >= target && pair[1].1 < target;
    let pair = points.windows(2).find(is_across)?;
    let [(left, above), (right, below)] = [pair[0], pair[1]];
    // A rate of 0 has no logarithm, and so few packets do not establish it.
    let below = below.max(target * 1e-3);
    Some(left + (right - left) * (above / target).ln() / (above / below).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_log_linear() {
        let points = [(0.0, 1.0), (1.0, 0.4), (2.0, 0.025)];
        let at = crossing(&points, 0.1).unwrap();
        assert!((at - 1.5).abs() < 1e-9, "{at}");
        assert_eq!(crossing(&points[..2], 0.1), None);
        assert_eq!(crossing(&[(3.0, 0.1), (4.0, 0.0)], 0.1), Some(3.0));
    }
}
