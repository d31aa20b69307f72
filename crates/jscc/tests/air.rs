//! `jscc send`, `receive` and `emulate` from outside: pictures come back through every kind of file, through noise and
//! damage, among frames of others; bad input is one clear line.

mod strokes;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use strokes::with_pictures;

fn jscc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jscc")).args(args).current_dir(folder).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Runs what must succeed; its standard output.
fn done(folder: &Path, args: &[&str]) -> String {
    let out = jscc(folder, args);
    assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
    text(&out.stdout)
}

/// The JSON objects that a command prints.
fn rows(folder: &Path, args: &[&str]) -> Vec<Value> {
    let args = [args, &["--json"]].concat();
    done(folder, &args).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Runs what must be refused: one line on stderr with these words, this exit code, no panic.
fn ends(code: i32, folder: &Path, args: &[&str], words: &[&str]) {
    let out = jscc(folder, args);
    let stderr = text(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{args:?}: {stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{args:?}: {stderr}");
    assert!(stderr.starts_with("error: ") && !stderr.contains("panicked"), "{args:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{args:?}: `{word}` is not in: {stderr}");
    }
}

fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    ends(2, folder, args, words);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name)
}

fn psnr(row: &Value) -> f64 {
    row["psnr_db"].as_f64().unwrap_or_else(|| panic!("no PSNR: {row}"))
}

const THREE: [&str; 6] = ["--reference", "0.png", "--reference", "1.png", "--reference", "2.png"];

#[test]
fn pictures_come_back_through_every_kind_of_file() {
    let folder = with_pictures(3);
    let at = folder.path();
    let ways: [(&str, &[&str]); 8] = [
        ("a.sigmf-meta", &["--rate", "54"]),
        ("b.cf32", &["--rate", "54", "--header", "--scrambler", "17"]),
        ("c.ci16", &["--mcs", "7", "--scrambler", "1"]),
        ("d.ci8", &["--mcs", "6", "--sgi", "--header", "--scrambler", "127"]),
        ("e.cu8", &["--rate", "48", "--snr", "40"]),
        ("f.pcap", &["--rate", "54"]),
        ("g.pcap", &["--mcs", "7", "--scrambler", "77"]),
        ("h.cf32", &["--rate", "54", "--lead", "5000", "--per-frame", "1"]),
    ];
    for (file, args) in ways {
        let sent = rows(at, &[&["send", "--codec", "digits", "0.png", "1.png", "2.png", "-o", file], args].concat());
        let seen = rows(at, &[&["receive", file], &THREE[..]].concat());
        assert_eq!((sent.len(), seen.len()), (3, 3), "{file}");
        for (sent, seen) in sent.iter().zip(&seen) {
            let best = sent["best_psnr_db"].as_f64().expect("a number");
            assert!(best > 15.0 && (psnr(seen) - best).abs() < 0.01, "{file}: {sent} {seen}");
            for key in ["picture", "frame", "rate_mbps", "mcs", "length", "scrambler_init"] {
                assert_eq!(sent[key], seen[key], "{file}: {key}");
            }
            assert_eq!(sent["image"], seen["reference"], "{file}");
            if seen["packet"].is_null() {
                assert_eq!(sent["start"], seen["start"], "{file}");
            }
        }
    }
    let kept = names(&at.join("jscc-received"));
    assert_eq!(kept, ["contact-sheet.png", "picture-001.png", "picture-002.png", "picture-003.png"]);
    // A picture that was received is a picture that can be sent.
    done(
        at,
        &[
            "send",
            "--codec",
            "digits",
            "jscc-received/picture-001.png",
            "jscc-received/contact-sheet.png",
            "--rate",
            "54",
            "-o",
            "i.cf32",
        ],
    );
    let listed = text(&jscc(at, &["wifi", "decode", "g.pcap", "--json"]).stdout);
    assert!(listed.contains("\"fcs_ok\":true") && listed.contains("\"mcs\":7"), "{listed}");
}

