//! Training objectives: weighted sums of named terms. One term per file; those of a single method are in its file.

mod classify;
mod recover;

use crate::method::{ForwardPass, Loss, Method, Task};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The terms of a method: its own, and those common to all methods with its tasks.
pub(crate) fn terms<M: Method>() -> Vec<(&'static str, Loss<M>)> {
    let common: [(Task, &str, Loss<M>); 2] =
        [(Task::Recover, recover::NAME, recover::loss), (Task::Execute, classify::NAME, classify::loss)];
    let own = M::TERMS.iter().map(|term| (term.name, term.loss));
    let common = common
        .into_iter()
        .filter(|(task, name, _)| M::CARD.tasks.contains(task) && M::TERMS.iter().all(|own| own.name != *name));
    own.chain(common.map(|(_, name, loss)| (name, loss))).collect()
}

/// A weighted sum of terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Objective(BTreeMap<String, f64>);

impl Objective {
    /// One term, of weight 1.
    pub fn only(term: &str) -> Self {
        Self(BTreeMap::from([(term.to_owned(), 1.0)]))
    }

    /// The default objective of a task.
    pub fn of_task(task: Task) -> Self {
        Self::only(match task {
            Task::Recover => recover::NAME,
            Task::Execute => classify::NAME,
        })
    }

    /// Terms and their weights.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(terms: impl IntoIterator<Item = (String, f64)>) -> Self {
        let terms = BTreeMap::from_iter(terms);
        assert!(!terms.is_empty(), "an objective of no terms");
        Self(terms)
    }

    /// Names of its terms.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Its value for a shard.
    ///
    /// # Panics
    /// If the method lacks one of the terms.
    pub(crate) fn loss<M: Method>(&self, net: &M, pass: &ForwardPass<M::Aux>) -> Tensor<1> {
        let known = terms::<M>();
        let term = |(name, &weight): (&String, &f64)| {
            let found = known.iter().find(|(known, _)| known == name);
            let (_, loss) = found.unwrap_or_else(|| panic!("{} has no term `{name}`", M::CARD.name));
            loss(net, pass) * weight
        };
        self.0.iter().map(term).reduce(|sum, term| sum + term).expect("an objective has a term")
    }
}

/// "compensate", or "0.01 compensate + proxy".
impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, weight)) in self.0.iter().enumerate() {
            let plus = if i == 0 { "" } else { " + " };
            if (weight - 1.0).abs() < f64::EPSILON {
                write!(f, "{plus}{name}")?;
            } else {
                write!(f, "{plus}{weight} {name}")?;
            }
        }
        Ok(())
    }
}
