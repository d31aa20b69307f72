//! `jscc wifi`: 802.11 frames in recordings and captures, there and back.

mod capture;
mod decode;
mod encode;
mod frame;
mod plot;
mod row;
mod stage;
mod trace;

use crate::failure::Failure;
use clap::{Args, Subcommand};
use jscc_radio::RadioError;
use jscc_radio::encode::SendError;
use jscc_radio::iq::SampleFormat;
use jscc_radio::source::Said;
use std::io::Write;
use std::path::PathBuf;

/// 802.11a/g and 802.11n frames: out of recordings, into them, stage by stage, drawn.
///
/// Recordings are raw samples (.cf32, .ci16, .ci8, .cu8) or SigMF, at 20 Msample/s.
#[derive(Subcommand)]
#[command(after_help = "Start here:\n  jscc wifi encode --rate 54 --psdu 48656c6c6f --fcs -o hello.cf32\n  \
    jscc wifi decode hello.cf32\n  jscc wifi trace hello.cf32\n  jscc wifi plot hello.cf32 -o hello.png")]
pub enum Wifi {
    Decode(decode::Decode),
    Encode(encode::Encode),
    Trace(trace::Trace),
    Plot(plot::Plot),
}

impl Wifi {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::Decode(decode) => decode.run(),
            Self::Encode(encode) => encode.run(),
            Self::Trace(trace) => trace.run(),
            Self::Plot(plot) => plot.run(),
        }
    }
}

/// What is said of a recording beside its name.
#[derive(Args)]
pub struct Recorded {
    /// How raw samples are stored: cf32, ci16, ci8 or cu8 [default: as the extension says]
    #[arg(long)]
    format: Option<SampleFormat>,
    /// Samples a second; only 20e6 are read [default: what SigMF says, or 20e6]
    #[arg(long = "rate", value_name = "HZ")]
    sample_rate: Option<f64>,
}

impl Recorded {
    pub fn said(&self) -> Said {
        Said { format: self.format, sample_rate: self.sample_rate }
    }
}

impl From<RadioError> for Failure {
    fn from(error: RadioError) -> Self {
        if error.is_input() { Self::input(error.to_string()) } else { Self::failed(error.to_string()) }
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self::input(error.to_string())
    }
}

/// Refuses the standard input, for a command that reads its file twice.
fn only_files(path: PathBuf) -> Result<PathBuf, Failure> {
    if path.as_os_str() == "-" {
        return Err(Failure::input("the standard input cannot be read twice; name a file"));
    }
    Ok(path)
}

/// A line for people beside the results.
fn note(line: &str) {
    // A note that nobody can read is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{line}");
}
