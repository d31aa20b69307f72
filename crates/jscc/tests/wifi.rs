//! `jscc wifi` from outside: what is encoded is decoded, what is known of the air is found, bad input is one clear line.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The PSDU of the standard's worked example, IEEE 802.11-2020, Annex I.1, with its FCS.
const EXAMPLE: &str = "0402002e006008cd37a60020d6013cf1006008ad3baf00004a6f792c2062726967687420737061726b206f6620646976\
    696e6974792c0a4461756768746572206f6620456c797369756d2c0a466972652d696e73697265642077652074726561673321b6";

fn jscc(folder: &Path, args: &[&str]) -> Output {
    let command = [&["wifi"], args].concat();
    Command::new(env!("CARGO_BIN_EXE_jscc")).args(command).current_dir(folder).output().expect("the binary runs")
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

/// Runs what must be refused: one line on stderr with these words, exit code 2, no panic.
fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let out = jscc(folder, args);
    let stderr = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{args:?}: {stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{args:?}: {stderr}");
    assert!(stderr.starts_with("error: ") && !stderr.contains("panicked"), "{args:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{args:?}: `{word}` is not in: {stderr}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn what_is_encoded_is_decoded() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let rates: [(&[&str], f64, Option<u64>); 6] = [
        (&["--rate", "6"], 6.0, None),
        (&["--rate", "36"], 36.0, None),
        (&["--rate", "54"], 54.0, None),
        (&["--mcs", "0"], 6.5, Some(0)),
        (&["--mcs", "0", "--sgi"], 7.222, Some(0)),
        (&["--mcs", "7"], 65.0, Some(7)),
    ];
    for (index, file) in ["a.cf32", "b.ci16", "c.ci8", "d.cu8", "e.sigmf-meta", "f.iq"].into_iter().enumerate() {
        let (rate, mbps, mcs) = rates[index];
        let scrambler = (17 * (index + 1)).to_string();
        let format: &[&str] = if file == "f.iq" { &["--format", "cs16"] } else { &[] };
        // cu8 has no zero: without noise its silence is a constant.
        let air: &[&str] = if file == "d.cu8" { &["--snr", "40"] } else { &[] };
        let frame = ["encode", "--psdu", EXAMPLE, "--scrambler", &scrambler, "-o", file];
        done(at, &[&frame[..], rate, format, air].concat());
        let rows = rows(at, &[&["decode", file], format].concat());
        assert_eq!(rows.len(), 1, "{file}");
        let row = &rows[0];
        assert_eq!((row["psdu_hex"].as_str(), row["fcs_ok"].as_bool()), (Some(EXAMPLE), Some(true)), "{file}: {row}");
        assert_eq!((row["rate_mbps"].as_f64(), row["mcs"].as_u64()), (Some(mbps), mcs), "{file}: {row}");
        assert_eq!(row["scrambler_init"].as_u64(), scrambler.parse().ok(), "{file}: {row}");
        assert_eq!((row["start"].as_u64(), row["length"].as_u64()), (Some(200), Some(100)), "{file}: {row}");
    }
}

#[test]
fn json_has_the_names_that_scripts_read() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    done(
        at,
        &["encode", "--rate", "24", "--psdu", "beef", "-o", "a.cf32", "--lead", "1000", "--snr", "25", "--seed", "3"],
    );
    let rows = rows(at, &["decode", "a.cf32"]);
    let keys: Vec<&String> = rows[0].as_object().expect("an object").keys().collect();
    let mut want = [
        "start",
        "end",
        "format",
        "rate_mbps",
        "mcs",
        "sgi",
        "aggregation",
        "length",
        "fcs_ok",
        "psdu_hex",
        "cfo_hz",
        "snr_db",
        "evm_db",
        "scrambler_init",
    ];
    want.sort_unstable();
    let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, want);
    let row = &rows[0];
    assert_eq!((row["fcs_ok"].as_bool(), row["format"].as_str()), (Some(false), Some("non-ht")), "no FCS was put on");
    assert!((row["snr_db"].as_f64().expect("a number") - 25.0).abs() < 3.0, "{row}");
    assert_eq!(done(at, &["decode", "a.cf32", "--fcs", "ok"]).lines().count(), 1, "the header alone");
}

