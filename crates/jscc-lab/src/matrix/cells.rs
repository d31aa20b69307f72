//! The cells of a matrix: measured, or read back from the rows of an earlier run that stopped.

use super::needed::MatrixRow;
use crate::Error;
use crate::cell::Setting;
use crate::curve::Curve;
use crate::data;
use crate::input;
use crate::metrics::Metric;
use crate::results::{self, Provenance, Row};
use crate::spec::{DeploySpec, Spec, SpecError, Split, curve_label};
use jscc_nn::codec::Symbols;
use jscc_nn::compute::Compute;
use jscc_nn::method::{ChannelState, Needs};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A measured cell of one training.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Its row of results, as JSON.
    pub line: String,
    /// Its metrics.
    pub metrics: Vec<Metric>,
    /// Pictures that went forward and backward in its training, if known.
    pub passes: Option<u64>,
}

/// What makes a row of results the row of a cell.
#[derive(Deserialize)]
struct Line {
    spec_sha256: String,
    code: String,
    curve: String,
    codec: Weights,
    snr_db: f64,
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Weights {
    weights_sha256: String,
    passes: Option<u64>,
}

/// The cells of a matrix in their order: row, training, link, SNR.
pub struct Cells<'a> {
    spec: &'a Spec,
    rows: &'a [MatrixRow],
    setting: Setting,
    compute: Compute,
    /// Rows of an earlier run, by what they are of.
    earlier: BTreeMap<String, Cell>,
}

impl<'a> Cells<'a> {
    /// Opens the matrix on the test split of its pictures; `earlier` is a file of rows that may be there.
    pub fn open(
        spec: &'a Spec,
        rows: &'a [MatrixRow],
        data: Option<&Path>,
        compute: Compute,
        code: &str,
        earlier: &Path,
    ) -> Result<Self, Error> {
        let wanted = spec.matrix()?;
        let images = data::of(spec, Split::Test, data)?.take(wanted.images.unwrap_or(usize::MAX));
        let lost = if wanted.deploy.iter().any(|deploy| deploy.link.loses_frames()) {
            data::in_place_of_lost(spec, data)?
        } else {
            data::mid_grey(images.images.shape)
        };
        let provenance = Provenance::of(spec, code);
        let earlier = read(earlier, &provenance);
        let (data, split, seed) = (spec.data_name(), Some(Split::Test), wanted.seed);
        let setting = Setting { provenance, data, split, images, lost, seed };
        Ok(Self { spec, rows, setting, compute, earlier })
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        let deploy = self.spec.file.matrix.as_ref().map_or(&[][..], |matrix| &matrix.deploy);
        let links = self.rows.iter().flat_map(|row| row.by_link.iter().zip(deploy));
        links.map(|(seeds, deploy)| seeds.len() * deploy.snr_db.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of rows that an earlier run left.
    pub fn n_earlier(&self) -> usize {
        self.earlier.len()
    }

    /// All cells of a row, by link, SNR and training; `weights` finds a training's file. `progress` is called per cell.
    pub fn of_row(
        &self,
        row: &MatrixRow,
        weights: &dyn Fn(&super::Needed) -> PathBuf,
        progress: &mut dyn FnMut(),
    ) -> Result<Vec<Vec<Vec<Cell>>>, Error> {
        let mut by_link = Vec::new();
        for (deploy, trainings) in self.spec.matrix()?.deploy.iter().zip(&row.by_link) {
            let mut by_snr: Vec<Vec<Cell>> = vec![Vec::new(); deploy.snr_db.len()];
            for needed in trainings {
                let measured = self.of_training(row, deploy, &weights(needed), progress)?;
                by_snr.iter_mut().zip(measured).for_each(|(cells, cell)| cells.push(cell));
            }
            by_link.push(by_snr);
        }
        Ok(by_link)
    }

    /// The cells of one training on one link.
    fn of_training(
        &self,
        row: &MatrixRow,
        deploy: &DeploySpec,
        path: &Path,
        progress: &mut dyn FnMut(),
    ) -> Result<Vec<Cell>, Error> {
        let bytes = input::bytes(path).map_err(|reason| Error::Read { path: path.into(), reason })?;
        let label = curve_label(&row.label, &deploy.label);
        let curve = Curve::new(&label, &path.display().to_string(), &bytes, deploy.link.clone(), self.compute)?;
        let curve = curve.telling(row.tell.clone());
        if curve.codec().source() != self.spec.source() {
            let why = format!("row `{}` is for pictures of {:?}", row.label, curve.codec().source().shape);
            return Err(SpecError::misfit(&self.spec.path, why).into());
        }
        let mut sent: Option<Symbols> = None;
        let mut cell = |&snr_db: &f64| {
            progress();
            if let Some(cell) = self.earlier.get(&key(&label, &curve.trained(snr_db).weights_sha256, snr_db)) {
                return cell.clone();
            }
            // An encoder without channel information sends the same symbols at every SNR.
            if sent.is_none() && curve.codec().card().encoder == Needs::Nothing {
                sent = Some(curve.codec().encode(&self.setting.images.images.pixels, &ChannelState::default()));
            }
            let (row, _) = self.setting.measure(&curve, sent.as_ref(), snr_db);
            Cell::of(&row)
        };
        Ok(deploy.snr_db.iter().map(&mut cell).collect())
    }
}

impl Cell {
    fn of(row: &Row) -> Self {
        let passes = row.codec.as_ref().and_then(|codec| codec.passes);
        Self { line: results::to_json(row), metrics: row.metrics.clone(), passes }
    }
}

fn key(curve: &str, weights_sha256: &str, snr_db: f64) -> String {
    format!("{curve}\n{weights_sha256}\n{snr_db}")
}

/// The rows in a file that this experiment and this code wrote; what else is there, or damaged, is measured again.
fn read(path: &Path, provenance: &Provenance) -> BTreeMap<String, Cell> {
    let text = input::text(path).unwrap_or_default();
    let parse = |line: &str| {
        let parsed: Line = serde_json::from_str(line).ok()?;
        let is_ours = parsed.spec_sha256 == provenance.spec_sha256 && parsed.code == provenance.code;
        let key = key(&parsed.curve, &parsed.codec.weights_sha256, parsed.snr_db);
        is_ours.then(|| (key, Cell { line: line.to_owned(), metrics: parsed.metrics, passes: parsed.codec.passes }))
    };
    text.lines().filter_map(parse).collect()
}
