mod blocks;

use super::{MAX_PACKET, Packet, PcapError, Reader, Writer};
use crate::link::LinkError;
use crate::radiotap::Radiotap;
use crate::scheme::{Index, Unheard};
use crate::{Fcs, Guard, RadioError, Rate};
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
use pcap_file::pcapng::blocks::simple_packet::SimplePacketBlock;
use pcap_file::{DataLink, Endianness};
use proptest::prelude::*;
use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

const TIME: Duration = Duration::new(1_700_000_000, 123_456_000);

fn read(bytes: &[u8]) -> Result<Vec<Packet>, PcapError> {
    Reader::new(bytes)?.collect()
}

fn written(packets: &[(Duration, Radiotap, Vec<u8>)]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for (time, radiotap, frame) in packets {
        writer.write(*time, radiotap, frame).unwrap();
    }
    writer.into_inner()
}

fn three() -> Vec<(Duration, Radiotap, Vec<u8>)> {
    let legacy = Radiotap::injection(Rate::NonHt { half_mbps: 108 }, Fcs::Present);
    let ht = Radiotap::injection(Rate::Ht { mcs: 7, guard: Guard::Long }, Fcs::Absent);
    vec![(TIME, legacy, vec![8; 100]), (TIME, ht, vec![]), (TIME * 2, legacy, vec![9; 3000])]
}

/// A pcap with one packet, of any byte order, magic and link type; `length` is that in the packet's header.
fn raw(magic: [u8; 4], word: impl Fn(u32) -> [u8; 4], link: u32, length: u32, data: &[u8]) -> Vec<u8> {
    let version = word(2 << 16 | 4);
    let version = if magic[0] == 0xA1 { version } else { [2, 0, 4, 0] };
    let mut bytes = [magic, version, [0; 4], [0; 4], word(65535), word(link)].concat();
    bytes.extend([word(10), word(500_000), word(length), word(length + 7)].concat());
    bytes.extend(data);
    bytes
}

#[test]
fn frames_for_injection_read_back() {
    let bytes = written(&three());
    // Little-endian, version 2.4, link type 127.
    assert_eq!(bytes[..8], [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0]);
    assert_eq!(bytes[20..24], [127, 0, 0, 0]);
    let packets = read(&bytes).unwrap();
    assert_eq!(packets.len(), 3);
    for (got, (time, radiotap, frame)) in packets.iter().zip(three()) {
        assert_eq!(*got, Packet { time, radiotap, frame, cut: 0, fcs: radiotap.fcs() });
    }
    assert_eq!(packets[0].radiotap.fcs(), Fcs::Present);
    assert_eq!(packets[1].radiotap.rate(), Ok(Rate::Ht { mcs: 7, guard: Guard::Long }));
}

#[test]
fn both_byte_orders_and_resolutions_are_read() {
    for (magic, nanoseconds) in [(0xA1B2_C3D4, 500_000_000), (0xA1B2_3C4D, 500_000)] {
        for big in [
            raw(u32::to_be_bytes(magic), u32::to_be_bytes, 105, 3, b"abc"),
            raw(u32::to_le_bytes(magic), u32::to_le_bytes, 105, 3, b"abc"),
        ] {
            let packets = read(&big).unwrap();
            let want = Packet {
                time: Duration::new(10, nanoseconds),
                radiotap: Radiotap::default(),
                frame: b"abc".to_vec(),
                cut: 7,
                fcs: Fcs::Unknown,
            };
            assert_eq!(packets, [want]);
            assert_eq!(packets[0].radiotap.fcs(), Fcs::Unknown);
        }
    }
}

#[test]
fn pcapng_is_read_as_well() {
    for endianness in [Endianness::Big, Endianness::Little] {
        let mut writer = PcapNgWriter::with_endianness(Vec::new(), endianness).unwrap();
        for link in [DataLink::IEEE802_11, DataLink::IEEE802_11_RADIOTAP] {
            writer.write_pcapng_block(InterfaceDescriptionBlock::new(link, 0)).unwrap();
        }
        let (_, radiotap, frame) = three().remove(0);
        let data = [radiotap.encode(), frame.clone()].concat();
        let original_len = data.len() as u32 + 1;
        let block =
            EnhancedPacketBlock { interface_id: 1, timestamp: TIME, original_len, data: data.into(), options: vec![] };
        writer.write_pcapng_block(block).unwrap();
        writer.write_pcapng_block(SimplePacketBlock { original_len: 2, data: b"xy".as_slice().into() }).unwrap();
        let packets = read(&writer.into_inner()).unwrap();
        assert_eq!(packets[0], Packet { time: TIME, radiotap, frame, cut: 1, fcs: Fcs::Present });
        assert_eq!((packets[1].frame.as_slice(), packets[1].time), (&b"xy"[..], Duration::ZERO));
    }
}

