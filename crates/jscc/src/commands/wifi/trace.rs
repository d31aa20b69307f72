//! `jscc wifi trace`: every stage of one frame.

use super::frame::FrameArgs;
use super::{Sampled, stage, tell_warnings};
use crate::failure::Failure;
use crate::output::Format;
use clap::Args;
use jscc_radio::decode::{Picked, Which};
use jscc_radio::trace;
use std::path::PathBuf;

/// Show every stage of a frame, to be sent or recorded, each with its clause of IEEE 802.11-2020.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc wifi trace --rate 36 --psdu 48656c6c6f --fcs --scrambler 93\n  \
    jscc wifi trace --mcs 7 --sgi --psdu packet.bin --symbol 3 --all\n  jscc wifi trace air.cf32\n  \
    jscc wifi trace air.sigmf-meta --frame 12 --json")]
pub struct Trace {
    /// A recording, - for standard input; without it, a frame is built from --rate or --mcs and --psdu
    file: Option<PathBuf>,
    #[command(flatten)]
    recorded: Sampled,
    /// Number of the frame in the list of `decode`, from 1 [default: the first with a right FCS]
    #[arg(long = "frame", value_name = "N", requires = "file")]
    number: Option<usize>,
    #[command(flatten)]
    frame: FrameArgs,
    /// OFDM symbol of DATA, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    symbol: usize,
    /// Show long stages in full
    #[arg(long)]
    all: bool,
    /// Print a JSON object per stage
    #[arg(long)]
    json: bool,
}

impl Trace {
    pub fn run(self) -> Result<(), Failure> {
        let stages = match self.file {
            Some(_) if self.frame.is_given() => {
                return Err(Failure::input("a recorded frame or one of --rate, --mcs and --psdu; give one of the two"));
            }
            Some(file) => {
                let which = self.number.map_or(Which::FirstGood, Which::Number);
                let picked = Picked::read(&file, self.recorded.said(), which)?;
                tell_warnings(&picked.warnings);
                trace::heard(&picked, self.symbol)?
            }
            None if self.recorded.is_given() => {
                return Err(Failure::input("--format, --sample-rate and --swap-iq are of a recording; name it"));
            }
            None => trace::sent(&self.frame.sending()?, self.symbol)?,
        };
        let most = if self.all { usize::MAX } else { stage::FEW };
        for stage in &stages {
            match Format::of_flag(self.json) {
                Format::Json => stage::print_json(stage),
                Format::Table => stage::print(stage, most),
            }
        }
        Ok(())
    }
}
