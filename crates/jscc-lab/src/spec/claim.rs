//! `[[claim]]`: a statement about the curves of a sweep or a matrix, and its criterion.

mod amount;
mod comparisons;
mod shapes;
#[cfg(test)]
mod tests;
mod words;

pub use comparisons::{BeatsSpec, CrossesSpec, DropsSpec, NearEnvelopeSpec, TracksSpec};
pub use shapes::{AgreesSpec, CliffSpec, GracefulSpec, MonotoneSpec, ScalarSpec, WorsensSpec};

use super::{MeasuredSpec, values};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;

/// `[[claim]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "ClaimTable")]
pub struct ClaimSpec {
    /// The statement.
    pub says: String,
    /// Its author and publication.
    pub source: Option<String>,
    /// Its criterion.
    pub kind: ClaimKind,
}

/// Criterion of a claim.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// A curve is close to another one at every SNR.
    Tracks(TracksSpec),
    /// A curve neither falls nor jumps.
    Graceful(GracefulSpec),
    /// A curve is flat, then jumps.
    Cliff(CliffSpec),
    /// A curve falls before it rises.
    Worsens(WorsensSpec),
    /// A curve is above another one.
    Beats(BeatsSpec),
    /// A curve is close to the best of several at every SNR.
    NearEnvelope(NearEnvelopeSpec),
    /// A curve is ahead of another one at a low SNR, and behind at a high one.
    Crosses(CrossesSpec),
    /// A control is worse than a curve on average.
    Drops(DropsSpec),
    /// A metric does not fall from one SNR to the next.
    Monotone(MonotoneSpec),
    /// A metric at one SNR lies in a range.
    Scalar(ScalarSpec),
    /// A curve agrees with published numbers.
    Agrees(AgreesSpec),
}

/// A claim in TOML: its kind is the name of a subtable. A flattened enum would lose the line numbers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimTable {
    #[serde(deserialize_with = "values::label")]
    says: String,
    #[serde(default, deserialize_with = "values::some_label")]
    source: Option<String>,
    tracks: Option<TracksSpec>,
    graceful: Option<GracefulSpec>,
    cliff: Option<CliffSpec>,
    worsens: Option<WorsensSpec>,
    beats: Option<BeatsSpec>,
    near_envelope: Option<NearEnvelopeSpec>,
    crosses: Option<CrossesSpec>,
    drops: Option<DropsSpec>,
    monotone: Option<MonotoneSpec>,
    scalar: Option<ScalarSpec>,
    agrees: Option<AgreesSpec>,
}

/// The names of the kinds, for refusals.
const KINDS: &str = "tracks, graceful, cliff, worsens, beats, near_envelope, crosses, drops, monotone, scalar, agrees";

impl TryFrom<ClaimTable> for ClaimSpec {
    type Error = String;

    fn try_from(table: ClaimTable) -> Result<Self, String> {
        let mut kinds: Vec<_> = [
            table.tracks.map(ClaimKind::Tracks),
            table.graceful.map(ClaimKind::Graceful),
            table.cliff.map(ClaimKind::Cliff),
            table.worsens.map(ClaimKind::Worsens),
            table.beats.map(ClaimKind::Beats),
            table.near_envelope.map(ClaimKind::NearEnvelope),
            table.crosses.map(ClaimKind::Crosses),
            table.drops.map(ClaimKind::Drops),
            table.monotone.map(ClaimKind::Monotone),
            table.scalar.map(ClaimKind::Scalar),
            table.agrees.map(ClaimKind::Agrees),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (kinds.pop(), kinds.len()) {
            (Some(kind), 0) => Ok(Self { says: table.says, source: table.source, kind }),
            (_, more) => {
                let found = if more == 0 { "none" } else { "several" };
                Err(format!("a claim has one of {KINDS}; this has {found}"))
            }
        }
    }
}

/// Position in the file's text, and fault of a claim.
type Fault = (Range<usize>, String);

impl ClaimSpec {
    /// Labels of its curves.
    pub fn curves(&self) -> Vec<&Spanned<String>> {
        self.kind.curves()
    }

