//! The rivals of an experiment file.

use super::compare::{Air, Carrier, Pictures, Point, analog, at_capacity, codecs, envelope, over_wifi};
use super::learned::Learned;
use super::{N_PIXELS, SHAPE};
use crate::Error;
use crate::data;
use crate::per::Reception;
use crate::report::Table;
use crate::results::{DeployedOn, Provenance, Row};
use crate::spec::{Spec, SpecError, Split};
use jscc_nn::tell::Tell;
use jscc_phy::wifi::Mcs;
use std::path::Path;

/// Measures all rivals on the test split; `progress` receives the number of codecs done and the total.
pub fn run(spec: &Spec, data_dir: Option<&Path>, progress: &mut dyn FnMut(usize, usize)) -> Result<Vec<Point>, Error> {
    let wanted = spec.rivals()?;
    let shape = spec.source().shape;
    if shape != SHAPE {
        return Err(Error::NotForRivals { path: spec.path.clone(), shape });
    }
    let train = data::of(spec, Split::Train, data_dir)?.images;
    let test = data::of(spec, Split::Test, data_dir)?.take(wanted.images).images;
    let whole = test.len() / wanted.images_per_frame * wanted.images_per_frame;
    if whole == 0 {
        let why = format!("{} test images do not fill a frame of {}", test.len(), wanted.images_per_frame);
        return Err(SpecError::misfit(&spec.path, why).into());
    }
    let test = test.range(0..whole);
    let air = Air { pictures: wanted.images_per_frame, symbols: wanted.ofdm_symbols, reception: Reception::Aided };
    let lost = train.mean();
    let pictures = Pictures { test, lost: &lost };
    let learned = wanted.learned.iter().map(|file| Learned::load(&spec.resolve(file))).collect::<Result<_, _>>()?;
    let codecs = codecs(&train.pixels, air.pictures, learned);
    let mut rows = Vec::new();
    for (done, codec) in codecs.iter().enumerate() {
        progress(done, codecs.len() + 1);
        for mcs in Mcs::ALL {
            rows.extend(over_wifi(codec.as_ref(), pictures, mcs, &wanted.snr_db, wanted.seed, &air));
        }
        rows.extend(at_capacity(codec.as_ref(), pictures, &wanted.snr_db, &air));
    }
    progress(codecs.len(), codecs.len() + 1);
    rows.extend(analog(&train.pixels, test, &wanted.snr_db, wanted.seed));
    Ok(rows)
}

/// The points as rows of results.
pub fn rows(spec: &Spec, code: &str, points: &[Point]) -> Result<Vec<Row>, Error> {
    let seed = spec.rivals()?.seed;
    let provenance = Provenance::of(spec, code);
    let row = |point: &Point| Row {
        provenance: provenance.clone(),
        curve: point.codec.clone(),
        codec: None,
        deployed_on: DeployedOn::rival(&point.air()),
        tell: Tell::True,
        data: Some(spec.data_name()),
        split: Some(Split::Test),
        images: point.images,
        seed,
        k_mean: None,
        bandwidth_ratio: None,
        air_time_ratio: point.air_time_us.map(|us| air_time_ratio(us, point)),
        uses: None,
        energy: None,
        snr_db: point.snr_db,
        heard_snr_db: None,
        frames: point.frames,
        lost: point.lost,
        metrics: point.metrics(),
    };
    Ok(points.iter().map(row).collect())
}

fn air_time_ratio(us: usize, point: &Point) -> f64 {
    20.0 * us as f64 * point.frames as f64 / (point.images * N_PIXELS) as f64
}

/// PSNR by SNR: each codec at its best rate, at capacity, and the analog radio.
pub fn table(rows: &[Point]) -> Table {
    let of = |carrier: Carrier| rows.iter().filter(move |row| row.rate == carrier).cloned();
    let parts = [
        (envelope(rows), "802.11 at the best rate: "),
        (of(Carrier::Capacity).collect(), "at capacity, unreachable: "),
        (of(Carrier::Analog).collect(), "analog radio: "),
    ];
    let mut table = Table { headers: vec!["PSNR in dB at SNR".to_owned()], rows: Vec::new() };
    for (mut part, words) in parts {
        part.sort_by(|a, b| a.codec.cmp(&b.codec).then(a.snr_db.total_cmp(&b.snr_db)));
        for curve in part.chunk_by(|a, b| a.codec == b.codec) {
            if table.headers.len() == 1 {
                table.headers.extend(curve.iter().map(|row| format!("{} dB", row.snr_db)));
            }
            let psnr = curve.iter().map(|row| format!("{:.2}", row.psnr_db()));
            table.rows.push(std::iter::once(format!("{words}{}", curve[0].codec)).chain(psnr).collect());
        }
    }
    table
}
