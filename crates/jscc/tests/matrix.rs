//! The mismatch matrix from outside: trained where it must be, resumed, refused.

mod door;

use door::{done, refused};
use std::path::Path;

const MATRIX: &str = r#"name = "tiny-matrix"

[data.digits]
seed = 1
images = 60

[matrix]
seed = 3
images = 20

[[matrix.row]]
label = "linear"
train = "each.toml"

[[matrix.row]]
label = "linear, told little"
train = "seeds.toml"
instead = { "fading" = "each-one.toml" }
tell = { constant_db = 3 }

[[matrix.deploy]]
label = "white noise"
link = "ideal"
snr_db = [0, 20]

[[matrix.deploy]]
label = "fading"
link.fading = { channel = "rayleigh:symbol", csi = "zf" }
snr_db = [10]
"#;

fn training(name: &str, seeds: &str, more: &str) -> String {
    format!(
        "name = \"{name}\"\n[data.digits]\nseed = 1\nimages = 60\n[train]\nmethod = \"linear\"\nk = 12\nseeds = {seeds}\nbatch = 20\n\
         {more}\n[[train.stage]]\nepochs = 2\nlearning_rate = 1e-2\nsnr_db = [5, 5]\nlink = \"ideal\"\n"
    )
}

fn write(at: &Path, name: &str, text: &str) {
    std::fs::write(at.join(name), text).expect("written");
}

fn read(at: &Path, name: &str) -> String {
    std::fs::read_to_string(at.join(name)).expect("there")
}

fn all(at: &Path) {
    write(at, "each.toml", &training("each", "[1]", "at_db = [1, 19]"));
    write(at, "each-one.toml", &training("each-one", "[1]", ""));
    write(at, "seeds.toml", &training("seeds", "[1, 2]", ""));
    write(at, "matrix.toml", MATRIX);
}

#[test]
fn a_matrix_trains_measures_and_resumes() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    all(at);
    let said = done(at, &["matrix", "matrix.toml"]);
    for word in ["linear, 1 dB", "linear, 19 dB", "linear, told little", "worst regret"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    // Two rows of one training, one row of two seeds but on one link: 3 + 3 + 2·2 + 1.
    let rows = read(at, "results/tiny-matrix.jsonl");
    assert_eq!(rows.lines().count(), 11, "{rows}");
    assert!(rows.contains("\"tell\":{\"constant_db\":3.0}") && rows.contains("linear, 19 dB → fading"));
    let row: serde_json::Value = rows
        .lines()
        .map(|row| serde_json::from_str(row).expect("JSON"))
        .find(|row: &serde_json::Value| row["curve"] == "linear, 1 dB → white noise" && row["snr_db"] == 20.0)
        .expect("a row");
    // 240 symbols give a variance to 0.3 dB.
    assert!((row["heard_snr_db"].as_f64().expect("symbols") - 20.0).abs() < 1.0, "{row}");
    let passes = row["codec"]["passes"].as_u64().expect("counted");
    assert!(
        passes > 0 && passes <= 120 && passes.is_multiple_of(20),
        "two epochs of at most 60 in batches of 20: {passes}"
    );
    let page = read(at, "results/tiny-matrix.html");
    assert!(page.contains("Regret") && at.join("results/tiny-matrix.png").is_file());
    assert!(at.join("runs/each/each-at19dB/each-at19dB.safetensors").is_file());
    assert!(at.join("runs/seeds/seed-2/seeds-seed2.safetensors").is_file());

    // Half of the rows are lost; the others are kept as they are, even one that says something else.
    let kept: Vec<String> = rows.lines().take(6).map(|row| row.replace("\"images\":20", "\"images\":21")).collect();
    write(at, "results/tiny-matrix.jsonl", &(kept.join("\n") + "\nnot a row\n"));
    let again = done(at, &["matrix", "matrix.toml", "--json"]);
    assert_eq!(again.lines().count(), 11);
    let resumed = read(at, "results/tiny-matrix.jsonl");
    assert!(resumed.lines().take(6).eq(kept.iter().map(String::as_str)), "rows that were there are not measured again");
    assert!(resumed.lines().skip(6).eq(rows.lines().skip(6)), "rows that were lost come back as they were");
}

