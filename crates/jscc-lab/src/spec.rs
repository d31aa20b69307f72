//! Experiment files: one TOML file per figure or training. Unknown keys are refused, with their line.
//!
//! Paths in a file are relative to the file's folder.

mod claim;
mod curves;
mod data;
mod link;
mod matrix;
mod named;
mod objective;
pub mod per;
mod photos;
mod refuse;
mod restorer;
mod train;
mod values;
mod weights;

pub use claim::{BeatsSpec, ClaimKind, ClaimSpec, CliffSpec, GracefulSpec, TracksSpec, WorsensSpec};
pub use curves::MeasuredSpec;
pub use data::{Cifar10Spec, DataSpec, DigitsSpec, FolderSpec, IdxSpec, MnistSpec};
pub use jscc_phy::emulation::Inversion;
pub use jscc_phy::emulation::waveform::Tones;
pub use jscc_phy::link::{Aim, Damaged, Hand, Receive, Reception};
pub use link::{
    BitsSpec, ChannelSpec, CsiSpec, FadingSpec, FramingSpec, ImpairmentSpec, LinkSpec, RoomSpec, RungSpec,
    WaveformSpec, WifiSpec,
};
pub use matrix::{DeploySpec, MatrixRowSpec, MatrixSpec, curve_label};
pub use objective::ObjectiveSpec;
pub use photos::{Decoder, FileSpec, LostSpec, PhotoCurveSpec, PhotoSpec, PhotosSpec, SendSpec, SequenceSpec, Varies};
pub use refuse::SpecError;
pub use restorer::RestorerSpec;
pub use train::{ScheduleSpec, StageSpec, TrainSpec, TurnSpec};
pub use values::check_snr_db;
pub use weights::WeightsSpec;

use crate::Error;
use crate::input;
use jscc_nn::method::Source;
use jscc_nn::tell::Tell;
use jscc_phy::emulation::layout::Layout;
use jscc_phy::wifi::{Guard, Mcs, Ppdu};
use jscc_radio::files::sha256;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// An experiment file, read and checked.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Its content.
    pub file: SpecFile,
}

/// Content of an experiment file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SpecFile {
    /// Name of the experiment, and of the files it writes.
    #[serde(deserialize_with = "values::file_name")]
    pub name: String,
    /// Pictures.
    pub data: DataSpec,
    /// A training, for `jscc train`.
    pub train: Option<TrainSpec>,
    /// Curves over SNR, for `jscc eval` and `jscc sweep`.
    pub sweep: Option<SweepSpec>,
    /// Trainings on many links, for `jscc matrix`.
    pub matrix: Option<MatrixSpec>,
    /// The classical rivals, for `jscc rivals`.
    pub rivals: Option<RivalsSpec>,
    /// Photographs of any size over frames, for `jscc photos`.
    pub photos: Option<PhotosSpec>,
    /// Training of the photographs' network, for `jscc train`.
    pub restorer: Option<RestorerSpec>,
    /// Fidelity of ProxyNet to a link, for `jscc fidelity`.
    pub fidelity: Option<FidelitySpec>,
    /// Claims about the curves, for `jscc report`. Part of the file's hash in the rows: a changed claim requires a new
    /// measurement.
    #[serde(default)]
    pub claim: Vec<ClaimSpec>,
}

/// `[sweep]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SweepSpec {
    /// Headline of the figures; by default the experiment's name.
    pub title: Option<String>,
    /// Seed of the noise.
    pub seed: u64,
    /// Es/N0 of each point in dB.
    #[serde(deserialize_with = "values::snr_points")]
    pub snr_db: Vec<f64>,
    /// Number of images used, the first ones.
    #[serde(default, deserialize_with = "values::some_at_least_one")]
    pub images: Option<usize>,
    /// Pictures in the gallery.
    #[serde(default = "values::default_pictures", deserialize_with = "values::shown")]
    pub pictures: usize,
    /// The curves.
    #[serde(deserialize_with = "curves")]
    pub curve: Vec<CurveSpec>,
}

