//! Radiotap fields for the modulation of a frame: MCS (802.11n), VHT (802.11ac), HE (802.11ax).
//!
//! Source: radiotap.org, "MCS", "VHT", "HE".

use crate::Guard;
use crate::scheme::{Index, Scheme};

/// The MCS field, as in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mcs {
    /// Known properties: 0x01 bandwidth, 0x02 index, 0x04 guard interval, 0x08 format, 0x10 FEC, 0x20 STBC, 0x40
    /// extension streams.
    pub known: u8,
    /// Values: 0x03 bandwidth (1 is 40 MHz, else 20), 0x04 short guard interval, 0x08 greenfield, 0x10 LDPC, 0x60 STBC.
    pub flags: u8,
    /// Modulation and coding scheme.
    pub index: u8,
}

impl Mcs {
    /// One stream of 20 MHz, mixed format, BCC, no STBC, no extension streams, all marked as known.
    pub(super) fn plain(index: u8, guard: Guard) -> Self {
        Self { known: 0x7F, flags: if guard == Guard::Short { 0x04 } else { 0 }, index }
    }

    pub(super) fn scheme(self) -> Option<Scheme> {
        let said = |flag: u8| self.known & flag != 0;
        let scheme = Scheme {
            bandwidth_mhz: said(0x01).then_some(if self.flags & 0x03 == 1 { 40 } else { 20 }),
            // Unequal modulation begins at 33.
            streams: if self.index < 32 { self.index / 8 + 1 } else { 1 },
            guard_ns: if said(0x04) && self.flags & 0x04 != 0 { 400 } else { 800 },
            greenfield: said(0x08) && self.flags & 0x08 != 0,
            ldpc: said(0x10) && self.flags & 0x10 != 0,
            stbc: said(0x20) && self.flags & 0x60 != 0,
            index: Index::Ht(self.index),
        };
        said(0x02).then_some(scheme)
    }
}

/// The VHT field: 802.11ac.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vht {
    /// Known properties: 0x01 STBC, 0x04 guard interval, 0x40 bandwidth.
    pub known: u16,
    /// Values: 0x01 STBC, 0x04 short guard interval.
    pub flags: u8,
    /// Code of the bandwidth.
    pub bandwidth: u8,
    /// For the first user: the scheme times 16, plus the spatial streams.
    pub mcs_nss: u8,
    /// For the first user: 0x01 LDPC.
    pub coding: u8,
}

impl Vht {
    pub(super) fn scheme(self) -> Option<Scheme> {
        let said = |flag: u16| self.known & flag != 0;
        let bandwidth = match self.bandwidth {
            0 | 2 | 3 | 7..=10 | 18..=25 => Some(20),
            1 | 5 | 6 | 14..=17 => Some(40),
            4 | 12 | 13 => Some(80),
            11 => Some(160),
            _ => None,
        };
        let scheme = Scheme {
            bandwidth_mhz: bandwidth.filter(|_| said(0x40)),
            streams: self.mcs_nss & 0x0F,
            guard_ns: if said(0x04) && self.flags & 0x04 != 0 { 400 } else { 800 },
            stbc: said(0x01) && self.flags & 0x01 != 0,
            ldpc: self.coding & 0x01 != 0,
            ..Scheme::plain(Index::Vht(self.mcs_nss >> 4))
        };
        (scheme.streams > 0).then_some(scheme)
    }
}

/// The HE field: 802.11ax. Its six words as in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct He(pub [u16; 6]);

impl He {
    pub(super) fn scheme(self) -> Option<Scheme> {
        let [known, more, coded, _, width, streams] = self.0;
        let said = |flag: u16| known & flag != 0;
        let is = |flag: u16, bit: u16| said(flag) && coded & bit != 0;
        let (bandwidth_mhz, tones) = match (said(0x4000), width & 0x0F) {
            (true, code @ 0..=3) => (Some(20 << code), None),
            (true, code @ 4..=9) => (None, Some([26, 52, 106, 242, 484, 996][usize::from(code) - 4])),
            _ => (None, None),
        };
        let guard_ns = match (width >> 4) & 0x03 {
            1 if more & 0x02 != 0 => 1600,
            2 if more & 0x02 != 0 => 3200,
            _ => 800,
        };
        let index = Index::He { mcs: (coded >> 8 & 0x0F) as u8, dcm: is(0x40, 0x1000), tones };
        // 0 streams means unknown.
        let streams = (streams & 0x0F).max(1) as u8;
        let scheme = Scheme {
            index,
            bandwidth_mhz,
            streams,
            guard_ns,
            stbc: is(0x200, 0x8000),
            ldpc: is(0x80, 0x2000),
            greenfield: false,
        };
        said(0x20).then_some(scheme)
    }
}
