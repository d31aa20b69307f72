//! `jscc receive`: pictures from received frames.

mod digits;
mod photos;

use super::wifi::Recorded;
use crate::failure::Failure;
use crate::output;
use clap::{ArgAction, Args, ValueEnum};
use jscc_radio::files::is_stream;
use jscc_radio::kind;
use std::path::PathBuf;

/// Find the frames with pictures in a recording or capture, and draw the pictures.
///
/// Frames with a wrong FCS count too: a damaged one gives a worse picture. Our frames are recognised by their MAC
/// header (data, broadcast, from 02:00:00:00:00:01); without one, by a length that fits a number of pictures and by
/// pictures that look like those of the weights. Other frames, and undecided ones, are counted and skipped. Pictures
/// are written once the input has ended; those of an earlier run in the same folder are removed.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc receive air.sigmf-meta\n  \
    jscc receive air.cf32 --out seen --reference 7.png --reference 3.png\n  \
    jscc receive hackrf.bin --format ci8 --header --take mean\n  jscc receive usrp.cf32 --rate 25e6\n  \
    jscc receive monitor.pcap --scrambler 17 --json\n  jscc receive airodump-01.cap --mbps 54\n  \
    tcpdump -i mon0 -w - | jscc receive -")]
pub struct Receive {
    /// The recording (raw samples or SigMF) or the capture (pcap, pcapng, also gzip-compressed), detected by its first
    /// bytes; - for standard input
    file: PathBuf,
    #[command(flatten)]
    recorded: Recorded,
    /// Folder for picture-001.png, … and contact-sheet.png
    #[arg(long, value_name = "DIR", default_value = "jscc-received")]
    out: PathBuf,
    /// A picture that was sent, for comparison; may be repeated, in the order of sending
    #[arg(long = "reference", value_name = "IMAGE", action = ArgAction::Append)]
    references: Vec<PathBuf>,
    /// Weights of the sender [default: the shipped ones]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The codec [default: photo; for a file without photographs, digits]
    #[arg(long, value_enum)]
    codec: Option<Codec>,
    /// How photographs are drawn in the end; while frames are missing it is in closed form
    #[arg(long, value_enum, default_value_t = Decoder::Network)]
    decoder: Decoder,
    /// Input of the digits' decoder
    #[arg(long, value_enum, default_value_t = Take::Bits)]
    take: Take,
    /// Skip frames without our MAC header
    #[arg(long)]
    header: bool,
    /// The sender's scrambler state, 1 to 127, for captures, which do not store it [default: inferred]
    #[arg(long, value_name = "N")]
    scrambler: Option<u32>,
    /// The rate of packets without one, such as those of airodump-ng: 6, 9, 12, 18, 24, 36, 48 or 54 [default:
    /// inferred]
    #[arg(long, value_name = "MBPS", conflicts_with = "mcs")]
    mbps: Option<String>,
    /// The HT scheme of packets without one, 0 to 7
    #[arg(long, value_name = "N")]
    mcs: Option<u8>,
    /// Also draw frames that match ours only in length, or whose scrambler state is a guess
    #[arg(long)]
    all: bool,
    /// Most pictures
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = at_least_one)]
    limit: usize,
    /// Print a JSON object per picture
    #[arg(long)]
    json: bool,
}

fn at_least_one(number: &str) -> Result<usize, String> {
    number.parse().ok().filter(|&n| n > 0).ok_or_else(|| "give a number from 1 on".to_owned())
}

/// `--codec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Codec {
    /// Photographs, which sharpen as their frames arrive
    Photo,
    /// Small pictures through a network
    Digits,
}

/// `--decoder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Decoder {
    /// By the shipped network
    Network,
    /// Without it: faster, and less like the original
    Closed,
}

/// `--take`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Take {
    /// The decoded bits, as delivered by every card
    Bits,
    /// The equalised points of a recording, as in a software radio
    Symbols,
    /// The posterior mean of the points, by soft decoding: better than both
    Mean,
}

impl Receive {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.out)?;
        let open = || kind::open(&self.file, self.recorded.said());
        let options = [
            (self.weights.is_some(), "--weights"),
            (self.take != Take::Bits, "--take"),
            (self.header, "--header"),
            (self.mbps.is_some() || self.mcs.is_some(), "--mbps or --mcs"),
            (self.all, "--all"),
        ];
        let of_digits = options.into_iter().find(|(is_given, _)| *is_given).map(|(_, name)| name);
        match (self.codec, of_digits) {
            (Some(Codec::Photo), Some(name)) => {
                Err(Failure::input(format!("{name} is an option of --codec digits; leave it out for photographs")))
            }
            (Some(Codec::Photo), None) => self.photos(open()?, true).map(drop),
            // What can be read only once holds one kind of picture.
            (None, None) if is_stream(&self.file) => self.photos(open()?, true).map(drop),
            (None, None) if self.photos(open()?, false)? => Ok(()),
            _ => self.digits(open()?),
        }
    }
}
