//! Photographs: a base, and detail that fades.

use super::Send;
use crate::failure::Failure;
use crate::output::{Format, print_table, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::data::folder;
use jscc_lab::photos::send::{MOST, Order, Sent, Sequence, send};
use jscc_lab::photos::{self, usual_symbols};
use jscc_lab::report::Table;
use jscc_radio::encode::{Sending, Target};
use serde_json::json;
use std::path::PathBuf;

/// SNR in dB of the receiver, unless said otherwise.
const SNR_DB: f64 = 15.0;
/// How far it may fall, unless said otherwise.
const MARGIN_DB: f64 = 3.0;
/// Longest PSDU that every card sends.
const MTU: usize = 1500;

#[derive(Args)]
#[command(next_help_heading = "With --codec photo")]
pub struct PhotoArgs {
    /// How far the SNR may fall below --ladder, in dB, before the base is lost [default: 3]
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    margin: Option<f64>,
    /// Time on the air per photograph in µs, without the gaps between frames [default: one OFDM symbol per 192 pixels, at least 128]
    #[arg(long, value_name = "US")]
    air_us: Option<u64>,
    /// Longest frame in octets, MAC header and FCS included: 256 to 4095 [default: 1500]
    #[arg(long, value_name = "OCTETS")]
    mtu: Option<usize>,
    /// Frames of 802.11n instead of 802.11a/g
    #[arg(long)]
    ht: bool,
    /// Send a sequence at this many pictures per second: a folder's pictures by name. Each takes at most its share of the time,
    /// and where one is lost a receiver shows the one before
    #[arg(long, value_name = "N", value_parser = fps)]
    fps: Option<f64>,
    /// Number of the first photograph on the air; receivers tell photographs apart by it [default: 1]
    #[arg(long, value_name = "N")]
    first: Option<u16>,
}

fn fps(number: &str) -> Result<f64, String> {
    let [least, most] = Sequence::FPS;
    let fps = number.parse().ok().filter(|fps| (least..=most).contains(fps));
    fps.ok_or_else(|| format!("give {least} to {most} pictures per second"))
}

impl PhotoArgs {
    /// The name of an option that was given.
    pub fn given(&self) -> Option<&'static str> {
        let options = [
            (self.margin.is_some(), "--margin"),
            (self.air_us.is_some(), "--air-us"),
            (self.mtu.is_some(), "--mtu"),
            (self.ht, "--ht"),
            (self.fps.is_some(), "--fps"),
            (self.first.is_some(), "--first"),
        ];
        options.into_iter().find(|(is_given, _)| *is_given).map(|(_, name)| name)
    }
}

impl Send {
    pub fn photos(&self, target: &Target) -> Result<(), Failure> {
        // Before anything that takes time.
        self.air.air(target)?;
        self.tuned.frequency(target)?;
        let images = photographs(&self.images)?;
        if images.len() > MOST {
            return Err(Failure::input(format!("{} photographs; at most {MOST} at once", images.len())));
        }
        let order = self.order()?;
        let mut progress = Progress::new("sending", images.len() as u64);
        let mut sent = Vec::new();
        for (n, path) in images.iter().enumerate() {
            progress.set(n as u64, &path.display().to_string());
            sent.push(send(path, &photos::read(path)?, n, &order)?);
        }
        progress.finish();
        let frames: Vec<Sending> = sent.iter().flat_map(|sent| sent.frames.iter().cloned()).collect();
        self.write(&frames, target)?;
        match Format::of_flag(self.json) {
            Format::Json => self.photo_rows(&images, &sent, &order),
            Format::Table => self.tell_photos(&images, &sent, &order, target),
        }
        Ok(())
    }

    fn order(&self) -> Result<Order, Failure> {
        let options = &self.photo;
        let margin_db = options.margin.unwrap_or(MARGIN_DB);
        if !margin_db.is_finite() {
            return Err(Failure::input(format!("--margin {margin_db}: give a number of dB")));
        }
        Ok(Order {
            snr_db: self.ladder.or(self.air.snr_db()).unwrap_or(SNR_DB),
            margin_db,
            air_us: options.air_us,
            mtu: options.mtu.unwrap_or(MTU),
            is_ht: options.ht,
            first: options.first.unwrap_or(1),
            scrambler: self.scrambler,
            sequence: options.fps.map(|fps| Sequence { fps, gap: self.gap }),
        })
    }

    fn photo_rows(&self, images: &[PathBuf], sent: &[Sent], order: &Order) {
        for (n, (sent, image)) in sent.iter().zip(images).enumerate() {
            let [width, height, channels] = sent.shape;
            let [closed, base] = sent.sent.expected_psnr_db;
            let row = json!({
                "picture": n + 1,
                "codec": "photo",
                "image": image.display().to_string(),
                "file": self.out.display().to_string(),
                "number": order.first.wrapping_add(n as u16),
                "width": width,
                "height": height,
                "channels": channels,
                "snr_db": order.snr_db,
                "margin_db": order.margin_db,
                "base_rate_mbps": sent.frames[0].ppdu().kbps() as f64 / 1000.0,
                "base_frames": sent.sent.base.0,
                "base_frames_needed": sent.sent.base.1,
                "detail_frames": sent.n_detail(),
                "air_us": sent.air_us(),
                // serde_json makes infinity null.
                "expected_psnr_db": sent.expected_psnr_db(),
                "expected_plain_psnr_db": closed,
                "base_psnr_db": base,
            });
            say(&row.to_string());
        }
    }

    fn tell_photos(&self, images: &[PathBuf], sent: &[Sent], order: &Order, target: &Target) {
        let row = |(sent, image): (&Sent, &PathBuf)| {
            let [width, height, channels] = sent.shape;
            let [_, base] = sent.sent.expected_psnr_db;
            vec![
                image.display().to_string(),
                format!("{width}x{height}{}", if channels == 1 { " grey" } else { "" }),
                format!("{} at {}", sent.sent.base.0, sent.frames[0].ppdu().kbps() as f64 / 1000.0),
                sent.sent.base.1.to_string(),
                sent.n_detail().to_string(),
                sent.air_us().to_string(),
                format!("{base:.1}"),
                format!("{:.1}", sent.expected_psnr_db()),
            ]
        };
        let headers = [
            "picture",
            "pixels",
            "base frames, Mb/s",
            "needed",
            "detail frames",
            "air µs",
            "base PSNR dB",
            "expected dB",
        ];
        let rows = sent.iter().zip(images).map(row).collect();
        print_table(&Table { headers: headers.map(str::to_owned).to_vec(), rows });
        say("");
        say(&format!(
            "  photo codec, for a receiver at {} dB; the base arrives down to about {:.1} dB, and detail fades",
            order.snr_db,
            order.snr_db - order.margin_db
        ));
        if let Some(sent) = sent.iter().find(|sent| sent.n_detail() == 0) {
            let [width, height, _] = sent.shape;
            let us = 4 * usual_symbols(width, height);
            say(&format!("  no room for detail in {width}x{height} pixels: --air-us beyond {us} makes some"));
        }
        say(&format!("  {}: {target}; scrambler {}", self.out.display(), self.scrambler));
    }
}

/// The files named, and those in the folders named.
fn photographs(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let lists =
        named.iter().map(|path| folder::list(path)).collect::<Result<Vec<_>, _>>().map_err(jscc_lab::Error::from)?;
    Ok(lists.concat())
}
