//! Arguments for the rate and the framing of frames.

use crate::failure::Failure;
use clap::Args;
use jscc_lab::spec::FramingSpec;
use jscc_radio::encode::Target;
use jscc_radio::{Guard, NoSuchRate, Rate};

#[derive(Args)]
pub struct RateArgs {
    /// Non-HT rate: 6, 9, 12, 18, 24, 36, 48 or 54
    #[arg(long, value_name = "MBPS", conflicts_with = "mcs")]
    rate: Option<String>,
    /// HT scheme, 0 to 7
    #[arg(long, value_name = "N")]
    mcs: Option<u8>,
}

impl RateArgs {
    pub fn is_given(&self) -> bool {
        self.rate.is_some() || self.mcs.is_some()
    }

    /// The rate; the guard interval is that of HT frames.
    pub fn chosen(&self, guard: Guard) -> Result<Rate, Failure> {
        let refused = |error: NoSuchRate| Failure::input(error.to_string());
        match (&self.rate, self.mcs) {
            (_, Some(mcs)) => Rate::ht(mcs, guard).map_err(refused),
            (Some(_), None) if guard == Guard::Short => {
                Err(Failure::input("--sgi needs an HT rate; give --mcs 0 to 7 in place of --rate"))
            }
            (Some(mbps), None) => Rate::non_ht(mbps).map_err(refused),
            (None, None) => Err(Failure::input("no rate; give --rate 6 to 54 (Mb/s, non-HT) or --mcs 0 to 7 (HT)")),
        }
    }
}

#[derive(Args)]
pub struct FramingArgs {
    /// Put the MAC header of a broadcast data frame before the free bits and an FCS after them [default for .pcap]
    #[arg(long, conflicts_with = "bare")]
    header: bool,
    /// Leave the whole PSDU free [default for samples]
    #[arg(long)]
    bare: bool,
}

impl FramingArgs {
    /// The explicit choice, if any.
    pub fn said(&self) -> Option<FramingSpec> {
        match (self.header, self.bare) {
            (true, _) => Some(FramingSpec::Mac),
            (_, true) => Some(FramingSpec::Bare),
            _ => None,
        }
    }

    /// The framing for a file of this kind.
    pub fn of(&self, target: &Target) -> Result<FramingSpec, Failure> {
        match (self.said(), target) {
            (Some(FramingSpec::Bare), Target::Pcap) => {
                Err(Failure::input("a card sends no frame without a MAC header; leave out --bare, or write samples"))
            }
            (Some(said), _) => Ok(said),
            (None, Target::Pcap) => Ok(FramingSpec::Mac),
            (None, _) => Ok(FramingSpec::Bare),
        }
    }
}
