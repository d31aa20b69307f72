//! `[photos]`: photographs of any size over frames, and rivals' files over the same.

use super::link::ChannelSpec;
use super::values;
use super::{Reception, SpecError};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// `[photos]`, for `jscc photos`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PhotosSpec {
    /// Headline of the figure; by default the experiment's name.
    pub title: Option<String>,
    /// Seeds of the air: every curve is measured with each, and is their mean.
    #[serde(deserialize_with = "values::seeds")]
    pub seeds: Vec<u64>,
    /// Es/N0 of a data subcarrier of power 1 in dB, or the mean of those that `varies` draws.
    #[serde(deserialize_with = "values::snr_points")]
    pub snr_db: Vec<f64>,
    /// Pixels per OFDM symbol on the air, preambles included: 192 are a twelfth of a colour picture's numbers.
    #[serde(deserialize_with = "values::at_least_one")]
    pub pixels_per_symbol: usize,
    /// Transmissions of each photograph per seed.
    #[serde(default = "once", deserialize_with = "values::at_least_one")]
    pub draws: usize,
    /// Longest PSDU in octets.
    #[serde(default = "default_mtu", deserialize_with = "values::at_least_one")]
    pub mtu: usize,
    /// The photographs are the pictures of a sequence.
    pub sequence: Option<SequenceSpec>,
    /// Rows of `bench/photo_rivals.py`, for curves of files.
    pub files: Option<PathBuf>,
    /// The curves.
    pub curve: Vec<PhotoCurveSpec>,
}

/// `[photos.sequence]`. Where a curve varies as Rayleigh fading, it does so from picture to picture as time goes on.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceSpec {
    /// Pictures per second.
    #[serde(deserialize_with = "values::positive")]
    pub fps: f64,
    /// Greatest Doppler shift in Hz.
    #[serde(deserialize_with = "values::positive")]
    pub doppler_hz: f64,
}

/// `[[photos.curve]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoCurveSpec {
    /// Name in tables and figures.
    #[serde(deserialize_with = "values::label")]
    pub label: String,
    /// What is sent.
    pub send: SendSpec,
    /// Knowledge of the receiver.
    pub reception: Reception,
    /// The channel, drawn for each frame.
    #[serde(default)]
    pub channel: ChannelSpec,
    /// How the SNR varies from photograph to photograph, unknown to the sender.
    #[serde(default)]
    pub varies: Varies,
    /// What a lost photograph counts as.
    #[serde(default)]
    pub lost: LostSpec,
}

/// What is sent.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SendSpec {
    /// Our base and detail.
    Photo(PhotoSpec),
    /// A file, whose frames must all arrive.
    File(FileSpec),
}

/// `send.photo`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoSpec {
    /// How far the SNR may fall before the base is lost, in dB.
    #[serde(deserialize_with = "values::finite")]
    pub margin_db: f64,
    /// SNR in dB that it is sent for; by default that of each point.
    #[serde(default, deserialize_with = "values::some_snr_point")]
    pub for_db: Option<f64>,
    /// Part of the detail's frames that do not arrive whatever the channel does, drawn for each.
    #[serde(default, deserialize_with = "some_part")]
    pub lose: Option<f64>,
    /// Frames of 802.11n.
    #[serde(default)]
    pub ht: bool,
    /// How it is decoded.
    #[serde(default)]
    pub decoder: Decoder,
}

/// How photographs are decoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decoder {
    /// By the shipped network, from the closed form on.
    #[default]
    Network,
    /// In closed form.
    Closed,
}

/// `send.file`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Its codecs: "avif", "j2k", "webp", "jpeg". Of several, and of several rates, the best pair for the mean PSNR at each SNR,
    /// as one would choose who knew it beforehand.
    pub codecs: Vec<String>,
    /// Rates in Mb/s.
    pub rates: Vec<u32>,
}

/// How the SNR varies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Varies {
    /// Not at all.
    #[default]
    No,
    /// Normally, with this standard deviation in dB.
    Normal(f64),
    /// As the power of a Rayleigh fading coefficient.
    Rayleigh,
}

/// What a lost photograph counts as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LostSpec {
    /// The mean colour of photographs.
    #[default]
    Grey,
    /// The last photograph before it that arrived, or that colour if none did.
    Frozen,
}

fn some_part<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    let part = f64::deserialize(value)?;
    if (0.0..=1.0).contains(&part) {
        Ok(Some(part))
    } else {
        Err(D::Error::custom(format!("{part} is not within 0 to 1")))
    }
}

fn once() -> usize {
    1
}

fn default_mtu() -> usize {
    1500
}

impl PhotosSpec {
    /// Reason why it cannot be measured; `None` if it can.
    pub(super) fn misfit(&self) -> Option<String> {
        let mut seen = BTreeSet::new();
        if self.curve.is_empty() {
            return Some("[photos] needs a [[photos.curve]]".to_owned());
        }
        if let Some(twice) = self.curve.iter().find(|curve| !seen.insert(&curve.label)) {
            return Some(format!("two curves have the label `{}`", twice.label));
        }
        let has_files = self.curve.iter().any(|curve| matches!(curve.send, SendSpec::File(_)));
        if has_files && self.files.is_none() {
            return Some("curves of files need `files`, the rows of bench/photo_rivals.py".to_owned());
        }
        self.curve.iter().find_map(PhotoCurveSpec::misfit)
    }
}

impl PhotoCurveSpec {
    fn misfit(&self) -> Option<String> {
        let SendSpec::File(file) = &self.send else { return None };
        let known = |rate: &&u32| [6, 12, 18, 24, 36, 48, 54].contains(*rate);
        if file.codecs.is_empty() || file.rates.is_empty() {
            return Some(format!("curve `{}`: name a codec and a rate", self.label));
        }
        let odd = file.rates.iter().find(|rate| !known(rate))?;
        Some(format!("curve `{}`: no rate {odd}; files are there for 6, 12, 18, 24, 36, 48 and 54 Mb/s", self.label))
    }
}

impl super::Spec {
    /// The `[photos]` table.
    pub fn photos(&self) -> Result<&PhotosSpec, crate::Error> {
        let photos = self.file.photos.as_ref().ok_or_else(|| SpecError::no_table(&self.path, "photos"))?;
        photos.misfit().map_or(Ok(photos), |why| Err(SpecError::misfit(&self.path, why).into()))
    }
}
