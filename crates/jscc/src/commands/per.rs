//! `jscc per`: packet error rates over SNR, of the whole receiver and of an aided one, as results and a figure.

use crate::failure::Failure;
use crate::output::{self, CODE, Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::per;
use jscc_lab::results;
use jscc_lab::spec::per::PerSpec;
use jscc_radio::files::together;
use std::path::PathBuf;

/// Measure packet error rates over SNR for an experiment file; write rows of JSON and a figure.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc per experiments/wifi-per-awgn.toml\n\n\
    writes results/wifi-per-awgn.jsonl and .png")]
pub struct Per {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print a JSON object per rate, reception and SNR
    #[arg(long)]
    json: bool,
}

/// Steps of the progress bar.
const PARTS: u64 = 1000;

impl Per {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.out)?;
        let spec = PerSpec::read(&self.spec)?;
        let name = &spec.file.name;
        let mut progress = Progress::new(&format!("measuring {name}"), PARTS);
        let points = per::run(&spec, &mut |part| progress.set((part * PARTS as f64) as u64, ""));
        progress.finish();
        let rows = per::rows(&spec, CODE, &points);
        let [lines, figure] = ["jsonl", "png"].map(|ending| self.out.join(format!("{name}.{ending}")));
        together(&self.out, || {
            results::write(&lines, &rows)?;
            per::write_png(&figure, &spec, &points)
        })?;
        match Format::of_flag(self.json) {
            Format::Json => rows.iter().for_each(|row| say(&results::to_json(row))),
            Format::Table => {
                print_table(&per::table(&points));
                say("");
                for note in per::notes(&spec.file.per) {
                    say(&format!("  {note}"));
                }
                say(&format!("\nRows: {}\nFigure: {}", lines.display(), figure.display()));
            }
        }
        Ok(())
    }
}
