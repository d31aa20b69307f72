//! What is wrong with a recording that can be read all the same.

use crate::iq::{Bad, SampleFormat};

/// Something to be told when a recording has been read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The file ends within a sample.
    #[error("{bytes} bytes after the last whole sample of {format} were left out; the recording may be cut")]
    Trailing {
        /// Bytes there are.
        bytes: usize,
        /// How samples are stored.
        format: SampleFormat,
    },
    /// Samples that are no numbers were taken for silence.
    #[error(
        "samples that are no finite number below 1e12: {}, the first at {}; silence was taken in their place",
        .0.count, .0.first
    )]
    Bad(Bad),
    /// The samples are not those that were recorded.
    #[error(
        "the samples are not those that the description is of: their SHA-512 is {}, it says {}; copy the recording again",
        first(.got), first(.want)
    )]
    Sha512 {
        /// SHA-512 there is.
        got: String,
        /// SHA-512 there should be.
        want: String,
    },
    /// An archive ends within the samples.
    #[error("the archive ends {bytes} bytes before its samples do; copy it again")]
    Missing {
        /// Bytes that are not there.
        bytes: u64,
    },
    /// The description speaks of samples that are not there.
    #[error("the description speaks of samples up to {reach}, and they end before {end}; the recording may be cut")]
    Short {
        /// The number after the last of which it speaks.
        reach: u64,
        /// The number after the last.
        end: u64,
    },
    /// Nothing is found, and something with I and Q exchanged.
    #[error("nothing was found, but with I and Q exchanged there are frames; try --swap-iq")]
    Exchanged,
}

/// The first digits of a hash.
fn first(hash: &str) -> String {
    let first: String = hash.chars().take(16).collect();
    if first.len() < hash.len() { first + "…" } else { first }
}
