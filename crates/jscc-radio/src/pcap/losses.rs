//! Summary of the unreadable parts of a capture.

use super::{PcapError, Reader};
use crate::link::LinkError;
use std::collections::BTreeMap;

/// Most damaged packets reported individually.
const TOLD: usize = 5;

/// The unreadable parts of a capture.
#[derive(Debug, Default)]
pub struct Losses {
    /// Packets of other networks, by link type.
    others: BTreeMap<u32, u64>,
    told: Vec<String>,
    more: u64,
    first: Option<PcapError>,
}

impl Losses {
    /// Records an error of [`Reader`].
    pub fn add(&mut self, error: PcapError) {
        match &error {
            PcapError::Link { reason: LinkError::Other(link), .. } => *self.others.entry(*link).or_default() += 1,
            error if self.told.len() < TOLD || !error.is_passed_over() => self.told.push(error.to_string()),
            _ => self.more += 1,
        }
        self.first.get_or_insert(error);
    }

    /// One line per kind of loss.
    pub fn lines(&self, reader: &Reader<'_>) -> Vec<String> {
        let mut lines = self.told.clone();
        if self.more > 0 {
            lines.push(format!("{} more places are damaged", self.more));
        }
        if !self.others.is_empty() {
            let types: Vec<_> = self.others.iter().map(|(link, n)| format!("{n} of link type {link}")).collect();
            let types = types.join(", ");
            lines.push(format!("passed over packets that are no frames of 802.11: {types}"));
        }
        match reader.odd_options() {
            0 => {}
            n => lines.push(format!("options or comments that cannot be read: {n}; nothing else is lost by them")),
        }
        lines
    }

    /// The first error, if any.
    pub fn into_first(self) -> Option<PcapError> {
        self.first
    }
}
