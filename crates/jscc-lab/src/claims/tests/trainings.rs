//! Verdicts by several trainings, and by other metrics than PSNR.

use super::*;
use crate::claims::criterion::{Criterion, Limit, Over};
use crate::metrics::Metric;

/// The curve of several trainings.
fn of_several(each: &[&[f64]]) -> Series {
    let mean = |i: usize| each.iter().map(|psnr_db| psnr_db[i]).sum::<f64>() / each.len() as f64;
    let psnr_db: Vec<f64> = (0..each[0].len()).map(mean).collect();
    Series { each: each.iter().map(|psnr_db| points(psnr_db)).collect(), ..curve(&psnr_db) }
}

const SEEDS: [&[f64]; 3] = [&[10.0, 20.0], &[11.0, 21.0], &[12.0, 22.0]];

/// Of three trainings with leads 1, 2, 3 the sample deviation is 1, and the interval 2 ± 2.484.
#[test]
fn the_interval_of_three_trainings_is_students() {
    let reference = curve(&[9.0, 19.0]);
    let of = |by: f64| beats(&of_several(&SEEDS), &reference, by, EVERYWHERE);
    let criterion = of(0.5).criteria.remove(0);
    near(criterion.value, 2.0);
    let [low, high] = criterion.ci95.unwrap();
    assert!((low + 0.484).abs() < 1e-3 && (high - 4.484).abs() < 1e-3, "{low} {high}");
    assert_eq!((criterion.over, criterion.verdict), (Over::Trainings(3), Verdict::Undecided));
    assert_eq!([-0.5, 4.5].map(|by| of(by).verdict), [Verdict::Pass, Verdict::Fail]);
    assert_eq!(of(0.5).verdict, Verdict::Undecided, "the limit lies in the interval");
}

/// Trainings of the same order belong together: what they share does not count.
#[test]
fn trainings_are_paired_in_order() {
    let rival = of_several(&[&[9.0, 19.0], &[10.0, 20.1], &[11.0, 20.9]]);
    let paired = beats(&of_several(&SEEDS), &rival, 0.5, EVERYWHERE);
    assert_eq!((paired.verdict, paired.criteria[0].over), (Verdict::Pass, Over::Trainings(3)));
    let other_order = of_several(&[&[11.0, 20.9], &[9.0, 19.0], &[10.0, 20.1]]);
    assert_eq!(beats(&of_several(&SEEDS), &other_order, 0.5, EVERYWHERE).verdict, Verdict::Undecided);
}

/// Two and three trainings: each curve's own spread against the mean of the other.
#[test]
fn other_numbers_of_trainings_are_taken_apart() {
    let two = of_several(&[&[0.0], &[1.0]]);
    let three = of_several(&[&[0.0], &[1.0], &[2.0]]);
    let criterion = Criterion { name: "difference", unit: Unit::Db, limit: Limit::AtLeast(0.0) };
    let decided = criterion.decide(&[&three, &two], |of| of[0][0].1 - of[1][0].1, None);
    // Half-widths 12.706/2 and 4.303/sqrt(3).
    let half = (12.706_205f64 / 2.0).hypot(4.302_653 / 3f64.sqrt());
    near(decided.value, 0.5);
    near(decided.ci95.unwrap()[1], 0.5 + half);
    assert_eq!((decided.over, decided.verdict), (Over::Apart, Verdict::Undecided));
}

#[test]
fn a_single_training_passes_or_fails() {
    let of = |by: f64| drops(&curve(&[10.0, 20.0]), &curve(&[9.0, 19.0]), by, EVERYWHERE);
    assert_eq!([1.0, 1.001].map(|by| of(by).verdict), [Verdict::Pass, Verdict::Fail]);
    assert_eq!((of(1.0).criteria[0].over, of(1.0).criteria[0].ci95), (Over::One, None));
    let (name, value) = of(1.0).criteria[0].number();
    assert_eq!((name.as_str(), value.as_str()), ("mean drop, at least 1", "1.00 dB (one training)"));
}

