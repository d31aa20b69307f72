//! The available methods, in the order of the survey's Table I: families as rows, tasks as columns.

use crate::report::Table;
use jscc_nn::method::{Card, Family, Needs, Source, Task};
use jscc_nn::zoo::{Entry, METHODS};
use serde_json::{Value, json};

/// Families, and what the survey says of their channel information; nothing of those that it does not list.
const FAMILIES: [(Family, &str, Option<Survey>); 5] = [
    (Family::RobustTraining, "robust training", Some(Survey::NotRequired)),
    (Family::FeatureSelection, "feature selection", Some(Survey::Required)),
    (Family::PhysicalLayer, "physical layer", Some(Survey::Required)),
    (Family::FeatureAdaptation, "feature adaptation", Some(Survey::Required)),
    (Family::Foundation, "beside the table", None),
];

/// Numbers of methods among the survey's references.
const CITED: [(&str, &str); 5] =
    [("deepjscc", "[6]"), ("deepjscc_conv", "[6]"), ("adjscc", "[16]"), ("snr_map", "[29]"), ("hyper_ajscc", "[30]")];

/// Channel information of a family by the survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Survey {
    Required,
    NotRequired,
}

impl Survey {
    fn words(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::NotRequired => "not required",
        }
    }

    /// Whether a card has it otherwise: one side, or both, go without, or are told.
    fn is_contradicted(self, card: &Card) -> bool {
        let sides = [card.encoder, card.decoder];
        match self {
            Self::Required => sides.contains(&Needs::Nothing),
            Self::NotRequired => sides.iter().any(|&needs| needs != Needs::Nothing),
        }
    }
}

/// Pictures for which sizes are counted, with the k to try. Some methods send whole maps, of 49 symbols here.
const SOURCES: [(&str, Source, &[usize]); 2] =
    [("28x28 grey", Source::MNIST, &[48, 49]), ("32x32 colour", Source::CIFAR10, &[256])];

/// The survey's Table I as far as there are methods; a dash where there is none.
pub fn table() -> Table {
    let row = |(family, title, survey): (Family, &str, Option<Survey>)| {
        let cards = || METHODS.iter().map(|method| method.card).filter(move |card| card.family == family);
        let names = |task: Task| listed(cards().filter(|card| card.tasks.contains(&task)).map(|card| cited(&card)));
        let told = |side: fn(&Card) -> Needs| listed(cards().map(|card| told(side(&card)).to_owned()));
        let survey = survey.map_or("–", Survey::words).to_owned();
        let sides = [told(|card| card.encoder), told(|card| card.decoder)];
        [vec![title.to_owned(), survey], sides.to_vec(), vec![names(Task::Recover), names(Task::Execute)]].concat()
    };
    let headers = ["", "channel information", "at the encoder", "at the decoder", "data recovery", "task execution"];
    Table { headers: headers.map(str::to_owned).to_vec(), rows: FAMILIES.map(row).to_vec() }
}

/// Each word once, or a dash.
fn listed(words: impl Iterator<Item = String>) -> String {
    let mut once: Vec<String> = Vec::new();
    words.for_each(|word| {
        if !once.contains(&word) {
            once.push(word);
        }
    });
    if once.is_empty() { "–".to_owned() } else { once.join(", ") }
}

fn told(needs: Needs) -> &'static str {
    match needs {
        Needs::Nothing => "none",
        Needs::Snr => "SNR",
        Needs::NoiseMap => "noise map",
    }
}

fn citation(card: &Card) -> Option<&'static str> {
    CITED.iter().find(|(name, _)| *name == card.name).map(|(_, number)| *number)
}

/// A method's name, with its number in the survey.
fn cited(card: &Card) -> String {
    citation(card).map_or(card.name.to_owned(), |number| format!("{} {number}", card.name))
}

/// One line per method.
pub fn list() -> Table {
    let row = |method: &Entry| {
        let card = method.card;
        let sizes = SOURCES.map(|(_, source, ks)| match first_k(method, source, ks) {
            Some(k) => {
                let macs = (method.macs)(source, k).map_or("–".to_owned(), |n| format!("{:.2} M", n as f64 / 1e6));
                format!("{}, {macs} (k {k})", (method.n_weights)(source, k))
            }
            None => "–".to_owned(),
        });
        let first = [card.name, card.title, told(card.encoder), told(card.decoder)].map(str::to_owned);
        [&first[..], &sizes, &[card.reference.to_owned()]].concat()
    };
    let [grey, colour] = SOURCES.map(|(title, ..)| format!("weights, MACs, {title}"));
    let headers = ["name", "method", "encoder", "decoder", &grey, &colour, "reference"];
    Table { headers: headers.map(str::to_owned).to_vec(), rows: METHODS.iter().map(row).collect() }
}

/// The first k that the method can have; `None` if it has none of them.
fn first_k(method: &Entry, source: Source, ks: &[usize]) -> Option<usize> {
    ks.iter().copied().find(|&k| (method.misfit)(source, k).is_none())
}

