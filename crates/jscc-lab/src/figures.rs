//! Rows and pictures of a sweep as a report: curves, table, gallery, and the conventions a reader must know.

use crate::Error;
use crate::data::Images;
use crate::report::{self, Curve, CurvePoint, Gallery, GalleryRow, Report, Table};
use crate::results::Row;
use crate::spec::{FramingSpec, LinkSpec};
use crate::sweep::Outcome;
use crate::trainings::{MeanCurve, mean_curves};
use jscc_phy::link::Number;
use jscc_radio::files;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The report of a sweep.
pub fn report(title: &str, images: &Images, outcome: &Outcome) -> Report {
    let curves = mean_curves(&outcome.rows);
    Report {
        title: title.to_owned(),
        notes: notes(&outcome.rows),
        table: table(&outcome.rows),
        gallery: gallery(images, outcome, &curves),
        curves: curves.iter().map(curve).collect(),
    }
}

/// Writes `STEM.html` and `STEM.png` into a folder.
pub fn write(report: &Report, folder: &Path, stem: &str) -> Result<[PathBuf; 2], Error> {
    let paths = ["html", "png"].map(|ending| folder.join(format!("{stem}.{ending}")));
    files::write_atomic(&paths[0], report::html(report).as_bytes()).map_err(Error::Write)?;
    files::write_atomic(&paths[1], &report::png(report)).map_err(Error::Write)?;
    Ok(paths)
}

fn curve(curve: &MeanCurve) -> Curve {
    let point = |row: &Row| CurvePoint {
        snr_db: row.snr_db,
        mse: row.mse,
        mse_ci95: row.mse_ci95.unwrap_or(f64::NAN),
        psnr_db: row.psnr_db.unwrap_or(f64::INFINITY),
        psnr_lo: row.psnr_db_ci95[0].unwrap_or(f64::NAN),
        psnr_hi: row.psnr_db_ci95[1].unwrap_or(f64::NAN),
        lost: row.lost as f64 / row.frames as f64,
    };
    Curve { label: curve.label.clone(), points: curve.rows.iter().map(point).collect() }
}

/// PSNR of the mean MSE, a row a curve and a column an SNR; below it one of intervals for a curve of several trainings,
/// and one of loss rates for a curve that loses frames.
pub fn table(rows: &[Row]) -> Table {
    let mut table = Table { headers: vec!["PSNR in dB at SNR".to_owned()], rows: Vec::new() };
    for MeanCurve { label, trainings, rows } in &mean_curves(rows) {
        if table.rows.is_empty() {
            table.headers.extend(rows.iter().map(|row| format!("{} dB", row.snr_db)));
        }
        let mut line = |name: String, cell: fn(&Row) -> String| {
            table.rows.push(std::iter::once(name).chain(rows.iter().map(cell)).collect());
        };
        line(label.clone(), |row| row.psnr_db.map_or("∞".to_owned(), |db| format!("{db:.2}")));
        if *trainings > 1 {
            line(format!("  ± over {trainings} trainings"), |row| decibels(half(row.psnr_db_ci95)));
        }
        if rows.iter().any(|row| row.lost > 0) {
            let lost = |row: &Row| format!("{:.0} %", 100.0 * row.lost as f64 / row.frames as f64);
            line("  frames lost".to_owned(), lost);
        }
    }
    table
}

fn decibels(db: Option<f64>) -> String {
    db.map_or("–".to_owned(), |db| format!("{db:.2}"))
}

fn half([low, high]: [Option<f64>; 2]) -> Option<f64> {
    Some((high? - low?) / 2.0)
}

