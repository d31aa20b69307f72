//! Numbers with their unit, as text and as JSON.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Name and value of a number, as text.
pub type Number = (String, String);

/// Unit of a compared number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// dB of PSNR.
    Db,
    /// Hundredths of an accuracy.
    Points,
    /// The rows' own, such as MSE.
    Plain,
}

impl Unit {
    /// A number as text: two decimals, or five without a unit, because an MSE is small.
    pub fn text(self, x: f64) -> String {
        match self {
            Self::Db => two_decimals(x) + " dB",
            Self::Points => two_decimals(x) + " points",
            Self::Plain => rounded(x, 5),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Db => "db",
            Self::Points => "points",
            Self::Plain => "value",
        }
    }
}

/// A number at an SNR; in JSON its field is `db`, `points` or `value`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// The SNR in dB.
    pub snr_db: f64,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("snr_db", &self.snr_db)?;
        map.serialize_entry(self.unit.key(), &self.value)?;
        map.end()
    }
}

impl At {
    /// The number and where it stands.
    pub(super) fn number(&self, name: &str) -> Number {
        (name.to_owned(), format!("{} at {} dB", self.unit.text(self.value), self.snr_db))
    }
}

/// A number per SNR.
pub(super) fn each(name: &str, all: &[At]) -> impl Iterator<Item = Number> {
    all.iter().map(move |at| (format!("{name} at {} dB", at.snr_db), at.unit.text(at.value)))
}

/// Change of a metric from one SNR to a higher one; in JSON its field is named as in [`At`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The lower SNR.
    pub from_db: f64,
    /// The higher one.
    pub to_db: f64,
    /// The change, or the change per dB of SNR.
    pub by: f64,
    /// Its unit.
    pub unit: Unit,
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("from_db", &self.from_db)?;
        map.serialize_entry("to_db", &self.to_db)?;
        map.serialize_entry(self.unit.key(), &self.by)?;
        map.end()
    }
}

/// Two decimals, and no minus sign before zero.
pub(super) fn two_decimals(x: f64) -> String {
    rounded(x, 2)
}

fn rounded(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    let is_zero = text.trim_start_matches('-').chars().all(|c| "0.".contains(c));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}
