//! `jscc photos`: photographs over drawn channels, beside rivals' files.

use super::measuring::Measuring;
use crate::failure::Failure;
use clap::Args;
use jscc_lab::photos::measure;

/// Measure photographs of any size over 802.11 frames, and rivals' files over the same frames for the same time.
///
/// Writes a row of JSON per curve, seed and SNR, and a figure; `jscc report` decides the claims.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc photos experiments/photo-kodak.toml --data path/to/kodak\n\n\
    writes results/photo-kodak.jsonl")]
pub struct Photos {
    #[command(flatten)]
    measuring: Measuring,
}

impl Photos {
    pub fn run(self) -> Result<(), Failure> {
        self.measuring.run(measure::run, measure::rows, measure::table)
    }
}
