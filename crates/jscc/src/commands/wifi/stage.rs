//! A stage of a frame as text: a heading and aligned rows, or a JSON object.

use crate::output::say;
use jscc_radio::hex;
use jscc_radio::trace::{Content, Stage};
use serde_json::{Map, Value, json};

/// Rows of a stage shown unless all are requested.
pub const FEW: usize = 4;
/// Factor for rows of complex numbers and tables: the former are short, the latter are read as a whole.
const TALLER: usize = 3;

const BITS_A_ROW: usize = 64;
const OCTETS_A_ROW: usize = 24;
const SAMPLES_A_ROW: usize = 4;

/// Prints a stage, at most `most` rows of a long one.
pub fn print(stage: &Stage, most: usize) {
    let (size, rows) = rows(&stage.content);
    say(&format!("── {}{size} ── {}", stage.name, stage.clause));
    let most = match stage.content {
        Content::Tones(_) | Content::Table(_) => most.saturating_mul(TALLER),
        Content::Facts(_) => usize::MAX,
        _ => most,
    };
    for row in rows.iter().take(most) {
        say(&format!("  {row}"));
    }
    if rows.len() > most {
        say(&format!("  … {} more rows; --all shows them", rows.len() - most));
    }
    say("");
}

/// Size of a stage, and its rows.
fn rows(content: &Content) -> (String, Vec<String>) {
    match content {
        Content::Octets(octets) => (format!(", {} octets", octets.len()), of_octets(octets)),
        Content::Bits(bits) => (format!(", {} bits", bits.len()), of_bits(bits)),
        Content::Tones(tones) => {
            let head = format!("{:>4}  {:>8}  {:>8}  {:>7}  {:>7}", "tone", "I", "Q", "dB", "degrees");
            let row = |(tone, x): &(i32, jscc_radio::Complex32)| {
                // A value rounded to zero has no sign.
                let db = (2000.0 * x.norm().log10()).round() / 100.0 + 0.0;
                format!("{tone:>4}  {:>8.4}  {:>8.4}  {db:>7.2}  {:>7.1}", x.re, x.im, x.arg().to_degrees())
            };
            (String::new(), std::iter::once(head).chain(tones.iter().map(row)).collect())
        }
        Content::Samples(samples) => {
            let one = |x: &jscc_radio::Complex32| format!("{:>8.4}{:>+8.4}j", x.re, x.im);
            let row = |(n, samples): (usize, &[jscc_radio::Complex32])| {
                let samples: Vec<String> = samples.iter().map(one).collect();
                format!("{:>5}  {}", n * SAMPLES_A_ROW, samples.join("  "))
            };
            let rows = samples.chunks(SAMPLES_A_ROW).enumerate().map(row).collect();
            (format!(", {} samples", samples.len()), rows)
        }
        Content::Facts(facts) => {
            let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
            (String::new(), facts.iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect())
        }
        Content::Table(table) => {
            let line = |cells: &Vec<String>| {
                let cells = cells.iter().zip(&table.headers).map(|(cell, header)| {
                    let width = header.chars().count().max(6);
                    format!("{cell:>width$}")
                });
                cells.collect::<Vec<_>>().join("  ")
            };
            (String::new(), std::iter::once(&table.headers).chain(&table.rows).map(line).collect())
        }
    }
}

fn of_octets(octets: &[u8]) -> Vec<String> {
    let row = |(n, octets): (usize, &[u8])| {
        let groups: Vec<String> = octets.chunks(4).map(hex::encode).collect();
        format!("{:>5}  {}", n * OCTETS_A_ROW, groups.join(" "))
    };
    octets.chunks(OCTETS_A_ROW).enumerate().map(row).collect()
}

fn of_bits(bits: &[u8]) -> Vec<String> {
    let row = |(n, bits): (usize, &[u8])| {
        let groups: Vec<String> = bits.chunks(8).map(digits).collect();
        format!("{:>5}  {}", n * BITS_A_ROW, groups.join(" "))
    };
    bits.chunks(BITS_A_ROW).enumerate().map(row).collect()
}

fn digits(bits: &[u8]) -> String {
    bits.iter().map(u8::to_string).collect()
}

/// Prints a whole stage as a JSON object.
pub fn print_json(stage: &Stage) {
    let (key, value) = match &stage.content {
        Content::Octets(octets) => ("octets_hex", json!(hex::encode(octets))),
        Content::Bits(bits) => ("bits", json!(digits(bits))),
        Content::Tones(tones) => ("tones", tones.iter().map(|(tone, x)| json!([tone, x.re, x.im])).collect()),
        Content::Samples(samples) => ("samples", samples.iter().map(|x| json!([x.re, x.im])).collect()),
        Content::Facts(facts) => {
            let facts: Map<String, Value> = facts.iter().map(|(name, fact)| ((*name).into(), json!(fact))).collect();
            ("facts", Value::Object(facts))
        }
        Content::Table(table) => ("rows", json!({ "headers": table.headers, "rows": table.rows })),
    };
    say(&json!({ "stage": stage.name, "clause": stage.clause, key: value }).to_string());
}
