//! What commands print: tables that line up, or rows of JSON.

use crate::failure::Failure;
use jscc_lab::figures;
use jscc_lab::report::Table;
use jscc_lab::results::{self, Row};
use jscc_radio::files;
use std::io::ErrorKind;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Version and commit of the code, for results and cards.
pub const CODE: &str = env!("JSCC_CODE");

/// Whether a file that a command writes is the standard output: what there is to say goes beside it.
static IS_CLAIMED: AtomicBool = AtomicBool::new(false);

/// Notes that a command writes `path`, before anything is said.
pub fn claim(path: &Path) -> Result<(), Failure> {
    if files::is_stdout(path) && IS_CLAIMED.swap(true, Ordering::Relaxed) {
        return Err(Failure::input("the standard output takes one file; name another for the second"));
    }
    Ok(())
}

/// Refuses what can be no folder, where a command writes several files: before they are made.
pub fn folder(path: &Path) -> Result<(), Failure> {
    let why = match path {
        _ if files::is_stdout(path) => "several files do not fit into the standard output",
        _ if path.exists() && !path.is_dir() => "not a folder",
        _ => return Ok(()),
    };
    Err(Failure::input(format!("{}: {why}; name a folder", path.display())))
}

/// Prints a line on the standard output, or on the error stream if a file is written to that.
///
/// Whoever reads it may have heard enough: a closed pipe is a success, and does not keep files from being finished.
pub fn say(line: &str) {
    if IS_CLAIMED.load(Ordering::Relaxed) {
        return warn(line);
    }
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe && files::has_unfinished() => {}
        Err(error) => std::process::exit(unsaid(&error)),
    }
}

/// What an error of the standard output comes to: the exit code.
pub fn unsaid(error: &std::io::Error) -> i32 {
    if error.kind() == ErrorKind::BrokenPipe {
        return 0;
    }
    let _held = files::remove_unfinished();
    Failure::failed(format!("cannot print: {error}")).report();
    1
}

/// Tells something beside the results, on the error stream.
pub fn warn(line: &str) {
    // Words that nobody can read are no reason to stop.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    Table,
    /// A JSON object a line.
    Json,
}

impl Format {
    /// The format that a `--json` flag asks for.
    pub fn of_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Table }
    }

    /// Prints the rows of a sweep as JSON, or laid out by `table` with what must be known to read them.
    pub fn print_rows(self, rows: &[Row], table: fn(&[Row]) -> Table) {
        match self {
            Self::Json => rows.iter().for_each(|row| say(&results::to_json(row))),
            Self::Table => {
                print_table(&table(rows));
                say("");
                for note in figures::notes(rows) {
                    say(&format!("  {note}"));
                }
            }
        }
    }
}

/// Prints a table: the first column to the left, numbers to the right.
pub fn print_table(table: &Table) {
    let width = |column: usize| {
        let cells = std::iter::once(&table.headers).chain(&table.rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.headers.len()).map(width).collect();
    let line = |row: &[String]| {
        let cell = |(column, cell): (usize, &String)| match column {
            0 => format!("{cell:<0$}", widths[0]),
            _ => format!("{cell:>0$}", widths[column]),
        };
        row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    say(&line(&table.headers));
    say(&"─".repeat(widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)));
    for row in &table.rows {
        say(&line(row));
    }
}
