use super::{Annotation, Document, Head, Meta, SigmfError, Writer, open, parse};
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
    Head { sample_rate: 20e6, frequency: Some(2.412e9), description: "a test".into() }
}

fn record(path: &Path, annotations: Vec<Annotation>) -> Written {
    let mut writer = Writer::create(path, SampleFormat::CI16, 2.0, head()).unwrap();
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
    let [first, last] = frames.clone().map(|frame| Annotation::of(frame, 0, Some(2.412e9)));
    let annotations = vec![last, first];
    let base = folder.path().join("air.2412");
    assert_eq!(record(&base, annotations), Written { samples: 1000, clipped: 100 });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    for name in ["air.2412", "air.2412.sigmf-meta", "air.2412.sigmf-data"] {
        let mut recording = open(&folder.path().join(name)).unwrap();
        assert_eq!(recording.other_sha512().unwrap(), None);
        let recording = open(&folder.path().join(name)).unwrap();
        let Meta { format, sample_rate, captures, offset, reach, .. } = recording.meta;
        assert_eq!((format, sample_rate, offset, reach), (SampleFormat::CI16, Some(20e6), 0, 780));
        assert_eq!((captures[0].start, captures[0].frequency), (0, Some(2.412e9)));
        let annotations = recording.document.annotations().unwrap();
        assert_eq!(annotations[0].label.as_deref(), Some("802.11a 54 Mb/s"));
        assert_eq!(annotations[1].label.as_deref(), Some("802.11n MCS 7 short GI"));
        assert_eq!(annotations[0].edges, Some([2.402e9, 2.422e9]));
        assert_eq!(annotations[0].frame.as_deref(), Some(&frames[0]));
        assert_eq!(annotations[1].frame.as_deref(), Some(&frames[1]));
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
    record(&base, vec![Annotation::of(unknown, 0, None)]);
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(base.with_extension("sigmf-meta")).unwrap()).unwrap();
    let global = &json["global"];
    assert_eq!((&global["core:datatype"], &global["core:recorder"]), (&"ci16_le".into(), &"jscc".into()));
    assert_eq!(global["core:sha512"].as_str().unwrap().len(), 128);
    assert_eq!(global["core:extensions"][0]["name"], "jscc");
    assert_eq!(global["core:extensions"][0].as_object().unwrap().len(), 3);
    let annotation = json["annotations"][0].as_object().unwrap();
    assert_eq!((&annotation["core:sample_count"], &annotation["jscc:rate_mbps"]), (&480.into(), &6.0.into()));
    let absent = ["core:freq_lower_edge", "jscc:scrambler_init", "jscc:snr_db", "jscc:psdu_hex", "jscc:mcs"];
    assert!(absent.iter().all(|&name| !annotation.contains_key(name)), "{annotation:?}");
    let read = open(&base).unwrap().document.annotations().unwrap();
    let frame = read[0].frame.as_deref().unwrap();
    assert!(frame.snr_db.is_nan() && frame.scrambler == 0 && frame.psdu.is_empty() && frame.length == 4);
}

#[test]
fn an_archive_holds_one_recording() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("air");
    record(&base, vec![Annotation::of(note(3, Rate::NonHt { half_mbps: 12 }), 0, None)]);
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
        assert_eq!(open(&path).unwrap().other_sha512().unwrap(), None);
        let recording = open(&path).unwrap();
        assert_eq!(recording.document.annotations().unwrap().len(), 1);
        assert_eq!(recording.samples.total(), Some(1000));
        assert_eq!(all(recording.samples)[999], Complex32::new(0.0, 32767.0 / 32768.0));
    }
    pack(&["air.sigmf-meta", "air.sigmf-data", "b.sigmf-meta"]);
    let error = open(&path).unwrap_err();
    assert!(matches!(error, RadioError::Sigmf { reason: SigmfError::Archive { metas: 2, datas: 1 }, .. }), "{error}");
    pack(&["air.sigmf-meta", "air.sigmf-data"]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 3000]).unwrap();
    let cut = open(&path).unwrap();
    assert!(cut.missing > 0 && cut.samples.total() == Some(1000 - cut.missing.div_ceil(4)), "{}", cut.missing);
    fs::write(&path, &whole[..300]).unwrap();
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
    let mut recording = open(&base).unwrap();
    let mut samples = Vec::new();
    recording.samples.read(&mut samples, 10).unwrap();
    assert_eq!(recording.other_sha512().unwrap().expect("another").len(), 128);
    fs::remove_file(&data).unwrap();
    let error = open(&base).unwrap_err().to_string();
    assert!(error.contains("air.sigmf-data: cannot be read"), "{error}");
}

