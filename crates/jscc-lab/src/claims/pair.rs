//! Claims about one curve beside another one, both with the same SNRs.

use super::{At, Judged, Number, Point, at_least, at_most, db};
use crate::spec::{BeatsSpec, TracksSpec};
use serde::Serialize;

/// What [`tracks`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tracks {
    /// Reference less curve at each SNR: above 0 where the curve is the worse one.
    pub gap: Vec<At>,
    /// The one furthest from 0.
    pub largest: At,
}

/// What [`beats`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beats {
    /// Curve less rival at each SNR that counts.
    pub margin: Vec<At>,
    /// The smallest one.
    pub smallest: At,
    /// SNRs at which it is not ahead.
    pub loses_at_db: Vec<f64>,
}

/// How far `curve` is above `other` at each SNR.
fn lead(curve: &[Point], other: &[Point]) -> Vec<At> {
    assert!(curve.iter().map(|point| point.0).eq(other.iter().map(|point| point.0)), "two curves with the same SNRs");
    curve.iter().zip(other).map(|(of, than)| At { snr_db: of.0, db: of.1 - than.1 }).collect()
}

/// The one with the least of something; of equal ones the first.
fn least(all: &[At], of: impl Fn(&At) -> f64) -> At {
    *all.iter().min_by(|a, b| of(a).total_cmp(&of(b))).expect("a number at some SNR")
}

/// Whether a curve is near its reference at every SNR.
pub fn tracks(curve: &[Point], reference: &[Point], spec: &TracksSpec) -> Judged<Tracks> {
    let gap = lead(reference, curve);
    let largest = least(&gap, |at| -at.db.abs());
    Judged { pass: at_most(largest.db.abs(), spec.within_db), found: Tracks { gap, largest } }
}

/// Whether a curve is ahead of its rival at every SNR that counts, or behind by no more than it may. A tie is no lead.
pub fn beats(curve: &[Point], rival: &[Point], spec: &BeatsSpec) -> Judged<Beats> {
    let [from, to] = spec.range();
    let mut margin = lead(curve, rival);
    margin.retain(|at| (from..=to).contains(&at.snr_db));
    let smallest = least(&margin, |at| at.db);
    let loses_at_db: Vec<f64> = margin.iter().filter(|at| at.db <= 0.0).map(|at| at.snr_db).collect();
    let pass = (spec.by_db < 0.0 || loses_at_db.is_empty()) && at_least(smallest.db, spec.by_db);
    Judged { pass, found: Beats { margin, smallest, loses_at_db } }
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