#[test]
fn noise_makes_pictures_worse_and_loses_none() {
    let folder = with_pictures(3);
    let at = folder.path();
    let mean = |snr: &str, symbols: &[&str]| {
        done(
            at,
            &[
                "send", "--codec", "digits", "0.png", "1.png", "2.png", "--rate", "54", "--header", "--snr", snr, "-o",
                "n.cf32",
            ],
        );
        let seen = rows(at, &[&["receive", "n.cf32"], &THREE[..], symbols].concat());
        assert_eq!(seen.len(), 3);
        assert_eq!((&seen[0]["header"], &seen[0]["scrambler_init"]), (&true.into(), &93.into()));
        assert!((seen[0]["snr_db"].as_f64().expect("a number") - snr.parse::<f64>().unwrap()).abs() < 3.5);
        seen.iter().map(psnr).sum::<f64>() / 3.0
    };
    let [low, middle, high] = ["3", "10", "30"].map(|snr| mean(snr, &[]));
    assert!(low > 8.0 && low < middle && middle < high, "{low} {middle} {high}");
    let symbols = mean("10", &["--take", "symbols"]);
    assert!(symbols > low && mean("10", &["--take", "mean"]) > symbols - 0.1);
    let air = ["--channel", "tgn-b", "--snr", "30", "--impair", "cfo:40000", "--impair", "sco:20", "--seed", "5"];
    done(
        at,
        &[&["send", "--codec", "digits", "0.png", "1.png", "2.png", "--rate", "54", "-o", "n.ci16"], &air[..]].concat(),
    );
    assert_eq!(rows(at, &["receive", "n.ci16"]).len(), 3);
}

/// What another program may do to a recording: cut it, put it behind another, turn it down, add noise of its own.
#[test]
fn frames_are_found_among_others_in_a_longer_recording() {
    let folder = with_pictures(3);
    let at = folder.path();
    let other = ["wifi", "encode", "--rate", "24", "--psdu", "0800beef", "--fcs", "-o", "other.cf32"];
    done(at, &other);
    done(at, &["wifi", "encode", "--rate", "54", "--psdu", "00", "-o", "short.cf32"]);
    done(
        at,
        &[
            "send",
            "--codec",
            "digits",
            "0.png",
            "1.png",
            "2.png",
            "--rate",
            "54",
            "--per-frame",
            "2",
            "--header",
            "-o",
            "ours.cf32",
        ],
    );
    let read = |name: &str| std::fs::read(at.join(name)).expect("written");
    let joined = [read("other.cf32"), read("ours.cf32"), read("short.cf32"), read("other.cf32")].concat();
    let mut noise = 1u32;
    let changed = joined.chunks_exact(4).flat_map(|bytes| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let value = f32::from_le_bytes(bytes.try_into().expect("four")) * 0.1;
        (value + 0.002 * (noise as f32 / u32::MAX as f32 - 0.5)).to_le_bytes()
    });
    std::fs::write(at.join("long.cf32"), changed.collect::<Vec<u8>>()).expect("written");
    let out = jscc(at, &[&["receive", "long.cf32", "--json"], &THREE[..]].concat());
    let (stdout, stderr) = (text(&out.stdout), text(&out.stderr));
    assert_eq!(stdout.lines().count(), 3, "{stdout}{stderr}");
    assert!(stderr.contains("frames with pictures: 2, of others: 3"), "{stderr}");
    let first: Value = serde_json::from_str(stdout.lines().next().expect("a line")).expect("JSON");
    let before = read("other.cf32").len() as u64 / 8;
    assert_eq!(first["start"].as_u64(), Some(before + 200));
    assert!(psnr(&first) > 15.0, "{first}");
    assert!(done(at, &["receive", "long.cf32"]).contains("picture-003.png"));
}

#[test]
fn a_damaged_frame_still_gives_pictures() {
    let folder = with_pictures(2);
    let at = folder.path();
    done(at, &["send", "--codec", "digits", "0.png", "1.png", "--rate", "54", "-o", "a.pcap", "--scrambler", "40"]);
    let mut bytes = std::fs::read(at.join("a.pcap")).expect("written");
    let end = bytes.len();
    // Past header and first octets of the pictures.
    bytes[end - 60..end - 20].iter_mut().for_each(|octet| *octet ^= 0xff);
    std::fs::write(at.join("damaged.pcap"), &bytes).expect("written");
    let two = ["--reference", "0.png", "--reference", "1.png"];
    let seen = rows(at, &[&["receive", "damaged.pcap", "--scrambler", "40"], &two[..]].concat());
    let whole = rows(at, &[&["receive", "a.pcap"], &two[..]].concat());
    assert_eq!((&seen[0]["fcs_ok"], &whole[0]["fcs_ok"]), (&false.into(), &true.into()));
    let sum = |rows: &[Value]| rows.iter().map(psnr).sum::<f64>();
    assert!(sum(&seen) < sum(&whole) - 1.0 && seen.iter().all(|seen| psnr(seen) > 3.0), "{seen:?}, whole {whole:?}");
}

