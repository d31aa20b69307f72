//! Names of channels and impairments in command lines and experiment files: parsing and printing.
//!
//! | name | model | range |
//! |---|---|---|
//! | `awgn` | noise only | |
//! | `rayleigh`, `rayleigh:16` | flat Rayleigh fading, per frame or per block of 16 (or `:symbol`) | 1 and up |
//! | `rician:6`, `rician:6,16` | flat Rician fading, K = 6 dB; blocks as above | -100 to 100 dB |
//! | `tgn-a` … `tgn-f` | TGn models A to F | |
//! | `exp:50` | exponential decay with 50 ns | 0 to 10000 ns |
//! | `cfo:20000` | carrier frequency offset in Hz | ±10 MHz |
//! | `sco:20` | sampling clock offset in ppm | ±1000 ppm |
//! | `phase-noise:100` | linewidth in Hz | 0 to 1 MHz |
//! | `iq-tx:0.5,2`, `iq-rx:0.5,2` | IQ imbalance, gain in dB and phase in degrees | ±20 dB, ±90° |
//! | `rapp:3,6` | amplifier, smoothness and input back-off in dB | 0.1 to 100, ±100 dB |
//! | `burst:0.001,80,10` | start probability, mean length in samples, power in dB | 0 to 1, 1 to 1e9, ±100 dB |

use super::impairment::{Impairment, Side};
use super::{Channel, Coherence, Fading, Tgn};
use std::fmt;
use std::str::FromStr;

/// A text that does not name a channel or impairment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// An unknown name.
    #[error("no channel `{0}`; there are awgn, rayleigh, rician:K, tgn-a to tgn-f and exp:NS")]
    Channel(String),
    /// An unknown name.
    #[error("no impairment `{0}`; there are cfo, sco, phase-noise, iq-tx, iq-rx, rapp and burst")]
    Impairment(String),
    /// Too many or too few arguments, or arguments that are not numbers.
    #[error("`{given}` should look like `{form}`")]
    Form {
        /// The text given.
        given: String,
        /// The expected form.
        form: &'static str,
    },
    /// A number out of range.
    #[error("`{given}`: {rule}")]
    Range {
        /// The text given.
        given: String,
        /// The rule violated.
        rule: &'static str,
    },
}

impl FromStr for Channel {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let (name, arguments) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let bad_form = |form| BadName::Form { given: text.to_owned(), form };
        let channel = match (name, arguments) {
            ("awgn", None) => Some(Self::Awgn),
            ("awgn", Some(_)) => return Err(bad_form("awgn")),
            ("rayleigh", blocks) => {
                parse_coherence(blocks).map(|coherence| Self::Flat { fading: Fading::Rayleigh, coherence })
            }
            ("rician", Some(arguments)) => parse_rician(arguments),
            ("exp", Some(arguments)) => numbers(arguments).map(|[rms_ns]| Self::Exponential { rms_ns }),
            (_, None) => Tgn::ALL.into_iter().map(Self::Tgn).find(|model| model.to_string() == name),
            _ => None,
        };
        let channel = channel.ok_or_else(|| match name {
            "rayleigh" => bad_form("rayleigh, rayleigh:16 or rayleigh:symbol"),
            "rician" => bad_form("rician:6, rician:6,16 or rician:6,symbol"),
            "exp" => bad_form("exp:50"),
            _ => BadName::Channel(text.to_owned()),
        })?;
        channel.check().map_err(|rule| BadName::Range { given: text.to_owned(), rule })?;
        Ok(channel)
    }
}

fn parse_rician(arguments: &str) -> Option<Channel> {
    let (k, blocks) = arguments.split_once(',').map_or((arguments, None), |(k, blocks)| (k, Some(blocks)));
    let fading = Fading::Rician { k_db: k.parse().ok()? };
    Some(Channel::Flat { fading, coherence: parse_coherence(blocks)? })
}

fn parse_coherence(blocks: Option<&str>) -> Option<Coherence> {
    match blocks {
        None => Some(Coherence::Frame),
        Some("symbol") => Some(Coherence::Symbol),
        Some(length) => length.parse().ok().map(Coherence::Block),
    }
}

/// Exactly `N` numbers, separated by commas.
fn numbers<const N: usize>(arguments: &str) -> Option<[f64; N]> {
    let values: Vec<f64> = arguments.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    values.try_into().ok()
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blocks = |first: char, coherence: &Coherence| match coherence {
            Coherence::Frame => String::new(),
            Coherence::Block(length) => format!("{first}{length}"),
            Coherence::Symbol => format!("{first}symbol"),
        };
        match self {
            Self::Awgn => f.write_str("awgn"),
            Self::Flat { fading: Fading::Rayleigh, coherence } => write!(f, "rayleigh{}", blocks(':', coherence)),
            Self::Flat { fading: Fading::Rician { k_db }, coherence } => {
                write!(f, "rician:{k_db}{}", blocks(',', coherence))
            }
            Self::Tgn(model) => write!(f, "tgn-{}", format!("{model:?}").to_lowercase()),
            Self::Exponential { rms_ns } => write!(f, "exp:{rms_ns}"),
        }
    }
}