#[test]
fn what_is_no_capture_of_frames_is_refused() {
    for bytes in [
        &b""[..],
        b"PK\x03\x04 and so on, a file of another kind",
        &[0xA1, 0xB2, 0xC3, 0xD4],
        &[0x0A, 0x0D, 0x0D, 0x0A, 0],
    ] {
        assert!(matches!(read(bytes), Err(PcapError::Kind { .. })));
    }
    let ethernet = raw(0xA1B2_C3D4u32.to_be_bytes(), u32::to_be_bytes, 1, 3, b"abc");
    assert!(matches!(read(&ethernet), Err(PcapError::Link { packet: 1, reason: LinkError::Other(1) })));
}

#[test]
fn a_lying_length_allocates_nothing() {
    let lie = |length: u32| raw(0xA1B2_C3D4u32.to_be_bytes(), u32::to_be_bytes, 105, length, b"abc");
    let error = read(&lie(u32::MAX - 9)).unwrap_err();
    assert!(matches!(error, PcapError::TooLong { packet: 1, limit: MAX_PACKET, .. }), "{error}");
    let error = read(&lie(MAX_PACKET as u32)).unwrap_err();
    assert!(matches!(error, PcapError::CutShort { packet: 1, missing } if missing == MAX_PACKET - 3), "{error}");
    // Only the 16 bytes of the header.
    let bytes = lie(3);
    assert!(matches!(read(&bytes[..40]), Err(PcapError::CutShort { packet: 1, missing: 3 })));
    let mut block = vec![0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0];
    block.extend([[255; 4], [255; 4], [28, 0, 0, 0]].concat());
    assert_eq!(read(&block).unwrap(), []);
    block.extend([6, 0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0]);
    assert!(matches!(read(&block), Err(PcapError::Damaged { packet: 1, .. })));
}

#[test]
fn the_longest_packet_passes_and_no_longer_one() {
    let header = Radiotap::default().encode().len();
    let frame = vec![1; MAX_PACKET - header];
    let packets = read(&written(&[(TIME, Radiotap::default(), frame.clone())])).unwrap();
    assert_eq!(packets[0].frame, frame);
    let mut writer = Writer::new(Vec::new()).unwrap();
    let error = writer.write(TIME, &Radiotap::default(), &[frame, vec![1]].concat()).unwrap_err();
    assert!(matches!(error, PcapError::TooLong { .. }), "{error}");
    let error = writer.write(Duration::from_secs(1 << 32), &Radiotap::default(), &[]).unwrap_err();
    assert!(matches!(error, PcapError::Time { .. }), "{error}");
}

#[test]
fn a_damaged_radiotap_header_costs_one_packet() {
    let mut bytes = written(&three());
    bytes[24 + 16] = 9;
    let packets: Vec<_> = Reader::new(&bytes[..]).unwrap().collect();
    assert_eq!(packets.len(), 3);
    assert!(matches!(packets[0], Err(PcapError::Link { packet: 1, reason: LinkError::Radiotap(_) })));
    assert!(packets[1].is_ok() && packets[2].is_ok());
}

#[test]
fn every_prefix_ends_cleanly_or_is_an_error() {
    let bytes = written(&three());
    let ends = [24, 24 + 16 + 113, 24 + 16 + 113 + 16 + 16, bytes.len()];
    for end in 24..=bytes.len() {
        let packets: Vec<_> = Reader::new(&bytes[..end]).unwrap().collect();
        let cut = matches!(packets.last(), Some(Err(PcapError::CutShort { .. })));
        assert_eq!(!cut, ends.contains(&end), "{end} bytes");
    }
}

#[test]
fn a_file_stands_only_when_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frames.pcap");
    let mut writer = Writer::create(&path).unwrap();
    writer.write(TIME, &Radiotap::default(), b"frame").unwrap();
    assert!(matches!(Reader::open(&path), Err(RadioError::Read { .. })));
    writer.finish().unwrap();
    assert_eq!(Reader::open(&path).unwrap().count(), 1);
    fs::write(&path, "text").unwrap();
    let error = Reader::open(&path).err().unwrap().to_string();
    assert!(error.contains("frames.pcap: not a pcap"), "{error}");
}