#[test]
fn frames_of_others_in_a_capture_are_passed_over() {
    let folder = with_pictures(1);
    let at = folder.path();
    done(at, &["send", "--codec", "digits", "0.png", "--rate", "54", "-o", "a.pcap"]);
    done(at, &["wifi", "encode", "--rate", "54", "--psdu", OURS, "--fcs", "-o", "odd.pcap"]);
    done(at, &["wifi", "encode", "--rate", "54", "--psdu", &"5a".repeat(74), "--fcs", "-o", "other.pcap"]);
    let read = |name: &str| std::fs::read(at.join(name)).expect("written");
    // A capture is a header of 24 octets and records.
    let joined = [&read("other.pcap")[..], &read("a.pcap")[24..], &read("odd.pcap")[24..]].concat();
    std::fs::write(at.join("b.pcap"), joined).expect("written");
    let out = jscc(at, &["receive", "b.pcap", "--reference", "0.png", "--json"]);
    let (stdout, stderr) = (text(&out.stdout), text(&out.stderr));
    assert!(stderr.contains("with pictures: 1, of others: 1") && stderr.contains("odd length: 1"), "{stderr}");
    let row: Value = serde_json::from_str(&stdout).expect("one row");
    assert_eq!((row["packet"].as_u64(), &row["fcs_ok"]), (Some(2), &true.into()));
    assert!(psnr(&row) > 15.0, "{row}");
    ends(1, at, &["receive", "odd.pcap"], &["odd.pcap", "ours of an odd length: 1", "--weights"]);
    ends(1, at, &["receive", "other.pcap"], &["other.pcap", "of others: 1"]);
}

/// Our header and an octet.
const OURS: &str = "08400000ffffffffffff0200000000010200000000010000aa";

#[test]
fn other_weights_have_other_symbols() {
    let folder = with_pictures(1);
    let at = folder.path();
    let ideal = model("deepjscc-mnist-k48-ideal.safetensors").display().to_string();
    done(at, &["send", "--codec", "digits", "0.png", "--rate", "54", "--weights", &ideal, "--header", "-o", "a.cf32"]);
    let against =
        |weights: &[&str]| psnr(&rows(at, &[&["receive", "a.cf32", "--reference", "0.png"], weights].concat())[0]);
    assert!((against(&["--weights", &ideal]) - against(&[])).abs() > 0.01);
}

