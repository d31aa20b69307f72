//! The blocks of a pcapng.
//!
//! Source: draft-ietf-opsawg-pcapng. A block states its length at its start and at its end. If the two differ, the one
//! after which another block begins is used. If there is none, or a length is impossible, the search continues for a
//! block whose lengths agree. Any other damage loses its own block only.

use super::order::Order;
use super::window::Window;
use super::{MAX_PACKET, PcapError, Raw, Step};
use crate::Fcs;
use std::io::{self, Read};
use std::time::Duration;

/// The first four bytes of a section, in either byte order.
pub(super) const SECTION: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];
const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Names, statistics, secrets, custom blocks.
const OTHERS: [u32; 6] = [4, 5, 9, 10, 0x0000_0BAD, 0x4000_0BAD];

/// Largest block: a packet with some words and options.
pub(super) const MAX_BLOCK: usize = MAX_PACKET + (64 << 10);
/// Largest block of other known kinds, which are skipped.
const MAX_PASSED: u64 = 256 << 20;
/// Most interfaces, the only part of a pcapng file that must be kept.
const MAX_INTERFACES: usize = 4096;

/// State of a pcapng reader.
pub(super) struct Blocks {
    order: Order,
    /// Interfaces of this section; `None` for one with a damaged description.
    interfaces: Vec<Option<Interface>>,
    /// Number of blocks with a comment that is not text, or with truncated options.
    pub odd_options: u64,
}

#[derive(Clone, Copy)]
struct Interface {
    link: u32,
    snap: u32,
    ticks_per_s: u128,
    offset_s: i64,
    fcs: Fcs,
}

impl Blocks {
    pub fn new() -> Self {
        Self { order: Order::Little, interfaces: Vec::new(), odd_options: 0 }
    }

    pub fn step<R: Read>(&mut self, window: &mut Window<R>, packet: u64) -> Result<Step, PcapError> {
        if !window.has(12).map_err(PcapError::Read)? {
            let missing = 12 - window.ahead().len();
            return if window.ahead().is_empty() {
                Ok(Step::End)
            } else {
                Err(PcapError::CutShort { packet, missing })
            };
        }
        let order = order_of(window.ahead()).unwrap_or(self.order);
        let [kind, length] = [0, 4].map(|at| order.word(window.ahead(), at));
        let holds_packet = [PACKET, SIMPLE_PACKET, ENHANCED_PACKET].contains(&kind);
        let reason = match usize::try_from(length).unwrap_or(usize::MAX) {
            length if length < 12 || !length.is_multiple_of(4) => format!("a block of {length} bytes cannot be"),
            length if length > MAX_BLOCK && holds_packet => format!("a packet of {length} bytes is too long"),
            length if length > MAX_BLOCK && length as u64 <= MAX_PASSED && OTHERS.contains(&kind) => {
                return pass(window, order, length, packet);
            }
            length if length > MAX_BLOCK => format!("a block of {length} bytes is too long"),
            length if !window.has(length).map_err(PcapError::Read)? => {
                return self.cut(window, length, packet);
            }
            length => {
                if let Some(length) = self.true_length(window, order, length).map_err(PcapError::Read)? {
                    return Ok(self.block(window, order, kind, length));
                }
                "its two lengths differ".to_owned()
            }
        };
        self.lost(kind);
        let skipped = self.find(window).map_err(PcapError::Read)?;
        Ok(Step::Damaged(format!("{reason}; {skipped} bytes were passed over")))
    }

    /// Handles a file that ends before the block: truncated, unless another block follows.
    fn cut<R: Read>(&mut self, window: &mut Window<R>, length: usize, packet: u64) -> Result<Step, PcapError> {
        let (kind, missing) = (self.order.word(window.ahead(), 0), length - window.ahead().len());
        let skipped = self.find(window).map_err(PcapError::Read)?;
        if window.ahead().is_empty() {
            return Err(PcapError::CutShort { packet, missing });
        }
        self.lost(kind);
        Ok(Step::Damaged(format!("a block of {length} bytes cannot be; {skipped} bytes were passed over")))
    }

    /// The block's length if it is repeated at its end, or another block follows it. If its start is damaged it may
    /// seem to contain the next ones: it then ends where the first of them begins.
    fn true_length<R: Read>(
        &mut self,
        window: &mut Window<R>,
        order: Order,
        length: usize,
    ) -> io::Result<Option<usize>> {
        if order.word(window.ahead(), length - 4) as usize == length {
            return Ok(Some(length));
        }
        let is_last = !window.has(length + 1)?;
        if !is_last && !likely(window, length, order)? {
            return Ok(None);
        }
        self.odd_options += 1;
        Ok(Some(next_block(window, order, length)?.unwrap_or(length)))
    }

