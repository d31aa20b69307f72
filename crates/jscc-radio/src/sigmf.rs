//! SigMF recordings: a `.sigmf-meta` of JSON beside a `.sigmf-data` of samples, or both in a `.sigmf` archive.
//!
//! Source: the SigMF specification 1.2 (sigmf.org). Each frame is described by an annotation, in the namespace `jscc`
//! defined by `sigmf/jscc.sigmf-ext.md`. Of other fields only those relevant to the samples are read, in all versions
//! of the specification; a recording that needs unsupported features (channels, headers within the data, a required
//! extension) is refused by name.

mod annotation;
mod archive;
mod document;
pub(crate) mod file;

pub use annotation::Annotation;
pub use document::Document;
pub use file::{Head, Recording, Writer, open};

use super::iq::{FormatError, SampleFormat};
use document::Fields;
use serde_json::Value;
use std::io;

/// The largest description read, in bytes.
pub const MAX_META: u64 = 64 << 20;

/// The version of the specification written.
const VERSION: &str = "1.2.6";

/// The namespace of this project's fields.
const NAMESPACE: &str = "jscc";

/// The version of that namespace.
const NAMESPACE_VERSION: &str = "1.0.0";

/// Name of the program in recordings.
const RECORDER: &str = "jscc";

/// Description of the samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Their format.
    pub format: SampleFormat,
    /// Samples per second.
    pub sample_rate: Option<f64>,
    /// SHA-512 of the data file, in hexadecimal.
    pub sha512: Option<String>,
    /// Number of the first sample, on the scale of captures and annotations.
    pub offset: u64,
    /// Segments of the recording, by first sample.
    pub captures: Vec<Capture>,
    /// Number after the last sample described.
    pub reach: u64,
}

/// A segment of the recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Its first sample.
    pub start: u64,
    /// Centre frequency in Hz.
    pub frequency: Option<f64>,
    /// Time of its first sample, as in `2026-11-22T16:00:00Z`.
    pub datetime: Option<String>,
}

/// Faults of a recording.
#[derive(Debug, thiserror::Error)]
pub enum SigmfError {
    /// The description is too long.
    #[error("more than {limit} bytes, too many for a SigMF description; is it the .sigmf-data?")]
    TooLarge {
        /// Most bytes allowed.
        limit: u64,
    },
    /// The description is not JSON.
    #[error("not a SigMF description that can be read ({0}); correct that place, or write the recording anew")]
    Json(#[from] serde_json::Error),
    /// The description lacks or misuses a field.
    #[error("{field} is missing or wrong, want {want}; correct it")]
    Field {
        /// Name of the field.
        field: &'static str,
        /// Expected content.
        want: &'static str,
    },
    /// Samples in an unsupported format.
    #[error("core:datatype {0}")]
    Datatype(#[from] FormatError),
    /// The description cannot be copied unchanged.
    #[error("the description is not UTF-8 throughout, so it cannot be copied as it is; convert it")]
    Encoding,
    /// The name of an archive for a recording that is written as two files.
    #[error("archives are read, not written; name a .sigmf-meta, and pack it with its .sigmf-data")]
    ArchiveName,
    /// An invalid sample rate.
    #[error("core:sample_rate is {got}, want a positive number of samples per second; correct it")]
    SampleRate {
        /// Value found.
        got: f64,
    },
    /// Samples of several channels are interleaved.
    #[error("core:num_channels is {got}, only 1 is read; split the recording")]
    Channels {
        /// Value found.
        got: u64,
    },
    /// The data contain more than samples, or are not in a file of the usual name.
    #[error("{field} is used, so the data is not samples alone in a .sigmf-data; convert it to a conforming recording")]
    NonConforming {
        /// The field with that content.
        field: &'static str,
    },
    /// A required extension is unknown.
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
        /// Number of descriptions.
        metas: usize,
        /// Number of data files.
        datas: usize,
    },
    /// The archive is damaged.
    #[error("not a tar archive that can be read ({0}); copy it again")]
    Tar(io::Error),
}

/// Parses the description of the samples in `bytes`, the content of a `.sigmf-meta`.
///
/// # Errors
/// The fault of the description.
pub fn parse(bytes: &[u8]) -> Result<Meta, SigmfError> {
    Meta::of(&Document::parse(bytes)?)
}

impl Meta {
    fn of(document: &Document) -> Result<Self, SigmfError> {
        let global = document.global()?;
        let want = "the way samples are stored, such as \"cf32_le\"";
        let datatype = global.value("core:datatype").and_then(|name| name.as_str().map(str::to_owned));
        let datatype = datatype.ok_or(SigmfError::Field { field: "core:datatype", want })?;
        check(&global)?;
        let captures = document.list("captures")?;
        let captures: Vec<Fields> =
            captures.into_iter().filter_map(|capture| serde_json::from_str(capture.get()).ok()).collect();
        if captures.iter().any(|capture| is_positive(capture, "core:header_bytes")) {
            return Err(SigmfError::NonConforming { field: "core:header_bytes" });
        }
        let captures: Vec<Capture> = captures.iter().map(Capture::of).collect();
        let ends = document.list("annotations")?.into_iter().filter_map(|annotation| end(annotation.get()));
        Ok(Self {
            format: format(&datatype)?,
            sample_rate: sample_rate(&global)?,
            sha512: global.value("core:sha512").and_then(|hash| hash.as_str().map(str::to_owned)),
            offset: global.value("core:offset").as_ref().and_then(integer).unwrap_or(0),
            reach: ends.chain(captures.iter().map(|capture| capture.start)).max().unwrap_or(0),
            captures,
        })
    }

