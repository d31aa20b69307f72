//! `jscc wifi encode`: octets to the samples of a frame.

use super::frame::FrameArgs;
use super::row;
use crate::failure::Failure;
use crate::output::{Format, say};
use clap::Args;
use jscc_lab::radio::air::Air;
use jscc_lab::radio::decode::Found;
use jscc_lab::radio::encode::{Sending, Target, write_raw, write_sigmf};
use jscc_lab::radio::iq::{SampleFormat, Written};
use jscc_lab::spec::check_snr_db;
use std::path::PathBuf;

/// Most samples of silence before or after a frame: five seconds.
const MAX_SILENCE: u64 = 100_000_000;

/// Make a frame: samples at 20 Msample/s, or a pcap for a card to inject.
///
/// The extension of OUT says what is written: .cf32, .ci16, .ci8 or .cu8 for samples, .sigmf-meta for samples with a
/// description and an annotation, .pcap for the octets behind a radiotap header. In cf32 a data subcarrier has mean power
/// 1 and the inverse transform divides by 64; in integer formats the largest |I| or |Q| is full scale.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc wifi encode --rate 54 --psdu 48656c6c6f --fcs -o hello.cf32\n  \
    jscc wifi encode --mcs 7 --sgi --psdu packet.bin --scrambler 17 -o packet.sigmf-meta\n  \
    jscc wifi encode --rate 24 --psdu packet.bin --fcs -o inject.pcap\n  \
    jscc wifi encode --rate 12 --psdu @beef --fcs --channel tgn-d --snr 20 --impair cfo:40000 --seed 7 -o test.ci16")]
pub struct Encode {
    #[command(flatten)]
    frame: FrameArgs,
    /// The file to write
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
    /// How samples are stored in SigMF, or where the extension does not tell
    #[arg(long)]
    format: Option<SampleFormat>,
    /// Samples of silence before the frame
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MAX_SILENCE))]
    lead: u64,
    /// Samples of silence after it
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MAX_SILENCE))]
    trail: u64,
    #[command(flatten)]
    air: AirArgs,
    /// Print a JSON object for the frame
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(next_help_heading = "The air, for test recordings")]
struct AirArgs {
    /// Es/N0 of a data subcarrier in dB [default: no noise]
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    snr: Option<f64>,
    /// awgn, rayleigh, rician:6, tgn-a to tgn-f or exp:50 [default: awgn]
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// What radios do: cfo:20000 (Hz), sco:20 (ppm), phase-noise:100, iq-tx:0.5,2, iq-rx:0.5,2, rapp:3,6 or
    /// burst:0.001,80,10; can be given many times
    #[arg(long, value_name = "NAME")]
    impair: Vec<String>,
    /// Seed of noise, channel and impairments
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl AirArgs {
    /// What the samples go through, if anything.
    fn air(&self) -> Result<Option<Air>, Failure> {
        if self.snr.is_none() && self.channel.is_none() && self.impair.is_empty() {
            return Ok(None);
        }
        let mut air = Air::new(self.channel.as_deref().unwrap_or("awgn"), self.seed).map_err(refused)?;
        for impairment in &self.impair {
            air = air.with(impairment).map_err(refused)?;
        }
        let snr = self.snr.map(check_snr_db).transpose().map_err(|error| Failure::input(format!("--snr: {error}")))?;
        Ok(Some(match snr {
            Some(db) => air.noisy(db),
            None => air,
        }))
    }
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::input(error.to_string())
}

impl Encode {
    pub fn run(self) -> Result<(), Failure> {
        let sending = self.frame.sending()?;
        let target = Target::of_path(&self.out, self.format)?;
        let air = self.air.air()?;
        let (about, written) = match target {
            Target::Pcap if air.is_some() => {
                return Err(Failure::input("a pcap holds octets, which no channel touches; give another extension"));
            }
            Target::Pcap => {
                sending.write_pcap(&self.out)?;
                ("a frame for injection".to_owned(), Written::default())
            }
            Target::Raw(format) => {
                (format!("{format}"), write_raw(&self.out, format, &self.samples(&sending, air.as_ref()))?)
            }
            Target::Sigmf(format) => {
                let samples = self.samples(&sending, air.as_ref());
                (format!("SigMF {format}"), write_sigmf(&self.out, format, &samples, sending.note(self.lead))?)
            }
        };
        self.tell(&sending, &about, written);
        Ok(())
    }

    fn samples(&self, sending: &Sending, air: Option<&Air>) -> Vec<jscc_lab::radio::Complex32> {
        let mut samples = sending.samples(self.lead as usize, self.trail as usize);
        if let Some(air) = air {
            air.carry(&mut samples);
        }
        samples
    }

    fn tell(&self, sending: &Sending, about: &str, written: Written) {
        let note = sending.note(self.lead);
        match Format::of_flag(self.json) {
            Format::Json => {
                let mut row = row::json(&Found { note, aggregation: false, evm_db: f64::NAN });
                row["file"] = self.out.display().to_string().into();
                row["samples"] = written.samples.into();
                say(&row.to_string());
            }
            Format::Table => say(&format!(
                "{}: {about}, {} samples; {} {}, {} octets, scrambler {}",
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
