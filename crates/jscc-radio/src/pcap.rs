//! Captures of 802.11 frames: pcap and pcapng, with a radiotap header (link type 127) or bare (105).
//!
//! Source: draft-ietf-opsawg-pcap and -pcapng; link types on tcpdump.org. Both byte orders, micro- and nanoseconds.

use super::radiotap::{Radiotap, RadiotapError};
use super::{Beside, RadioError};
use pcap_file::pcap::{
    PcapHeader, PcapPacket, PcapParseError, PcapParser, PcapTsResolution, PcapWriteError, PcapWriter,
};
use pcap_file::pcapng::{Block, PcapNgParseError, PcapNgParser};
use pcap_file::{DataLink, Endianness};
use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

/// The longest packet that is read or written, in bytes: the largest that libpcap takes.
pub const MAX_PACKET: usize = 256 << 10;
/// A block of pcapng holds some words and options beside its packet.
const MAX_BLOCK: usize = MAX_PACKET + (64 << 10);
/// Interfaces are the only thing of a pcapng file that must be kept.
const MAX_INTERFACES: usize = 4096;
/// Bytes read at a time.
const CHUNK: u64 = 64 << 10;
/// The first four bytes of pcapng, in either byte order.
const PCAPNG: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

/// Whether the name is that of a capture of packets.
pub fn is_capture(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["pcap", "pcapng", "cap"].iter().any(|name| extension == *name))
}

/// One packet of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Since 1970-01-01 UTC; zero where the file has none.
    pub time: Duration,
    /// What stands beside the frame; nothing in bare captures.
    pub radiotap: Radiotap,
    /// The 802.11 frame; [`Radiotap::fcs`] says whether with its FCS.
    pub frame: Vec<u8>,
    /// Octets at the frame's end that the capture left out.
    pub cut: u32,
}

/// What can be wrong with a capture. Packets count from 1, as in Wireshark.
#[derive(Debug, thiserror::Error)]
pub enum PcapError {
    /// The system cannot read.
    #[error("cannot be read ({0}); check its kind and permissions")]
    Read(io::Error),
    /// The system cannot write.
    #[error("cannot be written ({0}); check the disk's space and permissions")]
    Write(io::Error),
    /// The first bytes are those of another kind of file, or damaged.
    #[error("not a pcap or pcapng file ({reason}); capture with tcpdump, dumpcap or Wireshark, unpacked")]
    Kind {
        /// What is wrong.
        reason: String,
    },
    /// The file ends within a packet or block.
    #[error("ends within packet {packet}, {missing} bytes or more too early; copy the file again")]
    CutShort {
        /// Its number.
        packet: u64,
        /// Bytes needed to go on.
        missing: usize,
    },
    /// A packet says to be longer than any frame.
    #[error(
        "packet {packet} says to be {got} bytes, at most {limit} are read; the file is damaged, or no capture of frames"
    )]
    TooLong {
        /// Its number.
        packet: u64,
        /// Bytes it says to have.
        got: usize,
        /// Most bytes allowed.
        limit: usize,
    },
    /// A block of pcapng is damaged.
    #[error("damaged at packet {packet} ({reason}); copy the file again, or repair it with pcapfix")]
    Damaged {
        /// The number of the packet that comes next.
        packet: u64,
        /// What is wrong.
        reason: String,
    },
    /// Packets that are no 802.11 frames.
    #[error("packet {packet} is of link type {got}, want 127 (radiotap) or 105 (802.11); capture in monitor mode")]
    Link {
        /// Its number.
        packet: u64,
        /// Link type there is.
        got: u32,
    },
    /// More interfaces than any capture has.
    #[error("describes more than {limit} interfaces; the file is damaged")]
    Interfaces {
        /// Most allowed.
        limit: usize,
    },
    /// A radiotap header cannot be read. The packets after it can.
    #[error("packet {packet}: {reason}")]
    Radiotap {
        /// Its number.
        packet: u64,
        /// What is wrong.
        reason: RadiotapError,
    },
    /// A time that pcap cannot hold.
    #[error("{seconds} s since 1970 is more than a pcap file can hold; give an earlier time")]
    Time {
        /// Whole seconds.
        seconds: u64,
    },
}

/// The packets of a capture, one after the other.
///
/// After [`PcapError::Radiotap`] comes the next packet; after any other error nothing.
pub struct Reader<R> {
    source: R,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are done with.
    used: usize,
    parser: Parser,
    /// Number of the next packet.
    packet: u64,
    is_over: bool,
}

enum Parser {
    Pcap(PcapParser),
    PcapNg(PcapNgParser),
}

