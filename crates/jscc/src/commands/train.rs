//! `jscc train`: the training of an experiment file.

use crate::failure::Failure;
use crate::output::{self, CODE, Format, print_table, say, warn};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::Compute;
use jscc_lab::metrics::psnr_db;
use jscc_lab::photos;
use jscc_lab::report::Table;
use jscc_lab::runs::{self, Objective, Run, Task, Trained};
use jscc_lab::spec::Spec;
use std::path::{Path, PathBuf};

/// Train the codec of an experiment file, once per seed.
///
/// Interrupted at any moment and run again, it resumes from its last checkpoint and ends with the same bytes.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc train experiments/digits-quick.toml\n  \
    jscc train experiments/deepjscc-mnist-k48-ideal.toml --data path/to/mnist --out runs/mine\n  \
    jscc train experiments/digits-quick.toml --tensorboard && tensorboard --logdir runs")]
pub struct Train {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder of the run [default: runs/NAME]; with several seeds, parent folder of the runs
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Device: cpu, or cuda or wgpu in a build with that feature
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Compute,
    /// Also write the log for TensorBoard, to `tensorboard` in the run's folder
    #[arg(long)]
    tensorboard: bool,
    /// Print a JSON object per seed when done
    #[arg(long)]
    json: bool,
}

impl Train {
    pub fn run(self) -> Result<(), Failure> {
        let spec = Spec::read(&self.spec)?;
        let folder = self.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&spec.file.name));
        if spec.file.restorer.is_some() {
            return self.restorer(&spec, &folder);
        }
        let each = spec.per_snr()?;
        for one in &each {
            let folder = if each.len() == 1 { folder.clone() } else { folder.join(&one.file.name) };
            self.all_seeds(one, &folder)?;
        }
        Ok(())
    }

    /// The network of photographs.
    fn restorer(&self, spec: &Spec, folder: &Path) -> Result<(), Failure> {
        output::folder(folder)?;
        let mut progress = Progress::new(&format!("training {}", spec.file.name), spec.restorer()?.plan.steps as u64);
        let trained = photos::train::run(spec, folder, self.data.as_deref(), &mut |at| {
            progress.set(at.step as u64, &format!("error of the closed form times {:.4}", at.loss));
        })?;
        progress.finish();
        let weights = trained.weights.display();
        match Format::of_flag(self.json) {
            Format::Json => {
                say(&serde_json::json!({ "weights": weights.to_string(), "gains_db": trained.gains }).to_string());
            }
            Format::Table => {
                let headers = std::iter::once("validation, dB over the closed form at SNR".to_owned());
                let headers = headers.chain(trained.gains.iter().map(|[snr_db, _]| format!("{snr_db} dB"))).collect();
                let row = std::iter::once(String::new());
                let row = row.chain(trained.gains.iter().map(|[_, gain]| format!("{gain:+.2}"))).collect();
                print_table(&Table { headers, rows: vec![row] });
                say(&format!("\nWeights: {weights}"));
            }
        }
        Ok(())
    }

    fn all_seeds(&self, spec: &Spec, folder: &Path) -> Result<(), Failure> {
        let seeds = &spec.train()?.seeds;
        output::folder(folder)?;
        let mut trained = Vec::new();
        for &seed in seeds {
            let mut run = Run::open(spec, seed, &runs::folder(spec, seed, folder), self.data.as_deref(), self.device)?;
            if self.tensorboard {
                let events = run.show_in_tensorboard()?;
                warn(&format!("for TensorBoard: tensorboard --logdir {}", events.display()));
            }
            trained.push((seed, finish(run, &format!("{}, seed {seed}", spec.file.name))?));
        }
        match Format::of_flag(self.json) {
            Format::Json => trained.iter().for_each(|(seed, trained)| print_json(*seed, trained)),
            Format::Table => print(&trained),
        }
        Ok(())
    }
}

/// Trains a run to its end, with progress.
pub fn finish(run: Run, name: &str) -> Result<Trained, Failure> {
    if let Some(notice) = run.notice() {
        warn(notice);
    }
    let (done, n_steps) = run.steps();
    let mut progress = Progress::new(&format!("training {name}"), n_steps as u64);
    progress.start_at(done as u64);
    let trained = run.finish(CODE, &mut |at| {
        let (step, n_steps) = (at.step, at.n_steps);
        progress.set_total(n_steps as u64);
        let message = format!("stage {}, step {step} of {n_steps}, {}", at.stage, quality(&at));
        progress.set(step as u64, &message);
    })?;
    progress.finish();
    if let Some(warning) = &trained.warning {
        warn(&format!("warning: {name}: {warning}"));
    }
    Ok(trained)
}

/// The loss of the last steps, with PSNR if the objective is the pictures' error.
fn quality(at: &runs::Progress) -> String {
    if at.objective == Objective::of_task(Task::Recover) {
        format!("loss {:.5}, PSNR {:.2} dB", at.loss, psnr_db(at.loss))
    } else {
        format!("{} {:.5}", at.objective, at.loss)
    }
}

fn print_json(seed: u64, trained: &Trained) {
    let (weights, card) = (trained.weights.display().to_string(), trained.card.display().to_string());
    let validation = &trained.validation;
    let score = match trained.task {
        Task::Recover => "validation_psnr_db",
        Task::Execute => "validation_accuracy",
    };
    let row = serde_json::json!({
        "seed": seed,
        "weights": weights,
        "card": card,
        score: validation,
        "warning": trained.warning,
    });
    say(&row.to_string());
}

fn print(trained: &[(u64, Trained)]) {
    let points = trained.first().map_or(&[][..], |(_, first)| &first.validation);
    let (header, scale) = match trained.first().map(|(_, first)| first.task) {
        Some(Task::Execute) => ("validation, accuracy in % at SNR", 100.0),
        _ => ("validation, PSNR in dB at SNR", 1.0),
    };
    let cells = |first: String, score: &dyn Fn(usize) -> f64| {
        std::iter::once(first).chain((0..points.len()).map(|i| format!("{:.2}", scale * score(i)))).collect::<Vec<_>>()
    };
    let mut headers = vec![header.to_owned()];
    headers.extend(points.iter().map(|[snr_db, _]| format!("{snr_db} dB")));
    let of_seed = |(seed, trained): &(u64, Trained)| cells(format!("seed {seed}"), &|i| trained.validation[i][1]);
    let mut rows: Vec<_> = trained.iter().map(of_seed).collect();
    if trained.len() > 1 {
        let of = |i: usize| trained.iter().map(move |(_, trained)| trained.validation[i][1]);
        rows.push(cells("mean".to_owned(), &|i| of(i).sum::<f64>() / trained.len() as f64));
        let spread = |i| of(i).fold(f64::MIN, f64::max) - of(i).fold(f64::MAX, f64::min);
        rows.push(cells("largest less smallest".to_owned(), &spread));
    }
    print_table(&Table { headers, rows });
    for (_, Trained { weights, card, .. }) in trained {
        say(&format!("\nWeights: {}\nTheir card: {}", weights.display(), card.display()));
    }
}
