//! Presentation of decisions: tables, Markdown and JSON.

use super::criterion::Decided;
use super::measured::Measured;
use super::number::{At, Number};
use super::{Decision, Found, Spread, Verdict};
use crate::Error;
use crate::report::Table;
use crate::spec::Spec;
use jscc_radio::files::write_atomic;
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

impl Decision<'_> {
    /// The verdict in one word.
    pub fn verdict(&self) -> &'static str {
        match self.judged.verdict {
            Verdict::Pass => "pass",
            Verdict::Fail => "FAIL",
            Verdict::Undecided => "undecided",
        }
    }

    /// The numbers behind the verdict.
    pub fn numbers(&self) -> Vec<Number> {
        let mut numbers = self.deciding();
        numbers.extend(match &self.judged.found {
            Found::Tracks(found) => found.numbers(),
            Found::Graceful(found) => found.numbers(),
            Found::Cliff(found) => found.numbers(),
            Found::Worsens(found) => found.numbers(),
            Found::Beats(found) => found.numbers(),
            Found::NearEnvelope(found) => found.numbers(),
            Found::Crosses(found) => found.numbers(),
            Found::Drops(found) => found.numbers(),
            Found::Monotone(found) => found.numbers(),
            Found::Scalar(found) => found.numbers(),
            Found::Agrees(found) => found.numbers(),
        });
        numbers.extend(self.spread.iter().map(Spread::number));
        numbers
    }

    /// The numbers that decide, against their limits; of a shape without such, only that it is of one training.
    fn deciding(&self) -> Vec<Number> {
        let criteria = &self.judged.criteria;
        match (criteria.is_empty(), self.spread.is_empty()) {
            (true, true) => vec![("decided by".to_owned(), "one training".to_owned())],
            (true, false) => vec![("decided by".to_owned(), "each training".to_owned())],
            (false, _) => criteria.iter().map(Decided::number).collect(),
        }
    }
}

impl Spread {
    fn number(&self) -> Number {
        let name = format!("± of {} ({} trainings)", self.curve, self.trainings);
        let by = |a: &&At, b: &&At| a.value.total_cmp(&b.value);
        let [least, most] = [self.ci95.iter().min_by(by), self.ci95.iter().max_by(by)];
        let text = |at: Option<&At>| at.map_or("unknown".to_owned(), |at| at.unit.text(at.value));
        (name, format!("{} to {}", text(least), text(most)))
    }
}

/// One row per claim, followed by one for its criterion and one per number.
pub fn table(decisions: &[Decision]) -> Table {
    let mut rows = Vec::new();
    for decision in decisions {
        rows.push(vec![decision.claim.says.clone(), decision.verdict().to_owned()]);
        rows.push(vec![format!("  {}", decision.claim.kind.criterion()), String::new()]);
        rows.extend(decision.numbers().into_iter().map(|(name, value)| vec![format!("  {name}"), value]));
    }
    Table { headers: vec!["claim".to_owned(), "verdict, numbers".to_owned()], rows }
}

/// One line of JSON per claim.
pub fn to_json(spec: &Spec, measured: &Measured, decision: &Decision) -> String {
    json!({
        "experiment": spec.file.name,
        "spec_sha256": measured.spec_sha256,
        "code": measured.code,
        "says": decision.claim.says,
        "source": decision.claim.source,
        "claim": decision.claim.kind,
        "verdict": decision.judged.verdict,
        "criteria": decision.judged.criteria,
        "numbers": decision.judged.found,
        "spread": decision.spread,
    })
    .to_string()
}

/// Writes `NAME-claims.md` to a folder.
pub fn write(spec: &Spec, measured: &Measured, decisions: &[Decision], folder: &Path) -> Result<PathBuf, Error> {
    let path = folder.join(format!("{}-claims.md", spec.file.name));
    write_atomic(&path, markdown(spec, measured, decisions).as_bytes()).map_err(Error::Write)?;
    Ok(path)
}

/// The decisions as a page of Markdown, with their provenance.
pub fn markdown(spec: &Spec, measured: &Measured, decisions: &[Decision]) -> String {
    let mut page = format!(
        "# Claims of {}\n\n| claim | source | decided | verdict | numbers |\n|---|---|---|---|---|\n",
        spec.file.name
    );
    for decision in decisions {
        let numbers: Vec<_> =
            decision.numbers().iter().map(|(name, value)| cell(&format!("{name}: {value}"))).collect();
        let source = decision.claim.source.as_deref().unwrap_or_default();
        let (says, source) = (cell(&decision.claim.says), cell(source));
        let (decided, verdict) = (cell(&decision.claim.kind.criterion()), decision.verdict());
        writeln!(page, "| {says} | {source} | {decided} | {verdict} | {} |", numbers.join("<br>"))
            .expect("a string takes all that is written");
    }
    page + "\n" + &provenance(spec, measured)
}

fn provenance(spec: &Spec, measured: &Measured) -> String {
    let file = spec.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let rows = measured.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let weights = |curve: &super::measured::MeasuredCurve| {
        let files: Vec<_> = curve.weights.iter().map(|file| format!("`{file}`")).collect();
        format!("- {}: {}\n", cell(&curve.label), files.join(", "))
    };
    let curves: String = measured.curves.iter().map(weights).collect();
    format!(
        "PSNR in dB of the mean MSE, of several trainings over all of them; accuracy in points; ± are 95 % intervals over \
         trainings (Student's t). A number decides where its 95 % interval lies on one side of the limit. The number is taken of \
         each training, of the first of each curve together, then of the second ones, and so on; a cliff is decided where every \
         training has it or none. With a single training of each curve, a difference at every SNR has the interval over its \
         frames, and nothing else has an interval.\n\n\
         - Experiment: `{file}`, SHA-256 `{}`\n- Rows: `{rows}`, measured by {} on {}\n\n\
         Weights:\n\n{curves}",
        measured.spec_sha256, measured.code, measured.conditions
    )
}

/// Escapes text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|")
}