#[test]
fn the_air_is_added_and_heard() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air =
        ["--channel", "tgn-b", "--snr", "30", "--impair", "cfo:40000", "--impair", "iq-tx:0.1,0.5", "--seed", "5"];
    let encode = |out: &str| done(at, &[&["encode", "--rate", "12", "--psdu", EXAMPLE, "-o", out], &air[..]].concat());
    encode("a.ci16");
    encode("b.ci16");
    let bytes = |name: &str| std::fs::read(at.join(name)).expect("written");
    assert!(bytes("a.ci16") == bytes("b.ci16"), "same seed, same bytes");
    let row = &rows(at, &["decode", "a.ci16"])[0];
    assert_eq!(row["psdu_hex"], EXAMPLE);
    assert!((row["cfo_hz"].as_f64().expect("a number") - 40e3).abs() < 2e3, "{row}");
    let file = std::fs::File::open(at.join("a.ci16")).expect("written");
    let piped = Command::new(env!("CARGO_BIN_EXE_jscc"))
        .args(["wifi", "decode", "-", "--format", "ci16"])
        .stdin(Stdio::from(file))
        .output()
        .expect("the binary runs");
    assert!(text(&piped.stdout).contains("0402002e"), "{}", text(&piped.stderr));
}

#[test]
fn sigmf_and_pcap_carry_what_was_found() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    done(at, &["encode", "--mcs", "3", "--sgi", "--psdu", EXAMPLE, "--scrambler", "5", "-o", "a.ci16"]);
    done(at, &["decode", "a.ci16", "--pcap", "a.pcap", "--annotate", "a.sigmf-meta"]);
    assert_eq!(names(at), ["a.ci16", "a.pcap", "a.sigmf-data", "a.sigmf-meta"]);
    let samples = |name: &str| std::fs::read(at.join(name)).expect("written");
    assert!(samples("a.ci16") == samples("a.sigmf-data"), "the samples as they were");
    let meta: Value = serde_json::from_slice(&samples("a.sigmf-meta")).expect("JSON");
    let note = &meta["annotations"][0];
    assert_eq!((note["jscc:mcs"].as_u64(), note["jscc:guard_ns"].as_u64()), (Some(3), Some(400)), "{note}");
    assert_eq!((note["jscc:length"].as_u64(), note["jscc:fcs_ok"].as_bool()), (Some(100), Some(true)), "{note}");
    assert_eq!(note["jscc:scrambler_init"], 5, "{note}");

    let row = &rows(at, &["decode", "a.pcap"])[0];
    assert_eq!((row["mcs"].as_u64(), row["sgi"].as_bool(), row["fcs_ok"].as_bool()), (Some(3), Some(true), Some(true)));
    assert_eq!((row["psdu_hex"].as_str(), row["time_s"].as_f64()), (Some(EXAMPLE), Some(10e-6)));
    done(at, &["encode", "--rate", "9", "--psdu", "08000000", "-o", "inject.pcap"]);
    let row = &rows(at, &["decode", "inject.pcap"])[0];
    assert_eq!((row["rate_mbps"].as_f64(), row["psdu_hex"].as_str()), (Some(9.0), Some("08000000")), "{row}");
    assert!(row["fcs_ok"].is_null(), "{row}");
}

#[test]
fn octets_come_from_digits_or_files() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    std::fs::write(at.join("beef"), "octets").expect("written");
    let psdu = |given: &str| {
        done(at, &["encode", "--rate", "54", "--psdu", given, "-o", "a.cf32"]);
        rows(at, &["decode", "a.cf32"])[0]["psdu_hex"].as_str().expect("hex").to_owned()
    };
    assert_eq!(psdu("beef"), "beef", "digits first");
    assert_eq!(psdu("@beef"), "6f6374657473");
    assert_eq!(psdu("./beef"), "6f6374657473");
    done(at, &["encode", "--rate", "54", "--fcs", "--psdu", "beef", "-o", "a.cf32"]);
    assert_eq!(rows(at, &["decode", "a.cf32"])[0]["fcs_ok"], true);
}

