//! `jscc report`: the claims of experiment files, decided by the rows of their sweeps and matrices.

use crate::failure::Failure;
use crate::output::{self, Format, print_table, say};
use clap::Args;
use jscc_lab::claims::overview::{self, Section};
use jscc_lab::claims::{self, Decision, page};
use jscc_lab::spec::Spec;
use std::path::PathBuf;

/// Decide the claims of experiment files by the rows of `jscc sweep` and `jscc matrix`.
///
/// A failed claim is a result: the exit code is 0. Several experiments, and their figures, can be put on one page.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc sweep my.toml && jscc report my.toml\n  \
    jscc report experiments/one.toml experiments/two.toml --page results/all.html\n\n\
    reads results/NAME.jsonl and writes results/NAME-claims.md, NAME being the experiment's")]
pub struct Report {
    /// The experiment files
    #[arg(value_name = "SPEC.toml", required = true)]
    specs: Vec<PathBuf>,
    /// Folder of the rows and of the page to write
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// Also write one page with the methods, the figures and all claims; experiments without claims show their figure
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,
    /// Print a JSON object per claim
    #[arg(long)]
    json: bool,
}

impl Report {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.results)?;
        let specs = self.specs.iter().map(|path| Spec::read(path)).collect::<Result<Vec<_>, _>>()?;
        let mut sections = Vec::new();
        for spec in &specs {
            let is_figure_only = self.page.is_some() && spec.file.claim.is_empty();
            let decisions = if is_figure_only { Vec::new() } else { self.decide(spec)? };
            sections.push(Section::new(spec, decisions, &self.results)?);
        }
        if let Some(page) = &self.page {
            overview::write(&sections, page)?;
            if !self.json {
                say(&format!("One page: {}", page.display()));
            }
        }
        Ok(())
    }

    /// Decides the claims of an experiment, writes their page and prints them.
    fn decide<'a>(&self, spec: &'a Spec) -> Result<Vec<Decision<'a>>, Failure> {
        let (measured, decisions) = claims::decide(spec, &self.results)?;
        let written = page::write(spec, &measured, &decisions, &self.results)?;
        match Format::of_flag(self.json) {
            Format::Json => decisions.iter().for_each(|decision| say(&page::to_json(spec, &measured, decision))),
            Format::Table => {
                print_table(&page::table(&decisions));
                say(&format!("\nRows: {}\nPage: {}", measured.path.display(), written.display()));
            }
        }
        Ok(decisions)
    }
}
