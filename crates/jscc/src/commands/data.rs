//! `jscc data`: download of a public data set, and verification of a copy.

use crate::failure::Failure;
use crate::http;
use crate::output::{self, Format, say};
use crate::progress::Progress;
use clap::{Args, Subcommand, ValueEnum};
use jscc_lab::Error;
use jscc_lab::data::DataError;
use jscc_lab::data::fetch::{self, FetchProgress, Fetched, Patience};
use jscc_lab::data::mnist::{self, FileCheck};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Fetch a public data set, or check a copy of it.
#[derive(Subcommand)]
#[command(after_help = "Start here:\n  jscc data fetch mnist")]
pub enum Data {
    Fetch(Fetch),
    Verify(Verify),
}

impl Data {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::Fetch(fetch) => fetch.run(),
            Self::Verify(verify) => verify.run(),
        }
    }
}

/// Download a public data set, resuming an earlier download, and check its SHA-256.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc data fetch mnist\n  jscc data fetch mnist --dir path/to/mnist")]
pub struct Fetch {
    /// The data set
    set: Set,
    /// Folder for the files; by default the user's cache, where experiments find them
    #[arg(long)]
    dir: Option<PathBuf>,
    /// URL of a folder with the .gz files, instead of the published ones; if repeated, they are tried in turn
    #[arg(long = "mirror", value_name = "URL", value_parser = web_url)]
    mirrors: Vec<String>,
    /// Give up after this many seconds; the part downloaded is kept for the next attempt
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    max_time: u64,
    /// Print a JSON object per file
    #[arg(long)]
    json: bool,
}

/// Longest time limit: a week.
const MOST_SECONDS: u64 = 7 * 24 * 3600;
/// Fewest bytes per minute; a slower server is abandoned for the next.
const LEAST_A_MINUTE: u64 = 60_000;

#[derive(Clone, Copy, ValueEnum)]
enum Set {
    /// Handwritten digits: 60,000 + 10,000 grey images of 28x28, 12 MB
    Mnist,
}

fn web_url(text: &str) -> Result<String, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(text.into());
    }
    Err("a mirror begins with http:// or https://".into())
}

impl Fetch {
    fn run(self) -> Result<(), Failure> {
        let Set::Mnist = self.set;
        let dir = self.dir.clone().unwrap_or_else(fetch::cache_dir);
        output::folder(&dir)?;
        let fetched = self.download(&dir)?;
        match Format::of_flag(self.json) {
            Format::Json => print_json(&fetched),
            Format::Table => self.print_next(&dir, &fetched),
        }
        Ok(())
    }

    fn print_next(&self, dir: &Path, fetched: &[Fetched]) {
        let new = fetched.iter().filter(|file| matches!(file, Fetched::Downloaded(_))).count();
        say(&format!("MNIST is in {}; {new} of {} files were downloaded now.", dir.display(), fetched.len()));
        let data = self.dir.as_ref().map_or(String::new(), |dir| format!(" --data {}", dir.display()));
        say(&format!("Next:\n  jscc sweep experiments/mnist-k48-wifi54.toml{data}"));
    }

    fn download(&self, dir: &Path) -> Result<Vec<Fetched>, Error> {
        let mut mirrors: Vec<&str> = self.mirrors.iter().map(String::as_str).collect();
        if mirrors.is_empty() {
            mirrors = mnist::MIRRORS.to_vec();
        }
        let most = Duration::from_secs(self.max_time);
        let agent = http::agent(most);
        let window = Duration::from_mins(1);
        let patience = Patience { until: Instant::now() + most, least: LEAST_A_MINUTE, window };
        let mut bar: Option<Progress> = None;
        let fetched =
            fetch::mnist(dir, &mirrors, &patience, &mut |url, offset| http::open(&agent, url, offset), &mut |at| {
                let bar = bar.get_or_insert_with(|| started(at));
                bar.set(at.done, at.name);
            });
        if let Some(bar) = bar {
            bar.finish();
        }
        fetched
    }
}

/// Excludes what was present before from the estimate of time left.
fn started(at: FetchProgress) -> Progress {
    let mut bar = Progress::new("MNIST", at.total);
    bar.start_at(at.done);
    bar
}

fn print_json(fetched: &[Fetched]) {
    for (file, fetched) in mnist::FILES.iter().zip(fetched) {
        let (status, path) = match fetched {
            Fetched::Present(path) => ("present", path),
            Fetched::Downloaded(path) => ("downloaded", path),
        };
        say(&json!({ "file": file.name, "status": status, "path": path }).to_string());
    }
}

/// Check that a folder contains the published MNIST files, compressed or not.
///
/// Exit codes: 0 all four are intact, 2 some are missing or damaged.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc data verify path/to/mnist")]
pub struct Verify {
    /// The folder; the files may also be in MNIST/raw or raw below it, as torchvision puts them
    dir: PathBuf,
    /// Print a JSON object per file
    #[arg(long)]
    json: bool,
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        if !self.dir.is_dir() {
            return Err(Error::from(DataError::Missing { path: self.dir }).into());
        }
        let checks = mnist::verify(&self.dir);
        let row = match Format::of_flag(self.json) {
            Format::Json => json_row,
            Format::Table => table_row,
        };
        for check in &checks {
            say(&row(check));
        }
        let bad = checks.iter().filter(|check| check.result.is_err()).count();
        if bad == 0 {
            return Ok(());
        }
        let dir = self.dir.display();
        let advice = format!("fetch them with `jscc data fetch mnist --dir {dir}`");
        Err(Failure::input(format!(
            "{dir}: {bad} of the {} MNIST files are missing or damaged; {advice}",
            checks.len()
        )))
    }
}

fn table_row(check: &FileCheck) -> String {
    match &check.result {
        Ok(path) => format!("{:<23}  ok     {}", check.name, path.display()),
        Err(fault) => format!("{:<23}  WRONG  {fault}", check.name),
    }
}

fn json_row(check: &FileCheck) -> String {
    let row = match &check.result {
        Ok(path) => json!({ "file": check.name, "status": "ok", "path": path }),
        Err(fault) => json!({ "file": check.name, "status": "wrong", "reason": fault.to_string() }),
    };
    row.to_string()
}
