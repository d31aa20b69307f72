//! Faults of a recording that can be read all the same.

use crate::iq::{Bad, SampleFormat};

/// A warning about a recording that was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The file ends within a sample.
    #[error("{bytes} bytes after the last whole sample of {format} were left out; the recording may be cut")]
    Trailing {
        /// Number of odd bytes.
        bytes: usize,
        /// Format of the samples.
        format: SampleFormat,
    },
    /// Samples that are not numbers were replaced by silence.
    #[error(
        "samples that are no finite number below 1e12: {}, the first at {}; silence was taken in their place",
        .0.count, .0.first
    )]
    Bad(Bad),
    /// The samples differ from those recorded.
    #[error(
        "the samples are not those that the description is of: their SHA-512 is {}, it says {}; copy the recording again",
        first(.got), first(.want)
    )]
    Sha512 {
        /// Actual SHA-512.
        got: String,
        /// Expected SHA-512.
        want: String,
    },
    /// An archive ends within the samples.
    #[error("the archive ends {bytes} bytes before its samples do; copy it again")]
    Missing {
        /// Missing bytes.
        bytes: u64,
    },
    /// The description refers to samples that are missing.
    #[error("the description speaks of samples up to {reach}, and they end before {end}; the recording may be cut")]
    Short {
        /// Number after the last sample described.
        reach: u64,
        /// Number after the last sample.
        end: u64,
    },
    /// Frames were found only with I and Q exchanged.
    #[error("nothing was found, but with I and Q exchanged there are frames; try --swap-iq")]
    Exchanged,
}

/// The first digits of a hash.
fn first(hash: &str) -> String {
    let first: String = hash.chars().take(16).collect();
    if first.len() < hash.len() { first + "…" } else { first }
}