/// `[rivals]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RivalsSpec {
    /// Seed of the noise.
    pub seed: u64,
    /// Es/N0 of each point in dB.
    #[serde(deserialize_with = "values::snr_points")]
    pub snr_db: Vec<f64>,
    /// Number of images of the test split used, the first ones.
    #[serde(deserialize_with = "values::at_least_one")]
    pub images: usize,
    /// Images per frame.
    #[serde(deserialize_with = "values::at_least_one")]
    pub images_per_frame: usize,
    /// OFDM symbols of a frame's DATA field.
    #[serde(deserialize_with = "values::at_least_one")]
    pub ofdm_symbols: usize,
    /// Weights of autoencoders whose latents are quantised, as learned digital codecs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learned: Vec<PathBuf>,
}

/// `[fidelity]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FidelitySpec {
    /// Trained weights of D2AJSCC.
    pub weights: PathBuf,
    /// The link that its ProxyNet models.
    pub link: LinkSpec,
    /// Seed of noise and blur.
    pub seed: u64,
    /// Es/N0 of each point in dB.
    #[serde(deserialize_with = "values::snr_points")]
    pub snr_db: Vec<f64>,
    /// Frames of validation pictures.
    #[serde(deserialize_with = "values::at_least_one")]
    pub frames: usize,
    /// Pairs of blurred symbols per frame.
    #[serde(deserialize_with = "values::at_least_one")]
    pub pairs: usize,
}

/// `[[sweep.curve]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CurveSpec {
    /// Name in tables and figures.
    #[serde(deserialize_with = "values::label")]
    pub label: String,
    /// Trained weights; the curve is the mean over several trainings.
    pub weights: Spanned<WeightsSpec>,
    /// The link they are deployed on.
    pub link: LinkSpec,
    /// What the two sides are told of the channel.
    #[serde(default, skip_serializing_if = "Tell::is_true")]
    pub tell: Tell,
}

fn curves<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<CurveSpec>, D::Error> {
    let curves = values::not_empty::<D, CurveSpec>(value)?;
    let mut seen = BTreeSet::new();
    // Tables and figures identify a curve by its label.
    match curves.iter().find(|curve| !seen.insert(&curve.label)) {
        Some(twice) => Err(D::Error::custom(format!("two curves have the label `{}`", twice.label))),
        None => Ok(curves),
    }
}

/// Split of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// For training.
    Train,
    /// For choices.
    Validation,
    /// For the final report, used once.
    Test,
}

