//! Claims of an experiment file about its curves, decided by the rows of its sweep.
//!
//! | module | content |
//! |---|---|
//! | [`measured`] | curves read back from rows, averaged over trainings |
//! | [`shape`] | claims about one curve: graceful, a cliff, worse before better |
//! | [`pair`] | claims about two curves: tracks, beats |
//! | [`page`] | decisions as a table, as JSON, as Markdown |

pub mod measured;
pub mod page;
pub mod pair;
pub mod shape;
#[cfg(test)]
mod tests;

use crate::Error;
use crate::spec::{ClaimKind, ClaimSpec, Spec};
use measured::{Measured, MeasuredCurve};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// SNR and PSNR, both in dB.
pub type Point = (f64, f64);
/// Name and value of a number, as text.
pub type Number = (String, String);

/// A number in dB at an SNR.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct At {
    /// The SNR in dB.
    pub snr_db: f64,
    /// The number.
    pub db: f64,
}

/// Outcome of a claim. A number decides only if its 95 % interval lies on one side of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// True for the curves.
    Pass,
    /// False for the curves.
    Fail,
    /// Within the interval of the measurement, or true for some trainings only.
    Undecided,
}

/// A verdict, and the numbers behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<Found> {
    /// The verdict.
    pub verdict: Verdict,
    /// The numbers.
    pub found: Found,
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
}

/// Uncertainty of a curve that is the mean of several trainings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// The curve.
    pub curve: String,
    /// Number of trainings.
    pub trainings: usize,
    /// Half-widths of the 95 % intervals over trainings, by Student's t of each one's PSNR.
    pub psnr_db_ci95: Vec<At>,
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
    #[error("{path}: cannot be read ({reason}); run `jscc sweep {spec}` first, or name the folder with --results")]
    Missing {
        /// The file of rows.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
        /// The experiment file.
        spec: PathBuf,
    },
    /// Not the rows of a sweep.
    #[error("{path}, line {line}: not a row of a sweep ({reason}); run `jscc sweep {spec}` again")]
    Damaged {
        /// The file of rows.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The fault.
        reason: serde_json::Error,
        /// The experiment file.
        spec: PathBuf,
    },
    /// Rows of another experiment file, or of this one before it was changed.
    #[error("{path}: rows of another {spec}, whose SHA-256 was not this one's; run `jscc sweep {spec}` again")]
    OtherSpec {
        /// The file of rows.
        path: PathBuf,
        /// The experiment file.
        spec: PathBuf,
    },
    /// Rows are missing, or have no finite PSNR.
    #[error("{path}: rows of curve `{curve}` are missing, or a PSNR is infinite; run `jscc sweep {spec}` again")]
    Incomplete {
        /// The file of rows.
        path: PathBuf,
        /// The curve.
        curve: String,
        /// The experiment file.
        spec: PathBuf,
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
    let decisions = claims.iter().map(|claim| decision(claim, &measured)).collect();
    Ok((measured, decisions))
}

fn decision<'a>(claim: &'a ClaimSpec, measured: &Measured) -> Decision<'a> {
    let curve = |label: &toml::Spanned<String>| measured.curve(label.get_ref());
    let judged = match &claim.kind {
        ClaimKind::Tracks(spec) => {
            let (of, than) = (curve(&spec.curve), curve(&spec.reference));
            pair::tracks(&of.points, &than.points, &pair::together(of, than), spec).into_any(Found::Tracks)
        }
        ClaimKind::Beats(spec) => {
            let (of, than) = (curve(&spec.curve), curve(&spec.rival));
            pair::beats(&of.points, &than.points, &pair::together(of, than), spec).into_any(Found::Beats)
        }
        ClaimKind::Graceful(spec) => {
            of_each(curve(&spec.curve), |points| shape::graceful(points, spec)).into_any(Found::Graceful)
        }
        ClaimKind::Cliff(spec) => {
            of_each(curve(&spec.curve), |points| shape::cliff(points, spec)).into_any(Found::Cliff)
        }
        ClaimKind::Worsens(spec) => {
            of_each(curve(&spec.curve), |points| shape::worsens(points, spec)).into_any(Found::Worsens)
        }
    };
    let curves = claim.curves().into_iter().map(|label| measured.curve(label.get_ref()));
    let several = curves.filter(|curve| curve.weights.len() > 1);
    let spread = several.map(|curve| Spread {
        curve: curve.label.clone(),
        trainings: curve.weights.len(),
        psnr_db_ci95: curve.spread.clone(),
    });
    Decision { claim, judged, spread: spread.collect() }
}

/// The verdict on a mean curve; undecided if the verdict on any single training differs.
fn of_each<T>(curve: &MeasuredCurve, judge: impl Fn(&[Point]) -> Judged<T>) -> Judged<T> {
    let mut judged = judge(&curve.points);
    if curve.each.iter().any(|points| judge(points).verdict != judged.verdict) {
        judged.verdict = Verdict::Undecided;
    }
    judged
}

impl Verdict {
    fn of(pass: bool) -> Self {
        if pass { Self::Pass } else { Self::Fail }
    }
}

impl<T> Judged<T> {
    fn into_any(self, found: fn(T) -> Found) -> Judged<Found> {
        Judged { verdict: self.verdict, found: found(self.found) }
    }
}

/// Tolerance in dB, so that rounding does not decide a limit that is met exactly.
const ROUNDING: f64 = 1e-9;

fn at_most(x: f64, limit: f64) -> bool {
    x <= limit + ROUNDING
}

fn at_least(x: f64, limit: f64) -> bool {
    x >= limit - ROUNDING
}

/// Two decimals, and no minus sign before zero.
fn db(x: f64) -> String {
    let text = format!("{x:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}