/// A step of a parser.
enum Step {
    Packet {
        link: u32,
        time: Duration,
        original: u32,
        data: Vec<u8>,
    },
    Other,
    /// Nothing is left over from the step before.
    Empty,
    /// Bytes that the next step takes, and bytes there are.
    More(usize, usize),
}

impl Reader<File> {
    /// The packets of the file at `path`.
    ///
    /// # Errors
    /// [`RadioError::Read`]; [`RadioError::Pcap`] where the file is no capture.
    pub fn open(path: &Path) -> Result<Self, RadioError> {
        let file = File::open(path).map_err(RadioError::read(path))?;
        Self::new(file).map_err(RadioError::pcap(path))
    }
}

impl<R: Read> Reader<R> {
    /// The packets that `source` gives; reads the file's header.
    ///
    /// # Errors
    /// [`PcapError::Read`] and `Kind`.
    pub fn new(mut source: R) -> Result<Self, PcapError> {
        let mut buffer = Vec::new();
        source.by_ref().take(CHUNK).read_to_end(&mut buffer).map_err(PcapError::Read)?;
        let kind = |error: &dyn Error| PcapError::Kind { reason: reasons(error) };
        let (rest, parser) = if buffer.starts_with(&PCAPNG) {
            let (rest, parser) = PcapNgParser::new(&buffer).map_err(|error| kind(&error))?;
            (rest, Parser::PcapNg(parser))
        } else {
            let (rest, parser) = PcapParser::new(&buffer).map_err(|error| kind(&error))?;
            (rest, Parser::Pcap(parser))
        };
        let used = buffer.len() - rest.len();
        Ok(Self { source, buffer, used, parser, packet: 1, is_over: false })
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, PcapError> {
        loop {
            match self.step()? {
                Step::Packet { link, time, original, data } => {
                    let packet = self.packet;
                    self.packet += 1;
                    return packet_of(link, time, original, data, packet).map(Some);
                }
                Step::Empty if !self.refill()? => return Ok(None),
                Step::Empty | Step::Other => {}
                Step::More(need, have) => self.more(need, have)?,
            }
        }
    }

    fn step(&mut self) -> Result<Step, PcapError> {
        let bytes = &self.buffer[self.used..];
        let (rest, step) = match &mut self.parser {
            _ if bytes.is_empty() => return Ok(Step::Empty),
            Parser::Pcap(parser) => pcap_step(parser, bytes),
            Parser::PcapNg(parser) => {
                let damaged = |reason| PcapError::Damaged { packet: self.packet, reason };
                let step = pcapng_step(parser, bytes).map_err(damaged)?;
                if parser.interfaces().len() > MAX_INTERFACES {
                    return Err(PcapError::Interfaces { limit: MAX_INTERFACES });
                }
                step
            }
        };
        self.used += bytes.len() - rest.len();
        Ok(step)
    }

    /// Reads on, for a step that needs `need` bytes of which `have` are there.
    fn more(&mut self, need: usize, have: usize) -> Result<(), PcapError> {
        let limit = if matches!(self.parser, Parser::Pcap(_)) { MAX_PACKET } else { MAX_BLOCK };
        if need > limit {
            return Err(PcapError::TooLong { packet: self.packet, got: need, limit });
        }
        if self.refill()? {
            return Ok(());
        }
        Err(PcapError::CutShort { packet: self.packet, missing: need.saturating_sub(have).max(1) })
    }

    /// Reads a chunk into the buffer in place of what is done with; whether there was any.
    fn refill(&mut self) -> Result<bool, PcapError> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let got = self.source.by_ref().take(CHUNK).read_to_end(&mut self.buffer).map_err(PcapError::Read)?;
        Ok(got > 0)
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Packet, PcapError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.next_packet().transpose();
        self.is_over = !matches!(next, Some(Ok(_) | Err(PcapError::Radiotap { .. })));
        next
    }
}

/// The packet is taken raw: a header's small lies (times, snapshot length) are no reason to lose it.
fn pcap_step<'a>(parser: &PcapParser, bytes: &'a [u8]) -> (&'a [u8], Step) {
    match parser.next_raw_packet(bytes) {
        Ok((rest, packet)) => {
            let header = parser.header();
            let part = u64::from(packet.ts_frac);
            let part = match header.ts_resolution {
                PcapTsResolution::MicroSecond => Duration::from_micros(part),
                PcapTsResolution::NanoSecond => Duration::from_nanos(part),
            };
            let time = Duration::from_secs(packet.ts_sec.into()) + part;
            // The upper half of the word may tell the length of an FCS.
            let link = u32::from(header.datalink) & 0xFFFF;
            (rest, Step::Packet { link, time, original: packet.orig_len, data: packet.data.into_owned() })
        }
        Err(PcapParseError::IncompleteBuffer(need, have)) => (bytes, Step::More(need, have)),
        Err(PcapParseError::Validation(_)) => unreachable!("a raw packet is not validated"),
    }
}

