//! Captures of pcapng, block by block.

use super::frames;
use crate::Fcs;
use crate::link::LinkError;
use crate::pcap::{Losses, PcapError, Reader};
use std::time::Duration;

/// Sections, interfaces and packets for tests, in either byte order.
struct Blocks {
    bytes: Vec<u8>,
    is_big: bool,
    /// Start of each block.
    starts: Vec<usize>,
}

impl Blocks {
    fn new(is_big: bool) -> Self {
        let mut blocks = Self { bytes: Vec::new(), is_big, starts: Vec::new() };
        blocks.section();
        blocks
    }

    fn section(&mut self) {
        let words = [0x1A2B_3C4D, if self.is_big { 0x0001_0000 } else { 1 }, u32::MAX, u32::MAX];
        self.block(0x0A0D_0D0A, &words.map(|word| self.word(word)).concat());
    }

    fn interface(&mut self, link: u16, options: &[u8]) {
        let link = if self.is_big { link.to_be_bytes() } else { link.to_le_bytes() };
        self.block(1, &[&link[..], &[0, 0], &self.word(0), options].concat());
    }

    fn packet(&mut self, interface: u32, ticks: u64, data: &[u8], options: &[u8]) {
        let n = data.len() as u32;
        let words = [interface, (ticks >> 32) as u32, ticks as u32, n, n].map(|word| self.word(word)).concat();
        let padding = vec![0; data.len().next_multiple_of(4) - data.len()];
        self.block(6, &[&words, data, &padding, options].concat());
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        self.starts.push(self.bytes.len());
        let length = self.word(body.len() as u32 + 12);
        self.bytes.extend([&self.word(kind)[..], &length, body, &length].concat());
    }

    fn word(&self, word: u32) -> [u8; 4] {
        if self.is_big { word.to_be_bytes() } else { word.to_le_bytes() }
    }
}

fn many_blocks(is_big: bool) -> Blocks {
    let mut blocks = Blocks::new(is_big);
    blocks.interface(105, &[]);
    for letter in b"abcdef" {
        blocks.packet(0, 1 << 33, &[*letter; 77], &[]);
    }
    blocks
}

#[test]
fn one_damaged_octet_of_pcapng_costs_one_block() {
    for is_big in [false, true] {
        let whole = many_blocks(is_big);
        for at in whole.starts[3]..whole.starts[4] {
            let mut bytes = whole.bytes.clone();
            for octet in 0..=u8::MAX {
                bytes[at] = octet;
                let (read, _) = frames(&bytes);
                let are_there = "acdef".chars().all(|letter| read.contains(letter));
                assert!(are_there, "octet {} is {octet}: {read}", at - whole.starts[3]);
            }
        }
        // The first packet's damage does not affect the interfaces after it.
        let mut bytes = whole.bytes.clone();
        bytes[whole.starts[1] + 4] ^= 0xFF;
        assert_eq!(frames(&bytes), (String::new(), 7), "without its interface no packet can be read");
        for cut in whole.starts[5]..whole.bytes.len() {
            let (read, errors) = frames(&whole.bytes[..cut]);
            let want =
                "abcdef".get(..whole.starts.iter().filter(|&&start| start <= cut).count().saturating_sub(3)).unwrap();
            let is_clean = whole.starts.contains(&cut);
            assert_eq!((read.as_str(), errors), (want, usize::from(!is_clean)), "cut at {cut}");
        }
    }
}

/// A wrong length may claim megabytes.
#[test]
fn a_damaged_octet_of_a_block_without_a_packet_costs_no_packet() {
    for is_big in [false, true] {
        let mut blocks = many_blocks(is_big);
        blocks.block(5, &[9; 36]);
        blocks.packet(0, 1 << 33, &[b'g'; 77], &[]);
        for at in blocks.starts[8]..blocks.starts[9] {
            let mut bytes = blocks.bytes.clone();
            for octet in 0..=u8::MAX {
                bytes[at] = octet;
                let (read, _) = frames(&bytes);
                let are_there = "abcdefg".chars().all(|letter| read.contains(letter));
                assert!(are_there, "octet {} is {octet}: {read}", at - blocks.starts[8]);
            }
        }
    }
}

