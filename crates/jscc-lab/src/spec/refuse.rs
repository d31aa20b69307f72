//! Refusals of experiment files: the line, the fault, a suggestion.

use crate::Error;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Fault of an experiment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecError {
    path: PathBuf,
    line: Option<usize>,
    message: String,
    suggestion: Option<String>,
}

/// Smallest likeness (Jaro-Winkler) of a suggested word.
const LIKENESS: f64 = 0.75;

impl SpecError {
    pub(super) fn of_toml(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| line_of(text, &span));
        let message = error.message().replace('\n', ", ");
        let suggestion = suggestion(&message);
        Self { path: path.into(), line, message, suggestion }
    }

    /// Refuses the text at `span` of the file, for a fault known only after parsing.
    pub(crate) fn at(path: &Path, text: &str, span: &Range<usize>, message: String) -> Self {
        let suggestion = suggestion(&message);
        Self { path: path.into(), line: Some(line_of(text, span)), message, suggestion }
    }

    pub(super) fn no_table(path: &Path, name: &str) -> Self {
        let message = format!("has no [{name}] table, which this command runs");
        Self { path: path.into(), line: None, message, suggestion: None }
    }

    pub(crate) fn misfit(path: &Path, message: String) -> Self {
        Self { path: path.into(), line: None, message, suggestion: None }
    }

    pub(crate) fn no_splits(path: &Path) -> Self {
        let message = "trains on a folder, which has no splits; take mnist, cifar10, idx or digits".to_owned();
        Self { path: path.into(), line: None, message, suggestion: None }
    }

    pub(crate) fn drawn(path: &Path) -> Self {
        let message = "draws its digits, so that a folder of data has no use; leave out --data".to_owned();
        Self { path: path.into(), line: None, message, suggestion: None }
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text[..span.start.min(text.len())].matches('\n').count() + 1
}

/// For serde's "unknown field `a`, expected one of `b`, `c`", the most similar of the expected words, if any.
fn suggestion(message: &str) -> Option<String> {
    let (found, expected) = message.strip_prefix("unknown ")?.split_once(", expected ")?;
    let found = found.split('`').nth(1)?;
    let candidates = expected.split('`').skip(1).step_by(2);
    let alike = |candidate: &str| strsim::jaro_winkler(found, candidate);
    let best = candidates.max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(best) >= LIKENESS).then(|| best.to_owned())
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(word) = &self.suggestion {
            write!(f, "; did you mean `{word}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecError {}

impl From<SpecError> for Error {
    fn from(error: SpecError) -> Self {
        Self::Spec(Box::new(error))
    }
}
