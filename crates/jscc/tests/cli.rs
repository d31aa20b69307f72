//! The command line from outside: good input gives results, bad input one clear line and exit code 2.

mod door;
mod rows;

use door::{done, jscc, refused, text};
use rows::metric;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    path
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

const TRAINING: &str = r#"name = "tiny"

[data.digits]
seed = 1
images = 1600

[train]
k = 12
seeds = [1]
batch = 16

[[train.stage]]
epochs = 3
learning_rate = 1e-3
snr_db = [0, 20]
link = "ideal"

[[train.stage]]
name = "decoder"
epochs = 1
learning_rate = 1e-3
schedule = "constant"
snr_db = [0, 20]
link = "ideal"
average = 0.9
patience = 1

[[train.stage.turn]]
learns = ["decoder"]
steps = 1
"#;

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
    assert_eq!(names(&folder.path().join("jscc-demo")), ["report.html", "report.png"]);
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

/// A whole run of [`TRAINING`] in a folder's `whole`, and how long it took.
fn whole_training(at: &Path) -> Duration {
    let begun = Instant::now();
    let whole = jscc(at, &["train", "tiny.toml", "--out", "whole", "--json"]);
    assert!(whole.status.success(), "{}", text(&whole.stderr));
    assert!(text(&whole.stdout).starts_with('{') && text(&whole.stdout).contains("\"seed\":1"));
    begun.elapsed()
}

fn assert_same_as_whole(at: &Path, run: &str) {
    for name in ["tiny.safetensors", "metrics.jsonl", "tiny.md"] {
        let [whole, other] = ["whole", run].map(|run| std::fs::read(at.join(run).join(name)).expect("written"));
        assert!(whole == other, "{name} differs between `whole` and `{run}`");
    }
}

/// Killed without warning five times, at random moments, and run again each time, a training ends with the bytes of one
/// that was left alone.
#[test]
fn a_killed_training_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING);
    let took = whole_training(at);
    let mut killed_at = Vec::new();
    for _ in 0..5 {
        let random = f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX);
        let moment = took.mul_f64(0.6 * random);
        killed_at.push(moment);
        let mut child = Command::new(env!("CARGO_BIN_EXE_jscc"))
            .args(["train", "tiny.toml", "--out", "killed"])
            .current_dir(at)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(moment);
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    let resumed = jscc(at, &["train", "tiny.toml", "--out", "killed", "--tensorboard"]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    println!("killed after {killed_at:?} of {took:?}");
    assert_same_as_whole(at, "killed");
    assert!(at.join("killed/tensorboard").is_dir());

    let checkpoint = at.join("killed/checkpoint.safetensors");
    std::fs::write(&checkpoint, "damaged").expect("written");
    let resumed = jscc(at, &["train", "tiny.toml", "--out", "killed"]);
    let stderr = text(&resumed.stderr);
    assert!(resumed.status.success() && stderr.contains("going on from step 300"), "{stderr}");
    assert_same_as_whole(at, "killed");
    for name in ["checkpoint.safetensors", "checkpoint-previous.safetensors"] {
        std::fs::write(at.join("killed").join(name), "damaged").expect("written");
    }
    refused(at, &["train", "tiny.toml", "--out", "killed"], &["checkpoint.safetensors", "not a checkpoint"]);
    write(&folder, "tiny.toml", TRAINING.replacen("1e-3", "2e-3", 1));
    refused(at, &["train", "tiny.toml", "--out", "whole"], &["another experiment"]);
}

/// A disk that is full when a checkpoint is written: told, nothing lost, and with room again the run goes on.
#[test]
fn a_full_disk_keeps_the_last_checkpoint() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING);
    let disk = at.join("disk");
    std::fs::create_dir(&disk).expect("folder");
    let mount = |options: &str| {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&disk).output();
        mount.is_ok_and(|out| out.status.success())
    };
    if !mount("size=4m") {
        println!("skipped: a small disk can only be mounted by root");
        return;
    }
    whole_training(at);
    let full = jscc(at, &["train", "tiny.toml", "--out", "disk/run"]);
    let kept = names(&at.join("disk/run"));
    let roomy = mount("remount,size=64m");
    let resumed = jscc(at, &["train", "tiny.toml", "--out", "disk/run"]);
    if roomy && resumed.status.success() {
        assert_same_as_whole(at, "disk/run");
    }
    Command::new("umount").arg(&disk).status().expect("unmounted");
    let stderr = text(&full.stderr);
    assert_eq!(full.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.to_lowercase().contains("no space"), "{stderr}");
    assert!(kept.contains(&"checkpoint.safetensors".to_owned()), "{kept:?}");
    assert!(roomy && resumed.status.success(), "{}", text(&resumed.stderr));
}

/// Of two trainings in one folder the second is refused at once, whichever experiment it is.
#[test]
fn a_folder_has_one_training_at_a_time() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING);
    std::fs::create_dir(at.join("mix")).expect("folder");
    let lock = std::fs::File::create(at.join("mix/lock")).expect("a lock");
    lock.lock().expect("locked");
    refused(at, &["train", "tiny.toml", "--out", "mix"], &["mix", "another process", "--out"]);
    assert_eq!(names(&at.join("mix")), ["lock"]);
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
        &["send", "none.png", "--rate", "54", "-o", "a.cf32", "--weights", "/dev/zero"],
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
fn several_seeds_are_several_trainings() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING.replace("[1]", "[1, 2]").replace("1600", "160"));
    let out = jscc(at, &["train", "tiny.toml"]);
    let stdout = text(&out.stdout);
    assert!(out.status.success() && stdout.contains("seed 2") && stdout.contains("mean"), "{}", text(&out.stderr));
    let [one, two] = [1, 2].map(|seed| at.join(format!("runs/tiny/seed-{seed}/tiny-seed{seed}.safetensors")));
    assert!(std::fs::read(one).expect("weights") != std::fs::read(two).expect("weights"));
    let out = jscc(at, &["train", "tiny.toml", "--device", "abacus"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("cpu, cuda and wgpu"), "{}", text(&out.stderr));
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
