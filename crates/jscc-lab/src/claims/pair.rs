//! Claims about curves at the same SNRs: two, or one and the best of several.

use super::Judged;
use super::criterion::{Criterion, Limit, together};
use super::number::{At, Number, Unit, each};
use super::series::{Point, Series};
use crate::trainings::mean;
use serde::Serialize;

/// Numbers of [`tracks`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tracks {
    /// Reference minus curve at each SNR: of PSNR positive where the curve is worse.
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

/// Numbers of [`drops`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drops {
    /// Curve minus control at each SNR in the claim's range.
    pub drop: Vec<At>,
}

/// Numbers of [`crosses`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Crosses {
    /// The lead of the curve that is to be ahead, at the lower SNR and at the higher one.
    pub lead: [At; 2],
}

/// Numbers of [`near_envelope`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearEnvelope {
    /// Best specialist minus curve at each SNR.
    pub shortfall: Vec<At>,
    /// The largest one.
    pub worst: At,
}

/// `curve` minus `other` at each SNR.
fn lead<'a>(curve: &'a [Point], other: &'a [Point]) -> impl Iterator<Item = Point> + 'a {
    assert!(curve.iter().map(|point| point.0).eq(other.iter().map(|point| point.0)), "two curves with the same SNRs");
    curve.iter().zip(other).map(|(of, than)| (of.0, of.1 - than.1))
}

/// The values of a lead within a range of SNRs.
fn within<'a>(curves: &[&'a [Point]], [from, to]: [f64; 2]) -> impl Iterator<Item = f64> + 'a {
    lead(curves[0], curves[1]).filter(move |at| (from..=to).contains(&at.0)).map(|at| at.1)
}

fn at((snr_db, value): Point, unit: Unit) -> At {
    At { snr_db, value, unit }
}

/// The number with the smallest key; the first of several.
fn least(all: &[At], of: impl Fn(&At) -> f64) -> At {
    *all.iter().min_by(|a, b| of(a).total_cmp(&of(b))).expect("a number at some SNR")
}

fn lowest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn highest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

/// Half-widths of the intervals over frames of the difference between two curves.
fn frames<'a>(a: &'a Series, b: &'a Series) -> impl Iterator<Item = f64> + Clone + 'a {
    a.frames.iter().zip(&b.frames).map(|(a, b)| a.hypot(*b))
}

/// Whether a curve is close to its reference at every SNR.
pub fn tracks(curve: &Series, reference: &Series, limit: f64) -> Judged<Tracks> {
    let unit = curve.unit;
    let gap: Vec<At> = lead(&reference.points, &curve.points).map(|point| at(point, unit)).collect();
    let largest = least(&gap, |at| -at.value.abs());
    let over_frames = [-1.0, 1.0]
        .map(|sign| highest(gap.iter().zip(frames(curve, reference)).map(|(at, half)| at.value.abs() + sign * half)));
    let criterion = Criterion { name: "largest gap either way", unit, limit: Limit::AtMost(limit) };
    let number = |of: &[&[Point]]| highest(lead(of[1], of[0]).map(|at| at.1.abs()));
    let decided = criterion.decide(&[curve, reference], number, Some(over_frames));
    Judged { verdict: decided.verdict, found: Tracks { gap, largest }, criteria: vec![decided] }
}

/// Whether a curve is ahead of its rival by `by` at every SNR in a range, or behind by no more than allowed. A tie is no
/// lead.
pub fn beats(curve: &Series, rival: &Series, by: f64, range: [f64; 2]) -> Judged<Beats> {
    let (unit, [from, to]) = (curve.unit, range);
    let all = lead(&curve.points, &rival.points).zip(frames(curve, rival));
    let (margin, half): (Vec<At>, Vec<f64>) =
        all.filter(|(point, _)| (from..=to).contains(&point.0)).map(|(point, half)| (at(point, unit), half)).unzip();
    let over_frames = [-1.0, 1.0].map(|sign| lowest(margin.iter().zip(&half).map(|(at, half)| at.value + sign * half)));
    let limit = if by.abs() > 0.0 { Limit::AtLeast(by) } else { Limit::Above(0.0) };
    let criterion = Criterion { name: "smallest margin", unit, limit };
    let decided = criterion.decide(&[curve, rival], |of| lowest(within(of, range)), Some(over_frames));
    let smallest = least(&margin, |at| at.value);
    let loses_at_db = margin.iter().filter(|at| at.value <= 0.0).map(|at| at.snr_db).collect();
    Judged { verdict: decided.verdict, found: Beats { margin, smallest, loses_at_db }, criteria: vec![decided] }
}

