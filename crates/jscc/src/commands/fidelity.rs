//! `jscc fidelity`: how well ProxyNet stands in for a link.

use crate::failure::Failure;
use crate::output::{CODE, Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::Error;
use jscc_lab::fidelity;
use jscc_lab::files::write_atomic;
use jscc_lab::spec::Spec;
use std::path::PathBuf;

/// Measure how well ProxyNet stands in for a link: its values, and the gradients that it lends.
///
/// Cosines are with the gradient of the true link's loss, found by blurring symbols: corrected for the chance in that
/// estimate, and as estimated in brackets. Writes a row of JSON for each SNR.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc fidelity experiments/d2a-fidelity.toml --data path/to/mnist\n\n\
    writes results/d2a-fidelity.jsonl")]
pub struct Fidelity {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, in place of the one that the file names
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print a JSON object for each SNR
    #[arg(long)]
    json: bool,
}

impl Fidelity {
    pub fn run(self) -> Result<(), Failure> {
        let spec = Spec::read(&self.spec)?;
        spec.fidelity()?;
        let mut progress = Progress::new(&format!("measuring {}", spec.file.name), 1);
        let rows = fidelity::run(&spec, self.data.as_deref(), CODE, &mut |done, total| {
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
                print_table(&fidelity::table(&rows));
                say(&format!("\nRows: {}", path.display()));
            }
        }
        Ok(())
    }
}
