//! `jscc receive` and `jscc wifi decode` on captures, from outside: cut, damaged, mixed, packed, piped, live; what others
//! sent; flags that lie. Files of `../shared/wild` where it is there.

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn jscc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jscc")).args(args).current_dir(folder).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Exit code, the JSON objects that are printed, and standard error.
fn rows(folder: &Path, args: &[&str]) -> (Option<i32>, Vec<Value>, String) {
    let out = jscc(folder, &[args, &["--json"]].concat());
    let rows = text(&out.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (out.status.code(), rows, text(&out.stderr))
}

/// A folder of the wild inputs, which are not part of the repository.
fn wild() -> Option<PathBuf> {
    let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/wild/in"].iter().collect();
    if root.exists() {
        return Some(root);
    }
    // Written past the test harness, which hides what a passing test prints.
    writeln!(std::io::stderr(), "skipped: no shared/wild/in").expect("the error stream is open");
    None
}

/// A picture that the shipped codec can draw: received once, it is one.
fn with_capture(frames: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/door/stroke.png");
    fs::copy(picture, folder.path().join("0.png")).expect("copied");
    let images = vec!["0.png"; frames];
    let out = jscc(
        folder.path(),
        &[&["send", "--codec", "digits"], &images[..], &["--per-frame", "1", "--rate", "54", "-o", "a.pcap"]].concat(),
    );
    assert!(out.status.success(), "{}", text(&out.stderr));
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn captures_of_the_wild_give_their_pictures() {
    let Some(wild) = wild() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let base = |name: &str| wild.join("base").join(name).display().to_string();
    let references = [base("7.png"), base("1.png"), base("3.png")];
    for (file, pictures, words) in [
        ("base/three.pcap", 3, ""),
        ("fcs/true-present.pcap", 3, ""),
        ("fcs/true-absent.pcap", 3, ""),
        ("fcs/lie-says-absent-but-there.pcap", 3, ""),
        ("fcs/lie-says-there-but-stripped.pcap", 3, ""),
        ("link/ppi-192.pcap", 3, ""),
        ("link/prism-119.pcap", 3, ""),
        ("norate/airodump-105.cap", 3, ""),
        ("norate/CAPTURE.PCAP", 3, ""),
        ("norate/tcpdump.dump", 3, ""),
        ("norate/packed.pcap.gz", 3, ""),
        ("norate/orig-beyond-snap.pcap", 3, ""),
        ("ext/words-3.pcap", 3, ""),
        ("mixed/wifi-ethernet-ble.pcapng", 3, "1 of link type 1, 1 of link type 251"),
        ("mixed/wifi-only-same-frames.pcapng", 3, ""),
        ("mixed/first-interface-is-loopback.pcapng", 3, ""),
        ("mixed/latin1-comment.pcapng", 1, "options or comments that cannot be read"),
        ("mixed/options-without-end.pcapng", 1, ""),
        ("mixed/nanosecond-if-tsresol.pcapng", 1, ""),
        ("cut/in-last-packet.pcap", 2, "warning: "),
        ("cut/in-packet-header.pcap", 3, "warning: "),
        ("cut/killed-pcapng.pcapng", 2, "warning: "),
    ] {
        let path = wild.join(file).display().to_string();
        let mut args = vec!["receive", &path];
        references.iter().take(pictures).for_each(|reference| args.extend(["--reference", reference]));
        let (code, rows, stderr) = rows(folder.path(), &args);
        assert_eq!((code, rows.len()), (Some(0), pictures), "{file}: {stderr}");
        assert!(stderr.contains(words), "{file}: {stderr}");
        for (row, want) in rows.iter().zip([25.25, 29.94, 26.44]) {
            let got = row["psnr_db"].as_f64().expect("a number");
            assert!((got - want).abs() < 0.01, "{file}: {row}");
        }
        assert_eq!(files(&folder.path().join("jscc-received")).len(), pictures + 1, "no picture of another run");
    }
    let busy = wild.join("busy/others-200.pcap").display().to_string();
    for header in [&[][..], &["--header"]] {
        let out = jscc(folder.path(), &[&["receive", &busy], header].concat());
        assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    }
}

#[test]
fn headers_of_the_wild_that_are_read_stay_so() {
    let Some(wild) = wild() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let entries = fs::read_dir(wild.join("real")).expect("a folder");
    let headers =
        entries.map(|entry| entry.expect("entry").path()).filter(|path| path.extension().is_some_and(|it| it == "bin"));
    for path in headers {
        let header = fs::read(&path).expect("read");
        let n = header.len() as u32;
        let mut capture = [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 65535, 127, 0, 0, n, n].map(u32::to_le_bytes).concat();
        capture.extend(&header);
        fs::write(folder.path().join("h.pcap"), capture).expect("written");
        let (code, rows, stderr) = rows(folder.path(), &["wifi", "decode", "h.pcap"]);
        let want = if path.ends_with("malformed-vendor.bin") { (Some(2), 0) } else { (Some(0), 1) };
        assert_eq!((code, rows.len()), want, "{}: {stderr}", path.display());
    }
}

#[test]
fn content_tells_a_capture_whatever_its_name_and_a_pipe_is_read_once() {
    let folder = with_capture(2);
    let at = folder.path();
    let bytes = fs::read(at.join("a.pcap")).expect("written");
    for name in ["A.PCAP", "capture.dump", "capture", "odd.cf32"] {
        fs::write(at.join(name), &bytes).expect("written");
        assert_eq!(rows(at, &["receive", name]).1.len(), 2, "{name}");
    }
    let piped = |args: &[&str], bytes: &[u8]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_jscc"));
        let child =
            child.args(args).current_dir(at).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().expect("runs");
        // Who refuses does not read on.
        let _ = child.stdin.take().expect("piped").write_all(bytes);
        child.wait_with_output().expect("ends")
    };
    assert_eq!(text(&piped(&["receive", "-", "--codec", "digits", "--json"], &bytes).stdout).lines().count(), 2);
    let samples = jscc(at, &["send", "--codec", "digits", "0.png", "--rate", "54", "-o", "s.ci16"]);
    assert!(samples.status.success());
    let samples = fs::read(at.join("s.ci16")).expect("written");
    let seen = piped(&["receive", "-", "--codec", "digits", "--format", "ci16", "--json"], &samples);
    assert_eq!(text(&seen.stdout).lines().count(), 1, "{}", text(&seen.stderr));
    // Neither one nor the other; samples in a capture's name; a capture said to be samples.
    let refused = piped(&["receive", "-"], &samples);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--format"), "{}", text(&refused.stderr));
    fs::write(at.join("s.pcap"), &samples).expect("written");
    assert!(text(&jscc(at, &["receive", "s.pcap"]).stderr).contains("s.pcap: not a pcap"));
    assert_eq!(rows(at, &["receive", "s.pcap", "--format", "ci16"]).1.len(), 1);
    assert_eq!(jscc(at, &["receive", "a.pcap", "--format", "ci16"]).status.code(), Some(1));
}

#[test]
fn packets_are_shown_as_they_come() {
    let folder = with_capture(2);
    let bytes = fs::read(folder.path().join("a.pcap")).expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_jscc"));
    let child = child.args(["wifi", "decode", "-", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.stderr(Stdio::null()).spawn().expect("runs");
    let (mut to, from) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let mut lines = BufReader::new(from).lines();
    // All but the last octet: the first packet is whole, and is seen while the second is on its way.
    to.write_all(&bytes[..bytes.len() - 1]).expect("read");
    let first: Value = serde_json::from_str(&lines.next().expect("a line").expect("UTF-8")).expect("JSON");
    assert_eq!(first["fcs_ok"], true);
    to.write_all(&bytes[bytes.len() - 1..]).expect("read");
    drop(to);
    assert_eq!(lines.count(), 1);
    assert!(child.wait().expect("ends").success());
}

#[test]
fn a_second_run_takes_the_place_of_the_first() {
    let folder = with_capture(3);
    let at = folder.path();
    assert_eq!(rows(at, &["receive", "a.pcap"]).1.len(), 3);
    let out = at.join("jscc-received");
    fs::write(out.join("picture-mine.png"), "mine").expect("written");
    fs::copy(at.join("0.png"), out.join("picture-099.png")).expect("copied");
    assert!(jscc(at, &["send", "--codec", "digits", "0.png", "--rate", "54", "-o", "b.pcap"]).status.success());
    assert_eq!(rows(at, &["receive", "b.pcap"]).1.len(), 1);
    assert_eq!(files(&out), ["contact-sheet.png", "picture-001.png", "picture-099.png", "picture-mine.png"]);
}

#[test]
fn the_limit_is_kept_and_told() {
    let folder = with_capture(5);
    let at = folder.path();
    let (code, rows, stderr) = rows(at, &["receive", "a.pcap", "--limit", "2"]);
    assert_eq!((code, rows.len()), (Some(0), 2));
    assert!(stderr.contains("limit of 2 pictures"), "{stderr}");
    assert_eq!(jscc(at, &["receive", "a.pcap", "--limit", "0"]).status.code(), Some(2));
}

#[test]
fn what_the_receiver_does_not_know_is_named() {
    let folder = with_capture(1);
    let at = folder.path();
    // tcpdump's ieee802.11_rx-stbc.pcap says this of its frame.
    let radiotap = [0, 0, 12, 0, 2, 0, 8, 0, 0x10, 0x3F, 0x25, 7];
    let n = radiotap.len() as u32 + 30;
    let mut bytes = [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 65535, 127, 1, 0, n, n].map(u32::to_le_bytes).concat();
    bytes.extend(radiotap);
    bytes.extend([8; 30]);
    fs::write(at.join("stbc.pcap"), bytes).expect("written");
    let (_, rows, _) = rows(at, &["wifi", "decode", "stbc.pcap"]);
    let want =
        [("rate_mbps", 150.0.into()), ("bandwidth_mhz", 40.into()), ("stbc", true.into()), ("ldpc", false.into())];
    for (key, want) in
        want.into_iter().chain([("greenfield", Value::from(false)), ("streams", 1.into()), ("mcs", 7.into())])
    {
        assert_eq!(rows[0][key], want, "{key}");
    }
    assert!(text(&jscc(at, &["wifi", "decode", "stbc.pcap"]).stdout).contains("MCS 7 short GI, 40 MHz, STBC"));
    let out = jscc(at, &["receive", "stbc.pcap"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("refused: 1 (40 MHz, STBC: 1)"), "{}", text(&out.stderr));
}

#[test]
fn a_capture_of_which_nothing_can_be_read_is_bad_input() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let ethernet = [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 65535, 1, 0, 0, 4, 4, 0].map(u32::to_le_bytes).concat();
    fs::write(at.join("e.pcap"), ethernet).expect("written");
    for command in [&["receive", "e.pcap"][..], &["wifi", "decode", "e.pcap"]] {
        let out = jscc(at, command);
        assert_eq!(out.status.code(), Some(2), "{command:?}");
        assert!(text(&out.stderr).contains("link type 1 ") && text(&out.stderr).contains("monitor mode"));
    }
    assert!(!at.join("jscc-received").exists());
}

/// None is ignored without a word, and nothing is written.
#[test]
fn options_for_samples_are_refused_by_name() {
    let folder = with_capture(1);
    let at = folder.path();
    let before = files(at);
    for option in
        [&["--pcap", "b.pcap"][..], &["--annotate", "b.sigmf-meta"], &["--rate", "40e6"], &["--swap-iq"], &["--lost"]]
    {
        let out = jscc(at, &[&["wifi", "decode", "a.pcap"], option].concat());
        let told = text(&out.stderr);
        assert_eq!((out.status.code(), text(&out.stdout)), (Some(2), String::new()), "{option:?}: {told}");
        assert!(told.trim_end().lines().count() == 1 && told.contains(option[0]) && told.contains("a.pcap"), "{told}");
    }
    for command in [&["wifi", "plot", "a.pcap", "-o", "p.png"][..], &["wifi", "trace", "a.pcap"]] {
        let out = jscc(at, command);
        let told = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{command:?}: {told}");
        assert!(told.contains("a.pcap: a capture has frames and no samples"), "{told}");
    }
    assert_eq!(files(at), before);
}

#[test]
fn frames_with_a_right_fcs_can_be_asked_for() {
    let folder = with_capture(2);
    let at = folder.path();
    let mut bytes = fs::read(at.join("a.pcap")).expect("written");
    *bytes.last_mut().expect("an octet") ^= 1;
    fs::write(at.join("b.pcap"), bytes).expect("written");
    assert_eq!(rows(at, &["wifi", "decode", "b.pcap"]).1.len(), 2);
    let (code, rows, stderr) = rows(at, &["wifi", "decode", "b.pcap", "--fcs", "ok"]);
    assert_eq!((code, rows.len(), &rows[0]["fcs_ok"]), (Some(0), 1, &true.into()), "{stderr}");
}
