//! A frame as one line: as text, or as JSON.

use clap::ValueEnum;
use jscc_radio::decode::{Found, Refusal};
use jscc_radio::hex;
use jscc_radio::{FrameNote, Warning};
use serde_json::{Value, json};

/// Frames to show.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fcs {
    /// Those with a right frame check sequence
    Ok,
    /// All with a valid header
    All,
}

/// Octets of a PSDU in a line of text.
const SHOWN: usize = 24;

/// Extent of a PSDU in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Its first octets.
    Beginning,
    /// All.
    Whole,
}

pub fn header() -> String {
    let columns = format!("{:>10}  {:<6}  {:<14}  {:>6}  {:<6}", "start", "format", "rate", "length", "fcs_ok");
    format!("{columns}  {:>9}  {:>6}  {:>6}  {:>14}  psdu_hex", "cfo_hz", "snr_db", "evm_db", "scrambler_init")
}

pub fn text(found: &Found, extent: Extent) -> String {
    let note = &found.note;
    let columns = format!(
        "{:>10}  {:<6}  {:<14}  {:>6}  {:<6}",
        note.start,
        note.rate.format(),
        note.rate.to_string(),
        note.length,
        note.fcs_ok
    );
    format!(
        "{columns}  {:>9}  {:>6}  {:>6}  {:>14}  {}",
        number(note.cfo_hz, 0),
        number(note.snr_db, 1),
        number(found.evm_db, 1),
        note.scrambler,
        octets(&note.psdu, extent)
    )
}

/// Hexadecimal digits of all octets, or of the first ones.
pub fn octets(psdu: &[u8], extent: Extent) -> String {
    match psdu.get(..SHOWN) {
        Some(first) if extent == Extent::Beginning && psdu.len() > SHOWN => hex::encode(first) + "…",
        _ => hex::encode(psdu),
    }
}

fn number(value: f64, digits: usize) -> String {
    match value {
        _ if value.is_nan() => "?".to_owned(),
        f64::INFINITY => "∞".to_owned(),
        _ => format!("{value:.digits$}"),
    }
}

/// Fields of the JSON lines; readers depend on their names.
pub fn json(found: &Found) -> Value {
    let FrameNote { start, count, rate, length, scrambler, fcs_ok, cfo_hz, snr_db, psdu } = &found.note;
    json!({
        "start": start,
        "end": start + count,
        "format": rate.format(),
        "rate_mbps": rate.mbps(),
        "mcs": rate.mcs(),
        "sgi": rate.is_short_guard(),
        "aggregation": found.aggregation,
        "length": length,
        "fcs_ok": fcs_ok,
        "psdu_hex": hex::encode(psdu),
        // serde_json makes infinity null.
        "cfo_hz": cfo_hz,
        "snr_db": snr_db,
        "evm_db": found.evm_db,
        "scrambler_init": scrambler,
    })
}

/// The same for a frame that the receiver does not support; fields that its header lacks, or that were not read, are
/// null.
pub fn refused(at: u64, refusal: &Refusal) -> Value {
    let Refusal { why, kind, format, mcs, streams, length } = refusal;
    json!({
        "start": at,
        "refused": why,
        "kind": kind,
        "format": format,
        "mcs": mcs,
        "streams": streams,
        "length": length,
    })
}

/// The same for a warning about samples that are not numbers.
pub fn bad(warning: &Warning) -> Option<Value> {
    match warning {
        Warning::Bad(bad) => Some(json!({ "start": bad.first, "bad_samples": bad.count })),
        _ => None,
    }
}
