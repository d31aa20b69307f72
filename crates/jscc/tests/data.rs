//! `jscc data` as a user runs it, against a web server on this machine.

mod server;

use server::{Server, Service};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// Runs `jscc data`; `home` is all it knows of the machine, so no proxy and no cache of the user's gets in.
fn data(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jscc"));
    command.env_clear().env("HOME", home).arg("data").args(arguments).output().unwrap()
}

fn fetch(home: &Path, mirrors: &[&str]) -> Output {
    let mut arguments = vec!["fetch", "mnist", "--json"];
    for mirror in mirrors {
        arguments.extend(["--mirror", mirror]);
    }
    data(home, &arguments)
}

fn cache(home: &Path) -> PathBuf {
    home.join(".cache/jscc/mnist")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The values of `key` in lines of JSON.
fn values(lines: &[u8], key: &str) -> Vec<String> {
    let row = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
    text(lines).lines().map(|line| row(line)[key].as_str().unwrap().to_owned()).collect()
}

/// One line on the error stream, as every failure has.
fn assert_fails(output: &Output, code: i32, part: &str) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("error: ") && stderr.contains(part), "no {part:?} in {stderr}");
}

fn assert_fetched(home: &Path, output: &Output, statuses: [&str; 4]) {
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(values(&output.stdout, "status"), statuses);
    assert_eq!(fs::read_dir(cache(home)).unwrap().count(), NAMES.len());
    assert!(NAMES.iter().all(|name| cache(home).join(format!("{name}.gz")).is_file()));
    let verified = data(home, &["verify", cache(home).to_str().unwrap(), "--json"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    assert_eq!(values(&verified.stdout, "status"), ["ok"; 4]);
    assert_eq!(values(&verified.stdout, "file"), NAMES);
}

/// The real files and an empty home, where the machine has MNIST; says so where it does not.
fn real(test: &str) -> Option<(PathBuf, TempDir)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mnist");
    if !folder.is_dir() {
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "skipped: {test}: no shared/data/mnist").expect("the error stream is open");
        return None;
    }
    Some((folder, tempfile::tempdir().unwrap()))
}

#[test]
fn four_files_come_once() {
    let Some((folder, home)) = real("four_files_come_once") else { return };
    let server = Server::start(Service::Files(folder));
    assert_fetched(home.path(), &fetch(home.path(), &[&server.url]), ["downloaded"; 4]);
    assert_eq!(server.requests(), NAMES.map(|name| (format!("{name}.gz"), 0)));
    assert_fetched(home.path(), &fetch(home.path(), &[&server.url]), ["present"; 4]);
    fs::write(cache(home.path()).join("t10k-labels-idx1-ubyte.gz"), b"damaged").unwrap();
    let again = fetch(home.path(), &[&server.url]);
    assert_fetched(home.path(), &again, ["present", "present", "present", "downloaded"]);
    assert_eq!(server.requests(), [("t10k-labels-idx1-ubyte.gz".into(), 0)]);
}

#[test]
fn people_are_told_where_the_files_are_and_what_comes_next() {
    let Some((folder, home)) = real("people_are_told_where_the_files_are_and_what_comes_next") else { return };
    let server = Server::start(Service::Files(folder));
    let dir = home.path().join("here");
    let dir = dir.to_str().unwrap();
    let fetched = data(home.path(), &["fetch", "mnist", "--dir", dir, "--mirror", &server.url]);
    assert!(fetched.status.success(), "{}", text(&fetched.stderr));
    let lines = text(&fetched.stdout);
    assert!(
        lines.contains(dir) && lines.contains("  jscc sweep experiments/") && lines.contains(&format!("--data {dir}")),
        "{lines}"
    );
    let verified = data(home.path(), &["verify", dir]);
    let rows = text(&verified.stdout).lines().filter(|row| row.contains("  ok  ") && row.contains(dir));
    assert_eq!((verified.status.code(), rows.count()), (Some(0), 4));
}

