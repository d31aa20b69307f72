use super::{Annotation, Head, Meta, SigmfError, Writer, open, parse};
use crate::iq::{FileSamples, SampleFormat, Written};
use crate::{FrameNote, Guard, RadioError, Rate};
use jscc_phy::Complex32;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

const HEAD: &str = r#"{"core:datatype":"ci16_le","core:version":"1.0.0""#;

fn refused(global: &str, rest: &str) -> String {
    parse(format!(r#"{{"global":{HEAD}{global}}}{rest}}}"#).as_bytes()).unwrap_err().to_string()
}

fn note(start: u64, rate: Rate) -> FrameNote {
    let psdu = vec![0x08, 0x01, 0xAB, 0xFF];
    let (count, length) = (480, psdu.len());
    FrameNote { start, count, rate, length, scrambler: 93, fcs_ok: true, cfo_hz: -1234.5, snr_db: 21.25, psdu }
}

fn head() -> Head {
    Head { sample_rate: 20e6, frequency: Some(2.412e9), ..Head::default() }
}

fn record(path: &Path, annotations: Vec<Annotation>) -> Written {
    let mut writer = Writer::create(path, SampleFormat::Ci16, 2.0, head()).unwrap();
    writer.write(&[Complex32::new(1.0, -0.5); 900]).unwrap();
    writer.write(&[Complex32::new(0.0, 3.0); 100]).unwrap();
    writer.finish(annotations).unwrap()
}

fn all(mut samples: FileSamples) -> Vec<Complex32> {
    let mut all = Vec::new();
    samples.read(&mut all, 10_000).unwrap();
    all
}

#[test]
fn a_recording_reads_back_by_each_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let short = Rate::Ht { mcs: 7, guard: Guard::Short };
    let frames = [note(7, Rate::NonHt { half_mbps: 108 }), note(300, short)];
    let other = Annotation { start: 100, count: None, label: Some("noise".into()), frame: None };
    let annotations = vec![frames[1].clone().into(), frames[0].clone().into(), other.clone()];
    let base = folder.path().join("air.2412");
    assert_eq!(record(&base, annotations), Written { samples: 1000, clipped: 100 });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    for name in ["air.2412", "air.2412.sigmf-meta", "air.2412.sigmf-data"] {
        let recording = open(&folder.path().join(name)).unwrap();
        recording.verify().unwrap();
        let Meta { global, captures, annotations } = recording.meta;
        assert_eq!((global.format, global.sample_rate), (SampleFormat::Ci16, Some(20e6)));
        assert_eq!((captures[0].start, captures[0].frequency), (0, Some(2.412e9)));
        assert_eq!(annotations[0].label.as_deref(), Some("802.11a 54 Mb/s"));
        assert_eq!(annotations[2].label.as_deref(), Some("802.11n MCS 7 short GI"));
        assert_eq!(annotations[0].frame.as_deref(), Some(&frames[0]));
        assert_eq!((&annotations[1], annotations[2].frame.as_deref()), (&other, Some(&frames[1])));
        assert_eq!(recording.samples.total(), Some(1000));
        assert_eq!(all(recording.samples)[0], Complex32::new(0.5, -0.25));
    }
}

#[test]
fn the_file_is_what_the_specification_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("air");
    let unknown =
        FrameNote { scrambler: 0, snr_db: f64::NAN, psdu: Vec::new(), ..note(0, Rate::NonHt { half_mbps: 12 }) };
    record(&base, vec![unknown.into()]);
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(base.with_extension("sigmf-meta")).unwrap()).unwrap();
    let global = &json["global"];
    assert_eq!((&global["core:datatype"], &global["core:recorder"]), (&"ci16_le".into(), &"jscc".into()));
    assert_eq!(global["core:sha512"].as_str().unwrap().len(), 128);
    assert_eq!(global["core:extensions"][0]["name"], "jscc");
    assert_eq!(global["core:extensions"][0].as_object().unwrap().len(), 3);
    let annotation = json["annotations"][0].as_object().unwrap();
    assert_eq!((&annotation["core:sample_count"], &annotation["jscc:rate_mbps"]), (&480.into(), &6.0.into()));
    let absent = ["jscc:scrambler_init", "jscc:snr_db", "jscc:psdu_hex", "jscc:mcs"];
    assert!(absent.iter().all(|&name| !annotation.contains_key(name)), "{annotation:?}");
    let read = open(&base).unwrap().meta.annotations;
    let frame = read[0].frame.as_deref().unwrap();
    assert!(frame.snr_db.is_nan() && frame.scrambler == 0 && frame.psdu.is_empty() && frame.length == 4);
}

