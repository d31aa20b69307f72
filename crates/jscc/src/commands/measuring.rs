//! Common part of the commands that measure an experiment file and write rows of JSON.

use crate::failure::Failure;
use crate::output::{self, CODE, Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::Error;
use jscc_lab::report::Table;
use jscc_lab::results::{self, Row};
use jscc_lab::spec::Spec;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Measuring {
    /// The experiment file
    #[arg(value_name = "SPEC.toml")]
    spec: PathBuf,
    /// Folder of the pictures, instead of the one in the file
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print a JSON object per row
    #[arg(long)]
    json: bool,
}

/// Receives the number done and the total.
pub type Tell<'a> = &'a mut dyn FnMut(usize, usize);

impl Measuring {
    /// Measures, writes the rows to OUT/NAME.jsonl, and prints them.
    pub fn run<P>(
        self,
        measure: impl FnOnce(&Spec, Option<&Path>, Tell) -> Result<Vec<P>, Error>,
        rows: impl FnOnce(&Spec, &str, &[P]) -> Result<Vec<Row>, Error>,
        table: impl FnOnce(&[P]) -> Table,
    ) -> Result<(), Failure> {
        output::folder(&self.out)?;
        let spec = Spec::read(&self.spec)?;
        let mut progress = Progress::new(&format!("measuring {}", spec.file.name), 1);
        let points = measure(&spec, self.data.as_deref(), &mut |done, total| {
            progress.set_total(total as u64);
            progress.set(done as u64, "");
        })?;
        progress.finish();
        let rows = rows(&spec, CODE, &points)?;
        let path = self.out.join(format!("{}.jsonl", spec.file.name));
        results::write(&path, &rows)?;
        match Format::of_flag(self.json) {
            Format::Json => rows.iter().for_each(|row| say(&results::to_json(row))),
            Format::Table => {
                print_table(&table(&points));
                say(&format!("\nRows: {}", path.display()));
            }
        }
        Ok(())
    }
}
