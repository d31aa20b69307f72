//! `[[claim]]`: a statement about the curves of a sweep, and its criterion.

use super::{SweepSpec, values};
use serde::{Deserialize, Serialize};
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

/// Criterion of a claim; all numbers in dB of PSNR or SNR.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase")]
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
}

/// `tracks`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TracksSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Label of the reference curve.
    pub reference: Spanned<String>,
    /// Largest difference, in either direction.
    #[serde(deserialize_with = "values::not_negative")]
    pub within_db: f64,
}

/// `graceful`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GracefulSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Largest fall of PSNR from one SNR to any higher one.
    #[serde(deserialize_with = "values::not_negative")]
    pub slack_db: f64,
    /// Largest rise of PSNR from one SNR to the next, per dB of SNR.
    #[serde(deserialize_with = "values::positive")]
    pub step_db: f64,
}

/// `cliff`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CliffSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Smallest rise of PSNR.
    #[serde(deserialize_with = "values::positive")]
    pub height_db: f64,
    /// Largest range of PSNR below the rise.
    #[serde(deserialize_with = "values::not_negative")]
    pub flat_db: f64,
    /// Largest width of the rise in SNR.
    #[serde(deserialize_with = "values::positive")]
    pub width_db: f64,
}

/// `worsens`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WorsensSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Highest SNR at which the lowest point may lie.
    #[serde(deserialize_with = "values::snr_point")]
    pub until_db: f64,
    /// Smallest fall from the lowest SNR to that point.
    #[serde(deserialize_with = "values::not_negative")]
    pub by_db: f64,
    /// Smallest rise from there to some higher SNR.
    #[serde(deserialize_with = "values::not_negative")]
    pub recovers_db: f64,
}

/// `beats`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BeatsSpec {
    /// Label of the curve.
    pub curve: Spanned<String>,
    /// Label of the rival curve.
    pub rival: Spanned<String>,
    /// Smallest lead; 0 requires any lead, a negative value allows a deficit.
    #[serde(default, deserialize_with = "values::finite")]
    pub by_db: f64,
    /// Lowest SNR of the comparison; by default the sweep's.
    #[serde(default, deserialize_with = "values::some_snr_point")]
    pub from_db: Option<f64>,
    /// Highest SNR of the comparison; by default the sweep's.
    #[serde(default, deserialize_with = "values::some_snr_point")]
    pub to_db: Option<f64>,
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
}

impl TryFrom<ClaimTable> for ClaimSpec {
    type Error = String;

    fn try_from(table: ClaimTable) -> Result<Self, String> {
        let ClaimTable { says, source, tracks, graceful, cliff, worsens, beats } = table;
        let mut kinds: Vec<_> = [
            tracks.map(ClaimKind::Tracks),
            graceful.map(ClaimKind::Graceful),
            cliff.map(ClaimKind::Cliff),
            worsens.map(ClaimKind::Worsens),
            beats.map(ClaimKind::Beats),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (kinds.pop(), kinds.len()) {
            (Some(kind), 0) => Ok(Self { says, source, kind }),
            (_, more) => {
                let found = if more == 0 { "none" } else { "several" };
                Err(format!("a claim has one of tracks, graceful, cliff, worsens, beats; this has {found}"))
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

    /// Checks that the sweep measures the claim's curves and SNRs.
    pub(super) fn check(&self, sweep: Option<&SweepSpec>) -> Result<(), Fault> {
        let curves = self.curves();
        let Some(sweep) = sweep else {
            return Err((
                curves[0].span(),
                "a claim is about curves of [sweep], which the file does not have".to_owned(),
            ));
        };
        let labels: Vec<_> = sweep.curve.iter().map(|curve| curve.label.as_str()).collect();
        for named in &curves {
            if !labels.contains(&named.get_ref().as_str()) {
                let message = format!("unknown curve `{}`, expected one of `{}`", named.get_ref(), labels.join("`, `"));
                return Err((named.span(), message));
            }
        }
        if let [curve, other] = curves[..]
            && curve.get_ref() == other.get_ref()
        {
            return Err((other.span(), format!("holds `{}` against itself; name another curve", curve.get_ref())));
        }
        let mut snr_db = sweep.snr_db.clone();
        snr_db.sort_by(f64::total_cmp);
        snr_db.dedup();
        self.kind.missing_snr(&snr_db).map_or(Ok(()), |message| Err((curves[0].span(), message)))
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
        }
    }

    /// The criterion in words.
    pub fn criterion(&self) -> String {
        let curves = self.curves();
        let [curve, other] = [curves[0], curves[curves.len() - 1]].map(Spanned::get_ref);
        match self {
            Self::Tracks(spec) => format!("\"{curve}\" is within {} dB of \"{other}\"", spec.within_db),
            Self::Graceful(GracefulSpec { slack_db, step_db, .. }) => {
                format!("\"{curve}\" falls by {slack_db} dB at most, rises by {step_db} dB a dB at most")
            }
            Self::Cliff(CliffSpec { height_db, flat_db, width_db, .. }) => {
                format!("\"{curve}\" rises by {height_db} dB within {width_db} dB, from a flat of {flat_db} dB at most")
            }
            Self::Worsens(WorsensSpec { until_db, by_db, recovers_db, .. }) => {
                format!("\"{curve}\" falls by {by_db} dB until {until_db} dB, then rises by {recovers_db} dB")
            }
            Self::Beats(BeatsSpec { by_db, from_db, to_db, .. }) => {
                let from = from_db.map_or(String::new(), |db| format!(" from {db} dB"));
                let to = to_db.map_or(String::new(), |db| format!(" to {db} dB"));
                match *by_db {
                    behind if behind < 0.0 => {
                        format!("\"{curve}\" is behind \"{other}\"{from}{to} by {} dB at most", -behind)
                    }
                    ahead => format!("\"{curve}\" is ahead of \"{other}\"{from}{to}, by {ahead} dB at least"),
                }
            }
        }
    }

    /// SNRs that the claim needs and the sweep, whose SNRs rise, lacks.
    fn missing_snr(&self, snr_db: &[f64]) -> Option<String> {
        match self {
            Self::Tracks(_) => None,
            Self::Graceful(_) => {
                (snr_db.len() < 2).then(|| "a curve has a shape from two SNRs on; the sweep has one".to_owned())
            }
            Self::Cliff(spec) => {
                let fits = snr_db.windows(2).any(|pair| pair[1] - pair[0] <= spec.width_db);
                (!fits).then(|| format!("no two SNRs of the sweep are within width_db = {} dB", spec.width_db))
            }
            Self::Worsens(spec) => {
                let some = snr_db.iter().skip(1).any(|&db| db <= spec.until_db);
                (!some).then(|| format!("the sweep has no SNR above its lowest up to until_db = {} dB", spec.until_db))
            }
            Self::Beats(spec) => {
                let [from, to] = spec.range();
                let some = snr_db.iter().any(|db| (from..=to).contains(db));
                (!some).then(|| format!("the sweep has no SNR from {from} to {to} dB"))
            }
        }
    }
}

impl BeatsSpec {
    /// Range of SNRs in the comparison, in dB.
    pub fn range(&self) -> [f64; 2] {
        [self.from_db.unwrap_or(f64::NEG_INFINITY), self.to_db.unwrap_or(f64::INFINITY)]
    }
}
