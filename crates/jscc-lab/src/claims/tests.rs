mod trainings;

use super::number::Unit;
use super::pair::{beats, crosses, drops, near_envelope, tracks};
use super::series::Point;
use super::shape::{CliffLimits, agrees, cliff, graceful, monotone, scalar, worsens};
use super::*;

const EVERYWHERE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

/// PSNR at 0, 5, 10, ... dB.
fn points(psnr_db: &[f64]) -> Vec<Point> {
    psnr_db.iter().enumerate().map(|(i, &psnr_db)| (5.0 * i as f64, psnr_db)).collect()
}

/// A curve of one training, exact over its frames.
fn curve(psnr_db: &[f64]) -> Series {
    let frames = vec![0.0; psnr_db.len()];
    Series { unit: Unit::Db, points: points(psnr_db), each: vec![points(psnr_db)], frames, spread: vec![] }
}

fn at(snr_db: f64, value: f64) -> At {
    At { snr_db, value, unit: Unit::Db }
}

impl<T> Judged<T> {
    fn pass(&self) -> bool {
        self.verdict == Verdict::Pass
    }
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-9, "got {got}, want {want}");
}

#[test]
fn a_curve_that_tracks_is_near_on_both_sides() {
    let reference = curve(&[10.0, 15.1, 20.0]);
    let by = |psnr_db: &[f64], within_db: f64| tracks(&curve(psnr_db), &reference, within_db);
    let close = by(&[10.5, 14.5, 19.5], 1.0);
    assert!(close.pass(), "{close:?}");
    near(close.found.largest.snr_db, 5.0);
    let far = by(&[10.0, 15.1, 18.0], 1.0);
    assert_eq!((far.pass(), far.found.largest), (false, at(10.0, 2.0)));
    assert_eq!(far.found.gap.len(), 3);
    let above = by(&[13.0, 15.1, 20.0], 1.0);
    assert_eq!((above.pass(), above.found.largest), (false, at(0.0, -3.0)));
    // 15.1 - 14.1 is not 1 to the last bit.
    assert!(by(&[9.0, 14.1, 19.0], 1.0).pass());
    assert!(!by(&[9.0, 14.1, 18.99], 1.0).pass());
    assert!(by(&[10.0, 15.1, 20.0], 0.0).pass());
}

#[test]
fn a_graceful_curve_neither_falls_nor_leaps() {
    let of = |psnr_db: &[f64]| graceful(&curve(psnr_db), 0.05, 1.5);
    let fine = of(&[10.0, 15.0, 18.0, 18.0]);
    assert_eq!((fine.pass(), fine.found.steepest.from_db, fine.found.steepest.to_db), (true, 0.0, 5.0));
    near(fine.found.steepest.by, 1.0);
    assert_eq!(fine.found.fall, None);
    let leaps = of(&[10.0, 11.0, 19.0, 20.0]);
    assert_eq!((leaps.pass(), leaps.found.steepest.from_db), (false, 5.0));
    near(leaps.found.steepest.by, 1.6);
    assert!(of(&[10.0, 11.0, 18.5, 20.0]).pass(), "1.5 dB a dB exactly");
    // Each step is within the slack, their sum is not.
    let sinks = of(&[15.0, 14.96, 14.92, 20.0]);
    let fall = sinks.found.fall.unwrap();
    assert_eq!((sinks.pass(), fall.from_db, fall.to_db), (false, 0.0, 10.0));
    near(fall.by, -0.08);
    assert!(of(&[15.0, 14.95, 15.0]).pass(), "the slack exactly");
    assert!(!of(&[15.0, 14.94, 15.0]).pass());
}

const CLIFF: CliffLimits = CliffLimits { height_db: 8.0, flat_db: 1.0, width_db: 5.0 };

#[test]
fn a_cliff_rises_from_a_flat() {
    let of = |psnr_db: &[f64]| cliff(&curve(psnr_db), CLIFF);
    let steep = of(&[9.0, 9.5, 10.0, 20.0, 20.5]);
    assert!(steep.pass(), "{steep:?}");
    // From 10 to 20 dB within 10 to 15 dB of SNR: 11 dB at 10.5 and 19 dB at 14.5.
    near(steep.found.starts_db, 10.5);
    near(steep.found.ends_db, 14.5);
    near(steep.found.width_db, 4.0);
    near(steep.found.height_db, 10.0);
    near(steep.found.below_range_db.unwrap(), 1.0);
    assert!(!of(&[9.0, 9.4, 10.1, 20.0, 20.5]).pass(), "not flat");
    assert!(of(&[9.0, 9.5, 10.0, 18.0, 20.5]).pass(), "the height exactly");
    let low = of(&[9.0, 9.5, 10.0, 17.9, 20.5]);
    assert!(!low.pass());
    near(low.found.height_db, 7.9);
    let first = of(&[10.0, 20.0, 20.0]);
    assert!(!first.pass() && first.found.below_range_db.is_none(), "nothing is known below: {first:?}");
    let falls = of(&[20.0, 15.0, 10.0]);
    assert_eq!((falls.pass(), falls.found.height_db), (false, -5.0));
}

