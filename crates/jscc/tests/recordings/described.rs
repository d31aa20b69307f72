//! SigMF, as others write it.

use super::{air, done, good, refused, rows, text};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A recording as somebody else describes it: two captures, an offset, notes of their own.
fn foreign(at: &Path, name: &str, sha512: &str) -> String {
    let meta = format!(
        r#"{{"global": {{"core:datatype": "cf32_le", "core:sample_rate": 20000000.0, "core:version": "1.0.0",
  "core:author": "somebody", "core:license": "CC-BY", "core:offset": 1000, "antenna:gain": 3.0{sha512}}},
 "captures": [
  {{"core:sample_start": 1000, "core:frequency": 2412e6, "core:datetime": "2024-01-02T03:04:05Z", "x:y": [1, 2.0]}},
  {{"core:sample_start": 2520, "core:frequency": 2437000000, "core:datetime": "2024-01-02T03:05:00.5Z"}}],
 "annotations": [{{"core:sample_start": 1200, "core:sample_count": 800, "core:label": "my own", "core:comment": "oven?"}}]}}"#
    );
    fs::write(at.join(format!("{name}.sigmf-meta")), &meta).expect("written");
    fs::copy(at.join("air.cf32"), at.join(format!("{name}.sigmf-data"))).expect("copied");
    meta
}

#[test]
fn annotating_touches_nothing_of_others() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    air(at, 2);
    foreign(at, "f", "");
    let bytes = |name: &str| fs::read(at.join(name)).expect("written");
    let parsed = |name: &str| serde_json::from_slice::<Value>(&bytes(name)).expect("JSON");
    let before = parsed("f.sigmf-meta");
    for out in ["copy.sigmf-meta", "f.sigmf-meta", "f.sigmf-meta", "f"] {
        done(at, &["wifi", "decode", "f.sigmf-meta", "--annotate", out, "--pcap", "f.pcap"]);
        let name = if out == "f" { "f.sigmf-meta" } else { out };
        let mut after = parsed(name);
        assert!(text(&bytes(name)).contains("2412e6") && text(&bytes(name)).contains("[1, 2.0]"), "to the letter");
        let notes = after["annotations"].take();
        let notes = notes.as_array().expect("a list");
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes.iter().any(|note| *note == before["annotations"][0]));
        let ours: Vec<&Value> = notes.iter().filter(|note| note["core:generator"] == "jscc").collect();
        let near = |note: &Value, want: u64| note["core:sample_start"].as_u64().expect("a number").abs_diff(want) < 3;
        assert!(near(ours[0], 1500) && near(ours[1], 3380), "{ours:?}");
        let edges = |note: &Value| [note["core:freq_lower_edge"].as_f64(), note["core:freq_upper_edge"].as_f64()];
        assert_eq!(edges(ours[0]), [Some(2.402e9), Some(2.422e9)]);
        assert_eq!(edges(ours[1]), [Some(2.427e9), Some(2.447e9)]);
        assert_eq!(after["captures"], before["captures"]);
        after["global"].as_object_mut().expect("an object").remove("core:extensions");
        assert_eq!(after["global"], before["global"]);
        assert!(bytes(&name.replace("meta", "data")) == bytes("air.cf32"));
    }
    let packets = rows(at, &["wifi", "decode", "f.pcap"]);
    for (packet, (time, mhz)) in packets.iter().zip([(1_704_164_645.000_025, 2412), (1_704_164_700.500_043, 2437)]) {
        assert!((packet["time_s"].as_f64().expect("a number") - time).abs() < 2e-6, "{packet}");
        assert_eq!(packet["channel_mhz"], mhz);
    }
    assert_eq!(packets.len(), 2);
    refused(at, &["wifi", "decode", "f.sigmf-meta", "--annotate", "x.sigmf"], &["x.sigmf", "archives are read"]);
}

