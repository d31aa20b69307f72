//! Claims about two curves at the same SNRs.

use super::measured::MeasuredCurve;
use super::{At, Judged, Number, Point, Verdict, at_least, at_most, db};
use crate::spec::{BeatsSpec, TracksSpec};
use serde::Serialize;

/// Numbers of [`tracks`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tracks {
    /// Reference minus curve at each SNR: positive where the curve is worse.
    pub gap: Vec<At>,
    /// The gap furthest from 0.
    pub largest: At,
}

/// Numbers of [`beats`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beats {
    /// Curve minus rival at each SNR in the claim's range.
    pub margin: Vec<At>,
    /// The smallest one.
    pub smallest: At,
    /// SNRs at which it is not ahead.
    pub loses_at_db: Vec<f64>,
}

/// `curve` minus `other` at each SNR.
fn lead(curve: &[Point], other: &[Point]) -> Vec<At> {
    assert!(curve.iter().map(|point| point.0).eq(other.iter().map(|point| point.0)), "two curves with the same SNRs");
    curve.iter().zip(other).map(|(of, than)| At { snr_db: of.0, db: of.1 - than.1 }).collect()
}

/// The number with the smallest key; the first of several.
fn least(all: &[At], of: impl Fn(&At) -> f64) -> At {
    *all.iter().min_by(|a, b| of(a).total_cmp(&of(b))).expect("a number at some SNR")
}

/// Half-widths of the 95 % intervals of the difference between two curves.
pub fn together(a: &MeasuredCurve, b: &MeasuredCurve) -> Vec<f64> {
    a.half.iter().zip(&b.half).map(|(a, b)| a.hypot(*b)).collect()
}

/// Passes if every difference meets the limit with certainty, fails if one certainly does not.
fn verdict(differences: &[At], half: &[f64], is_met: impl Fn(&At, f64) -> bool) -> Verdict {
    let all = |sign: f64| differences.iter().zip(half).all(|(at, half)| is_met(at, sign * half));
    match (all(-1.0), all(1.0)) {
        (true, _) => Verdict::Pass,
        (false, true) => Verdict::Undecided,
        (false, false) => Verdict::Fail,
    }
}

/// Whether a curve is close to its reference at every SNR; `half` are half-widths of the differences' intervals.
pub fn tracks(curve: &[Point], reference: &[Point], half: &[f64], spec: &TracksSpec) -> Judged<Tracks> {
    let gap = lead(reference, curve);
    let largest = least(&gap, |at| -at.db.abs());
    let verdict = verdict(&gap, half, |at, surplus| at_most(at.db.abs() - surplus, spec.within_db));
    Judged { verdict, found: Tracks { gap, largest } }
}

/// Whether a curve is ahead of its rival at every SNR in the range, or behind by no more than allowed. A tie is no
/// lead. `half` as in [`tracks`].
pub fn beats(curve: &[Point], rival: &[Point], half: &[f64], spec: &BeatsSpec) -> Judged<Beats> {
    let [from, to] = spec.range();
    let counted = lead(curve, rival).into_iter().zip(half).filter(|(at, _)| (from..=to).contains(&at.snr_db));
    let (margin, half): (Vec<At>, Vec<f64>) = counted.unzip();
    let smallest = least(&margin, |at| at.db);
    let loses_at_db: Vec<f64> = margin.iter().filter(|at| at.db <= 0.0).map(|at| at.snr_db).collect();
    let is_met = |at: &At, surplus: f64| {
        let db = at.db + surplus;
        (spec.by_db < 0.0 || db > 0.0) && at_least(db, spec.by_db)
    };
    let verdict = verdict(&margin, &half, is_met);
    Judged { verdict, found: Beats { margin, smallest, loses_at_db } }
}

fn each(name: &str, all: &[At]) -> impl Iterator<Item = Number> {
    all.iter().map(move |at| (format!("{name} at {} dB", at.snr_db), db(at.db) + " dB"))
}

fn one(name: &str, at: &At) -> Number {
    (name.to_owned(), format!("{} dB at {} dB", db(at.db), at.snr_db))
}

impl Tracks {
    pub(super) fn numbers(&self) -> Vec<Number> {
        std::iter::once(one("largest gap, reference less curve", &self.largest)).chain(each("gap", &self.gap)).collect()
    }
}

impl Beats {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let loses: Vec<String> = self.loses_at_db.iter().map(f64::to_string).collect();
        let loses = if loses.is_empty() { "nowhere".to_owned() } else { format!("at {} dB", loses.join(", ")) };
        let first = [one("smallest margin, curve less rival", &self.smallest), ("not ahead".to_owned(), loses)];
        first.into_iter().chain(each("margin", &self.margin)).collect()
    }
}
