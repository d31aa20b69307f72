//! `jscc sweep`: the curves of an experiment file, on the test split, as results and figures.

use crate::failure::Failure;
use crate::output::{self, CODE, Format, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::Compute;
use jscc_lab::spec::{Spec, Split};
use jscc_lab::sweep::{self, Outcome};
use jscc_lab::{figures, results};
use jscc_radio::files::together;
use std::ops::Range;
use std::path::PathBuf;

/// Measure the curves of an experiment file on the test split; write rows of JSON and figures.
///
/// A cell is one file of weights on its link at one SNR. Cells are independent: with --cells several machines can share
/// a sweep, and their rows, in the order of cells, are the bytes that one machine writes.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc sweep experiments/mnist-k48-wifi54.toml --data path/to/mnist\n\n\
    writes results/mnist-k48-wifi54.jsonl, .html and .png\n\n  \
    jscc sweep experiments/mnist-k48-wifi54.toml --data path/to/mnist --cells 0..9 > part-1.jsonl")]
pub struct Sweep {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Device: cpu, or cuda or wgpu in a build with that feature
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Compute,
    /// Measure only these cells, the first and the one after the last; print their rows as JSON, write nothing
    #[arg(long, value_name = "FROM..TO", value_parser = cells)]
    cells: Option<Range<usize>>,
    /// Print a JSON object per curve and SNR
    #[arg(long)]
    json: bool,
}

fn cells(text: &str) -> Result<Range<usize>, String> {
    let ends = text.split_once("..").and_then(|(from, to)| Some(from.trim().parse().ok()?..to.trim().parse().ok()?));
    ends.filter(|cells| !cells.is_empty())
        .ok_or_else(|| "give the first cell and the one after the last, such as 0..9".to_owned())
}

impl Sweep {
    pub fn run(self) -> Result<(), Failure> {
        if self.cells.is_none() {
            output::folder(&self.out)?;
        }
        let spec = Spec::read(&self.spec)?;
        let sweep = sweep::Sweep::open(&spec, Split::Test, self.data.as_deref(), self.device, CODE)?;
        let n = sweep.n_cells();
        match self.cells.clone() {
            None => self.whole(&spec, &sweep),
            Some(cells) if cells.end > n => {
                Err(Failure::input(format!("--cells {}..{}: there are {n} cells, 0..{n}", cells.start, cells.end)))
            }
            Some(cells) => {
                Format::Json.print_rows(&measure(&spec, &sweep, cells).rows, figures::table);
                Ok(())
            }
        }
    }

    fn whole(&self, spec: &Spec, sweep: &sweep::Sweep) -> Result<(), Failure> {
        let (wanted, name) = (spec.sweep()?, &spec.file.name);
        let outcome = measure(spec, sweep, 0..sweep.n_cells());
        let rows = self.out.join(format!("{name}.jsonl"));
        let title = wanted.title.as_ref().unwrap_or(name);
        let report = figures::report(title, &sweep.setting.images.images, &outcome);
        let written = together(&self.out, || {
            results::write(&rows, &outcome.rows)?;
            figures::write(&report, &self.out, name)
        })?;
        let format = Format::of_flag(self.json);
        format.print_rows(&outcome.rows, figures::table);
        if format == Format::Table {
            say(&format!("\nRows: {}\nFigures: {} and {}", rows.display(), written[0].display(), written[1].display()));
        }
        Ok(())
    }
}

fn measure(spec: &Spec, sweep: &sweep::Sweep, cells: Range<usize>) -> Outcome {
    let mut progress = Progress::new(&format!("measuring {}", spec.file.name), cells.len() as u64);
    let outcome = sweep.run(cells, &mut |done| progress.set(done as u64, ""));
    progress.finish();
    outcome
}
