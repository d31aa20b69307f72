//! `jscc wifi`: 802.11 frames in recordings and captures, in both directions.

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
use jscc_radio::encode::SendError;
use jscc_radio::iq::SampleFormat;
use jscc_radio::source::{IqOrder, Said};
use jscc_radio::{RadioError, Warning};
use std::io::Write;

/// Decode, encode, trace and plot 802.11a/g and 802.11n frames.
///
/// Recordings are raw samples (.cf32, .ci16, .ci8, .cu8 etc.) or SigMF, at 20 Msample/s or more.
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

/// Explicit properties of a recording.
#[derive(Args)]
pub struct Recorded {
    #[command(flatten)]
    stored: Stored,
    /// Sample rate of the recording in samples per second, 20e6 or more; higher ones are resampled [default: as in
    /// SigMF, or 20e6]
    #[arg(long = "rate", visible_alias = "sample-rate", value_name = "HZ", allow_hyphen_values = true)]
    sample_rate: Option<f64>,
}

impl Recorded {
    pub fn said(&self) -> Said {
        self.stored.said(self.sample_rate)
    }
}

/// Explicit properties of a recording, for commands in which `--rate` is that of a frame.
#[derive(Args)]
pub struct Sampled {
    #[command(flatten)]
    stored: Stored,
    /// Sample rate of the recording in samples per second, 20e6 or more; higher ones are resampled [default: as in
    /// SigMF, or 20e6]
    #[arg(long, value_name = "HZ", allow_hyphen_values = true)]
    sample_rate: Option<f64>,
}

impl Sampled {
    pub fn said(&self) -> Said {
        self.stored.said(self.sample_rate)
    }

    /// Whether any of them was given.
    pub fn is_given(&self) -> bool {
        self.stored.format.is_some() || self.stored.swap_iq || self.sample_rate.is_some()
    }
}

#[derive(Args)]
struct Stored {
    /// Format of raw samples: cf32, cf64, ci32, ci16, ci8, cu32, cu16 or cu8, with suffix _be for big-endian [default:
    /// by the extension]
    #[arg(long)]
    format: Option<SampleFormat>,
    /// Take the first number of each pair for Q and the second for I
    #[arg(long)]
    swap_iq: bool,
}

impl Stored {
    fn said(&self, sample_rate: Option<f64>) -> Said {
        let order = if self.swap_iq { IqOrder::Qi } else { IqOrder::Iq };
        Said { format: self.format, sample_rate, order }
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

/// Reports faults of a recording that was read all the same.
pub fn tell_warnings(warnings: &[Warning]) {
    for warning in warnings {
        note(&format!("warning: {warning}"));
    }
}

/// Prints a line for people besides the results.
fn note(line: &str) {
    // An unreadable note is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{line}");
}
