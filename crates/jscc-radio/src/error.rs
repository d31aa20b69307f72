//! A fault in a file of samples or frames, with its path.

use super::iq::{FormatError, IqError};
use super::pcap::PcapError;
use super::sigmf::SigmfError;
use std::io;
use std::path::{Path, PathBuf};

/// A fault of a file: the path, the fault, the remedy.
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
        /// The fault.
        reason: IqError,
    },
    /// A SigMF recording that cannot be read.
    #[error("{path}: {reason}")]
    Sigmf {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: SigmfError,
    },
    /// A capture of packets that cannot be read or written.
    #[error("{path}: {reason}")]
    Pcap {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: PcapError,
    },
    /// The format of the samples is unknown.
    #[error("{0}")]
    Format(#[from] FormatError),
    /// Neither content nor name reveals the kind of the file.
    #[error(
        "{path}: its first bytes are those of no capture (pcap, pcapng), and {reason}; say how samples are stored with \
         --format"
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The fault of the name.
        reason: FormatError,
    },
    /// The file is empty.
    #[error("{path}: empty, there are no samples in it; is it the right file?")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The sample rate is below the receiver's.
    #[error(
        "{path}: {hz} samples per second hold {} of the 20 MHz of a channel, and frames are lost with the rest; record \
         20e6 or more per second",
        mhz(*.hz)
    )]
    TooSlow {
        /// The file.
        path: PathBuf,
        /// Samples per second.
        hz: f64,
    },
    /// An implausible sample rate.
    #[error("{path}: {} samples per second is no rate of a radio; give one from 20e6 to 10e9", plain(*.hz))]
    NoRate {
        /// The file.
        path: PathBuf,
        /// Samples per second.
        hz: f64,
    },
    /// The recording does not contain this frame.
    #[error("{path}: {reason}; `jscc wifi decode` lists what is there")]
    NoFrame {
        /// The file.
        path: PathBuf,
        /// The frame requested, and the frames present.
        reason: String,
    },
    /// A SigMF recording to a destination that keeps no files.
    #[error(
        "{path}: a SigMF recording is two files, which a pipe, a device or the standard output does not keep; name a file, or write raw samples"
    )]
    Pair {
        /// The destination.
        path: PathBuf,
    },
    /// The system cannot write; the reason includes the path.
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

    /// This fault, of the capture at `path`.
    pub fn pcap(path: &Path) -> impl FnOnce(PcapError) -> Self {
        move |reason| Self::Pcap { path: path.to_path_buf(), reason }
    }
}

fn mhz(hz: f64) -> String {
    format!("{:.4}", hz / 1e6).trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn plain(number: f64) -> String {
    if number.abs() < 1e12 { number.to_string() } else { format!("{number:e}") }
}
