//! `jscc sweep`: the curves that an experiment file describes, on the test split, to results and figures.

use crate::commands::eval::Measured;
use crate::failure::Failure;
use crate::output::{self, Format, say};
use clap::Args;
use jscc_lab::Compute;
use jscc_lab::spec::{Spec, Split};
use jscc_lab::{figures, results};
use jscc_radio::files::together;
use std::path::PathBuf;

/// Measure the curves of an experiment file on the test split; write rows of JSON and figures.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc sweep experiments/mnist-k48-wifi54.toml --data path/to/mnist\n\n\
    writes results/mnist-k48-wifi54.jsonl, .html and .png")]
pub struct Sweep {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, in place of the one that the file names
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// What computes: cpu, or cuda or wgpu in a build with that feature
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Compute,
    /// Print a JSON object for each curve and SNR
    #[arg(long)]
    json: bool,
}

impl Sweep {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.out)?;
        let spec = Spec::read(&self.spec)?;
        let (wanted, name) = (spec.sweep()?, &spec.file.name);
        let measured = Measured::run(&spec, Split::Test, self.data.as_deref(), wanted.snr_db.clone(), self.device)?;
        let Measured { images, outcome } = measured;
        let rows = self.out.join(format!("{name}.jsonl"));
        let report = figures::report(wanted.title.as_ref().unwrap_or(name), &images.images, &outcome);
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
