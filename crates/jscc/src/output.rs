//! What commands print: tables that line up, or rows of JSON.

use crate::failure::Failure;
use jscc_lab::figures;
use jscc_lab::report::Table;
use jscc_lab::results::{self, Row};
use std::io::ErrorKind;
use std::io::Write;

/// Version and commit of the code, for results and cards.
pub const CODE: &str = env!("JSCC_CODE");

/// Prints a line on the standard output. Whoever reads it may have heard enough: a closed pipe is a success.
pub fn say(line: &str) {
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            Failure::failed(format!("cannot print: {error}")).report();
            std::process::exit(1);
        }
    }
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
