//! Curves of several trainings, and `jscc report`, from outside.

mod door;
mod rows;

use door::{done, refused};
use rows::metric;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

fn objects(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Two trainings that share k = 48 and stand in for two seeds.
const TWO: [&str; 2] = ["deepjscc-mnist-k48-wifi54.safetensors", "ours-mnist-k48-seed1.safetensors"];

/// A curve of one training and one of two, and claims that the shipped weights meet and do not meet.
const SPEC: &str = r#"name = "claims"
[data.digits]
seed = 1
images = 64
[sweep]
seed = 1
snr_db = [-5, 5, 15, 25]
images = 40
pictures = 2
[[sweep.curve]]
label = "one"
weights = "deepjscc-mnist-k48-ideal.safetensors"
link = "ideal"
[[sweep.curve]]
label = "two"
weights = ["deepjscc-mnist-k48-wifi54.safetensors", "ours-mnist-k48-seed1.safetensors"]
link = "ideal"
[[claim]]
says = "Both fade | gracefully."
source = "section 1"
graceful = { curve = "two", slack_db = 0.3, step_db = 2 }
[[claim]]
says = "Two trainings are far ahead of one."
beats = { curve = "two", rival = "one", by_db = 3, from_db = 5 }
[[claim]]
says = "They are near each other."
tracks = { curve = "two", reference = "one", within_db = 3 }
[[claim]]
says = "It freezes."
cliff = { curve = "one", height_db = 8, flat_db = 1, width_db = 10 }
[[claim]]
says = "It is worse before it is better."
worsens = { curve = "one", until_db = 10, by_db = 1, recovers_db = 1 }
"#;

/// A folder with the weights and an experiment file.
fn folder(spec: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    for name in TWO.into_iter().chain(["deepjscc-mnist-k48-ideal.safetensors"]) {
        let weights = std::fs::read(models.join(name)).expect("shipped weights");
        std::fs::write(folder.path().join(name), without_header(&weights)).expect("written");
    }
    write(&folder, spec);
    folder
}

/// Weights that do not say what they are, as versions before wrote them.
fn without_header(safetensors: &[u8]) -> Vec<u8> {
    let (length, rest) = safetensors.split_first_chunk().expect("a length");
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut header: Value = serde_json::from_slice(header).expect("JSON");
    header.as_object_mut().expect("tensors by name").remove("__metadata__");
    let mut header = header.to_string();
    header += &" ".repeat(header.len().next_multiple_of(8) - header.len());
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

fn write(folder: &TempDir, spec: &str) {
    std::fs::write(folder.path().join("claims.toml"), spec).expect("written");
}

/// PSNR of the mean MSE of rows at the same SNR.
fn psnr_over(rows: &[&Value]) -> String {
    let mse: f64 = rows.iter().map(|row| metric(row, "mse").expect("MSE")).sum::<f64>() / rows.len() as f64;
    format!("{:.2}", -10.0 * mse.log10())
}

#[test]
fn a_curve_of_two_trainings_is_their_mean() {
    let folder = folder(SPEC);
    let table = done(folder.path(), &["sweep", "claims.toml"]);
    let rows = std::fs::read_to_string(folder.path().join("results/claims.jsonl")).expect("rows");
    let rows = objects(&rows);
    let files: Vec<_> = rows.chunks(4).map(|rows| rows[3]["codec"]["weights"].as_str().expect("a name")).collect();
    assert_eq!(files, ["deepjscc-mnist-k48-ideal.safetensors", TWO[0], TWO[1]]);
    assert!(rows[4..].iter().all(|row| row["curve"] == "two"));
    let line = |start: &str| -> Vec<String> {
        let line = table.lines().find(|line| line.starts_with(start)).expect("a line");
        line[start.len()..].split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(line("one "), (0..4).map(|i| psnr_over(&[&rows[i]])).collect::<Vec<_>>());
    assert_eq!(line("two "), (0..4).map(|i| psnr_over(&[&rows[4 + i], &rows[8 + i]])).collect::<Vec<_>>());
    // Of two values, s/sqrt(2) is half their distance.
    let half = |i: usize| {
        let [a, b] = [4, 8].map(|from| metric(&rows[from + i], "psnr_db").expect("PSNR"));
        format!("{:.2}", 12.706_205 * (a - b).abs() / 2.0)
    };
    assert_eq!(line("  ± over 2 trainings"), (0..4).map(half).collect::<Vec<_>>());
    assert!(table.contains("Of several trainings: two (2). PSNR of the mean MSE over trainings"), "{table}");
    let page = std::fs::read_to_string(folder.path().join("results/claims.html")).expect("a page");
    assert!(page.contains("± over 2 trainings") && page.contains("PSNR of the mean MSE over trainings"));
    assert_eq!(page.matches("data:image/png;base64,").count(), 2 * 2 * 5, "pictures of the first training alone");
    let shown = done(folder.path(), &["eval", "claims.toml"]);
    assert_eq!(shown.lines().filter(|line| line.starts_with("two, 2 trainings")).count(), 4, "{shown}");
}

#[test]
fn trainings_that_are_not_seeds_of_one_are_refused() {
    let folder = folder(SPEC);
    let at = folder.path();
    let with = |second: &str| write(&folder, &SPEC.replace(TWO[1], second));
    with(TWO[0]);
    refused(at, &["sweep", "claims.toml"], &["claims.toml, line 16: `", "is there twice"]);
    write(&folder, &SPEC.replace(&format!("[\"{}\", \"{}\"]", TWO[0], TWO[1]), "[]"));
    refused(at, &["sweep", "claims.toml"], &["claims.toml, line 16: ", "0 entries"]);
    std::fs::copy(at.join(TWO[0]), at.join("copy.safetensors")).expect("copied");
    with("copy.safetensors");
    refused(at, &["sweep", "claims.toml"], &["line 16", "hold the same weights"]);
    write(&folder, SPEC);
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    for name in TWO {
        std::fs::copy(models.join(name), at.join(name)).expect("shipped weights");
    }
    refused(at, &["sweep", "claims.toml"], &["line 16", "(ours-mnist-k48) are of different experiment files"]);
    let training = "name = \"tiny\"\n[data.digits]\nseed = 1\nimages = 64\n[train]\nk = 12\nseeds = [1]\nbatch = 16\n\
        [[train.stage]]\nepochs = 1\nlearning_rate = 1e-3\nsnr_db = [0, 20]\nlink = \"ideal\"\n";
    std::fs::write(at.join("tiny.toml"), training).expect("written");
    done(at, &["train", "tiny.toml"]);
    with("runs/tiny/tiny.safetensors");
    refused(at, &["sweep", "claims.toml"], &["claims.toml, line 16: ", "has k = 48", "`tiny.safetensors` k = 12"]);
    assert!(!at.join("results").exists(), "nothing is written for refused input");
}

#[test]
fn claims_are_decided_printed_and_written() {
    let folder = folder(SPEC);
    let at = folder.path();
    done(at, &["sweep", "claims.toml", "--out", "here"]);
    let table = done(at, &["report", "claims.toml", "--results", "here"]);
    let verdict = |says: &str| {
        let line = table.lines().find(|line| line.starts_with(says)).expect("a line");
        line.rsplit(' ').next().expect("a word").to_owned()
    };
    let says = ["Both fade | gracefully.", "Two trainings", "They are near", "It freezes.", "It is worse"];
    // Two trainings so far apart leave the third open.
    assert_eq!(says.map(verdict), ["pass", "FAIL", "undecided", "FAIL", "FAIL"], "{table}");
    let lines = table.lines().skip(2).take_while(|line| !line.is_empty());
    let ends: Vec<_> = lines.filter(|line| !line.starts_with("  \"")).map(|line| line.chars().count()).collect();
    assert!(ends.len() > 20 && ends.iter().all(|end| *end == ends[0]), "the table lines up:\n{table}");
    for words in ["steepest rise", "largest gap", "gap at -5 dB", "not ahead", "± of two (2 trainings)"] {
        assert!(table.contains(&format!("\n  {words}")), "`{words}` is not in:\n{table}");
    }
    let deciding = table.lines().find(|line| line.starts_with("  smallest margin, at least 3")).expect("a line");
    assert!(deciding.ends_with("(2 trainings)") && deciding.contains(" dB to "), "{deciding}");
    assert_eq!(table.lines().filter(|line| line.ends_with("one training)")).count(), 2, "{table}");

    let rows = objects(&std::fs::read_to_string(at.join("here/claims.jsonl")).expect("rows"));
    let page = std::fs::read_to_string(at.join("here/claims-claims.md")).expect("a page");
    for words in [rows[0]["spec_sha256"].as_str().unwrap(), rows[0]["code"].as_str().unwrap(), TWO[1], "test split"] {
        assert!(page.contains(words), "`{words}` is not in:\n{page}");
    }
    assert!(page.contains("| Both fade \\| gracefully. | section 1 | \"two\" falls by 0.3 dB at most"), "{page}");

    let claims = objects(&done(at, &["report", "claims.toml", "--results", "here", "--json"]));
    assert_eq!(
        claims.iter().map(|claim| claim["verdict"].clone()).collect::<Vec<_>>(),
        ["pass", "fail", "undecided", "fail", "fail"]
    );
    assert_eq!(claims[0]["claim"]["graceful"]["curve"], "two");
    assert_eq!(claims[0]["spread"][0]["trainings"], 2);
    assert_eq!(claims[1]["numbers"]["margin"].as_array().map(Vec::len), Some(3), "from 5 dB up");
    assert_eq!(claims[3]["spread"], serde_json::json!([]));
    let criterion = &claims[1]["criteria"][0];
    assert_eq!([&criterion["trainings"], &criterion["at_least"]], [&Value::from(2), &Value::from(3.0)]);
    assert_eq!(claims[4]["criteria"][0]["ci95"], Value::Null, "a single training");
    let [gap, one] = [&claims[2]["numbers"]["gap"][3], &rows[3]];
    let two = psnr_over(&[&rows[7], &rows[11]]).parse::<f64>().expect("a number");
    let want = metric(one, "psnr_db").expect("PSNR") - two;
    assert!((gap["db"].as_f64().expect("a gap") - want).abs() < 0.006 && gap["snr_db"] == 25.0, "{gap}");
}

/// Metrics that rows do not have are known only once there are rows.
#[test]
fn claims_are_about_any_metric_of_the_rows() {
    let (spec, _) = SPEC.split_once("[[claim]]").expect("claims");
    let scalar = "[[claim]]\nsays = \"It is alike.\"\nscalar = { curve = \"one\", measure = \"ssim\", at_db = 25, between = [0, 1] }\n";
    let mse =
        "[[claim]]\nsays = \"They are near.\"\ntracks = { curve = \"two\", reference = \"one\", within_mse = 0.9 }\n";
    let folder = folder(&format!("{spec}{scalar}{mse}"));
    let at = folder.path();
    done(at, &["sweep", "claims.toml"]);
    let claims = objects(&done(at, &["report", "claims.toml", "--json"]));
    assert_eq!([&claims[0]["verdict"], &claims[1]["verdict"]], ["pass"; 2]);
    assert!(claims[1]["numbers"]["largest"]["value"].is_number() && claims[1]["spread"][0]["mse_ci95"].is_array());
    for (typo, words) in [
        (scalar.replace("ssim", "ssmi"), ["line 20: unknown measure `ssmi` of curve `one`", "did you mean `ssim`?"]),
        (mse.replace("within_mse = 0.9", "metric = \"accuracy\", within_points = 1"), ["line 20: ", "`accuracy`"]),
    ] {
        write(&folder, &format!("{spec}{typo}"));
        done(at, &["sweep", "claims.toml"]);
        refused(at, &["report", "claims.toml"], &words);
    }
}

#[test]
fn claims_without_their_rows_are_refused() {
    let folder = folder(SPEC);
    let at = folder.path();
    refused(at, &["report", "claims.toml"], &["claims.jsonl", "cannot be read", "run `jscc sweep claims.toml` first"]);
    done(at, &["sweep", "claims.toml"]);
    let rows = std::fs::read_to_string(at.join("results/claims.jsonl")).expect("rows");
    let with = |rows: &str| std::fs::write(at.join("results/claims.jsonl"), rows).expect("written");
    with(&rows.lines().take(9).collect::<Vec<_>>().join("\n"));
    refused(at, &["report", "claims.toml"], &["curve `two`", "missing", "run `jscc sweep claims.toml` again"]);
    with("");
    refused(at, &["report", "claims.toml"], &["curve `one`", "missing"]);
    with(&format!("{rows}not a row\n"));
    refused(at, &["report", "claims.toml"], &["claims.jsonl, line 13", "not a row of results"]);
    with(&rows);
    // Words for people and the order of tables are not what was measured.
    write(&folder, &format!("# A comment.\n{}", SPEC.replace("[[claim]]\n", "[[claim]] # another\n")));
    done(at, &["report", "claims.toml", "--json"]);
    std::fs::remove_file(at.join("results/claims-claims.md")).expect("written");
    write(&folder, &SPEC.replace("within_db = 3", "within_db = 4"));
    refused(at, &["report", "claims.toml"], &["SHA-256", "run `jscc sweep claims.toml` again"]);
    write(&folder, &SPEC.replace("rival = \"one\"", "rival = \"oen\""));
    refused(at, &["report", "claims.toml"], &["claims.toml, line 24: unknown curve `oen`, expected"]);
    refused(at, &["sweep", "claims.toml"], &["unknown curve `oen`"]);
    write(&folder, SPEC.split_once("[[claim]]").expect("claims").0);
    refused(at, &["report", "claims.toml"], &["has no [[claim]] table"]);
    assert!(!at.join("results/claims-claims.md").exists(), "nothing is written for refused input");
    let help = done(at, &["report", "--help"]);
    assert!(help.contains("Example") && help.contains("--json") && help.contains("--results"), "{help}");
}
