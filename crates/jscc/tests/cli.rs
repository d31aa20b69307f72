//! The command line from outside: good input gives results, bad input one clear line and exit code 2.

mod door;
mod folders;
mod rows;

use door::{done, jscc, refused, text};
use folders::{TRAINING, names, write};
use rows::metric;
use std::path::{Path, PathBuf};

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name)
}

fn sweep_spec(weights: &str) -> String {
    format!(
        r#"name = "curves"
[data.digits]
seed = 1
images = 64
[sweep]
seed = 1
snr_db = [-5, 25]
images = 40
[[sweep.curve]]
label = "ideal"
weights = {weights:?}
link = "ideal"
[[sweep.curve]]
label = "Wi-Fi <54>"
weights = {weights:?}
[sweep.curve.link.wifi]
rate = 54
inversion = "trellis"
framing = "bare"
receive = "bits"
reception = "aided"
images_per_frame = 10
"#
    )
}

#[test]
fn demo_prints_the_table_and_writes_the_report() {
    let folder = tempfile::tempdir().expect("folder");
    let stdout = done(folder.path(), &["demo"]);
    for words in ["ideal JSCC", "ours", "D2AJSCC as published", "JSCC + STE", "zero-shot", "35 dB", "Es/N0"] {
        assert!(stdout.contains(words), "`{words}` is not in:\n{stdout}");
    }
    assert_eq!(
        names(&folder.path().join("jscc-demo")),
        ["photograph.html", "photograph.png", "report.html", "report.png"]
    );
    let page = std::fs::read_to_string(folder.path().join("jscc-demo/report.html")).expect("a page");
    assert!(page.contains("<svg") && page.contains("data:image/png;base64,"));
    assert!(!page.contains("src=\"http") && !page.contains("<script"), "the page needs nothing else");
}

#[test]
fn demo_in_json_is_graceful_and_repeatable() {
    let folder = tempfile::tempdir().expect("folder");
    let run = || text(&jscc(folder.path(), &["demo", "--json", "--seed", "7"]).stdout);
    let (first, second) = (run(), run());
    assert_eq!(first, second, "same seed, same rows");
    let rows: Vec<serde_json::Value> = first.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let curve = |label: &str| -> Vec<f64> {
        let of_it = rows.iter().filter(|row| row["curve"].as_str().is_some_and(|curve| curve.starts_with(label)));
        of_it.map(|row| metric(row, "psnr_db").expect("PSNR")).collect()
    };
    let (ideal, ours) = (curve("ideal"), curve("ours"));
    for psnr in [&ideal, &ours, &curve("D2AJSCC as published")] {
        assert_eq!(psnr.len(), 9);
        assert!(psnr.windows(2).all(|pair| pair[1] > pair[0] - 0.2), "{psnr:?} rises with SNR");
        assert!(psnr[8] > psnr[0] + 4.0, "{psnr:?}");
    }
    assert!(ours.iter().zip(&ideal).all(|(ours, ideal)| ours > &(ideal - 1.0)), "{ours:?} beside {ideal:?}");
    let numbers = curve("JSCC + STE");
    assert!((numbers[0] - numbers[3]).abs() < 0.5 && numbers[5] > numbers[3] + 5.0, "{numbers:?} have a cliff");
}

#[test]
fn demo_takes_the_users_pictures() {
    let folder = tempfile::tempdir().expect("folder");
    jscc(folder.path(), &["demo", "--out", "first"]);
    std::fs::rename(folder.path().join("first/report.png"), folder.path().join("own <picture>.png")).expect("a PNG");
    let out = jscc(folder.path(), &["demo", "--image", "own <picture>.png", "--image", "own <picture>.png", "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(text(&out.stdout).contains("\"images\":2"));
    let of_folder = jscc(folder.path(), &["demo", "--data", ".", "--json"]);
    assert!(text(&of_folder.stdout).contains("\"images\":1,"));
}

