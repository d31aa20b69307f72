//! SigMF descriptions, and archives of them with samples. What is not ours stays as it was, whatever is written.

use crate::Seeds;
use crate::input::Input;
use crate::memory;
use jscc_radio::annotated::Annotated;
use jscc_radio::sigmf::{self, Annotation, Document, Meta, Recording};
use jscc_radio::source::{Said, Source};
use jscc_radio::{FrameNote, Guard, RadioError, Rate};
use serde_json::Value;
use std::path::{Path, PathBuf};
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
    let limit = limit(bytes.len());
    let Ok(document) = memory::within(limit, || Document::parse(bytes)) else { return };
    let Ok(meta) = memory::within(limit, || sigmf::parse(bytes)) else { return };
    let _ = document.annotations();
    let Ok(text) = memory::within(limit, || document.with_annotations(vec![ours()])) else { return };
    let again = Document::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    let annotations = again.annotations().unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(annotations, [ours()]);
    let meta_again = sigmf::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(Meta { reach: 0, ..meta }, Meta { reach: 0, ..meta_again });
    assert_eq!(again.with_annotations(vec![ours()]).expect("as before"), text, "a second time changes nothing");
    let values = [bytes, text.as_bytes()].map(|text| serde_json::from_slice::<Value>(text).ok().map(foreign));
    if let [Some(before), Some(after)] = values {
        assert_eq!(before, after, "what is not ours has changed");
    }
}

fn ours() -> Annotation {
    let rate = Rate::Ht { mcs: 7, guard: Guard::Short };
    let (psdu, scrambler) = (vec![1, 2, 3], 5);
    let note =
        FrameNote { start: 40, count: 9, rate, length: 3, scrambler, fcs_ok: true, cfo_hz: -0.5, snr_db: 20.0, psdu };
    Annotation::of(note, 0, Some(2.412e9))
}

/// A description without what is ours.
fn foreign(mut description: Value) -> Value {
    if description["global"].is_null()
        && let Some(inner) = description.get_mut("_metadata").filter(|inner| inner.is_object())
    {
        *inner = foreign(inner.take());
        return description;
    }
    if let Some(annotations) = description["annotations"].as_array_mut() {
        annotations.retain(|annotation| {
            let is_ours = annotation.as_object().is_some_and(|annotation| {
                annotation.get("core:generator").is_some_and(|by| by == "jscc")
                    || annotation.keys().any(|key| key.starts_with("jscc:"))
            });
            !is_ours
        });
    }
    if description["annotations"].is_null() {
        description["annotations"] = Value::Array(Vec::new());
    }
    if let Some(global) = description["global"].as_object_mut() {
        global.remove("core:extensions");
    }
    description
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
    let (total, mut done, mut samples) = (recording.samples.total(), 0, Vec::new());
    while let Ok(got @ 1..) = recording.samples.read(&mut samples, CHUNK) {
        done += got as u64;
    }
    assert!(total.is_some_and(|total| done <= total), "{done} samples of {total:?}");
    let _ = recording.other_sha512();
}

/// A pair, read and copied with annotations: the samples stay as they are.
fn pair(input: &mut Input) {
    let (meta, data) = (path("sigmf-meta"), path("sigmf-data"));
    let n = input.u8().into();
    let bytes = input.take(n);
    fs::write(&data, bytes).expect("a file for the samples");
    fs::write(&meta, input.0).expect("a file for the description");
    // Room for the receiver's rate: the filter of the oddest ratio.
    let limit = limit(input.0.len() + n) + (64 << 20);
    memory::within(limit, || {
        sigmf::open(&meta).map(drain).ok();
        copy(&meta, bytes).ok();
    });
}

fn copy(meta: &Path, bytes: &[u8]) -> Result<(), RadioError> {
    let mut source = Source::open(meta, Said::default())?;
    let out = path("copy.sigmf-meta");
    let mut annotated = Annotated::create(&out, &mut source)?;
    let mut samples = Vec::new();
    while source.read(&mut samples, CHUNK)? > 0 {
        assert!(samples.iter().all(|sample| sample.is_finite()));
        annotated.copy(&mut source)?;
    }
    annotated.copy(&mut source)?;
    source.warnings()?;
    annotated.finish(&source)?;
    assert!(fs::read(out.with_extension("sigmf-data")).expect("written") == bytes, "samples have changed");
    sigmf::open(&out).map(drain)
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
const FOREIGN: &str = r#"{"x:y": 1e3, "global": {"core:datatype": "cf32_be", "core:version": "0.0.1", "core:author": null,
"core:extensions": {"antenna": "0.9.0"}, "core:sample_rate": 61.44e6, "core:offset": 5.0, "antenna:gain": 3.10},
"annotations": [{"core:sample_start": 12, "core:label": "mine"}, {"core:sample_start": 3.0, "core:generator": "jscc"}, 7],
"captures": [{"core:sample_start": 5, "core:datetime": "2024-01-02T03:04:05", "a": [1, 2.0]}, null]}"#;
const WRAPPED: &str = r#"{"data_file": "x", "_metadata": {"global": {"core:datatype": "cf128", "core:sample_rate": 25e6,
"core:extensions": ["a"]}, "annotations": null}}"#;
const SHORT: &str = r#"{"global": {"core:datatype": "cf32_le", "core:version": "1"}}"#;

/// A description, an archive, its entries, a pair of files.
pub fn seeds() -> Seeds {
    let entry =
        |how: u8, kind: u8, content: &[u8]| [&[how, kind][..], &(content.len() as u16).to_le_bytes(), content].concat();
    let entries = |first: &[u8]| [first, &entry(1, 0, SHORT.as_bytes()), &entry(3, 0, &[0; 40])].concat();
    let name = b"a-long-name.sigmf-meta\0";
    let records = [&b"30 path=some.sigmf-meta\n"[..], b"14 size=63\n"].concat();
    let texts = [META, SHORT, FOREIGN, WRAPPED];
    let mut seeds: Seeds = texts.iter().map(|text| [&[0], text.as_bytes()].concat()).collect();
    seeds.extend(texts.iter().map(|text| [&[3, 200], &[1; 200][..], text.as_bytes()].concat()));
    for first in [&[][..], &entry(7, 10, name), &entry(6, 8, &records), &entry(6, 9, &records), &entry(7, 12, &[1; 16])]
    {
        let entries = entries(first);
        seeds.push([&[1], &tar(&mut Input(&entries))[..]].concat());
        seeds.push([&[2], &entries[..]].concat());
    }
    seeds.push([&[3, 8], &[1; 8][..], META.as_bytes()].concat());
    seeds
}
