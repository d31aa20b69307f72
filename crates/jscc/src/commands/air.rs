//! Arguments for a test recording of a frame: channel, noise, impairments.

use crate::failure::Failure;
use clap::Args;
use jscc_lab::spec::check_snr_db;
use jscc_radio::air::Air;
use jscc_radio::encode::Target;

#[derive(Args)]
#[command(next_help_heading = "The air, for test recordings")]
pub struct AirArgs {
    /// Es/N0 of a data subcarrier in dB [default: no noise]
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    snr: Option<f64>,
    /// awgn, rayleigh, rician:6, tgn-a to tgn-f or exp:50 [default: awgn]
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Impairments: cfo:20000 (Hz), sco:20 (ppm), phase-noise:100, iq-tx:0.5,2, iq-rx:0.5,2, rapp:3,6 or
    /// burst:0.001,80,10; may be repeated
    #[arg(long, value_name = "NAME")]
    impair: Vec<String>,
    /// Seed of noise, channel and impairments
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl AirArgs {
    /// The SNR in dB, if given.
    pub fn snr_db(&self) -> Option<f64> {
        self.snr
    }

    /// The channel of the samples on their way to the file, if any.
    pub fn air(&self, target: &Target) -> Result<Option<Air>, Failure> {
        if self.snr.is_none() && self.channel.is_none() && self.impair.is_empty() {
            return Ok(None);
        }
        if *target == Target::Pcap {
            return Err(Failure::input("a pcap holds octets, which no channel touches; give another extension"));
        }
        let mut air = Air::new(self.channel.as_deref().unwrap_or("awgn"), self.seed).map_err(refused)?;
        for impairment in &self.impair {
            air = air.with(impairment).map_err(refused)?;
        }
        let snr = self.snr.map(check_snr_db).transpose().map_err(|error| Failure::input(format!("--snr: {error}")))?;
        Ok(Some(match snr {
            Some(db) => air.noisy(db),
            None => air,
        }))
    }
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::input(error.to_string())
}
