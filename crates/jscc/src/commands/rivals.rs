//! `jscc rivals`: classical codecs over the same frames, on the test split.

use super::measuring::Measuring;
use crate::failure::Failure;
use clap::Args;
use jscc_lab::rivals::run;

/// Measure classical codecs over the same frames: PCA, DCT and JPEG, at every rate and at capacity.
///
/// Whole frames or nothing: a frame whose check fails counts as mid-grey. Writes a row of JSON for each codec, rate and
/// SNR; prints each codec at the rate that is best at that SNR.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc rivals experiments/mnist-rivals.toml --data path/to/mnist\n\n\
    writes results/mnist-rivals.jsonl")]
pub struct Rivals {
    #[command(flatten)]
    measuring: Measuring,
}

impl Rivals {
    pub fn run(self) -> Result<(), Failure> {
        self.measuring.run(run::run, run::rows, run::table)
    }
}
