//! D2AJSCC from outside: its three stages trained, evaluated, probed; what does not fit together refused.

mod door;
mod rows;

use door::{done, refused};
use rows::metric;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

const LINK: &str = r#"link.waveform = { rate = 54, inversion = "exact", tones = "contiguous", roll_off = 0.5, samples_per_symbol = 4, span = 8, centre = 14, aim = "waveform", framing = "bare", receive = "bits", hand = "waveform", reception = "aided", images_per_frame = 10 }"#;

/// The three stages, each with a few steps, and curves and fidelity of what they give.
fn spec() -> String {
    let stage = |name: &str, turns: &[(&str, &str)]| {
        let turn = |(learns, objective): &(&str, &str)| {
            format!("[[train.stage.turn]]\nlearns = [{learns}]\nobjective = {objective}\nsteps = 2\n")
        };
        let turns: String = turns.iter().map(turn).collect();
        format!(
            "[[train.stage]]\nname = \"{name}\"\nepochs = 1\nlearning_rate = 1e-3\nsnr_db = [0, 20]\n{LINK}\n{turns}"
        )
    };
    let codec = "\"encoder\", \"decoder\", \"compensation\"";
    let stages = [
        stage("compensation", &[("\"compensation\"", "\"compensate\"")]),
        stage("proxy", &[("\"proxy\"", "\"imitate\"")]),
        stage("joint", &[(codec, "{ proxy = 1, compensate = 0.01 }"), ("\"proxy\"", "\"imitate\"")]),
    ];
    let weights = "weights = \"runs/d2a/d2a.safetensors\"";
    format!(
        "name = \"d2a\"\n[data.digits]\nseed = 1\nimages = 120\n[train]\nmethod = \"d2ajscc\"\nk = 12\nseeds = [1]\nbatch = 20\n{}\
         [sweep]\nseed = 1\nsnr_db = [5, 25]\nimages = 25\n[[sweep.curve]]\nlabel = \"d2a\"\n{weights}\n{LINK}\n\
         [fidelity]\n{weights}\nseed = 1\nsnr_db = [20]\nframes = 1\npairs = 4\n{LINK}\n",
        stages.concat()
    )
}

fn folder(spec: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("d2a.toml"), spec).expect("written");
    folder
}

#[test]
fn d2ajscc_is_trained_deployed_and_probed() {
    let folder = folder(&spec());
    let at = folder.path();
    done(at, &["train", "d2a.toml"]);
    let card = std::fs::read_to_string(at.join("runs/d2a/d2a.md")).expect("a card");
    for words in [
        "D2AJSCC (`d2ajscc`)",
        "proxy for 2 steps, making imitate smaller",
        "making 0.01 compensate + proxy smaller",
        "waveform handed over",
    ] {
        assert!(card.contains(words), "`{words}` is not in {card}");
    }
    let log = std::fs::read_to_string(at.join("runs/d2a/metrics.jsonl")).expect("a log");
    assert!(log.contains("\"objective\":\"compensate\"") && log.contains("\"objective\":\"imitate\""), "{log}");
    let rows = done(at, &["eval", "d2a.toml", "--json"]);
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(rows.len() == 2 && rows.iter().all(|row| row["images"] == 25), "a frame that is not full: {rows:?}");
    let rows = done(at, &["fidelity", "d2a.toml", "--json"]);
    let row: Value = serde_json::from_str(rows.trim()).expect("a row");
    assert!(metric(&row, "cosine_straight_estimated").is_some_and(|cosine| cosine.abs() <= 1.0), "{row}");
    assert_eq!(std::fs::read_to_string(at.join("results/d2a.jsonl")).expect("rows"), rows);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let spec = spec();
    let with = |from: &str, to: &str| {
        assert!(spec.contains(from), "`{from}`");
        folder(&spec.replacen(from, to, 1))
    };
    let wrong = |from: &str, to: &str, words: &[&str]| refused(with(from, to).path(), &["train", "d2a.toml"], words);
    wrong("\"d2ajscc\"", "\"d3ajscc\"", &["line 6", "did you mean `d2ajscc`"]);
    wrong("batch = 20", "batch = 16", &["batch = 16", "10 images at once"]);
    wrong("\"d2ajscc\"", "\"deepjscc\"", &["deepjscc has no part `compensation`"]);
    wrong("[\"compensation\"]", "[\"compensator\"]", &["line 17", "did you mean `compensation`"]);
    wrong("\"compensate\"", "\"compnsate\"", &["line 18", "did you mean `compensate`"]);
    wrong("compensate = 0.01", "compensate = -1", &["-1 is not 0 or a positive number"]);
    wrong("batch = 20", "batch = 20\nconfig = { proxy_mops = 3 }", &["line 10", "did you mean `proxy_maps`"]);
    wrong("batch = 20", "batch = 20\nconfig = { proxy_maps = [16, 32] }", &["line 10", "2 sizes, not 3"]);
    wrong("batch = 20", "batch = 20\ntask = \"execute\"", &["d2ajscc cannot be trained to execute"]);
    wrong("hand = \"waveform\"", "hand = \"symbols\"", &["d2ajscc", "hand = \"waveform\""]);
    wrong("roll_off = 0.5", "roll_off = 0.4", &["roll_off 0.5"]);
    wrong("images_per_frame = 10", "images_per_frame = 5", &["images_per_frame 10"]);
    let exact = "link.wifi = { rate = 54, inversion = \"exact\", framing = \"bare\", receive = \"bits\", reception = \"aided\", images_per_frame = 10, room = \"spread\" }";
    wrong(LINK, exact, &["inversion = \"trellis\""]);
    wrong(
        LINK,
        "link.bits = { rate = 54, number = \"fixed17\", reception = \"aided\", images_per_frame = 10 }",
        &["fixed1 to fixed16"],
    );
    let folder = with("[fidelity]", "[unused]");
    refused(folder.path(), &["fidelity", "d2a.toml"], &["unused", "fidelity"]);
}