/// The readable packets, one letter per packet, and the number of errors.
fn frames(bytes: &[u8]) -> (String, usize) {
    let all: Vec<_> = Reader::new(bytes).unwrap().collect();
    let letter = |packet: &Packet| packet.frame.first().map_or('-', |&octet| char::from(octet));
    (all.iter().flatten().map(letter).collect(), all.iter().filter(|packet| packet.is_err()).count())
}

#[test]
fn one_damaged_octet_of_pcap_costs_one_packet_or_two() {
    let packets: Vec<_> = b"abcdef".iter().map(|letter| (TIME, Radiotap::default(), vec![*letter; 77])).collect();
    let (bytes, record) = (written(&packets), 16 + 8 + 77);
    for at in 24 + 2 * record..24 + 3 * record {
        let mut bytes = bytes.clone();
        for octet in 0..=u8::MAX {
            bytes[at] = octet;
            let (read, _) = frames(&bytes);
            let is_rest_there = read.starts_with("ab") && read.ends_with("ef");
            assert!(is_rest_there, "octet {} is {octet}: {read}", at - 24 - 2 * record);
        }
    }
    // The files of two captures, concatenated.
    assert_eq!(frames(&[&bytes[..], &bytes].concat()), ("abcdefabcdef".to_owned(), 0));
}

/// Some writers omit the length on the air.
#[test]
fn records_without_their_length_on_the_air_are_read() {
    let packets: Vec<_> = b"abc".iter().map(|letter| (TIME, Radiotap::default(), vec![*letter; 77])).collect();
    let record = 16 + 8 + 77;
    for which in 0..8 {
        let mut bytes = written(&packets);
        (0..3).filter(|n| which >> n & 1 == 1).for_each(|n| bytes[24 + n * record + 12..][..4].fill(0));
        assert_eq!(frames(&bytes), ("abc".to_owned(), 0), "left out {which:b}");
    }
}

#[test]
fn other_magic_numbers_and_hints_of_the_file_header() {
    for word in [u32::to_be_bytes, u32::to_le_bytes] {
        let mut modified = raw(word(0xA1B2_CD34), word, 105, 3, b"abc");
        modified.splice(40..40, [9; 8]);
        let packets = read(&modified).unwrap();
        assert_eq!((packets[0].frame.as_slice(), packets[0].time), (&b"abc"[..], Duration::from_millis(10_500)));
        for (bits, fcs) in [(0x2400_0000, Fcs::Present), (0x0400_0000, Fcs::Absent), (0x2000_0000, Fcs::Unknown)] {
            assert_eq!(read(&raw(word(0xA1B2_C3D4), word, 0x69 | bits, 3, b"abc")).unwrap()[0].fcs, fcs);
        }
    }
}

#[test]
fn gzip_is_unpacked_and_ends_where_it_is_damaged() {
    let pack = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    let bytes = written(&three());
    assert_eq!(read(&pack(&bytes)).unwrap(), read(&bytes).unwrap());
    // A file of several members.
    assert_eq!(read(&[pack(&bytes[..50]), pack(&bytes[50..])].concat()).unwrap().len(), 3);
    let packed = pack(&bytes);
    for end in [packed.len() - 1, packed.len() - 9] {
        let packets: Vec<_> = Reader::new(&packed[..end]).unwrap().collect();
        assert!(matches!(packets.last(), Some(Err(PcapError::Read(_) | PcapError::CutShort { .. }))), "{end} bytes");
        assert!(packets.len() > 1, "{end} bytes");
    }
    let error = read(&pack(b"text, by any means, and no capture")).unwrap_err();
    assert!(matches!(error, PcapError::Kind { .. }), "{error}");
    assert!(read(&[0x28, 0xB5, 0x2F, 0xFD]).unwrap_err().to_string().contains("packed by zstd"));
}

/// All content of a damaged file before the damage is delivered, read at once or octet by octet.
#[test]
fn packed_captures_are_read_up_to_their_damage() {
    struct Drip<'a>(&'a [u8]);
    impl std::io::Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let n = to.len().min(1);
            self.0.read(&mut to[..n])
        }
    }
    let packets: Vec<_> = (0..40).map(|i| (TIME, Radiotap::default(), vec![i; 200])).collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for part in written(&packets).chunks(500) {
        packer.write_all(part).unwrap();
        packer.flush().unwrap();
    }
    let packed = packer.finish().unwrap();
    for at in 10..packed.len() {
        // A block of a kind that does not exist.
        let damaged = [&packed[..at], &[0xFF; 64]].concat();
        let all = |source: &mut dyn std::io::Read| match Reader::new(source) {
            Ok(reader) => reader.map(|packet| packet.map_err(|error| error.to_string())).collect(),
            Err(error) => vec![Err(error.to_string())],
        };
        let (at_once, dripping) = (all(&mut &damaged[..]), all(&mut Drip(&damaged)));
        assert_eq!(at_once, dripping, "damaged at {at}");
        assert!(at + 100 < packed.len() || at_once.len() > 30, "damaged at {at}: {}", at_once.len());
    }
}

