//! Criteria about one curve.

use super::super::values;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use toml::Spanned;

/// `graceful`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GracefulSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Largest fall of PSNR from one SNR to any higher one.
    #[serde(deserialize_with = "values::not_negative")]
    pub slack_db: f64,
    /// Largest rise of PSNR from one SNR to the next, per dB of SNR.
    #[serde(deserialize_with = "values::positive")]
    pub step_db: f64,
}

/// `cliff`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CliffSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Smallest rise of PSNR.
    #[serde(deserialize_with = "values::positive")]
    pub height_db: f64,
    /// Largest range of PSNR below the rise.
    #[serde(deserialize_with = "values::not_negative")]
    pub flat_db: f64,
    /// Largest width of the rise in SNR.
    #[serde(deserialize_with = "values::positive")]
    pub width_db: f64,
}

/// `worsens`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WorsensSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Highest SNR at which the lowest point may lie.
    #[serde(deserialize_with = "values::snr_point")]
    pub until_db: f64,
    /// Smallest fall from the lowest SNR to that point.
    #[serde(deserialize_with = "values::not_negative")]
    pub by_db: f64,
    /// Smallest rise from there to some higher SNR.
    #[serde(deserialize_with = "values::not_negative")]
    pub recovers_db: f64,
}

/// What a measure rises with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rises {
    /// The SNR.
    #[default]
    Snr,
}

/// `monotone`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MonotoneSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Name of a metric in rows.
    #[serde(default = "psnr_db")]
    pub measure: Spanned<String>,
    /// Largest fall from one SNR to the next, in the unit of the rows.
    #[serde(default, deserialize_with = "values::not_negative")]
    pub by: f64,
    /// What it rises with.
    #[serde(default)]
    pub rises: Rises,
}

/// `scalar`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScalarSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Name of a metric in rows.
    pub measure: Spanned<String>,
    /// SNR of the row.
    #[serde(deserialize_with = "values::snr_point")]
    pub at_db: f64,
    /// Smallest and largest value, in the unit of the rows.
    #[serde(deserialize_with = "interval")]
    pub between: [f64; 2],
}

/// `agrees`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AgreesSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Published points: SNR and PSNR in dB.
    #[serde(deserialize_with = "values::not_empty")]
    pub points: Vec<[f64; 2]>,
    /// Largest mean difference, in either direction.
    #[serde(deserialize_with = "values::not_negative")]
    pub mean_db: f64,
    /// Largest difference at any point.
    #[serde(deserialize_with = "values::not_negative")]
    pub worst_db: f64,
}

fn psnr_db() -> Spanned<String> {
    Spanned::new(0..0, "psnr_db".to_owned())
}

fn interval<'de, D: Deserializer<'de>>(value: D) -> Result<[f64; 2], D::Error> {
    // A list, because an array would accept the first two of three.
    match Vec::<f64>::deserialize(value)?[..] {
        [low, high] if low.is_finite() && high.is_finite() && low <= high => Ok([low, high]),
        _ => Err(Error::custom("takes two numbers, the lower and the higher")),
    }
}
