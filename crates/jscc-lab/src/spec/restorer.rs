//! `[restorer]`: training of the network of photographs.

use super::SpecError;
use super::values;
use jscc_nn::photo::Plan;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[restorer]`, for `jscc train`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RestorerSpec {
    /// Folder of the photographs that it is judged by on the way.
    pub validation: PathBuf,
    /// Windows per step.
    #[serde(deserialize_with = "values::at_least_one")]
    pub batch: usize,
    /// Side of a window in blocks of 16 pixels.
    #[serde(deserialize_with = "values::at_least_one")]
    pub blocks: usize,
    /// Received photographs that windows are taken from at a time.
    #[serde(deserialize_with = "values::at_least_one")]
    pub pool: usize,
    /// Windows taken from each, before it is replaced.
    #[serde(deserialize_with = "values::at_least_one")]
    pub windows_each: usize,
    /// SNR in dB that photographs are sent for, from and to.
    #[serde(deserialize_with = "values::snr_range")]
    pub for_db: [f64; 2],
    /// Standard deviation in dB of the SNR that they are received at from that.
    #[serde(deserialize_with = "values::not_negative")]
    pub off_db: f64,
    /// Margins in dB, one of which each has.
    #[serde(deserialize_with = "values::not_empty")]
    pub margins_db: Vec<f64>,
    /// Least and largest time on the air, relative to the usual.
    pub air: [f64; 2],
    /// Largest part of the detail's frames that is lost; half of the photographs lose none.
    pub lost: f64,
    /// Part of the photographs that are grey.
    pub grey: f64,
    /// Network and optimiser.
    pub plan: Plan,
}

impl RestorerSpec {
    fn misfit(&self) -> Option<String> {
        let Self { air, lost, grey, pool, batch, windows_each, .. } = self;
        let fault = match () {
            () if !(0.05 < air[0] && air[0] <= air[1] && air[1] <= 20.0) => "air = [least, largest], within 0.05 to 20",
            () if !(0.0..=1.0).contains(lost) || !(0.0..=1.0).contains(grey) => "lost and grey are parts, 0 to 1",
            () if pool * windows_each < *batch => "the pool has fewer windows than a batch",
            () => return None,
        };
        Some(format!("[restorer]: {fault}"))
    }
}

impl super::Spec {
    /// The `[restorer]` table.
    pub fn restorer(&self) -> Result<&RestorerSpec, crate::Error> {
        let restorer = self.file.restorer.as_ref().ok_or_else(|| SpecError::no_table(&self.path, "restorer"))?;
        restorer.misfit().map_or(Ok(restorer), |why| Err(SpecError::misfit(&self.path, why).into()))
    }
}
