//! The command line from outside: good input gives results, bad input one clear line and exit code 2.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn jscc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jscc")).args(args).current_dir(folder).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
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
images = 6400

[train]
k = 12
seed = 1
epochs = 1
batch = 16
learning_rate = 1e-3
snr_db = [0, 20]
link = "ideal"
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
    let out = jscc(folder.path(), &["demo"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let stdout = text(&out.stdout);
    for words in ["ideal AWGN", "802.11a 54 Mb/s, bits, aided", "unaided", "frames lost", "35 dB", "Es/N0"] {
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
    assert_eq!(rows.len(), 27);
    for curve in rows[..18].chunks(9) {
        let psnr: Vec<f64> = curve.iter().map(|row| row["psnr_db"].as_f64().expect("PSNR")).collect();
        assert!(psnr.windows(2).all(|pair| pair[1] > pair[0] - 0.2), "{psnr:?} rises with SNR");
        assert!(psnr[8] > psnr[0] + 5.0, "{psnr:?}");
    }
    assert_eq!(rows[18]["curve"], "802.11a 54 Mb/s, bits, unaided");
    assert!(rows[18]["lost"].as_u64() > Some(0), "frames are lost at -5 dB by a receiver that knows nothing");
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
    write(&folder, "typo.toml", TRAINING.replace("epochs", "epoch"));
    refused(at, &["train", "typo.toml"], &["typo.toml, line 10", "did you mean `epochs`?"]);
    refused(at, &["train", "missing.toml"], &["missing.toml"]);
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
    for key in ["spec_sha256", "weights_sha256", "snr_db", "psnr_db_ci95", "air_time_ratio", "code", "lost"] {
        assert!(rows.lines().all(|row| row.contains(&format!("\"{key}\":"))), "rows have `{key}`");
    }
}

/// Killed with no warning and run again, a training ends with the bytes of one that was left alone.
#[test]
fn a_killed_training_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING);
    let whole = jscc(at, &["train", "tiny.toml", "--out", "whole", "--json"]);
    assert!(whole.status.success(), "{}", text(&whole.stderr));

    let mut child = Command::new(env!("CARGO_BIN_EXE_jscc"))
        .args(["train", "tiny.toml", "--out", "killed"])
        .current_dir(at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let checkpoint = at.join("killed/checkpoint.safetensors");
    let begun = Instant::now();
    while !checkpoint.exists() {
        assert!(begun.elapsed() < Duration::from_mins(2), "no checkpoint within two minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    assert!(!at.join("killed/tiny.safetensors").exists(), "it was killed before its end");

    let resumed = jscc(at, &["train", "tiny.toml", "--out", "killed"]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    for name in ["tiny.safetensors", "metrics.jsonl", "tiny.md"] {
        let [whole, killed] = ["whole", "killed"].map(|run| std::fs::read(at.join(run).join(name)).expect("written"));
        assert!(whole == killed, "{name} differs after the kill");
    }

    write(&folder, "tiny.toml", TRAINING.replace("seed = 1\nepochs", "seed = 9\nepochs"));
    refused(at, &["train", "tiny.toml", "--out", "killed"], &["another experiment"]);
    write(&folder, "tiny.toml", TRAINING);
    std::fs::write(&checkpoint, "damaged").expect("written");
    refused(at, &["train", "tiny.toml", "--out", "killed"], &["checkpoint.safetensors", "not a checkpoint"]);
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