#[test]
fn a_download_that_is_cut_goes_on_where_it_stopped() {
    let Some((folder, home)) = real("a_download_that_is_cut_goes_on_where_it_stopped") else { return };
    let cutting = Server::start(Service::HalfFiles(folder.clone()));
    assert_fails(&fetch(home.path(), &[&cutting.url]), 1, "train-images-idx3-ubyte");
    let part = cache(home.path()).join("train-images-idx3-ubyte.gz.part");
    assert_eq!(fs::metadata(&part).unwrap().len(), 9_912_422 / 2);
    let good = Server::start(Service::Files(folder));
    let mirrors = [&*cutting.url, &good.url];
    assert_fetched(home.path(), &fetch(home.path(), &mirrors), ["downloaded"; 4]);
    assert_eq!(good.requests()[0], ("train-images-idx3-ubyte.gz".into(), 9_912_422 / 2 + 9_912_422 / 4));
}

#[test]
fn a_server_that_drips_does_not_hold_for_ever() {
    let Some((folder, home)) = real("a_server_that_drips_does_not_hold_for_ever") else { return };
    let dripping = Server::start(Service::DrippingFiles(folder.clone()));
    let arguments = ["fetch", "mnist", "--json", "--max-time", "1", "--mirror", &dripping.url];
    let begun = Instant::now();
    assert_fails(&data(home.path(), &arguments), 1, "try again");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let kept = fs::metadata(cache(home.path()).join("train-images-idx3-ubyte.gz.part")).unwrap().len();
    assert!(kept > 0);
    let good = Server::start(Service::Files(folder));
    assert_fetched(home.path(), &fetch(home.path(), &[&good.url]), ["downloaded"; 4]);
    assert_eq!(good.requests()[0], ("train-images-idx3-ubyte.gz".into(), kept));
}

#[test]
fn a_server_that_cannot_resume_sends_the_whole_file_again() {
    let Some((folder, home)) = real("a_server_that_cannot_resume_sends_the_whole_file_again") else { return };
    let cutting = Server::start(Service::HalfFiles(folder.clone()));
    let whole = Server::start(Service::WholeFiles(folder));
    assert_fetched(home.path(), &fetch(home.path(), &[&cutting.url, &whole.url]), ["downloaded"; 4]);
    assert!(whole.requests().iter().all(|(_, offset)| *offset > 0));
}

#[test]
fn the_next_mirror_makes_good_what_the_first_ones_do() {
    let Some((folder, home)) = real("the_next_mirror_makes_good_what_the_first_ones_do") else { return };
    let wrong = Server::start(Service::Bytes(vec![7; 10_000_000]));
    let gone = Server::start(Service::Status("404 Not Found"));
    let page = Server::start(Service::Bytes(b"<html>please log in</html>".into()));
    let good = Server::start(Service::Files(folder));
    let mirrors = [&*wrong.url, &gone.url, &page.url, &good.url];
    assert_fetched(home.path(), &fetch(home.path(), &mirrors), ["downloaded"; 4]);
}

#[test]
fn no_mirror_answers() {
    let home = tempfile::tempdir().unwrap();
    let down = "http://127.0.0.1:1/";
    let broken = Server::start(Service::Status("503 Service Unavailable"));
    let no_tls = broken.url.replace("http:", "https:");
    let output = fetch(home.path(), &[down, &no_tls, &broken.url]);
    assert_fails(&output, 1, "503 Service Unavailable");
    assert!(text(&output.stderr).contains("127.0.0.1:1/: "));
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_dir(cache(home.path())).unwrap().count(), 0);
}

#[test]
fn wrong_bytes_are_not_taken() {
    let home = tempfile::tempdir().unwrap();
    let wrong = Server::start(Service::Bytes(vec![7; 10_000_000]));
    assert_fails(&fetch(home.path(), &[&wrong.url]), 1, "SHA-256");
    assert_eq!(fs::read_dir(cache(home.path())).unwrap().count(), 0);
    let page = Server::start(Service::Bytes(b"<html>please log in</html>".into()));
    assert_fails(&fetch(home.path(), &[&page.url]), 1, "after 26 of 9912422 bytes");
    assert!(!cache(home.path()).join("train-images-idx3-ubyte.gz").exists());
}

#[test]
fn a_folder_that_cannot_be_is_a_failure() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, b"").unwrap();
    let output = data(home.path(), &["fetch", "mnist", "--dir", file.to_str().unwrap()]);
    assert_fails(&output, 2, file.to_str().unwrap());
}

