//! `[matrix]`: trainings in rows, links and SNRs in columns.

use super::link::LinkSpec;
use super::values;
use jscc_nn::tell::Tell;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// `[matrix]`, for `jscc matrix`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixSpec {
    /// Headline of the figures; by default the experiment's name.
    pub title: Option<String>,
    /// Seed of the noise.
    pub seed: u64,
    /// Number of images used, the first ones.
    #[serde(default, deserialize_with = "values::some_at_least_one")]
    pub images: Option<usize>,
    /// The rows.
    #[serde(deserialize_with = "rows")]
    pub row: Vec<MatrixRowSpec>,
    /// The columns, one group per link.
    #[serde(deserialize_with = "columns")]
    pub deploy: Vec<DeploySpec>,
}

/// `[[matrix.row]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRowSpec {
    /// Name in tables and figures.
    #[serde(deserialize_with = "values::label")]
    pub label: String,
    /// Experiment file of the training; one with `at_db` gives a row per SNR. Its seeds are averaged.
    pub train: PathBuf,
    /// Other trainings for some links, by the links' labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub instead: BTreeMap<String, PathBuf>,
    /// What the two sides are told of the channel.
    #[serde(default, skip_serializing_if = "Tell::is_true")]
    pub tell: Tell,
}

/// `[[matrix.deploy]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeploySpec {
    /// Name in tables and figures.
    #[serde(deserialize_with = "values::label")]
    pub label: String,
    /// The link.
    pub link: LinkSpec,
    /// Es/N0 of each column in dB.
    #[serde(deserialize_with = "values::snr_points")]
    pub snr_db: Vec<f64>,
}

fn rows<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<MatrixRowSpec>, D::Error> {
    labelled(values::not_empty::<D, MatrixRowSpec>(value)?, |row| &row.label, "rows")
}

fn columns<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<DeploySpec>, D::Error> {
    labelled(values::not_empty::<D, DeploySpec>(value)?, |deploy| &deploy.label, "links")
}

/// Tables and figures identify rows and links by their labels.
fn labelled<T, E: serde::de::Error>(list: Vec<T>, label: impl Fn(&T) -> &String, what: &str) -> Result<Vec<T>, E> {
    let mut seen = BTreeSet::new();
    let twice = list.iter().map(&label).find(|label| !seen.insert((*label).clone())).cloned();
    twice.map_or(Ok(list), |twice| Err(E::custom(format!("two {what} have the label `{twice}`"))))
}

impl MatrixRowSpec {
    /// Experiment file of its training for a link.
    pub fn train_for(&self, link: &str) -> &Path {
        self.instead.get(link).unwrap_or(&self.train)
    }

    /// Labels of its rows, one per SNR of a training that has some.
    pub fn labels(&self, at_db: &[f64]) -> Vec<String> {
        match at_db {
            [] | [_] => vec![self.label.clone()],
            several => several.iter().map(|snr_db| format!("{}, {snr_db} dB", self.label)).collect(),
        }
    }
}

/// Label of the curve of a row on a link.
pub fn curve_label(row: &str, link: &str) -> String {
    format!("{row} → {link}")
}

impl MatrixSpec {
    /// Reason why the table makes no sense; `None` if it does.
    pub(super) fn misfit(&self) -> Option<String> {
        let known: BTreeSet<_> = self.deploy.iter().map(|deploy| &deploy.label).collect();
        let mut others = self.row.iter().flat_map(|row| row.instead.keys().map(move |label| (row, label)));
        let (row, label) = others.find(|(_, label)| !known.contains(label))?;
        Some(format!("row `{}` has another training for `{label}`, and no [[matrix.deploy]] has that label", row.label))
    }
}
