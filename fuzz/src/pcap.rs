//! Captures and radiotap headers. What is read, and can be written, is read again as it was.

use crate::Seeds;
use crate::input::{Drip, Input, Noise};
use crate::memory;
use flate2::Compression;
use flate2::write::GzEncoder;
use jscc_radio::link;
use jscc_radio::pcap::{MAX_PACKET, Packet, PcapError, Reader, Writer};
use jscc_radio::radiotap::Radiotap;
use jscc_radio::{Fcs, Guard, Rate};
use std::io::{Read, Write};
use std::time::Duration;

/// A reader holds a packet and a chunk, and where it looks for what comes after damage two; for pcapng its interfaces, and
/// for gzip a window.
const MOST_MEMORY: usize = 4 << 20;

/// Kinds: the bytes as a file; packets and blocks of whole length made of them, also packed by gzip; headers before frames.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let kind = input.u8();
    let noise = Noise(input.u8().into());
    match kind % 8 {
        0 => file(input.0, noise),
        1 => file(&pcap(&mut input), noise),
        2 => file(&pcapng(&mut input), noise),
        3 => header(input.0),
        4 => file(&gzip(input.0), noise),
        5 => LINKS.iter().for_each(|&link| behind(link, input.0)),
        6 => one_damaged_block(&mut input),
        _ => file(&gzip(&pcapng(&mut input)), noise),
    }
}

/// Prism, AVS, PPI.
const LINKS: [u32; 3] = [119, 163, 192];

/// A header of any link type is shorter than what it stands in, and what it says can be written.
fn behind(link: u32, bytes: &[u8]) {
    let Ok((radiotap, frame)) = link::parse(link, bytes) else { return };
    assert!(bytes.ends_with(frame));
    header(&[&radiotap.encode(), frame].concat());
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory takes all");
    packed.finish().expect("memory takes all")
}

/// Octets of damage that are chosen. With more, another block could be forged: what is longer is left to chance.
const WORD: usize = 4;

/// Of ten packets in a pcapng, at most that one is lost into whose block the damage falls.
fn one_damaged_block(input: &mut Input) {
    let is_big = input.u8() & 1 == 1;
    let mut bytes = pcapng(&mut Input(&[u8::from(is_big)]));
    let mut interface = Vec::new();
    put(&mut interface, is_big, if is_big { 105 << 16 } else { 105 });
    put(&mut interface, is_big, 0);
    block(&mut bytes, is_big, 1, &interface);
    let mut starts = Vec::new();
    for i in 0..10u8 {
        starts.push(bytes.len());
        let mut body = Vec::new();
        for number in [0, 0, u32::from(i), 64, 64] {
            put(&mut body, is_big, number);
        }
        body.extend([0x40 + i; 64]);
        block(&mut bytes, is_big, 6, &body);
    }
    let (which, from, chosen) = (input.below(9), input.below(96), input.take(WORD));
    let damage = if input.is_empty() { chosen.to_vec() } else { Noise(input.u64()).octets(96) };
    let at = starts[which] + from;
    for (octet, with) in bytes[at..starts[which + 1]].iter_mut().zip(damage) {
        *octet = with;
    }
    let (packets, _) = read(&bytes[..]);
    for i in (0..10u8).filter(|&i| usize::from(i) != which) {
        assert!(packets.iter().any(|packet| packet.frame == [0x40 + i; 64]), "packet {i} is lost by damage to {which}");
    }
}

fn header(bytes: &[u8]) {
    let Ok((radiotap, frame)) = Radiotap::parse(bytes) else { return };
    assert!(bytes.ends_with(frame));
    let _ = radiotap.rate().map(|rate| (rate.to_string(), rate.mbps(), rate.ppdu(frame.len())));
    let _ = radiotap.scheme().map(|scheme| (scheme.to_string(), scheme.mbps()));
    let again = [&radiotap.encode(), frame].concat();
    assert_eq!(Radiotap::parse(&again), Ok((radiotap, frame)));
}

fn file(bytes: &[u8], noise: Noise) {
    // A packet's data can be as short as nothing, and is then a struct of its own.
    let limit = MOST_MEMORY + 32 * bytes.len();
    let (packets, error) = memory::within(limit, || read(bytes));
    let (others, other) = memory::within(limit, || read(Drip { bytes, noise }));
    assert_eq!((&packets, &error), (&others, &other), "in one read, and as a pipe gives it");
    let mut writer = Writer::new(Vec::new()).expect("memory takes the header");
    let mut written = Vec::new();
    for packet in packets {
        assert!(packet.frame.len() <= MAX_PACKET);
        for reading in packet.readings() {
            assert_eq!(packet.psdu(&reading).len(), reading.length);
        }
        header(&[&packet.radiotap.encode()[..], &packet.frame[..packet.frame.len().min(64)]].concat());
        match writer.write(packet.time, &packet.radiotap, &packet.frame) {
            Ok(()) => {
                let time = Duration::new(packet.time.as_secs(), packet.time.subsec_micros() * 1000);
                let fcs = packet.radiotap.fcs();
                written.push(Packet { time, cut: 0, fcs, ..packet });
            }
            Err(PcapError::Time { seconds }) => assert!(seconds > u64::from(u32::MAX), "{seconds} s can be written"),
            Err(PcapError::TooLong { .. }) => assert!(packet.frame.len() > MAX_PACKET - 64),
            Err(other) => panic!("{other}"),
        }
    }
    let (again, error) = read(&writer.into_inner()[..]);
    assert_eq!(error, None);
    assert_eq!(again, written);
}

