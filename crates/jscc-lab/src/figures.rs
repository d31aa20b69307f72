//! Report of a sweep's rows and pictures: curves, table, gallery, and the conventions needed to read them.

use crate::Error;
use crate::data::Images;
use crate::metrics::Metric;
use crate::report::{self, Curve, CurvePoint, Estimate, Gallery, GalleryRow, Quantity, Report, Table};
use crate::results::{DeployedOn, Row};
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
    let quantities = if any_recovers(&outcome.rows) { Quantity::RECOVER } else { Quantity::EXECUTE };
    Report {
        title: title.to_owned(),
        notes: notes(&outcome.rows),
        table: table(&outcome.rows),
        gallery: gallery(images, outcome, &curves),
        curves: curves.iter().map(|of| curve(of, quantities)).collect(),
        quantities,
    }
}

/// The report of photographs over SNR.
pub fn of_photographs(title: &str, notes: Vec<String>, rows: &[Row]) -> Report {
    let quantities = Quantity::PHOTOS;
    Report {
        title: title.to_owned(),
        notes,
        table: table(rows),
        gallery: None,
        curves: mean_curves(rows).iter().map(|of| curve(of, quantities)).collect(),
        quantities,
    }
}

/// The report of a sequence of photographs over time.
pub fn of_sequence(title: &str, notes: Vec<String>, curves: Vec<Curve>) -> Report {
    let row = |curve: &Curve| {
        let psnrs: Vec<f64> = curve.points.iter().map(|point| point.values[0].value).collect();
        let lost = curve.points.iter().filter(|point| point.lost > 0.0).count();
        let (mean, least) =
            (psnrs.iter().sum::<f64>() / psnrs.len() as f64, psnrs.iter().copied().fold(f64::MAX, f64::min));
        vec![curve.label.clone(), format!("{mean:.2}"), format!("{least:.2}"), format!("{lost} of {}", psnrs.len())]
    };
    let headers = ["shown", "mean PSNR dB", "least", "lost"].map(str::to_owned).to_vec();
    let table = Table { headers, rows: curves.iter().map(row).collect() };
    Report { title: title.to_owned(), notes, table, gallery: None, curves, quantities: Quantity::SEQUENCE }
}

/// Writes `STEM.html` and `STEM.png` into a folder.
pub fn write(report: &Report, folder: &Path, stem: &str) -> Result<[PathBuf; 2], Error> {
    let paths = ["html", "png"].map(|ending| folder.join(format!("{stem}.{ending}")));
    files::write_atomic(&paths[0], report::html(report).as_bytes()).map_err(Error::Write)?;
    files::write_atomic(&paths[1], &report::png(report)).map_err(Error::Write)?;
    Ok(paths)
}

fn any_recovers(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.metric(Quantity::Psnr.metric()).is_some())
}

fn curve(curve: &MeanCurve, quantities: [Quantity; 2]) -> Curve {
    let point = |row: &Row| CurvePoint {
        snr_db: row.snr_db,
        values: quantities.map(|quantity| estimate(row, quantity)),
        lost: row.lost as f64 / row.frames as f64,
    };
    Curve { label: curve.label.clone(), points: curve.rows.iter().map(point).collect() }
}

fn estimate(row: &Row, quantity: Quantity) -> Estimate {
    let [low, high] = row.metric(quantity.metric()).map_or([None; 2], |metric| metric.ci95);
    Estimate {
        value: row.value(quantity.metric()).unwrap_or(f64::NAN),
        low: low.unwrap_or(f64::NAN),
        high: high.unwrap_or(f64::NAN),
    }
}

/// PSNR of the mean MSE, or accuracy, one row per curve and one column per SNR; below it one row of intervals for a
/// curve of several trainings, and one of loss rates for a curve that loses frames.
pub fn table(rows: &[Row]) -> Table {
    let header = match (any_recovers(rows), rows.iter().any(|row| row.metric("accuracy").is_some())) {
        (true, true) => "PSNR in dB, or accuracy in %, at SNR",
        (false, true) => "accuracy in % at SNR",
        _ => "PSNR in dB at SNR",
    };
    let mut table = Table { headers: vec![header.to_owned()], rows: Vec::new() };
    for MeanCurve { label, trainings, rows } in &mean_curves(rows) {
        if table.rows.is_empty() {
            table.headers.extend(rows.iter().map(|row| format!("{} dB", row.snr_db)));
        }
        let mut line = |name: String, cell: fn(&Row) -> String| {
            table.rows.push(std::iter::once(name).chain(rows.iter().map(cell)).collect());
        };
        line(label.clone(), |row| headline(row).map_or("–".to_owned(), |metric| number(metric, metric.value)));
        if *trainings > 1 {
            let half = |row: &Row| headline(row).map_or("–".to_owned(), half);
            line(format!("  ± over {trainings} trainings"), half);
        }
        if rows.iter().any(|row| row.lost > 0) {
            let lost = |row: &Row| format!("{:.0} %", 100.0 * row.lost as f64 / row.frames as f64);
            line("  frames lost".to_owned(), lost);
        }
    }
    table
}

/// The headline metric of a row.
fn headline(row: &Row) -> Option<&Metric> {
    row.metric(Quantity::Psnr.metric()).or_else(|| row.metric(Quantity::Accuracy.metric()))
}

/// A metric's value with an appropriate number of digits; `None` is infinite.
fn number(metric: &Metric, value: Option<f64>) -> String {
    let Some(value) = value else { return "∞".to_owned() };
    match metric.name.as_str() {
        "accuracy" => format!("{:.2}", 100.0 * value),
        name if name.ends_with("_db") => format!("{value:.2}"),
        "mse" => format!("{value:.5}"),
        _ => format!("{value:.4}"),
    }
}

