//! Metrics of classified pictures: accuracy and cross entropy.

use super::Metric;
use super::interval::{mean_ci95, wilson};

/// Whether the logits classify a picture correctly, and the cross entropy of the label in nats. A lost picture has no
/// logits: it counts as wrong, with equal probabilities for all classes.
pub fn judge(logits: Option<&[f32]>, label: u8, classes: usize) -> (bool, f64) {
    let Some(logits) = logits else { return (false, (classes as f64).ln()) };
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - most).exp()).sum();
    let own = logits[usize::from(label)];
    let others = logits.iter().enumerate().filter(|(class, _)| *class != usize::from(label));
    (others.into_iter().all(|(_, &logit)| logit < own), sum.ln() - f64::from(own - most))
}

/// Accuracy and cross entropy of pictures, `per_frame` of which shared each frame.
///
/// The interval of the accuracy is Wilson's; for pictures that share frames, with as many trials as there are frames,
/// which is never too narrow.
pub fn metrics(right: &[bool], nats: &[f64], per_frame: usize) -> Vec<Metric> {
    let (n, n_right) = (right.len() as f64, right.iter().filter(|&&right| right).count() as f64);
    let (accuracy, trials) = (n_right / n, right.len().div_ceil(per_frame) as f64);
    let (cross_entropy, half) = mean_ci95(nats, per_frame);
    vec![
        Metric::new("accuracy", accuracy, wilson(accuracy * trials, trials)),
        Metric::within("cross_entropy", cross_entropy, half),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_are_judged_by_hand() {
        let (right, nats) = judge(Some(&[0.0, 2f32.ln(), 0.0]), 1, 3);
        assert!(right && (nats - 2f64.ln()).abs() < 1e-6, "2 of 4: {nats}");
        let (right, nats) = judge(Some(&[1000.0, 0.0]), 1, 2);
        assert!(!right && (nats - 1000.0).abs() < 1e-6, "{nats}");
        assert!(!judge(Some(&[0.5, 0.5]), 0, 2).0, "a tie names nothing");
        let (right, nats) = judge(None, 3, 10);
        assert!(!right && (nats - 10f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn accuracy_has_the_interval_of_its_trials() {
        let right: Vec<bool> = (0..100).map(|i| i >= 10).collect();
        let of = |per_frame| metrics(&right, &[0.5; 100], per_frame)[0].clone();
        // R: prop.test(90, 100, correct = FALSE); prop.test(9, 10, correct = FALSE)
        for (per_frame, low, high) in [(1, 0.825_634, 0.944_771), (10, 0.595_850, 0.982_124)] {
            let Metric { value, ci95: [Some(from), Some(to)], .. } = of(per_frame) else { panic!("an interval") };
            assert_eq!(value, Some(0.9));
            assert!((from - low).abs() < 1e-5 && (to - high).abs() < 1e-5, "{from} {to}");
        }
    }
}
