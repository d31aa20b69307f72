//! Figure of the rows.

use super::Point;
use super::Reception;
use super::summary::{cells, notes, summarise, table};
use crate::Error;
use crate::report::{self, PerCurve, PerFigure, PerPanel, PerPoint};
use crate::spec::per::PerSpec;
use jscc_phy::wifi::mcs::Format;
use jscc_radio::files::write_atomic;
use std::path::Path;

/// Writes the curves as a PNG file.
pub fn write_png(path: &Path, spec: &PerSpec, rows: &[Point]) -> Result<(), Error> {
    write_atomic(path, &report::per_png(&figure(spec, rows))).map_err(Error::Write)
}

fn figure(spec: &PerSpec, rows: &[Point]) -> PerFigure {
    let title = |format| match format {
        Format::NonHt => "non-HT (802.11a/g), rate in Mb/s",
        Format::Ht => "HT (802.11n), one stream, rate as MCS",
    };
    let panel = |format| PerPanel { title: title(format).to_owned(), curves: curves(rows, format) };
    let panels = [Format::NonHt, Format::Ht].map(panel);
    PerFigure {
        title: spec.file.per.title.as_ref().unwrap_or(&spec.file.name).clone(),
        notes: notes(&spec.file.per),
        headers: table(rows).headers,
        panels: panels.into_iter().filter(|panel| !panel.curves.is_empty()).collect(),
    }
}

fn curves(rows: &[Point], format: Format) -> Vec<PerCurve> {
    let of_format: Vec<Point> = rows.iter().filter(|row| row.air.rate.format() == format).cloned().collect();
    let by_rate = of_format.chunk_by(|a, b| a.air.rate == b.air.rate);
    let curve = |rows: &[Point]| {
        let points = |reception| {
            let of_reception = rows.iter().filter(|row| row.air.reception == reception);
            of_reception.map(|row| PerPoint { snr_db: row.snr_db, per: row.per, ci95: row.per_ci95 }).collect()
        };
        let cells = summarise(rows).iter().flat_map(cells).collect();
        PerCurve { cells, aided: points(Reception::Aided), unaided: points(Reception::Unaided) }
    };
    by_rate.map(curve).collect()
}