/// A length that covers several blocks: another block follows it, and the block's own end lies before them.
#[test]
fn a_block_that_seems_to_hold_the_next_is_read_to_its_own_end() {
    for is_big in [false, true] {
        let whole = many_blocks(is_big);
        for last in 4..=whole.starts.len() {
            let mut bytes = whole.bytes.clone();
            let end = whole.starts.get(last).copied().unwrap_or(bytes.len());
            let length = whole.word((end - whole.starts[3]) as u32);
            bytes[whole.starts[3] + 4..][..4].copy_from_slice(&length);
            assert_eq!(frames(&bytes), ("abcdef".to_owned(), 0), "up to block {last}");
            bytes[whole.starts[4] - 4..whole.starts[4]].fill(0xEE);
            assert_eq!(frames(&bytes), ("abcdef".to_owned(), 0), "up to block {last}, its end damaged too");
        }
    }
}

#[test]
fn sections_interfaces_and_blocks_of_all_kinds() {
    let mut blocks = Blocks::new(false);
    blocks.interface(1, &[]);
    blocks.interface(105, &[9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 100, 0, 0, 0, 0, 0, 0, 0, 13, 0, 1, 0, 4, 0, 0, 0]);
    blocks.block(0x0000_0BAD, b"of somebody's own...");
    blocks.packet(0, 0, b"ethernet", &[]);
    blocks.packet(1, 2_500_000_001, b"a", &[]);
    blocks.packet(7, 0, b"of no interface", &[]);
    blocks.block(0x1234_5678, &[7; 400]);
    blocks.block(0x0BAD, &vec![7; 400_000]);
    let mut second = Blocks::new(true);
    second.interface(105, &[]);
    second.packet(0, 1_500_000, b"b", &[]);
    let bytes = [blocks.bytes, second.bytes].concat();
    let all: Vec<_> = Reader::new(&bytes[..]).unwrap().collect();
    assert!(matches!(all[0], Err(PcapError::Link { packet: 1, reason: LinkError::Other(1) })));
    assert!(matches!(all[2], Err(PcapError::Damaged { packet: 3, .. })), "no such interface");
    let times: Vec<_> = all.iter().flatten().map(|packet| (packet.frame[0], packet.time, packet.fcs)).collect();
    let want =
        [(b'a', Duration::new(102, 500_000_001), Fcs::Present), (b'b', Duration::from_millis(1500), Fcs::Unknown)];
    assert_eq!(times, want);
    let mut losses = Losses::default();
    let mut reader = Reader::new(&bytes[..]).unwrap();
    reader.by_ref().filter_map(Result::err).for_each(|error| losses.add(error));
    let lines = losses.lines(&reader);
    assert!(lines[0].contains("no such interface") && lines[1].contains("1 of link type 1"), "{lines:?}");
    assert_eq!((lines.len(), reader.number()), (2, 3));
}

#[test]
fn odd_options_and_trailers_cost_nothing() {
    let mut blocks = Blocks::new(false);
    // A comment in Latin-1; an option longer than the block; options without an end.
    blocks.interface(105, &[1, 0, 1, 0, 0xE4, 0, 0, 0]);
    blocks.packet(0, 0, b"a", &[1, 0, 2, 0, 0xFC, b'x', 0, 0, 0, 0, 0, 0]);
    blocks.packet(0, 0, b"b", &[1, 0, 99, 0]);
    blocks.packet(0, 0, b"c", &[1, 0, 1, 0, b'x', 0, 0, 0]);
    blocks.packet(0, 0, b"d", &[]);
    let trailer = blocks.bytes.len() - 4;
    blocks.bytes[trailer] ^= 0x70;
    blocks.packet(0, 0, b"e", &[]);
    let mut reader = Reader::new(&blocks.bytes[..]).unwrap();
    let packets: Result<Vec<_>, _> = reader.by_ref().collect();
    assert_eq!(packets.unwrap().iter().map(|packet| packet.frame[0]).collect::<Vec<_>>(), b"abcde");
    assert_eq!(reader.odd_options(), 4);
}
