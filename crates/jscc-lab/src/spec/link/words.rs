//! Keywords of the links.

use crate::spec::values;
use jscc_phy::emulation::Inversion;
use jscc_phy::emulation::layout::{BROADCAST, Framing};
use jscc_phy::emulation::room::Room;
use jscc_phy::emulation::waveform::Tones;
use jscc_phy::link::{Aim, Damaged, Hand, Receive, Reception};
use serde::{Deserialize, Serialize};

/// `tones`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TonesSpec {
    /// Neighbouring subcarriers.
    Contiguous,
    /// As many independent subcarriers as there are, at any place.
    Free,
}

/// `aim`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AimSpec {
    /// The waveform itself.
    Waveform,
    /// The output of the receiver's matched filter.
    Symbols,
}

/// `hand`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HandSpec {
    /// Symbols, after the matched filter.
    #[default]
    Symbols,
    /// The waveform.
    Waveform,
}

/// `damaged`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DamagedSpec {
    /// The bits of a damaged frame are used as they are.
    #[default]
    Heard,
    /// A damaged frame is lost.
    Lost,
}

/// `inversion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InversionSpec {
    /// Chosen subcarriers get their nearest points.
    Exact,
    /// All subcarriers get the nearest codeword.
    Trellis,
}

/// `framing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FramingSpec {
    /// No framing.
    Bare,
    /// A broadcast MAC header and a frame check sequence.
    Mac,
}

/// `receive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiveSpec {
    /// PSDU bits, re-modulated.
    Bits,
    /// Equalised points.
    Symbols,
    /// The posterior mean of the transmitted point.
    Mean,
}

/// `reception`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceptionSpec {
    /// Known timing, SIGNAL, channel and scrambler state.
    Aided,
    /// Known only by agreement: rate, length, the sender's scrambler state.
    Unaided,
}

/// `csi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CsiSpec {
    /// None: it delivers y.
    None,
    /// Zero forcing: it divides by h.
    Zf,
    /// MMSE: it multiplies by h*/(|h|² + no).
    Mmse,
}

/// `room`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum RoomSpec {
    /// Any codeword is allowed there.
    #[default]
    Erased,
    /// Symbols are spread over some of it.
    Mixed {
        /// Searches after the first.
        #[serde(deserialize_with = "values::passes")]
        passes: usize,
    },
    /// Symbols are spread over all of it.
    Spread,
}

impl From<ReceptionSpec> for Reception {
    fn from(reception: ReceptionSpec) -> Self {
        match reception {
            ReceptionSpec::Aided => Self::Aided,
            ReceptionSpec::Unaided => Self::Unaided,
        }
    }
}

impl From<InversionSpec> for Inversion {
    fn from(inversion: InversionSpec) -> Self {
        match inversion {
            InversionSpec::Exact => Self::Exact,
            InversionSpec::Trellis => Self::Trellis,
        }
    }
}

impl From<FramingSpec> for Framing {
    fn from(framing: FramingSpec) -> Self {
        match framing {
            FramingSpec::Bare => Self::Bare,
            FramingSpec::Mac => BROADCAST,
        }
    }
}

impl From<ReceiveSpec> for Receive {
    fn from(receive: ReceiveSpec) -> Self {
        match receive {
            ReceiveSpec::Bits => Self::Bits,
            ReceiveSpec::Symbols => Self::Symbols,
            ReceiveSpec::Mean => Self::Mean,
        }
    }
}

impl From<TonesSpec> for Tones {
    fn from(tones: TonesSpec) -> Self {
        match tones {
            TonesSpec::Contiguous => Self::Contiguous,
            TonesSpec::Free => Self::Free,
        }
    }
}

impl From<AimSpec> for Aim {
    fn from(aim: AimSpec) -> Self {
        match aim {
            AimSpec::Waveform => Self::Waveform,
            AimSpec::Symbols => Self::Symbols,
        }
    }
}

impl From<HandSpec> for Hand {
    fn from(hand: HandSpec) -> Self {
        match hand {
            HandSpec::Symbols => Self::Symbols,
            HandSpec::Waveform => Self::Waveform,
        }
    }
}

impl From<DamagedSpec> for Damaged {
    fn from(damaged: DamagedSpec) -> Self {
        match damaged {
            DamagedSpec::Heard => Self::Heard,
            DamagedSpec::Lost => Self::Lost,
        }
    }
}

impl From<RoomSpec> for Room {
    fn from(room: RoomSpec) -> Self {
        match room {
            RoomSpec::Erased => Self::Erased,
            RoomSpec::Mixed { passes } => Self::Mixed { passes },
            RoomSpec::Spread => Self::Spread,
        }
    }
}