fn of_type(name: &str) -> Result<Meta, SigmfError> {
    parse(format!(r#"{{"global":{{"core:datatype":"{name}","core:version":"1.0.0"}}}}"#).as_bytes())
}

#[test]
fn every_type_of_complex_samples_is_read() {
    for format in SampleFormat::ALL {
        assert_eq!(of_type(&format.datatype()).unwrap().format, format);
        assert_eq!(of_type(&format.to_string()).unwrap().format, format, "without byte order");
    }
    assert_eq!(of_type("cf128").unwrap().format, SampleFormat::CF64);
    for name in ["rf32_le", "ri16", "ru8"] {
        let error = of_type(name).unwrap_err().to_string();
        assert!(error.contains(&format!("core:datatype {name:?} names real numbers")), "{error}");
    }
    for name in ["cf16_le", "ci24_be", ""] {
        let error = of_type(name).unwrap_err().to_string();
        assert!(error.contains(&format!("core:datatype {name:?} names no sample format; use cf32")), "{error}");
    }
}

#[test]
fn what_cannot_be_read_right_is_refused_by_name() {
    assert!(refused(r#","core:num_channels":2"#, "").contains("core:num_channels is 2"));
    assert!(refused(r#","core:sample_rate":0"#, "").contains("core:sample_rate is 0"));
    assert!(
        refused(r#","core:sample_rate":"fast""#, "").contains("core:sample_rate is missing or wrong, want a number")
    );
    assert!(refused(r#","core:dataset":"x.wav""#, "").contains("core:dataset"));
    assert!(refused(r#","core:metadata_only":true"#, "").contains("core:metadata_only"));
    assert!(refused(r#","core:trailing_bytes":4.0"#, "").contains("core:trailing_bytes"));
    let header = r#","captures":[{"core:sample_start":0,"core:header_bytes":8}]"#;
    assert!(refused("", header).contains("core:header_bytes"));
    assert!(refused("", r#","captures":7"#).contains("captures is missing or wrong, want a list"));
    let extension = |optional| format!(r#","core:extensions":[{{"name":"x","version":"1","optional":{optional}}}]"#);
    assert!(refused(&extension("false"), "").contains("\"x\""));
    assert!(refused(r#","core:extensions":{"x":{"optional":false}}"#, "").contains("\"x\""));
    let fine = format!(r#"{{"global":{HEAD}{},"any":[]}},"else":1}}"#, extension("true"));
    assert!(parse(fine.as_bytes()).is_ok());
    assert!(parse(b"").unwrap_err().to_string().contains("line 1"));
    for (json, word) in
        [("{}", "global is missing"), (r#"{"global":[]}"#, "global"), (r#"{"global":{}}"#, "core:datatype")]
    {
        assert!(parse(json.as_bytes()).unwrap_err().to_string().contains(word), "{json}");
    }
    assert!(parse(&[b'['; 10_000]).is_err());
}

#[test]
fn what_does_not_bear_on_the_samples_is_passed_over() {
    let whole = |global: &str, rest: &str| parse(format!(r#"{{"global":{HEAD}{global}}}{rest}}}"#).as_bytes()).unwrap();
    for extensions in [
        r#"{"antenna":"0.9.0","modulation":"optional"}"#,
        r#"[{"name":"antenna","version":"optional"}]"#,
        r#"[{"name":"antenna","version":"1","optional":null}]"#,
        r#"["antenna"]"#,
        "null",
        "{}",
        "7",
    ] {
        whole(&format!(r#","core:extensions":{extensions}"#), "");
    }
    let nulls = r#","core:sample_rate":null,"core:author":null,"core:sha512":null,"core:offset":null,"core:num_channels":null,
        "core:dataset":null,"core:trailing_bytes":0,"core:metadata_only":false"#;
    let meta = whole(nulls, r#","captures":null,"annotations":null"#);
    assert_eq!((meta.sample_rate, meta.sha512, meta.offset, meta.captures.len()), (None, None, 0, 0));
    let captures =
        r#"{"core:sample_start":5.0,"core:frequency":5180000000},{"core:sample_start":9.0,"core:frequency":null}"#;
    let annotations = r#"{"core:sample_start":7,"jscc:format":"VHT"},{"core:sample_start":-1},5,{"core:sample_start":10.0,"core:sample_count":3.0}"#;
    let rest = format!(r#","captures":[{captures}],"annotations":[{annotations}]"#);
    let meta = whole(r#","core:offset":5.0,"core:num_channels":1.0,"core:sample_rate":20000000"#, &rest);
    assert_eq!((meta.offset, meta.reach, meta.sample_rate), (5, 13, Some(20e6)));
    assert_eq!(meta.capture_of(3).and_then(|capture| capture.frequency), Some(5.18e9));
    assert_eq!(meta.capture_of(4).and_then(|capture| capture.frequency), None);
    let within = format!("\u{feff}{{\"data_file\":\"x\",\"_metadata\":{{\"global\":{HEAD}}}}}}}");
    assert!(parse(within.as_bytes()).is_ok());
    let latin1 = format!(r#"{{"global":{HEAD},"core:author":"J?rg"}}}}"#).replace('?', "\u{1}").into_bytes();
    let latin1: Vec<u8> = latin1.into_iter().map(|byte| if byte == 1 { 0xF6 } else { byte }).collect();
    assert!(parse(&latin1).is_ok());
    let document = Document::parse(&latin1).unwrap();
    assert!(matches!(document.with_annotations(Vec::new()), Err(SigmfError::Encoding)));
}

const FOREIGN: &str = r#"{ "zeta:first":1e3,
  "global": {"core:version":"1.0.0", "core:author": "some\u0062ody", "core:datatype":"ci16_le","antenna:gain": 3.10,
    "core:offset": 1000, "core:big": 123456789012345678901234567890},
  "annotations": [
    {"core:label":"own","core:sample_start":1200, "core:comment":null},
    {"core:sample_start":1100,"core:sample_count":5,"jscc:format":"non-HT"},
    {"core:sample_start":1150,"core:generator":"jscc"},
    {"core:sample_start":1100, "x":0.10},
    "odd"
  ],
  "captures": [ {"core:sample_start": 1000}, {"core:sample_start":9000,"b":1,"a":2} ]
}"#;

#[test]
fn annotations_of_others_and_all_else_stay_to_the_letter() {
    let document = Document::parse(FOREIGN.as_bytes()).unwrap();
    let ours: Vec<_> =
        [500, 100].map(|start| Annotation::of(note(start, Rate::NonHt { half_mbps: 12 }), 1000, None)).into();
    let text = document.with_annotations(ours.clone()).unwrap();
    for kept in [
        r#""zeta:first": 1e3,"#,
        r#""core:author": "some\u0062ody""#,
        r#""antenna:gain": 3.10"#,
        "123456789012345678901234567890",
        r#"{"core:label":"own","core:sample_start":1200, "core:comment":null}"#,
        r#"{"core:sample_start":1100, "x":0.10}"#,
        r#""captures": [ {"core:sample_start": 1000}, {"core:sample_start":9000,"b":1,"a":2} ]"#,
    ] {
        assert!(text.contains(kept), "{kept} is not in {text}");
    }
    let places: Vec<usize> = ["\"own\"", "\"x\"", "\"odd\""].iter().map(|word| text.find(word).unwrap()).collect();
    assert!(places.is_sorted() && text.find("zeta") < text.find("annotations"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let starts: Vec<_> =
        json["annotations"].as_array().unwrap().iter().map(|one| one["core:sample_start"].as_u64()).collect();
    assert_eq!(starts, [Some(1100), Some(1200), Some(1100), None, Some(1500)]);
    assert_eq!(json["global"]["core:extensions"][0]["name"], "jscc");
    let again = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(again.annotations().unwrap().len(), 2);
    assert_eq!(again.with_annotations(ours).unwrap(), text, "a second time changes nothing");
    assert_eq!(again.with_annotations(Vec::new()).unwrap().matches("jscc:format").count(), 0);
}

#[test]
fn the_namespace_is_added_once_in_the_form_of_the_file() {
    let ours = || vec![Annotation::of(note(5, Rate::NonHt { half_mbps: 12 }), 0, None)];
    for (extensions, want) in [
        (r#"{"antenna":"0.9.0"}"#, 2),
        (r#"[{"version":"1","name":"antenna"}]"#, 2),
        (r#"[{"name":"jscc","version":"0.1"}]"#, 1),
        ("null", 1),
    ] {
        let text = format!(r#"{{"global":{HEAD},"core:extensions":{extensions}}}}}"#);
        let text = Document::parse(text.as_bytes()).unwrap().with_annotations(ours()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let got = &json["global"]["core:extensions"];
        assert_eq!(got.as_array().map_or_else(|| got.as_object().unwrap().len(), Vec::len), want, "{text}");
        assert!(text.contains(extensions.trim_matches(['[', ']'])) || !extensions.starts_with('['), "{text}");
        assert!(parse(text.as_bytes()).is_ok());
    }
}

#[test]
fn a_wrong_field_of_our_own_annotation_is_named() {
    let annotation = |fields: &str| {
        let json = format!(r#"{{"global":{HEAD}}},"annotations":[{{"core:sample_start":1{fields}}}]}}"#);
        Document::parse(json.as_bytes()).unwrap().annotations().unwrap_err().to_string()
    };
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
    ] {
        let error = annotation(fields);
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn nothing_is_written_for_a_wrong_head() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("air");
    for sample_rate in [0.0, f64::NAN] {
        let head = Head { sample_rate, ..Head::default() };
        let error = Writer::create(&base, SampleFormat::CI8, 1.0, head).unwrap_err();
        assert!(matches!(error, RadioError::Sigmf { reason: SigmfError::SampleRate { .. }, .. }), "{error}");
    }
    assert!(matches!(Writer::create(&base, SampleFormat::CI8, -1.0, head()), Err(RadioError::Iq { .. })));
    drop(Writer::create(&base, SampleFormat::CI8, 1.0, head()).unwrap());
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
        let annotation = Annotation::of(frame, 0, None);
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
        let document = head().describe(SampleFormat::CF32, &"0".repeat(128));
        let mut bytes = document.with_annotations(vec![Annotation::of(frame, 0, None)]).unwrap().into_bytes();
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
        if let Ok(mut recording) = open(&path) {
            let _ = recording.other_sha512();
        }
    }
}
