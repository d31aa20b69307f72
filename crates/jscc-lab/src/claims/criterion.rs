//! A number against its limit, given what several trainings say of it.

use super::number::{Number, Unit};
use super::series::{Point, Series};
use super::{Verdict, at_least, at_most};
use crate::trainings::student_ci95;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Where a number has to lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// At the limit or above.
    AtLeast(f64),
    /// At the limit or below.
    AtMost(f64),
    /// Above the limit, not at it.
    Above(f64),
}

impl Limit {
    fn is_met(self, x: f64) -> bool {
        match self {
            Self::AtLeast(limit) => at_least(x, limit),
            Self::AtMost(limit) => at_most(x, limit),
            Self::Above(limit) => x > limit,
        }
    }

    fn verdict(self, ends: [f64; 2]) -> Verdict {
        match ends.map(|end| self.is_met(end)) {
            [true, true] => Verdict::Pass,
            [false, false] => Verdict::Fail,
            _ => Verdict::Undecided,
        }
    }

    fn entry(self) -> (&'static str, f64) {
        match self {
            Self::AtLeast(limit) => ("at_least", limit),
            Self::AtMost(limit) => ("at_most", limit),
            Self::Above(limit) => ("above", limit),
        }
    }
}

/// What the interval of a number is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Trainings; of two curves the first ones belong together, the second ones, and so on.
    Trainings(usize),
    /// Trainings of each curve apart, because their numbers differ.
    Apart,
    /// Frames of single trainings.
    Frames,
    /// Nothing: single trainings have no interval.
    One,
}

/// Name, unit and limit of a number that decides a claim.
#[derive(Debug, Clone, Copy)]
pub struct Criterion {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Its limit.
    pub limit: Limit,
}

/// A number that decides a claim. It decides only if its 95 % interval lies on one side of the limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// Name of the number.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Its limit.
    pub limit: Limit,
    /// Its mean over the trainings.
    pub value: f64,
    /// Ends of its 95 % interval; `None` if it has none.
    pub ci95: Option<[f64; 2]>,
    /// What the interval is over.
    pub over: Over,
    /// Its verdict.
    pub verdict: Verdict,
}

impl Criterion {
    /// Decides by a number of curves at the same SNRs.
    ///
    /// Each training gives one such number, and these their mean and its interval by Student's t. `frames` is the
    /// interval for curves that have a single training each.
    pub fn decide(self, curves: &[&Series], number: impl Fn(&[&[Point]]) -> f64, frames: Option<[f64; 2]>) -> Decided {
        let means: Vec<&[Point]> = curves.iter().map(|curve| &curve.points[..]).collect();
        let (value, half, over) = of_trainings(curves, &means, &number);
        let around = |half: f64| [value - half, value + half];
        let (ci95, over) = match (over, frames) {
            (Over::One, Some(frames)) => (Some(frames), Over::Frames),
            (over, _) => (half.map(around), over),
        };
        let Self { name, unit, limit } = self;
        Decided { name, unit, limit, value, ci95, over, verdict: limit.verdict(ci95.unwrap_or([value; 2])) }
    }
}

/// Mean of a number over trainings and the half-width of its interval. A curve with one training is taken as exact.
fn of_trainings(
    curves: &[&Series],
    means: &[&[Point]],
    number: &impl Fn(&[&[Point]]) -> f64,
) -> (f64, Option<f64>, Over) {
    let several: Vec<usize> = (0..curves.len()).filter(|&i| curves[i].each.len() > 1).collect();
    let Some(&first) = several.first() else { return (number(means), None, Over::One) };
    let n = curves[first].each.len();
    // The number for each training of some curves, the others being their means.
    let vary = |varied: &[usize], n: usize| -> Vec<f64> {
        let of = |training: usize| {
            let mut points = means.to_vec();
            for &i in varied {
                points[i] = &curves[i].each[training];
            }
            number(&points)
        };
        (0..n).map(of).collect()
    };
    let half = |numbers: &[f64]| student_ci95(numbers).unwrap_or(f64::INFINITY);
    if several.iter().all(|&i| curves[i].each.len() == n) {
        let numbers = vary(&several, n);
        return (numbers.iter().sum::<f64>() / n as f64, Some(half(&numbers)), Over::Trainings(n));
    }
    let apart = several.iter().map(|&i| half(&vary(&[i], curves[i].each.len())));
    (number(means), Some(apart.fold(0.0, f64::hypot)), Over::Apart)
}

/// Whether all of several numbers keep to their limits.
pub(super) fn together(criteria: &[Decided]) -> Verdict {
    let any = |verdict| criteria.iter().any(|decided| decided.verdict == verdict);
    match (any(Verdict::Fail), any(Verdict::Undecided)) {
        (true, _) => Verdict::Fail,
        (false, true) => Verdict::Undecided,
        (false, false) => Verdict::Pass,
    }
}

impl Decided {
    /// Its limit, and what was found.
    pub(super) fn number(&self) -> Number {
        let (words, limit) = match self.limit {
            Limit::AtLeast(limit) => ("at least", limit),
            Limit::AtMost(limit) => ("at most", limit),
            Limit::Above(limit) => ("above", limit),
        };
        let text = |x: f64| self.unit.text(x);
        let interval = self.ci95.map_or(String::new(), |[low, high]| format!(", {} to {}", text(low), text(high)));
        let over = match self.over {
            Over::Trainings(n) => format!("{n} trainings"),
            Over::Apart => "trainings of each curve apart".to_owned(),
            Over::Frames => "one training, over its frames".to_owned(),
            Over::One => "one training".to_owned(),
        };
        (format!("{}, {words} {limit}", self.name), format!("{}{interval} ({over})", text(self.value)))
    }
}

impl Serialize for Decided {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (over, trainings) = match self.over {
            Over::Trainings(n) => ("trainings", Some(n)),
            Over::Apart => ("trainings of each curve apart", None),
            Over::Frames => ("frames", Some(1)),
            Over::One => ("nothing", Some(1)),
        };
        let (limit, at) = self.limit.entry();
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", self.name)?;
        map.serialize_entry("value", &self.value)?;
        map.serialize_entry("ci95", &self.ci95)?;
        map.serialize_entry("over", over)?;
        map.serialize_entry("trainings", &trainings)?;
        map.serialize_entry(limit, &at)?;
        map.serialize_entry("verdict", &self.verdict)?;
        map.end()
    }
}
