//! The rivals of an experiment file.

use super::compare::{Air, Carrier, Row, analog, at_capacity, codecs, envelope, over_wifi};
use crate::Error;
use crate::per::Reception;
use crate::report::Table;
use crate::spec::{Spec, SpecError, Split};
use jscc_phy::wifi::Mcs;
use std::path::Path;

/// Measures all rivals on the test split; tells how many of how many codecs are done.
pub fn run(spec: &Spec, data_dir: Option<&Path>, progress: &mut dyn FnMut(usize, usize)) -> Result<Vec<Row>, Error> {
    let wanted = spec.rivals()?;
    let train = spec.images(Split::Train, data_dir)?.images;
    let test = spec.images(Split::Test, data_dir)?.take(wanted.images).images;
    let whole = test.len() / wanted.images_per_frame * wanted.images_per_frame;
    if whole == 0 {
        let why = format!("{} test images do not fill a frame of {}", test.len(), wanted.images_per_frame);
        return Err(SpecError::misfit(&spec.path, why).into());
    }
    let test = test.range(0..whole);
    let air = Air { pictures: wanted.images_per_frame, symbols: wanted.ofdm_symbols, reception: Reception::Aided };
    let codecs = codecs(&train.pixels, air.pictures);
    let mut rows = Vec::new();
    for (done, codec) in codecs.iter().enumerate() {
        progress(done, codecs.len() + 1);
        for mcs in Mcs::ALL {
            rows.extend(over_wifi(codec.as_ref(), test, mcs, &wanted.snr_db, wanted.seed, &air));
        }
        rows.extend(at_capacity(codec.as_ref(), test, &wanted.snr_db, air.pictures));
    }
    progress(codecs.len(), codecs.len() + 1);
    rows.extend(analog(&train.pixels, test, &wanted.snr_db, wanted.seed));
    Ok(rows)
}

/// PSNR by SNR: each codec at its best rate, what no code reaches, and the analog radio.
pub fn table(rows: &[Row]) -> Table {
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
            let psnr = curve.iter().map(|row| format!("{:.2}", row.psnr_db));
            table.rows.push(std::iter::once(format!("{words}{}", curve[0].codec)).chain(psnr).collect());
        }
    }
    table
}
