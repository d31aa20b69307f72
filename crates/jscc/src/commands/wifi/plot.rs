//! `jscc wifi plot`: figure of one frame of a recording.

use super::row::{self, Extent};
use super::{Recorded, tell_warnings};
use crate::failure::Failure;
use crate::output::{self, Format, say};
use clap::Args;
use jscc_lab::report::radio::{png, svg};
use jscc_radio::decode::{Picked, Which};
use jscc_radio::files::write_atomic;
use jscc_radio::picture::picture;
use std::path::PathBuf;

/// Draw one frame of a recording: its points, its spectrum, its channel.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc wifi plot air.cf32 -o frame.png\n  \
    jscc wifi plot air.sigmf-meta --frame 12 -o frame.svg")]
pub struct Plot {
    /// The recording: raw samples or SigMF; - for standard input
    file: PathBuf,
    #[command(flatten)]
    recorded: Recorded,
    /// Number of the frame in the list of `decode`, from 1 [default: the first with a right FCS]
    #[arg(long = "frame", value_name = "N")]
    number: Option<usize>,
    /// The picture: SVG if it ends in .svg, PNG otherwise; - for standard output
    #[arg(short, long, value_name = "PNG")]
    out: PathBuf,
    /// Print a JSON object for the frame
    #[arg(long)]
    json: bool,
}

impl Plot {
    pub fn run(self) -> Result<(), Failure> {
        output::claim(&self.out)?;
        let which = self.number.map_or(Which::FirstGood, Which::Number);
        let picked = Picked::read(&self.file, self.recorded.said(), which)?;
        tell_warnings(&picked.warnings);
        let picture = picture(&picked, &self.file);
        let is_svg = self.out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
        let bytes = if is_svg { svg(&picture).into_bytes() } else { png(&picture) };
        write_atomic(&self.out, &bytes).map_err(|error| Failure::failed(format!("cannot write: {error}")))?;
        match Format::of_flag(self.json) {
            Format::Json => say(&row::json(&picked.found).to_string()),
            Format::Table => {
                say(&row::header());
                say(&row::text(&picked.found, Extent::Beginning));
                say(&format!("\nThe picture of frame {}: {}", picked.number, self.out.display()));
            }
        }
        Ok(())
    }
}
