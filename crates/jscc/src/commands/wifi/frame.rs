//! Arguments for a frame.

use crate::commands::rate::RateArgs;
use crate::failure::Failure;
use clap::Args;
use jscc_radio::Guard;
use jscc_radio::encode::{self, Sending};

#[derive(Args)]
#[command(next_help_heading = "The frame")]
pub struct FrameArgs {
    #[command(flatten)]
    rate: RateArgs,
    /// Short guard interval, with --mcs
    #[arg(long)]
    sgi: bool,
    /// The octets: an even number of hexadecimal digits, or else the name of a file with them (@NAME is always a file)
    #[arg(long, value_name = "HEX|FILE")]
    pub psdu: Option<String>,
    /// Append the frame check sequence
    #[arg(long)]
    fcs: bool,
    /// Initial state of the scrambler, 1 to 127, x1 is the least significant bit
    #[arg(long, value_name = "N", default_value_t = 93)]
    scrambler: u32,
}

impl FrameArgs {
    /// Whether any of them was given.
    pub fn is_given(&self) -> bool {
        self.rate.is_given() || self.psdu.is_some() || self.fcs || self.sgi
    }

    pub fn sending(&self) -> Result<Sending, Failure> {
        let given = self.psdu.as_deref();
        let given = given.ok_or_else(|| Failure::input("--psdu is missing; give hexadecimal digits or a file"))?;
        let rate = self.rate.chosen(if self.sgi { Guard::Short } else { Guard::Long })?;
        let psdu = encode::psdu(given)?;
        let psdu = if self.fcs { encode::with_fcs(psdu) } else { psdu };
        Ok(Sending::new(rate, psdu, self.scrambler)?)
    }
}
