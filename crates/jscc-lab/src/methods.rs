//! The available methods, in the order of the survey's Table I: families as rows, tasks as columns.

use crate::report::Table;
use jscc_nn::method::{Card, Family, Needs, Source, Task};
use jscc_nn::zoo::{Entry, METHODS};
use serde_json::{Value, json};

/// k of the reported sizes.
const K: usize = 48;

const FAMILIES: [(Family, &str); 5] = [
    (Family::RobustTraining, "robust training"),
    (Family::FeatureSelection, "feature selection"),
    (Family::PhysicalLayer, "physical layer"),
    (Family::FeatureAdaptation, "feature adaptation"),
    (Family::Foundation, "beside the table"),
];

/// The survey's Table I; a dash where no method is implemented.
pub fn table() -> Table {
    let row = |(family, title): (Family, &str)| {
        let names = |task: Task| {
            let of = METHODS.iter().map(|method| method.card);
            let named = of.filter(|card| card.family == family && card.tasks.contains(&task)).map(named);
            let names: Vec<_> = named.collect();
            if names.is_empty() { "–".to_owned() } else { names.join(", ") }
        };
        vec![title.to_owned(), names(Task::Recover), names(Task::Execute)]
    };
    let headers = ["", "data recovery", "task execution"];
    Table { headers: headers.map(str::to_owned).to_vec(), rows: FAMILIES.map(row).to_vec() }
}

/// A method's name, with the channel information of each side in parentheses.
fn named(card: Card) -> String {
    let what = |needs| match needs {
        Needs::Nothing => None,
        Needs::Snr => Some("SNR"),
        Needs::NoiseMap => Some("noise map"),
    };
    let sides = [("tx", card.encoder), ("rx", card.decoder)];
    let told: Vec<_> = sides.iter().filter_map(|(side, needs)| Some(format!("{side}: {}", what(*needs)?))).collect();
    if told.is_empty() { card.name.to_owned() } else { format!("{} ({})", card.name, told.join(", ")) }
}

/// One line per method.
pub fn list() -> Table {
    let row = |method: &Entry| {
        let card = method.card;
        vec![card.name.to_owned(), card.title.to_owned(), weights(method).to_string(), card.reference.to_owned()]
    };
    let headers = ["name", "method", "weights", "reference"];
    Table { headers: headers.map(str::to_owned).to_vec(), rows: METHODS.iter().map(row).collect() }
}

/// Weights of the default configuration for MNIST with k = 48.
fn weights(method: &Entry) -> usize {
    (method.n_weights)(Source::MNIST, K)
}

/// Cards as JSON objects.
pub fn json() -> Vec<Value> {
    let of = |method: &Entry| {
        let card = method.card;
        let config = (method.config)(&Value::Null).expect("the default is one");
        json!({
            "name": card.name,
            "title": card.title,
            "reference": card.reference,
            "family": card.family,
            "tasks": card.tasks,
            "encoder_is_told": card.encoder,
            "decoder_is_told": card.decoder,
            "parts": card.parts,
            "objectives": (method.terms)(),
            "images_per_pass": (method.images_per_pass)(&config),
            "config": config,
            "weights_at_k48": weights(method),
        })
    };
    METHODS.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each method appears in the table once per task.
    #[test]
    fn the_table_has_every_method() {
        let table = table();
        for card in METHODS.map(|method| method.card) {
            let cells = table.rows.iter().flat_map(|row| &row[1..]);
            let n = cells
                .flat_map(|cell| cell.split(", "))
                .filter(|name| name.split(' ').next() == Some(card.name))
                .count();
            assert_eq!(n, card.tasks.len(), "{}", card.name);
        }
        assert_eq!(table.rows[0][1..], ["–", "–"].map(str::to_owned), "nothing of robust training is built yet");
    }
}
