//! Several experiments on one page: the methods, what does not hold, and per experiment its figure and its claims.

use super::Decision;
use crate::Error;
use crate::input;
use crate::methods;
use crate::report::Table;
use crate::report::gallery::data_url;
use crate::report::page::{document, table};
use crate::spec::Spec;
use jscc_radio::files::write_atomic;
use maud::{Markup, html};
use std::path::Path;

/// An experiment and its decisions.
pub struct Section<'a> {
    /// The experiment file.
    pub spec: &'a Spec,
    /// Its claims.
    pub decisions: Vec<Decision<'a>>,
    /// Its figure as PNG.
    figure: Vec<u8>,
}

impl<'a> Section<'a> {
    /// A section with the figure in a folder of results.
    pub fn new(spec: &'a Spec, decisions: Vec<Decision<'a>>, results: &Path) -> Result<Self, Error> {
        let path = results.join(format!("{}.png", spec.file.name));
        let figure = input::bytes(&path).map_err(|reason| Error::Read { path, reason })?;
        Ok(Self { spec, decisions, figure })
    }

    fn title(&self) -> &str {
        let file = &self.spec.file;
        let of_sweep = file.sweep.as_ref().and_then(|sweep| sweep.title.as_ref());
        let of_matrix = || file.matrix.as_ref().and_then(|matrix| matrix.title.as_ref());
        of_sweep.or_else(of_matrix).unwrap_or(&file.name)
    }

    fn claims(&self) -> Table {
        let row = |decision: &Decision| {
            let numbers: Vec<String> =
                decision.numbers().iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let source = decision.claim.source.clone().unwrap_or_default();
            vec![decision.verdict().to_owned(), decision.claim.says.clone(), source, numbers.join("; ")]
        };
        let headers = ["verdict", "claim", "source", "numbers"].map(str::to_owned).to_vec();
        Table { headers, rows: self.decisions.iter().map(row).collect() }
    }

    fn markup(&self) -> Markup {
        html! {
            h2 id=(self.spec.file.name) { (self.title()) }
            figure.sheet { img alt=(self.title()) src=(data_url(&self.figure)); }
            @if !self.decisions.is_empty() { div.words { (table(&self.claims())) } }
        }
    }
}

/// Writes the page.
pub fn write(sections: &[Section], path: &Path) -> Result<(), Error> {
    write_atomic(path, html_page(sections).as_bytes()).map_err(Error::Write)
}

/// The page as one self-contained HTML file.
pub fn html_page(sections: &[Section]) -> String {
    let content = html! {
        h2 { "Methods" }
        div.words { (table(&methods::table())) }
        ul.notes { @for note in methods::notes() { li { (note) } } }
        h2 { "What does not hold here" }
        div.words { (table(&open(sections))) }
        @for section in sections { (section.markup()) }
    };
    document("Robust deep JSCC: what holds, and what does not", &content)
}

/// Claims that did not pass.
fn open(sections: &[Section]) -> Table {
    let of = |section: &Section| -> Vec<Vec<String>> {
        let failed = section.decisions.iter().filter(|decision| decision.verdict() != "pass");
        let row = |decision: &Decision| {
            let first = decision.numbers().first().map(|(name, value)| format!("{name}: {value}"));
            let claim = decision.claim;
            vec![
                decision.verdict().to_owned(),
                claim.says.clone(),
                first.unwrap_or_default(),
                claim.source.clone().unwrap_or_default(),
                section.spec.file.name.clone(),
            ]
        };
        failed.map(row).collect()
    };
    let headers = ["verdict", "claim", "number", "source", "experiment"].map(str::to_owned).to_vec();
    Table { headers, rows: sections.iter().flat_map(of).collect() }
}
