//! `jscc send`: pictures as standard 802.11 frames.

use super::air::AirArgs;
use super::rate::{FramingArgs, RateArgs};
use super::tuned::Tuned;
use crate::failure::Failure;
use crate::output::{self, Format, print_table, say};
use clap::Args;
use jscc_lab::pictures::packing::{Form, for_snr};
use jscc_lab::pictures::send::{Order, Sent, SentPicture, send};
use jscc_lab::pictures::{self, PictureCodec};
use jscc_lab::report::Table;
use jscc_radio::encode::{Silence, Stored, Target, Transmission};
use jscc_radio::{FrameNote, Guard, Rate};
use serde_json::json;
use std::path::PathBuf;

/// Most samples of silence before, between or after frames: 10 ms.
const MAX_SILENCE: u64 = 200_000;

/// Turn pictures into standard 802.11 frames, which any card can send and any receiver can decode.
///
/// The extension of OUT selects the format: .sigmf-meta for samples with metadata, .cf32, .ci16, .ci8 or .cu8 for
/// samples, .pcap for the frames themselves, one record per frame, to be injected by a card or opened in Wireshark.
/// `jscc receive` recovers the pictures. The bits of a frame are valid only with the scrambler state that they were
/// computed for.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc send 7.png --rate 54 -o seven.sigmf-meta\n  \
    jscc send *.png --rate 54 -o inject.pcap --scrambler 17\n  \
    jscc send *.png --ladder 8 --snr 8 -o noisy.cf32\n  \
    jscc send *.png --mcs 7 --header --channel tgn-d --snr 15 --impair cfo:40000 -o air.cf32\n\n\
    The shipped codec was trained on handwritten digits, white on black, of 28x28 pixels: other pictures come out as it \
    can draw them.")]
pub struct Send {
    /// The pictures, PNG or JPEG, scaled to 28x28 grey
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    /// The file to write; - for standard output
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
    #[command(flatten)]
    rate: RateArgs,
    /// Rate and use of the frames' room for a receiver at this SNR in dB, in place of a rate
    #[arg(long, value_name = "DB", allow_negative_numbers = true, conflicts_with_all = ["rate", "mcs", "room"])]
    ladder: Option<f64>,
    /// Use of the frames' room: plain (none to speak of), or 1.8 subcarriers per symbol, spread (for strong noise) or roomy
    #[arg(long, value_name = "USE", default_value_t = Form::Plain)]
    room: Form,
    /// Short guard interval, with --mcs
    #[arg(long)]
    sgi: bool,
    #[command(flatten)]
    framing: FramingArgs,
    /// Initial state of the scrambler, 1 to 127, x1 is the least significant bit
    #[arg(long, value_name = "N", default_value_t = 93)]
    scrambler: u32,
    /// Pictures per frame
    #[arg(long, value_name = "N", default_value_t = 10)]
    per_frame: usize,
    /// Weights from `jscc train` [default: the shipped ones, trained at 54 Mb/s]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Sample format in SigMF, or format of a file without a known extension: cf32, ci16, ci8, cu8 or pcap
    #[arg(long)]
    format: Option<Stored>,
    /// Samples of silence before the first frame and after the last
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MAX_SILENCE))]
    lead: u64,
    /// Samples of silence between frames; 680 are 34 µs, the shortest gap of 802.11a
    #[arg(long, value_name = "N", default_value_t = 680, value_parser = clap::value_parser!(u64).range(..=MAX_SILENCE))]
    gap: u64,
    #[command(flatten)]
    tuned: Tuned,
    #[command(flatten)]
    air: AirArgs,
    /// Print a JSON object per picture
    #[arg(long)]
    json: bool,
}

impl Send {
    pub fn run(self) -> Result<(), Failure> {
        let guard = if self.sgi { Guard::Short } else { Guard::Long };
        let (rate, form) = match self.ladder {
            Some(snr_db) if snr_db.is_nan() => return Err(Failure::input("--ladder nan is no SNR; give one in dB")),
            Some(_) if self.sgi => return Err(Failure::input("--ladder has non-HT rates only; leave out --sgi")),
            Some(snr_db) => {
                let (mbps, form) = for_snr(snr_db);
                (Rate::non_ht(mbps).expect("a rate of the ladder"), form)
            }
            None => (self.rate.chosen(guard)?, self.room),
        };
        output::claim(&self.out)?;
        let target = Target::of_path(&self.out, self.format)?;
        let framing = self.framing.of(&target)?;
        let (air, frequency) = (self.air.air(&target)?, self.tuned.frequency(&target)?);
        let codec = PictureCodec::open(self.weights.as_deref())?;
        let images = pictures::read(&self.images)?;
        let order = Order { rate, form, framing, scrambler: self.scrambler, per_frame: self.per_frame };
        let sent = send(&codec, &images, order)?;
        let silence = Silence { lead: self.lead as usize, gap: self.gap as usize, trail: self.lead as usize };
        let transmission = Transmission { frames: &sent.frames, silence, air: air.as_ref(), frequency };
        transmission.write(&self.out, &target)?;
        let notes = transmission.notes();
        match Format::of_flag(self.json) {
            Format::Json => self.rows(&sent, &notes).for_each(|row| say(&row)),
            Format::Table => self.tell(&sent, &notes, &target),
        }
        Ok(())
    }

    fn rows<'a>(&'a self, sent: &'a Sent, notes: &'a [FrameNote]) -> impl Iterator<Item = String> + 'a {
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

    fn tell(&self, sent: &Sent, notes: &[FrameNote], target: &Target) {
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