/// A shape is decided by its numbers too; of several criteria the worst counts.
#[test]
fn shapes_have_intervals() {
    // Steepest rises 0.2, 0.22 and 0.24 dB a dB: 0.22 ± 0.05.
    let each: [&[f64]; 3] = [&[10.0, 11.0], &[10.0, 11.1], &[10.0, 11.2]];
    let of = |slack: f64, step: f64| graceful(&of_several(&each), slack, step).verdict;
    assert_eq!([of(0.0, 0.28), of(0.0, 0.23), of(0.0, 0.1)], [Verdict::Pass, Verdict::Undecided, Verdict::Fail]);
    let falls: [&[f64]; 3] = [&[10.0, 9.0], &[10.0, 8.9], &[10.0, 8.8]];
    assert_eq!(worsens(&of_several(&falls), 5.0, 0.5, 1.0).verdict, Verdict::Fail, "never recovers");
    assert_eq!(monotone(&of_several(&falls), 1.1).verdict, Verdict::Undecided);
}

/// Where a cliff is, is searched: trainings that disagree decide nothing.
#[test]
fn trainings_that_disagree_on_a_cliff_decide_nothing() {
    let (steep, slow): (&[f64], &[f64]) = (&[10.0, 10.0, 20.0, 20.0], &[10.0, 13.0, 16.0, 20.0]);
    assert_eq!(cliff(&of_several(&[steep, steep]), CLIFF).verdict, Verdict::Pass);
    assert_eq!(cliff(&of_several(&[slow, slow]), CLIFF).verdict, Verdict::Fail);
    assert_eq!(cliff(&of_several(&[steep, slow]), CLIFF).verdict, Verdict::Undecided);
}

/// The best specialist is that of each training.
#[test]
fn envelopes_are_of_each_training() {
    let (one, other) = (of_several(&[&[10.0], &[12.0]]), of_several(&[&[12.0], &[10.0]]));
    let judged = near_envelope(&of_several(&[&[11.0], &[11.0]]), &[&one, &other], 1.0, 1.0);
    assert_eq!((judged.verdict, judged.criteria[0].value), (Verdict::Pass, 1.0));
    near(judged.found.worst.value, 0.0);
}

#[test]
fn accuracy_is_in_points_and_mse_as_in_rows() {
    let row =
        |accuracy: f64, mse: f64| vec![Metric::within("accuracy", accuracy, 0.01), Metric::within("mse", mse, 0.001)];
    let trainings = [vec![row(0.90, 0.010)], vec![row(0.92, 0.100)]];
    let of = |measure| Series::of(measure, &[5.0], &trainings).unwrap();
    let accuracy = of(Measure::compared("accuracy"));
    near(accuracy.points[0].1, 91.0);
    near(accuracy.frames[0], 1.0);
    near(of(Measure::of_rows("accuracy")).points[0].1, 0.91);
    let psnr = of(Measure::PSNR);
    near(psnr.points[0].1, -10.0 * 0.055f64.log10());
    near(psnr.each[1][0].1, 10.0);
    assert_eq!(Series::of(Measure::of_rows("ssim"), &[5.0], &trainings), None);
    assert_eq!(serde_json::to_value(accuracy.spread[0]).unwrap()["snr_db"], 5.0);
    assert!(serde_json::to_value(accuracy.spread[0]).unwrap()["points"].is_number());
    let far = tracks(&Series { each: vec![vec![(5.0, 91.0)]], ..accuracy.clone() }, &accuracy, 0.5);
    assert_eq!(far.found.largest.unit, Unit::Points);
}

#[test]
fn numbers_have_units_and_no_minus_zero() {
    assert_eq!(Unit::Db.text(-0.001), "0.00 dB");
    assert_eq!(Unit::Points.text(-1.256), "-1.26 points");
    assert_eq!(Unit::Plain.text(0.001_234), "0.00123");
}