/// Where a card has it otherwise than the survey, a line each.
pub fn notes() -> Vec<String> {
    METHODS.iter().filter_map(|method| note(&method.card)).collect()
}

fn note(card: &Card) -> Option<String> {
    let (.., survey) = FAMILIES.into_iter().find(|(family, ..)| *family == card.family)?;
    let says = survey.filter(|survey| survey.is_contradicted(card))?;
    let [name, says, encoder, decoder] = [&cited(card), says.words(), told(card.encoder), told(card.decoder)];
    Some(format!(
        "{name}: the survey says channel information is {says}; here {encoder} at the encoder, {decoder} at the decoder"
    ))
}

/// Cards as JSON objects.
pub fn json() -> Vec<Value> {
    let of = |method: &Entry| {
        let card = method.card;
        let config = (method.config)(&Value::Null).expect("the default is one");
        let sizes = SOURCES.iter().filter_map(|(title, source, ks)| {
            let k = first_k(method, *source, ks)?;
            let (weights, macs) = ((method.n_weights)(*source, k), (method.macs)(*source, k));
            Some(json!({ "source": title, "shape": source.shape, "k": k, "weights": weights, "macs": macs }))
        });
        json!({
            "name": card.name,
            "title": card.title,
            "reference": card.reference,
            "survey": citation(&card),
            "family": card.family,
            "tasks": card.tasks,
            "encoder_is_told": card.encoder,
            "decoder_is_told": card.decoder,
            "note": note(&card),
            "parts": card.parts,
            "objectives": (method.terms)(),
            "images_per_pass": (method.images_per_pass)(&config),
            "config": config,
            "sizes": sizes.collect::<Vec<_>>(),
        })
    };
    METHODS.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jscc_nn::zoo::named;

    /// Each method appears in the table once per task.
    #[test]
    fn the_table_has_every_method() {
        let table = table();
        for card in METHODS.map(|method| method.card) {
            let cells = table.rows.iter().flat_map(|row| &row[4..]);
            let n = cells
                .flat_map(|cell| cell.split(", "))
                .filter(|name| name.split(' ').next() == Some(card.name))
                .count();
            assert_eq!(n, card.tasks.len(), "{}", card.name);
        }
        assert!(CITED.iter().all(|(name, _)| METHODS.iter().any(|method| method.card.name == *name)));
    }

    #[test]
    fn cards_are_held_against_the_survey() {
        let card = |family, encoder, decoder| Card { family, encoder, decoder, ..METHODS[0].card };
        let blind = [Needs::Nothing; 2];
        let is_noted = |family, [encoder, decoder]: [Needs; 2]| note(&card(family, encoder, decoder)).is_some();
        assert!(is_noted(Family::FeatureAdaptation, [Needs::Nothing, Needs::NoiseMap]), "no feedback");
        assert!(is_noted(Family::PhysicalLayer, [Needs::Snr, Needs::Nothing]), "the sender alone");
        assert!(!is_noted(Family::FeatureSelection, [Needs::Snr; 2]));
        assert!(is_noted(Family::RobustTraining, [Needs::Nothing, Needs::Snr]));
        assert!(!is_noted(Family::RobustTraining, blind) && !is_noted(Family::Foundation, blind));
    }

    /// By hand: 256 places of 3 maps and 16 kernels of 25, and so on inwards; the decoder is the mirror image.
    #[test]
    fn multiply_accumulates_are_counted() {
        let convolutions = 256 * 25 * 3 * 16 + 64 * 25 * (16 * 32 + 2 * 32 * 32 + 32 * 8);
        let count = |name: &str| (named(name).unwrap().macs)(Source::CIFAR10, 256);
        assert_eq!(count("deepjscc_conv"), Some(2 * convolutions));
        assert_eq!(count("linear"), Some(2 * 3072 * 512));
        // Attention to 16 or 32 maps and the SNR, per inner layer and half.
        let attention = (17 * 4 + 4 * 16) + 3 * (33 * 8 + 8 * 32);
        assert_eq!(count("adjscc"), Some(2 * convolutions + 2 * attention));
    }

    /// Sizes are of networks that can be trained.
    #[test]
    fn sizes_are_where_a_method_fits() {
        for (method, card) in METHODS.iter().zip(json()) {
            let sizes = card["sizes"].as_array().unwrap();
            assert!(!sizes.is_empty(), "{}", method.card.name);
            for size in sizes {
                let shape: [usize; 3] = serde_json::from_value(size["shape"].clone()).unwrap();
                let (source, k) = (Source { shape, classes: 10 }, size["k"].as_u64().unwrap() as usize);
                assert_eq!((method.misfit)(source, k), None, "{size}");
                assert_eq!(size["macs"].is_null(), method.card.name == "d2ajscc", "{size}");
            }
        }
    }
}
