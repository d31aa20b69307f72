//! A frame as one line: for people, or as JSON.

use clap::ValueEnum;
use jscc_radio::decode::{Found, Refusal};
use jscc_radio::hex;
use jscc_radio::{FrameNote, Warning};
use serde_json::{Value, json};

/// Which frames are shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fcs {
    /// Those whose frame check sequence is right
    Ok,
    /// All whose header was sound
    All,
}

/// Octets of a PSDU that a line for people shows.
const SHOWN: usize = 24;

/// How much of a PSDU is shown.
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

/// Digits of octets, or of the first ones.
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

/// What every reader of the JSON lines finds, by exactly these names.
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
        // JSON has no infinity: serde_json makes it null.
        "cfo_hz": cfo_hz,
        "snr_db": snr_db,
        "evm_db": found.evm_db,
        "scrambler_init": scrambler,
    })
}

/// The same of a frame that the receiver does not read; what its header did not say, or was not asked, is null.
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

/// The same of samples that are no numbers, where a warning is of them.
pub fn bad(warning: &Warning) -> Option<Value> {
    match warning {
        Warning::Bad(bad) => Some(json!({ "start": bad.first, "bad_samples": bad.count })),
        _ => None,
    }
}