/// All that was measured, a row a curve and SNR; of several trainings their mean.
pub fn details(rows: &[Row]) -> Table {
    let headers = ["curve", "SNR dB", "MSE", "PSNR dB", "95 % from", "to", "mean of PSNR dB", "±", "SSIM", "±", "lost"];
    let row = |row: &Row, trainings: usize| {
        let [low, high] = row.psnr_db_ci95;
        vec![
            if trainings > 1 { format!("{}, {trainings} trainings", row.curve) } else { row.curve.clone() },
            row.snr_db.to_string(),
            format!("{:.5}", row.mse),
            decibels(row.psnr_db),
            decibels(low),
            decibels(high),
            decibels(row.mean_psnr_db),
            decibels(row.mean_psnr_db_ci95),
            format!("{:.4}", row.ssim),
            row.ssim_ci95.map_or("–".to_owned(), |half| format!("{half:.4}")),
            format!("{} of {}", row.lost, row.frames),
        ]
    };
    let curves = mean_curves(rows);
    let rows = curves.iter().flat_map(|curve| curve.rows.iter().map(|line| row(line, curve.trainings)));
    Table { headers: headers.map(str::to_owned).to_vec(), rows: rows.collect() }
}

/// What must be known to read the figures.
pub fn notes(rows: &[Row]) -> Vec<String> {
    let Some(first) = rows.first() else { return Vec::new() };
    let n = jscc_nn::N_PIXELS;
    let mut notes = vec![
        format!("Pictures: {} of {}, 28×28 grey. PSNR is that of the mean MSE; bands are 95 % intervals.", first.images, first.data),
        "SNR is Es/N0 per complex symbol of mean power 1; on Wi-Fi per data subcarrier of the frame as sent.".to_owned(),
        format!("Complex channel uses a picture of {n} pixels: {}.", uses(rows)),
        "Aided: timing, SIGNAL, channel and scrambler state known. Unaided: the whole receiver; only rate, length and the sender's scrambler state are agreed on; a lost frame counts as mid-grey."
            .to_owned(),
    ];
    notes.extend(trainings(&mean_curves(rows)));
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

/// k and k/n of all curves.
fn uses(rows: &[Row]) -> String {
    let mut uses: Vec<_> = rows.iter().map(|row| format!("k = {}, k/n = {:.4}", row.k, row.bandwidth_ratio)).collect();
    let mut seen = BTreeSet::new();
    uses.retain(|of_row| seen.insert(of_row.clone()));
    uses.join("; ")
}

/// How curves of several trainings come about.
fn trainings(curves: &[MeanCurve]) -> Option<String> {
    let several = curves.iter().filter(|curve| curve.trainings > 1);
    let names: Vec<_> = several.map(|curve| format!("{} ({})", curve.label, curve.trainings)).collect();
    let means = "PSNR of the mean MSE over trainings; ± and bands are 95 % intervals over trainings, Student's t of each one's PSNR; pictures are the first one's";
    (!names.is_empty()).then(|| format!("Of several trainings: {}. {means}.", names.join("; ")))
}

fn framing(link: &LinkSpec) -> Option<String> {
    let words = [within(link), link.air()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    (!words.is_empty()).then_some(words)
}

fn within(link: &LinkSpec) -> Option<String> {
    match link {
        LinkSpec::Ideal => None,
        LinkSpec::Fading(fading) => Some(format!("no frames, CSI: {}", format!("{:?}", fading.csi).to_lowercase())),
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

/// Pictures of each curve's first training.
fn gallery(images: &Images, outcome: &Outcome, curves: &[MeanCurve]) -> Option<Gallery> {
    let n = outcome.received.first()?.len();
    let mut received = outcome.received.as_slice();
    let mut of = |curve: &MeanCurve| {
        let (first, rest) = received.split_at(curve.rows.len());
        received = &rest[(curve.trainings - 1) * curve.rows.len()..];
        GalleryRow { label: curve.label.clone(), received: first.to_vec() }
    };
    Some(Gallery {
        shape: images.shape,
        originals: (0..n).map(|i| images.image(i).to_vec()).collect(),
        snr_db: curves.first()?.rows.iter().map(|row| row.snr_db).collect(),
        rows: curves.iter().map(&mut of).collect(),
    })
}
