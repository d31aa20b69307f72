//! Keywords of the links.

use crate::spec::values;
use jscc_phy::emulation::layout::{BROADCAST, Framing};
use jscc_phy::emulation::room::Room;
use serde::{Deserialize, Serialize};

/// `framing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FramingSpec {
    /// No framing.
    Bare,
    /// A broadcast MAC header and a frame check sequence.
    Mac,
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

impl From<FramingSpec> for Framing {
    fn from(framing: FramingSpec) -> Self {
        match framing {
            FramingSpec::Bare => Self::Bare,
            FramingSpec::Mac => BROADCAST,
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
