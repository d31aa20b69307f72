//! `jscc rivals`: classical codecs over the same frames, on the test split.

use super::measuring::Measuring;
use crate::failure::Failure;
use clap::Args;
use jscc_lab::rivals::run;

/// Measure classical codecs over the same frames: PCA, DCT and JPEG, at every rate and at capacity.
///
/// A frame with a wrong check sequence counts as the mean of the training pictures. Writes a row of JSON per codec, rate and SNR; prints each
/// codec at the best rate for each SNR.
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