#[test]
fn an_archive_holds_one_recording() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("air");
    record(&base, vec![note(3, Rate::NonHt { half_mbps: 12 }).into()]);
    let path = folder.path().join("air.sigmf");
    let pack = |names: &[&str]| {
        let mut archive = tar::Builder::new(fs::File::create(&path).unwrap());
        for name in names {
            let half = name.rsplit_once('.').unwrap().1;
            archive.append_path_with_name(base.with_extension(half), format!("air/{name}")).unwrap();
        }
        archive.finish().unwrap();
    };
    for names in [["air.sigmf-meta", "air.sigmf-data"], ["air.sigmf-data", "air.sigmf-meta"]] {
        pack(&names);
        let recording = open(&path).unwrap();
        recording.verify().unwrap();
        assert_eq!(recording.meta.annotations.len(), 1);
        assert_eq!(recording.samples.total(), Some(1000));
        assert_eq!(all(recording.samples)[999], Complex32::new(0.0, 32767.0 / 32768.0));
    }
    pack(&["air.sigmf-meta", "air.sigmf-data", "b.sigmf-meta"]);
    let error = open(&path).unwrap_err();
    assert!(matches!(error, RadioError::Sigmf { reason: SigmfError::Archive { metas: 2, datas: 1 }, .. }), "{error}");
    pack(&["air.sigmf-meta", "air.sigmf-data"]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 3000]).unwrap();
    assert!(matches!(open(&path), Err(RadioError::Sigmf { reason: SigmfError::Tar(_), .. })));
}

#[test]
fn changed_samples_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("air");
    record(&base, Vec::new());
    let data = base.with_extension("sigmf-data");
    let mut bytes = fs::read(&data).unwrap();
    bytes[77] ^= 1;
    fs::write(&data, bytes).unwrap();
    let error = open(&base).unwrap().verify().unwrap_err();
    assert!(matches!(error, RadioError::Sigmf { reason: SigmfError::Checksum { .. }, .. }), "{error}");
    fs::remove_file(&data).unwrap();
    let error = open(&base).unwrap_err().to_string();
    assert!(error.contains("air.sigmf-data: cannot be read"), "{error}");
}

