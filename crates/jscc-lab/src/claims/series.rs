//! A metric of a curve over SNR, of each training and of their mean.

use super::number::{At, Unit};
use crate::metrics::{Metric, find, psnr_db};
use crate::trainings::{mean, psnr_over, student_ci95};

/// SNR in dB, and a metric.
pub type Point = (f64, f64);

/// A metric of rows, on the scale on which claims speak of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure<'a> {
    /// Its name in rows.
    pub name: &'a str,
    /// Unit of the numbers.
    pub unit: Unit,
}

impl<'a> Measure<'a> {
    /// PSNR in dB.
    pub const PSNR: Measure<'static> = Measure { name: "psnr_db", unit: Unit::Db };

    /// A metric as it stands in the rows.
    pub fn of_rows(name: &'a str) -> Self {
        Self { name, unit: if name.ends_with("_db") { Unit::Db } else { Unit::Plain } }
    }

    /// A metric as curves are compared on it: an accuracy in points.
    pub fn compared(name: &'a str) -> Self {
        if name == "accuracy" { Self { name, unit: Unit::Points } } else { Self::of_rows(name) }
    }

    fn scale(self) -> f64 {
        if self.unit == Unit::Points { 100.0 } else { 1.0 }
    }
}

/// A metric over rising SNR.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Unit of the metric.
    pub unit: Unit,
    /// The mean over trainings; PSNR is that of the mean MSE.
    pub points: Vec<Point>,
    /// The metric of each training.
    pub each: Vec<Vec<Point>>,
    /// Half-widths of the first training's 95 % intervals over its frames, infinite where unknown.
    pub frames: Vec<f64>,
    /// Half-widths of the 95 % intervals over trainings; empty for a single one.
    pub spread: Vec<At>,
}

impl Series {
    /// The metric of trainings, given the metrics of each at each SNR; `None` unless all have it, and finite.
    pub(super) fn of(measure: Measure, snr_db: &[f64], trainings: &[Vec<Vec<Metric>>]) -> Option<Self> {
        let unit = measure.unit;
        let empty = Self { unit, points: vec![], each: vec![vec![]; trainings.len()], frames: vec![], spread: vec![] };
        let mut series = empty;
        for (i, &snr_db) in snr_db.iter().enumerate() {
            let here: Vec<&[Metric]> = trainings.iter().map(|training| &training[i][..]).collect();
            let (mean, each, half) = over_trainings(measure, &here)?;
            let frames = find(here[0], measure.name).and_then(Metric::half).map(|half| half * measure.scale());
            series.points.push((snr_db, mean));
            series.each.iter_mut().zip(each).for_each(|(points, value)| points.push((snr_db, value)));
            series.frames.push(frames.unwrap_or(f64::INFINITY));
            series.spread.extend(half.map(|value| At { snr_db, value, unit }));
        }
        series.points.iter().all(|point| point.1.is_finite()).then_some(series)
    }
}

/// The mean over trainings at one SNR, each one's value, and the half-width of the interval.
fn over_trainings(measure: Measure, here: &[&[Metric]]) -> Option<(f64, Vec<f64>, Option<f64>)> {
    let of = |name: &str| here.iter().map(|metrics| find(metrics, name)?.value).collect::<Option<Vec<f64>>>();
    // Photographs have PSNRs that are means already, and no MSE.
    if let Some(mse) = of("mse").filter(|_| measure == Measure::PSNR) {
        let (mean, half) = psnr_over(&mse);
        return Some((mean, mse.iter().map(|&mse| psnr_db(mse)).collect(), half));
    }
    let each: Vec<f64> = of(measure.name)?.iter().map(|value| value * measure.scale()).collect();
    Some((mean(&each), each.clone(), student_ci95(&each)))
}
