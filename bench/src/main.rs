//! The project's radio beside others' on the same input, one thread: throughput and its ratios.

mod inversion;
mod machine;
mod measure;
mod noise;
mod receiver;
mod transmitter;
mod viterbi;
#[cfg(volk)]
mod volk;

use measure::Table;
use std::process::ExitCode;

type Subject = (&'static str, fn() -> Vec<Table>);

const SUBJECTS: [Subject; 4] = [
    ("viterbi", viterbi::race),
    ("receiver", receiver::race),
    ("transmitter", transmitter::race),
    ("inversion", inversion::race),
];

fn main() -> ExitCode {
    let (options, wanted): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let unknown = wanted.iter().find(|word| SUBJECTS.iter().all(|(name, _)| name != word));
    if let Some(word) = unknown.or_else(|| options.iter().find(|option| *option != "--json")) {
        eprintln!("jscc-bench: `{word}` is neither a subject (viterbi, receiver, transmitter, inversion) nor --json");
        return ExitCode::from(2);
    }
    let json = !options.is_empty();
    if !json {
        println!("{}\n{}", machine::cpu(), machine::features().join(" "));
    }
    let mut tables = Vec::new();
    for (_, race) in SUBJECTS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|word| word == name)) {
        for table in race() {
            if !json {
                print!("\n{table}");
            }
            tables.push(table);
        }
    }
    if json {
        let tables: Vec<_> = tables.iter().map(Table::json).collect();
        println!(
            r#"{{"cpu":{:?},"features":{:?},"tables":[{}]}}"#,
            machine::cpu(),
            machine::features(),
            tables.join(",")
        );
    }
    ExitCode::SUCCESS
}