#[test]
fn a_cliff_within_several_points_is_found_where_it_rises() {
    let wide = CliffLimits { width_db: 15.0, ..CLIFF };
    let found = cliff(&curve(&[10.0, 10.0, 10.0, 15.0, 20.0, 20.0]), wide);
    assert!(found.pass());
    near(found.found.starts_db, 11.0);
    near(found.found.ends_db, 19.0);
    // Too slow for a narrower claim: 5 dB within 5 dB.
    assert!(!cliff(&curve(&[10.0, 10.0, 10.0, 15.0, 20.0]), CLIFF).pass());
}

#[test]
fn what_worsens_falls_early_and_recovers() {
    let of = |psnr_db: &[f64], until_db: f64| worsens(&curve(psnr_db), until_db, 2.0, 5.0);
    let typical = of(&[12.0, 10.0, 9.0, 16.0, 20.0], 10.0);
    assert!(typical.pass(), "{typical:?}");
    assert_eq!((typical.found.fall.to_db, typical.found.fall.by), (10.0, -3.0));
    assert_eq!(typical.found.recovery.map(|found| (found.to_db, found.by)), Some((20.0, 11.0)));
    assert!(of(&[12.0, 10.0, 9.0, 16.0], 5.0).pass(), "by 2 dB exactly, up to 5 dB");
    assert!(!of(&[12.0, 10.1, 9.0, 16.0], 5.0).pass(), "too late");
    assert!(!of(&[12.0, 13.0, 14.0, 20.0], 10.0).pass(), "never falls");
    assert!(!of(&[12.0, 10.0, 9.0, 13.9], 10.0).pass(), "does not recover");
    assert!(of(&[12.0, 10.0, 9.0, 14.0], 10.0).pass(), "recovers by 5 dB exactly");
    assert_eq!(of(&[12.0, 10.0, 9.0], 10.0).found.recovery, None);
}

#[test]
fn what_beats_is_ahead_everywhere_in_its_range() {
    let rival = curve(&[10.0, 15.0, 20.0]);
    let by = |psnr_db: &[f64], by_db: f64, from_db: Option<f64>| {
        beats(&curve(psnr_db), &rival, by_db, [from_db.unwrap_or(f64::NEG_INFINITY), f64::INFINITY])
    };
    let ahead = by(&[11.0, 15.5, 22.0], 0.0, None);
    assert!(ahead.pass() && ahead.found.loses_at_db.is_empty());
    assert_eq!(ahead.found.smallest, at(5.0, 0.5));
    let behind = by(&[9.0, 15.0, 22.0], 0.0, None);
    assert!(!behind.pass(), "behind, and a tie");
    assert_eq!(behind.found.loses_at_db, [0.0, 5.0]);
    let later = by(&[9.0, 15.0, 22.0], 0.0, Some(10.0));
    assert!(later.pass() && later.found.margin == [at(10.0, 2.0)]);
    assert!(by(&[10.5, 15.5, 20.5], 0.5, None).pass(), "by exactly as much");
    let little = by(&[10.5, 15.4, 20.5], 0.5, None);
    assert!(!little.pass() && little.found.loses_at_db.is_empty(), "ahead, by too little");
    assert!(by(&[9.5, 15.0, 22.0], -0.5, None).pass(), "behind by as much as it may");
    assert!(!by(&[9.4, 15.0, 22.0], -0.5, None).pass(), "behind by more");
}

/// A difference decides nothing if the limit lies in its interval over frames.
#[test]
fn what_is_not_sure_is_not_decided() {
    let rival = curve(&[10.0, 15.0, 20.0]);
    let unsure = |psnr_db: &[f64], half: f64| Series { frames: vec![half; 3], ..curve(psnr_db) };
    let beats_by = |psnr_db: &[f64], half: f64| beats(&unsure(psnr_db, half), &rival, 0.0, EVERYWHERE).verdict;
    let lead = [10.01, 15.01, 20.01];
    assert_eq!(beats_by(&lead, 0.0), Verdict::Pass);
    assert_eq!(beats_by(&lead, 0.05), Verdict::Undecided, "0.01 dB between curves that are sure to 0.05 dB");
    assert_eq!(beats_by(&[9.99, 15.01, 20.01], 0.05), Verdict::Undecided);
    assert_eq!(beats_by(&[9.9, 16.0, 21.0], 0.05), Verdict::Fail, "behind at one SNR, surely");
    assert_eq!(beats_by(&[10.2, 15.2, 20.2], 0.05), Verdict::Pass);
    assert_eq!(beats_by(&[10.2, 15.2, 20.2], f64::INFINITY), Verdict::Undecided, "nothing is known of the interval");
    let tracks_by = |off: f64, half: f64| tracks(&unsure(&[10.0, 15.0 + off, 20.0], half), &rival, 1.0).verdict;
    assert_eq!(tracks_by(-0.8, 0.1), Verdict::Pass);
    assert_eq!([tracks_by(-0.95, 0.1), tracks_by(1.05, 0.1)], [Verdict::Undecided; 2]);
    assert_eq!(tracks_by(-1.2, 0.1), Verdict::Fail);
}

