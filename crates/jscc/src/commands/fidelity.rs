//! `jscc fidelity`: fidelity of ProxyNet to a link.

use super::measuring::Measuring;
use crate::failure::Failure;
use clap::Args;
use jscc_lab::fidelity;

/// Measure the fidelity of ProxyNet to a link: of its values, and of its gradients.
///
/// Cosines are with the gradient of the true link's loss, found by blurring symbols: corrected for the sampling error
/// of that estimate, and uncorrected in parentheses. Writes a row of JSON per SNR.
#[derive(Args)]
#[command(after_help = "Example:\n  jscc fidelity experiments/d2a-fidelity.toml --data path/to/mnist\n\n\
    writes results/d2a-fidelity.jsonl")]
pub struct Fidelity {
    #[command(flatten)]
    measuring: Measuring,
}

impl Fidelity {
    pub fn run(self) -> Result<(), Failure> {
        self.measuring.run(fidelity::run, fidelity::rows, fidelity::table)
    }
}
