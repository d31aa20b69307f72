//! Trained weights of a curve.

use super::values;
use serde::de::{Deserializer, Error, SeqAccess, Visitor, value::SeqAccessDeserializer};
use serde::{Deserialize, Serialize, de};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// `weights`: one file, or a list of files from trainings with different seeds. `{snr_db}` in a name stands for each SNR
/// of the sweep: a codec per SNR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeightsSpec(Vec<PathBuf>);

impl WeightsSpec {
    /// The files, at least one, with distinct names.
    pub fn files(&self) -> &[PathBuf] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for WeightsSpec {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(OneOrMore)
    }
}

struct OneOrMore;

impl<'de> Visitor<'de> for OneOrMore {
    type Value = WeightsSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file of weights, or a list of them")
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<WeightsSpec, E> {
        Ok(WeightsSpec(vec![path.into()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<WeightsSpec, A::Error> {
        let files = values::not_empty::<_, PathBuf>(SeqAccessDeserializer::new(list))?;
        let mut seen = BTreeSet::new();
        // Rows contain only the name.
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match files.iter().map(|path| name(path)).find(|name| !seen.insert(name.clone())) {
            Some(twice) => Err(A::Error::custom(format!(
                "`{twice}` is there twice; rows tell trainings apart by the names of their files"
            ))),
            None => Ok(WeightsSpec(files)),
        }
    }
}
