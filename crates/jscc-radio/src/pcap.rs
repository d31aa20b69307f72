//! Captures of 802.11 frames: pcap and pcapng, plain or gzip-compressed, of any link type in [`crate::link`].
//!
//! Source: draft-ietf-opsawg-pcap and -pcapng; link types on tcpdump.org. Both byte orders, micro- and nanoseconds.
//!
//! Damage is confined to the damaged part: [`Reader`] continues after it.

mod blocks;
mod losses;
mod order;
mod records;
mod unpacked;
mod window;
mod writer;

pub use losses::Losses;
pub use writer::Writer;

use super::link::{self, LinkError};
use super::radiotap::Radiotap;
use super::{Fcs, RadioError};
use blocks::Blocks;
use records::{HEAD, Records};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;
use unpacked::Unpacked;
use window::Window;

/// The longest packet read or written, in bytes: libpcap's limit.
pub const MAX_PACKET: usize = 256 << 10;
/// Magic number of gzip.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// Whether a capture, plain or compressed, begins with these bytes; four suffice.
pub fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP) || bytes.first_chunk().is_some_and(|&magic| is_magic(magic))
}

fn is_magic(magic: [u8; 4]) -> bool {
    magic == blocks::SECTION || records::is_magic(magic)
}

/// One packet of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Time since 1970-01-01 UTC; zero if the file has none.
    pub time: Duration,
    /// Metadata of the frame as radiotap fields; empty in bare captures.
    pub radiotap: Radiotap,
    /// The 802.11 frame, with or without its FCS.
    pub frame: Vec<u8>,
    /// Octets cut off the frame's end by the capture.
    pub cut: u32,
    /// Whether the frame ends with its FCS, according to the capture. That is often wrong.
    pub fcs: Fcs,
}

/// Faults of a capture. Packets count from 1, as in Wireshark.
#[derive(Debug, thiserror::Error)]
pub enum PcapError {
    /// The system cannot read on, or the compressed data are damaged.
    #[error("cannot be read to its end ({0}); copy the file again, or check its kind and permissions")]
    Read(io::Error),
    /// The system cannot write.
    #[error("cannot be written ({0}); check the disk's space and permissions")]
    Write(io::Error),
    /// The first bytes are those of another kind of file, or damaged.
    #[error("not a pcap or pcapng file ({reason}); capture with tcpdump, dumpcap or Wireshark")]
    Kind {
        /// The fault.
        reason: String,
    },
    /// The file ends within a packet or block.
    #[error("ends within packet {packet}, {missing} bytes or more too early; copy the file again")]
    CutShort {
        /// Number of the packet.
        packet: u64,
        /// Bytes missing to continue.
        missing: usize,
    },
    /// A packet's length exceeds that of any frame, and nothing after it can be read.
    #[error(
        "packet {packet} says to be {got} bytes, at most {limit} are read; the file is damaged, or no capture of frames"
    )]
    TooLong {
        /// Number of the packet.
        packet: u64,
        /// Its stated length in bytes.
        got: usize,
        /// Most bytes allowed.
        limit: usize,
    },
    /// A part of the file is damaged. The rest can be read.
    #[error("damaged at packet {packet} ({reason}); copy the file again, or repair it with pcapfix")]
    Damaged {
        /// Number of the next packet.
        packet: u64,
        /// The fault.
        reason: String,
    },
    /// The header before a frame cannot be read, or the frame is not 802.11. The packets after it can be read.
    #[error("packet {packet}: {reason}")]
    Link {
        /// Number of the packet.
        packet: u64,
        /// The fault.
        reason: LinkError,
    },
    /// A time beyond the range of pcap.
    #[error("{seconds} s since 1970 is more than a pcap file can hold; give an earlier time")]
    Time {
        /// Whole seconds.
        seconds: u64,
    },
}

impl PcapError {
    /// Whether more packets may follow.
    pub fn is_passed_over(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Link { .. })
    }
}

/// Source of bytes.
type Bytes<'a> = Box<dyn Read + 'a>;

/// The packets of a capture, one after another, as they arrive.
///
/// After [`PcapError::Damaged`] and `Link` the next packet follows; after any other error nothing.
pub struct Reader<'a> {
    window: Window<Bytes<'a>>,
    parser: Parser,
    /// Number of the next packet.
    packet: u64,
    is_over: bool,
}

enum Parser {
    Records(Records),
    Blocks(Blocks),
}

/// A packet before its link type is examined.
struct Raw {
    link: u32,
    time: Duration,
    original: u32,
    data: Vec<u8>,
    fcs: Fcs,
}