#[test]
fn samples_that_are_not_those_described_are_told_and_never_blessed() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    air(at, 2);
    // Right, in capital letters, as some tools write it.
    done(at, &["wifi", "decode", "air.cf32", "--annotate", "r.sigmf-meta"]);
    let meta: Value = serde_json::from_slice(&fs::read(at.join("r.sigmf-meta")).expect("written")).expect("JSON");
    let right = meta["global"]["core:sha512"].as_str().expect("a hash").to_uppercase();
    foreign(at, "f", &format!(r#", "core:sha512": "{right}""#));
    let commands: [&[&str]; 5] = [
        &["wifi", "decode", "f.sigmf-meta"],
        &["wifi", "plot", "f.sigmf-meta", "-o", "p.svg"],
        &["wifi", "trace", "f.sigmf-meta"],
        &["emulate", "f.sigmf-meta", "--rate", "54", "--count", "400", "-o", "e.cf32"],
        &["wifi", "decode", "f.sigmf-meta", "--annotate", "copy.sigmf-meta"],
    ];
    for command in commands {
        assert!(done(at, command).1.is_empty(), "{command:?}");
    }
    let wrong = "a".repeat(128);
    foreign(at, "f", &format!(r#", "core:sha512": "{wrong}""#));
    for command in commands {
        let (_, warnings) = done(at, command);
        assert!(warnings.len() == 1 && warnings[0].contains("SHA-512"), "{command:?}: {warnings:?}");
    }
    let copy: Value = serde_json::from_slice(&fs::read(at.join("copy.sigmf-meta")).expect("written")).expect("JSON");
    assert_eq!(copy["global"]["core:sha512"], wrong, "it stays wrong");
    // Cut within a sample, and before what the description speaks of.
    foreign(at, "c", "");
    let data = fs::read(at.join("c.sigmf-data")).expect("written");
    fs::write(at.join("c.sigmf-data"), &data[..8 * 1100 + 3]).expect("written");
    let (_, warnings) = done(at, &["wifi", "decode", "c.sigmf-meta"]);
    assert!(warnings.iter().any(|line| line.contains("3 bytes")), "{warnings:?}");
    assert!(
        warnings.iter().any(|line| line.contains("up to 2520") && line.contains("end before 2100")),
        "{warnings:?}"
    );
}

#[test]
fn frames_tell_their_frequency_where_the_file_can() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let encode = ["wifi", "encode", "--rate", "6", "--psdu", "beef", "--frequency"];
    done(at, &[&encode[..], &["5.18e9", "-o", "a.sigmf-meta"]].concat());
    let meta: Value = serde_json::from_slice(&fs::read(at.join("a.sigmf-meta")).expect("written")).expect("JSON");
    assert_eq!(meta["captures"][0]["core:frequency"], 5.18e9);
    assert_eq!(meta["annotations"][0]["core:freq_upper_edge"], 5.19e9);
    for (hz, out, word) in
        [("5.18e9", "a.cf32", "only SigMF"), ("5.18e9", "a.pcap", "only SigMF"), ("0", "a.sigmf-meta", "--frequency 0")]
    {
        refused(at, &[&encode[..], &[hz, "-o", out]].concat(), &[word]);
    }
    let emulate = ["emulate", "a.sigmf-meta", "--rate", "54", "--frequency", "2.412e9", "-o", "e.sigmf-meta"];
    done(at, &emulate);
    assert!(text(&fs::read(at.join("e.sigmf-meta")).expect("written")).contains("2412000000"));
}

/// Inputs of others beside the checkout.
#[test]
fn recordings_from_the_wild_are_read() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/wild/in"].iter().collect();
    if !folder.join("sigmf").is_dir() {
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "skipped: recordings_from_the_wild_are_read: no shared/wild").expect("open");
        return;
    }
    for (name, frames, warning) in [
        ("sigmf/ci32.sigmf-meta", 4, None),
        ("sigmf/cut-data-good-sha.sigmf-meta", 2, Some("SHA-512")),
        ("sigmf/ext-object.sigmf-meta", 4, None),
        ("sigmf/ext-old-optional.sigmf-meta", 4, None),
        ("sigmf/no-endian.sigmf-meta", 2, None),
        ("sigmf/null-optional-fields.sigmf-meta", 4, None),
        ("sigmf/own-notes.sigmf-meta", 4, None),
        ("sigmf/plain.sigmf-meta", 4, None),
        ("sigmf/wrong-sha512.sigmf-meta", 4, Some("SHA-512")),
        ("air/iq-swapped.cf32", 0, Some("--swap-iq")),
        ("air/one-nan.cf32", 5, Some("the first at 15930")),
    ] {
        let (out, warnings) = done(&folder, &["wifi", "decode", name, "--json"]);
        let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert!(good(&rows) >= frames, "{name}: {out}");
        assert_eq!(warnings.len(), usize::from(warning.is_some()), "{name}: {warnings:?}");
        assert!(warning.is_none_or(|word| warnings[0].contains(word)), "{name}: {warnings:?}");
    }
    refused(&folder, &["wifi", "decode", "sigmf/oracle-wrapper.sigmf-meta"], &["5000000 samples", "5 of the 20 MHz"]);
    assert_eq!(good(&rows(&folder, &["wifi", "decode", "air/iq-swapped.cf32", "--swap-iq"])), 6);
}
