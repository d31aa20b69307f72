//! A description as in the file: unknown fields, and those of others, are kept verbatim.

use super::{Annotation, MAX_META, NAMESPACE, NAMESPACE_VERSION, RECORDER, SigmfError};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

/// Field that contains the description in the ORACLE data set.
const WRAPPED: &str = "_metadata";

/// A description, its fields in the order of the file.
#[derive(Clone, Debug)]
pub struct Document {
    fields: Fields,
    /// The enclosing object.
    wrapper: Option<Fields>,
    /// Whether the file is UTF-8 throughout.
    is_whole: bool,
}

impl Document {
    /// The description in `bytes`, the content of a `.sigmf-meta`.
    ///
    /// # Errors
    /// [`SigmfError::TooLarge`], and `Json` with line and column.
    pub fn parse(bytes: &[u8]) -> Result<Self, SigmfError> {
        if bytes.len() as u64 > MAX_META {
            return Err(SigmfError::TooLarge { limit: MAX_META });
        }
        let text = String::from_utf8_lossy(bytes);
        let fields: Fields = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        let is_whole = matches!(text, Cow::Borrowed(_));
        match fields.get(WRAPPED).map(|inner| serde_json::from_str(inner.get())) {
            Some(Ok(inner)) if fields.get("global").is_none() => {
                Ok(Self { fields: inner, wrapper: Some(fields), is_whole })
            }
            _ => Ok(Self { fields, wrapper: None, is_whole }),
        }
    }

    /// The fields of the whole recording.
    pub(super) fn global(&self) -> Result<Fields, SigmfError> {
        let global = self.fields.get("global").ok_or(SigmfError::Field { field: "global", want: "an object" })?;
        serde_json::from_str(global.get()).map_err(|_| SigmfError::Field { field: "global", want: "an object" })
    }

    /// The elements of a list; empty if it is missing or null.
    pub(super) fn list(&self, field: &'static str) -> Result<Vec<&RawValue>, SigmfError> {
        let list = self.fields.get(field).map_or(Ok(None), |list| serde_json::from_str(list.get()));
        list.map(Option::unwrap_or_default).map_err(|_| SigmfError::Field { field, want: "a list" })
    }

    /// The annotations of this project.
    ///
    /// # Errors
    /// The fault of the first that cannot be read.
    pub fn annotations(&self) -> Result<Vec<Annotation>, SigmfError> {
        let list = self.list("annotations")?;
        let ours = list.into_iter().filter(|annotation| is_ours(annotation));
        ours.map(|annotation| Ok(serde_json::from_str(annotation.get())?)).collect()
    }

    /// The text with `ours` instead of this project's annotations, by first sample; those of others keep their order.
    ///
    /// # Errors
    /// [`SigmfError::Encoding`] if the other content could not be kept.
    pub fn with_annotations(&self, mut ours: Vec<Annotation>) -> Result<String, SigmfError> {
        if !self.is_whole {
            return Err(SigmfError::Encoding);
        }
        let mut fields = self.fields.clone();
        let mut merged = Vec::new();
        ours.sort_by_key(|annotation| annotation.start);
        let mut ours = ours.into_iter().peekable();
        for other in self.list("annotations")?.into_iter().filter(|annotation| !is_ours(annotation)) {
            let start = start(other);
            while let Some(our) = ours.next_if(|our| start.is_some_and(|start| our.start < start)) {
                merged.push(raw(&our));
            }
            merged.push(other.to_owned());
        }
        merged.extend(ours.map(|our| raw(&our)));
        if merged.iter().any(|annotation| is_ours(annotation)) {
            let mut global = self.global()?;
            if let Some(extensions) = with_ours(global.get("core:extensions")) {
                global.set("core:extensions", extensions);
                fields.set("global", text(global.to_text("    ")));
            }
        }
        fields.set("annotations", text(list_text(&merged)));
        let description = fields.to_text("  ");
        Ok(match self.wrapper.clone() {
            None => description,
            Some(mut wrapper) => {
                wrapper.set(WRAPPED, text(description));
                wrapper.to_text("  ")
            }
        })
    }
}

/// Whether an annotation is this project's.
fn is_ours(annotation: &RawValue) -> bool {
    let Ok(Value::Object(annotation)) = serde_json::from_str(annotation.get()) else { return false };
    let prefix = format!("{NAMESPACE}:");
    annotation.get("core:generator").is_some_and(|generator| generator == RECORDER)
        || annotation.keys().any(|key| key.starts_with(&prefix))
}

fn start(annotation: &RawValue) -> Option<u64> {
    let annotation: Value = serde_json::from_str(annotation.get()).ok()?;
    super::integer(annotation.get("core:sample_start")?)
}

/// The namespaces in use including ours; `None` if it is among them already.
fn with_ours(extensions: Option<&RawValue>) -> Option<Box<RawValue>> {
    let extensions = extensions.map_or("null", RawValue::get);
    // Versions before 0.0.2 have an object.
    if let Ok(mut map) = serde_json::from_str::<Fields>(extensions) {
        let is_there = map.get(NAMESPACE).is_some();
        map.set(NAMESPACE, raw(&NAMESPACE_VERSION));
        return (!is_there).then(|| text(map.to_text("      ")));
    }
    let mut list: Vec<Box<RawValue>> = serde_json::from_str(extensions).unwrap_or_default();
    let names_ours = |one: &RawValue| serde_json::from_str(one.get()).is_ok_and(|one: Value| one["name"] == NAMESPACE);
    if list.iter().any(|one| names_ours(one)) {
        return None;
    }
    list.push(raw(&json!({ "name": NAMESPACE, "version": NAMESPACE_VERSION, "optional": true })));
    Some(text(list_text(&list)))
}

fn raw(value: &impl serde::Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("strings and numbers")
}

fn text(json: String) -> Box<RawValue> {
    RawValue::from_string(json).expect("made of JSON")
}

fn list_text(list: &[Box<RawValue>]) -> String {
    if list.is_empty() {
        return "[]".to_owned();
    }
    let list: Vec<&str> = list.iter().map(|element| element.get()).collect();
    format!("[\n    {}\n  ]", list.join(",\n    "))
}

/// The fields of an object, in the order of the file, each kept verbatim.
#[derive(Clone, Debug)]
pub(super) struct Fields(Vec<(String, Box<RawValue>)>);

impl Fields {
    /// The field with this name; of several, the last, as in other readers.
    pub(super) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, value)| &**value)
    }

    /// The field of this name, unless it is missing or null.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        let value = serde_json::from_str(self.get(name)?.get()).ok()?;
        if value == Value::Null { None } else { Some(value) }
    }

    fn set(&mut self, name: &str, value: Box<RawValue>) {
        match self.0.iter_mut().rev().find(|(field, _)| field == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    fn to_text(&self, indent: &str) -> String {
        let field = |(name, value): &(String, Box<RawValue>)| format!("{indent}{}: {}", json!(name), value.get());
        let fields: Vec<String> = self.0.iter().map(field).collect();
        format!("{{\n{}\n{}}}", fields.join(",\n"), &indent[2..])
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        input.deserialize_map(Object)
    }
}

/// All bytes, or one more than is allowed.
pub(super) fn read_meta(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_META + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
