//! `jscc report`: the claims of an experiment file, decided by the rows of its sweep.

use crate::failure::Failure;
use crate::output::{self, Format, print_table, say};
use clap::Args;
use jscc_lab::claims::{self, page};
use jscc_lab::spec::Spec;
use std::path::PathBuf;

/// Decide the claims of an experiment file by the rows of `jscc sweep`.
///
/// A failed claim is a result: the exit code is 0.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc sweep my.toml && jscc report my.toml\n\n\
    reads results/NAME.jsonl and writes results/NAME-claims.md, NAME being the experiment's")]
pub struct Report {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the rows and of the page to write
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// Print a JSON object per claim
    #[arg(long)]
    json: bool,
}

impl Report {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.results)?;
        let spec = Spec::read(&self.spec)?;
        let (measured, decisions) = claims::decide(&spec, &self.results)?;
        let written = page::write(&spec, &measured, &decisions, &self.results)?;
        match Format::of_flag(self.json) {
            Format::Json => decisions.iter().for_each(|decision| say(&page::to_json(&spec, &measured, decision))),
            Format::Table => {
                print_table(&page::table(&decisions));
                say(&format!("\nRows: {}\nPage: {}", measured.path.display(), written.display()));
            }
        }
        Ok(())
    }
}
