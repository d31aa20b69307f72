//! The frame check sequence: CRC-32 over the MAC frame, least significant octet first. IEEE 802.11-2020, 9.2.4.8.

/// Octets of the frame check sequence.
pub const N_FCS: usize = 4;

/// The four octets that follow a MAC frame.
pub fn fcs(frame: &[u8]) -> [u8; N_FCS] {
    crc32fast::hash(frame).to_le_bytes()
}

/// Whether a PSDU ends in its own frame check sequence.
pub fn check(psdu: &[u8]) -> bool {
    psdu.split_last_chunk::<N_FCS>().is_some_and(|(frame, last)| fcs(frame) == *last)
}
