//! Summary of curves: the SNR at a packet error rate of 10 %, and the loss from synchronisation.

use super::Point;
use super::Reception;
use super::statistics::crossing;
use crate::report::Table;
use crate::spec::per::{PerTable, TARGET};
use jscc_phy::wifi::Mcs;

/// Crossing of a packet error rate of 10 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// Es/N0 per data subcarrier in dB.
    pub snr_db: f64,
    /// Half-width of its 95 % interval in dB: half the distance between the crossings of the points' interval ends.
    pub ci95_db: Option<f64>,
}

/// Summary of one rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The rate.
    pub rate: Mcs,
    /// Aided: timing and channel known.
    pub aided: Option<Crossing>,
    /// Unaided: nothing known.
    pub unaided: Option<Crossing>,
}

impl Summary {
    /// Loss of the whole receiver against the aided one, in dB.
    pub fn loss_db(&self) -> Option<f64> {
        Some(self.unaided?.snr_db - self.aided?.snr_db)
    }
}

/// One summary per rate.
pub fn summarise(rows: &[Point]) -> Vec<Summary> {
    let of = |rows: &[Point]| {
        let [aided, unaided] = [Reception::Aided, Reception::Unaided].map(|reception| find(rows, reception));
        Summary { rate: rows[0].air.rate, aided, unaided }
    };
    rows.chunk_by(|a, b| a.air.rate == b.air.rate).map(of).collect()
}

fn find(rows: &[Point], reception: Reception) -> Option<Crossing> {
    let across = |value: fn(&Point) -> f64| {
        let rows = rows.iter().filter(|row| row.air.reception == reception);
        let points: Vec<_> = rows.map(|row| (row.snr_db, value(row))).collect();
        crossing(&points, TARGET)
    };
    let ends = across(|row| row.per_ci95[0]).zip(across(|row| row.per_ci95[1]));
    Some(Crossing { snr_db: across(|row| row.per)?, ci95_db: ends.map(|(low, high)| (high - low) / 2.0) })
}

/// The cells of a rate's row: rate, aided, whole receiver, loss.
pub(super) fn cells(summary: &Summary) -> [String; 4] {
    let db = |crossing: Option<Crossing>| match crossing {
        Some(Crossing { snr_db, ci95_db: Some(half) }) => format!("{snr_db:.2} ± {half:.2}"),
        Some(Crossing { snr_db, ci95_db: None }) => format!("{snr_db:.2}"),
        None => "–".to_owned(),
    };
    let loss = summary.loss_db().map_or("–".to_owned(), |db| format!("{db:.2}"));
    [summary.rate.to_string(), db(summary.aided), db(summary.unaided), loss]
}

/// One row per rate.
pub fn table(rows: &[Point]) -> Table {
    Table {
        headers: ["rate", "10 % at dB, aided", "whole receiver", "loss dB"].map(str::to_owned).to_vec(),
        rows: summarise(rows).iter().map(|summary| cells(summary).to_vec()).collect(),
    }
}

/// Notes needed to read curves and table.
pub fn notes(spec: &PerTable) -> Vec<String> {
    let PerTable { octets, carrier_ghz, offset_ppm, packets, errors, .. } = spec;
    vec![
        format!(
            "Packets: random PSDUs of {octets} octets with their frame check sequence, long guard interval. A point ends \
             after {errors} errors or {packets} packets. Intervals: 95 %, Wilson's for error rates."
        ),
        "SNR is Es/N0 per data subcarrier; noise is white and Gaussian.".to_owned(),
        format!(
            "Whole receiver: the frame begins anywhere, between samples too, in a stream of noise; carrier \
             ({carrier_ghz} GHz) and sampling clock off by the same, up to ±{offset_ppm} ppm; nothing known. Aided: the \
             same decoder with timing, frequency, header, channel and scrambler state known."
        ),
    ]
}
