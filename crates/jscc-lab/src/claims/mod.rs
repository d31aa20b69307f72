//! Claims of an experiment file about its curves, decided by the rows of its sweep or matrix.
//!
//! | module | content |
//! |---|---|
//! | [`measured`] | curves read back from rows |
//! | [`series`] | a metric of a curve, of each training and of their mean |
//! | [`number`] | numbers with their unit, as text and as JSON |
//! | [`criterion`] | a number against its limit, given what several trainings say of it |
//! | [`shape`] | claims about one curve: graceful, cliff, worsens, monotone, scalar, agrees |
//! | [`pair`] | claims about several: tracks, beats, drops, crosses, near the envelope |
//! | [`page`] | decisions as a table, as JSON, as Markdown |
//! | [`overview`] | several experiments on one page: methods, figures, claims, and what does not hold |

pub mod criterion;
pub mod measured;
pub mod number;
pub mod overview;
pub mod page;
pub mod pair;
pub mod series;
pub mod shape;
#[cfg(test)]
mod tests;

use crate::Error;
use crate::spec::{ClaimKind, ClaimSpec, Spec, SpecError};
use criterion::Decided;
use measured::Measured;
use number::At;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use series::{Measure, Series};
use std::io;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Outcome of a claim. A number decides only if its 95 % interval lies on one side of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// True for the curves.
    Pass,
    /// False for the curves.
    Fail,
    /// The limit lies within the interval, or it is true for some trainings only.
    Undecided,
}

/// A verdict, and the numbers behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<Found> {
    /// The verdict.
    pub verdict: Verdict,
    /// The numbers.
    pub found: Found,
    /// Those that decide, with their limits; empty for a shape that trainings have or do not have.
    pub criteria: Vec<Decided>,
}

/// The numbers of any kind of claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Found {
    /// Of `tracks`.
    Tracks(pair::Tracks),
    /// Of `graceful`.
    Graceful(shape::Graceful),
    /// Of `cliff`.
    Cliff(shape::Cliff),
    /// Of `worsens`.
    Worsens(shape::Worsens),
    /// Of `beats`.
    Beats(pair::Beats),
    /// Of `near_envelope`.
    NearEnvelope(pair::NearEnvelope),
    /// Of `crosses`.
    Crosses(pair::Crosses),
    /// Of `drops`.
    Drops(pair::Drops),
    /// Of `monotone`.
    Monotone(shape::Monotone),
    /// Of `scalar`.
    Scalar(shape::Scalar),
    /// Of `agrees`.
    Agrees(shape::Agrees),
}

/// Uncertainty of a curve that is the mean of several trainings.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The curve.
    pub curve: String,
    /// Number of trainings.
    pub trainings: usize,
    /// Name of the metric in rows.
    pub measure: String,
    /// Half-widths of the 95 % intervals over trainings, by Student's t.
    pub ci95: Vec<At>,
}

impl Serialize for Spread {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("curve", &self.curve)?;
        map.serialize_entry("trainings", &self.trainings)?;
        map.serialize_entry(&format!("{}_ci95", self.measure), &self.ci95)?;
        map.end()
    }
}

/// A claim, decided.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// The claim.
    pub claim: &'a ClaimSpec,
    /// The verdict and the numbers.
    pub judged: Judged<Found>,
    /// Uncertainty of each curve with several trainings.
    pub spread: Vec<Spread>,
}

/// Reason why claims cannot be decided.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// No rows.
    #[error("{path}: cannot be read ({reason}); run `{command}` first, or name the folder with --results")]
    Missing {
        /// The file of rows.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
        /// The command that measures them.
        command: String,
    },
    /// Not rows of results.
    #[error("{path}, line {line}: not a row of results ({reason}); run `{command}` again")]
    Damaged {
        /// The file of rows.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The fault.
        reason: serde_json::Error,
        /// The command that measures them.
        command: String,
    },
    /// Rows of another experiment file, or of this one before it was changed.
    #[error("{path}: rows of another experiment file, whose SHA-256 was not this one's; run `{command}` again")]
    OtherSpec {
        /// The file of rows.
        path: PathBuf,
        /// The command that measures them.
        command: String,
    },
    /// Rows are missing, or a number of theirs is infinite.
    #[error("{path}: rows of curve `{curve}` are missing, or a number of theirs is infinite; run `{command}` again")]
    Incomplete {
        /// The file of rows.
        path: PathBuf,
        /// The curve.
        curve: String,
        /// The command that measures them.
        command: String,
    },
}

impl From<ClaimError> for Error {
    fn from(error: ClaimError) -> Self {
        Self::Claim(Box::new(error))
    }
}

/// Decides the claims of an experiment file by the rows in a folder of results.
pub fn decide<'a>(spec: &'a Spec, results: &Path) -> Result<(Measured, Vec<Decision<'a>>), Error> {
    let claims = spec.claims()?;
    let measured = Measured::read(spec, results)?;
    let rows = Rows { spec, measured: &measured };
    let decisions = claims.iter().map(|claim| rows.decide(claim)).collect::<Result<_, _>>()?;
    Ok((measured, decisions))
}

/// An experiment file and its rows.
struct Rows<'a> {
    spec: &'a Spec,
    measured: &'a Measured,
}