#[test]
fn bad_input_is_refused_and_leaves_nothing() {
    let folder = with_pictures(1);
    let at = folder.path();
    std::fs::write(at.join("text.png"), "no picture").expect("written");
    std::fs::write(at.join("w.safetensors"), "no weights").expect("written");
    std::fs::write(at.join("empty.cf32"), "").expect("written");
    std::fs::write(at.join("text.pcap"), "not a capture, by any means").expect("written");
    std::fs::write(at.join("silence.ci16"), vec![0; 40_000]).expect("written");
    let before = names(at);
    let send = |args: &[&str], words: &[&str]| refused(at, &[&["send", "--codec", "digits"], args].concat(), words);
    send(&["missing.png", "--rate", "54", "-o", "a.cf32"], &["missing.png", "no such file"]);
    send(&["text.png", "--rate", "54", "-o", "a.cf32"], &["text.png", "not a PNG or JPEG"]);
    send(&["0.png", "-o", "a.cf32"], &["no rate", "--rate"]);
    send(&["0.png", "--rate", "11", "-o", "a.cf32"], &["`11` is no rate"]);
    send(&["0.png", "--rate", "54", "--sgi", "-o", "a.cf32"], &["--sgi needs", "--mcs"]);
    send(&["0.png", "--rate", "54", "-o", "a.wav"], &["a.wav", "cf32"]);
    send(&["0.png", "--rate", "54", "--bare", "-o", "a.pcap"], &["MAC header", "--bare"]);
    send(&["0.png", "--rate", "54", "--snr", "3", "-o", "a.pcap"], &["no channel touches"]);
    send(&["0.png", "--rate", "54", "--channel", "fog", "-o", "a.cf32"], &["no channel `fog`"]);
    send(&["0.png", "--rate", "54", "--scrambler", "128", "-o", "a.cf32"], &["scrambler", "1 to 127"]);
    for count in ["0", "1000"] {
        send(&["0.png", "--rate", "54", "--per-frame", count, "-o", "a.cf32"], &["150 pictures", count, "--per-frame"]);
    }
    send(&["0.png", "--rate", "54", "--weights", "w.safetensors", "-o", "a.cf32"], &["w.safetensors", "jscc train"]);
    send(
        &["0.png", "--rate", "54", "--weights", "no.safetensors", "-o", "a.cf32"],
        &["no.safetensors", "cannot be read"],
    );
    let receive = |args: &[&str], words: &[&str]| refused(at, &[&["receive"], args].concat(), words);
    receive(&["missing.cf32"], &["missing.cf32", "cannot be read"]);
    receive(&["empty.cf32"], &["empty.cf32", "no samples"]);
    receive(&["text.pcap"], &["text.pcap", "not a pcap"]);
    done(at, &["send", "--codec", "digits", "0.png", "--rate", "54", "-o", "a.pcap"]);
    receive(&["a.pcap", "--take", "symbols"], &["--take symbols", "only bits"]);
    receive(&["a.pcap", "--mbps", "11"], &["`11` is no rate"]);
    receive(&["a.pcap", "--mcs", "8"], &["MCS 8"]);
    std::fs::remove_file(at.join("a.pcap")).expect("removed");
    receive(&["0.png"], &["0.png", "sample format"]);
    receive(&["silence.ci16", "--reference", "text.png"], &["text.png"]);
    receive(&["silence.ci16", "--scrambler", "0"], &["scrambler", "1 to 127"]);
    receive(&["silence.ci16", "--rate", "10e6"], &["10000000", "20e6"]);
    ends(1, at, &["receive", "silence.ci16"], &["silence.ci16", "no frame with pictures", "jscc wifi decode"]);
    let emulate = |args: &[&str], words: &[&str]| refused(at, &[&["emulate", "-o", "f.cf32"], args].concat(), words);
    emulate(&["missing.cf32", "--rate", "54"], &["missing.cf32"]);
    emulate(&["silence.ci16", "--rate", "54"], &["nothing on the wanted subcarriers", "--tones"]);
    emulate(&["silence.ci16"], &["no rate"]);
    emulate(&["silence.ci16", "--rate", "54", "--count", "79"], &["79 samples", "80"]);
    emulate(&["silence.ci16", "--rate", "54", "--start", "9999"], &["1 samples from 9999"]);
    emulate(&["silence.ci16", "--rate", "54", "--count", "12000"], &["11920", "--count"]);
    emulate(&["silence.ci16", "--rate", "54", "--tones", "7:7"], &["no data subcarrier", "-26 to 26"]);
    for tones in ["9:7", "9", "a:b", ""] {
        emulate(&["silence.ci16", "--rate", "54", "--tones", tones], &["--tones", "-26:-1"]);
    }
    assert_eq!(names(at), before, "nothing is written for refused input");
}

/// Noise of about the power of a frame, as 16-bit samples.
fn write_noise(path: &Path, samples: usize) {
    let mut state = 7u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 52) as i16 - 2048
    };
    let bytes: Vec<u8> = (0..2 * samples).flat_map(|_| (uniform() + uniform()).to_le_bytes()).collect();
    std::fs::write(path, bytes).expect("written");
}

