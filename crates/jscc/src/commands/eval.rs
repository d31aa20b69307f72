//! `jscc eval`: the curves of an experiment file, on the validation split, printed.

use crate::failure::Failure;
use crate::output::{CODE, Format};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::Compute;
use jscc_lab::figures;
use jscc_lab::spec::{Spec, Split, check_snr_db};
use jscc_lab::sweep::Sweep;
use std::path::PathBuf;

/// Measure the curves of an experiment file on the validation split, and print them; writes no file.
///
/// Choices are made on this split. The test split is for `jscc sweep`.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc eval experiments/digits-quick.toml\n  \
    jscc eval experiments/mnist-k48-wifi54.toml --data path/to/mnist --snr-db 7.5,10,12.5")]
pub struct Eval {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Es/N0 in dB, instead of the file's points
    #[arg(long, value_name = "DB,DB,...", value_delimiter = ',', allow_hyphen_values = true, value_parser = snr)]
    snr_db: Vec<f64>,
    /// Device: cpu, or cuda or wgpu in a build with that feature
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Compute,
    /// Print a JSON object per curve and SNR
    #[arg(long)]
    json: bool,
}

fn snr(text: &str) -> Result<f64, String> {
    let db: f64 = text.trim().parse().map_err(|_| format!("`{text}` is not a number"))?;
    check_snr_db(db)
}

impl Eval {
    pub fn run(self) -> Result<(), Failure> {
        let spec = Spec::read(&self.spec)?;
        let mut sweep = Sweep::open(&spec, Split::Validation, self.data.as_deref(), self.device, CODE)?;
        if !self.snr_db.is_empty() {
            sweep.snr_db = self.snr_db;
        }
        let mut progress = Progress::new(&format!("measuring {}", spec.file.name), sweep.n_cells() as u64);
        let outcome = sweep.run(0..sweep.n_cells(), &mut |done| progress.set(done as u64, ""));
        progress.finish();
        Format::of_flag(self.json).print_rows(&outcome.rows, figures::details);
        Ok(())
    }
}
