//! `jscc send`: pictures as standard 802.11 frames.

mod digits;
mod photos;

use super::air::AirArgs;
use super::tuned::Tuned;
use crate::failure::Failure;
use crate::output;
use clap::{Args, ValueEnum};
use digits::DigitArgs;
use jscc_lab::spec::check_snr_db;
use jscc_radio::FrameNote;
use jscc_radio::encode::{Sending, Silence, Stored, Target, Transmission};
use photos::PhotoArgs;
use std::path::PathBuf;

/// Most samples of silence before, between or after frames: 10 ms.
const MAX_SILENCE: u64 = 200_000;

/// Turn pictures into standard 802.11 frames, which any card can send and any receiver can decode.
///
/// A photograph becomes a small digital base and detail that fades with the channel; any size from 1x1 to 4096x4096, in
/// colour or grey. It needs no rate: that follows from the SNR it is sent for (--ladder), as does the quality to expect,
/// which is printed. --codec digits uses the network that was trained on handwritten digits.
///
/// The extension of OUT selects the format: .sigmf-meta for samples with metadata, .cf32, .ci16, .ci8 or .cu8 for
/// samples, .pcap for the frames themselves, one record per frame, to be injected by a card or opened in Wireshark.
/// `jscc receive` recovers the pictures. The bits of a frame are valid only with the scrambler state that they were
/// computed for.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc send photo.jpg -o photo.pcap\n  \
    jscc send photo.jpg --ladder 10 --snr 10 -o air.sigmf-meta\n  \
    jscc send *.jpg --ladder 12 --margin 6 --mtu 4000 --ht --channel tgn-d --snr 12 -o air.cf32\n  \
    jscc send walk/ --fps 5 --ladder 10 --snr 10 -o walk.cf32\n  \
    jscc send 7.png 3.png --codec digits --rate 54 -o seven.sigmf-meta\n  \
    jscc send *.png --codec digits --ladder 8 --snr 8 -o noisy.cf32\n\n\
    The digits' codec was trained on handwritten digits, white on black, of 28x28 pixels: other pictures come out as it \
    can draw them.")]
pub struct Send {
    /// The pictures, PNG or JPEG; of photographs also folders of them
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    /// The file to write; - for standard output
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
    /// The codec
    #[arg(long, value_enum, default_value_t = Codec::Photo)]
    codec: Codec,
    /// SNR in dB of the receiver that rates are chosen for [default for photographs: --snr, or 15]
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    ladder: Option<f64>,
    /// Initial state of the scrambler, 1 to 127, x1 is the least significant bit
    #[arg(long, value_name = "N", default_value_t = 93)]
    scrambler: u32,
    #[command(flatten)]
    photo: PhotoArgs,
    #[command(flatten)]
    digits: DigitArgs,
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

/// `--codec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Codec {
    /// Photographs of any size
    Photo,
    /// Handwritten digits, or whatever --weights were trained on, of 28x28 grey pixels
    Digits,
}

impl Send {
    pub fn run(self) -> Result<(), Failure> {
        let foreign = match self.codec {
            Codec::Photo => self.digits.given().map(|name| (name, "digits")),
            Codec::Digits => self.photo.given().map(|name| (name, "photo")),
        };
        if let Some((name, codec)) = foreign {
            return Err(Failure::input(format!(
                "{name} is an option of --codec {codec}; give that too, or leave it out"
            )));
        }
        if let Some(Err(why)) = self.ladder.map(check_snr_db) {
            return Err(Failure::input(format!("--ladder: {why}")));
        }
        output::claim(&self.out)?;
        let target = Target::of_path(&self.out, self.format)?;
        match self.codec {
            Codec::Photo => self.photos(&target),
            Codec::Digits => self.digits(&target),
        }
    }

    /// Writes frames to the file, and describes them.
    fn write(&self, frames: &[Sending], target: &Target) -> Result<Vec<FrameNote>, Failure> {
        let (air, frequency) = (self.air.air(target)?, self.tuned.frequency(target)?);
        let silence = Silence { lead: self.lead as usize, gap: self.gap as usize, trail: self.lead as usize };
        let transmission = Transmission { frames, silence, air: air.as_ref(), frequency };
        transmission.write(&self.out, target)?;
        Ok(transmission.notes())
    }
}
