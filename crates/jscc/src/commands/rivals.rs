//! `jscc rivals`: classical codecs over the same frames, on the test split.

use crate::failure::Failure;
use crate::output::{Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::Error;
use jscc_lab::files::write_atomic;
use jscc_lab::rivals::run;
use jscc_lab::spec::Spec;
use std::path::PathBuf;

/// Measure classical codecs over the same frames: PCA, DCT and JPEG, at every rate and at capacity.
///
/// Whole frames or nothing: a frame whose check fails counts as mid-grey. Writes a row of JSON for each codec, rate and
/// SNR; prints each codec at the rate that is best at that SNR.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc rivals experiments/mnist-rivals.toml --data path/to/mnist\n\n\
    writes results/mnist-rivals.jsonl")]
pub struct Rivals {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, in place of the one that the file names
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print a JSON object for each codec, rate and SNR
    #[arg(long)]
    json: bool,
}

impl Rivals {
    pub fn run(self) -> Result<(), Failure> {
        let spec = Spec::read(&self.spec)?;
        spec.rivals()?;
        let mut progress = Progress::new(&format!("measuring {}", spec.file.name), 1);
        let rows = run::run(&spec, self.data.as_deref(), &mut |done, total| {
            progress.set_total(total as u64);
            progress.set(done as u64, "");
        })?;
        progress.finish();
        let lines: Vec<_> = rows.iter().map(|row| serde_json::json!(row).to_string()).collect();
        let path = self.out.join(format!("{}.jsonl", spec.file.name));
        write_atomic(&path, (lines.join("\n") + "\n").as_bytes()).map_err(Error::Write)?;
        match Format::of_flag(self.json) {
            Format::Json => lines.iter().for_each(|line| say(line)),
            Format::Table => {
                print_table(&run::table(&rows));
                say(&format!("\nRows: {}", path.display()));
            }
        }
        Ok(())
    }
}
