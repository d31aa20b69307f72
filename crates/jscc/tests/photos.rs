//! Photographs from outside: `jscc send` to files of samples and captures, `jscc receive` back, and an experiment of `jscc photos`.

mod door;

use door::{done, jscc, refused, text};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A PNG of hills before a sky, 8 bits per colour, without compression.
fn photograph(path: &Path, width: u32, height: u32, is_grey: bool) {
    let colours: u32 = if is_grey { 1 } else { 3 };
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0);
        for x in 0..width {
            let (u, v) = (x as f32 / 60.0, y as f32 / height as f32);
            let is_hill = v > 0.5 + 0.2 * (3.0 * u).sin() + 0.05 * (17.0 * u).sin();
            let light = if is_hill { 0.35 + 0.2 * (50.0 * u * v).sin() } else { 0.9 - 0.4 * v };
            raw.extend((0..colours).map(|c| (255.0 * (light - 0.1 * c as f32)).clamp(0.0, 255.0) as u8));
        }
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |name: &[u8], data: &[u8]| {
        png.extend((data.len() as u32).to_be_bytes());
        let covered = [name, data].concat();
        png.extend(&covered);
        png.extend(crc(&covered).to_be_bytes());
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, if is_grey { 0 } else { 2 }, 0, 0, 0]].concat();
    chunk(b"IHDR", &header);
    chunk(b"IDAT", &stored(&raw));
    chunk(b"IEND", &[]);
    fs::write(path, png).expect("written");
}

