//! Recordings from outside, as radios and other tools write them: any rate, any format, damaged, described by others.

use serde_json::{Value, json};
use std::f64::consts::PI;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

type Samples = Vec<[f32; 2]>;

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jscc")).args(args).current_dir(folder).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Runs what must succeed; its standard output, and the lines that warn.
fn done(folder: &Path, args: &[&str]) -> (String, Vec<String>) {
    let out = run(folder, args);
    let told = text(&out.stderr);
    assert!(out.status.success(), "{args:?}: {told}");
    let warnings = told.lines().filter(|line| line.starts_with("warning: "));
    (text(&out.stdout), warnings.map(str::to_owned).collect())
}

fn rows(folder: &Path, args: &[&str]) -> Vec<Value> {
    let (out, _) = done(folder, &[args, &["--json"]].concat());
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Runs what must be refused with these words, in a line, with exit code 2.
fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let out = run(folder, args);
    let told = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{args:?}: {told}");
    assert!(told.trim_end().lines().count() == 1 && told.starts_with("error: "), "{args:?}: {told}");
    for word in words {
        assert!(told.contains(word), "{args:?}: `{word}` is not in: {told}");
    }
}

fn samples(path: &Path) -> Samples {
    let bytes = fs::read(path).expect("written");
    let numbers: Vec<f32> = bytes.chunks_exact(4).map(|code| f32::from_le_bytes(code.try_into().expect("4"))).collect();
    numbers.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}

fn write(path: &Path, samples: &[[f32; 2]]) {
    let bytes: Vec<u8> = samples.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
    fs::write(path, bytes).expect("written");
}

/// Frames one after another as `air.cf32` and in memory: 54 Mb/s, 150 octets and FCS, 30 dB, 40 kHz off; each 1000 samples
/// and 880 of frame.
fn air(folder: &Path, frames: usize) -> Samples {
    let mut all = Vec::new();
    for frame in 0..frames {
        let octets: Vec<String> = (0..150).map(|octet| format!("{:02x}", (octet * 7 + frame * 31) % 256)).collect();
        let psdu = octets.concat();
        let seed = (frame + 1).to_string();
        let args = ["wifi", "encode", "--rate", "54", "--psdu", &psdu, "--fcs", "--snr", "30", "--impair", "cfo:40000"];
        let more = ["--lead", "500", "--trail", "500", "--seed", &seed, "-o", "one.cf32"];
        done(folder, &[&args[..], &more].concat());
        all.extend(samples(&folder.join("one.cf32")));
    }
    fs::remove_file(folder.join("one.cf32")).expect("there");
    write(&folder.join("air.cf32"), &all);
    all
}

/// The same signal at another rate, band-limited to ±10 MHz: a windowed sinc.
fn at_rate(samples: &[[f32; 2]], rate: f64) -> Samples {
    const SIDE: i64 = 48;
    let ratio = 20e6 / rate;
    let sinc = |x: f64| if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let one = |n: usize| {
        let at = n as f64 * ratio;
        let (mut re, mut im) = (0.0, 0.0);
        for k in (at as i64 - SIDE).max(0)..(at as i64 + SIDE).min(samples.len() as i64) {
            let x = at - k as f64;
            let weight = sinc(x) * (0.5 + 0.5 * (PI * x / (SIDE + 1) as f64).cos());
            re += f64::from(samples[k as usize][0]) * weight;
            im += f64::from(samples[k as usize][1]) * weight;
        }
        [re as f32, im as f32]
    };
    (0..(samples.len() as f64 / ratio) as usize).map(one).collect()
}

/// The signal moved in frequency and made stronger.
fn moved(samples: &[[f32; 2]], hz: f64, rate: f64, gain: f32) -> Samples {
    let turn = |(n, [re, im]): (usize, &[f32; 2])| {
        let (sin, cos) = (2.0 * PI * (hz / rate * n as f64).fract()).sin_cos();
        let (sin, cos) = (sin as f32 * gain, cos as f32 * gain);
        [re * cos - im * sin, re * sin + im * cos]
    };
    samples.iter().enumerate().map(turn).collect()
}

fn good(rows: &[Value]) -> usize {
    rows.iter().filter(|row| row["fcs_ok"] == true).count()
}

