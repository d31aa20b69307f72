//! The photograph of `jscc demo`: drawn by a program, sent once, received at many SNRs, beside AVIF over the same frames.

use super::files::of_octets;
use super::measure::all_arrive;
use super::way::{SCRAMBLER, Way};
use super::{in_colour, photograph};
use crate::data::picture;
use crate::metrics::image::ms_ssim;
use crate::metrics::{mse, psnr_db};
use crate::report::{Curve, CurvePoint, Estimate, Gallery, GalleryRow, Quantity, Report, Table};
use crate::spec::Decoder;
use jscc_photo::Picture;
use jscc_photo::model::SHIPPED;
use jscc_photo::send::{Order, send, usual_symbols};
use jscc_phy::air::Reception;
use jscc_phy::channel::Channel;
use jscc_phy::units::Snr;
use jscc_phy::wifi::mcs::Format;

/// SNRs that it is received at, in dB.
const SNR_DB: [f64; 7] = [0.0, 3.0, 6.0, 8.0, 10.0, 15.0, 25.0];
/// SNR that it is sent for, and how far it may fall.
const FOR_DB: f64 = 10.0;
const MARGIN_DB: f64 = 9.0;
/// Rate of the AVIF file, the best at that SNR, and longest PSDU.
const AVIF_MBPS: u32 = 24;
const MTU: usize = 1500;

/// The pictures that `bench/photo_figure.py --demo` draws: the photograph, and what its AVIF file decodes to.
const ORIGINAL: &[u8] = include_bytes!("../../assets/photo.png");
const AVIF: &[u8] = include_bytes!("../../assets/photo-avif.png");

/// The photograph as received over 802.11a, from 0 to 25 dB: ours, and AVIF that is there or not.
pub fn report(seed: u64) -> Report {
    let original = decoded(ORIGINAL);
    let (ours, avif) = (ours(&original, seed), avif(&original, seed));
    let rows = [("ours, sent once", &ours), ("AVIF at 24 Mb/s", &avif)];
    let quality = |shown: &Picture| {
        let shape = [3, original.height, original.width];
        [psnr_db(mse(&original.pixels, &shown.pixels)), ms_ssim(shape, &original.pixels, &shown.pixels)]
    };
    let curve = |(label, shown): &(&str, &Vec<Picture>)| {
        let known = |value| Estimate { value, low: f64::NAN, high: f64::NAN };
        let point =
            |(&snr_db, shown): (&f64, &Picture)| CurvePoint { snr_db, values: quality(shown).map(known), lost: 0.0 };
        Curve { label: (*label).to_owned(), points: SNR_DB.iter().zip(*shown).map(point).collect() }
    };
    let row = |(label, shown): &(&str, &Vec<Picture>)| {
        let psnrs = shown.iter().map(|shown| format!("{:.1}", quality(shown)[0]));
        std::iter::once((*label).to_owned()).chain(psnrs).collect()
    };
    let headers = SNR_DB.iter().map(|db| format!("{db} dB"));
    Report {
        title: "A photograph over standard Wi-Fi that fades instead of freezing".to_owned(),
        notes: vec![
            format!(
                "One photograph of {}x{}, drawn by a program; {} OFDM symbols of 802.11a at a card's fixed gain for either, preambles and headers included. Receivers are told nothing.",
                original.width,
                original.height,
                symbols(&original)
            ),
            format!(
                "Ours is sent for {FOR_DB} dB with a margin of {MARGIN_DB} dB. AVIF (libaom, tuned for PSNR) has the rate that is best there; all its frames must arrive. Grey: nothing to show."
            ),
            "SNR is Es/N0 per data subcarrier of power 1.".to_owned(),
        ],
        table: Table {
            headers: std::iter::once("PSNR in dB at SNR".to_owned()).chain(headers).collect(),
            rows: rows.iter().map(row).collect(),
        },
        quantities: Quantity::PHOTOS,
        curves: rows.iter().map(curve).collect(),
        gallery: Some(gallery(&original, &rows)),
    }
}

fn gallery(original: &Picture, rows: &[(&str, &Vec<Picture>)]) -> Gallery {
    let row = |(label, shown): &(&str, &Vec<Picture>)| GalleryRow {
        label: (*label).to_owned(),
        received: shown.iter().map(|picture| vec![picture.pixels.clone()]).collect(),
    };
    Gallery {
        shape: [3, original.height, original.width],
        originals: vec![original.pixels.clone()],
        snr_db: SNR_DB.to_vec(),
        rows: rows.iter().map(row).collect(),
    }
}

fn decoded(png: &[u8]) -> Picture {
    in_colour(photograph(&picture::decode(png).expect("a shipped picture")))
}

fn symbols(original: &Picture) -> usize {
    usual_symbols(original.width, original.height)
}

fn grey(like: &Picture) -> Picture {
    Picture { pixels: vec![0.5; like.pixels.len()], ..like.clone() }
}

/// Ways at all SNRs; both senders have the same ones.
fn ways(seed: u64) -> impl Iterator<Item = Way> {
    SNR_DB.iter().map(move |&db| Way::new(Channel::Awgn, Reception::Unaided, Snr::per_symbol(db), seed, 0))
}

fn ours(original: &Picture, seed: u64) -> Vec<Picture> {
    let order = Order {
        id: 1,
        snr_db: FOR_DB,
        margin_db: MARGIN_DB,
        symbols: symbols(original),
        mtu: MTU,
        format: Format::NonHt,
        scrambler: SCRAMBLER,
        interval_ms: 0,
    };
    let sent = send(original, &order, &SHIPPED).expect("a photograph with room for its base");
    let seen =
        |way: Way| way.carry(&sent, 0.0).photograph(order.id).map(|photograph| Decoder::Network.picture(photograph));
    ways(seed).map(|way| seen(way).unwrap_or_else(|| grey(original))).collect()
}

fn avif(original: &Picture, seed: u64) -> Vec<Picture> {
    let (lengths, shown) = (of_octets(AVIF_MBPS, symbols(original), MTU), decoded(AVIF));
    let arrives = |way: Way| all_arrive(&lengths, AVIF_MBPS, &way);
    ways(seed).map(|way| if arrives(way) { shown.clone() } else { grey(original) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_fades_where_avif_is_lost() {
        let report = report(1);
        let psnrs =
            |curve: usize| report.curves[curve].points.iter().map(|point| point.values[0].value).collect::<Vec<_>>();
        let (ours, avif) = (psnrs(0), psnrs(1));
        assert!(ours.windows(2).skip(1).all(|pair| pair[1] > pair[0] - 0.3), "{ours:?}");
        assert!(ours[2] > avif[2] + 8.0 && avif[2] < 16.0 && avif[6] > 28.0, "{ours:?}, {avif:?}");
    }
}