#[test]
fn a_wave_is_imitated_by_a_standard_frame() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write_noise(&at.join("wave.ci16"), 1650);
    let row = &rows(at, &["emulate", "wave.ci16", "--rate", "54", "-o", "f.sigmf-meta"])[0];
    let number = |row: &Value, key: &str| row[key].as_f64().unwrap_or_else(|| panic!("{key}: {row}"));
    assert!(number(row, "served_nmse_db") < -9.0 && row["rank"].is_null(), "{row}");
    assert_eq!(
        (row["symbols"].as_u64(), row["samples"].as_u64(), row["wave_start"].as_u64()),
        (Some(20), Some(1600), Some(680))
    );
    assert_eq!(row["tones"].as_array().map(Vec::len), Some(48));
    assert_eq!(row["ofdm_symbols"].as_array().map(Vec::len), Some(20));
    let heard = &rows(at, &["wifi", "decode", "f.sigmf-meta"])[0];
    assert_eq!((&heard["length"], &heard["scrambler_init"]), (&row["length"], &93.into()), "a frame like any other");

    let exact = ["emulate", "wave.ci16", "--rate", "54", "--mode", "exact", "--json", "-o"];
    let out = jscc(at, &[&exact[..], &["g.pcap"]].concat());
    let (row, warning) = (text(&out.stdout), text(&out.stderr));
    assert!(
        warning.contains("288 coded bits") && warning.contains("rank 216") && warning.contains("only 36"),
        "{warning}"
    );
    let row: Value = serde_json::from_str(&row).expect("JSON");
    assert_eq!((row["rank"]["bits"].as_u64(), row["rank"]["rank"].as_u64()), (Some(288), Some(216)));
    assert!(number(&row, "served_nmse_db") < -12.0 && number(&row, "wanted_nmse_db") > -6.0, "{row}");
    assert_eq!(rows(at, &["wifi", "decode", "g.pcap"])[0]["fcs_ok"], true);

    let few = jscc(at, &[&exact[..], &["h.cf32", "--tones", "1:6"]].concat());
    assert!(few.status.success() && !text(&few.stderr).contains("warning"), "{}", text(&few.stderr));
    let shown = done(at, &["emulate", "wave.ci16", "--mcs", "7", "-o", "i.cf32", "--tones", "-28:-8"]);
    for words in ["-28 to -22", "-20 to -8", "NMSE", "8 more", "last 50 samples", "MCS 7"] {
        assert!(shown.contains(words), "`{words}` is not in:\n{shown}");
    }
    let part =
        &rows(at, &["emulate", "wave.ci16", "--rate", "54", "--start", "80", "--count", "160", "-o", "j.cf32"])[0];
    assert_eq!(part["symbols"], 2);
}

#[test]
fn help_shows_examples_and_bad_usage_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    for command in ["send", "receive", "emulate"] {
        let help = done(folder.path(), &[command, "--help"]);
        assert!(help.contains("Examples:") && help.contains("--json"), "{command}: {help}");
        assert_eq!(jscc(folder.path(), &[command]).status.code(), Some(2), "{command}");
    }
    for args in [
        &["send", "--codec", "digits", "a.png", "--rate", "6", "--mcs", "1", "-o", "a"][..],
        &["send", "a.png", "--header", "--bare"],
    ] {
        assert_eq!(jscc(folder.path(), args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn pictures_come_back_from_other_rates_and_with_i_and_q_exchanged() {
    let folder = with_pictures(1);
    let at = folder.path();
    done(at, &["send", "--codec", "digits", "0.png", "--rate", "54", "--header", "-o", "air.cf32"]);
    let low = std::fs::read(at.join("air.cf32")).expect("written");
    let samples: Vec<[u8; 8]> = low.as_chunks::<8>().0.to_vec();
    // A tone of 0 Hz at twice the rate stays one: each sample twice is the wave with images beyond 10 MHz.
    let high: Vec<u8> = samples.iter().flat_map(|sample| [*sample, *sample].concat()).collect();
    std::fs::write(at.join("high.cf32"), high).expect("written");
    let swapped: Vec<u8> = samples.iter().flat_map(|sample| [&sample[4..], &sample[..4]].concat()).collect();
    std::fs::write(at.join("swapped.cf32"), swapped).expect("written");
    let receive = |args: &[&str]| rows(at, &[&["receive"], args].concat());
    let straight = receive(&["air.cf32", "--reference", "0.png"]);
    let exchanged = receive(&["swapped.cf32", "--swap-iq", "--reference", "0.png"]);
    assert_eq!(straight[0]["psnr_db"], exchanged[0]["psnr_db"]);
    let high = receive(&["high.cf32", "--rate", "40e6", "--reference", "0.png"]);
    let [got, want] = [&high, &straight].map(|rows| rows[0]["psnr_db"].as_f64().expect("a number"));
    assert!((got - want).abs() < 1.0, "{got} {want}");
    assert_eq!(high[0]["start"], 400, "{}", high[0]);
    let out = jscc(at, &["receive", "swapped.cf32"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("warning: nothing was found"), "{}", text(&out.stderr));
}