/// A zlib stream of stored blocks.
fn stored(raw: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let count = raw.chunks(65_535).count();
    for (n, block) in raw.chunks(65_535).enumerate() {
        stream.push(u8::from(n + 1 == count));
        let length = block.len() as u16;
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for &octet in raw {
        a = (a + u32::from(octet)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

fn crc(octets: &[u8]) -> u32 {
    !octets.iter().fold(!0, |crc: u32, &octet| {
        (0..8).fold(crc ^ u32::from(octet), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

fn rows(folder: &Path, args: &[&str]) -> Vec<Value> {
    let args = [args, &["--json"]].concat();
    done(folder, &args).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name].as_f64().unwrap_or_else(|| panic!("{name} of {row}"))
}

#[test]
fn photographs_go_through_every_kind_of_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    photograph(&here.join("a.png"), 203, 158, false);
    photograph(&here.join("b.png"), 120, 90, true);
    for (file, more) in [
        ("air.cf32", &["--snr", "15"][..]),
        ("air.sigmf-meta", &["--ht", "--ladder", "12", "--snr", "20", "--impair", "cfo:20000"]),
        ("inject.pcap", &["--mtu", "4000", "--first", "41"]),
    ] {
        let sent = rows(here, &[&["send", "a.png", "b.png", "-o", file], more].concat());
        assert!(sent.iter().all(|row| row["codec"] == "photo"), "{sent:?}");
        let seen = rows(here, &["receive", file, "--reference", "a.png", "--reference", "b.png"]);
        assert_eq!(seen.len(), 2, "{file}");
        for (sent, seen) in sent.iter().zip(&seen) {
            assert_eq!(sent["image"], seen["reference"], "{file}");
            assert_eq!(sent["number"], seen["number"], "{file}");
            assert_eq!((&sent["width"], &sent["channels"]), (&seen["width"], &seen["channels"]));
            let away = number(seen, "psnr_db") - number(sent, "expected_psnr_db").min(34.0);
            assert!(away > -3.0, "{file}: {away} dB from what was expected: {sent} {seen}");
            assert!(here.join(seen["file"].as_str().expect("a name")).exists());
        }
    }
    // Those of the run before are gone.
    let mut left: Vec<_> =
        fs::read_dir(here.join("jscc-received")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["photo-041.png", "photo-042.png"]);
    let table = done(here, &["send", "a.png", "-o", "t.pcap", "--ladder", "9"]);
    assert!(table.contains("photo codec, for a receiver at 9 dB") && table.contains("expected dB"), "{table}");
}

#[test]
fn sequences_keep_their_pace_and_hold_what_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    fs::create_dir(here.join("walk")).expect("a folder");
    for n in 0..3 {
        photograph(&here.join(format!("walk/{n}.png")), 96 + 16 * (n / 3), 64, false);
    }
    let sent = rows(
        here,
        &["send", "walk", "--fps", "20", "--ladder", "20", "-o", "walk.cf32", "--gap", "680", "--lead", "200"],
    );
    assert_eq!(sent.len(), 3);
    // Picture n begins n twentieths of a second after the first: a million samples apart, 8 octets each.
    let per_picture = 1_000_000 * 8;
    let samples = fs::read(here.join("walk.cf32")).expect("samples");
    let is_silent = |part: &[u8]| part.iter().all(|octet| *octet == 0);
    for n in 1..3 {
        let start = 200 * 8 + n * per_picture;
        assert!(is_silent(&samples[start - 800..start]) && !is_silent(&samples[start..start + 800]), "picture {n}");
    }
    // The second is lost: silence in its place.
    let mut torn = samples.clone();
    torn[200 * 8 + per_picture..200 * 8 + 2 * per_picture].fill(0);
    fs::write(here.join("torn.cf32"), torn).expect("written");
    for (file, shows) in [("walk.cf32", [1, 2, 3]), ("torn.cf32", [1, 1, 3])] {
        let seen = rows(here, &["receive", file]);
        let shown: Vec<u64> = seen.iter().map(|row| row["shows"].as_u64().expect("a number")).collect();
        assert_eq!(shown, shows, "{file}");
        let names = ["photo-001.png", "photo-002.png", "photo-003.png", "sequence.png"];
        assert!(names.iter().all(|name| here.join("jscc-received").join(name).exists()), "{file}");
    }
    let out = jscc(here, &["send", "walk", "--fps", "1000", "-o", "no.pcap"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("pictures per second"), "{}", text(&out.stderr));
}

#[test]
fn a_lost_base_is_said_and_damage_is_welcome() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    photograph(&here.join("a.png"), 160, 128, false);
    done(here, &["send", "a.png", "--ladder", "20", "--snr", "6", "-o", "weak.cf32"]);
    let out = jscc(here, &["receive", "weak.cf32", "--codec", "photo"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("no photograph"), "{}", text(&out.stderr));
    // The same frames far below the SNR that they were sent for, but above the base's: worse, not lost.
    let send = |snr: &str| {
        rows(here, &["send", "a.png", "--ladder", "20", "--margin", "14", "--snr", snr, "-o", "n.cf32"]).remove(0)
    };
    let psnr = |snr: &str| {
        let sent = send(snr);
        let seen = rows(here, &["receive", "n.cf32", "--reference", "a.png"]).remove(0);
        assert_eq!(seen["detail_frames"], seen["detail_frames_sent"], "{seen}");
        (number(&seen, "psnr_db"), number(&sent, "base_psnr_db"))
    };
    let ((low, base), (high, _)) = (psnr("7"), psnr("25"));
    assert!(base - 1.0 < low && low < high, "base {base}, {low} at 7 dB, {high} at 25 dB");
}

#[test]
fn faults_are_one_clear_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    photograph(&here.join("a.png"), 64, 48, false);
    let send = |args: &[&str], words: &[&str]| refused(here, &[&["send"], args].concat(), words);
    send(&["a.png", "--rate", "54", "-o", "a.cf32"], &["--rate", "--codec digits"]);
    send(
        &["a.png", "--codec", "digits", "--margin", "3", "--rate", "54", "-o", "a.cf32"],
        &["--margin", "--codec photo"],
    );
    send(&["a.png", "--air-us", "80", "-o", "a.cf32"], &["a.png", "base alone", "air-time"]);
    send(&["a.png", "--mtu", "100", "-o", "a.cf32"], &["100 octets", "256 to 4095"]);
    send(&["a.png", "--ladder", "nan", "-o", "a.cf32"], &["--ladder"]);
    send(&["a.png", "--margin", "inf", "-o", "a.cf32"], &["--margin"]);
    send(&["none.png", "-o", "a.cf32"], &["none.png", "no such file"]);
    assert!(!here.join("a.cf32").exists(), "nothing is written");
    done(here, &["send", "a.png", "-o", "a.pcap"]);
    refused(here, &["receive", "a.pcap", "--codec", "photo", "--take", "mean"], &["--take", "digits"]);
    refused(here, &["receive", "a.pcap", "--codec", "photo", "--scrambler", "0"], &["scrambler state 0"]);
}

#[test]
fn an_experiment_is_measured_and_its_claims_decided() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    fs::create_dir(here.join("set")).unwrap();
    for n in 0..2 {
        photograph(&here.join(format!("set/{n}.png")), 200 + 16 * n, 192, false);
    }
    let spec = r#"
        name = "few"
        [data.folder]
        dir = "set"
        [photos]
        seeds = [1, 2, 3]
        snr_db = [5, 20]
        pixels_per_symbol = 192
        [[photos.curve]]
        label = "ours"
        send.photo = { margin_db = 3 }
        reception = "aided"
        [[photos.curve]]
        label = "half"
        send.photo = { margin_db = 3, lose = 0.5 }
        reception = "unaided"
        [[claim]]
        says = "lost frames do not help"
        beats = { curve = "ours", rival = "half", by_db = -3, from_db = 5, to_db = 20 }
    "#;
    fs::write(here.join("few.toml"), spec).unwrap();
    let rows = rows(here, &["photos", "few.toml"]);
    assert_eq!(rows.len(), 2 * 2 * 3);
    let psnr = |row: &Value| row["metrics"][0]["value"].as_f64().expect("a PSNR");
    assert!(rows.iter().all(|row| row["metrics"][0]["name"] == "psnr_db" && psnr(row) > 15.0), "{rows:?}");
    let claims = done(here, &["report", "few.toml"]);
    assert!(claims.contains("pass"), "{claims}");
    fs::write(here.join("odd.toml"), spec.replace("lose = 0.5", "lose = 2")).unwrap();
    refused(here, &["photos", "odd.toml"], &["odd.toml, line", "not within 0 to 1"]);
    let of_files = spec.replace("send.photo = { margin_db = 3 }", "send.file = { codecs = [\"avif\"], rates = [11] }");
    fs::write(here.join("odd.toml"), of_files).unwrap();
    refused(here, &["photos", "odd.toml"], &["files"]);
}

#[test]
fn a_small_network_is_trained_and_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    fs::create_dir(here.join("set")).expect("a folder");
    photograph(&here.join("set/a.png"), 80, 64, false);
    photograph(&here.join("set/b.png"), 64, 48, false);
    let spec = |air: &str| {
        format!(
            "name = \"small\"\n[data.folder]\ndir = \"set\"\n[restorer]\nvalidation = \"set\"\nbatch = 2\nblocks = 2\npool = 3\n\
             windows_each = 2\nfor_db = [5, 20]\noff_db = 1\nmargins_db = [0, 3]\nair = {air}\nlost = 0.3\ngrey = 0.5\n\
             [restorer.plan]\nnetwork = {{ maps = [4, 4, 4], pairs = 1 }}\nseed = 1\nsteps = 3\nlearning_rate = 1e-3\n\
             last_rate = 1e-4\nwarmup = 1\nmax_norm = 1.0\naverage = 0.9\n"
        )
    };
    fs::write(here.join("small.toml"), spec("[1.0, 2.0]")).expect("written");
    let trained = rows(here, &["train", "small.toml", "--out", "one"]);
    assert_eq!(trained[0]["gains_db"].as_array().map(Vec::len), Some(6), "{trained:?}");
    let weights = |run: &str| fs::read(here.join(run).join("small.safetensors")).expect("weights");
    done(here, &["train", "small.toml", "--out", "two"]);
    assert!(weights("one") == weights("two"), "the same seed gives the same bytes");
    // Done already: it only writes its file again.
    fs::remove_file(here.join("one/small.safetensors")).expect("removed");
    done(here, &["train", "small.toml", "--out", "one"]);
    assert!(weights("one") == weights("two"), "a finished run ends as before");
    fs::write(here.join("odd.toml"), spec("[2.0, 1.0]")).expect("written");
    refused(here, &["train", "odd.toml"], &["odd.toml", "air"]);
}