#[test]
fn any_rate_above_20_is_decoded_as_20_is() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 3);
    let straight = rows(at, &["wifi", "decode", "air.cf32"]);
    assert_eq!(good(&straight), 3);
    for rate in [25e6, 40e6, 50e6, 56e6, 61.44e6, 33_333_333.3, 20.01e6] {
        let mut high = at_rate(&air, rate);
        // The next channel, 20 dB stronger.
        if rate > 60e6 {
            let other = moved(&at_rate(&air[700..], rate), 20e6, rate, 10.0);
            high.iter_mut().flatten().zip(other.iter().flatten()).for_each(|(number, other)| *number += other);
        }
        write(&at.join("high.cf32"), &high);
        let hz = rate.to_string();
        let found = rows(at, &["wifi", "decode", "high.cf32", "--rate", &hz]);
        assert_eq!((found.len(), good(&found)), (3, 3), "{rate}");
        for (high, low) in found.iter().zip(&straight) {
            for key in ["start", "end"] {
                let want = low[key].as_f64().expect("a number") * rate / 20e6;
                let off = high[key].as_f64().expect("a number") - want;
                assert!(off.abs() <= 2.0 * rate / 20e6, "{rate} {key}: {off}");
            }
            assert_eq!(high["psdu_hex"], low["psdu_hex"], "{rate}");
            for (key, most) in [("cfo_hz", 600.0), ("snr_db", 2.0), ("evm_db", 2.0)] {
                let off = high[key].as_f64().expect("a number") - low[key].as_f64().expect("a number");
                assert!(off.abs() < most, "{rate} {key}: {off}");
            }
        }
    }
}

#[test]
fn what_is_kept_of_another_rate_tells_its_samples_and_times() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let rate = 61.44e6;
    write(&at.join("high.cf32"), &at_rate(&air(at, 2), rate));
    let found = rows(
        at,
        &["wifi", "decode", "high.cf32", "--sample-rate", "61.44e6", "--pcap", "h.pcap", "--annotate", "h.sigmf-meta"],
    );
    assert_eq!(good(&found), 2);
    let bytes = |name: &str| fs::read(at.join(name)).expect("written");
    assert!(bytes("high.cf32") == bytes("h.sigmf-data"), "the samples as they were");
    let meta: Value = serde_json::from_slice(&bytes("h.sigmf-meta")).expect("JSON");
    assert_eq!(meta["global"]["core:sample_rate"], rate);
    let packets = rows(at, &["wifi", "decode", "h.pcap"]);
    for ((row, note), packet) in found.iter().zip(meta["annotations"].as_array().expect("a list")).zip(&packets) {
        let [start, end] = ["start", "end"].map(|key| row[key].as_u64().expect("a number"));
        assert_eq!(
            (note["core:sample_start"].as_u64(), note["core:sample_count"].as_u64()),
            (Some(start), Some(end - start))
        );
        let off = packet["time_s"].as_f64().expect("a number") - start as f64 / rate;
        assert!(off.abs() < 2e-6, "{off}");
    }
    // The same rate is read again from the description, by every command.
    assert_eq!(rows(at, &["wifi", "decode", "h.sigmf-meta"]), found);
    assert!(done(at, &["wifi", "trace", "h.sigmf-meta", "--frame", "2"]).0.contains("verdict   right"));
    assert!(done(at, &["wifi", "trace", "high.cf32", "--sample-rate", "61.44e6"]).0.contains("verdict   right"));
    let plot = ["wifi", "plot", "high.cf32", "--rate", "61.44e6", "-o", "p.png"];
    assert_eq!(rows(at, &plot)[0], found[0]);
    let emulate = ["emulate", "h.sigmf-meta", "--rate", "54", "--start", "1536", "--count", "3072", "-o", "e.cf32"];
    assert_eq!(rows(at, &emulate)[0]["samples"], 960, "1000 of 20 Msample/s, in whole symbols");
}

#[test]
fn rates_that_cannot_be_are_refused_in_a_line() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    fs::write(at.join("a.ci8"), [0; 4000]).expect("written");
    let with = |rate: &str, words: &[&str]| {
        for command in [&["wifi", "decode"][..], &["wifi", "plot", "-o", "p.png"], &["receive"]] {
            refused(at, &[command, &["a.ci8", "--rate", rate]].concat(), words);
        }
        refused(at, &["wifi", "trace", "a.ci8", "--sample-rate", rate], words);
        refused(at, &["emulate", "a.ci8", "--rate", "54", "-o", "e.cf32", "--sample-rate", rate], words);
    };
    with("10e6", &["10000000", "10 of the 20 MHz", "20e6"]);
    with("19.9e6", &["19900000", "19.9 of the 20 MHz"]);
    for rate in ["NaN", "0", "-20e6", "1e30", "inf"] {
        with(rate, &["no rate of a radio", "20e6"]);
    }
    for odd in ["19.99999e6", "20.00001e6"] {
        done(at, &["wifi", "decode", "a.ci8", "--rate", odd]);
    }
    fs::write(at.join("s.sigmf-data"), [0; 4000]).expect("written");
    for (rate, word) in [(json!(1e30), "1e30"), (json!(-1), "core:sample_rate is -1"), (json!(5e6), "5 of the 20 MHz")]
    {
        let meta = json!({ "global": { "core:datatype": "ci8", "core:version": "1.0.0", "core:sample_rate": rate } });
        fs::write(at.join("s.sigmf-meta"), meta.to_string()).expect("written");
        refused(at, &["wifi", "decode", "s.sigmf-meta"], &[word]);
    }
    assert!(!at.join("p.png").exists() && !at.join("e.cf32").exists());
}