#[test]
fn bad_pictures_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    write(&folder, "empty.png", "");
    write(&folder, "text.png", "not a picture");
    std::fs::create_dir(folder.path().join("nothing")).expect("folder");
    let at = folder.path();
    refused(at, &["demo", "--image", "missing.png"], &["missing.png", "no such file"]);
    refused(at, &["demo", "--image", "empty.png"], &["empty.png", "empty file"]);
    refused(at, &["demo", "--image", "text.png"], &["text.png", "not a PNG or JPEG"]);
    refused(at, &["demo", "--data", "missing"], &["missing", "no such file or folder"]);
    refused(at, &["demo", "--data", "nothing"], &["nothing"]);
    refused(at, &["demo", "--data", "text.png"], &["text.png", "check its kind"]);
    assert!(!at.join("jscc-demo").exists(), "nothing is written for refused input");
}

#[test]
fn bad_mnist_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 0]);
    write(&folder, "t10k-images-idx3-ubyte.gz", [0x1f, 0x8b, 8, 0, 0, 0]);
    refused(at, &["demo", "--data", "."], &["t10k-images-idx3-ubyte.gz", "gzip"]);
    write(&folder, "t10k-images-idx3-ubyte.gz", [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28]);
    refused(at, &["demo", "--data", "."], &["t10k-images-idx3-ubyte.gz", "0 images"]);
    write(&folder, "t10k-images-idx3-ubyte.gz", "<html>");
    refused(at, &["demo", "--data", "."], &["t10k-images-idx3-ubyte.gz", "begins with"]);
}

#[test]
fn bad_specs_and_weights_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "typo.toml", TRAINING.replacen("epochs", "epoch", 1));
    refused(at, &["train", "typo.toml"], &["typo.toml, line 13", "did you mean `epochs`?"]);
    write(&folder, "typo.toml", TRAINING.replace("[\"decoder\"]", "[\"decodr\"]"));
    refused(at, &["train", "typo.toml"], &["did you mean `decoder`?"]);
    write(&folder, "typo.toml", TRAINING.replace("[1]", "[1, 1]"));
    refused(at, &["train", "typo.toml"], &["typo.toml, line 9", "twice"]);
    refused(at, &["train", "missing.toml"], &["missing.toml"]);
    refused(at, &["sweep", "missing.toml", "--out", "typo.toml"], &["typo.toml", "not a folder"]);
    write(&folder, "train.toml", TRAINING);
    refused(at, &["sweep", "train.toml"], &["no [sweep] table"]);
    write(&folder, "curves.toml", sweep_spec("w.safetensors"));
    refused(at, &["train", "curves.toml"], &["no [train] table"]);
    refused(at, &["sweep", "curves.toml"], &["w.safetensors"]);
    let mut weights = std::fs::read(model("deepjscc-mnist-k48-ideal.safetensors")).expect("shipped weights");
    weights.truncate(weights.len() / 2);
    write(&folder, "w.safetensors", &weights);
    refused(at, &["eval", "curves.toml"], &["w.safetensors", "not an intact safetensors file"]);
    let many = sweep_spec("w.safetensors").replace("images_per_frame = 10", "images_per_frame = 1000");
    write(&folder, "many.toml", many);
    std::fs::copy(model("deepjscc-mnist-k48-ideal.safetensors"), at.join("w.safetensors")).expect("copied");
    refused(at, &["eval", "many.toml"], &["images_per_frame is too large"]);
    assert!(!at.join("results").exists() && !at.join("runs").exists(), "nothing is written for refused input");
}

