//! Errors outside the project's own code, in one line each: the fault, the place, the remedy.

use jscc_nn::train::{CheckpointError, NotFinite};
use jscc_nn::weights::WeightsError;
use jscc_phy::emulation::TooLong;
use jscc_phy::emulation::waveform::pulse::BadShaping;
use jscc_phy::link::TooManyBits;
use std::io;
use std::path::PathBuf;

/// An error of a module above this one, which knows its type.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data set or picture is missing or damaged: a [`DataError`](crate::data::DataError).
    #[error(transparent)]
    Data(Cause),
    /// An experiment file asks for something impossible: a [`SpecError`](crate::spec::SpecError).
    #[error(transparent)]
    Spec(Cause),
    /// Claims lack rows to be decided by: a [`ClaimError`](crate::claims::ClaimError).
    #[error(transparent)]
    Claim(Cause),
    /// A file of weights is missing, damaged, or of another kind.
    #[error("{path}: {reason}; name the file that `jscc train` wrote, or one of models/")]
    Weights {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: WeightsError,
    },
    /// A file cannot be read.
    #[error("{path}: cannot be read ({reason}); check the path")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// The run folder contains a checkpoint that cannot be continued.
    #[error("{path}: {reason}; remove the folder to start anew, or give another with --out")]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// The fault.
        reason: CheckpointError,
    },
    /// Another process is training in the folder.
    #[error("{folder}: another process trains there; wait for it, or give another folder with --out")]
    Busy {
        /// The run folder.
        folder: PathBuf,
    },
    /// The run folder belongs to another experiment file.
    #[error(
        "{folder} holds a run of another experiment, or of other pictures; remove it to start anew, or give another folder with --out"
    )]
    OtherRun {
        /// The run folder.
        folder: PathBuf,
    },
    /// The codec cannot decode what this link delivers.
    #[error(
        "{codec} cannot decode what this link delivers; d2ajscc takes the waveform (link.waveform with hand = \"waveform\", \
         roll_off 0.5, samples_per_symbol 4, span 8, centre 14, images_per_frame 10), the others symbols"
    )]
    WrongDelivery {
        /// The codec.
        codec: String,
    },
    /// The codec cannot send pictures without channel information.
    #[error(
        "{codec}: not a codec that turns 28x28 grey pictures to symbols and back without being told of the channel"
    )]
    NotForPictures {
        /// The codec.
        codec: String,
    },
    /// The classical codecs are for pictures of another shape.
    #[error(
        "{path}: is for pictures of {shape:?}; the rivals' bases, canvases and frames are made for [1, 28, 28], so take \
         mnist, digits, or idx of that size"
    )]
    NotForRivals {
        /// The experiment file or the weights.
        path: PathBuf,
        /// Channels, height and width of their pictures.
        shape: [usize; 3],
    },
    /// An exact inversion with options that only a trellis search supports.
    #[error("an exact inversion leaves no room and no silence; take inversion = \"trellis\"")]
    NoRoom,
    /// Frames of a ladder that no receiver can tell apart.
    #[error(
        "the rungs from {} dB and from {} dB have frames of the same rate and length, by which alone a receiver knows \
         them; give one of them another `spare`",
        from_db[0], from_db[1]
    )]
    RungsAlike {
        /// Their SNRs.
        from_db: [f64; 2],
    },
    /// More images in a frame than it can carry.
    #[error("images_per_frame is too large: {0}")]
    TooLong(#[from] TooLong),
    /// As `TooLong`, with spare OFDM symbols.
    #[error("spare = {spare} OFDM symbols leave too few for images_per_frame: {reason}")]
    Spare {
        /// Spare OFDM symbols.
        spare: usize,
        /// The limit.
        reason: TooLong,
    },
    /// An invalid pulse.
    #[error("the waveform cannot be shaped: {0}")]
    BadShaping(#[from] BadShaping),
    /// More numbers in a frame than it can carry.
    #[error("images_per_frame is too large: {0}")]
    TooManyBits(#[from] TooManyBits),
    /// A file cannot be written.
    #[error("cannot write: {0}")]
    Write(io::Error),
    /// Loss or gradient is infinite or NaN.
    #[error("{0}; the last checkpoint is kept; lower learning_rate, or set max_norm")]
    NotFinite(#[from] NotFinite),
    /// No mirror delivered a complete file.
    #[error("{name}: no mirror gave it ({reason}); what came is kept, so try again")]
    Fetch {
        /// The file.
        name: String,
        /// The reason per mirror.
        reason: String,
    },
}

impl Error {
    /// Whether the user's input is at fault, rather than disk, network or training.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::Write(_) | Self::NotFinite(_) | Self::Fetch { .. })
    }
}