#[test]
fn bad_frames_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let with = |args: &[&str], words: &[&str]| refused(at, &[&["encode", "-o", "a.cf32"], args].concat(), words);
    with(&["--psdu", "00", "--rate", "7"], &["`7` is no rate", "54"]);
    with(&["--psdu", "00", "--mcs", "8"], &["MCS 8", "0 to 7"]);
    with(&["--psdu", "00", "--rate", "54", "--sgi"], &["--sgi needs", "--mcs"]);
    with(&["--psdu", "00"], &["no rate", "--rate"]);
    with(&["--rate", "54"], &["--psdu is missing"]);
    with(&["--psdu", "abc", "--rate", "54"], &["abc", "hexadecimal", "nor a file"]);
    with(&["--psdu", "", "--rate", "54"], &["0 octets"]);
    with(&["--psdu", &"00".repeat(4096), "--rate", "54"], &["4096 octets", "4095"]);
    for state in ["0", "128", "4000000000"] {
        with(&["--psdu", "00", "--rate", "54", "--scrambler", state], &["scrambler", "1 to 127"]);
    }
    with(&["--psdu", "00", "--rate", "54", "--channel", "fog"], &["no channel `fog`", "tgn-a"]);
    with(&["--psdu", "00", "--rate", "54", "--impair", "cfo:x"], &["cfo:x"]);
    refused(at, &["encode", "--psdu", "00", "--rate", "6", "-o", "a.wav"], &["a.wav", "cf32"]);
    refused(at, &["encode", "--psdu", "00", "--rate", "6", "--snr", "3", "-o", "a.pcap"], &["no channel touches"]);
    refused(at, &["trace", "--psdu", "00", "--rate", "54", "--symbol", "1"], &["no DATA symbol 1"]);
    assert!(names(at).is_empty(), "nothing is written for refused input");
}

#[test]
fn bad_recordings_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let write = |name: &str, bytes: &[u8]| std::fs::write(at.join(name), bytes).expect("written");
    write("empty.cf32", b"");
    write("short.cf32", b"123");
    write("nan.cf32", &f32::NAN.to_le_bytes().repeat(2000));
    write("a.bin", &[0; 64]);
    write("a.sigmf-meta", b"{\"global\": {}}");
    write("a.sigmf-data", b"");
    write("text.pcap", b"not a capture, by any means");
    std::fs::create_dir(at.join("folder.ci8")).expect("folder");
    for command in [&["decode"][..], &["plot", "-o", "p.png"], &["trace"]] {
        let with = |file: &str, words: &[&str]| refused(at, &[command, &[file]].concat(), words);
        with("missing.cf32", &["missing.cf32", "cannot be read"]);
        with("empty.cf32", &["empty.cf32", "no samples"]);
        with("short.cf32", &["short.cf32", "3 bytes"]);
        with("nan.cf32", &["nan.cf32", "not a finite number"]);
        with("a.bin", &["a.bin", "sample format"]);
        with("a.sigmf-meta", &["a.sigmf-meta", "core:datatype"]);
        with("folder.ci8", &["folder.ci8"]);
    }
    refused(at, &["decode", "text.pcap"], &["text.pcap", "not a pcap"]);
    refused(at, &["decode", "a.bin", "--format", "ci8", "--rate", "10e6"], &["10000000", "20e6"]);
    refused(at, &["plot", "a.bin", "--format", "ci8", "-o", "p.png"], &["a.bin", "none of its 0 frames"]);
    refused(at, &["trace", "a.bin", "--format", "ci8", "--frame", "3"], &["no frame 3"]);
    refused(at, &["plot", "-", "-o", "p.png"], &["sample format"]);
    refused(at, &["decode", "nan.cf32", "--pcap", "out.pcap", "--annotate", "out.sigmf-meta"], &["nan.cf32"]);
    assert!(!names(at).iter().any(|name| name.contains("out") || name.contains("p.png")), "{:?}", names(at));
}

#[test]
fn odd_bytes_at_the_end_are_left_out_with_a_word() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    done(at, &["encode", "--rate", "6", "--psdu", "00", "-o", "a.ci16"]);
    let mut bytes = std::fs::read(at.join("a.ci16")).expect("written");
    bytes.extend([1, 2, 3]);
    std::fs::write(at.join("a.ci16"), bytes).expect("written");
    let out = jscc(at, &["decode", "a.ci16", "--json"]);
    assert!(out.status.success() && text(&out.stdout).lines().count() == 1);
    assert!(text(&out.stderr).contains("warning: 3 bytes"), "{}", text(&out.stderr));
}

/// The bits of the stage whose name begins so.
fn bits<'a>(stages: &'a [Value], name: &str) -> &'a str {
    let stage = stages.iter().find(|stage| stage["stage"].as_str().is_some_and(|stage| stage.starts_with(name)));
    stage.and_then(|stage| stage["bits"].as_str()).unwrap_or_else(|| panic!("no bits of {name}"))
}

