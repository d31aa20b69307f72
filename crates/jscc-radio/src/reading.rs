//! What the octets of a captured frame are: with an FCS or without, padded after its header, with octets behind.
//!
//! A capture says some of that, and often wrongly: drivers set the flag of an FCS that they have taken off, or leave it
//! out where there is one. A check sequence that is right says it better than any flag. Where none is, what the flags
//! say comes first, and the rest after it: whoever knows what lengths its frames have can choose.

use super::Fcs;
use super::encode::{has_fcs, with_fcs};
use super::pcap::Packet;
use super::radiotap::{FLAG_BAD_FCS, FLAG_DATAPAD};
use std::ops::Range;

/// Octets of the longest PSDU of 802.11n.
const MAX_PSDU: usize = 65_535;
/// Octets of an FCS.
const N_FCS: usize = 4;
/// Most octets that drivers are known to leave behind a frame.
const MOST_BEHIND: usize = 8;

/// One way to read a captured frame. Its octets are made only when they are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Octets of the PSDU, FCS included.
    pub length: usize,
    /// Whether the FCS is right; `None` where it was taken off.
    pub fcs_ok: Option<bool>,
    /// Whether the octets at the end are taken for something of the driver's, without a proof.
    pub is_doubtful: bool,
    /// Octets of padding, among those of the frame.
    pad: Range<usize>,
    /// Octets of the frame, from its start, that are read.
    end: usize,
    is_stripped: bool,
}

impl Packet {
    /// Whether the FCS is right; `None` where there is none, or not all of the frame.
    pub fn fcs_ok(&self) -> Option<bool> {
        let is_bad = self.radiotap.flags.is_some_and(|flags| flags & FLAG_BAD_FCS != 0);
        match self.right() {
            Some(_) => Some(true),
            None if is_bad || (self.fcs == Fcs::Present && self.cut == 0) => Some(false),
            None => None,
        }
    }

    /// The ways to read the frame, the likeliest first; one where a check sequence is right.
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
            // Nothing before the padding's end is of the driver's.
            readings.extend((1..=MOST_BEHIND.min(whole - pad.end)).map(damaged));
        }
        readings.retain(|reading| (1..=MAX_PSDU).contains(&reading.length));
        readings.sort_by_key(|reading| reading.is_doubtful);
        readings
    }

    /// How much of the PSDU the capture has.
    pub fn kept(&self, reading: &Reading) -> f64 {
        self.frame.len().min(reading.end).saturating_sub(reading.pad.len()) as f64 / reading.length as f64
    }

    /// The octets of a reading. Those that the capture left out are zeros, an FCS that was taken off is put on.
    pub fn psdu(&self, reading: &Reading) -> Vec<u8> {
        let mut octets = self.frame.clone();
        octets.resize(reading.end, 0);
        octets.drain(reading.pad.clone());
        if reading.is_stripped { with_fcs(octets) } else { octets }
    }

    /// The reading whose check sequence is right.
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

    /// Where padding may be: after a header whose length is no multiple of four, if the capture says so or not.
    fn pads(&self) -> Vec<Range<usize>> {
        let (header, none) = (header_length(&self.frame), 0..0);
        let padded = header..header.next_multiple_of(4);
        let is_said = self.radiotap.flags.is_some_and(|flags| flags & FLAG_DATAPAD != 0);
        let mut pads = if is_said { vec![padded, none] } else { vec![none, padded] };
        // No frame, or one that needs no padding.
        pads.retain(|pad| *pad == (0..0) || (!pad.is_empty() && pad.end <= self.frame.len()));
        // Of a frame without a header both are none.
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
