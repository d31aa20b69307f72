//! Claims about one curve. Only measured points count: nothing is assumed between two SNRs of a sweep.

use super::criterion::{Criterion, Limit, together};
use super::number::{At, Change, Number, Unit, each, two_decimals as db};
use super::series::{Point, Series};
use super::{Judged, ROUNDING, Verdict, at_least, at_most};
use crate::trainings::mean;
use serde::Serialize;

/// Numbers of [`graceful`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Graceful {
    /// The steepest rise from one SNR to the next, in dB per dB.
    pub steepest: Change,
    /// The largest fall from an SNR to any higher one; null if PSNR never falls.
    pub fall: Option<Change>,
}

/// Numbers of [`cliff`]: of the highest rise that the claim allows, or of the highest at all if it allows none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cliff {
    /// SNR at a tenth of the rise, on a straight line between points.
    pub starts_db: f64,
    /// SNR at nine tenths of it.
    pub ends_db: f64,
    /// Distance between the two.
    pub width_db: f64,
    /// The rise.
    pub height_db: f64,
    /// Range of PSNR from the lowest SNR to the rise; null for a rise that begins with the curve.
    pub below_range_db: Option<f64>,
}

/// Numbers of [`worsens`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Worsens {
    /// From the lowest SNR to the lowest point.
    pub fall: Change,
    /// From there to the highest point at a higher SNR; null if there is none.
    pub recovery: Option<Change>,
}

/// Numbers of [`monotone`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Monotone {
    /// The largest fall from one SNR to the next; null if the metric never falls.
    pub fall: Option<Change>,
}

/// Numbers of [`scalar`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scalar {
    /// The metric.
    pub measured: At,
}

/// Numbers of [`agrees`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agrees {
    /// The curve less each published point.
    pub gap: Vec<At>,
}

fn change(from: Point, to: Point, unit: Unit) -> Change {
    Change { from_db: from.0, to_db: to.0, by: to.1 - from.1, unit }
}

fn change_of_psnr(from: Point, to: Point) -> Change {
    change(from, to, Unit::Db)
}

/// The largest change; the first of several.
fn largest(changes: impl Iterator<Item = Change>) -> Option<Change> {
    changes.reduce(|best, next| if next.by > best.by { next } else { best })
}

/// The deepest fall; the first of several.
fn deepest(changes: impl Iterator<Item = Change>) -> Option<Change> {
    changes.filter(|change| change.by < 0.0).min_by(|a, b| a.by.total_cmp(&b.by))
}

/// Depth of a fall.
fn depth(fall: Option<Change>) -> f64 {
    fall.map_or(0.0, |fall| -fall.by)
}

/// Whether a curve over rising SNR, of at least two points, neither falls by more than `slack` nor rises by more than
/// `step` per dB.
pub fn graceful(curve: &Series, slack: f64, step: f64) -> Judged<Graceful> {
    let limit = |name, limit| Criterion { name, unit: Unit::Db, limit: Limit::AtMost(limit) };
    let criteria = vec![
        limit("steepest rise a dB", step).decide(&[curve], |of| steepest(of[0]).by, None),
        limit("deepest fall", slack).decide(&[curve], |of| depth(fall(of[0])), None),
    ];
    let found = Graceful { steepest: steepest(&curve.points), fall: fall(&curve.points) };
    Judged { verdict: together(&criteria), found, criteria }
}

/// The steepest rise from one SNR to the next, per dB.
fn steepest(curve: &[Point]) -> Change {
    let slope = |pair: &[Point]| {
        let rise = change_of_psnr(pair[0], pair[1]);
        Change { by: rise.by / (rise.to_db - rise.from_db), ..rise }
    };
    largest(curve.windows(2).map(slope)).expect("a shape has two points")
}

/// The deepest fall from an SNR to any higher one, because a slow fall consists of small ones.
fn fall(curve: &[Point]) -> Option<Change> {
    deepest((0..curve.len()).flat_map(|i| curve[i + 1..].iter().map(move |&to| change_of_psnr(curve[i], to))))
}

/// Whether a metric falls by no more than `by` from one SNR to the next.
pub fn monotone(curve: &Series, by: f64) -> Judged<Monotone> {
    let unit = curve.unit;
    let fall = |points: &[Point]| deepest(points.windows(2).map(|pair| change(pair[0], pair[1], unit)));
    let criterion = Criterion { name: "deepest fall to the next SNR", unit, limit: Limit::AtMost(by) };
    let decided = criterion.decide(&[curve], |of| depth(fall(of[0])), None);
    Judged { verdict: decided.verdict, found: Monotone { fall: fall(&curve.points) }, criteria: vec![decided] }
}

