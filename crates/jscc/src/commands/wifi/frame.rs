//! The arguments that make a frame.

use crate::failure::Failure;
use clap::Args;
use jscc_lab::radio::encode::{self, Sending};
use jscc_lab::radio::{Guard, NoSuchRate, Rate};

#[derive(Args)]
#[command(next_help_heading = "The frame")]
pub struct FrameArgs {
    /// Non-HT rate: 6, 9, 12, 18, 24, 36, 48 or 54
    #[arg(long, value_name = "MBPS", conflicts_with = "mcs")]
    rate: Option<String>,
    /// HT scheme, 0 to 7
    #[arg(long, value_name = "N")]
    mcs: Option<u8>,
    /// Short guard interval, with --mcs
    #[arg(long)]
    sgi: bool,
    /// The octets: an even number of hexadecimal digits, or else the name of a file with them (@NAME is always a file)
    #[arg(long, value_name = "HEX|FILE")]
    pub psdu: Option<String>,
    /// Put the frame check sequence after them
    #[arg(long)]
    fcs: bool,
    /// Initial state of the scrambler, 1 to 127, x1 as least significant bit
    #[arg(long, value_name = "N", default_value_t = 93)]
    scrambler: u32,
}

impl FrameArgs {
    /// Whether any of them was given.
    pub fn is_given(&self) -> bool {
        self.rate.is_some() || self.mcs.is_some() || self.psdu.is_some() || self.fcs || self.sgi
    }

    pub fn sending(&self) -> Result<Sending, Failure> {
        let given = self.psdu.as_deref();
        let given = given.ok_or_else(|| Failure::input("--psdu is missing; give hexadecimal digits or a file"))?;
        let rate = self.chosen()?;
        let psdu = encode::psdu(given)?;
        let psdu = if self.fcs { encode::with_fcs(psdu) } else { psdu };
        Ok(Sending::new(rate, psdu, self.scrambler)?)
    }

    fn chosen(&self) -> Result<Rate, Failure> {
        let guard = if self.sgi { Guard::Short } else { Guard::Long };
        let refused = |error: NoSuchRate| Failure::input(error.to_string());
        match (&self.rate, self.mcs) {
            (_, Some(mcs)) => Rate::ht(mcs, guard).map_err(refused),
            (Some(_), None) if self.sgi => {
                Err(Failure::input("--sgi needs an HT rate; give --mcs 0 to 7 in place of --rate"))
            }
            (Some(mbps), None) => Rate::non_ht(mbps).map_err(refused),
            (None, None) => Err(Failure::input("no rate; give --rate 6 to 54 (Mb/s, non-HT) or --mcs 0 to 7 (HT)")),
        }
    }
}
