//! SigMF descriptions, and archives of them with samples. What is read, written and read again is the same.

use crate::Seeds;
use crate::input::Input;
use crate::memory;
use jscc_radio::sigmf::{self, Annotation, Meta, Recording};
use std::path::PathBuf;
use std::{env, fs, process};
use tar::{EntryType, Header};

/// Samples read at a time.
const CHUNK: usize = 1000;

/// Kinds: the bytes as a description; as an archive; entries of an archive whose headers are sound; a pair of files.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    match input.u8() % 4 {
        0 => description(input.0),
        1 => archive(input.0, bytes.len()),
        2 => archive(&tar(&mut input), bytes.len()),
        _ => pair(&mut input),
    }
}

fn limit(bytes: usize) -> usize {
    (2 << 20) + 256 * bytes
}

fn description(bytes: &[u8]) {
    let Ok(meta) = memory::within(limit(bytes.len()), || sigmf::parse(bytes)) else { return };
    let written = serde_json::to_vec(&meta).expect("strings and numbers");
    let again = sigmf::parse(&written).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&written)));
    assert_eq!(kept(&meta), kept(&again));
}

/// A description without what is not written, and without fractions, of which reading may lose the last digit.
fn kept(meta: &Meta) -> String {
    let global = &meta.global;
    let mut text = format!(
        "{} {} {:?} {:?} {:?} {:?} {} {:?} {}\n",
        global.format,
        global.version,
        global.sha512,
        global.recorder,
        global.description,
        global.hardware,
        global.offset,
        global.extensions,
        global.sample_rate.is_some()
    );
    for capture in &meta.captures {
        text += &format!("{} {} {:?}\n", capture.start, capture.frequency.is_some(), capture.datetime);
    }
    for Annotation { start, count, label, frame } in &meta.annotations {
        text += &format!("{start} {count:?} {label:?}");
        if let Some(note) = frame {
            assert!(note.psdu.is_empty() || note.psdu.len() == note.length);
            let numbers = [note.cfo_hz.is_nan(), note.snr_db.is_nan()];
            text += &format!("{} {} {:?} {}", note.start, note.count, note.rate, note.length);
            text += &format!("{} {} {numbers:?} {:?}", note.scrambler, note.fcs_ok, note.psdu);
        }
        text.push('\n');
    }
    text
}

/// A file name of this process's own.
fn path(extension: &str) -> PathBuf {
    env::temp_dir().join(format!("jscc-fuzz-{}.{extension}", process::id()))
}

fn archive(bytes: &[u8], given: usize) {
    let path = path("sigmf");
    fs::write(&path, bytes).expect("a file for the archive");
    // The bytes of an archive are at most as many as its headers' and the fuzzer's.
    memory::within(limit(bytes.len() + given), || sigmf::open(&path).map(drain)).ok();
}

fn drain(mut recording: Recording) {
    let _ = recording.verify();
    let (total, mut done, mut samples) = (recording.samples.total(), 0, Vec::new());
    while let Ok(got @ 1..) = recording.samples.read(&mut samples, CHUNK) {
        done += got as u64;
    }
    assert!(total.is_some_and(|total| done <= total), "{done} samples of {total:?}");
}

fn pair(input: &mut Input) {
    let (meta, data) = (path("sigmf-meta"), path("sigmf-data"));
    let n = input.u8().into();
    fs::write(&data, input.take(n)).expect("a file for the samples");
    fs::write(&meta, input.0).expect("a file for the description");
    memory::within(limit(input.0.len() + n), || sigmf::open(&meta).map(drain)).ok();
}

/// An archive of entries of any kind, name and length.
fn tar(input: &mut Input) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !input.is_empty() {
        let (how, kind) = (input.u8(), input.u8());
        let mut header = if how & 1 == 0 { Header::new_ustar() } else { Header::new_gnu() };
        let kind = match kind % 16 {
            0..=7 => b'0',
            8 => b'x',
            9 => b'g',
            10 => b'L',
            11 => b'K',
            12 => b'S',
            _ => kind,
        };
        header.set_entry_type(EntryType::new(kind));
        let name = match how >> 1 & 3 {
            0 => "a/a.sigmf-meta",
            1 => "a/a.sigmf-data",
            2 => ".sigmf-meta",
            _ => "b",
        };
        let _ = header.set_path(name);
        let n = input.u16().into();
        let content = input.take(n);
        let says = if how & 0x10 == 0 { content.len() as u64 } else { input.u64() };
        header.set_size(says);
        if how & 0x20 != 0 {
            let at = usize::from(input.u16() % 512);
            let some = input.take(16);
            let end = (at + some.len()).min(512);
            header.as_mut_bytes()[at..end].copy_from_slice(&some[..end - at]);
        }
        if how & 0x40 == 0 {
            header.set_cksum();
        }
        bytes.extend(header.as_bytes());
        bytes.extend(content);
        if how & 0x80 == 0 {
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
    }
    bytes
}

const META: &str = r#"{"global": {"core:datatype": "ci8", "core:version": "1.2.6", "core:sample_rate": 20e6,
"core:sha512": "00", "core:recorder": "r", "core:description": "d", "core:hw": "h", "core:num_channels": 1,
"core:extensions": [{"name": "jscc", "version": "1.0.0", "optional": true}], "core:offset": 3},
"captures": [{"core:sample_start": 0, "core:frequency": 5.18e9, "core:datetime": "2026-11-22T16:00:00Z"}],
"annotations": [{"core:sample_start": 7, "core:sample_count": 9, "core:label": "802.11a", "core:generator": "jscc",
"jscc:format": "non-HT", "jscc:rate_mbps": 5.5, "jscc:length": 2, "jscc:scrambler_init": 93, "jscc:fcs_ok": true,
"jscc:cfo_hz": -1.5, "jscc:snr_db": 30, "jscc:psdu_hex": "0aff"}, {"core:sample_start": 1, "core:sample_count": 2,
"jscc:format": "HT-mixed", "jscc:mcs": 7, "jscc:guard_ns": 400, "jscc:length": 9, "jscc:fcs_ok": false}]}"#;
const SHORT: &str = r#"{"global": {"core:datatype": "cf32_le", "core:version": "1"}}"#;

/// A description, an archive, its entries, a pair of files.
pub fn seeds() -> Seeds {
    let entry =
        |how: u8, kind: u8, content: &[u8]| [&[how, kind][..], &(content.len() as u16).to_le_bytes(), content].concat();
    let entries = |first: &[u8]| [first, &entry(1, 0, SHORT.as_bytes()), &entry(3, 0, &[0; 40])].concat();
    let name = b"a-long-name.sigmf-meta\0";
    let records = [&b"30 path=some.sigmf-meta\n"[..], b"14 size=63\n"].concat();
    let mut seeds = vec![[&[0], META.as_bytes()].concat(), [&[0], SHORT.as_bytes()].concat()];
    for first in [&[][..], &entry(7, 10, name), &entry(6, 8, &records), &entry(6, 9, &records), &entry(7, 12, &[1; 16])]
    {
        let entries = entries(first);
        seeds.push([&[1], &tar(&mut Input(&entries))[..]].concat());
        seeds.push([&[2], &entries[..]].concat());
    }
    seeds.push([&[3, 8], &[1; 8][..], META.as_bytes()].concat());
    seeds
}
