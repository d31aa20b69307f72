//! The frames of a pcap, a line each.

use super::note;
use super::row::{self, Extent};
use crate::failure::Failure;
use crate::output::{Format, say};
use jscc_radio::pcap::{Packet, PcapError, Reader};
use jscc_radio::{Fcs, Rate, encode, hex};
use serde_json::json;
use std::path::Path;

pub fn list(path: &Path, format: Format, extent: Extent) -> Result<(), Failure> {
    let mut frames = 0;
    if format == Format::Table {
        say(&format!("{:>14}  {:<6}  {:<14}  {:>6}  {:<6}  psdu_hex", "time_s", "format", "rate", "length", "fcs_ok"));
    }
    for packet in Reader::open(path)? {
        match packet {
            Ok(packet) if format == Format::Json => say(&json(&packet)),
            Ok(packet) => say(&text(&packet, extent)),
            // A damaged header hides its frame, and no other.
            Err(error @ PcapError::Radiotap { .. }) => note(&format!("warning: {}: {error}", path.display())),
            Err(error) => return Err(Failure::input(format!("{}: {error}", path.display()))),
        }
        frames += 1;
    }
    note(&format!("{}: {frames} packets", path.display()));
    Ok(())
}

/// Whether the frame's FCS is right; `None` where the capture leaves it out.
fn fcs_ok(packet: &Packet) -> Option<bool> {
    (packet.radiotap.fcs() == Fcs::Present && packet.cut == 0).then(|| encode::has_fcs(&packet.frame))
}

fn text(packet: &Packet, extent: Extent) -> String {
    let rate = packet.radiotap.rate();
    format!(
        "{:>14.6}  {:<6}  {:<14}  {:>6}  {:<6}  {}",
        packet.time.as_secs_f64(),
        rate.map_or("?", Rate::format),
        rate.map_or("?".to_owned(), |rate| rate.to_string()),
        packet.frame.len(),
        fcs_ok(packet).map_or("absent".to_owned(), |ok| ok.to_string()),
        row::octets(&packet.frame, extent)
    )
}

fn json(packet: &Packet) -> String {
    let rate = packet.radiotap.rate();
    json!({
        "time_s": packet.time.as_secs_f64(),
        "format": rate.map(Rate::format),
        "rate_mbps": rate.and_then(Rate::mbps),
        "mcs": rate.and_then(Rate::mcs),
        "sgi": rate.map(Rate::is_short_guard),
        "length": packet.frame.len(),
        "fcs_ok": fcs_ok(packet),
        "psdu_hex": hex::encode(&packet.frame),
    })
    .to_string()
}