    /// Keeps a place for an interface with a lost description, so that its packets are not assigned to another.
    fn lost(&mut self, kind: u32) {
        if kind == INTERFACE && self.interfaces.len() < MAX_INTERFACES {
            self.interfaces.push(None);
        }
    }

    /// Skips to the next block whose lengths agree, or to the end. Returns the bytes skipped.
    fn find<R: Read>(&self, window: &mut Window<R>) -> io::Result<u64> {
        window.skip(4);
        let mut passed = 4;
        while window.has(12)? {
            let order = order_of(window.ahead()).unwrap_or(self.order);
            if likely(window, 0, order)? {
                return Ok(passed);
            }
            window.skip(1);
            passed += 1;
        }
        let rest = window.ahead().len();
        window.skip(rest);
        Ok(passed + rest as u64)
    }

    fn block<R: Read>(&mut self, window: &mut Window<R>, order: Order, kind: u32, length: usize) -> Step {
        let body = &window.ahead()[8..length - 4];
        let step = match kind {
            SECTION_HEADER if order_of(window.ahead()).is_none() => {
                Step::Damaged("a section without a byte order".into())
            }
            SECTION_HEADER => {
                self.order = order;
                self.interfaces.clear();
                self.odd_options += u64::from(!Options::new(body, 16, order).are_sound());
                Step::Other
            }
            INTERFACE => {
                self.describe(body);
                Step::Other
            }
            ENHANCED_PACKET | PACKET | SIMPLE_PACKET => match self.packet(kind, body) {
                Ok((raw, is_sound)) => {
                    self.odd_options += u64::from(!is_sound);
                    Step::Packet(raw)
                }
                Err(reason) => Step::Damaged(reason.to_owned()),
            },
            _ => Step::Other,
        };
        window.skip(length);
        step
    }

    fn describe(&mut self, body: &[u8]) {
        if self.interfaces.len() >= MAX_INTERFACES {
            return;
        }
        let (Some(link), Some(snap)) = (body.first_chunk(), body.get(4..8)) else { return self.lost(INTERFACE) };
        let mut interface = Interface {
            link: self.order.u16(*link).into(),
            snap: self.order.word(snap, 0),
            ticks_per_s: 1_000_000,
            offset_s: 0,
            fcs: Fcs::Unknown,
        };
        let mut options = Options::new(body, 8, self.order);
        for (code, value) in options.by_ref() {
            match (code, value) {
                (9, &[resolution]) => interface.ticks_per_s = ticks(resolution),
                (13, &[length]) => interface.fcs = Fcs::of_length(length.into()),
                (14, &[a, b, c, d, e, f, g, h]) => {
                    let (first, second) = (self.order.u32([a, b, c, d]), self.order.u32([e, f, g, h]));
                    let (high, low) = if self.order == Order::Big { (first, second) } else { (second, first) };
                    interface.offset_s = (u64::from(high) << 32 | u64::from(low)).cast_signed();
                }
                _ => {}
            }
        }
        self.odd_options += u64::from(!options.are_sound());
        self.interfaces.push(Some(interface));
    }

    /// The packet in a block's body, and whether the options after it are valid.
    fn packet(&self, kind: u32, body: &[u8]) -> Result<(Raw, bool), &'static str> {
        let least = if kind == SIMPLE_PACKET { 4 } else { 20 };
        if body.len() < least {
            return Err("a packet's block is too short");
        }
        let word = |at: usize| self.order.word(body, at);
        let number = match kind {
            SIMPLE_PACKET => 0,
            PACKET => self.order.u16([body[0], body[1]]).into(),
            _ => word(0),
        };
        let interface = self.interfaces.get(number as usize).copied().flatten().ok_or("no such interface")?;
        let (original, got) = match kind {
            SIMPLE_PACKET => {
                let snap = if interface.snap == 0 { u32::MAX } else { interface.snap };
                (word(0), word(0).min(snap).min(body.len() as u32 - 4))
            }
            _ => (word(16), word(12)),
        };
        let data = body.get(least..least.saturating_add(got as usize)).ok_or("a packet is longer than its block")?;
        if data.len() > MAX_PACKET {
            return Err("a packet is too long");
        }
        let time = if kind == SIMPLE_PACKET { Duration::ZERO } else { interface.time(word(4), word(8)) };
        let after = (least + data.len()).next_multiple_of(4);
        let is_sound = kind == SIMPLE_PACKET || Options::new(body, after, self.order).are_sound();
        Ok((Raw { link: interface.link, time, original, data: data.to_vec(), fcs: interface.fcs }, is_sound))
    }
}

