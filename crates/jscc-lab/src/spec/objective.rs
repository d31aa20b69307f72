//! `objective`: the name of a term, or a weighted sum of terms.

use super::values;
use jscc_nn::objective::Objective;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// "compensate", or { proxy = 1, compensate = 0.01 }.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectiveSpec(pub Objective);

impl<'de> Deserialize<'de> for ObjectiveSpec {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(OneOrSum)
    }
}

impl Serialize for ObjectiveSpec {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

struct OneOrSum;

impl<'de> Visitor<'de> for OneOrSum {
    type Value = ObjectiveSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an objective, or a table of names and weights")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<ObjectiveSpec, E> {
        values::known_term(name)?;
        Ok(ObjectiveSpec(Objective::only(name)))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<ObjectiveSpec, A::Error> {
        let terms = BTreeMap::<String, Weight>::deserialize(MapAccessDeserializer::new(table))?;
        if terms.is_empty() {
            return Err(A::Error::custom("an objective has one term at least"));
        }
        terms.keys().try_for_each(|name| values::known_term(name))?;
        Ok(ObjectiveSpec(Objective::new(terms.into_iter().map(|(name, Weight(weight))| (name, weight)))))
    }
}

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Weight(#[serde(deserialize_with = "values::not_negative")] f64);
