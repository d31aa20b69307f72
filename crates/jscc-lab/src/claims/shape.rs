//! Claims about the shape of one curve. Only measured points count: nothing is assumed between two SNRs of a sweep.

use super::{Judged, Number, Point, Verdict, at_least, at_most, db};
use crate::spec::{CliffSpec, GracefulSpec, WorsensSpec};
use serde::Serialize;

/// Change of PSNR from one SNR to a higher one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// The lower SNR.
    pub from_db: f64,
    /// The higher one.
    pub to_db: f64,
    /// Change of PSNR, or of PSNR per dB of SNR.
    pub db: f64,
}

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

fn change(from: Point, to: Point) -> Change {
    Change { from_db: from.0, to_db: to.0, db: to.1 - from.1 }
}

/// The change with the largest `db`; the first of several.
fn largest(changes: impl Iterator<Item = Change>) -> Option<Change> {
    changes.reduce(|best, next| if next.db > best.db { next } else { best })
}

/// Whether a curve over rising SNR, of at least two points, neither falls nor jumps.
pub fn graceful(curve: &[Point], spec: &GracefulSpec) -> Judged<Graceful> {
    let slope = |pair: &[Point]| {
        let rise = change(pair[0], pair[1]);
        Change { db: rise.db / (rise.to_db - rise.from_db), ..rise }
    };
    let steepest = largest(curve.windows(2).map(slope)).expect("a shape has two points");
    // To any higher SNR, because a slow fall consists of small ones.
    let changes = (0..curve.len()).flat_map(|i| curve[i + 1..].iter().map(move |&to| change(curve[i], to)));
    let fall = changes.filter(|change| change.db < 0.0).min_by(|a, b| a.db.total_cmp(&b.db));
    Judged {
        verdict: Verdict::of(
            at_most(steepest.db, spec.step_db) && fall.is_none_or(|fall| at_least(fall.db, -spec.slack_db)),
        ),
        found: Graceful { steepest, fall },
    }
}

/// Whether a curve over rising SNR is flat, then jumps. A rise that begins with the curve has no flat part below it.
pub fn cliff(curve: &[Point], spec: &CliffSpec) -> Judged<Cliff> {
    let is_allowed = |found: &Cliff| {
        at_least(found.height_db, spec.height_db) && found.below_range_db.is_some_and(|db| at_most(db, spec.flat_db))
    };
    let pairs = (0..curve.len()).flat_map(|i| (i + 1..curve.len()).map(move |j| (i, j)));
    let near = pairs.filter(|&(i, j)| at_most(curve[j].0 - curve[i].0, spec.width_db));
    let rises: Vec<Cliff> = near.map(|(i, j)| rise(curve, i, j)).collect();
    // Among equal heights, the narrower rise wins.
    let order = |a: &&Cliff, b: &&Cliff| a.height_db.total_cmp(&b.height_db).then(b.width_db.total_cmp(&a.width_db));
    let allowed = rises.iter().filter(|found| is_allowed(found)).max_by(order);
    let found = allowed.or_else(|| rises.iter().max_by(order)).expect("two points within the width");
    Judged { verdict: Verdict::of(allowed.is_some()), found: *found }
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

/// Whether a curve over rising SNR falls before it rises; it has at least one point after the first up to `until_db`.
pub fn worsens(curve: &[Point], spec: &WorsensSpec) -> Judged<Worsens> {
    let early = (1..curve.len()).filter(|&i| curve[i].0 <= spec.until_db);
    let lowest = early.min_by(|&a, &b| curve[a].1.total_cmp(&curve[b].1)).expect("a point up to that SNR");
    let fall = change(curve[0], curve[lowest]);
    let recovery = largest(curve[lowest + 1..].iter().map(|&later| change(curve[lowest], later)));
    let recovered = recovery.map_or(0.0, |recovery| recovery.db);
    Judged {
        verdict: Verdict::of(at_least(-fall.db, spec.by_db) && at_least(recovered, spec.recovers_db)),
        found: Worsens { fall, recovery },
    }
}

/// A change as text, with its SNRs and unit.
fn number(name: &str, change: &Change, unit: &str) -> Number {
    (name.to_owned(), format!("{} {unit} from {} to {} dB", db(change.db), change.from_db, change.to_db))
}

impl Graceful {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let none = || ("deepest fall".to_owned(), "none".to_owned());
        let fall = self.fall.as_ref().map_or_else(none, |fall| number("deepest fall", fall, "dB"));
        vec![number("steepest rise", &self.steepest, "dB a dB"), fall]
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
        let recovery = |found: &Change| number("change from there on", found, "dB");
        let none = || ("change from there on".to_owned(), "none, it is the last point".to_owned());
        let to_lowest = number("change to the lowest point", &self.fall, "dB");
        vec![to_lowest, self.recovery.as_ref().map_or_else(none, recovery)]
    }
}
