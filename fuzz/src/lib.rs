//! What the fuzz targets check, each on any bytes; `seeds` are inputs to begin with.

mod input;
pub mod iq;
mod memory;
pub mod pcap;
pub mod photo;
pub mod receiver;
pub mod sigmf;
pub mod signal;

/// Inputs to begin with.
pub type Seeds = Vec<Vec<u8>>;

/// A target's name, what it checks, and its seeds.
pub type Target = (&'static str, fn(&[u8]), fn() -> Seeds);

/// All targets.
pub const TARGETS: [Target; 6] = [
    ("receiver", receiver::check, receiver::seeds),
    ("signal", signal::check, signal::seeds),
    ("sigmf", sigmf::check, sigmf::seeds),
    ("pcap", pcap::check, pcap::seeds),
    ("iq", iq::check, iq::seeds),
    ("photo", photo::check, photo::seeds),
];