impl Rows<'_> {
    fn decide<'c>(&self, claim: &'c ClaimSpec) -> Result<Decision<'c>, Error> {
        let labels = claim.curves();
        let (measure, named) = measure(&claim.kind);
        let curves = labels.iter().map(|label| self.series(label, measure, named)).collect::<Result<Vec<_>, _>>()?;
        let judged = judge(&claim.kind, &curves);
        let several = labels.iter().zip(&curves).filter(|(_, series)| series.each.len() > 1);
        let spread = several.map(|(label, series)| Spread {
            curve: label.get_ref().clone(),
            trainings: series.each.len(),
            measure: measure.name.to_owned(),
            ci95: series.spread.clone(),
        });
        Ok(Decision { claim, judged, spread: spread.collect() })
    }

    /// A metric of a curve. `named` is where the file names the metric.
    fn series(
        &self,
        label: &Spanned<String>,
        measure: Measure,
        named: Option<&Spanned<String>>,
    ) -> Result<Series, Error> {
        let curve = self.measured.curve(label.get_ref());
        let known = curve.measures();
        if !known.contains(&measure.name) {
            let (name, curve, known) = (measure.name, label.get_ref(), known.join("`, `"));
            let message = format!("unknown measure `{name}` of curve `{curve}`, expected one of `{known}`");
            // A default has no place in the file.
            let span = named.map(Spanned::span).filter(|span| !span.is_empty()).unwrap_or_else(|| label.span());
            return Err(SpecError::at(&self.spec.path, &self.spec.text, &span, message).into());
        }
        let incomplete = || ClaimError::Incomplete {
            path: self.measured.path.clone(),
            curve: label.get_ref().clone(),
            command: self.spec.measured_by(),
        };
        Ok(curve.series(measure).ok_or_else(incomplete)?)
    }
}

/// The metric that a claim is about, and where the file names it.
fn measure(kind: &ClaimKind) -> (Measure<'_>, Option<&Spanned<String>>) {
    match kind {
        ClaimKind::Tracks(spec) => (Measure::compared(spec.within.metric()), None),
        ClaimKind::Beats(spec) => (Measure::compared(spec.by.metric()), None),
        ClaimKind::Drops(spec) => (Measure::compared(spec.by.metric()), None),
        ClaimKind::Crosses(spec) => (Measure::compared(spec.by.metric()), None),
        ClaimKind::Monotone(spec) => (Measure::of_rows(spec.measure.get_ref()), Some(&spec.measure)),
        ClaimKind::Scalar(spec) => (Measure::of_rows(spec.measure.get_ref()), Some(&spec.measure)),
        ClaimKind::Graceful(_)
        | ClaimKind::Cliff(_)
        | ClaimKind::Worsens(_)
        | ClaimKind::NearEnvelope(_)
        | ClaimKind::Agrees(_) => (Measure::PSNR, None),
    }
}

/// Decides a claim by its curves, in its order.
fn judge(kind: &ClaimKind, curves: &[Series]) -> Judged<Found> {
    let curve = &curves[0];
    match kind {
        ClaimKind::Tracks(spec) => pair::tracks(curve, &curves[1], spec.within.value).into_any(Found::Tracks),
        ClaimKind::Beats(spec) => pair::beats(curve, &curves[1], spec.by.value, spec.range()).into_any(Found::Beats),
        ClaimKind::Drops(spec) => pair::drops(curve, &curves[1], spec.by.value, spec.range()).into_any(Found::Drops),
        ClaimKind::Crosses(spec) => {
            pair::crosses(curve, &curves[1], spec.at_db, spec.by.value).into_any(Found::Crosses)
        }
        ClaimKind::NearEnvelope(spec) => {
            let specialists: Vec<&Series> = curves[1..].iter().collect();
            pair::near_envelope(curve, &specialists, spec.mean_db, spec.worst_db).into_any(Found::NearEnvelope)
        }
        ClaimKind::Graceful(spec) => shape::graceful(curve, spec.slack_db, spec.step_db).into_any(Found::Graceful),
        ClaimKind::Cliff(spec) => {
            let (height_db, flat_db, width_db) = (spec.height_db, spec.flat_db, spec.width_db);
            shape::cliff(curve, shape::CliffLimits { height_db, flat_db, width_db }).into_any(Found::Cliff)
        }
        ClaimKind::Worsens(spec) => {
            shape::worsens(curve, spec.until_db, spec.by_db, spec.recovers_db).into_any(Found::Worsens)
        }
        ClaimKind::Monotone(spec) => shape::monotone(curve, spec.by).into_any(Found::Monotone),
        ClaimKind::Scalar(spec) => shape::scalar(curve, spec.at_db, spec.between).into_any(Found::Scalar),
        ClaimKind::Agrees(spec) => {
            shape::agrees(curve, &spec.points, spec.mean_db, spec.worst_db).into_any(Found::Agrees)
        }
    }
}

impl<T> Judged<T> {
    fn into_any(self, found: fn(T) -> Found) -> Judged<Found> {
        Judged { verdict: self.verdict, found: found(self.found), criteria: self.criteria }
    }
}

/// Tolerance, so that rounding does not decide a limit that is met exactly.
const ROUNDING: f64 = 1e-9;

fn at_most(x: f64, limit: f64) -> bool {
    x <= limit + ROUNDING
}

fn at_least(x: f64, limit: f64) -> bool {
    x >= limit - ROUNDING
}
