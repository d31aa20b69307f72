//! The records of a classic pcap.
//!
//! Source: draft-ietf-opsawg-pcap; libpcap's `sf-pcap.c` for the other magic numbers. A record has no mark, only a
//! length that leads to the next: if that is impossible, the search continues for plausible headers; also if a record
//! is longer than the packet on the air and leads to no other.

use super::order::Order;
use super::window::Window;
use super::{MAX_PACKET, PcapError, Raw, Step};
use crate::Fcs;
use std::io::{self, Read};
use std::time::Duration;

/// Octets of the file's header.
pub(super) const HEAD: usize = 24;
const MICROSECONDS: u32 = 0xA1B2_C3D4;
const NANOSECONDS: u32 = 0xA1B2_3C4D;
/// A. Kuznetzov's variant, whose records also contain the interface.
const MODIFIED: u32 = 0xA1B2_CD34;
/// Largest difference in time of neighbouring records.
const FAR_APART_S: u32 = 7 * 24 * 3600;

/// State of a classic pcap reader.
pub(super) struct Records {
    order: Order,
    /// Unit, in ns, of the second word of a time.
    tick: u32,
    /// Octets of a record's header.
    head: usize,
    link: u32,
    fcs: Fcs,
    magic: [u8; 4],
    /// Seconds of the last record.
    last: Option<u32>,
}

/// Byte order, ns per tick, octets of a record's header.
fn kind(magic: [u8; 4]) -> Option<(Order, u32, usize)> {
    [Order::Little, Order::Big].into_iter().find_map(|order| match order.u32(magic) {
        MICROSECONDS => Some((order, 1000, 16)),
        NANOSECONDS => Some((order, 1, 16)),
        MODIFIED => Some((order, 1000, 24)),
        _ => None,
    })
}

/// Whether this is the magic number of a classic pcap.
pub(super) fn is_magic(magic: [u8; 4]) -> bool {
    kind(magic).is_some()
}

impl Records {
    /// A reader for the records after this header; `None` if it is not a header.
    pub fn new(head: [u8; HEAD]) -> Option<Self> {
        let magic = *head.first_chunk()?;
        let (order, tick, record) = kind(magic)?;
        // The upper half of the word may contain the length of an FCS, in units of 16 bits.
        let link = order.word(&head, 20);
        let fcs = if link & 0x0400_0000 == 0 { Fcs::Unknown } else { Fcs::of_length(link >> 28 << 1) };
        Some(Self { order, tick, head: record, link: link & 0xFFFF, fcs, magic, last: None })
    }

    pub fn step<R: Read>(&mut self, window: &mut Window<R>, packet: u64) -> Result<Step, PcapError> {
        let read = |window: &mut Window<R>, n| window.has(n).map_err(PcapError::Read);
        if !read(window, self.head)? {
            let missing = self.head - window.ahead().len();
            return if window.ahead().is_empty() {
                Ok(Step::End)
            } else {
                Err(PcapError::CutShort { packet, missing })
            };
        }
        if window.ahead().starts_with(&self.magic) && self.another_file(window).map_err(PcapError::Read)? {
            return Ok(Step::Other);
        }
        let header = window.ahead();
        let [seconds, part, got, original] = [0, 4, 8, 12].map(|at| self.order.word(header, at));
        let whole = self.head.saturating_add(got as usize);
        let too_long = got as usize > MAX_PACKET;
        let is_cut = too_long || !read(window, whole)?;
        let searched = if is_cut {
            MAX_PACKET
        } else if got > original && !self.leads_on(window, whole, seconds)? {
            whole
        } else {
            0
        };
        if let Some(skipped) = self.find(window, searched).map_err(PcapError::Read)? {
            window.skip(skipped);
            let reason = format!("a record of {got} bytes cannot be; {skipped} bytes were passed over");
            return Ok(Step::Damaged(reason));
        }
        if too_long {
            return Err(PcapError::TooLong { packet, got: got as usize, limit: MAX_PACKET });
        }
        if is_cut {
            return Err(PcapError::CutShort { packet, missing: whole - window.ahead().len() });
        }
        let time = Duration::from_secs(seconds.into()) + Duration::from_nanos(u64::from(part) * u64::from(self.tick));
        let data = window.ahead()[self.head..whole].to_vec();
        window.skip(whole);
        self.last = Some(seconds);
        Ok(Step::Packet(Raw { link: self.link, time, original, data, fcs: self.fcs }))
    }

    /// Handles the header of another file of the same machine, concatenated to this one.
    fn another_file<R: Read>(&mut self, window: &mut Window<R>) -> io::Result<bool> {
        let Some(head) = window.at::<HEAD>(0)? else { return Ok(false) };
        let is_version = self.order.u16([head[4], head[5]]) == 2;
        let Some(records) = Self::new(head).filter(|_| is_version) else { return Ok(false) };
        *self = records;
        window.skip(HEAD);
        Ok(true)
    }

    /// Bytes to the next plausible record that is followed by another or the end, among the next `searched`.
    fn find<R: Read>(&self, window: &mut Window<R>, searched: usize) -> io::Result<Option<usize>> {
        for at in 1..=searched {
            if !window.has(at + self.head)? {
                break;
            }
            let Some((seconds, length)) = self.likely(&window.ahead()[at..], self.last) else { continue };
            if self.is_followed(window, at + self.head + length, seconds)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Whether another record, the end, or another file comes at `next`.
    fn leads_on<R: Read>(&self, window: &mut Window<R>, next: usize, seconds: u32) -> Result<bool, PcapError> {
        let is_followed = self.is_followed(window, next, seconds).map_err(PcapError::Read)?;
        Ok(is_followed || window.ahead()[next..].starts_with(&self.magic))
    }

    /// Whether another record, or the end, comes at `next`.
    fn is_followed<R: Read>(&self, window: &mut Window<R>, next: usize, seconds: u32) -> io::Result<bool> {
        Ok(if window.has(next + self.head)? {
            self.likely(&window.ahead()[next..], Some(seconds)).is_some()
        } else {
            window.ahead().len() == next
        })
    }

    /// Seconds and length in a record's header, if it is plausible.
    fn likely(&self, header: &[u8], near: Option<u32>) -> Option<(u32, usize)> {
        let [seconds, part, got, original] = [0, 4, 8, 12].map(|at| self.order.word(header, at));
        let is_time = u64::from(part) * u64::from(self.tick) < 1_000_000_000
            && near.is_none_or(|near| seconds.abs_diff(near) <= FAR_APART_S);
        let is_length = (1..=MAX_PACKET as u32).contains(&got) && (got..=MAX_PACKET as u32).contains(&original);
        (is_time && is_length).then_some((seconds, got as usize))
    }
}