impl FromStr for Impairment {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let (name, given) = text.split_once(':').unwrap_or((text, ""));
        let iq = |side| numbers(given).map(|[gain_db, phase_deg]| Self::IqImbalance { side, gain_db, phase_deg });
        let (impairment, form) = match name {
            "cfo" => (numbers(given).map(|[hz]| Self::FrequencyOffset { hz }), "cfo:20000"),
            "sco" => (numbers(given).map(|[ppm]| Self::ClockOffset { ppm }), "sco:20"),
            "phase-noise" => {
                (numbers(given).map(|[linewidth_hz]| Self::PhaseNoise { linewidth_hz }), "phase-noise:100")
            }
            "iq-tx" => (iq(Side::Transmitter), "iq-tx:0.5,2"),
            "iq-rx" => (iq(Side::Receiver), "iq-rx:0.5,2"),
            "rapp" => {
                (numbers(given).map(|[smoothness, backoff_db]| Self::Amplifier { smoothness, backoff_db }), "rapp:3,6")
            }
            "burst" => (
                numbers(given).map(|[start, mean_length, power_db]| Self::Bursts { start, mean_length, power_db }),
                "burst:0.001,80,10",
            ),
            _ => return Err(BadName::Impairment(text.to_owned())),
        };
        let impairment = impairment.ok_or_else(|| BadName::Form { given: text.to_owned(), form })?;
        impairment.check().map_err(|rule| BadName::Range { given: text.to_owned(), rule })?;
        Ok(impairment)
    }
}

impl fmt::Display for Impairment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrequencyOffset { hz } => write!(f, "cfo:{hz}"),
            Self::ClockOffset { ppm } => write!(f, "sco:{ppm}"),
            Self::PhaseNoise { linewidth_hz } => write!(f, "phase-noise:{linewidth_hz}"),
            Self::IqImbalance { side, gain_db, phase_deg } => {
                let side = match side {
                    Side::Transmitter => "tx",
                    Side::Receiver => "rx",
                };
                write!(f, "iq-{side}:{gain_db},{phase_deg}")
            }
            Self::Amplifier { smoothness, backoff_db } => write!(f, "rapp:{smoothness},{backoff_db}"),
            Self::Bursts { start, mean_length, power_db } => write!(f, "burst:{start},{mean_length},{power_db}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back() {
        let flat = ["rayleigh", "rayleigh:16", "rayleigh:symbol", "rician:6", "rician:-2.5,16", "rician:6,symbol"];
        let others = ["awgn", "tgn-a", "tgn-b", "tgn-c", "tgn-d", "tgn-e", "tgn-f", "exp:50", "exp:0"];
        for name in flat.into_iter().chain(others) {
            assert_eq!(name.parse::<Channel>().map(|channel| channel.to_string()).as_deref(), Ok(name));
        }
        let names = ["cfo:20000", "sco:-20", "phase-noise:100", "iq-tx:0.5,2", "iq-rx:0.5,-2", "rapp:3,6"];
        for name in names.into_iter().chain(["burst:0.001,80,10"]) {
            assert_eq!(name.parse::<Impairment>().map(|impairment| impairment.to_string()).as_deref(), Ok(name));
        }
    }

    #[test]
    fn wrong_names_say_what_is_wrong() {
        let channel = |text: &str| text.parse::<Channel>().map_err(|e| e.to_string()).expect_err("should be refused");
        assert!(channel("fog").starts_with("no channel `fog`; there are awgn"));
        for text in ["", "tgn-g", "tgn-a:3", "tgn", "TGN-A"] {
            assert!(channel(text).starts_with("no channel"), "{text}");
        }
        for text in ["rician", "rician:", "rician:x", "rician:6,0", "rayleigh:", "rayleigh:0", "awgn:1", "exp:1,2"] {
            assert!(channel(text).contains("should look like"), "{text}");
        }
        for text in ["rician:NaN", "rician:inf", "exp:-1", "exp:inf", "exp:NaN"] {
            assert!(channel(text).contains("must be"), "{text}");
        }
        let impairment = |text: &str| text.parse::<Impairment>().map_err(|e| e.to_string()).expect_err("refused");
        assert!(impairment("fog").starts_with("no impairment `fog`; there are cfo"));
        assert_eq!(impairment("rapp:3"), "`rapp:3` should look like `rapp:3,6`");
        for text in ["cfo:NaN", "sco:1e9", "phase-noise:-1", "iq-tx:0,91", "rapp:0,6", "burst:2,80,10", "burst:0,0,0"] {
            assert!(impairment(text).contains("must be"), "{text}");
        }
    }
}