/// Whether a control is worse than a curve by `by` on average over a range.
pub fn drops(curve: &Series, control: &Series, by: f64, range: [f64; 2]) -> Judged<Drops> {
    let (unit, [from, to]) = (curve.unit, range);
    let all = lead(&curve.points, &control.points);
    let drop = all.filter(|point| (from..=to).contains(&point.0)).map(|point| at(point, unit)).collect();
    let criterion = Criterion { name: "mean drop", unit, limit: Limit::AtLeast(by) };
    let number = |of: &[&[Point]]| mean(&within(of, range).collect::<Vec<_>>());
    let decided = criterion.decide(&[curve, control], number, None);
    Judged { verdict: decided.verdict, found: Drops { drop }, criteria: vec![decided] }
}

/// Whether `low` is ahead of `high` by `by` at the first SNR, and behind by as much at the second.
pub fn crosses(low: &Series, high: &Series, at_db: [f64; 2], by: f64) -> Judged<Crosses> {
    let unit = low.unit;
    let of = |curves: &[&[Point]], snr_db: f64| within(curves, [snr_db; 2]).next().expect("an SNR of the sweep");
    let leads = [(low, high, "lead at the lower SNR"), (high, low, "lead at the higher SNR")];
    let [first, second] = [0, 1].map(|i| {
        let ((ahead, behind, name), snr_db) = (leads[i], at_db[i]);
        let criterion = Criterion { name, unit, limit: Limit::AtLeast(by) };
        let decided = criterion.decide(&[ahead, behind], |curves| of(curves, snr_db), None);
        (At { snr_db, value: of(&[&ahead.points, &behind.points], snr_db), unit }, decided)
    });
    let found = Crosses { lead: [first.0, second.0] };
    let criteria = vec![first.1, second.1];
    Judged { verdict: together(&criteria), found, criteria }
}

/// Whether a curve is close to the best of several at every SNR.
pub fn near_envelope(curve: &Series, specialists: &[&Series], mean_db: f64, worst_db: f64) -> Judged<NearEnvelope> {
    let unit = curve.unit;
    // The curve first, then the specialists.
    let shortfall = |curves: &[&[Point]]| -> Vec<Point> {
        let all: Vec<Vec<Point>> = curves[1..].iter().map(|best| lead(best, curves[0]).collect()).collect();
        let best = |i: usize| (curves[0][i].0, highest(all.iter().map(|lead| lead[i].1)));
        (0..curves[0].len()).map(best).collect()
    };
    let values = |curves: &[&[Point]]| shortfall(curves).iter().map(|point| point.1).collect::<Vec<_>>();
    let curves: Vec<&Series> = [curve].into_iter().chain(specialists.iter().copied()).collect();
    let limit = |name, limit| Criterion { name, unit, limit: Limit::AtMost(limit) };
    let criteria = vec![
        limit("mean shortfall", mean_db).decide(&curves, |of| mean(&values(of)), None),
        limit("worst shortfall", worst_db).decide(&curves, |of| highest(values(of).into_iter()), None),
    ];
    let points: Vec<&[Point]> = curves.iter().map(|curve| &curve.points[..]).collect();
    let shortfall: Vec<At> = shortfall(&points).into_iter().map(|point| at(point, unit)).collect();
    let worst = least(&shortfall, |at| -at.value);
    Judged { verdict: together(&criteria), found: NearEnvelope { shortfall, worst }, criteria }
}

impl Tracks {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let first = self.largest.number("largest gap, reference less curve");
        std::iter::once(first).chain(each("gap", &self.gap)).collect()
    }
}

impl Beats {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let loses: Vec<String> = self.loses_at_db.iter().map(f64::to_string).collect();
        let loses = if loses.is_empty() { "nowhere".to_owned() } else { format!("at {} dB", loses.join(", ")) };
        let first = [self.smallest.number("smallest margin, curve less rival"), ("not ahead".to_owned(), loses)];
        first.into_iter().chain(each("margin", &self.margin)).collect()
    }
}

impl Drops {
    pub(super) fn numbers(&self) -> Vec<Number> {
        each("curve less control", &self.drop).collect()
    }
}

impl Crosses {
    pub(super) fn numbers(&self) -> Vec<Number> {
        each("lead", &self.lead).collect()
    }
}

impl NearEnvelope {
    pub(super) fn numbers(&self) -> Vec<Number> {
        let first = self.worst.number("worst shortfall, envelope less curve");
        std::iter::once(first).chain(each("shortfall", &self.shortfall)).collect()
    }
}
