//! Results as one JSON object per line, with measurement, conditions and code version; for codecs, rivals and packets
//! alike.

use crate::Error;
use crate::metrics::{Metric, find};
use crate::spec::{LinkSpec, Spec, Split};
use jscc_nn::tell::Tell;
use jscc_nn::weights::TrainedOn;
use jscc_radio::files::write_atomic;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;

/// Result of one cell: a codec, a rival or packets over a link at one SNR.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Provenance.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Label of the curve.
    pub curve: String,
    /// The trained codec; null for rivals and packets.
    pub codec: Option<Trained>,
    /// Link that it was measured on.
    pub deployed_on: DeployedOn,
    /// What both sides are told of the channel, unless it is the truth.
    #[serde(skip_serializing_if = "Tell::is_true")]
    pub tell: Tell,
    /// Data set; null for random bits.
    pub data: Option<String>,
    /// Split of the data set; null if there is only one.
    pub split: Option<Split>,
    /// Number of pictures.
    pub images: usize,
    /// Seed of the noise.
    pub seed: u64,
    /// Complex channel uses per image, averaged; null if frames are filled with bits.
    pub k_mean: Option<f64>,
    /// `k_mean` over source reals.
    pub bandwidth_ratio: Option<f64>,
    /// Samples at 20 Msample/s over source reals, everything on the air counted; null for an ideal link.
    pub air_time_ratio: Option<f64>,
    /// Channel uses per image: symbols, or data subcarriers of the frame's DATA field; null for rivals and packets.
    pub uses: Option<f64>,
    /// Energy sent in them per image, where a use of power 1 has energy 1; null if no frame arrived.
    pub energy: Option<f64>,
    /// Es/N0 per complex symbol; on Wi-Fi per data subcarrier of power 1, the gain of a card.
    pub snr_db: f64,
    /// Power of the symbols over the mean square error of the received ones, the imitation's own error included; left out where
    /// no symbols are delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_snr_db: Option<f64>,
    /// Frames sent.
    pub frames: usize,
    /// Frames lost; their pictures count as the mean of the training pictures.
    pub lost: usize,
    /// The measured metrics.
    pub metrics: Vec<Metric>,
}

/// Provenance of a row.
#[derive(Debug, Clone, Serialize)]
pub struct Provenance {
    /// Name of the experiment.
    pub experiment: String,
    /// SHA-256 of the resolved experiment; empty without a file.
    pub spec_sha256: String,
    /// Version and commit of the code.
    pub code: String,
}

/// A codec in a row.
#[derive(Debug, Clone, Serialize)]
pub struct Trained {
    /// Its method.
    pub method: &'static str,
    /// File of the weights.
    pub weights: String,
    /// SHA-256 of the weights.
    pub weights_sha256: String,
    /// Most complex channel uses per image.
    pub k: usize,
    /// Links and SNRs, stage by stage; empty for weights without a header.
    pub trained_on: Vec<TrainedOn>,
    /// Pictures that went forward and backward in its training; left out where its weights do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passes: Option<u64>,
}

/// Link that a row was measured on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeployedOn {
    /// A link of the experiment file.
    Link(LinkSpec),
    /// Transport of a rival's pictures.
    Rival(Value),
    /// Channel and receiver of packets.
    Packets(Value),
}

impl DeployedOn {
    /// Transport of a rival's pictures.
    pub fn rival(air: &impl Serialize) -> Self {
        Self::Rival(value(air))
    }

    /// Channel and receiver of packets.
    pub fn packets(air: &impl Serialize) -> Self {
        Self::Packets(value(air))
    }
}

fn value(air: &impl Serialize) -> Value {
    serde_json::to_value(air).expect("words and numbers")
}

impl Provenance {
    /// Rows of an experiment file, measured by this code.
    pub fn of(spec: &Spec, code: &str) -> Self {
        Self { experiment: spec.file.name.clone(), spec_sha256: spec.sha256(), code: code.to_owned() }
    }
}

impl Row {
    /// The metric with this name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        find(&self.metrics, name)
    }

    /// The value of a metric; infinite if JSON could not represent it.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.metric(name).map(|metric| metric.value.unwrap_or(f64::INFINITY))
    }

    /// The file of the codec's weights.
    pub fn weights(&self) -> Option<&str> {
        self.codec.as_ref().map(|codec| codec.weights.as_str())
    }
}

/// The row as a line of JSON.
pub fn to_json(row: &Row) -> String {
    serde_json::to_string(row).expect("a row has nothing that JSON cannot represent")
}

/// Writes rows as JSON lines.
pub fn write(path: &Path, rows: &[Row]) -> Result<(), Error> {
    let lines: Vec<String> = rows.iter().map(to_json).collect();
    write_lines(path, lines.iter().map(String::as_str))
}

/// Writes rows that are JSON already.
pub fn write_lines<'a>(path: &Path, lines: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    write_atomic(path, text.as_bytes()).map_err(Error::Write)
}