#[test]
fn what_cannot_be_read_right_is_refused_by_name() {
    let datatypes = ["ci16_be", "cf32_be", "rf32_le", "cf64_le", "cf32", ""];
    for name in datatypes {
        let json = format!(r#"{{"global":{{"core:datatype":"{name}","core:version":"1.0.0"}}}}"#);
        let error = parse(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(&format!("{name:?}")) && error.contains("ci16_le"), "{error}");
    }
    assert!(refused(r#","core:num_channels":2"#, "").contains("core:num_channels is 2"));
    assert!(refused(r#","core:sample_rate":0"#, "").contains("core:sample_rate is 0"));
    assert!(refused(r#","core:dataset":"x.wav""#, "").contains("core:dataset"));
    assert!(refused(r#","core:metadata_only":true"#, "").contains("core:metadata_only"));
    let header = r#","captures":[{"core:sample_start":0,"core:header_bytes":8}]"#;
    assert!(refused("", header).contains("core:header_bytes"));
    let extension = |optional| format!(r#","core:extensions":[{{"name":"x","version":"1","optional":{optional}}}]"#);
    assert!(refused(&extension("false"), "").contains("\"x\""));
    let fine = format!(r#"{{"global":{HEAD}{},"any":[]}},"else":1}}"#, extension("true"));
    assert!(parse(fine.as_bytes()).is_ok());
}

#[test]
fn a_wrong_field_is_named_with_its_line() {
    let annotation = |fields: &str| refused("", &format!(",\"annotations\":[\n{{\"core:sample_start\":1{fields}}}]"));
    let frame = r#","core:sample_count":1,"jscc:format":"non-HT","jscc:fcs_ok":true"#;
    for (fields, name) in [
        (r#","jscc:format":"VHT","core:sample_count":1,"jscc:length":1,"jscc:fcs_ok":true"#, "\"VHT\""),
        (r#","jscc:format":"non-HT","jscc:length":1"#, "core:sample_count"),
        (&format!(r#"{frame},"jscc:rate_mbps":6"#), "jscc:length is missing"),
        (&format!(r#"{frame},"jscc:length":2,"jscc:rate_mbps":6.3"#), "jscc:rate_mbps is 6.3"),
        (&format!(r#"{frame},"jscc:length":2,"jscc:rate_mbps":6,"jscc:psdu_hex":"00""#), "jscc:length is 2"),
        (&format!(r#"{frame},"jscc:length":2,"jscc:rate_mbps":6,"jscc:psdu_hex":"00+1""#), "jscc:psdu_hex"),
        (&format!(r#"{frame},"jscc:length":65536,"jscc:rate_mbps":6"#), "65536"),
        (&format!(r#"{frame},"jscc:length":2,"jscc:rate_mbps":6,"jscc:scrambler_init":128"#), "is 128"),
        (r#","core:sample_count":-1"#, "-1"),
    ] {
        let error = annotation(fields);
        assert!(error.contains(name) && error.contains("line 2"), "{error}");
    }
    assert!(parse(b"").unwrap_err().to_string().contains("line 1"));
    assert!(parse(br#"{"global":{"core:version":"1.0.0"}}"#).unwrap_err().to_string().contains("core:datatype"));
    assert!(parse(&[b'['; 10_000]).is_err());
}

#[test]
fn nothing_is_written_for_a_wrong_head() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("air");
    for sample_rate in [0.0, f64::NAN] {
        let head = Head { sample_rate, ..Head::default() };
        let error = Writer::create(&base, SampleFormat::Ci8, 1.0, head).unwrap_err();
        assert!(matches!(error, RadioError::Sigmf { reason: SigmfError::SampleRate { .. }, .. }), "{error}");
    }
    assert!(matches!(Writer::create(&base, SampleFormat::Ci8, -1.0, head()), Err(RadioError::Iq { .. })));
    drop(Writer::create(&base, SampleFormat::Ci8, 1.0, head()).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn any_note() -> impl Strategy<Value = FrameNote> {
    let rate = prop_oneof![
        any::<u8>().prop_map(|half_mbps| Rate::NonHt { half_mbps }),
        any::<u8>().prop_map(|mcs| Rate::Ht { mcs, guard: Guard::Short }),
        any::<u8>().prop_map(|mcs| Rate::Ht { mcs, guard: Guard::Long }),
    ];
    let psdu = prop::collection::vec(any::<u8>(), 0..50);
    let offsets = (-1e6..1e6, -50.0..50.0);
    (any::<u64>(), any::<u64>(), rate, 0..128u8, any::<bool>(), offsets, psdu).prop_map(
        |(start, count, rate, scrambler, fcs_ok, (cfo_hz, snr_db), psdu)| {
            let length = psdu.len();
            FrameNote { start, count, rate, length, scrambler, fcs_ok, cfo_hz, snr_db, psdu }
        },
    )
}

proptest! {
    #[test]
    fn annotations_read_back(frame in any_note()) {
        let annotation = Annotation::from(frame);
        let json = serde_json::to_string(&annotation).unwrap();
        let back: Annotation = serde_json::from_str(&json).unwrap();
        // Numbers of JSON may lose the last digit unless serde_json is built to keep it.
        let (a, b) = (back.frame.as_deref().unwrap(), annotation.frame.as_deref().unwrap());
        prop_assert!((a.cfo_hz - b.cfo_hz).abs() < 1e-6 && (a.snr_db - b.snr_db).abs() < 1e-6);
        let b = FrameNote { cfo_hz: a.cfo_hz, snr_db: a.snr_db, ..b.clone() };
        prop_assert_eq!(a, &b);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn damaged_descriptions_never_panic(frame in any_note(), at: prop::sample::Index, with: u8) {
        let mut meta = Meta::new(SampleFormat::Cf32, "0".repeat(128), head());
        meta.annotations.push(frame.into());
        let mut bytes = serde_json::to_vec(&meta).unwrap();
        prop_assert!(parse(&bytes).is_ok());
        let at = at.index(bytes.len());
        bytes[at] = with;
        let _ = parse(&bytes);
    }

    #[test]
    fn damaged_archives_never_panic(at: prop::sample::Index, with: u8, end: prop::sample::Index) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sigmf");
        let mut archive = tar::Builder::new(Vec::new());
        let meta = format!(r#"{{"global":{HEAD}}}}}"#);
        for (name, bytes) in [("x.sigmf-meta", meta.as_str()), ("x.sigmf-data", "12345678")] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, bytes.as_bytes()).unwrap();
        }
        let mut bytes = archive.into_inner().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = with;
        bytes.truncate(end.index(2 * bytes.len()));
        fs::write(&path, bytes).unwrap();
        if let Ok(recording) = open(&path) {
            let _ = recording.verify();
        }
    }
}
