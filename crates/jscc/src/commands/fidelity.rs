//! `jscc fidelity`: how well ProxyNet stands in for a link.

use super::measuring::Measuring;
use crate::failure::Failure;
use clap::Args;
use jscc_lab::fidelity;

/// Measure how well ProxyNet stands in for a link: its values, and the gradients that it lends.
///
/// Cosines are with the gradient of the true link's loss, found by blurring symbols: corrected for the chance in that
/// estimate, and as estimated in brackets. Writes a row of JSON for each SNR.
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