    /// The segment that contains the recording's sample `at`, counted from the first in the file.
    pub fn capture_of(&self, at: u64) -> Option<&Capture> {
        let at = self.offset.saturating_add(at);
        self.captures.iter().filter(|capture| capture.start <= at).max_by_key(|capture| capture.start)
    }
}

impl Capture {
    fn of(fields: &Fields) -> Self {
        Self {
            start: fields.value("core:sample_start").as_ref().and_then(integer).unwrap_or(0),
            frequency: fields.value("core:frequency").and_then(|hz| hz.as_f64()),
            datetime: fields.value("core:datetime").and_then(|time| time.as_str().map(str::to_owned)),
        }
    }
}

/// Checks for properties that prevent correct reading.
fn check(global: &Fields) -> Result<(), SigmfError> {
    let channels = global.value("core:num_channels").as_ref().and_then(integer);
    if let Some(got) = channels.filter(|&channels| channels != 1) {
        return Err(SigmfError::Channels { got });
    }
    let uses = [
        ("core:dataset", global.value("core:dataset").is_some()),
        ("core:trailing_bytes", is_positive(global, "core:trailing_bytes")),
        ("core:metadata_only", global.value("core:metadata_only") == Some(Value::Bool(true))),
    ];
    if let Some((field, _)) = uses.into_iter().find(|(_, is_used)| *is_used) {
        return Err(SigmfError::NonConforming { field });
    }
    let required = global.value("core:extensions").map(required).unwrap_or_default();
    match required.into_iter().find(|name| name != NAMESPACE) {
        Some(name) => Err(SigmfError::Extension { name }),
        None => Ok(()),
    }
}

/// Namespaces required for reading. Before version 0.0.2 they are an object, and `optional` did not exist at first.
fn required(extensions: Value) -> Vec<String> {
    let named: Vec<(Value, Value)> = match extensions {
        Value::Array(list) => list.into_iter().map(|one| (one["name"].clone(), one)).collect(),
        Value::Object(map) => map.into_iter().map(|(name, one)| (name.into(), one)).collect(),
        _ => Vec::new(),
    };
    let required = named.into_iter().filter(|(_, extension)| extension["optional"] == Value::Bool(false));
    required.filter_map(|(name, _)| name.as_str().map(str::to_owned)).collect()
}

fn format(datatype: &str) -> Result<SampleFormat, SigmfError> {
    // The ORACLE data set counts the bits of I and Q together.
    if datatype == "cf128" { Ok(SampleFormat::CF64) } else { Ok(datatype.parse()?) }
}

fn sample_rate(global: &Fields) -> Result<Option<f64>, SigmfError> {
    let Some(rate) = global.value("core:sample_rate") else { return Ok(None) };
    let want = "a number of samples per second";
    let got = rate.as_f64().ok_or(SigmfError::Field { field: "core:sample_rate", want })?;
    if got > 0.0 { Ok(Some(got)) } else { Err(SigmfError::SampleRate { got }) }
}

/// Number after an annotation's last sample.
fn end(annotation: &str) -> Option<u64> {
    let annotation: Value = serde_json::from_str(annotation).ok()?;
    let start = integer(&annotation["core:sample_start"])?;
    Some(start.saturating_add(integer(&annotation["core:sample_count"]).unwrap_or(0)))
}

/// A non-negative integer, such as 3 or 3.0.
fn integer(value: &Value) -> Option<u64> {
    let whole = |number: f64| (number.fract() == 0.0 && number >= 0.0).then_some(number as u64);
    value.as_u64().or_else(|| value.as_f64().and_then(whole))
}

fn is_positive(fields: &Fields, name: &str) -> bool {
    fields.value(name).as_ref().and_then(integer).is_some_and(|number| number > 0)
}

#[cfg(test)]
mod tests;