/// Whether a metric at an SNR of the curve lies in a range.
pub fn scalar(curve: &Series, at_db: f64, [low, high]: [f64; 2]) -> Judged<Scalar> {
    let unit = curve.unit;
    let decide = |name, limit| Criterion { name, unit, limit }.decide(&[curve], |of| at(of[0], at_db), None);
    let criteria = vec![decide("value", Limit::AtLeast(low)), decide("value", Limit::AtMost(high))];
    let measured = At { snr_db: at_db, value: at(&curve.points, at_db), unit };
    Judged { verdict: together(&criteria), found: Scalar { measured }, criteria }
}

/// Whether a curve agrees with published points of SNR and PSNR.
pub fn agrees(curve: &Series, published: &[[f64; 2]], mean_db: f64, worst_db: f64) -> Judged<Agrees> {
    let unit = curve.unit;
    let gap = |points: &[Point]| -> Vec<At> {
        let of = |&[snr_db, psnr_db]: &[f64; 2]| At { snr_db, value: at(points, snr_db) - psnr_db, unit };
        published.iter().map(of).collect()
    };
    let gaps = |points: &[Point]| gap(points).iter().map(|at| at.value.abs()).collect::<Vec<_>>();
    let limit = |name, limit| Criterion { name, unit, limit: Limit::AtMost(limit) };
    let criteria = vec![
        limit("mean gap either way", mean_db).decide(&[curve], |of| mean(&gaps(of[0])), None),
        limit("largest gap either way", worst_db).decide(
            &[curve],
            |of| gaps(of[0]).into_iter().fold(0.0, f64::max),
            None,
        ),
    ];
    Judged { verdict: together(&criteria), found: Agrees { gap: gap(&curve.points) }, criteria }
}

/// The value at an SNR of the curve.
fn at(points: &[Point], snr_db: f64) -> f64 {
    points.iter().find(|point| (point.0 - snr_db).abs() < ROUNDING).expect("an SNR of the curve").1
}

/// What a rise has to be to count as a cliff.
#[derive(Debug, Clone, Copy)]
pub struct CliffLimits {
    /// Smallest height.
    pub height_db: f64,
    /// Largest range of PSNR below it.
    pub flat_db: f64,
    /// Largest width in SNR.
    pub width_db: f64,
}

/// Whether a curve is flat, then jumps; undecided unless its trainings all do, or none.
///
/// Where it jumps is searched, so that no number of a training stands for its verdict.
pub fn cliff(curve: &Series, limits: CliffLimits) -> Judged<Cliff> {
    let (found, is_cliff) = highest_rise(&curve.points, limits);
    let alike = curve.each.iter().all(|points| highest_rise(points, limits).1 == is_cliff);
    let verdict = match (alike, is_cliff) {
        (false, _) => Verdict::Undecided,
        (true, true) => Verdict::Pass,
        (true, false) => Verdict::Fail,
    };
    Judged { verdict, found, criteria: vec![] }
}

/// The highest rise that the limits allow, and true; the highest at all if they allow none. A rise that begins with the
/// curve has no flat part below it.
fn highest_rise(curve: &[Point], limits: CliffLimits) -> (Cliff, bool) {
    let is_allowed = |found: &Cliff| {
        at_least(found.height_db, limits.height_db)
            && found.below_range_db.is_some_and(|db| at_most(db, limits.flat_db))
    };
    let pairs = (0..curve.len()).flat_map(|i| (i + 1..curve.len()).map(move |j| (i, j)));
    let near = pairs.filter(|&(i, j)| at_most(curve[j].0 - curve[i].0, limits.width_db));
    let rises: Vec<Cliff> = near.map(|(i, j)| rise(curve, i, j)).collect();
    // Among equal heights, the narrower rise wins.
    let order = |a: &&Cliff, b: &&Cliff| a.height_db.total_cmp(&b.height_db).then(b.width_db.total_cmp(&a.width_db));
    let allowed = rises.iter().filter(|found| is_allowed(found)).max_by(order);
    let found = allowed.or_else(|| rises.iter().max_by(order)).expect("two points within the width");
    (*found, allowed.is_some())
}

