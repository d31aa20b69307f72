//! Digits, or other small pictures, through a network.

use super::Send;
use crate::commands::rate::{FramingArgs, RateArgs};
use crate::failure::Failure;
use crate::output::{Format, print_table, say};
use clap::Args;
use jscc_lab::pictures::packing::{Form, for_snr};
use jscc_lab::pictures::send::{Order, Sent, SentPicture, send};
use jscc_lab::pictures::{self, PictureCodec};
use jscc_lab::report::Table;
use jscc_radio::encode::Target;
use jscc_radio::{FrameNote, Guard, Rate};
use serde_json::json;
use std::path::PathBuf;

/// Pictures per frame unless said otherwise.
const PER_FRAME: usize = 10;

#[derive(Args)]
#[command(next_help_heading = "With --codec digits")]
pub struct DigitArgs {
    #[command(flatten)]
    rate: RateArgs,
    /// Use of the frames' room: plain (none to speak of), or 1.8 subcarriers per symbol, spread (for strong noise) or
    /// roomy [default: plain]
    #[arg(long, value_name = "USE", conflicts_with = "ladder")]
    room: Option<Form>,
    /// Short guard interval, with --mcs
    #[arg(long)]
    sgi: bool,
    #[command(flatten)]
    framing: FramingArgs,
    /// Pictures per frame [default: 10]
    #[arg(long, value_name = "N")]
    per_frame: Option<usize>,
    /// Weights from `jscc train` [default: the shipped ones, trained at 54 Mb/s]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

impl DigitArgs {
    /// The name of an option that was given.
    pub fn given(&self) -> Option<&'static str> {
        let options = [
            (self.rate.is_given(), "--rate or --mcs"),
            (self.room.is_some(), "--room"),
            (self.sgi, "--sgi"),
            (self.framing.said().is_some(), "--header or --bare"),
            (self.per_frame.is_some(), "--per-frame"),
            (self.weights.is_some(), "--weights"),
        ];
        options.into_iter().find(|(is_given, _)| *is_given).map(|(_, name)| name)
    }
}

impl Send {
    pub fn digits(&self, target: &Target) -> Result<(), Failure> {
        let options = &self.digits;
        let guard = if options.sgi { Guard::Short } else { Guard::Long };
        let (rate, form) = match self.ladder {
            Some(_) if options.rate.is_given() => {
                return Err(Failure::input("--ladder chooses the rate; leave out --rate and --mcs"));
            }
            Some(_) if options.sgi => return Err(Failure::input("--ladder has non-HT rates only; leave out --sgi")),
            Some(snr_db) => {
                let (mbps, form) = for_snr(snr_db);
                (Rate::non_ht(mbps).expect("a rate of the ladder"), form)
            }
            None => (options.rate.chosen(guard)?, options.room.unwrap_or_default()),
        };
        let framing = options.framing.of(target)?;
        // Before anything that takes time.
        self.air.air(target)?;
        self.tuned.frequency(target)?;
        let codec = PictureCodec::open(options.weights.as_deref())?;
        let images = pictures::read(&self.images)?;
        let per_frame = options.per_frame.unwrap_or(PER_FRAME);
        let sent = send(&codec, &images, Order { rate, form, framing, scrambler: self.scrambler, per_frame })?;
        let notes = self.write(&sent.frames, target)?;
        match Format::of_flag(self.json) {
            Format::Json => self.digit_rows(&sent, &notes).for_each(|row| say(&row)),
            Format::Table => self.tell_digits(&sent, &notes, target),
        }
        Ok(())
    }

    fn digit_rows<'a>(&'a self, sent: &'a Sent, notes: &'a [FrameNote]) -> impl Iterator<Item = String> + 'a {
        sent.pictures.iter().zip(&self.images).enumerate().map(|(n, (picture, image))| {
            let note = &notes[picture.frame];
            json!({
                "picture": n + 1,
                "image": image.display().to_string(),
                "file": self.out.display().to_string(),
                "frame": picture.frame + 1,
                "start": note.start,
                "samples": note.count,
                "rate_mbps": note.rate.mbps(),
                "mcs": note.rate.mcs(),
                "length": note.length,
                "scrambler_init": note.scrambler,
                // serde_json makes infinity null.
                "best_psnr_db": picture.best_psnr_db,
            })
            .to_string()
        })
    }

    fn tell_digits(&self, sent: &Sent, notes: &[FrameNote], target: &Target) {
        let row = |(n, picture): (usize, &SentPicture)| {
            let note = &notes[picture.frame];
            vec![
                self.images[n].display().to_string(),
                (picture.frame + 1).to_string(),
                note.start.to_string(),
                note.length.to_string(),
                format!("{:.2}", picture.best_psnr_db),
            ]
        };
        let headers = ["picture", "frame", "start", "octets", "best PSNR dB"];
        let rows = sent.pictures.iter().enumerate().map(row).collect();
        print_table(&Table { headers: headers.map(str::to_owned).to_vec(), rows });
        let (first, air_us) = (&notes[0], notes.iter().map(|note| note.count as f64 / 20.0).sum::<f64>());
        say("");
        say("  best PSNR: of what a receiver makes of the frame that gets every bit right");
        say(&format!(
            "  {}: {target}; frames at {}: {}, {air_us:.0} µs on the air, scrambler {}",
            self.out.display(),
            first.rate,
            notes.len(),
            first.scrambler
        ));
    }
}
