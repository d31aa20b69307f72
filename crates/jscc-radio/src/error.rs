//! A fault in a file of samples or frames, with its path.

use super::iq::{FormatError, IqError};
use super::pcap::PcapError;
use super::sigmf::SigmfError;
use std::io;
use std::path::{Path, PathBuf};

/// A fault in a file: which one, what is wrong, what to do.
#[derive(Debug, thiserror::Error)]
pub enum RadioError {
    /// The system cannot open or read it.
    #[error("{path}: cannot be read ({reason}); check the path and its permissions")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// Samples that cannot be read or written.
    #[error("{path}: {reason}")]
    Iq {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: IqError,
    },
    /// A SigMF recording that cannot be understood.
    #[error("{path}: {reason}")]
    Sigmf {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: SigmfError,
    },
    /// A capture of packets that cannot be read or written.
    #[error("{path}: {reason}")]
    Pcap {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: PcapError,
    },
    /// Nothing says how the samples are stored.
    #[error("{0}")]
    Format(#[from] FormatError),
    /// Neither content nor name tells what a file is.
    #[error(
        "{path}: its first bytes are those of no capture (pcap, pcapng) and its name is that of no sample format; say how samples are stored with --format cf32, ci16, ci8 or cu8"
    )]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// The file ends where it begins.
    #[error("{path}: empty, there are no samples in it; is it the right file?")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Samples of another rate than the receiver's.
    #[error("{path}: {hz} samples per second, only 20e6 are read; resample it to 20e6")]
    SampleRate {
        /// The file.
        path: PathBuf,
        /// Samples a second.
        hz: f64,
    },
    /// There is no such frame in the recording.
    #[error("{path}: {reason}; `jscc wifi decode` lists what is there")]
    NoFrame {
        /// The file.
        path: PathBuf,
        /// What was looked for, and what there is.
        reason: String,
    },
    /// The system cannot write; its reason names the path.
    #[error("cannot write: {0}")]
    Write(io::Error),
}

impl RadioError {
    /// Whether the user's input is at fault, rather than the disk.
    pub fn is_input(&self) -> bool {
        !matches!(
            self,
            Self::Write(_)
                | Self::Iq { reason: IqError::Write(_), .. }
                | Self::Pcap { reason: PcapError::Write(_), .. }
        )
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |reason| Self::Read { path: path.to_path_buf(), reason }
    }

    pub(crate) fn iq(path: &Path) -> impl FnOnce(IqError) -> Self {
        move |reason| Self::Iq { path: path.to_path_buf(), reason }
    }

    pub(crate) fn sigmf(path: &Path) -> impl FnOnce(SigmfError) -> Self {
        move |reason| Self::Sigmf { path: path.to_path_buf(), reason }
    }

    /// This fault of the capture at `path`.
    pub fn pcap(path: &Path) -> impl FnOnce(PcapError) -> Self {
        move |reason| Self::Pcap { path: path.to_path_buf(), reason }
    }
}