/// A step through the file.
enum Step {
    Packet(Raw),
    Other,
    /// Damaged bytes, which were skipped.
    Damaged(String),
    End,
}

impl Reader<'static> {
    /// The packets of the file at `path`.
    ///
    /// # Errors
    /// [`RadioError::Read`]; [`RadioError::Pcap`] if the file is not a capture.
    pub fn open(path: &Path) -> Result<Self, RadioError> {
        let file = File::open(path).map_err(RadioError::read(path))?;
        Self::new(file).map_err(RadioError::pcap(path))
    }
}

impl<'a> Reader<'a> {
    /// Reads packets from `source`, compressed or not, after the file's header.
    ///
    /// # Errors
    /// [`PcapError::Read`] and `Kind`.
    pub fn new(source: impl Read + 'a) -> Result<Self, PcapError> {
        let mut window = Window::new(Box::new(source) as Bytes<'a>);
        if window.has(2).map_err(PcapError::Read)? && window.ahead().starts_with(&GZIP) {
            window = Window::new(Box::new(Unpacked::new(window)));
        }
        let parser = parser(&mut window)?;
        Ok(Self { window, parser, packet: 1, is_over: false })
    }

    /// Number of the last packet, readable or not; 0 before the first.
    pub fn number(&self) -> u64 {
        self.packet - 1
    }

    /// Number of pcapng blocks so far with an unreadable option or comment, but without other loss.
    pub fn odd_options(&self) -> u64 {
        match &self.parser {
            Parser::Records(_) => 0,
            Parser::Blocks(blocks) => blocks.odd_options,
        }
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, PcapError> {
        loop {
            let step = match &mut self.parser {
                Parser::Records(records) => records.step(&mut self.window, self.packet),
                Parser::Blocks(blocks) => blocks.step(&mut self.window, self.packet),
            };
            let packet = self.packet;
            match step? {
                Step::Packet(raw) => {
                    self.packet += 1;
                    return packet_of(&raw).map(Some).map_err(|reason| PcapError::Link { packet, reason });
                }
                Step::Damaged(reason) => return Err(PcapError::Damaged { packet, reason }),
                Step::Other => {}
                Step::End => return Ok(None),
            }
        }
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Packet, PcapError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.next_packet().transpose();
        self.is_over = match &next {
            Some(Ok(_)) => false,
            Some(Err(error)) => !error.is_passed_over(),
            None => true,
        };
        next
    }
}

fn parser(window: &mut Window<Bytes<'_>>) -> Result<Parser, PcapError> {
    let kind = |reason: &str| PcapError::Kind { reason: reason.to_owned() };
    let magic = window.at(0).map_err(PcapError::Read)?;
    if magic == Some(blocks::SECTION) {
        let is_section = window.has(12).map_err(PcapError::Read)? && blocks::is_section(window.ahead());
        let blocks = is_section.then(|| Parser::Blocks(Blocks::new()));
        return blocks.ok_or_else(|| kind("a section of pcapng without a byte order"));
    }
    let head: Option<[u8; HEAD]> = window.at(0).map_err(PcapError::Read)?;
    if let Some(records) = head.and_then(Records::new) {
        window.skip(HEAD);
        return Ok(Parser::Records(records));
    }
    Err(match magic {
        Some(magic) if is_magic(magic) => kind("it ends within its header"),
        Some(magic) => kind(packed(magic).unwrap_or("it begins with other bytes")),
        None => kind("it is empty, or nearly"),
    })
}

/// Advice for other kinds of compressed files.
fn packed(magic: [u8; 4]) -> Option<&'static str> {
    match magic {
        [0x28, 0xB5, 0x2F, 0xFD] => Some("it is packed by zstd, unpack it first"),
        [0xFD, b'7', b'z', b'X'] => Some("it is packed by xz, unpack it first"),
        [b'B', b'Z', b'h', _] => Some("it is packed by bzip2, unpack it first"),
        [0x04, 0x22, 0x4D, 0x18] => Some("it is packed by lz4, unpack it first"),
        [b'P', b'K', 3, 4] => Some("it is packed by zip, unpack it first"),
        _ => None,
    }
}

fn packet_of(raw: &Raw) -> Result<Packet, LinkError> {
    let (radiotap, frame) = link::parse(raw.link, &raw.data)?;
    let fcs = if radiotap.fcs() == Fcs::Unknown { raw.fcs } else { radiotap.fcs() };
    let cut = raw.original.saturating_sub(raw.data.len() as u32);
    Ok(Packet { time: raw.time, radiotap, frame: frame.to_vec(), cut, fcs })
}

#[cfg(test)]
mod tests;
