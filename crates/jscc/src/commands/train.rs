//! `jscc train`: the training that an experiment file describes.

use crate::failure::Failure;
use crate::output::{CODE, Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::report::Table;
use jscc_lab::runs::{Run, Trained};
use jscc_lab::spec::Spec;
use std::path::PathBuf;

/// Train the codec that an experiment file describes.
///
/// Broken off at any moment and run again, it goes on from its last checkpoint and ends with the same bytes.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc train experiments/digits-quick.toml\n  \
    jscc train experiments/deepjscc-mnist-k48-ideal.toml --data path/to/mnist --out runs/mine")]
pub struct Train {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, in place of the one that the file names
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder of the run [default: runs/NAME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print a JSON object when done
    #[arg(long)]
    json: bool,
}

impl Train {
    pub fn run(self) -> Result<(), Failure> {
        let spec = Spec::read(&self.spec)?;
        let folder = self.out.unwrap_or_else(|| PathBuf::from("runs").join(&spec.file.name));
        let run = Run::open(&spec, &folder, self.data.as_deref())?;
        let (done, n_steps) = run.steps();
        let mut progress = Progress::new(&format!("training {}", spec.file.name), n_steps as u64);
        progress.start_at(done as u64);
        let mut told = |at: jscc_lab::runs::Progress| {
            let psnr_db = jscc_lab::metrics::psnr_db(at.loss);
            progress.set(at.step as u64, &format!("step {} of {}, PSNR {psnr_db:.2} dB", at.step, at.n_steps));
        };
        let trained = run.finish(CODE, &mut told)?;
        progress.finish();
        print(&trained, Format::of_flag(self.json));
        Ok(())
    }
}

fn print(trained: &Trained, format: Format) {
    let (weights, card) = (trained.weights.display().to_string(), trained.card.display().to_string());
    if format == Format::Json {
        let validation = &trained.validation;
        say(&serde_json::json!({ "weights": weights, "card": card, "validation_psnr_db": validation }).to_string());
        return;
    }
    let cells = |first: &str, cell: &dyn Fn(&[f64; 2]) -> String| {
        std::iter::once(first.to_owned()).chain(trained.validation.iter().map(cell)).collect::<Vec<_>>()
    };
    let headers = cells("validation, PSNR in dB at SNR", &|[snr_db, _]| format!("{snr_db} dB"));
    let rows = vec![cells("over the link of the training", &|[_, psnr_db]| format!("{psnr_db:.2}"))];
    print_table(&Table { headers, rows });
    say(&format!("\nWeights: {weights}\nTheir card: {card}"));
}