#[test]
fn nonsense_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    all(at);
    let with = |from: &str, to: &str| write(at, "matrix.toml", &MATRIX.replace(from, to));
    with("{ \"fading\" =", "{ \"fadin\" =");
    refused(at, &["matrix", "matrix.toml"], &["no [[matrix.deploy]] has that label"]);
    with("label = \"fading\"", "label = \"white noise\"");
    refused(at, &["matrix", "matrix.toml"], &["two links have the label"]);
    with("constant_db = 3", "constant_db = 300");
    refused(at, &["matrix", "matrix.toml"], &["300 dB is not within"]);
    with("train = \"seeds.toml\"", "train = \"gone.toml\"");
    refused(at, &["matrix", "matrix.toml"], &["gone.toml"]);
    with("[matrix]\nseed = 3", "[matrix]\nsed = 3");
    refused(at, &["matrix", "matrix.toml"], &["did you mean `seed`"]);
    write(at, "matrix.toml", "name = \"none\"\n[data.digits]\nseed = 1\nimages = 60\n");
    refused(at, &["matrix", "matrix.toml"], &["[matrix]"]);
    assert!(!at.join("runs").exists(), "nothing is trained for a matrix that cannot be measured");
}

const CLAIMS: &str = r#"
[[claim]]
says = "Both are alike, to 30 dB."
source = "nobody"
beats = { curve = "linear, 19 dB → white noise", rival = "linear, 1 dB → white noise", by_db = -30 }

[[claim]]
says = "Two trainings are perfect."
scalar = { curve = "linear, told little → white noise", measure = "psnr_db", at_db = 20, between = [90, 99] }
"#;

/// Claims are about a row on a link; several experiments come on one page.
#[test]
fn a_matrix_has_claims() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    all(at);
    write(at, "matrix.toml", &format!("{MATRIX}{CLAIMS}"));
    refused(at, &["report", "matrix.toml"], &["tiny-matrix.jsonl", "run `jscc matrix matrix.toml` first"]);
    done(at, &["matrix", "matrix.toml"]);
    let said = done(at, &["report", "matrix.toml", "--page", "all.html"]);
    for word in ["Both are alike", "pass", "FAIL", "One page: all.html"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let page = read(at, "all.html");
    let open =
        page.split("What does not hold here").nth(1).and_then(|rest| rest.split("</table>").next()).expect("a table");
    assert!(open.contains("Two trainings are perfect.") && !open.contains("Both are alike"), "{open}");
    assert!(page.contains("snr_map [29]") && page.contains("data:image/png;base64,"), "methods and figures");
    assert!(read(at, "results/tiny-matrix-claims.md").contains("seeds-seed2.safetensors"));

    write(at, "plain.toml", &MATRIX.replace("tiny-matrix", "plain"));
    refused(at, &["report", "plain.toml"], &["has no [[claim]] table"]);
    refused(at, &["report", "matrix.toml", "plain.toml", "--page", "two.html"], &["plain.png"]);
    assert!(!at.join("two.html").exists());
    let faults = [
        ("rival = \"linear, 1 dB → white noise\"", "rival = \"linear, 1 dB → fading\"", "is measured at other SNRs"),
        (
            "rival = \"linear, 1 dB → white noise\"",
            "rival = \"linear, 2 dB → white noise\"",
            "unknown curve `linear, 2 dB",
        ),
        ("at_db = 20", "at_db = 10", "at_db = 10 is no SNR of the curve, which has 0, 20"),
    ];
    for (from, to, why) in faults {
        write(at, "matrix.toml", &format!("{MATRIX}{CLAIMS}").replace(from, to));
        refused(at, &["matrix", "matrix.toml"], &[why]);
    }
}
