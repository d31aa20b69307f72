//! Interpretations of a captured frame's octets: with or without FCS, padded after its header, with trailing octets.
//!
//! A capture states some of that, and often wrongly: drivers set the flag of an FCS that they have removed, or omit it
//! where there is one. A correct check sequence is more reliable than any flag. Without one, the interpretation by the
//! flags comes first, followed by the others: a caller that knows the lengths of its frames can choose.

use super::Fcs;
use super::encode::{has_fcs, with_fcs};
use super::pcap::Packet;
use super::radiotap::{FLAG_BAD_FCS, FLAG_DATAPAD};
use std::ops::Range;

/// Octets of the longest PSDU of 802.11n.
const MAX_PSDU: usize = 65_535;
/// Octets of an FCS.
const N_FCS: usize = 4;
/// Most octets that drivers are known to append to a frame.
const MOST_BEHIND: usize = 8;

/// One interpretation of a captured frame. Its octets are computed only on request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Octets of the PSDU, FCS included.
    pub length: usize,
    /// Whether the FCS is right; `None` if it was removed.
    pub fcs_ok: Option<bool>,
    /// Whether trailing octets are assumed to be the driver's, without a proof.
    pub is_doubtful: bool,
    /// Octets of padding, among those of the frame.
    pad: Range<usize>,
    /// Octets of the frame, from its start, that belong to it.
    end: usize,
    is_stripped: bool,
}

impl Packet {
    /// Whether the FCS is right; `None` without an FCS, or if the frame is incomplete.
    pub fn fcs_ok(&self) -> Option<bool> {
        let is_bad = self.radiotap.flags.is_some_and(|flags| flags & FLAG_BAD_FCS != 0);
        match self.right() {
            Some(_) => Some(true),
            None if is_bad || (self.fcs == Fcs::Present && self.cut == 0) => Some(false),
            None => None,
        }
    }

    /// The interpretations, the most likely first; a single one if a check sequence is right.
    pub fn readings(&self) -> Vec<Reading> {
        if let Some(right) = self.right() {
            return vec![right];
        }
        let whole = self.frame.len() + self.cut as usize;
        let is_bad = self.radiotap.flags.is_some_and(|flags| flags & FLAG_BAD_FCS != 0);
        let mut readings = Vec::new();
        for pad in self.pads() {
            let damaged = |behind: usize| {
                let end = whole - behind;
                let length = end - pad.len();
                Reading {
                    length,
                    fcs_ok: Some(false),
                    is_doubtful: behind > 0,
                    pad: pad.clone(),
                    end,
                    is_stripped: false,
                }
            };
            let stripped = Reading {
                length: whole - pad.len() + N_FCS,
                fcs_ok: is_bad.then_some(false),
                is_stripped: true,
                ..damaged(0)
            };
            let (first, second) =
                if self.fcs == Fcs::Present { (damaged(0), stripped) } else { (stripped, damaged(0)) };
            readings.extend([first, second]);
            // Nothing before the end of the padding is the driver's.
            readings.extend((1..=MOST_BEHIND.min(whole - pad.end)).map(damaged));
        }
        readings.retain(|reading| (1..=MAX_PSDU).contains(&reading.length));
        readings.sort_by_key(|reading| reading.is_doubtful);
        readings
    }

    /// Fraction of the PSDU present in the capture.
    pub fn kept(&self, reading: &Reading) -> f64 {
        self.frame.len().min(reading.end).saturating_sub(reading.pad.len()) as f64 / reading.length as f64
    }

    /// The octets of an interpretation. Missing ones are zero, a removed FCS is appended again.
    pub fn psdu(&self, reading: &Reading) -> Vec<u8> {
        let mut octets = self.frame.clone();
        octets.resize(reading.end, 0);
        octets.drain(reading.pad.clone());
        if reading.is_stripped { with_fcs(octets) } else { octets }
    }

    /// The interpretation with a right check sequence.
    fn right(&self) -> Option<Reading> {
        let length = self.frame.len();
        self.pads().into_iter().find_map(|pad| {
            let mut octets = self.frame.clone();
            octets.drain(pad.clone());
            (0..=MOST_BEHIND.min(length - pad.end)).find_map(|behind| {
                let psdu = &octets[..octets.len() - behind];
                let reading = Reading {
                    length: psdu.len(),
                    fcs_ok: Some(true),
                    is_doubtful: false,
                    pad: pad.clone(),
                    end: length - behind,
                    is_stripped: false,
                };
                has_fcs(psdu).then_some(reading)
            })
        })
    }

    /// Possible padding: after a header whose length is not a multiple of four, whether the capture states it or not.
    fn pads(&self) -> Vec<Range<usize>> {
        let (header, none) = (header_length(&self.frame), 0..0);
        let padded = header..header.next_multiple_of(4);
        let is_said = self.radiotap.flags.is_some_and(|flags| flags & FLAG_DATAPAD != 0);
        let mut pads = if is_said { vec![padded, none] } else { vec![none, padded] };
        // Keeps `none`, and padding within the frame.
        pads.retain(|pad| *pad == (0..0) || (!pad.is_empty() && pad.end <= self.frame.len()));
        // In a frame without a header both are empty.
        pads.dedup();
        pads
    }
}

/// Octets of the MAC header of a data or management frame, IEEE 802.11-2020, 9.2.3; 0 for others, which have no body.
fn header_length(frame: &[u8]) -> usize {
    let Some(&[control, flags]) = frame.first_chunk() else { return 0 };
    let (is_qos, has_ht_control) = (control & 0x80 != 0, flags & 0x80 != 0);
    match control & 0x0C {
        0 => 24 + 4 * usize::from(has_ht_control),
        8 => {
            let four_addresses = 6 * usize::from(flags & 0x03 == 3);
            24 + four_addresses + if is_qos { 2 + 4 * usize::from(has_ht_control) } else { 0 }
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
