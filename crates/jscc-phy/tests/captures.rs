//! Recorded air: every frame of the captures beside the checkout, byte for byte, and nothing from those that hold none.

use jscc_phy::Complex32;
use jscc_phy::wifi::mcs::Format;
use jscc_phy::wifi::receive::Lost;
use jscc_phy::wifi::receiver::{Receiver, Reception};
use jscc_phy::wifi::{Guard, Mcs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

fn folder(test: &str) -> Option<PathBuf> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/vectors/captures"].iter().collect();
    let is_there = folder.join("manifest.json").is_file();
    if !is_there {
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "skipped: {test}: no shared/vectors/captures").expect("the error stream is open");
    }
    is_there.then_some(folder)
}

fn samples(folder: &std::path::Path, name: &str) -> Vec<Complex32> {
    let bytes = std::fs::read(folder.join(name)).expect("the manifest names files that are there");
    if std::path::Path::new(name).extension().is_some_and(|extension| extension == "cf32") {
        let number = |b: &[u8]| f32::from_le_bytes(b.try_into().expect("4 bytes"));
        return bytes.chunks_exact(8).map(|b| Complex32::new(number(&b[..4]), number(&b[4..]))).collect();
    }
    let number = |b: &[u8]| f32::from(i16::from_le_bytes(b.try_into().expect("2 bytes"))) / 32768.0;
    bytes.chunks_exact(4).map(|b| Complex32::new(number(&b[..2]), number(&b[2..]))).collect()
}

/// Everything that a receiver tells of samples pushed in pieces.
fn hear(samples: &[Complex32], piece: usize) -> Vec<Reception> {
    let (mut receiver, mut told) = (Receiver::new(), Vec::new());
    for piece in samples.chunks(piece) {
        receiver.push(piece, |reception| told.push(reception));
    }
    receiver.finish(|reception| told.push(reception));
    told
}

fn manifest(folder: &std::path::Path) -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(folder.join("manifest.json")).expect("readable");
    let Value::Object(files) = serde_json::from_str(&text).expect("JSON") else { panic!("an object") };
    files
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |hex, octet| hex + &format!("{octet:02x}"))
}

/// Rate, guard, PSDU and scrambler state of a frame of the manifest.
fn wanted(frame: &Value) -> (Mcs, Guard, &str, u64) {
    let number = |name: &str| frame[name].as_u64().unwrap_or_else(|| panic!("{name} of {frame}"));
    let mcs = match frame.get("mcs") {
        Some(mcs) if !mcs.is_null() => Mcs::HT[mcs.as_u64().expect("number") as usize],
        _ => {
            frame["rate"].as_u64().or(frame["lsig_rate"].as_u64()).expect("a rate").to_string().parse().expect("a rate")
        }
    };
    let guard = if mcs.format() == Format::Ht && number("sgi") == 1 { Guard::Short } else { Guard::Long };
    (mcs, guard, frame["psdu_hex"].as_str().expect("hex"), number("scrambler_init_x1lsb"))
}

#[test]
fn every_known_frame_is_received() {
    let Some(folder) = folder("every_known_frame_is_received") else { return };
    let (mut known, mut good) = (0, 0);
    let mut missing = Vec::new();
    for (name, file) in manifest(&folder) {
        let told = hear(&samples(&folder, &name), 5000);
        let frames: Vec<_> = told
            .iter()
            .filter_map(|reception| match reception {
                Reception::Frame(frame) if frame.fcs_ok() => Some(frame),
                _ => None,
            })
            .collect();
        good += frames.len();
        let mut left = frames.iter();
        for frame in file["frames"].as_array().expect("frames").iter().filter(|frame| frame["fcs_ok"] == true) {
            known += 1;
            let (mcs, guard, psdu, scrambler) = wanted(frame);
            let found = left.by_ref().find(|heard| hex(&heard.psdu) == psdu);
            match found {
                Some(heard) => {
                    assert_eq!((heard.ppdu.mcs(), heard.ppdu.guard()), (mcs, guard), "{name}");
                    assert_eq!(u64::from(heard.scrambler.get()), scrambler, "{name}");
                    let cfo_hz = frame["cfo_hz"].as_f64().expect("number");
                    assert!((heard.cfo_hz() - cfo_hz).abs() < 3000.0, "{name}: {} Hz, {cfo_hz}", heard.cfo_hz());
                }
                None => missing.push(format!("{name}: {frame}")),
            }
        }
        assert!(!name.starts_with("neg-") || frames.is_empty(), "{name}: {} frames", frames.len());
    }
    println!("{good} frames with a good FCS, {known} of them in the manifest");
    assert!(missing.is_empty(), "{} of {known} missing:\n{}", missing.len(), missing.join("\n"));
    assert_eq!(known, 354);
    assert!(good >= 358, "{good} frames; four ACKs are not in the manifest");
}

#[test]
fn what_is_not_supported_is_named() {
    let Some(folder) = folder("what_is_not_supported_is_named") else { return };
    let reasons = |name: &str| -> Vec<String> {
        let told = hear(&samples(&folder, name), 10_000);
        let reason = |reception| match reception {
            Reception::Lost { why: why @ Lost::Unsupported(_), .. } => Some(why.to_string()),
            _ => None,
        };
        told.into_iter().filter_map(reason).collect()
    };
    assert_eq!(reasons("neg-ht_unsupport.ci16"), ["HT MCS 8, which has 2 spatial streams, is not supported"]);
    assert_eq!(reasons("md-anafi2.ci16"), ["an HT frame with space-time block coding (STBC) is not supported"]);
    let radiated: usize = ["6.5", "19.5", "26"]
        .iter()
        .flat_map(|rate| reasons(&format!("oo-radiated-11n-{rate}.ci16")))
        .filter(|reason| reason.contains("MCS 14") || reason.contains("MCS 15"))
        .count();
    assert!(radiated >= 9, "{radiated}; the manifest has 9");
}

/// An Atheros card's scrambler state rises by one from frame to frame, acknowledgements included.
#[test]
fn scrambler_states_rise_by_one() {
    let Some(folder) = folder("scrambler_states_rise_by_one") else { return };
    let mut steps = 0;
    for (name, file) in manifest(&folder).iter().filter(|(name, _)| name.starts_with("oo-conducted-")) {
        let known: Vec<&str> =
            file["frames"].as_array().expect("frames").iter().filter_map(|frame| frame["psdu_hex"].as_str()).collect();
        let states: Vec<u8> = hear(&samples(&folder, name), usize::MAX)
            .iter()
            .filter_map(|reception| match reception {
                // The other station's acknowledgements, which the manifest lacks, have a counter of their own.
                Reception::Frame(frame) if known.contains(&&*hex(&frame.psdu)) => Some(frame.scrambler.get()),
                _ => None,
            })
            .collect();
        for pair in states.windows(2) {
            assert_eq!(pair[1], pair[0] % 127 + 1, "{name}: {states:?}");
            steps += 1;
        }
    }
    assert!(steps > 200, "{steps} steps");
}

#[test]
fn pieces_make_no_difference() {
    let Some(folder) = folder("pieces_make_no_difference") else { return };
    for name in ["oo-radiated-11n-26.ci16", "md-wifi_54mbps_1frame.ci16"] {
        let samples = samples(&folder, name);
        let whole = format!("{:?}", hear(&samples, usize::MAX));
        for piece in [1, 79, 4096, 5001] {
            assert!(format!("{:?}", hear(&samples, piece)) == whole, "{name}, pieces of {piece}");
        }
    }
}
