//! Experiment files of packet error rates, for `jscc per`.

use super::refuse::SpecError;
use super::{resolved, values};
use crate::Error;
use crate::input;
use jscc_phy::wifi::Mcs;
use jscc_phy::wifi::fcs::N_FCS;
use jscc_radio::files::sha256;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Octets of a PSDU: at least one besides its frame check sequence, at most what every rate can carry.
const OCTETS: RangeInclusive<usize> = N_FCS + 1..=4095;
/// Range of a crystal's offset, far beyond real ones.
const PPM: RangeInclusive<f64> = 0.0..=100.0;
/// Carriers for which such offsets stay within the band.
const GHZ: RangeInclusive<f64> = 0.1..=80.0;
/// Finer steps resolve only noise, coarser ones miss the slope.
const STEP_DB: RangeInclusive<f64> = 0.01..=2.0;
/// The packet error rate at which rates are compared.
pub const TARGET: f64 = 0.1;

/// An experiment file, read and checked.
#[derive(Debug, Clone)]
pub struct PerSpec {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Its content.
    pub file: PerFile,
}

/// Content of an experiment file on packet error rates.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PerFile {
    /// Name of the experiment, and of the files it writes.
    #[serde(deserialize_with = "values::file_name")]
    pub name: String,
    /// The measurement.
    pub per: PerTable,
}

/// `[per]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PerTable {
    /// Headline of the figure; by default the experiment's name.
    pub title: Option<String>,
    /// Seed of PSDUs, offsets and noise.
    pub seed: u64,
    /// 6 to 54 (Mb/s) and "ht0" to "ht7", one curve per rate.
    #[serde(deserialize_with = "rates", serialize_with = "rates_as_written")]
    pub rates: Vec<Mcs>,
    /// Octets of a PSDU with its frame check sequence.
    #[serde(deserialize_with = "octets")]
    pub octets: usize,
    /// Carrier frequency in GHz, which converts ppm to Hz.
    #[serde(deserialize_with = "ghz")]
    pub carrier_ghz: f64,
    /// Largest offset of a sender's crystal, in ppm of both carrier and sampling clock.
    #[serde(deserialize_with = "ppm")]
    pub offset_ppm: f64,
    /// Distance between points, in dB.
    #[serde(deserialize_with = "step_db")]
    pub step_db: f64,
    /// Range of packet error rates that a curve must reach.
    #[serde(deserialize_with = "per_range")]
    pub per_range: [f64; 2],
    /// Most packets per point.
    #[serde(deserialize_with = "values::at_least_one")]
    pub packets: usize,
    /// Number of errors at which a point ends early.
    #[serde(deserialize_with = "values::at_least_one")]
    pub errors: usize,
}

impl PerSpec {
    /// Reads an experiment file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = input::text(path).map_err(|reason| Error::Read { path: path.into(), reason })?;
        let file = toml::from_str(&text).map_err(|error| SpecError::of_toml(path, &text, &error))?;
        Ok(Self { path: path.into(), text, file })
    }

    /// SHA-256 of the content with defaults filled in, by which result rows refer to the file.
    pub fn sha256(&self) -> String {
        sha256(resolved(&self.file).as_bytes())
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Rate(#[serde(deserialize_with = "values::rate")] Mcs);

fn rates<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<Mcs>, D::Error> {
    let rates: Vec<Mcs> = Vec::deserialize(value)?.into_iter().map(|Rate(mcs)| mcs).collect();
    if rates.is_empty() {
        return Err(D::Error::custom("takes one rate at least"));
    }
    match rates.iter().enumerate().find(|(i, mcs)| rates[..*i].contains(mcs)) {
        Some((_, twice)) => Err(D::Error::custom(format!("has the rate {twice} twice"))),
        None => Ok(rates),
    }
}

/// A rate of a row, in the notation of experiment files.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn rate_as_written<S: Serializer>(mcs: &Mcs, to: S) -> Result<S::Ok, S::Error> {
    values::rate_as_written(mcs, to)
}

fn rates_as_written<S: Serializer>(rates: &[Mcs], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(rates.iter().map(Mcs::to_string))
}

fn octets<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let n = usize::deserialize(value)?;
    let (least, most) = (OCTETS.start(), OCTETS.end());
    if OCTETS.contains(&n) {
        Ok(n)
    } else {
        Err(D::Error::custom(format!("{n} is not within {least} to {most} octets")))
    }
}

fn within<E: serde::de::Error>(x: f64, range: &RangeInclusive<f64>, unit: &str) -> Result<f64, E> {
    let (low, high) = (range.start(), range.end());
    if range.contains(&x) { Ok(x) } else { Err(E::custom(format!("{x} is not within {low} to {high} {unit}"))) }
}

fn ghz<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(f64::deserialize(value)?, &GHZ, "GHz")
}

fn ppm<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(f64::deserialize(value)?, &PPM, "ppm")
}

fn step_db<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(f64::deserialize(value)?, &STEP_DB, "dB")
}

fn per_range<'de, D: Deserializer<'de>>(value: D) -> Result<[f64; 2], D::Error> {
    match Vec::deserialize(value)?[..] {
        [low, high] if 0.0 < low && low < TARGET && TARGET < high && high < 1.0 => Ok([low, high]),
        _ => Err(D::Error::custom(format!("takes two error rates, one below and one above {TARGET}, within 0 to 1"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"name = "per"

[per]
seed = 1
rates = [54, "ht7"]
octets = 1000
carrier_ghz = 5.8
offset_ppm = 40
step_db = 0.25
per_range = [0.01, 0.9]
packets = 2000
errors = 200
"#;

    /// The refusal of the valid file with a replacement, after the file's name.
    fn refusal(from: &str, to: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spec.toml");
        std::fs::write(&path, GOOD).unwrap();
        assert_eq!(PerSpec::read(&path).unwrap().file.per.rates, [Mcs::M54, Mcs::HT7]);
        assert!(GOOD.contains(from), "`{from}` is in the good file");
        std::fs::write(&path, GOOD.replacen(from, to, 1)).unwrap();
        let error = PerSpec::read(&path).expect_err("must be refused");
        assert!(error.is_input());
        error.to_string().split_once("spec.toml").expect("names the file").1.to_owned()
    }

    #[test]
    fn what_cannot_be_measured_is_refused_with_its_line() {
        assert!(refusal("packets", "pakets").starts_with(", line 11: "));
        assert!(refusal("packets", "pakets").ends_with("did you mean `packets`?"));
        assert!(refusal("54,", "55,").contains("line 5: `55` is no rate"));
        assert!(refusal("54,", "\"ht7\",").contains("has the rate ht7 twice"));
        assert!(refusal("54, \"ht7\"", "").contains("one rate at least"));
        assert!(refusal("octets = 1000", "octets = 4").contains("4 is not within 5 to 4095 octets"));
        assert!(refusal("5.8", "0").contains("0 is not within 0.1 to 80 GHz"));
        assert!(refusal("40", "-1").contains("-1 is not within 0 to 100 ppm"));
        assert!(refusal("0.25", "nan").contains("NaN is not within"));
        for wrong in ["[0.1, 0.9]", "[0.9, 0.01]", "[0.01]", "[0, 0.9]", "[0.01, 1]", "[0.01, nan]"] {
            assert!(refusal("[0.01, 0.9]", wrong).contains("takes two error rates"), "{wrong}");
        }
        assert!(refusal("seed = 1\n", "").contains("missing field `seed`"));
    }
}