    /// Checks that the claim's curves and SNRs are among those that are measured.
    pub(super) fn check(&self, measured: &[MeasuredSpec]) -> Result<(), Fault> {
        let curves = self.curves();
        let first = curves[0];
        if measured.is_empty() {
            let message = "a claim is about curves of [sweep] or [matrix], neither of which the file has".to_owned();
            return Err((first.span(), message));
        }
        let mut seen = BTreeSet::new();
        let mut snr_db: Option<&[f64]> = None;
        for named in &curves {
            let Some(found) = measured.iter().find(|curve| curve.label == *named.get_ref()) else {
                let labels: Vec<_> = measured.iter().map(|curve| curve.label.as_str()).collect();
                let message = format!("unknown curve `{}`, expected one of `{}`", named.get_ref(), labels.join("`, `"));
                return Err((named.span(), message));
            };
            if *snr_db.get_or_insert(&found.snr_db) != found.snr_db {
                let message = format!("`{}` is measured at other SNRs than `{}`", named.get_ref(), first.get_ref());
                return Err((named.span(), message));
            }
            if !seen.insert(named.get_ref()) {
                let message = format!("holds `{}` against itself; name another curve", named.get_ref());
                return Err((named.span(), message));
            }
        }
        let missing = self.kind.missing_snr(snr_db.expect("a claim has a curve"));
        missing.map_or(Ok(()), |message| Err((first.span(), message)))
    }
}

impl ClaimKind {
    fn curves(&self) -> Vec<&Spanned<String>> {
        match self {
            Self::Tracks(spec) => vec![&spec.curve, &spec.reference],
            Self::Graceful(spec) => vec![&spec.curve],
            Self::Cliff(spec) => vec![&spec.curve],
            Self::Worsens(spec) => vec![&spec.curve],
            Self::Beats(spec) => vec![&spec.curve, &spec.rival],
            Self::NearEnvelope(spec) => [&spec.curve].into_iter().chain(&spec.specialists).collect(),
            Self::Crosses(spec) => vec![&spec.low, &spec.high],
            Self::Drops(spec) => vec![&spec.curve, &spec.control],
            Self::Monotone(spec) => vec![&spec.curve],
            Self::Scalar(spec) => vec![&spec.curve],
            Self::Agrees(spec) => vec![&spec.curve],
        }
    }

    /// SNRs that the claim needs and its curves, whose SNRs rise, lack.
    fn missing_snr(&self, snr_db: &[f64]) -> Option<String> {
        match self {
            Self::Tracks(_) | Self::NearEnvelope(_) => None,
            Self::Graceful(_) | Self::Monotone(_) => {
                (snr_db.len() < 2).then(|| "a curve has a shape from two SNRs on; this one has one".to_owned())
            }
            Self::Cliff(spec) => {
                let fits = snr_db.windows(2).any(|pair| pair[1] - pair[0] <= spec.width_db);
                (!fits).then(|| format!("no two SNRs of the curve are within width_db = {} dB", spec.width_db))
            }
            Self::Worsens(spec) => {
                let some = snr_db.iter().skip(1).any(|&db| db <= spec.until_db);
                (!some).then(|| format!("the curve has no SNR above its lowest up to until_db = {} dB", spec.until_db))
            }
            Self::Beats(spec) => missing_range(snr_db, spec.range()),
            Self::Drops(spec) => missing_range(snr_db, spec.range()),
            Self::Crosses(spec) => missing_points(snr_db, &spec.at_db),
            Self::Scalar(spec) => missing_points(snr_db, &[spec.at_db]),
            Self::Agrees(spec) => {
                let points: Vec<f64> = spec.points.iter().map(|point| point[0]).collect();
                missing_points(snr_db, &points)
            }
        }
    }
}

fn missing_range(snr_db: &[f64], [from, to]: [f64; 2]) -> Option<String> {
    let some = snr_db.iter().any(|db| (from..=to).contains(db));
    (!some).then(|| format!("the curve has no SNR from {from} to {to} dB"))
}

fn missing_points(snr_db: &[f64], wanted: &[f64]) -> Option<String> {
    let missing = wanted.iter().find(|at| !snr_db.contains(at))?;
    let has: Vec<_> = snr_db.iter().map(f64::to_string).collect();
    Some(format!("at_db = {missing} is no SNR of the curve, which has {}", has.join(", ")))
}