/// Number of packets, of those with an MCS, with a rate and with a good FCS, as counted by scapy 2.8 and zlib. The
/// others are the card's own, without FLAGS.
const CAPTURES: [(&str, [usize; 4]); 4] = [
    ("oo-conducted-11n-7.2", [953, 166, 787, 943]),
    ("oo-radiated-11n-19.5", [169, 73, 96, 167]),
    ("oo-radiated-11n-26", [177, 73, 104, 175]),
    ("oo-radiated-11n-6.5", [321, 131, 190, 319]),
];

/// A file from the folder beside the checkout, which is not part of the repository.
fn shared(name: &str) -> Option<PathBuf> {
    let root = [env!("CARGO_MANIFEST_DIR"), "../../../shared/vectors/captures", name].iter().collect::<PathBuf>();
    if root.exists() {
        return Some(root);
    }
    // Bypasses the test harness, which hides the output of passing tests.
    writeln!(std::io::stderr(), "skipped: no shared/vectors/captures/{name}").expect("the error stream is open");
    None
}

/// Big-endian captures of a monitor-mode card; the same frames were decoded from samples by another receiver.
#[test]
fn captures_of_a_card_are_read() {
    let Some(manifest) = shared("manifest.json") else { return };
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    for (name, counts) in CAPTURES {
        let Some(path) = shared(&format!("{name}.pcap")) else { continue };
        let packets: Vec<Packet> = Reader::open(&path).unwrap().collect::<Result<_, _>>().unwrap();
        let count = |which: &dyn Fn(&Radiotap) -> bool| packets.iter().filter(|packet| which(&packet.radiotap)).count();
        let is = |radiotap: &Radiotap, which: fn(Index) -> bool| radiotap.scheme().is_some_and(|it| which(it.index));
        let ht = count(&|radiotap| is(radiotap, |index| matches!(index, Index::Ht(_))));
        let legacy = count(&|radiotap| is(radiotap, |index| matches!(index, Index::NonHt(_))));
        let got = [packets.len(), ht, legacy, count(&|radiotap| radiotap.fcs() == Fcs::Present)];
        assert_eq!(got, counts, "{name}");
        let rates: HashMap<String, Result<Rate, Unheard>> =
            packets.iter().map(|packet| (hex(&packet.frame), packet.radiotap.rate())).collect();
        let frames = manifest[&format!("{name}.ci16")]["frames"].as_array().unwrap();
        let both = frames.iter().filter(|frame| frame["also_in_pcap"] == true);
        assert!(both.clone().count() >= 10, "{name}");
        for frame in both {
            let got = rates[frame["psdu_hex"].as_str().unwrap()].clone();
            let guard = if frame["sgi"] == 1 { Guard::Short } else { Guard::Long };
            let want = match frame["mcs"].as_u64() {
                Some(mcs) => Rate::Ht { mcs: mcs as u8, guard },
                None => Rate::NonHt { half_mbps: 2 * frame["lsig_rate"].as_u64().unwrap() as u8 },
            };
            assert_eq!(got, Ok(want), "{name}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[digit as usize]))
        .collect()
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in 0..4usize) {
        let section = [0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A];
        let starts: [&[u8]; 4] = [&[], &[0xA1, 0xB2, 0xC3, 0xD4], &[0x4D, 0x3C, 0xB2, 0xA1], &section];
        let _ = read(&[starts[kind], &bytes].concat());
    }

    #[test]
    fn damaged_captures_never_panic(damage: [(prop::sample::Index, u8); 4]) {
        let mut writer = PcapNgWriter::with_endianness(written(&[]), Endianness::Little).unwrap();
        writer.write_pcapng_block(InterfaceDescriptionBlock::new(DataLink::IEEE802_11, 0)).unwrap();
        writer.write_pcapng_block(SimplePacketBlock { original_len: 2, data: b"xy".as_slice().into() }).unwrap();
        for mut bytes in [written(&three()), writer.into_inner()[24..].to_vec()] {
            for (at, with) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *with;
            }
            let _ = read(&bytes);
        }
    }
}