#[test]
fn the_envelope_is_the_best_specialist_at_each_snr() {
    let specialists = [curve(&[12.0, 14.0, 15.0]), curve(&[9.0, 13.0, 19.0])];
    let of = |psnr_db: &[f64], mean_db: f64, worst_db: f64| {
        near_envelope(&curve(psnr_db), &[&specialists[0], &specialists[1]], mean_db, worst_db)
    };
    // Below 12, 14, 19 by 0.5, 0, 1.
    let close = of(&[11.5, 14.0, 18.0], 0.5, 1.0);
    assert!(close.pass(), "{close:?}");
    assert_eq!(close.found.worst, at(10.0, 1.0));
    assert_eq!(close.found.shortfall, [at(0.0, 0.5), at(5.0, 0.0), at(10.0, 1.0)]);
    assert!(!of(&[11.5, 14.0, 18.0], 0.49, 1.0).pass(), "the mean");
    assert!(!of(&[11.5, 14.0, 18.0], 0.5, 0.99).pass(), "the worst");
    assert!(of(&[13.0, 15.0, 20.0], -1.0, -1.0).pass(), "above the envelope by 1 dB everywhere");
}

#[test]
fn curves_cross_between_two_snrs() {
    let of = |low: &[f64], high: &[f64]| crosses(&curve(low), &curve(high), [0.0, 10.0], 2.5);
    let apart = of(&[12.5, 14.0, 15.0], &[10.0, 14.0, 17.5]);
    assert!(apart.pass(), "{apart:?}");
    assert_eq!(apart.found.lead, [at(0.0, 2.5), at(10.0, 2.5)]);
    assert!(!of(&[12.4, 14.0, 15.0], &[10.0, 14.0, 17.5]).pass(), "too little at the lower SNR");
    assert!(!of(&[12.5, 14.0, 15.0], &[10.0, 14.0, 17.4]).pass(), "too little at the higher SNR");
    assert!(!of(&[10.0, 14.0, 17.5], &[12.5, 14.0, 15.0]).pass(), "the other way round");
}

#[test]
fn what_drops_is_worse_on_average() {
    let told = curve(&[12.0, 15.0, 20.0]);
    let of = |control: &[f64], by: f64, range: [f64; 2]| drops(&told, &curve(control), by, range);
    let worse = of(&[11.0, 15.5, 18.5], 0.6, EVERYWHERE);
    assert!(worse.pass(), "better at one SNR, worse by 0.67 dB on average: {worse:?}");
    near(worse.criteria[0].value, 2.0 / 3.0);
    assert!(!of(&[11.0, 15.5, 18.5], 0.7, EVERYWHERE).pass());
    assert!(!of(&[11.0, 15.5, 18.5], 0.6, [0.0, 5.0]).pass(), "of 1 and -0.5");
    assert!(of(&[11.0, 15.5, 18.5], 0.25, [0.0, 5.0]).pass());
}

#[test]
fn what_is_monotone_does_not_fall_to_the_next_snr() {
    let of = |values: &[f64], by: f64| monotone(&curve(values), by);
    assert!(of(&[10.0, 10.0, 12.0], 0.0).pass());
    let falls = of(&[10.0, 9.5, 9.1, 12.0], 0.4);
    let fall = falls.found.fall.unwrap();
    assert_eq!((falls.pass(), fall.from_db, fall.to_db), (false, 0.0, 5.0));
    near(fall.by, -0.5);
    assert!(of(&[10.0, 9.5, 9.1, 12.0], 0.5).pass(), "each step alone, by exactly as much");
}

#[test]
fn a_scalar_lies_in_its_range() {
    let of = |low: f64, high: f64| scalar(&curve(&[10.0, 15.0]), 5.0, [low, high]);
    assert!(of(15.0, 15.0).pass() && of(14.0, 16.0).pass());
    assert_eq!([of(15.1, 16.0).verdict, of(14.0, 14.9).verdict], [Verdict::Fail; 2]);
    assert_eq!(of(14.0, 16.0).found.measured, at(5.0, 15.0));
}

#[test]
fn what_agrees_is_near_published_points() {
    let of = |mean_db: f64, worst_db: f64| {
        agrees(&curve(&[10.0, 15.0, 20.0]), &[[0.0, 10.5], [10.0, 19.0]], mean_db, worst_db)
    };
    assert!(of(0.75, 1.0).pass());
    assert_eq!(of(0.75, 1.0).found.gap, [at(0.0, -0.5), at(10.0, 1.0)]);
    assert_eq!([of(0.74, 1.0).verdict, of(0.75, 0.99).verdict], [Verdict::Fail; 2]);
}

#[test]
#[should_panic(expected = "the same SNRs")]
fn curves_of_other_snrs_are_a_bug() {
    tracks(&curve(&[1.0, 2.0]), &curve(&[1.0]), 1.0);
}