/// The bytes of samples in a format, by its SigMF name.
fn stored(samples: &[[f32; 2]], format: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for &number in samples.iter().flatten() {
        let number = f64::from(number) / 8.0;
        let mut code = match &format[1..format.len() - 3] {
            "f32" => (number as f32).to_le_bytes().to_vec(),
            "f64" => number.to_le_bytes().to_vec(),
            "i32" => ((number * 2f64.powi(31)) as i32).to_le_bytes().to_vec(),
            "i16" => ((number * 32768.0) as i16).to_le_bytes().to_vec(),
            "u32" => ((number * 2f64.powi(31) + 2f64.powi(31)) as u32).to_le_bytes().to_vec(),
            "u16" => ((number * 32768.0 + 32768.0) as u16).to_le_bytes().to_vec(),
            other => panic!("{other}"),
        };
        if format.ends_with("be") {
            code.reverse();
        }
        bytes.extend(code);
    }
    bytes
}

#[test]
fn every_format_is_decoded_and_real_numbers_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 1);
    for kind in ["cf32", "cf64", "ci32", "ci16", "cu32", "cu16"] {
        for order in ["le", "be"] {
            let format = format!("{kind}_{order}");
            let bytes = stored(&air, &format);
            fs::write(at.join("a.bin"), &bytes).expect("written");
            assert_eq!(good(&rows(at, &["wifi", "decode", "a.bin", "--format", &format])), 1, "{format}");
            let meta = json!({ "global": { "core:datatype": format, "core:version": "1.2.0" } });
            fs::write(at.join("a.sigmf-meta"), meta.to_string()).expect("written");
            fs::write(at.join("a.sigmf-data"), &bytes).expect("written");
            let found = rows(at, &["wifi", "decode", "a.sigmf-meta", "--annotate", "b.sigmf-meta"]);
            assert_eq!(good(&found), 1, "{format}");
            assert!(fs::read(at.join("b.sigmf-data")).expect("written") == bytes, "{format}: copied as it is");
        }
    }
    fs::copy(at.join("air.cf32"), at.join("air.rf32")).expect("copied");
    refused(at, &["wifi", "decode", "air.rf32"], &["air.rf32", "real numbers", "cf32"]);
    fs::write(at.join("a.sigmf-meta"), r#"{"global":{"core:datatype":"ri16_le"}}"#).expect("written");
    refused(at, &["wifi", "decode", "a.sigmf-meta"], &["core:datatype", "ri16_le", "real numbers"]);
    let help = done(at, &["wifi", "decode", "--help"]).0;
    assert!(help.contains("cf64") && help.contains("_be") && help.contains("--swap-iq"), "{help}");
    done(at, &["wifi", "encode", "--rate", "6", "--psdu", "beef", "--fcs", "-o", "e.ci32_be"]);
    assert_eq!(good(&rows(at, &["wifi", "decode", "e.ci32_be"])), 1);
}

