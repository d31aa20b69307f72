//! `jscc data`: download of a public data set, and verification of a copy.

use crate::failure::Failure;
use crate::http;
use crate::output::{self, Format, say};
use crate::progress::Progress;
use clap::{Args, Subcommand, ValueEnum};
use jscc_lab::Error;
use jscc_lab::data::cifar10::CIFAR10;
use jscc_lab::data::fetch::{self, FetchProgress, Fetched, Patience};
use jscc_lab::data::mnist::MNIST;
use jscc_lab::data::{DataError, FileCheck, Published};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Fetch a public data set, or check a copy of it.
#[derive(Subcommand)]
#[command(after_help = "Start here:\n  jscc data fetch mnist\n  jscc data fetch cifar10")]
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

/// Download a public data set, resuming an earlier download, check it by its checksums, and unpack it.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc data fetch mnist\n  jscc data fetch mnist --dir path/to/mnist\n  \
    jscc data fetch cifar10 --mirror https://example.org/datasets/")]
pub struct Fetch {
    /// The data set
    set: Set,
    /// Folder for the files; by default the user's cache, where experiments find them
    #[arg(long)]
    dir: Option<PathBuf>,
    /// URL of a folder with the .gz files or the archive, instead of the published one; if repeated, tried in turn
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
    /// Photographs of ten kinds of things: 50,000 + 10,000 colour images of 32x32, 170 MB
    Cifar10,
}

impl Set {
    const ALL: [Self; 2] = [Self::Mnist, Self::Cifar10];

    fn published(self) -> &'static Published {
        match self {
            Self::Mnist => &MNIST,
            Self::Cifar10 => &CIFAR10,
        }
    }

    /// The sets that lie in a folder; where nothing is known, the first.
    fn found_in(dir: &Path) -> Vec<Self> {
        let mut found = Self::ALL.to_vec();
        found.retain(|set| set.published().lies_in(dir));
        if found.is_empty() { vec![Self::Mnist] } else { found }
    }

    /// What can be done with the set, in `dir` if it was named.
    fn next(self, dir: Option<&Path>) -> String {
        match (self, dir) {
            (Self::Mnist, None) => "  jscc sweep experiments/mnist-k48-wifi54.toml".to_owned(),
            (Self::Mnist, Some(dir)) => {
                format!("  jscc sweep experiments/mnist-k48-wifi54.toml --data {}", dir.display())
            }
            (Self::Cifar10, None) => "  [data.cifar10] in an experiment file, for jscc train and jscc sweep".to_owned(),
            (Self::Cifar10, Some(dir)) => {
                format!("  [data.cifar10] in an experiment file, and jscc train SPEC.toml --data {}", dir.display())
            }
        }
    }
}

fn web_url(text: &str) -> Result<String, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(text.into());
    }
    Err("a mirror begins with http:// or https://".into())
}

impl Fetch {
    fn run(self) -> Result<(), Failure> {
        let set = self.set.published();
        let dir = self.dir.clone().unwrap_or_else(|| fetch::cache_dir(set));
        output::folder(&dir)?;
        let fetched = self.download(set, &dir)?;
        match Format::of_flag(self.json) {
            Format::Json => print_json(set, &fetched),
            Format::Table => self.print_next(&dir, &fetched),
        }
        Ok(())
    }

    fn print_next(&self, dir: &Path, fetched: &[Fetched]) {
        let new = fetched.iter().filter(|file| matches!(file, Fetched::Downloaded(_))).count();
        let (name, dir, n) = (self.set.published().name, dir.display(), fetched.len());
        say(&format!("{name} is in {dir}; {new} of {n} files were downloaded now."));
        say(&format!("Next:\n{}", self.set.next(self.dir.as_deref())));
    }

    fn download(&self, set: &Published, dir: &Path) -> Result<Vec<Fetched>, Error> {
        let mut mirrors: Vec<&str> = self.mirrors.iter().map(String::as_str).collect();
        if mirrors.is_empty() {
            mirrors = set.mirrors.to_vec();
        }
        let most = Duration::from_secs(self.max_time);
        let agent = http::agent(most);
        let window = Duration::from_mins(1);
        let patience = Patience { until: Instant::now() + most, least: LEAST_A_MINUTE, window };
        let mut bar: Option<Progress> = None;
        let mut open = |url: &str, offset: u64| http::open(&agent, url, offset);
        let fetched = fetch::fetch(set, dir, &mirrors, &patience, &mut open, &mut |at| {
            let bar = bar.get_or_insert_with(|| started(set, at));
            bar.set(at.done, at.name);
        });
        if let Some(bar) = bar {
            bar.finish();
        }
        fetched
    }
}

/// Excludes what was present before from the estimate of time left.
fn started(set: &Published, at: FetchProgress) -> Progress {
    let mut bar = Progress::new(set.name, at.total);
    bar.start_at(at.done);
    bar
}

fn print_json(set: &Published, fetched: &[Fetched]) {
    for (file, fetched) in set.files.iter().zip(fetched) {
        let (status, path) = match fetched {
            Fetched::Present(path) => ("present", path),
            Fetched::Downloaded(path) => ("downloaded", path),
        };
        say(&json!({ "file": file.name, "status": status, "path": path }).to_string());
    }
}

/// Check that a folder contains the published files of MNIST or CIFAR-10, compressed or not.
///
/// Exit codes: 0 all are intact, 2 some are missing or damaged.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc data verify path/to/mnist\n  jscc data verify path/to/cifar --set cifar10")]
pub struct Verify {
    /// The folder; the files may also be below it: in MNIST/raw or raw, as torchvision puts them, or in
    /// cifar-10-batches-bin
    dir: PathBuf,
    /// The data set [default: whichever is there]
    #[arg(long)]
    set: Option<Set>,
    /// Print a JSON object per file
    #[arg(long)]
    json: bool,
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        if !self.dir.is_dir() {
            return Err(Error::from(DataError::Missing { path: self.dir }).into());
        }
        let sets = self.set.map_or_else(|| Set::found_in(&self.dir), |set| vec![set]);
        let faults: Vec<_> = sets.into_iter().filter_map(|set| self.check(set.published())).collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(Failure::input(format!("{}: {}", self.dir.display(), faults.join("; "))))
    }

    /// Prints a row per file; what is wrong with the set as a whole, if anything.
    fn check(&self, set: &Published) -> Option<String> {
        let row = match Format::of_flag(self.json) {
            Format::Json => json_row,
            Format::Table => table_row,
        };
        let checks = set.verify(&self.dir);
        for check in &checks {
            say(&row(check));
        }
        let (bad, all) = (checks.iter().filter(|check| check.result.is_err()).count(), checks.len());
        let (name, word, dir) = (set.name, set.word, self.dir.display());
        (bad > 0).then(|| {
            format!(
                "{bad} of the {all} {name} files are missing or damaged; \
                 fetch them with `jscc data fetch {word} --dir {dir}`"
            )
        })
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