#[test]
fn verify_tells_what_is_wrong() {
    let home = tempfile::tempdir().unwrap();
    let missing = home.path().join("missing");
    assert_fails(&data(home.path(), &["verify", missing.to_str().unwrap()]), 2, "no such file or folder");
    let dir = home.path().to_str().unwrap();
    assert_fails(&data(home.path(), &["verify", dir]), 2, "4 of the 4 MNIST files");
    fs::write(home.path().join(NAMES[3]), b"damaged").unwrap();
    let output = data(home.path(), &["verify", dir, "--json"]);
    assert_fails(&output, 2, "jscc data fetch mnist --dir");
    assert_eq!(values(&output.stdout, "status"), ["wrong"; 4]);
    let reasons = values(&output.stdout, "reason");
    assert!(reasons[0].contains("holds neither") && reasons[3].contains("7 bytes, want 10008"), "{reasons:?}");
}

/// The folder has four of the five batches.
#[test]
fn verify_finds_out_which_set_it_is() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().to_str().unwrap();
    assert_fails(&data(home.path(), &["verify", dir, "--set", "cifar10"]), 2, "6 of the 6 CIFAR-10 files");
    fs::write(home.path().join("test_batch.bin"), b"damaged").unwrap();
    let output = data(home.path(), &["verify", dir, "--json"]);
    assert_fails(&output, 2, "jscc data fetch cifar10 --dir");
    assert_eq!(values(&output.stdout, "status"), ["wrong"; 6]);
    let reasons = values(&output.stdout, "reason");
    assert!(
        reasons[4].contains("holds neither data_batch_5.bin") && reasons[5].contains("want 30730000"),
        "{reasons:?}"
    );
    assert_fails(&data(home.path(), &["verify", dir, "--set", "mnist"]), 2, "4 of the 4 MNIST files");
    fs::write(home.path().join(NAMES[0]), b"damaged").unwrap();
    let both = data(home.path(), &["verify", dir, "--json"]);
    assert_fails(&both, 2, "4 of the 4 MNIST files");
    assert!(text(&both.stderr).contains("6 of the 6 CIFAR-10 files"));
    assert_eq!(text(&both.stdout).lines().count(), 10);

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cifar-10");
    if folder.is_dir() {
        let output = data(home.path(), &["verify", folder.to_str().unwrap(), "--json"]);
        assert_fails(&output, 2, "1 of the 6 CIFAR-10 files are missing or damaged");
        assert_eq!(values(&output.stdout, "status"), ["ok", "ok", "ok", "ok", "wrong", "ok"]);
    }
}

#[test]
fn an_archive_that_is_not_the_published_one_is_not_taken() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join(".cache/jscc/cifar10");
    let page = Server::start(Service::Bytes(b"<html>please log in</html>".into()));
    let output = data(home.path(), &["fetch", "cifar10", "--mirror", &page.url]);
    assert_fails(&output, 1, "after 26 of 170052171 bytes");
    assert_eq!(page.requests(), [("cifar-10-binary.tar.gz".into(), 0)]);
    assert!(!cache.join("cifar-10-binary.tar.gz").exists() && !cache.join("cifar-10-batches-bin").exists());
    let gone = Server::start(Service::Status("404 Not Found"));
    assert_fails(&data(home.path(), &["fetch", "cifar10", "--mirror", &gone.url]), 1, "404 Not Found");
    assert_eq!(gone.requests(), [("cifar-10-binary.tar.gz".into(), 26)]);
}

#[test]
fn bad_usage_is_refused_and_help_shows_an_example() {
    let home = tempfile::tempdir().unwrap();
    for bad in [
        &["fetch", "imagenet"][..],
        &["fetch"],
        &["verify"],
        &["fetch", "mnist", "--mirror", "ftp://a/"],
        &["verify", ".", "--set", "idx"],
        &[],
    ] {
        let output = data(home.path(), bad);
        assert_eq!(output.status.code(), Some(2), "{bad:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty());
    }
    for (command, example) in [
        (&["--help"][..], "jscc data fetch cifar10"),
        (&["fetch", "--help"], "--dir path"),
        (&["verify", "--help"], "--set cifar10"),
    ] {
        let output = data(home.path(), command);
        assert!(output.status.success() && text(&output.stdout).contains(example), "{command:?}");
    }
}
