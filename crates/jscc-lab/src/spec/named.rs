//! Links shared within an experiment file: `[link.NAME]`, used as `link = "NAME"`.

use serde::de::{DeserializeOwned, Error as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

const LINK: &str = "link";

/// Parses the text with named links substituted; each value keeps its position in the text.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut root = DeTable::parse(text)?;
    let shared = root.get_mut().remove(LINK);
    if let Some(shared) = &shared {
        let Some(links) = shared.get_ref().as_table() else {
            return Err(Error::custom("`link` names links, each a table of its own: [link.NAME]"));
        };
        replace(root.get_mut(), links);
    }
    T::deserialize(Deserializer::from(root))
}

/// Substitutes the names of links in a table and its subtables.
fn replace<'i>(table: &mut DeTable<'i>, links: &DeTable<'i>) {
    for (key, value) in table.iter_mut() {
        let named = value.get_ref().as_str().filter(|_| key.get_ref() == LINK).and_then(|name| links.get(name));
        match named {
            Some(link) => *value = link.clone(),
            None => within(value, links),
        }
    }
}

fn within<'i>(value: &mut Spanned<DeValue<'i>>, links: &DeTable<'i>) {
    match value.get_mut() {
        DeValue::Table(table) => replace(table, links),
        DeValue::Array(array) => array.iter_mut().for_each(|value| within(value, links)),
        _ => {}
    }
}
