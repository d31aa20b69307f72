//! Argument for the frequency of frames.

use crate::failure::Failure;
use clap::Args;
use jscc_radio::encode::Target;

/// Highest frequency accepted, in Hz.
const MAX_FREQUENCY: f64 = 1e12;

#[derive(Args)]
pub struct Tuned {
    /// Centre of the channel in Hz, to be stored in a SigMF recording, such as 5.18e9
    #[arg(long, value_name = "HZ")]
    frequency: Option<f64>,
}

impl Tuned {
    /// The frequency to store in the file.
    pub fn frequency(&self, target: &Target) -> Result<Option<f64>, Failure> {
        match (self.frequency, target) {
            (Some(hz), _) if !(hz > 0.0 && hz < MAX_FREQUENCY) => {
                Err(Failure::input(format!("--frequency {hz}: give the centre of a channel in Hz, such as 5.18e9")))
            }
            (Some(_), Target::Raw(_) | Target::Pcap) => {
                Err(Failure::input("only SigMF has a place for --frequency; name a .sigmf-meta, or leave it out"))
            }
            (frequency, _) => Ok(frequency),
        }
    }
}