/// The packets, and the error that ended them.
fn read(source: impl Read) -> (Vec<Packet>, Option<String>) {
    let (mut packets, mut last) = (Vec::new(), None);
    let reader = match Reader::new(source) {
        Ok(reader) => reader,
        Err(error) => return (packets, Some(error.to_string())),
    };
    for packet in reader {
        assert!(last.as_ref().is_none_or(PcapError::is_passed_over), "goes on after {last:?}");
        match packet {
            Ok(packet) => packets.push(packet),
            Err(error) => last = Some(error),
        }
    }
    let error = last.filter(|error| !error.is_passed_over());
    (packets, error.map(|error| error.to_string()))
}

const MAGIC: [[u8; 4]; 4] =
    [[0xd4, 0xc3, 0xb2, 0xa1], [0x4d, 0x3c, 0xb2, 0xa1], [0xa1, 0xb2, 0xc3, 0xd4], [0xa1, 0xb2, 0x3c, 0x4d]];

/// A number in either byte order.
fn put(bytes: &mut Vec<u8>, is_big: bool, number: u32) {
    bytes.extend(if is_big { number.to_be_bytes() } else { number.to_le_bytes() });
}

fn link_type(input: &mut Input) -> u32 {
    match input.u8() % 8 {
        0 => 105,
        3 => input.u32(),
        n @ 4..=6 => LINKS[usize::from(n) - 4],
        _ => 127,
    }
}

