//! `jscc methods`: the available methods.

use crate::output::{Format, print_table, say};
use clap::Args;
use jscc_lab::methods;

/// List the methods: the survey's Table I as far as implemented, with the channel information of each.
///
/// Numbers of weights, and of multiply-accumulates per picture of encoder and decoder, are for the default sizes, 28x28 grey
/// pictures with 48 channel uses, or 49 where symbols are whole maps, and 32x32 colour pictures with 256; a dash where a method does
/// not fit, or its decoder takes waveforms.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc methods\n  jscc methods --json")]
pub struct Methods {
    /// Print a JSON object per method
    #[arg(long)]
    json: bool,
}

impl Methods {
    pub fn run(&self) {
        match Format::of_flag(self.json) {
            Format::Json => methods::json().iter().for_each(|method| say(&method.to_string())),
            Format::Table => {
                print_table(&methods::table());
                say("");
                print_table(&methods::list());
                say("");
                for note in methods::notes() {
                    say(&note);
                }
            }
        }
    }
}