/// A codec of symbols has no ProxyNet.
#[test]
fn fidelity_is_of_d2ajscc() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let weights = models.join("deepjscc-mnist-k48-ideal.safetensors");
    let spec = spec().replace("\"runs/d2a/d2a.safetensors\"", &format!("{:?}", weights.display().to_string()));
    let folder = folder(&spec);
    refused(folder.path(), &["fidelity", "d2a.toml"], &["deepjscc", "cannot decode what this link delivers"]);
    refused(folder.path(), &["eval", "d2a.toml"], &["deepjscc", "cannot decode what this link delivers"]);
    assert!(!folder.path().join("results").exists(), "nothing is written for refused input");
}

#[test]
fn methods_are_listed() {
    let folder = tempfile::tempdir().expect("folder");
    let table = done(folder.path(), &["methods"]);
    for words in ["data recovery", "task execution", "robust training", "not required", "DeepJSCC", "D2AJSCC"] {
        assert!(table.contains(words), "`{words}` is not in:\n{table}");
    }
    let adaptation = table.lines().find(|line| line.starts_with("feature adaptation")).expect("a family");
    for words in ["required", "SNR, none", "SNR, noise map", "adjscc [16]", "snr_map [29]"] {
        assert!(adaptation.contains(words), "`{words}` is not in: {adaptation}");
    }
    let note = "snr_map [29]: the survey says channel information is required; here none at the encoder, noise map at the decoder";
    assert!(table.lines().any(|line| line == note), "{table}");
    let rows = done(folder.path(), &["methods", "--json"]);
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let named = |name: &str| rows.iter().find(|row| row["name"] == name).expect("in the list");
    let d2a = named("d2ajscc");
    assert_eq!((&d2a["encoder_is_told"], &d2a["images_per_pass"]), (&"nothing".into(), &10.into()));
    assert_eq!(d2a["config"]["proxy_maps"], serde_json::json!([16, 32, 64]));
    assert!(d2a["objectives"].as_array().expect("a list").contains(&"guide".into()));
    let size =
        |name: &str, i: usize| (named(name)["sizes"][i]["k"].clone(), named(name)["sizes"][i]["weights"].clone());
    assert_eq!([size("deepjscc", 0).0, size("adjscc", 0).0, size("adjscc", 1).0], [48, 49, 256].map(Value::from));
    assert!(rows.iter().all(|row| row["sizes"][0]["weights"].as_u64() > Some(1000)));
    let notes = |name: &str| named(name)["note"].as_str();
    assert!(notes("snr_map").is_some() && notes("adjscc").is_none() && notes("deepjscc").is_none());
}
