//! `jscc per` from outside.

use std::path::Path;
use std::process::{Command, Output};

const SPEC: &str = r#"name = "tiny"

[per]
seed = 1
rates = [54, "ht7"]
octets = 60
carrier_ghz = 5.8
offset_ppm = 40
step_db = 1
per_range = [0.05, 0.6]
packets = 40
errors = 30
"#;

fn jscc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jscc")).args(args).current_dir(folder).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn curves_are_measured_written_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spec.toml"), SPEC).unwrap();
    let out = jscc(folder.path(), &["per", "spec.toml", "--out", "here"]);
    let table = text(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(table.starts_with("rate ") && table.contains("\nht7 "), "{table}");
    let rows = std::fs::read_to_string(folder.path().join("here/tiny.jsonl")).unwrap();
    let figure = std::fs::read(folder.path().join("here/tiny.png")).unwrap();
    assert!(figure.starts_with(b"\x89PNG"));

    let row: serde_json::Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
    for field in ["spec_sha256", "code", "seed", "frames", "lost", "deployed_on"] {
        assert!(!row[field].is_null(), "{field}: {row}");
    }
    let air = &row["deployed_on"]["packets"];
    assert_eq!((&air["rate"], &air["octets"], &air["reception"]), (&54.into(), &60.into(), &"aided".into()));
    let [per, lost] = [&row["metrics"][0], &row["metrics"][1]];
    assert!(per["name"] == "per" && per["ci95"][1].as_f64() > per["value"].as_f64(), "{per}");
    assert_eq!(lost["name"], "no_preamble");

    let again = jscc(folder.path(), &["per", "spec.toml", "--json"]);
    assert_eq!(text(&again.stdout), rows, "the same rows");
    assert_eq!(std::fs::read(folder.path().join("results/tiny.png")).unwrap(), figure);
}

#[test]
fn what_is_wrong_is_said_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |spec: &str, words: &[&str]| {
        std::fs::write(folder.path().join("spec.toml"), spec).unwrap();
        let out = jscc(folder.path(), &["per", "spec.toml"]);
        let stderr = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{stderr}");
        assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
        assert!(words.iter().all(|word| stderr.contains(word)), "{stderr}");
    };
    refused(&SPEC.replace("octets", "octet"), &["error: spec.toml, line 6: ", "did you mean `octets`?"]);
    refused(&SPEC.replace("54", "55"), &["line 5", "`55` is no rate"]);
    refused("name = \"x\"\n", &["missing field `per`"]);
    let out = jscc(folder.path(), &["per", "nowhere.toml"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("nowhere.toml: cannot be read"));
}

#[test]
fn the_shipped_experiment_is_sound() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments/wifi-per-awgn.toml");
    assert_eq!(jscc_lab::spec::per::PerSpec::read(&path).unwrap().file.per.rates.len(), 16);
}
