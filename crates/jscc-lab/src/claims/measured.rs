//! Measured curves, read back from the rows of a sweep or a matrix.

use super::series::{Measure, Series};
use super::{ClaimError, ROUNDING};
use crate::Error;
use crate::input;
use crate::metrics::Metric;
use crate::photos::rows::{FILE, PHOTO};
use crate::spec::{MeasuredSpec, Spec};
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
    #[serde(default)]
    method: String,
    weights: String,
}

impl Line {
    /// What tells rows of one curve and SNR apart: the training, or for photographs the seed of the air.
    fn repetition(&self) -> String {
        if self.codec.method == PHOTO || self.codec.method == FILE {
            return format!("{}, seed {}", self.codec.weights, self.seed);
        }
        self.codec.weights.clone()
    }
}

/// The metrics of a curve over rising SNR.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredCurve {
    /// Its label.
    pub label: String,
    /// Weight files of its trainings.
    pub weights: Vec<String>,
    /// The SNRs in dB.
    snr_db: Vec<f64>,
    /// Metrics by training, then by SNR.
    trainings: Vec<Vec<Vec<Metric>>>,
}

impl MeasuredCurve {
    /// A metric of its trainings; `None` if some row does not have it, or not a finite one.
    pub(super) fn series(&self, measure: Measure) -> Option<Series> {
        Series::of(measure, &self.snr_db, &self.trainings)
    }

    /// Names of the metrics in its rows.
    pub(super) fn measures(&self) -> Vec<&str> {
        self.trainings[0][0].iter().map(|metric| metric.name.as_str()).collect()
    }
}

/// Rows of results that belong to an experiment file.
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
    pub fn read(spec: &Spec, results: &Path) -> Result<Self, Error> {
        let path = results.join(format!("{}.jsonl", spec.file.name));
        let missing = |reason| ClaimError::Missing { path: path.clone(), reason, command: spec.measured_by() };
        let text = input::text(&path).map_err(missing)?;
        let lines = lines(&path, &text, spec)?;
        let incomplete = |label: &str| ClaimError::Incomplete {
            path: path.clone(),
            curve: label.to_owned(),
            command: spec.measured_by(),
        };
        let of = |wanted: &MeasuredSpec| curve(wanted, &lines).ok_or_else(|| incomplete(&wanted.label));
        let curves = spec.curves()?.iter().map(of).collect::<Result<Vec<_>, _>>()?;
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
        let damaged =
            |reason| ClaimError::Damaged { path: path.into(), line: number, reason, command: spec.measured_by() };
        let line: Line = serde_json::from_str(line).map_err(damaged)?;
        if line.spec_sha256 != want {
            return Err(ClaimError::OtherSpec { path: path.into(), command: spec.measured_by() });
        }
        Ok(line)
    };
    (1..).zip(text.lines()).map(parse).collect()
}

/// The trainings of a curve; `None` unless all are present, at every SNR.
fn curve(wanted: &MeasuredSpec, lines: &[Line]) -> Option<MeasuredCurve> {
    let lines: Vec<&Line> = lines.iter().filter(|line| line.curve == wanted.label).collect();
    let mut weights: Vec<String> = Vec::new();
    for line in &lines {
        if !weights.contains(&line.repetition()) {
            weights.push(line.repetition());
        }
    }
    let training = |file: &String| -> Option<Vec<Vec<Metric>>> {
        let of = |snr_db: &f64| {
            let is_here = |line: &&&Line| (line.snr_db - snr_db).abs() < ROUNDING && line.repetition() == *file;
            lines.iter().find(is_here).map(|line| line.metrics.clone())
        };
        wanted.snr_db.iter().map(of).collect()
    };
    let trainings = weights.iter().map(training).collect::<Option<Vec<_>>>()?;
    let (label, snr_db) = (wanted.label.clone(), wanted.snr_db.clone());
    (weights.len() == wanted.trainings).then_some(MeasuredCurve { label, weights, snr_db, trainings })
}
