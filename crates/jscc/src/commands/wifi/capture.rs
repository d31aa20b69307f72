//! The frames of a capture, one per line.

use super::note;
use super::row::{self, Extent, Fcs};
use crate::failure::Failure;
use crate::output::{Format, say};
use jscc_radio::hex;
use jscc_radio::pcap::{Losses, Packet, Reader};
use serde_json::json;
use std::path::Path;

/// Selection and format of the listing.
#[derive(Clone, Copy)]
pub struct Shown {
    pub format: Format,
    pub extent: Extent,
    pub fcs: Fcs,
}

/// Lists packets as they arrive. Unreadable parts are reported at the end; a capture without a readable part is an
/// error.
pub fn list(path: &Path, reader: Reader<'_>, shown: Shown) -> Result<(), Failure> {
    let mut reader = reader;
    let (mut frames, mut losses) = (0, Losses::default());
    if shown.format == Format::Table {
        say(&format!("{:>17}  {:<6}  {:<24}  {:>6}  {:<6}  psdu_hex", "time_s", "format", "rate", "length", "fcs_ok"));
    }
    for packet in reader.by_ref() {
        match packet {
            Ok(packet) => {
                frames += 1;
                if shown.fcs == Fcs::Ok && packet.fcs_ok() != Some(true) {
                    continue;
                }
                say(&match shown.format {
                    Format::Json => json(&packet),
                    Format::Table => text(&packet, shown.extent),
                });
            }
            Err(error) => losses.add(error),
        }
    }
    let lines = losses.lines(&reader);
    match losses.into_first() {
        Some(error) if frames == 0 => return Err(Failure::input(format!("{}: {error}", path.display()))),
        _ => {}
    }
    for line in lines {
        note(&format!("warning: {}: {line}", path.display()));
    }
    note(&format!("{}: {} packets, of 802.11: {frames}", path.display(), reader.number()));
    Ok(())
}

fn text(packet: &Packet, extent: Extent) -> String {
    let scheme = packet.radiotap.scheme();
    format!(
        "{:>17.6}  {:<6}  {:<24}  {:>6}  {:<6}  {}",
        packet.time.as_secs_f64(),
        scheme.map_or("?", |scheme| scheme.format()),
        scheme.map_or("?".to_owned(), |scheme| scheme.to_string()),
        packet.frame.len(),
        packet.fcs_ok().map_or("absent".to_owned(), |ok| ok.to_string()),
        row::octets(&packet.frame, extent)
    )
}

fn json(packet: &Packet) -> String {
    let scheme = packet.radiotap.scheme();
    json!({
        "time_s": packet.time.as_secs_f64(),
        "format": scheme.map(|scheme| scheme.format()),
        "rate_mbps": scheme.and_then(|scheme| scheme.mbps()),
        "mcs": scheme.and_then(|scheme| scheme.mcs()),
        "sgi": scheme.map(|scheme| scheme.is_short_guard()),
        "guard_ns": scheme.map(|scheme| scheme.guard_ns),
        "bandwidth_mhz": scheme.and_then(|scheme| scheme.bandwidth_mhz),
        "streams": scheme.map(|scheme| scheme.streams),
        "stbc": scheme.map(|scheme| scheme.stbc),
        "ldpc": scheme.map(|scheme| scheme.ldpc),
        "greenfield": scheme.map(|scheme| scheme.greenfield),
        "channel_mhz": packet.radiotap.channel_mhz,
        "signal_dbm": packet.radiotap.signal_dbm,
        "noise_dbm": packet.radiotap.noise_dbm,
        "length": packet.frame.len(),
        "fcs_ok": packet.fcs_ok(),
        "psdu_hex": hex::encode(&packet.frame),
    })
    .to_string()
}
