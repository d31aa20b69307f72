//! Presentation of decisions: tables, Markdown and JSON.

use super::measured::Measured;
use super::{Decision, Found, Number, Spread, Verdict, db};
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
        let mut numbers = match &self.judged.found {
            Found::Tracks(found) => found.numbers(),
            Found::Graceful(found) => found.numbers(),
            Found::Cliff(found) => found.numbers(),
            Found::Worsens(found) => found.numbers(),
            Found::Beats(found) => found.numbers(),
        };
        numbers.extend(self.spread.iter().map(Spread::number));
        numbers
    }
}

impl Spread {
    fn number(&self) -> Number {
        let name = format!("± of {} ({} trainings)", self.curve, self.trainings);
        let each = || self.psnr_db_ci95.iter().map(|at| at.db);
        let [least, most] = [each().fold(f64::INFINITY, f64::min), each().fold(0.0, f64::max)];
        (name, format!("{} to {} dB", db(least), db(most)))
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
        "PSNR in dB of the mean MSE, of several trainings over all of them; ± are 95 % intervals over trainings \
         (Student's t of each one's PSNR). A difference decides where its interval lies on one side of the limit, a shape \
         where every training has it or none; a single training has the interval over its frames.\n\n\
         - Experiment: `{file}`, SHA-256 `{}`\n- Rows: `{rows}`, measured by {} on {}\n\n\
         Weights:\n\n{curves}",
        measured.spec_sha256, measured.code, measured.conditions
    )
}

/// Escapes text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|")
}