/// The rise from point `i` to point `j`.
fn rise(curve: &[Point], i: usize, j: usize) -> Cliff {
    let (foot, height_db) = (curve[i].1, curve[j].1 - curve[i].1);
    let level = |part: f64| foot + part * height_db;
    // The last crossing of a tenth, and the first crossing of nine tenths after it.
    let steps = || curve[i..=j].windows(2);
    let starts_db = steps().rev().find_map(|step| crossing(step, level(0.1))).unwrap_or(curve[i].0);
    let ends_db =
        steps().filter(|step| step[1].0 > starts_db).find_map(|step| crossing(step, level(0.9))).unwrap_or(curve[j].0);
    let below: Vec<f64> = curve[..=i].iter().map(|point| point.1).collect();
    let range = below.iter().copied().fold(f64::MIN, f64::max) - below.iter().copied().fold(f64::MAX, f64::min);
    Cliff { starts_db, ends_db, width_db: ends_db - starts_db, height_db, below_range_db: (i > 0).then_some(range) }
}

/// SNR at which the line between two points rises through a level.
fn crossing(step: &[Point], level: f64) -> Option<f64> {
    let [(left, low), (right, high)] = [step[0], step[1]];
    (low <= level && level < high).then(|| left + (right - left) * (level - low) / (high - low))
}

/// Whether a curve falls by `by` to its lowest point up to `until_db`, where it has one after the first, and rises by
/// `recovers` from there.
pub fn worsens(curve: &Series, until_db: f64, by: f64, recovers: f64) -> Judged<Worsens> {
    let limit = |name, limit| Criterion { name, unit: Unit::Db, limit: Limit::AtLeast(limit) };
    let recovery = |of: &[Point]| lowest(of, until_db).recovery.map_or(0.0, |recovery| recovery.by);
    let criteria = vec![
        limit("fall to the lowest point", by).decide(&[curve], |of| -lowest(of[0], until_db).fall.by, None),
        limit("rise from there on", recovers).decide(&[curve], |of| recovery(of[0]), None),
    ];
    Judged { verdict: together(&criteria), found: lowest(&curve.points, until_db), criteria }
}

/// The changes to the lowest point up to an SNR, and from there.
fn lowest(curve: &[Point], until_db: f64) -> Worsens {
    let early = (1..curve.len()).filter(|&i| curve[i].0 <= until_db);
    let lowest = early.min_by(|&a, &b| curve[a].1.total_cmp(&curve[b].1)).expect("a point up to that SNR");
    let recovery = largest(curve[lowest + 1..].iter().map(|&later| change_of_psnr(curve[lowest], later)));
    Worsens { fall: change_of_psnr(curve[0], curve[lowest]), recovery }
}

/// A change as text, with its SNRs; `per` is what it is divided by.
fn number(name: &str, change: &Change, per: &str) -> Number {
    let by = change.unit.text(change.by);
    (name.to_owned(), format!("{by}{per} from {} to {} dB", change.from_db, change.to_db))
}

impl Graceful {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let none = || ("deepest fall".to_owned(), "none".to_owned());
        let fall = self.fall.as_ref().map_or_else(none, |fall| number("deepest fall", fall, ""));
        vec![number("steepest rise", &self.steepest, " a dB"), fall]
    }
}

impl Cliff {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let below = self.below_range_db.map_or("none, it begins with the curve".to_owned(), |range| db(range) + " dB");
        [
            ("height of the rise", db(self.height_db) + " dB"),
            ("10 to 90 % of it", format!("{} to {} dB", db(self.starts_db), db(self.ends_db))),
            ("width of that", db(self.width_db) + " dB"),
            ("range of PSNR below", below),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

impl Worsens {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let recovery = |found: &Change| number("change from there on", found, "");
        let none = || ("change from there on".to_owned(), "none, it is the last point".to_owned());
        let to_lowest = number("change to the lowest point", &self.fall, "");
        vec![to_lowest, self.recovery.as_ref().map_or_else(none, recovery)]
    }
}

impl Monotone {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let none = || ("deepest fall to the next SNR".to_owned(), "none".to_owned());
        vec![self.fall.as_ref().map_or_else(none, |fall| number("deepest fall to the next SNR", fall, ""))]
    }
}

impl Agrees {
    pub(super) fn numbers(&self) -> Vec<Number> {
        each("curve less published", &self.gap).collect()
    }
}

impl Scalar {
    pub(super) fn numbers(&self) -> Vec<Number> {
        vec![self.measured.number("measured")]
    }
}
