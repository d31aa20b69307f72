//! Criteria about two curves or more.

use super::super::values;
use super::amount::{Amount, Compared, some_finite, some_not_negative};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `tracks`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "TracksTable")]
pub struct TracksSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Label of the reference curve.
    pub reference: Spanned<String>,
    /// Largest difference, in either direction.
    #[serde(flatten)]
    pub within: Amount,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TracksTable {
    curve: Spanned<String>,
    reference: Spanned<String>,
    metric: Option<Compared>,
    #[serde(default, deserialize_with = "some_not_negative")]
    within_db: Option<f64>,
    #[serde(default, deserialize_with = "some_not_negative")]
    within_points: Option<f64>,
    #[serde(default, deserialize_with = "some_not_negative")]
    within_mse: Option<f64>,
}

impl TryFrom<TracksTable> for TracksSpec {
    type Error = String;

    fn try_from(table: TracksTable) -> Result<Self, String> {
        let TracksTable { curve, reference, metric, within_db, within_points, within_mse } = table;
        Ok(Self { curve, reference, within: Amount::within(metric, [within_db, within_points, within_mse])? })
    }
}

/// `beats`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "BeatsTable")]
pub struct BeatsSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Label of the rival curve.
    pub rival: Spanned<String>,
    /// Smallest lead; 0 requires any lead, a negative value allows a deficit.
    #[serde(flatten)]
    pub by: Amount,
    /// Lowest SNR of the comparison; by default the sweep's.
    pub from_db: Option<f64>,
    /// Highest SNR of the comparison; by default the sweep's.
    pub to_db: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BeatsTable {
    curve: Spanned<String>,
    rival: Spanned<String>,
    metric: Option<Compared>,
    #[serde(default, deserialize_with = "some_finite")]
    by_db: Option<f64>,
    #[serde(default, deserialize_with = "some_finite")]
    by_points: Option<f64>,
    #[serde(default, deserialize_with = "values::some_snr_point")]
    from_db: Option<f64>,
    #[serde(default, deserialize_with = "values::some_snr_point")]
    to_db: Option<f64>,
}

impl TryFrom<BeatsTable> for BeatsSpec {
    type Error = String;

    fn try_from(table: BeatsTable) -> Result<Self, String> {
        let BeatsTable { curve, rival, metric, by_db, by_points, from_db, to_db } = table;
        let by = match (by_db, by_points, metric) {
            (None, None, Some(Compared::Accuracy)) => Amount::ANY_LEAD_IN_POINTS,
            (None, None, _) => Amount::ANY_LEAD,
            _ => Amount::by(metric, by_db, by_points)?,
        };
        Ok(Self { curve, rival, by, from_db, to_db })
    }
}

impl BeatsSpec {
    /// Range of SNRs in the comparison, in dB.
    pub fn range(&self) -> [f64; 2] {
        range(self.from_db, self.to_db)
    }
}

fn range(from_db: Option<f64>, to_db: Option<f64>) -> [f64; 2] {
    [from_db.unwrap_or(f64::NEG_INFINITY), to_db.unwrap_or(f64::INFINITY)]
}

/// `drops`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "DropsTable")]
pub struct DropsSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Label of the same without something, such as with the side information of other pictures.
    pub control: Spanned<String>,
    /// Smallest lead of the curve on average.
    #[serde(flatten)]
    pub by: Amount,
    /// Lowest SNR of the average; by default the sweep's.
    pub from_db: Option<f64>,
    /// Highest SNR of the average; by default the sweep's.
    pub to_db: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DropsTable {
    curve: Spanned<String>,
    control: Spanned<String>,
    metric: Option<Compared>,
    #[serde(default, deserialize_with = "some_not_negative")]
    by_db: Option<f64>,
    #[serde(default, deserialize_with = "some_not_negative")]
    by_points: Option<f64>,
    #[serde(default, deserialize_with = "values::some_snr_point")]
    from_db: Option<f64>,
    #[serde(default, deserialize_with = "values::some_snr_point")]
    to_db: Option<f64>,
}

impl TryFrom<DropsTable> for DropsSpec {
    type Error = String;

    fn try_from(table: DropsTable) -> Result<Self, String> {
        let DropsTable { curve, control, metric, by_db, by_points, from_db, to_db } = table;
        Ok(Self { curve, control, by: Amount::by(metric, by_db, by_points)?, from_db, to_db })
    }
}

impl DropsSpec {
    /// Range of SNRs in the average, in dB.
    pub fn range(&self) -> [f64; 2] {
        range(self.from_db, self.to_db)
    }
}

/// `crosses`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "CrossesTable")]
pub struct CrossesSpec {
    /// Label of the curve that leads at the lower SNR.
    pub low: Spanned<String>,
    /// Label of the curve that leads at the higher one.
    pub high: Spanned<String>,
    /// The two SNRs.
    pub at_db: [f64; 2],
    /// Smallest lead at each of them.
    #[serde(flatten)]
    pub by: Amount,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrossesTable {
    low: Spanned<String>,
    high: Spanned<String>,
    #[serde(deserialize_with = "values::snr_range")]
    at_db: [f64; 2],
    metric: Option<Compared>,
    #[serde(default, deserialize_with = "some_not_negative")]
    by_db: Option<f64>,
    #[serde(default, deserialize_with = "some_not_negative")]
    by_points: Option<f64>,
}

impl TryFrom<CrossesTable> for CrossesSpec {
    type Error = String;

    fn try_from(table: CrossesTable) -> Result<Self, String> {
        let CrossesTable { low, high, at_db, metric, by_db, by_points } = table;
        if at_db[0] >= at_db[1] {
            return Err("curves cross between two different SNRs, the lower and the higher".to_owned());
        }
        Ok(Self { low, high, at_db, by: Amount::by(metric, by_db, by_points)? })
    }
}

/// `near_envelope`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NearEnvelopeSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Labels of the curves whose best at each SNR is the envelope.
    #[serde(deserialize_with = "values::not_empty")]
    pub specialists: Vec<Spanned<String>>,
    /// Largest mean shortfall over the SNRs.
    #[serde(deserialize_with = "values::finite")]
    pub mean_db: f64,
    /// Largest shortfall at any SNR.
    #[serde(deserialize_with = "values::finite")]
    pub worst_db: f64,
}
