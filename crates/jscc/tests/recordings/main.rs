//! Recordings from outside, as radios and other tools write them: any rate, any format, damaged, described by others.

mod described;
mod frames;
mod rates;

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

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

fn good(rows: &[Value]) -> usize {
    rows.iter().filter(|row| row["fcs_ok"] == true).count()
}
