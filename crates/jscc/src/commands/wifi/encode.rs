//! `jscc wifi encode`: octets to the samples of a frame.

use super::frame::FrameArgs;
use super::row;
use crate::commands::air::AirArgs;
use crate::commands::tuned::Tuned;
use crate::failure::Failure;
use crate::output::{self, Format, say};
use clap::Args;
use jscc_radio::decode::Found;
use jscc_radio::encode::{Sending, Silence, Stored, Target, Transmission};
use jscc_radio::iq::Written;
use std::path::PathBuf;

/// Most samples of silence before or after a frame: five seconds.
const MAX_SILENCE: u64 = 100_000_000;

/// Make a frame: samples at 20 Msample/s, or a pcap for a card to inject.
///
/// The extension of OUT selects the format: .cf32, .ci16, .ci8 or .cu8 for samples, .sigmf-meta for samples with
/// metadata and an annotation, .pcap for the octets behind a radiotap header. In cf32 a data subcarrier has mean power
/// 1 and the inverse transform divides by 64; in integer formats the largest |I| or |Q| is full scale.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc wifi encode --rate 54 --psdu 48656c6c6f --fcs -o hello.cf32\n  \
    jscc wifi encode --mcs 7 --sgi --psdu packet.bin --scrambler 17 -o packet.sigmf-meta\n  \
    jscc wifi encode --rate 24 --psdu packet.bin --fcs -o inject.pcap\n  \
    jscc wifi encode --rate 12 --psdu @beef --fcs --channel tgn-d --snr 20 --impair cfo:40000 --seed 7 -o test.ci16")]
pub struct Encode {
    #[command(flatten)]
    frame: FrameArgs,
    /// The file to write; - for standard output
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
    /// Sample format in SigMF, or format of a file without a known extension: cf32, ci16, ci8, cu8 or pcap
    #[arg(long)]
    format: Option<Stored>,
    /// Samples of silence before the frame
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MAX_SILENCE))]
    lead: u64,
    /// Samples of silence after it
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MAX_SILENCE))]
    trail: u64,
    #[command(flatten)]
    tuned: Tuned,
    #[command(flatten)]
    air: AirArgs,
    /// Print a JSON object for the frame
    #[arg(long)]
    json: bool,
}

impl Encode {
    pub fn run(self) -> Result<(), Failure> {
        let sending = self.frame.sending()?;
        output::claim(&self.out)?;
        let target = Target::of_path(&self.out, self.format)?;
        let (air, frequency) = (self.air.air(&target)?, self.tuned.frequency(&target)?);
        let silence = Silence { lead: self.lead as usize, gap: 0, trail: self.trail as usize };
        let frames = [sending];
        let written =
            Transmission { frames: &frames, silence, air: air.as_ref(), frequency }.write(&self.out, &target)?;
        self.tell(&frames[0], &target, written);
        Ok(())
    }

    fn tell(&self, sending: &Sending, target: &Target, written: Written) {
        let note = sending.note(self.lead);
        match Format::of_flag(self.json) {
            Format::Json => {
                let mut row = row::json(&Found { note, aggregation: false, evm_db: f64::NAN });
                row["file"] = self.out.display().to_string().into();
                row["samples"] = written.samples.into();
                say(&row.to_string());
            }
            Format::Table => say(&format!(
                "{}: {target}, {} samples; {} {}, {} octets, scrambler {}",
                self.out.display(),
                written.samples,
                note.rate.format(),
                note.rate,
                note.length,
                note.scrambler
            )),
        }
    }
}
