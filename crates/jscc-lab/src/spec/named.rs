//! Channels and impairments in experiment files: by their names.

use jscc_phy::channel::impairment::Impairment;
use jscc_phy::channel::{Chain, Channel};
use serde::{Deserialize, Deserializer, Serializer, de::Error};
use std::fmt::Display;
use std::str::FromStr;

pub(super) fn named<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
    String::deserialize(value)?.parse().map_err(Error::custom)
}

pub(super) fn all_named<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(value: D) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(value)?.iter().map(|name| name.parse().map_err(Error::custom)).collect()
}

pub(super) fn as_named<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

pub(super) fn all_as_named<T: Display, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(values.iter().map(ToString::to_string))
}

pub(super) fn awgn() -> Channel {
    Channel::Awgn
}

pub(super) fn is_awgn(channel: &Channel) -> bool {
    *channel == Channel::Awgn
}

/// The air between two radios.
pub(super) fn chain(channel: Channel, impairments: &[Impairment]) -> Chain {
    Chain::new(channel, impairments.to_vec())
}
