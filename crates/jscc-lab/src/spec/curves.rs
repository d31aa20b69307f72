//! The curves that rows of an experiment are of: those of its sweep, and each row of its matrix on each link.

use super::matrix::curve_label;
use super::{MatrixSpec, PhotosSpec, Spec, SweepSpec, TrainSpec};
use crate::Error;
use std::collections::BTreeMap;
use std::iter;
use std::path::Path;

/// A curve in rows of results.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredSpec {
    /// Its label.
    pub label: String,
    /// Its SNRs in dB, rising.
    pub snr_db: Vec<f64>,
    /// Number of its trainings.
    pub trainings: usize,
}

impl MeasuredSpec {
    fn new(label: String, snr_db: &[f64], trainings: usize) -> Self {
        let mut snr_db = snr_db.to_vec();
        snr_db.sort_by(f64::total_cmp);
        snr_db.dedup();
        Self { label, snr_db, trainings }
    }
}

impl Spec {
    /// All curves, in the order of their rows; none of a file with neither a sweep nor a matrix.
    pub fn curves(&self) -> Result<Vec<MeasuredSpec>, Error> {
        let mut curves: Vec<_> = self.file.sweep.iter().flat_map(of_sweep).collect();
        if let Some(matrix) = &self.file.matrix {
            curves.extend(self.of_matrix(matrix)?);
        }
        curves.extend(self.file.photos.iter().flat_map(of_photos));
        Ok(curves)
    }

    /// The command that measures them, for messages.
    pub(crate) fn measured_by(&self) -> String {
        let command = match () {
            () if self.file.matrix.is_some() => "matrix",
            () if self.file.photos.is_some() => "photos",
            () => "sweep",
        };
        format!("jscc {command} {}", self.path.display())
    }

    fn of_matrix(&self, matrix: &MatrixSpec) -> Result<Vec<MeasuredSpec>, Error> {
        let mut curves = Vec::new();
        // Rows of one training are frequent: controls that are told something else.
        let mut read: BTreeMap<&Path, TrainSpec> = BTreeMap::new();
        for row in &matrix.row {
            for file in iter::once(&row.train).chain(row.instead.values()) {
                if !read.contains_key(file.as_path()) {
                    read.insert(file, Self::read(&self.resolve(file))?.train()?.clone());
                }
            }
        }
        for row in &matrix.row {
            for label in row.labels(&read[row.train_for(&matrix.deploy[0].label)].at_db) {
                for deploy in &matrix.deploy {
                    let label = curve_label(&label, &deploy.label);
                    let trainings = read[row.train_for(&deploy.label)].seeds.len();
                    curves.push(MeasuredSpec::new(label, &deploy.snr_db, trainings));
                }
            }
        }
        Ok(curves)
    }
}

fn of_sweep(sweep: &SweepSpec) -> impl Iterator<Item = MeasuredSpec> {
    let of = |curve: &super::CurveSpec| {
        MeasuredSpec::new(curve.label.clone(), &sweep.snr_db, curve.weights.get_ref().files().len())
    };
    sweep.curve.iter().map(of)
}

/// A photographs' curve has no trainings, but seeds of the air.
fn of_photos(photos: &PhotosSpec) -> impl Iterator<Item = MeasuredSpec> {
    photos.curve.iter().map(|curve| MeasuredSpec::new(curve.label.clone(), &photos.snr_db, photos.seeds.len()))
}
