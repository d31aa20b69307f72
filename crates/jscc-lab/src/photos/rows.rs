//! Photographs' points as rows, as a table, and in words.

use super::measure::{Outcome, Point};
use crate::Error;
use crate::metrics::interval::mean_ci95;
use crate::metrics::{Metric, psnr_db};
use crate::report::{Curve, CurvePoint, Estimate, Table};
use crate::results::{DeployedOn, Provenance, Row, Trained};
use crate::spec::{Decoder, PhotosSpec, SendSpec, Spec};
use jscc_nn::tell::Tell;

/// In rows, our codec.
pub(crate) const PHOTO: &str = "photo";
/// In rows, a rival's file.
pub(crate) const FILE: &str = "file";

/// Rows of points.
///
/// # Errors
/// [`Error::Spec`].
pub fn rows(spec: &Spec, code: &str, points: &[Point]) -> Result<Vec<Row>, Error> {
    let photos = spec.photos()?;
    Ok(points.iter().map(|point| row(spec, photos, code, point)).collect())
}

fn row(spec: &Spec, photos: &PhotosSpec, code: &str, point: &Point) -> Row {
    let curve = &photos.curve[point.curve];
    let of = |value: fn(&Outcome) -> f64| point.outcomes.iter().map(value).collect::<Vec<f64>>();
    let (psnrs, mses, similarities) = (of(|o| psnr_db(o.mse)), of(|o| o.mse), of(|o| o.ms_ssim));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_psnr, half) = mean_ci95(&psnrs, photos.draws);
    let lost = point.outcomes.iter().filter(|outcome| outcome.is_lost).count();
    let (method, weights) = match &curve.send {
        SendSpec::Photo(photo) => (PHOTO, tables_of(photo.decoder).to_owned()),
        SendSpec::File(file) => (FILE, file.codecs.join(", ")),
    };
    let codec = Trained { method, weights, weights_sha256: String::new(), k: 0, trained_on: Vec::new(), passes: None };
    let samples_per_value = 80.0 / (3 * photos.pixels_per_symbol) as f64;
    Row {
        provenance: Provenance::of(spec, code),
        curve: curve.label.clone(),
        codec: Some(codec),
        deployed_on: DeployedOn::packets(curve),
        tell: Tell::default(),
        data: Some(spec.data_name()),
        split: None,
        images: point.outcomes.len() / photos.draws,
        seed: point.seed,
        k_mean: None,
        bandwidth_ratio: Some(48.0 / (3 * photos.pixels_per_symbol) as f64),
        air_time_ratio: Some(samples_per_value),
        uses: None,
        energy: None,
        snr_db: point.snr_db,
        heard_snr_db: None,
        frames: point.outcomes.len(),
        lost,
        metrics: vec![
            Metric::within("psnr_db", mean_psnr, half),
            Metric::exact("psnr_of_mean_mse_db", psnr_db(mean(&mses))),
            Metric::exact("ms_ssim", mean(&similarities)),
            Metric::exact("worst_psnr_db", psnrs.iter().copied().fold(f64::INFINITY, f64::min)),
            Metric::exact("frames_per_photo", mean(&of(|o| o.frames as f64))),
        ],
    }
}

/// Files of the codec.
fn tables_of(decoder: Decoder) -> &'static str {
    match decoder {
        Decoder::Closed => "models/photo-linear.safetensors",
        Decoder::Network => "models/photo-linear.safetensors, models/photo-network.safetensors",
    }
}

/// Mean PSNR, one row per curve and one column per SNR, over all seeds; below it the photographs lost, where there are any.
pub fn table(points: &[Point]) -> Table {
    let mut snr_db: Vec<f64> = points.iter().map(|point| point.snr_db).collect();
    snr_db.sort_by(f64::total_cmp);
    snr_db.dedup();
    let mut table = Table { headers: vec!["PSNR in dB at SNR".to_owned()], rows: Vec::new() };
    table.headers.extend(snr_db.iter().map(|db| format!("{db} dB")));
    for curve in points.chunk_by(|a, b| a.curve == b.curve) {
        let at = |db: f64| {
            curve.iter().filter(move |point| (point.snr_db - db).abs() < 1e-9).flat_map(|point| &point.outcomes)
        };
        let mean = |db: f64, of: fn(&Outcome) -> f64| at(db).map(of).sum::<f64>() / at(db).count() as f64;
        let psnrs = snr_db.iter().map(|&db| format!("{:.2}", mean(db, |outcome| psnr_db(outcome.mse))));
        table.rows.push(std::iter::once(curve[0].label.clone()).chain(psnrs).collect());
        if curve.iter().flat_map(|point| &point.outcomes).any(|outcome| outcome.is_lost) {
            let lost = |db: f64| format!("{:.0} %", 100.0 * mean(db, |outcome| f64::from(u8::from(outcome.is_lost))));
            table.rows.push(std::iter::once("  lost".to_owned()).chain(snr_db.iter().map(|&db| lost(db))).collect());
        }
    }
    table
}

/// PSNR and SNR over the time of a sequence, of the first seed's first transmission at the first SNR: one curve per curve.
///
/// # Errors
/// [`Error::Spec`].
pub fn in_time(spec: &Spec, points: &[Point]) -> Result<Vec<Curve>, Error> {
    let photos = spec.photos()?;
    let Some(sequence) = photos.sequence else { return Ok(Vec::new()) };
    let is_shown = |point: &&Point| point.seed == photos.seeds[0] && (point.snr_db - photos.snr_db[0]).abs() < 1e-9;
    let known = |value: f64| Estimate { value, low: f64::NAN, high: f64::NAN };
    let curve = |point: &Point| {
        let of_picture = |(n, outcome): (usize, &Outcome)| CurvePoint {
            // In this figure, seconds.
            snr_db: n as f64 / sequence.fps,
            values: [known(psnr_db(outcome.mse)), known(outcome.snr_db)],
            lost: f64::from(u8::from(outcome.is_lost)),
        };
        let points = point.outcomes.iter().step_by(photos.draws).enumerate().map(of_picture).collect();
        Curve { label: point.label.clone(), points }
    };
    Ok(points.iter().filter(is_shown).map(curve).collect())
}

/// The conventions of the figure.
///
/// # Errors
/// [`Error::Spec`].
pub fn notes(spec: &Spec) -> Result<Vec<String>, Error> {
    let photos = spec.photos()?;
    Ok(vec![
        format!(
            "{}: one OFDM symbol of 4 µs on the air per {} pixels, preambles, MAC headers and check sequences counted on all sides; gaps between frames are not.",
            spec.data_name(),
            photos.pixels_per_symbol
        ),
        "PSNR is the mean over photographs, of all colours together. A lost photograph counts as the mean colour of photographs, or where the curve says so as the last one before it that arrived.".to_owned(),
        "SNR is Es/N0 per data subcarrier of power 1, at the fixed gain of a card. Receivers return bits. Bands are 95 % intervals over seeds of the air.".to_owned(),
        "Files are the largest that fit; all their frames must arrive. Of several rates the curve has the best mean at each SNR, in hindsight.".to_owned(),
    ])
}