fn half(metric: &Metric) -> String {
    metric.half().map_or("–".to_owned(), |half| number(metric, Some(half)))
}

/// Every metric, one row per curve and SNR, averaged over trainings.
pub fn details(rows: &[Row]) -> Table {
    let curves = mean_curves(rows);
    let mut names: Vec<&str> = Vec::new();
    for metric in rows.iter().flat_map(|row| &row.metrics) {
        if !names.contains(&metric.name.as_str()) {
            names.push(&metric.name);
        }
    }
    let row = |row: &Row, trainings: usize| {
        let several = if trainings > 1 { format!(", {trainings} trainings") } else { String::new() };
        let metrics = names.iter().flat_map(|name| match row.metric(name) {
            Some(metric) => [number(metric, metric.value), interval(metric)],
            None => ["–".to_owned(), "–".to_owned()],
        });
        let first = [format!("{}{several}", row.curve), row.snr_db.to_string()];
        first.into_iter().chain(metrics).chain([format!("{} of {}", row.lost, row.frames)]).collect::<Vec<_>>()
    };
    let titles = names.iter().flat_map(|name| [title(name), "95 %"]);
    Table {
        headers: ["curve", "SNR dB"].into_iter().chain(titles).chain(["lost"]).map(str::to_owned).collect(),
        rows: curves.iter().flat_map(|curve| curve.rows.iter().map(|line| row(line, curve.trainings))).collect(),
    }
}

fn interval(metric: &Metric) -> String {
    match metric.ci95 {
        [Some(low), Some(high)] => format!("{} to {}", number(metric, Some(low)), number(metric, Some(high))),
        [Some(low), None] => format!("{} up", number(metric, Some(low))),
        _ => "–".to_owned(),
    }
}

fn title(name: &str) -> &str {
    match name {
        "mse" => "MSE",
        "psnr_db" => "PSNR dB",
        "mean_psnr_db" => "mean of PSNR dB",
        "ssim" => "SSIM",
        "accuracy" => "accuracy %",
        "cross_entropy" => "cross entropy",
        name => name,
    }
}

/// Channel uses and energy per picture of each curve.
fn costs(curves: &[MeanCurve]) -> Option<String> {
    let of = |curve: &MeanCurve| {
        let energies: Vec<f64> = curve.rows.iter().filter_map(|row| row.energy).collect();
        let [low, high] = [energies.iter().copied().reduce(f64::min)?, energies.iter().copied().reduce(f64::max)?];
        let energy = if high - low < 1.0 { format!("{high:.0}") } else { format!("{low:.0} to {high:.0}") };
        Some(format!("{}: {:.0} and {energy}", curve.label, curve.rows.first()?.uses?))
    };
    let each: Vec<String> = curves.iter().filter_map(of).collect();
    let words = "Channel uses and energy per picture, a use of power 1 having energy 1";
    (!each.is_empty()).then(|| format!("{words}: {}.", each.join("; ")))
}

/// Notes needed to read the figures.
pub fn notes(rows: &[Row]) -> Vec<String> {
    let Some(first) = rows.first() else { return Vec::new() };
    let data = first.data.as_deref().unwrap_or("none");
    let means = if any_recovers(rows) { "PSNR is that of the mean MSE" } else { "A lost picture is named wrongly" };
    let mut notes = vec![
        format!("Pictures: {} of {data}. {means}; bands are 95 % intervals.", first.images),
        "SNR is Es/N0 per complex symbol of mean power 1; on Wi-Fi per data subcarrier of power 1, at the fixed gain of a card.".to_owned(),
        format!("Complex channel uses per picture: {}.", uses(rows)),
        "Aided: timing, SIGNAL, channel and scrambler state known. Unaided: the whole receiver; only rate, length and the sender's scrambler state are agreed on; a lost frame counts as the mean of the training pictures."
            .to_owned(),
    ];
    notes.extend(trainings(&mean_curves(rows)));
    notes.extend(costs(&mean_curves(rows)));
    let mut air_times: Vec<(String, f64)> =
        rows.iter().filter_map(|row| Some((framing(&row.deployed_on)?, row.air_time_ratio?))).collect();
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
    let of_row = |row: &Row| Some(format!("k = {}, k/n = {:.4}", row.k_mean?, row.bandwidth_ratio?));
    let mut uses: Vec<_> = rows.iter().filter_map(of_row).collect();
    let mut seen = BTreeSet::new();
    uses.retain(|of_row| seen.insert(of_row.clone()));
    uses.join("; ")
}

/// The note on curves that average several trainings.
fn trainings(curves: &[MeanCurve]) -> Option<String> {
    let several = curves.iter().filter(|curve| curve.trainings > 1);
    let names: Vec<_> = several.map(|curve| format!("{} ({})", curve.label, curve.trainings)).collect();
    let means = if curves.iter().any(|curve| any_recovers(&curve.rows)) {
        "PSNR of the mean MSE over trainings; ± and bands are 95 % intervals over trainings, Student's t of each one's PSNR; pictures are the first one's"
    } else {
        "Means over trainings; ± and bands are their 95 % intervals, Student's t"
    };
    (!names.is_empty()).then(|| format!("Of several trainings: {}. {means}.", names.join("; ")))
}

fn framing(deployed_on: &DeployedOn) -> Option<String> {
    let DeployedOn::Link(link) = deployed_on else { return None };
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
    if n == 0 {
        return None;
    }
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