#[test]
fn sweep_writes_rows_and_figures_and_eval_writes_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "curves.toml", sweep_spec(&model("deepjscc-mnist-k48-wifi54.safetensors").display().to_string()));
    let out = jscc(at, &["eval", "curves.toml", "--snr-db", "-2.5, 10"]);
    assert!(out.status.success() && text(&out.stdout).contains("-2.5  0.0"), "{}", text(&out.stderr));
    assert_eq!(names(at), ["curves.toml"]);
    let out = jscc(at, &["sweep", "curves.toml"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(names(&at.join("results")), ["curves.html", "curves.jsonl", "curves.png"]);
    let rows = std::fs::read_to_string(at.join("results/curves.jsonl")).expect("rows");
    assert_eq!(rows.lines().count(), 4);
    for key in [
        "spec_sha256",
        "weights_sha256",
        "snr_db",
        "trained_on",
        "deployed_on",
        "metrics",
        "air_time_ratio",
        "code",
        "lost",
    ] {
        assert!(rows.lines().all(|row| row.contains(&format!("\"{key}\":"))), "rows have `{key}`");
    }
}

/// Cells measured one by one, by other processes and the last first, are the rows of the sweep.
#[test]
fn a_sweep_can_be_shared() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "curves.toml", sweep_spec(&model("deepjscc-mnist-k48-wifi54.safetensors").display().to_string()));
    let cell = |cells: &str| {
        let out = jscc(at, &["sweep", "curves.toml", "--cells", cells]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        text(&out.stdout)
    };
    let (last, middle, first) = (cell("3..4"), cell("1..3"), cell("0..1"));
    assert!(!at.join("results").exists(), "cells write nothing");
    assert!(jscc(at, &["sweep", "curves.toml"]).status.success());
    assert_eq!(std::fs::read_to_string(at.join("results/curves.jsonl")).expect("rows"), first + &middle + &last);
    refused(at, &["sweep", "curves.toml", "--cells", "3..5"], &["there are 4 cells, 0..4"]);
    for wrong in ["3", "2..2", "b..3", "-1..2"] {
        let out = jscc(at, &["sweep", "curves.toml", &format!("--cells={wrong}")]);
        assert!(out.status.code() == Some(2) && text(&out.stderr).contains("0..9"), "{wrong}: {}", text(&out.stderr));
    }
}

/// A link that is named once and used twice is what it would be, written twice.
#[test]
fn links_have_names() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let spec = sweep_spec(&model("deepjscc-mnist-k48-wifi54.safetensors").display().to_string());
    let (before, link) = spec.split_once("[sweep.curve.link.wifi]").expect("a link");
    let named = format!("{before}link = \"ours\"\n[link.ours.wifi]{link}");
    let rows = |name: &str, spec: &str| {
        write(&folder, name, spec);
        let out = jscc(at, &["eval", name, "--json"]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        text(&out.stdout)
    };
    assert_eq!(rows("named.toml", &named), rows("plain.toml", &spec));
    write(&folder, "wrong.toml", named.replace("\"ours\"", "\"hours\""));
    refused(at, &["eval", "wrong.toml"], &["wrong.toml, line ", "`hours`"]);
    write(&folder, "wrong.toml", named.replace("rate = 54", "rate = 55"));
    refused(at, &["eval", "wrong.toml"], &["wrong.toml, line ", "`55` is no rate"]);
    write(&folder, "wrong.toml", format!("link = 3\n{spec}"));
    refused(at, &["eval", "wrong.toml"], &["[link.NAME]"]);
}

#[test]
fn files_that_are_read_whole_may_be_pipes_and_have_an_end() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    for command in ["train", "eval", "sweep", "report", "per", "rivals", "fidelity"] {
        refused(at, &[command, "/dev/zero"], &["/dev/zero", "16 MiB"]);
    }
    refused(
        at,
        &["send", "--codec", "digits", "none.png", "--rate", "54", "-o", "a.cf32", "--weights", "/dev/zero"],
        &["/dev/zero", "256 MiB"],
    );
    let spec = sweep_spec(&model("deepjscc-mnist-k48-wifi54.safetensors").display().to_string());
    let run = |name: &str| {
        let out = jscc(at, &["eval", name, "--snr-db", "10", "--json"]);
        assert!(out.status.success(), "{name}: {}", text(&out.stderr));
        text(&out.stdout)
    };
    write(&folder, "curves.toml", &spec);
    let fifo = at.join("fifo.toml");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a FIFO");
    let writer = std::thread::spawn(move || std::fs::write(fifo, spec).expect("read to the end"));
    assert_eq!(run("fifo.toml"), run("curves.toml"));
    writer.join().expect("written");
}

#[test]
fn help_shows_examples_and_bad_usage_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    for command in [&["demo"][..], &["train"], &["eval"], &["sweep"], &["data", "fetch"], &["data", "verify"]] {
        let out = jscc(folder.path(), &[command, &["--help"]].concat());
        let help = text(&out.stdout);
        assert!(out.status.success() && help.contains("Example") && help.contains("--json"), "{command:?}: {help}");
    }
    for args in [&["dmeo"][..], &["demo", "--seed", "x"], &["eval"], &["eval", "a.toml", "--snr-db", "loud"]] {
        assert_eq!(jscc(folder.path(), args).status.code(), Some(2), "{args:?}");
    }
}
