//! SigMF recordings: a `.sigmf-meta` of JSON beside a `.sigmf-data` of samples, or both in a `.sigmf` archive.
//!
//! Source: the SigMF specification 1.2 (sigmf.org). What is known of each frame is an annotation, in the namespace
//! `jscc` that `sigmf/jscc.sigmf-ext.md` defines. Unknown fields are passed over; a recording that cannot be read right
//! without what this project lacks (channels, headers within the data, big-endian numbers, a required extension) is
//! refused by name.

mod annotation;
mod archive;
mod file;

pub use annotation::Annotation;
pub use file::{Head, Recording, Writer, open};

use super::iq::SampleFormat;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io;

/// The largest description that is read, in bytes.
pub const MAX_META: u64 = 64 << 20;

/// The version of the specification that is written.
const VERSION: &str = "1.2.6";

/// The namespace of this project's fields.
const NAMESPACE: &str = "jscc";

/// The version of that namespace.
const NAMESPACE_VERSION: &str = "1.0.0";

/// What a `.sigmf-meta` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// Of the whole recording.
    pub global: Global,
    /// Where something about the capture changes, by sample.
    #[serde(default)]
    pub captures: Vec<Capture>,
    /// What was found, by sample.
    #[serde(default)]
    pub annotations: Vec<Annotation>,
}

/// What holds for the whole recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Global {
    /// How samples are stored.
    #[serde(rename = "core:datatype", deserialize_with = "read_datatype", serialize_with = "write_datatype")]
    pub format: SampleFormat,
    /// Version of the specification.
    #[serde(rename = "core:version")]
    pub version: String,
    /// In samples per second.
    #[serde(rename = "core:sample_rate", skip_serializing_if = "Option::is_none", default)]
    pub sample_rate: Option<f64>,
    /// SHA-512 of the data file, in hexadecimal.
    #[serde(rename = "core:sha512", skip_serializing_if = "Option::is_none", default)]
    pub sha512: Option<String>,
    /// The program that wrote it.
    #[serde(rename = "core:recorder", skip_serializing_if = "Option::is_none", default)]
    pub recorder: Option<String>,
    /// In words.
    #[serde(rename = "core:description", skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// The receiver, in words.
    #[serde(rename = "core:hw", skip_serializing_if = "Option::is_none", default)]
    pub hardware: Option<String>,
    /// The number of the first sample in the data file; those of captures and annotations count on the same scale.
    #[serde(rename = "core:offset", skip_serializing_if = "is_zero", default)]
    pub offset: u64,
    /// Namespaces in use beside `core`.
    #[serde(rename = "core:extensions", skip_serializing_if = "Vec::is_empty", default)]
    pub extensions: Vec<Extension>,
    #[serde(rename = "core:num_channels", skip_serializing_if = "Option::is_none", default)]
    channels: Option<u64>,
    #[serde(rename = "core:dataset", skip_serializing, default)]
    dataset: Option<String>,
    #[serde(rename = "core:trailing_bytes", skip_serializing, default)]
    trailing_bytes: Option<u64>,
    #[serde(rename = "core:metadata_only", skip_serializing, default)]
    metadata_only: Option<bool>,
}

/// A namespace in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether the recording can be read without it.
    pub optional: bool,
}

/// A part of the recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// Its first sample.
    #[serde(rename = "core:sample_start")]
    pub start: u64,
    /// Centre frequency in Hz.
    #[serde(rename = "core:frequency", skip_serializing_if = "Option::is_none", default)]
    pub frequency: Option<f64>,
    /// Time of its first sample, as in `2026-11-22T16:00:00Z`.
    #[serde(rename = "core:datetime", skip_serializing_if = "Option::is_none", default)]
    pub datetime: Option<String>,
    #[serde(rename = "core:header_bytes", skip_serializing, default)]
    header_bytes: Option<u64>,
}