fn pcapng_step<'a>(parser: &mut PcapNgParser, bytes: &'a [u8]) -> Result<(&'a [u8], Step), String> {
    let (rest, block) = match parser.next_block(bytes) {
        Ok(step) => step,
        Err(PcapNgParseError::IncompleteBuffer(need, have)) => return Ok((bytes, Step::More(need, have))),
        Err(error) => return Err(reasons(&error)),
    };
    let (interface, time, original, data) = match block {
        Block::EnhancedPacket(block) => (block.interface_id, block.timestamp, block.original_len, block.data),
        Block::SimplePacket(block) => (0, Duration::ZERO, block.original_len, block.data),
        Block::Packet(block) => (block.interface_id.into(), block.timestamp, block.original_len, block.data),
        _ => return Ok((rest, Step::Other)),
    };
    let interface = parser.interfaces().get(interface as usize).ok_or("no such interface")?;
    let link = u32::from(interface.linktype);
    Ok((rest, Step::Packet { link, time, original, data: data.into_owned() }))
}

fn packet_of(link: u32, time: Duration, original: u32, data: Vec<u8>, packet: u64) -> Result<Packet, PcapError> {
    if data.len() > MAX_PACKET {
        return Err(PcapError::TooLong { packet, got: data.len(), limit: MAX_PACKET });
    }
    let cut = original.saturating_sub(data.len() as u32);
    match DataLink::from(link) {
        DataLink::IEEE802_11 => Ok(Packet { time, radiotap: Radiotap::default(), frame: data, cut }),
        DataLink::IEEE802_11_RADIOTAP => {
            let parsed = Radiotap::parse(&data).map_err(|reason| PcapError::Radiotap { packet, reason });
            parsed.map(|(radiotap, frame)| Packet { time, radiotap, frame: frame.to_vec(), cut })
        }
        _ => Err(PcapError::Link { packet, got: link }),
    }
}

/// An error and what is behind it, in one line.
fn reasons(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        line = format!("{line}: {error}");
        behind = error.source();
    }
    line
}

/// Writes a pcap of link type 127: little-endian, microseconds.
pub struct Writer<W: Write> {
    writer: PcapWriter<W>,
    packet: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the file's header to `writer`.
    ///
    /// # Errors
    /// [`PcapError::Write`].
    pub fn new(writer: W) -> Result<Self, PcapError> {
        let header = PcapHeader {
            snaplen: MAX_PACKET as u32,
            datalink: DataLink::IEEE802_11_RADIOTAP,
            ts_resolution: PcapTsResolution::MicroSecond,
            endianness: Endianness::Little,
            ..PcapHeader::default()
        };
        let writer = PcapWriter::with_header(writer, header).map_err(write_error)?;
        Ok(Self { writer, packet: 0 })
    }

    /// Writes `frame` behind `radiotap`, at `time` since 1970-01-01 UTC, of which whole microseconds are kept.
    ///
    /// # Errors
    /// [`PcapError::TooLong`], `Time` and `Write`.
    pub fn write(&mut self, time: Duration, radiotap: &Radiotap, frame: &[u8]) -> Result<(), PcapError> {
        self.packet += 1;
        let mut bytes = radiotap.encode();
        bytes.extend(frame);
        let got = bytes.len();
        if got > MAX_PACKET {
            return Err(PcapError::TooLong { packet: self.packet, got, limit: MAX_PACKET });
        }
        let packet = PcapPacket::new(time, got as u32, bytes);
        let packet = packet.map_err(|_| PcapError::Time { seconds: time.as_secs() })?;
        self.writer.write_packet(&packet).map_err(write_error)?;
        Ok(())
    }

    /// Where the bytes went.
    pub fn into_inner(self) -> W {
        self.writer.into_inner()
    }
}

impl Writer<Beside> {
    /// Begins the file at `path`, which is there only once [`Writer::finish`] is called.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn create(path: &Path) -> Result<Self, RadioError> {
        let file = Beside::create(path).map_err(RadioError::Write)?;
        Self::new(file).map_err(RadioError::pcap(path))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`RadioError::Write`].
    pub fn finish(self) -> Result<(), RadioError> {
        self.into_inner().finish().map_err(RadioError::Write)
    }
}

fn write_error(error: PcapWriteError) -> PcapError {
    PcapError::Write(match error {
        PcapWriteError::Io(error) | PcapWriteError::FieldWriteFailed(_, error) => error,
        PcapWriteError::Validation(reason) => io::Error::other(reason),
    })
}

#[cfg(test)]
mod tests;