#[test]
fn trace_shows_the_standards_example() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let frame = ["--rate", "36", "--psdu", EXAMPLE, "--scrambler", "93"];
    let shown = done(at, &[&["trace"], &frame[..]].concat());
    assert!(shown.contains("10110001 00110000 00000000") && shown.contains("17.3.5.7"), "{shown}");
    assert!(shown.contains("more rows; --all shows them"));
    let stages = rows(at, &[&["trace"], &frame[..]].concat());
    assert_eq!(bits(&stages, "SIGNAL: RATE"), "101100010011000000000000");
    // Tables I-8 and I-9; then the beginnings of those of DATA.
    assert_eq!(bits(&stages, "SIGNAL, encoded"), "110100011010000100000010001111100111000000000000");
    assert_eq!(bits(&stages, "SIGNAL, interleaved"), "100101001101000000010100100000110010010010010100");
    assert!(bits(&stages, "DATA, scrambled").starts_with("0110110000011001100010011000111101101000001000011111"));
    assert!(bits(&stages, "Punctured").starts_with("001010110000100010100001111100001001110110110101100110100"));
    assert!(bits(&stages, "Interleaved").starts_with("0111011111110000111011111100010001110011000000001011111"));

    done(at, &[&["encode", "-o", "a.cf32"], &frame[..]].concat());
    let heard = rows(at, &["trace", "a.cf32", "--symbol", "2"]);
    let sent = rows(at, &[&["trace", "--symbol", "2"], &frame[..]].concat());
    assert_eq!(bits(&heard, "Nearest"), bits(&sent, "Interleaved"));
    assert_eq!(bits(&heard, "Deinterleaved"), bits(&sent, "Punctured"));
    assert_eq!(bits(&heard, "Decoded"), bits(&sent, "Scrambled"));
    assert!(done(at, &["trace", "a.cf32"]).contains("verdict   right"));
}

#[test]
fn plot_draws_a_frame() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    done(at, &["encode", "--mcs", "4", "--psdu", EXAMPLE, "--snr", "25", "--channel", "exp:50", "-o", "a<&>.cf32"]);
    let shown = done(at, &["plot", "a<&>.cf32", "-o", "a.png", "--frame", "1"]);
    assert!(shown.contains("MCS 4") && shown.contains("a.png"), "{shown}");
    let png = std::fs::read(at.join("a.png")).expect("written");
    assert!(png.starts_with(b"\x89PNG") && (30_000..2_000_000).contains(&png.len()), "{} bytes", png.len());
    done(at, &["plot", "a<&>.cf32", "-o", "a.svg"]);
    let svg = std::fs::read_to_string(at.join("a.svg")).expect("written");
    assert!(svg.contains("a&lt;&amp;&gt;.cf32") && svg.contains("Channel estimate") && svg.ends_with("</svg>"));
}

#[test]
fn help_shows_examples_and_bad_usage_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    for command in ["decode", "encode", "trace", "plot"] {
        let help = done(folder.path(), &[command, "--help"]);
        assert!(help.contains("Examples:") && help.contains("--json"), "{command}: {help}");
    }
    for args in
        [&["decode"][..], &["plot", "a.cf32"], &["encode", "--rate", "6", "--mcs", "1"], &["trace", "--frame", "1"]]
    {
        assert_eq!(jscc(folder.path(), args).status.code(), Some(2), "{args:?}");
    }
}

/// Recordings beside the checkout, as the manifest there names them.
#[test]
fn recorded_air_is_decoded() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/vectors/captures"].iter().collect();
    if !folder.join("manifest.json").is_file() {
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "skipped: recorded_air_is_decoded: no shared/vectors/captures").expect("open");
        return;
    }
    let mut good = 0;
    for name in names(&folder) {
        if !Path::new(&name).extension().is_some_and(|extension| extension == "ci16" || extension == "cf32") {
            continue;
        }
        let rows = rows(&folder, &["decode", &name, "--fcs", "ok"]);
        let frames = rows.iter().filter(|row| row["fcs_ok"] == true).count();
        assert!(!name.starts_with("neg-") || frames == 0, "{name}: {frames} frames");
        good += frames;
    }
    assert!(good >= 358, "{good} frames with a right FCS");
    assert!(done(&folder, &["decode", "neg-ht_unsupport.ci16"]).contains("refused: HT MCS 8"));
    let captured = rows(&folder, &["decode", "oo-radiated-11n-26.pcap"]);
    assert!(captured.len() > 10, "{} packets", captured.len());
}