#[test]
fn exchanged_i_and_q_are_hinted_at_and_can_be_said() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 2);
    let swapped: Samples = air.iter().map(|&[i, q]| [q, i]).collect();
    write(&at.join("s.cf32"), &swapped);
    let (_, warnings) = done(at, &["wifi", "decode", "s.cf32"]);
    assert!(warnings.len() == 1 && warnings[0].contains("--swap-iq"), "{warnings:?}");
    let (_, warnings) = done(at, &["wifi", "decode", "air.cf32"]);
    assert!(warnings.is_empty(), "{warnings:?}");
    // One frame straight among those that are not.
    write(&at.join("both.cf32"), &[&swapped[..], &air].concat());
    assert!(done(at, &["wifi", "decode", "both.cf32"]).1.is_empty());
    assert_eq!(rows(at, &["wifi", "decode", "s.cf32", "--swap-iq"]), rows(at, &["wifi", "decode", "air.cf32"]));
    refused(at, &["wifi", "plot", "s.cf32", "-o", "p.png"], &["none of its 0 frames", "--swap-iq"]);
    assert_eq!(rows(at, &["wifi", "plot", "s.cf32", "--swap-iq", "-o", "p.png"]).len(), 1);
    assert!(done(at, &["wifi", "trace", "s.cf32", "--swap-iq"]).0.contains("verdict   right"));
    refused(at, &["wifi", "trace", "--swap-iq", "--rate", "54", "--psdu", "00"], &["of a recording"]);
    let noise: Samples = (0..200_000u64)
        .map(|n| [0, 1].map(|k| ((n * 2 + k).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f32 / 8_388_608.0 - 1.0))
        .collect();
    write(&at.join("noise.cf32"), &noise);
    assert!(done(at, &["wifi", "decode", "noise.cf32"]).1.is_empty());
}

#[test]
fn a_sample_that_is_no_number_loses_what_it_touches() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 3);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -3e38] {
        let mut damaged = air.clone();
        // Within the second frame, and in the silence before the first.
        damaged[10][0] = bad;
        (2600..2630).for_each(|place| damaged[place][1] = bad);
        write(&at.join("d.cf32"), &damaged);
        let (out, warnings) =
            done(at, &["wifi", "decode", "d.cf32", "--json", "--pcap", "d.pcap", "--annotate", "d.sigmf-meta"]);
        let found: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert!(good(&found) >= 2, "{bad}: {out}");
        let starts: Vec<u64> = found.iter().filter_map(|row| row["start"].as_u64()).collect();
        assert!(
            [500, 4260].iter().all(|&want| starts.iter().any(|start| start.abs_diff(want) < 3)),
            "{bad}: {starts:?}"
        );
        assert!(warnings.len() == 1 && warnings[0].contains(": 31, the first at 10;"), "{warnings:?}");
        assert_eq!(rows(at, &["wifi", "decode", "d.pcap"]).len(), found.len());
        assert!(fs::read(at.join("d.cf32")).expect("there") == fs::read(at.join("d.sigmf-data")).expect("written"));
    }
    write(&at.join("nan.cf32"), &vec![[f32::NAN; 2]; 3000]);
    let all = ["wifi", "decode", "nan.cf32", "--pcap", "n.pcap", "--annotate", "n.sigmf-meta"];
    refused(at, &all, &["nan.cf32", "each of its 3000 samples is not a finite number", "cf32"]);
    assert!(!at.join("n.pcap").exists() && !at.join("n.sigmf-data").exists());
}

#[test]
fn pipes_are_read_once() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 2);
    let made = Command::new("mkfifo").arg(at.join("f.cf32")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
    for args in [&["wifi", "plot", "--frame", "2", "-o", "p.svg"][..], &["wifi", "trace"], &["wifi", "decode"]] {
        let bytes = fs::read(at.join("air.cf32")).expect("written");
        let fifo = at.join("f.cf32");
        let writer = std::thread::spawn(move || fs::write(fifo, bytes));
        let out = done(at, &[args, &["f.cf32"]].concat()).0;
        // A reader that has what it wants closes the pipe.
        let _ = writer.join().expect("no panic");
        let file = fs::File::open(at.join("air.cf32")).expect("written");
        let piped = Command::new(env!("CARGO_BIN_EXE_jscc"))
            .args([args, &["-", "--format", "cf32"]].concat())
            .current_dir(at)
            .stdin(Stdio::from(file))
            .output()
            .expect("the binary runs");
        assert_eq!(text(&piped.stdout), out, "{}", text(&piped.stderr));
    }
    assert_eq!(air.len(), 3760);
}

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

/// A frame of two streams, as its header says.
#[test]
fn frames_of_other_kinds_tell_what_is_known() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/vectors/captures"].iter().collect();
    if !folder.join("neg-ht_unsupport.ci16").is_file() {
        writeln!(std::io::stderr(), "skipped: frames_of_other_kinds_tell_what_is_known: no shared/vectors")
            .expect("open");
        return;
    }
    let rows = rows(&folder, &["wifi", "decode", "neg-ht_unsupport.ci16"]);
    let row = rows.iter().find(|row| !row["refused"].is_null()).expect("a refused frame");
    assert_eq!((&row["kind"], &row["mcs"], &row["streams"]), (&json!("streams"), &json!(8), &json!(2)), "{row}");
    assert_eq!((&row["format"], &row["length"]), (&json!("ht"), &Value::Null), "{row}");
}
