//! `jscc send --ladder`: the frames of ours, from outside.

mod door;
mod strokes;

use door::{done, jscc, refused, text};
use serde_json::Value;
use std::path::Path;
use strokes::with_pictures;

/// The JSON objects that a command prints.
fn rows(folder: &Path, args: &[&str]) -> Vec<Value> {
    let args = [args, &["--json"]].concat();
    done(folder, &args).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Every frame of ours' ladder goes through files of samples and captures, and says its room by its length.
#[test]
fn frames_of_the_ladder_come_back() {
    let folder = with_pictures(3);
    let here = folder.path();
    for (ladder, room, mbps) in [
        ("-3", "spread", 54.0),
        ("8", "roomy", 24.0),
        ("11", "roomy", 36.0),
        ("14", "roomy", 48.0),
        ("20", "roomy", 54.0),
    ] {
        let images = ["0.png", "1.png", "2.png"];
        for (file, more) in [("air.cf32", &["--header"][..]), ("inject.pcap", &[])] {
            let send = [&["send", "--codec", "digits"][..], &images, &["--ladder", ladder, "-o", file], more].concat();
            let sent = rows(here, &send);
            assert!(sent.iter().all(|row| row["rate_mbps"] == mbps), "{ladder}: {sent:?}");
            let references = images.iter().flat_map(|image| ["--reference", image]);
            let receive: Vec<_> = ["receive", file].into_iter().chain(references).collect();
            let received = rows(here, &receive);
            assert_eq!(received.len(), 3, "{ladder} dB in {file}");
            for (sent, received) in sent.iter().zip(&received) {
                assert_eq!(received["room"], room, "{ladder} dB in {file}");
                let [best, got] = [&sent["best_psnr_db"], &received["psnr_db"]].map(|db| db.as_f64().expect("finite"));
                assert!((got - best).abs() < 0.01, "{ladder} dB in {file}: {got} dB of {best}");
            }
        }
    }
    refused(here, &["send", "--codec", "digits", "0.png", "--ladder", "nan", "-o", "a.cf32"], &["--ladder", "NaN"]);
    refused(here, &["send", "--codec", "digits", "0.png", "--ladder", "9", "--sgi", "-o", "a.cf32"], &["--sgi"]);
    let room = jscc(here, &["send", "--codec", "digits", "0.png", "--rate", "54", "--room", "wide", "-o", "a.cf32"]);
    assert!(room.status.code() == Some(2) && text(&room.stderr).contains("plain, spread or roomy"));
}
