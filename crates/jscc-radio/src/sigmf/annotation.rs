//! Annotations of a recording.

use super::RECORDER;
use crate::{FrameNote, Guard, Rate, hex};
use serde::{Deserialize, Serialize};

/// The longest PSDU of 802.11n, in octets: the length field of HT-SIG has 16 bits.
const MAX_PSDU: usize = 65_535;
/// Bandwidth of a channel, in Hz.
const BANDWIDTH: f64 = 20e6;

/// An annotation at a place of the recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Annotation {
    /// Its first sample.
    pub start: u64,
    /// Duration in samples; `None` for the rest of the capture.
    pub count: Option<u64>,
    /// A short label.
    pub label: Option<String>,
    /// Lowest and highest frequency in Hz.
    pub edges: Option<[f64; 2]>,
    /// The frame, if this project described it.
    pub frame: Option<Box<FrameNote>>,
}

impl Annotation {
    /// The annotation of a frame in a recording whose first sample has the number `offset`, received at `frequency` in
    /// Hz.
    pub fn of(frame: FrameNote, offset: u64, frequency: Option<f64>) -> Self {
        let standard = match frame.rate {
            Rate::NonHt { .. } => "802.11a",
            Rate::Ht { .. } => "802.11n",
        };
        let verdict = if frame.fcs_ok { "" } else { ", FCS wrong" };
        let label = Some(format!("{standard} {}{verdict}", frame.rate));
        let frame = FrameNote { start: frame.start.saturating_add(offset), ..frame };
        let edges = frequency.map(|hz| [hz - BANDWIDTH / 2.0, hz + BANDWIDTH / 2.0]);
        Self { start: frame.start, count: Some(frame.count), label, edges, frame: Some(Box::new(frame)) }
    }
}

/// An annotation in JSON. Without `jscc:format` the other fields of `jscc` are ignored.
#[derive(Clone, Serialize, Deserialize)]
struct Fields {
    #[serde(rename = "core:sample_start")]
    start: u64,
    #[serde(rename = "core:sample_count", skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(rename = "core:label", skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(rename = "core:freq_lower_edge", skip_serializing_if = "Option::is_none")]
    lower_edge: Option<f64>,
    #[serde(rename = "core:freq_upper_edge", skip_serializing_if = "Option::is_none")]
    upper_edge: Option<f64>,
    #[serde(rename = "core:generator", skip_serializing_if = "Option::is_none")]
    generator: Option<String>,
    #[serde(rename = "jscc:format", skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(rename = "jscc:rate_mbps", skip_serializing_if = "Option::is_none")]
    rate_mbps: Option<f64>,
    #[serde(rename = "jscc:mcs", skip_serializing_if = "Option::is_none")]
    mcs: Option<u8>,
    #[serde(rename = "jscc:guard_ns", skip_serializing_if = "Option::is_none")]
    guard_ns: Option<u16>,
    #[serde(rename = "jscc:length", skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(rename = "jscc:scrambler_init", skip_serializing_if = "Option::is_none")]
    scrambler: Option<u8>,
    #[serde(rename = "jscc:fcs_ok", skip_serializing_if = "Option::is_none")]
    fcs_ok: Option<bool>,
    #[serde(rename = "jscc:cfo_hz", skip_serializing_if = "Option::is_none")]
    cfo_hz: Option<f64>,
    #[serde(rename = "jscc:snr_db", skip_serializing_if = "Option::is_none")]
    snr_db: Option<f64>,
    #[serde(rename = "jscc:psdu_hex", skip_serializing_if = "Option::is_none")]
    psdu_hex: Option<String>,
}