impl Spec {
    /// Reads an experiment file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = input::text(path).map_err(|reason| Error::Read { path: path.into(), reason })?;
        let file: SpecFile = named::parse(&text).map_err(|error| SpecError::of_toml(path, &text, &error))?;
        let spec = Self { path: path.into(), text, file };
        if let Some(why) = spec.links().find_map(LinkSpec::misfit) {
            return Err(SpecError::misfit(path, why).into());
        }
        if let Some((span, why)) = spec.file.train.as_ref().and_then(|train| train.misfit(spec.source())) {
            let misfit = || SpecError::misfit(path, why.clone());
            return Err(span.map_or_else(misfit, |span| SpecError::at(path, &spec.text, &span, why.clone())).into());
        }
        // Checked before anything is measured in vain.
        if !spec.file.claim.is_empty() {
            spec.claims()?;
        }
        Ok(spec)
    }

    /// All links in the file.
    fn links(&self) -> impl Iterator<Item = &LinkSpec> {
        let SpecFile { train, sweep, matrix, fidelity, .. } = &self.file;
        let of_stages = train.iter().flat_map(|train| &train.stage).map(|stage| &stage.link);
        let of_curves = sweep.iter().flat_map(|sweep| &sweep.curve).map(|curve| &curve.link);
        let of_columns = matrix.iter().flat_map(|matrix| &matrix.deploy).map(|deploy| &deploy.link);
        of_stages.chain(of_curves).chain(of_columns).chain(fidelity.iter().map(|fidelity| &fidelity.link))
    }

    /// The `[[claim]]` tables, each about curves of the sweep or the matrix.
    pub fn claims(&self) -> Result<&[ClaimSpec], Error> {
        if self.file.claim.is_empty() {
            return Err(SpecError::no_table(&self.path, "[claim]").into());
        }
        let curves = self.curves()?;
        for claim in &self.file.claim {
            let refuse = |(span, message)| SpecError::at(&self.path, &self.text, &span, message);
            claim.check(&curves).map_err(refuse)?;
        }
        Ok(&self.file.claim)
    }

    /// The content with defaults filled in, as JSON: without comments and order.
    pub fn resolved(&self) -> String {
        resolved(&self.file)
    }

    /// SHA-256 of [`Spec::resolved`], by which result rows refer to the file.
    pub fn sha256(&self) -> String {
        sha256(self.resolved().as_bytes())
    }

    /// The `[train]` table.
    pub fn train(&self) -> Result<&TrainSpec, Error> {
        self.file.train.as_ref().ok_or_else(|| SpecError::no_table(&self.path, "train").into())
    }

    /// The experiments of `[train]`: this one, or with `at_db` one per SNR, whose stages train at it and whose name says
    /// it.
    pub fn per_snr(&self) -> Result<Vec<Self>, Error> {
        let at_db = &self.train()?.at_db;
        if at_db.is_empty() {
            return Ok(vec![self.clone()]);
        }
        let at = |&snr_db: &f64| {
            let mut one = self.clone();
            one.file.name = format!("{}-at{snr_db}dB", self.file.name);
            if let Some(train) = &mut one.file.train {
                train.at_db.clear();
                train.stage.iter_mut().for_each(|stage| stage.snr_db = [snr_db; 2]);
            }
            one
        };
        Ok(at_db.iter().map(at).collect())
    }

    /// The pictures' shape and number of classes.
    pub fn source(&self) -> Source {
        self.file.data.source()
    }

    /// The `[sweep]` table.
    pub fn sweep(&self) -> Result<&SweepSpec, Error> {
        self.file.sweep.as_ref().ok_or_else(|| SpecError::no_table(&self.path, "sweep").into())
    }

    /// The `[matrix]` table.
    pub fn matrix(&self) -> Result<&MatrixSpec, Error> {
        let matrix = self.file.matrix.as_ref().ok_or_else(|| SpecError::no_table(&self.path, "matrix"))?;
        matrix.misfit().map_or(Ok(matrix), |why| Err(SpecError::misfit(&self.path, why).into()))
    }

    /// The `[rivals]` table.
    pub fn rivals(&self) -> Result<&RivalsSpec, Error> {
        let rivals = self.file.rivals.as_ref().ok_or_else(|| SpecError::no_table(&self.path, "rivals"))?;
        rivals.misfit().map_or(Ok(rivals), |why| Err(SpecError::misfit(&self.path, why).into()))
    }

    /// The `[fidelity]` table.
    pub fn fidelity(&self) -> Result<&FidelitySpec, Error> {
        let fidelity = self.file.fidelity.as_ref().ok_or_else(|| SpecError::no_table(&self.path, "fidelity"))?;
        if fidelity.link.loses_frames() {
            let why = "[fidelity] compares frames that arrive; give its link reception = \"aided\"";
            return Err(SpecError::misfit(&self.path, why.to_owned()).into());
        }
        Ok(fidelity)
    }

    /// Resolves a path in the file.
    pub fn resolve(&self, named: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(named)
    }

    /// Name of the data, for tables and cards.
    pub fn data_name(&self) -> String {
        self.file.data.name()
    }
}

fn resolved(file: &impl Serialize) -> String {
    // Via a value, whose keys are sorted.
    let mut value = serde_json::to_value(file).expect("an experiment is words and numbers");
    leave_out_nulls(&mut value);
    value.to_string()
}

/// Removes nulls, so that an unused field, such as one of a later version, does not change the hash.
fn leave_out_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(entries) => entries.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

impl RivalsSpec {
    /// Reason why there are no such frames; `None` if there are.
    fn misfit(&self) -> Option<String> {
        let Self { images, images_per_frame, ofdm_symbols, .. } = *self;
        if images < images_per_frame {
            return Some(format!("images = {images} do not fill a frame of images_per_frame = {images_per_frame}"));
        }
        let fits = |mcs: &Mcs| Ppdu::most_octets(*mcs, ofdm_symbols) <= Ppdu::max_length(*mcs, Guard::Long);
        let too_long = Mcs::ALL.into_iter().find(|mcs| !fits(mcs))?;
        let most = Layout::most_symbols(too_long);
        Some(format!("ofdm_symbols = {ofdm_symbols}; a frame at rate {too_long} has {most} at the most"))
    }
}

#[cfg(test)]
mod tests;
