//! `jscc matrix`: trainings on many links: trains what is missing, then measures.

use super::train;
use crate::failure::Failure;
use crate::output::{self, CODE, Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::Compute;
use jscc_lab::matrix::{self, Cells, MatrixRow, Needed, figure};
use jscc_lab::results;
use jscc_lab::runs::Run;
use jscc_lab::spec::Spec;
use jscc_radio::files::together;
use std::path::{Path, PathBuf};

/// Train what a matrix needs, deploy every row on every link, and draw values and regrets.
///
/// Rows are trainings, columns links and SNRs of the table [matrix]. Weights that are in --runs, or in ../models beside a row's
/// experiment, are not trained again. Interrupted and run again, it resumes: trainings from their checkpoints, cells from the rows
/// that are written.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc matrix experiments/digits-matrix.toml\n  \
    jscc matrix experiments/mismatch-cifar.toml --data path/to/cifar-10\n\n\
    writes results/NAME.jsonl, .html and .png, NAME being the experiment's, and trains in runs/")]
pub struct Matrix {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, instead of the one in the files
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Folder of the trainings
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Device: cpu, or cuda or wgpu in a build with that feature
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Compute,
    /// Only train what is missing; measure nothing
    #[arg(long)]
    train_only: bool,
    /// Print a JSON object per cell
    #[arg(long)]
    json: bool,
}

impl Matrix {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.out)?;
        let spec = Spec::read(&self.spec)?;
        let rows = matrix::rows(&spec)?;
        self.train(&rows)?;
        if self.train_only {
            return Ok(());
        }
        let measured = self.measure(&spec, &rows)?;
        let name = &spec.file.name;
        let report = figure::report(&spec, &rows, &measured)?;
        let written = together(&self.out, || figure::write(&report, &self.out, name))?;
        match Format::of_flag(self.json) {
            Format::Json => lines(&measured).for_each(say),
            Format::Table => {
                print_table(&figure::table(&rows, &measured));
                let figures = written.map(|path| path.display().to_string()).join(" and ");
                say(&format!("\nRows: {}\nFigures: {figures}", self.rows_file(name).display()));
            }
        }
        Ok(())
    }

    fn rows_file(&self, name: &str) -> PathBuf {
        self.out.join(format!("{name}.jsonl"))
    }

    fn train(&self, rows: &[MatrixRow]) -> Result<(), Failure> {
        for needed in rows.iter().flat_map(|row| &row.by_link).flatten() {
            if needed.weights(&self.runs).is_none() {
                let folder = needed.folder(&self.runs);
                output::folder(folder.parent().unwrap_or(Path::new(".")))?;
                let run = Run::open(&needed.spec, needed.seed, &folder, self.data.as_deref(), self.device)?;
                train::finish(run, &format!("{}, seed {}", needed.spec.file.name, needed.seed))?;
            }
        }
        Ok(())
    }

    /// All cells; the rows' file grows by a row of the matrix at a time.
    fn measure(&self, spec: &Spec, rows: &[MatrixRow]) -> Result<figure::Measured, Failure> {
        let file = self.rows_file(&spec.file.name);
        let cells = Cells::open(spec, rows, self.data.as_deref(), self.device, CODE, &file)?;
        let mut progress = Progress::new(&format!("measuring {}", spec.file.name), cells.len() as u64);
        let weights = |needed: &Needed| needed.weights(&self.runs).expect("trained before");
        let mut measured: figure::Measured = Vec::new();
        let mut done = 0;
        for row in rows {
            let of_row = cells.of_row(row, &weights, &mut || {
                done += 1;
                progress.set(done, &row.label);
            })?;
            measured.push(of_row);
            // What an earlier run left is not cut short by one that stops before it has as much.
            if measured.len() == rows.len() || lines(&measured).count() > cells.n_earlier() {
                results::write_lines(&file, lines(&measured))?;
            }
        }
        progress.finish();
        Ok(measured)
    }
}

/// Rows of results of all cells.
fn lines(measured: &figure::Measured) -> impl Iterator<Item = &str> {
    measured.iter().flatten().flatten().flatten().map(|cell| cell.line.as_str())
}