/// A pcap whose packets are whole.
fn pcap(input: &mut Input) -> Vec<u8> {
    let magic = usize::from(input.u8() % 4);
    let is_big = magic >= 2;
    let mut bytes = MAGIC[magic].to_vec();
    let version = if is_big { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
    bytes.extend(version);
    for number in [0, 0, 65535, link_type(input)] {
        put(&mut bytes, is_big, number);
    }
    while !input.is_empty() {
        let (seconds, part, original) = (input.u32(), input.u32(), input.u16());
        let n = input.u8().into();
        let data = input.take(n);
        for number in [seconds, part, data.len() as u32, original.into()] {
            put(&mut bytes, is_big, number);
        }
        bytes.extend(data);
    }
    bytes
}

/// A pcapng whose blocks are whole.
fn pcapng(input: &mut Input) -> Vec<u8> {
    let is_big = input.u8() & 1 == 1;
    let mut bytes = Vec::new();
    let mut section = Vec::new();
    for number in [0x1a2b_3c4d, if is_big { 0x0001_0000 } else { 1 }, u32::MAX, u32::MAX] {
        put(&mut section, is_big, number);
    }
    block(&mut bytes, is_big, 0x0a0d_0d0a, &section);
    while !input.is_empty() {
        let kind = input.u8();
        let mut body = Vec::new();
        match kind % 8 {
            0 => {
                put(&mut body, is_big, if is_big { link_type(input) << 16 } else { link_type(input) & 0xffff });
                put(&mut body, is_big, input.u32());
            }
            1 | 2 => {
                let (interface, high, low, cut) = (input.u8() % 4, input.u32(), input.u32(), input.u8());
                let n = input.u8();
                let data = input.take(n.into());
                let n = data.len() as u32;
                for number in [interface.into(), high, low, n, n + u32::from(cut)] {
                    put(&mut body, is_big, number);
                }
                body.extend(data);
                body.resize(body.len().next_multiple_of(4), 0);
            }
            3 => put(&mut body, is_big, input.u32()),
            4 => body.extend_from_slice(&section),
            _ => {}
        }
        if kind & 0x80 != 0 {
            options(&mut body, is_big, input);
        }
        let n = if kind & 0x40 == 0 { 0 } else { input.u8().into() };
        body.extend(input.take(n));
        body.resize(body.len().next_multiple_of(4), 0);
        let code = match kind % 8 {
            0 => 1,
            1 => 6,
            2 => 2,
            3 => 3,
            4 => 0x0a0d_0d0a,
            5 => 4,
            6 => 5,
            _ => input.u32(),
        };
        block(&mut bytes, is_big, code, &body);
    }
    bytes
}

/// An option, such as the resolution of an interface's times, and the end of options.
fn options(body: &mut Vec<u8>, is_big: bool, input: &mut Input) {
    let (code, n) = (u32::from(input.u8() % 16), input.u8() % 16);
    let value = input.take(n.into());
    let n = value.len() as u32;
    put(body, is_big, if is_big { code << 16 | n } else { n << 16 | code });
    body.extend(value);
    body.resize(body.len().next_multiple_of(4), 0);
    put(body, is_big, 0);
}

fn block(bytes: &mut Vec<u8>, is_big: bool, code: u32, body: &[u8]) {
    let length = body.len() as u32 + 12;
    put(bytes, is_big, code);
    put(bytes, is_big, length);
    bytes.extend(body);
    put(bytes, is_big, length);
}

/// Captures as this project writes them, both kinds made of the fuzzer's bytes, radiotap headers.
pub fn seeds() -> Seeds {
    let rates = [Rate::NonHt { half_mbps: 108 }, Rate::Ht { mcs: 7, guard: Guard::Short }];
    let headers = rates.map(|rate| [Radiotap::received(rate, Fcs::Present), Radiotap::injection(rate, Fcs::Absent)]);
    let headers = headers.concat();
    let mut writer = Writer::new(Vec::new()).expect("memory takes the header");
    let mut seeds = Vec::new();
    for (i, radiotap) in headers.iter().enumerate() {
        writer.write(Duration::from_millis(i as u64), radiotap, b"a frame").expect("short, and early");
        seeds.push([&[3, 0][..], &radiotap.encode(), b"frame"].concat());
        let n = radiotap.encode().len() as u8 + 3;
        for magic in 0..4 {
            let record = [&[0, 0, 0, 0, 1, 0, 0, 0, 40, 0, n][..], &radiotap.encode(), b"fcs"].concat();
            seeds.push([&[1, magic, magic, 1][..], &record, &record].concat());
        }
        for big in 0..2 {
            // An interface with times in nanoseconds, a packet of each kind, the rest.
            let interface = [&[0x80, 1, 0, 0, 0, 0, 9, 1, 9][..]].concat();
            let packet = [&[0, 0, 0, 0, 0, 5, 0, 0, 0, 1, n][..], &radiotap.encode(), b"fcs"].concat();
            let packets = [&[1][..], &packet, &[2], &packet, &[0x43, 9, 0, 0, 0, 8], b"\0\0\x08\0\0\0\0\0"].concat();
            seeds.push([&[2, big, big][..], &interface, &packets, &[5, 6, 7, 9, 9, 9, 9, 4]].concat());
        }
    }
    // Two words of fields, a vendor's among them.
    let vendor =
        [0, 0, 32, 0, 2, 0, 0, 0xc0, 1, 0, 0, 0x20, 0x10, 0, 1, 2, 3, 0, 2, 0, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    seeds.push([&[3, 0][..], &vendor].concat());
    let written = writer.into_inner();
    seeds.push([&[0, 1][..], &gzip(&written)].concat());
    seeds.push([&[4, 1][..], &written].concat());
    seeds.push([&[0, 1][..], &written].concat());
    // A Prism header of three items, AVS of version 1, PPI with a field of each kind.
    let prism =
        [&[0x44, 0, 0, 0, 60, 0, 0, 0][..], &[b'w'; 16], &[0x41, 0x80, 0, 0, 0, 0, 4, 0, 108, 0, 0, 0].repeat(3)]
            .concat();
    let avs = [&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64][..], &[0; 24], &[0, 0, 2, 28, 0, 0, 0, 2], &[0xff; 24]].concat();
    let fields = [&[2, 0, 20, 0][..], &[1; 20], &[3, 0, 12, 0], &[7; 12], &[4, 0, 48, 0], &[6; 48]].concat();
    let ppi = [&[0, 1, 100, 0, 127, 0, 0, 0][..], &fields, &headers[0].encode()].concat();
    seeds.extend([prism, avs, ppi].map(|header| [&[5, 0][..], &header, b"frame"].concat()));
    for big in 0..2 {
        seeds.extend((0..9).map(|which| [&[6, 0, big, which, 0, 4 * which, 0][..], &[0xff; 4]].concat()));
        // A length as of two blocks; as of megabytes, of a kind that is passed over; damage by chance from anywhere on.
        let two = if big == 1 { [0, 0, 0, 192] } else { [192, 0, 0, 0] };
        seeds.push([&[6, 0, big, 4, 0, 4, 0][..], &two].concat());
        seeds.push(vec![6, 0, big, 3, 0, 3, 0, 10, 13, 13, 10]);
        seeds.extend((0..9).map(|which| vec![6, 0, big, which, 0, 9 * which, 0, 0, 0, 0, 0, which, 9]));
    }
    seeds.push([&[0, 1][..], &pcapng(&mut Input(&seeds[5][2..]))].concat());
    seeds
}