/// What can be wrong with a recording.
#[derive(Debug, thiserror::Error)]
pub enum SigmfError {
    /// The description is too long to be one.
    #[error("more than {limit} bytes, too many for a SigMF description; is it the .sigmf-data?")]
    TooLarge {
        /// Most bytes allowed.
        limit: u64,
    },
    /// The description is no JSON, or lacks or misuses a field.
    #[error("not a SigMF description that can be read: {0}; correct the field, or write the recording anew")]
    Meta(#[from] serde_json::Error),
    /// The sample rate is none.
    #[error("core:sample_rate is {got}, want a positive number of samples per second; correct it")]
    SampleRate {
        /// What there is.
        got: f64,
    },
    /// Samples of several channels are interleaved.
    #[error("core:num_channels is {got}, only 1 is read; split the recording")]
    Channels {
        /// What there is.
        got: u64,
    },
    /// The data is not only samples, or not in a file of the usual name.
    #[error("{field} is used, so the data is no plain SigMF data; convert it to a conforming recording")]
    NonConforming {
        /// The field that says so.
        field: &'static str,
    },
    /// An extension is required that this project does not know.
    #[error("needs the SigMF extension {name:?}, which is not known here; convert the recording to one without")]
    Extension {
        /// Its name.
        name: String,
    },
    /// The archive does not hold exactly one recording.
    #[error(
        "holds {metas} .sigmf-meta and {datas} .sigmf-data files, want one of each; unpack it and name one recording"
    )]
    Archive {
        /// Descriptions there are.
        metas: usize,
        /// Data files there are.
        datas: usize,
    },
    /// The archive is damaged.
    #[error("not a tar archive that can be read ({0}); copy it again")]
    Tar(io::Error),
    /// The data is not what was recorded.
    #[error("SHA-512 of the samples is {got}, the description says {want}; copy the recording again")]
    Checksum {
        /// SHA-512 there is.
        got: String,
        /// SHA-512 there should be.
        want: String,
    },
}

/// The description in `bytes`, the content of a `.sigmf-meta`.
///
/// # Errors
/// What is wrong with it; with line and column where the JSON is at fault.
pub fn parse(bytes: &[u8]) -> Result<Meta, SigmfError> {
    if bytes.len() as u64 > MAX_META {
        return Err(SigmfError::TooLarge { limit: MAX_META });
    }
    let meta: Meta = serde_json::from_slice(bytes)?;
    meta.check()?;
    Ok(meta)
}

impl Meta {
    fn check(&self) -> Result<(), SigmfError> {
        let global = &self.global;
        if let Some(got) = global.sample_rate.filter(|&rate| rate.is_nan() || rate <= 0.0) {
            return Err(SigmfError::SampleRate { got });
        }
        if let Some(got) = global.channels.filter(|&channels| channels != 1) {
            return Err(SigmfError::Channels { got });
        }
        let uses = [
            ("core:dataset", global.dataset.is_some()),
            ("core:trailing_bytes", global.trailing_bytes.is_some_and(|bytes| bytes > 0)),
            ("core:metadata_only", global.metadata_only == Some(true)),
            (
                "core:header_bytes",
                self.captures.iter().any(|capture| capture.header_bytes.is_some_and(|bytes| bytes > 0)),
            ),
        ];
        if let Some((field, _)) = uses.into_iter().find(|(_, is_used)| *is_used) {
            return Err(SigmfError::NonConforming { field });
        }
        match global.extensions.iter().find(|extension| !extension.optional && extension.name != NAMESPACE) {
            Some(extension) => Err(SigmfError::Extension { name: extension.name.clone() }),
            None => Ok(()),
        }
    }

    /// A description of samples of `format`, as this project writes it, without annotations.
    fn new(format: SampleFormat, sha512: String, head: Head) -> Self {
        let jscc = Extension { name: NAMESPACE.into(), version: NAMESPACE_VERSION.into(), optional: true };
        let global = Global {
            format,
            version: VERSION.into(),
            sample_rate: Some(head.sample_rate),
            sha512: Some(sha512),
            recorder: Some("jscc".into()),
            description: head.description,
            hardware: head.hardware,
            offset: 0,
            extensions: vec![jscc],
            channels: Some(1),
            dataset: None,
            trailing_bytes: None,
            metadata_only: None,
        };
        let capture = Capture { start: 0, frequency: head.frequency, datetime: head.datetime, header_bytes: None };
        Self { global, captures: vec![capture], annotations: Vec::new() }
    }
}

fn read_datatype<'de, D: Deserializer<'de>>(input: D) -> Result<SampleFormat, D::Error> {
    let name = String::deserialize(input)?;
    match name.as_str() {
        "cf32_le" => Ok(SampleFormat::Cf32),
        "ci16_le" => Ok(SampleFormat::Ci16),
        "ci8" | "ci8_le" | "ci8_be" => Ok(SampleFormat::Ci8),
        "cu8" | "cu8_le" | "cu8_be" => Ok(SampleFormat::Cu8),
        _ => Err(serde::de::Error::custom(format!(
            "core:datatype {name:?} is not read, only cf32_le, ci16_le, ci8 and cu8; convert the samples"
        ))),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn write_datatype<S: Serializer>(format: &SampleFormat, output: S) -> Result<S::Ok, S::Error> {
    output.serialize_str(match format {
        SampleFormat::Cf32 => "cf32_le",
        SampleFormat::Ci16 => "ci16_le",
        SampleFormat::Ci8 => "ci8",
        SampleFormat::Cu8 => "cu8",
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests;