impl Interface {
    /// Time since 1970; negative times do not occur.
    fn time(&self, high: u32, low: u32) -> Duration {
        let ticks = u128::from(u64::from(high) << 32 | u64::from(low));
        let nanoseconds = i128::try_from(ticks * 1_000_000_000 / self.ticks_per_s).unwrap_or(0);
        let nanoseconds = nanoseconds + i128::from(self.offset_s) * 1_000_000_000;
        let (seconds, part) = (nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000));
        u64::try_from(seconds).map_or(Duration::ZERO, |seconds| Duration::new(seconds, part as u32))
    }
}

/// Ticks per second, for a resolution given as a power of ten or, with the highest bit set, of two.
fn ticks(resolution: u8) -> u128 {
    let power = u32::from(resolution & 0x7F);
    if resolution & 0x80 != 0 { 1 << power } else { 10u128.checked_pow(power).unwrap_or(u128::MAX) }
}

/// The byte order of a section that begins here.
fn order_of(bytes: &[u8]) -> Option<Order> {
    let &mark = bytes.get(8..12).filter(|_| bytes.starts_with(&SECTION))?.first_chunk()?;
    [Order::Little, Order::Big].into_iter().find(|order| order.u32(mark) == 0x1A2B_3C4D)
}

/// Whether a section begins with these bytes.
pub(super) fn is_section(bytes: &[u8]) -> bool {
    order_of(bytes).is_some()
}

/// Skips a long block, or one that seems long by a damaged length: only up to a block that begins nearby.
fn pass<R: Read>(window: &mut Window<R>, order: Order, length: usize, packet: u64) -> Result<Step, PcapError> {
    let length = next_block(window, order, MAX_BLOCK).map_err(PcapError::Read)?.unwrap_or(length);
    let is_whole = window.pass(length as u64).map_err(PcapError::Read)?;
    if is_whole { Ok(Step::Other) } else { Err(PcapError::CutShort { packet, missing: 1 }) }
}

/// Bytes to a block that begins within the current one, before `limit`.
fn next_block<R: Read>(window: &mut Window<R>, order: Order, limit: usize) -> io::Result<Option<usize>> {
    for at in (12..limit).step_by(4) {
        if !window.has(at + 12)? {
            break;
        }
        if likely(window, at, order)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Whether a block of a known kind, with equal lengths, begins `at` bytes ahead.
fn likely<R: Read>(window: &mut Window<R>, at: usize, order: Order) -> io::Result<bool> {
    let Some(head) = window.at::<12>(at)? else { return Ok(false) };
    let order = order_of(&head).unwrap_or(order);
    let (kind, length) = (order.word(&head, 0), order.word(&head, 4) as usize);
    let is_section = kind == SECTION_HEADER && order_of(&head).is_some();
    let is_known = is_section || (INTERFACE..=ENHANCED_PACKET).contains(&kind) || OTHERS.contains(&kind);
    if !is_known || !(12..=MAX_BLOCK).contains(&length) || !length.is_multiple_of(4) {
        return Ok(false);
    }
    Ok(window.at(at + length - 4)?.is_some_and(|end| order.u32(end) as usize == length))
}

/// The options of a block, up to a truncated one.
struct Options<'a> {
    bytes: &'a [u8],
    order: Order,
    is_sound: bool,
}

impl<'a> Options<'a> {
    fn new(body: &'a [u8], at: usize, order: Order) -> Self {
        Self { bytes: body.get(at..).unwrap_or_default(), order, is_sound: true }
    }

    /// Whether all remaining options have their length, and comments are text.
    fn are_sound(mut self) -> bool {
        self.by_ref().for_each(drop);
        self.is_sound
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let Some((&[a, b, c, d], after)) = self.bytes.split_first_chunk() else {
            self.is_sound &= self.bytes.is_empty();
            return None;
        };
        let (code, length) = (self.order.u16([a, b]), usize::from(self.order.u16([c, d])));
        if code == 0 {
            self.bytes = &[];
            return None;
        }
        let Some(value) = after.get(..length) else {
            (self.is_sound, self.bytes) = (false, &[]);
            return None;
        };
        self.bytes = after.get(length.next_multiple_of(4)..).unwrap_or_default();
        if code == 1 && str::from_utf8(value).is_err() {
            self.is_sound = false;
        }
        Some((code, value))
    }
}
