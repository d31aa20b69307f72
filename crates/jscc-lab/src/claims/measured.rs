//! Measured curves, read back from the rows of a sweep.

use super::{At, ClaimError, Point, ROUNDING};
use crate::input;
use crate::metrics::{Metric, find, psnr_db};
use crate::spec::{CurveSpec, Spec};
use crate::trainings::psnr_over;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The fields of a row that claims use.
#[derive(Deserialize)]
struct Line {
    spec_sha256: String,
    code: String,
    curve: String,
    codec: Weights,
    data: String,
    split: Option<String>,
    images: usize,
    seed: u64,
    snr_db: f64,
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Weights {
    weights: String,
}

impl Line {
    /// Half-width of the PSNR's interval over frames; infinite if the interval is unbounded.
    fn half(&self) -> f64 {
        find(&self.metrics, "psnr_db").and_then(Metric::half).unwrap_or(f64::INFINITY)
    }

    fn mse(&self) -> Option<f64> {
        find(&self.metrics, "mse")?.value
    }
}

/// A curve of PSNR over rising SNR.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeasuredCurve {
    /// Its label.
    pub label: String,
    /// Weight files of the averaged trainings.
    pub weights: Vec<String>,
    /// PSNR of the mean MSE.
    pub points: Vec<Point>,
    /// PSNR of each training.
    pub each: Vec<Vec<Point>>,
    /// Half-widths of the points' 95 % intervals: over trainings, or over frames for a single training.
    pub half: Vec<f64>,
    /// The same as [`At`], only for several trainings.
    pub spread: Vec<At>,
}

/// Rows of a sweep that belong to an experiment file.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The file of rows.
    pub path: PathBuf,
    /// SHA-256 of the experiment file.
    pub spec_sha256: String,
    /// Version of the code that measured them.
    pub code: String,
    /// Pictures, split and seed, in a line.
    pub conditions: String,
    /// The curves, in the experiment file's order.
    pub curves: Vec<MeasuredCurve>,
}

impl Measured {
    /// Reads the rows of `spec` from a folder of results.
    pub fn read(spec: &Spec, results: &Path) -> Result<Self, ClaimError> {
        let path = results.join(format!("{}.jsonl", spec.file.name));
        let missing = |reason| ClaimError::Missing { path: path.clone(), reason, spec: spec.path.clone() };
        let text = input::text(&path).map_err(missing)?;
        let lines = lines(&path, &text, spec)?;
        let sweep = spec.file.sweep.as_ref().expect("claims are checked to have a sweep");
        let mut snr_db = sweep.snr_db.clone();
        snr_db.sort_by(f64::total_cmp);
        snr_db.dedup();
        let incomplete = |label: &str| ClaimError::Incomplete {
            path: path.clone(),
            curve: label.to_owned(),
            spec: spec.path.clone(),
        };
        let of = |wanted: &CurveSpec| curve(wanted, &lines, &snr_db).ok_or_else(|| incomplete(&wanted.label));
        let curves = sweep.curve.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let first = &lines[0];
        let split = first.split.as_ref().map_or(String::new(), |split| format!(", {split} split"));
        let conditions = format!("{} pictures of {}{split}, seed {}", first.images, first.data, first.seed);
        Ok(Self { path, spec_sha256: spec.sha256(), code: first.code.clone(), conditions, curves })
    }

    /// The curve with a label from the experiment file.
    pub(super) fn curve(&self, label: &str) -> &MeasuredCurve {
        self.curves.iter().find(|curve| curve.label == label).expect("claims are checked to name curves")
    }
}

fn lines(path: &Path, text: &str, spec: &Spec) -> Result<Vec<Line>, ClaimError> {
    let want = spec.sha256();
    let parse = |(number, line): (usize, &str)| -> Result<Line, ClaimError> {
        let damaged = |reason| ClaimError::Damaged { path: path.into(), line: number, reason, spec: spec.path.clone() };
        let line: Line = serde_json::from_str(line).map_err(damaged)?;
        if line.spec_sha256 != want {
            return Err(ClaimError::OtherSpec { path: path.into(), spec: spec.path.clone() });
        }
        Ok(line)
    };
    (1..).zip(text.lines()).map(parse).collect()
}

/// The mean over the trainings of a curve; `None` unless all are present, with a PSNR at every SNR.
fn curve(wanted: &CurveSpec, lines: &[Line], snr_db: &[f64]) -> Option<MeasuredCurve> {
    let lines: Vec<&Line> = lines.iter().filter(|line| line.curve == wanted.label).collect();
    let mut weights: Vec<String> = lines.iter().map(|line| line.codec.weights.clone()).collect();
    weights.dedup();
    let mut found = MeasuredCurve { label: wanted.label.clone(), weights, ..MeasuredCurve::default() };
    found.each = vec![Vec::new(); found.weights.len()];
    for &snr_db in snr_db {
        let is_here = |line: &&&Line| (line.snr_db - snr_db).abs() < ROUNDING;
        let of = |file: &String| lines.iter().filter(is_here).find(|line| line.codec.weights == *file);
        let here = found.weights.iter().map(of).collect::<Option<Vec<_>>>()?;
        let mse = here.iter().map(|line| line.mse()).collect::<Option<Vec<f64>>>()?;
        let (psnr, half) = psnr_over(&mse);
        found.points.push((snr_db, psnr));
        found.each.iter_mut().zip(&mse).for_each(|(points, &mse)| points.push((snr_db, psnr_db(mse))));
        found.half.push(half.or(here.first().map(|line| line.half())).unwrap_or(f64::INFINITY));
        found.spread.extend(half.map(|db| At { snr_db, db }));
    }
    let is_measured = found.weights.len() == wanted.weights.get_ref().files().len()
        && found.points.iter().all(|point| point.1.is_finite());
    is_measured.then_some(found)
}
