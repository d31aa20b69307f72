//! Output of commands: aligned tables, or rows of JSON.

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

/// Whether a command writes a file to standard output: if so, messages go to the error stream.
static IS_CLAIMED: AtomicBool = AtomicBool::new(false);

/// Registers `path` as an output file, before anything is printed.
pub fn claim(path: &Path) -> Result<(), Failure> {
    if files::is_stdout(path) && IS_CLAIMED.swap(true, Ordering::Relaxed) {
        return Err(Failure::input("the standard output takes one file; name another for the second"));
    }
    Ok(())
}

/// Refuses a path that cannot be a folder, before several files are computed for it.
pub fn folder(path: &Path) -> Result<(), Failure> {
    let why = match path {
        _ if files::is_stdout(path) => "several files do not fit into the standard output",
        _ if path.exists() && !path.is_dir() => "not a folder",
        _ => return Ok(()),
    };
    Err(Failure::input(format!("{}: {why}; name a folder", path.display())))
}

/// Prints a line on standard output, or on the error stream if a file is written to standard output.
///
/// The reader may close the pipe early: that is a success, and does not keep files from being finished.
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

/// Exit code for an error of standard output.
pub fn unsaid(error: &std::io::Error) -> i32 {
    if error.kind() == ErrorKind::BrokenPipe {
        return 0;
    }
    let _held = files::remove_unfinished();
    Failure::failed(format!("cannot print: {error}")).report();
    1
}

/// Prints a message on the error stream, besides the results.
pub fn warn(line: &str) {
    // An unreadable message is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Format of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table as text.
    Table,
    /// One JSON object per line.
    Json,
}

impl Format {
    /// The format that a `--json` flag asks for.
    pub fn of_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Table }
    }

    /// Prints the rows of a sweep as JSON, or as `table` followed by the notes needed to read them.
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

/// Prints a table: the first column aligned left, the others right.
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
