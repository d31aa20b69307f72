//! Every stage of one frame, in the order of the signal, each with its clause of IEEE 802.11-2020.

mod heard;
mod sent;

pub use heard::heard;
pub use sent::sent;

use super::encode::SendError;
use crate::Table;
use jscc_phy::Complex32;
use jscc_phy::wifi::mcs::{CodeRate, Format, Modulation};
use jscc_phy::wifi::ofdm::bin;
use jscc_phy::wifi::{Guard, Ppdu};

/// One stage of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Name of the stage.
    pub name: String,
    /// Clause of the standard.
    pub clause: &'static str,
    /// Its content.
    pub content: Content,
}

/// Content of a stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Octets.
    Octets(Vec<u8>),
    /// Bits in the order of transmission.
    Bits(Vec<u8>),
    /// Complex numbers, each with its subcarrier.
    Tones(Vec<(i32, Complex32)>),
    /// Samples at 20 Msample/s.
    Samples(Vec<Complex32>),
    /// Names and values.
    Facts(Vec<(&'static str, String)>),
    /// Rows and columns.
    Table(Table),
}

impl Stage {
    fn new(name: impl Into<String>, clause: &'static str, content: Content) -> Self {
        Self { name: name.into(), clause, content }
    }
}

/// The clause for a stage of DATA: of clause 17 for non-HT frames, of clause 19 for HT ones.
fn clause(ppdu: Ppdu, non_ht: &'static str, ht: &'static str) -> &'static str {
    match ppdu.mcs().format() {
        Format::NonHt => non_ht,
        Format::Ht => ht,
    }
}

/// The stage with the parameters of the frame.
fn frame(ppdu: Ppdu, scrambler: u8) -> Stage {
    let mcs = ppdu.mcs();
    let modulation = match mcs.modulation() {
        Modulation::Bpsk => "BPSK",
        Modulation::Qpsk => "QPSK",
        Modulation::Qam16 => "16-QAM",
        Modulation::Qam64 => "64-QAM",
    };
    let code_rate = match mcs.code_rate() {
        CodeRate::Half => "1/2",
        CodeRate::TwoThirds => "2/3",
        CodeRate::ThreeQuarters => "3/4",
        CodeRate::FiveSixths => "5/6",
    };
    let guard_ns = if ppdu.guard() == Guard::Long { 800 } else { 400 };
    let facts = vec![
        ("rate", super::Rate::of(ppdu).to_string()),
        ("modulation", format!("{modulation}, code rate {code_rate}")),
        ("guard interval", format!("{guard_ns} ns")),
        ("PSDU", format!("{} octets", ppdu.length())),
        ("scrambler", format!("{scrambler} (x7…x1 = {scrambler:07b})")),
        ("DATA symbols", ppdu.n_sym().to_string()),
        ("bits a symbol", format!("{} of data, {} coded", mcs.n_dbps(), mcs.n_cbps())),
        ("samples", format!("{}, {} µs on the air", ppdu.n_samples(), ppdu.air_time_us())),
    ];
    Stage::new("Frame", clause(ppdu, "17.4.3, Table 17-4", "19.4.3, Table 19-27"), Content::Facts(facts))
}

/// The nonzero bins of a symbol, lowest frequency first.
fn tones(bins: &[Complex32]) -> Vec<(i32, Complex32)> {
    (-28..=28).map(|tone| (tone, bins[bin(tone)])).filter(|(_, value)| *value != Complex32::ZERO).collect()
}

fn check_symbol(ppdu: Ppdu, symbol: usize) -> Result<(), SendError> {
    let n_sym = ppdu.n_sym();
    if symbol < n_sym { Ok(()) } else { Err(SendError::Symbol { got: symbol, n_sym }) }
}

#[cfg(test)]
mod tests;
