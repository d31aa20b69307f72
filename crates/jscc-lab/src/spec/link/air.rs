//! Channels and impairments in experiment files, by name.

use jscc_phy::channel::impairment::Impairment;
use jscc_phy::channel::names::BadName;
use jscc_phy::channel::{Chain, Channel};
use serde::{Deserialize, Serialize};

/// "awgn", "rayleigh:16", "rician:6", "tgn-d", "exp:50", ...
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelSpec(pub Channel);

/// "cfo:20000", "sco:20", "phase-noise:100", ...
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImpairmentSpec(pub Impairment);

impl Default for ChannelSpec {
    /// White noise.
    fn default() -> Self {
        Self(Channel::Awgn)
    }
}

impl ChannelSpec {
    pub(super) fn is_awgn(&self) -> bool {
        self.0 == Channel::Awgn
    }
}

impl TryFrom<String> for ChannelSpec {
    type Error = BadName;

    fn try_from(name: String) -> Result<Self, BadName> {
        name.parse().map(Self)
    }
}

impl From<ChannelSpec> for String {
    fn from(channel: ChannelSpec) -> Self {
        channel.0.to_string()
    }
}

impl TryFrom<String> for ImpairmentSpec {
    type Error = BadName;

    fn try_from(name: String) -> Result<Self, BadName> {
        name.parse().map(Self)
    }
}

impl From<ImpairmentSpec> for String {
    fn from(impairment: ImpairmentSpec) -> Self {
        impairment.0.to_string()
    }
}

/// Channel and impairments between two radios.
pub(super) fn chain(channel: ChannelSpec, impairments: &[ImpairmentSpec]) -> Chain {
    Chain::new(channel.0, impairments.iter().map(|impairment| impairment.0).collect())
}
