//! `jscc methods`: what can be trained.

use crate::output::{Format, print_table, say};
use clap::Args;
use jscc_lab::methods;

/// List the methods: the survey's Table I as far as it is built, and what each is told of the channel.
///
/// "tx: SNR" after a name: its encoder is told the SNR; rx is the decoder. Weights are those of the default sizes for 28x28
/// grey pictures and 48 channel uses.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc methods\n  jscc methods --json")]
pub struct Methods {
    /// Print a JSON object for each method
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
            }
        }
    }
}
