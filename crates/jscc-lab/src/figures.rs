//! Rows and pictures of a sweep as a report: curves, table, gallery, and the conventions a reader must know.

use crate::data::Images;
use crate::report::{self, Curve, CurvePoint, Gallery, GalleryRow, Report, Table};
use crate::results::Row;
use crate::spec::{FramingSpec, LinkSpec};
use crate::sweep::Outcome;
use crate::{Error, files};
use jscc_nn::link::Number;
use std::path::{Path, PathBuf};

/// The report of a sweep.
pub fn report(title: &str, images: &Images, outcome: &Outcome) -> Report {
    let curves = outcome.rows.chunk_by(|a, b| a.curve == b.curve).map(curve).collect();
    Report {
        title: title.to_owned(),
        notes: notes(&outcome.rows),
        table: table(&outcome.rows),
        curves,
        gallery: gallery(images, outcome),
    }
}

/// Writes `STEM.html` and `STEM.png` into a folder.
pub fn write(report: &Report, folder: &Path, stem: &str) -> Result<[PathBuf; 2], Error> {
    let paths = ["html", "png"].map(|ending| folder.join(format!("{stem}.{ending}")));
    files::write_atomic(&paths[0], report::html(report).as_bytes()).map_err(Error::Write)?;
    files::write_atomic(&paths[1], &report::png(report)).map_err(Error::Write)?;
    Ok(paths)
}

fn curve(rows: &[Row]) -> Curve {
    let point = |row: &Row| CurvePoint {
        snr_db: row.snr_db,
        mse: row.mse,
        mse_ci95: row.mse_ci95.unwrap_or(f64::NAN),
        psnr_db: row.psnr_db.unwrap_or(f64::INFINITY),
        psnr_lo: row.psnr_db_ci95[0].unwrap_or(f64::NAN),
        psnr_hi: row.psnr_db_ci95[1].unwrap_or(f64::NAN),
        lost: row.lost as f64 / row.frames as f64,
    };
    Curve { label: rows[0].curve.clone(), points: rows.iter().map(point).collect() }
}

/// PSNR of the mean MSE, a row a curve and a column an SNR; a row of loss rates below each curve that loses frames.
pub fn table(rows: &[Row]) -> Table {
    let mut table = Table { headers: vec!["PSNR in dB at SNR".to_owned()], rows: Vec::new() };
    for curve in rows.chunk_by(|a, b| a.curve == b.curve) {
        if table.rows.is_empty() {
            table.headers.extend(curve.iter().map(|row| format!("{} dB", row.snr_db)));
        }
        let psnr = |row: &Row| row.psnr_db.map_or("∞".to_owned(), |db| format!("{db:.2}"));
        table.rows.push(std::iter::once(curve[0].curve.clone()).chain(curve.iter().map(psnr)).collect());
        if curve.iter().any(|row| row.lost > 0) {
            let lost = |row: &Row| format!("{:.0} %", 100.0 * row.lost as f64 / row.frames as f64);
            table.rows.push(std::iter::once("  frames lost".to_owned()).chain(curve.iter().map(lost)).collect());
        }
    }
    table
}

/// All that was measured, a row a curve and SNR.
pub fn details(rows: &[Row]) -> Table {
    let headers = ["curve", "SNR dB", "MSE", "PSNR dB", "95 % from", "to", "mean of PSNR dB", "±", "SSIM", "±", "lost"];
    let db = |db: Option<f64>| db.map_or("–".to_owned(), |db| format!("{db:.2}"));
    let row = |row: &Row| {
        let [low, high] = row.psnr_db_ci95;
        vec![
            row.curve.clone(),
            row.snr_db.to_string(),
            format!("{:.5}", row.mse),
            db(row.psnr_db),
            db(low),
            db(high),
            db(row.mean_psnr_db),
            db(row.mean_psnr_db_ci95),
            format!("{:.4}", row.ssim),
            row.ssim_ci95.map_or("–".to_owned(), |half| format!("{half:.4}")),
            format!("{} of {}", row.lost, row.frames),
        ]
    };
    Table { headers: headers.map(str::to_owned).to_vec(), rows: rows.iter().map(row).collect() }
}

/// What must be known to read the figures.
pub fn notes(rows: &[Row]) -> Vec<String> {
    let Some(first) = rows.first() else { return Vec::new() };
    let n = jscc_nn::N_PIXELS;
    let mut notes = vec![
        format!("Pictures: {} of {}, 28×28 grey. PSNR is that of the mean MSE; bands are 95 % intervals.", first.images, first.data),
        "SNR is Es/N0 per complex symbol of mean power 1; on Wi-Fi per data subcarrier of the frame as sent.".to_owned(),
        format!("k = {} complex channel uses a picture, k/n = {:.4} of its {n} pixels.", first.k, first.bandwidth_ratio),
        "Aided: timing, SIGNAL, channel and scrambler state known. Unaided: the whole receiver; only rate, length and the sender's scrambler state are agreed on; a lost frame counts as mid-grey."
            .to_owned(),
    ];
    let mut air_times: Vec<(String, f64)> =
        rows.iter().filter_map(|row| Some((framing(&row.link)?, row.air_time_ratio?))).collect();
    air_times.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    air_times.dedup();
    for (framing, ratio) in air_times {
        notes.push(format!(
            "Air-time of full frames {framing}: {ratio:.3} samples a pixel, preamble, pilots and cyclic prefix counted."
        ));
    }
    notes
}

fn framing(link: &LinkSpec) -> Option<String> {
    match link {
        LinkSpec::Ideal => None,
        LinkSpec::Bits(bits) => Some(match bits.number {
            Number::Float => format!("at rate {} with symbols as numbers of 32 bits", bits.rate),
            Number::Fixed(n_bits) => format!("at rate {} with symbols as numbers of {n_bits} bits", bits.rate),
        }),
        LinkSpec::Ladder(_) => Some("at a rate chosen by the SNR".to_owned()),
        LinkSpec::Waveform(_) => Some("with waveforms in them".to_owned()),
        LinkSpec::Wifi(wifi) => {
            let framing = match (wifi.framing, wifi.spare) {
                (FramingSpec::Bare, 0) => "without a MAC header",
                (FramingSpec::Bare, _) => "with room and without a MAC header",
                (FramingSpec::Mac, 0) => "with a MAC header",
                (FramingSpec::Mac, _) => "with room and a MAC header",
            };
            Some(framing.to_owned())
        }
    }
}

fn gallery(images: &Images, outcome: &Outcome) -> Option<Gallery> {
    let n = outcome.received.first()?.len();
    let mut received = outcome.received.iter().cloned();
    let rows: Vec<_> = outcome
        .rows
        .chunk_by(|a, b| a.curve == b.curve)
        .map(|curve| GalleryRow {
            label: curve[0].curve.clone(),
            received: received.by_ref().take(curve.len()).collect(),
        })
        .collect();
    let first = outcome.rows.chunk_by(|a, b| a.curve == b.curve).next()?;
    Some(Gallery {
        shape: images.shape,
        originals: (0..n).map(|i| images.image(i).to_vec()).collect(),
        snr_db: first.iter().map(|row| row.snr_db).collect(),
        rows,
    })
}
