//! `jscc photos`: photographs over drawn channels, beside rivals' files.

use crate::failure::Failure;
use crate::output::{self, CODE, Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::photos::{measure, rows};
use jscc_lab::spec::Spec;
use jscc_lab::{figures, results};
use jscc_radio::files::together;
use std::path::PathBuf;

/// Measure photographs of any size over 802.11 frames, and rivals' files over the same frames for the same time.
///
/// Writes a row of JSON per curve, seed and SNR, and a figure; `jscc report` decides the claims.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc photos experiments/photo-kodak.toml --data path/to/kodak\n\n\
    writes results/photo-kodak.jsonl, .html and .png")]
pub struct Photos {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the photographs, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print a JSON object per row
    #[arg(long)]
    json: bool,
}

impl Photos {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.out)?;
        let spec = Spec::read(&self.spec)?;
        let name = &spec.file.name;
        let mut progress = Progress::new(&format!("measuring {name}"), 1);
        let points = measure::run(&spec, self.data.as_deref(), &mut |done, total| {
            progress.set_total(total as u64);
            progress.set(done as u64, "");
        })?;
        progress.finish();
        let lines = rows::rows(&spec, CODE, &points)?;
        let title = spec.photos()?.title.clone().unwrap_or_else(|| name.clone());
        let report = figures::of_photographs(&title, rows::notes(&spec)?, &lines);
        let in_time = rows::in_time(&spec, &points)?;
        let file = self.out.join(format!("{name}.jsonl"));
        let drawn = together(&self.out, || {
            results::write(&file, &lines)?;
            if !in_time.is_empty() {
                let report = figures::of_sequence(&title, rows::notes(&spec)?, in_time);
                figures::write(&report, &self.out, &format!("{name}-time"))?;
            }
            figures::write(&report, &self.out, name)
        })?;
        match Format::of_flag(self.json) {
            Format::Json => lines.iter().for_each(|row| say(&results::to_json(row))),
            Format::Table => {
                print_table(&rows::table(&points));
                say(&format!("\nRows: {}\nFigures: {}, {}", file.display(), drawn[0].display(), drawn[1].display()));
            }
        }
        Ok(())
    }
}
