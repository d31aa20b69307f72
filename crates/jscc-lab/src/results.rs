//! Results: one JSON object a line, each saying what was measured, on what, and by which code.

use crate::Error;
use crate::metrics::Quality;
use crate::spec::{LinkSpec, Split};
use jscc_radio::files::write_atomic;
use serde::Serialize;
use std::path::Path;

/// The quality of one codec over one link at one SNR.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Experiment's name.
    pub experiment: String,
    /// SHA-256 of the experiment file; empty where there is none.
    pub spec_sha256: String,
    /// Version and commit of the code.
    pub code: String,
    /// Curve's label.
    pub curve: String,
    /// File of the weights.
    pub weights: String,
    /// SHA-256 of the weights.
    pub weights_sha256: String,
    /// The link.
    pub link: LinkSpec,
    /// Data set.
    pub data: String,
    /// Which of its pictures; null where there is only one kind.
    pub split: Option<Split>,
    /// Pictures.
    pub images: usize,
    /// Seed of the noise.
    pub seed: u64,
    /// Complex channel uses an image.
    pub k: usize,
    /// k over source reals.
    pub bandwidth_ratio: f64,
    /// Samples at 20 Msample/s over source reals, everything on the air counted; null for an ideal link.
    pub air_time_ratio: Option<f64>,
    /// Es/N0 per complex symbol; on Wi-Fi per data subcarrier.
    pub snr_db: f64,
    /// Mean squared error.
    pub mse: f64,
    /// Half-width of its 95 % interval; null for a single frame.
    pub mse_ci95: Option<f64>,
    /// PSNR of the mean squared error; null for a perfect one, as all that is infinite.
    pub psnr_db: Option<f64>,
    /// Ends of its 95 % interval.
    pub psnr_db_ci95: [Option<f64>; 2],
    /// Mean of the pictures' own PSNR.
    pub mean_psnr_db: Option<f64>,
    /// Half-width of its 95 % interval.
    pub mean_psnr_db_ci95: Option<f64>,
    /// Mean SSIM.
    pub ssim: f64,
    /// Half-width of its 95 % interval.
    pub ssim_ci95: Option<f64>,
    /// Frames sent.
    pub frames: usize,
    /// Frames lost; their pictures count as mid-grey.
    pub lost: usize,
}

/// JSON has no infinity.
pub(crate) fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

impl Row {
    /// Puts measured quality in place.
    ///
    /// # Panics
    /// If the quality is not a number.
    #[must_use]
    pub fn with_quality(self, quality: &Quality) -> Self {
        assert!(quality.mse.is_finite() && quality.ssim.is_finite(), "MSE {}, SSIM {}", quality.mse, quality.ssim);
        Self {
            images: quality.images,
            mse: quality.mse,
            mse_ci95: finite(quality.mse_ci95),
            psnr_db: finite(quality.psnr_db),
            psnr_db_ci95: quality.psnr_db_ci95.map(finite),
            mean_psnr_db: finite(quality.mean_psnr_db),
            mean_psnr_db_ci95: finite(quality.mean_psnr_db_ci95),
            ssim: quality.ssim,
            ssim_ci95: finite(quality.ssim_ci95),
            ..self
        }
    }
}

/// The row as a line of JSON.
pub fn to_json(row: &Row) -> String {
    serde_json::to_string(row).expect("a row has nothing that JSON cannot hold")
}

/// Writes rows as JSON lines.
pub fn write(path: &Path, rows: &[Row]) -> Result<(), Error> {
    let lines: String = rows.iter().map(|row| to_json(row) + "\n").collect();
    write_atomic(path, lines.as_bytes()).map_err(Error::Write)
}