impl From<Annotation> for Fields {
    fn from(annotation: Annotation) -> Self {
        let Annotation { start, count, label, edges, frame } = annotation;
        let generator = frame.is_some().then(|| RECORDER.to_owned());
        let frame = frame.as_deref();
        let (format, rate_mbps, mcs, guard_ns) = match frame.map(|frame| frame.rate) {
            None => (None, None, None, None),
            Some(Rate::NonHt { half_mbps }) => (Some("non-HT"), Some(f64::from(half_mbps) / 2.0), None, None),
            Some(Rate::Ht { mcs, guard: Guard::Long }) => (Some("HT-mixed"), None, Some(mcs), Some(800)),
            Some(Rate::Ht { mcs, guard: Guard::Short }) => (Some("HT-mixed"), None, Some(mcs), Some(400)),
        };
        Self {
            start,
            count,
            label,
            lower_edge: edges.map(|[lower, _]| lower),
            upper_edge: edges.map(|[_, upper]| upper),
            generator,
            format: format.map(str::to_owned),
            rate_mbps,
            mcs,
            guard_ns,
            length: frame.map(|frame| frame.length),
            scrambler: frame.map(|frame| frame.scrambler).filter(|&state| state != 0),
            fcs_ok: frame.map(|frame| frame.fcs_ok),
            // JSON cannot represent NaN.
            cfo_hz: frame.map(|frame| frame.cfo_hz).filter(|hz| hz.is_finite()),
            snr_db: frame.map(|frame| frame.snr_db).filter(|db| db.is_finite()),
            psdu_hex: frame.filter(|frame| !frame.psdu.is_empty()).map(|frame| hex::encode(&frame.psdu)),
        }
    }
}

impl TryFrom<Fields> for Annotation {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let frame = match fields.format {
            Some(_) => Some(Box::new(frame(&fields)?)),
            None => None,
        };
        let edges = fields.lower_edge.zip(fields.upper_edge).map(|(lower, upper)| [lower, upper]);
        Ok(Self { start: fields.start, count: fields.count, label: fields.label, edges, frame })
    }
}

fn frame(fields: &Fields) -> Result<FrameNote, String> {
    let psdu = fields.psdu_hex.as_deref().map_or(Ok(Vec::new()), from_hex)?;
    let length = fields.length.ok_or("jscc:length is missing")?;
    if length > MAX_PSDU || (!psdu.is_empty() && psdu.len() != length) {
        let octets = psdu.len();
        return Err(format!("jscc:length is {length}, want that of jscc:psdu_hex ({octets}) and at most {MAX_PSDU}"));
    }
    let scrambler = fields.scrambler.unwrap_or(0);
    if scrambler > 127 {
        return Err(format!("jscc:scrambler_init is {scrambler}, want 1 to 127"));
    }
    Ok(FrameNote {
        start: fields.start,
        count: fields.count.ok_or("core:sample_count is missing beside jscc:format")?,
        rate: rate(fields)?,
        length,
        scrambler,
        fcs_ok: fields.fcs_ok.ok_or("jscc:fcs_ok is missing")?,
        cfo_hz: fields.cfo_hz.unwrap_or(f64::NAN),
        snr_db: fields.snr_db.unwrap_or(f64::NAN),
        psdu,
    })
}

fn rate(fields: &Fields) -> Result<Rate, String> {
    match fields.format.as_deref() {
        Some("non-HT") => {
            let mbps = fields.rate_mbps.ok_or("jscc:rate_mbps is missing")?;
            let half_mbps = 2.0 * mbps;
            if half_mbps.fract() == 0.0 && (0.0..=255.0).contains(&half_mbps) {
                Ok(Rate::NonHt { half_mbps: half_mbps as u8 })
            } else {
                Err(format!("jscc:rate_mbps is {mbps}, want a multiple of 0.5 from 0 to 127.5"))
            }
        }
        Some("HT-mixed") => {
            let guard = match fields.guard_ns {
                Some(800) => Guard::Long,
                Some(400) => Guard::Short,
                got => return Err(format!("jscc:guard_ns is {got:?}, want 800 or 400")),
            };
            Ok(Rate::Ht { mcs: fields.mcs.ok_or("jscc:mcs is missing")?, guard })
        }
        got => Err(format!("jscc:format is {:?}, want \"non-HT\" or \"HT-mixed\"", got.unwrap_or_default())),
    }
}

fn from_hex(digits: &str) -> Result<Vec<u8>, String> {
    let count = digits.len();
    if count > 2 * MAX_PSDU || !count.is_multiple_of(2) {
        return Err(format!("jscc:psdu_hex has {count} digits, want an even number up to {}", 2 * MAX_PSDU));
    }
    hex::decode(digits).ok_or_else(|| "jscc:psdu_hex has a character that is no hexadecimal digit".to_owned())
}
