//! Any rate, any format, I and Q either way.

use super::{Samples, air, done, good, refused, rows, write};
use serde_json::{Value, json};
use std::f64::consts::PI;
use std::fs;

/// The same signal at another rate, band-limited to ±10 MHz: a windowed sinc.
fn at_rate(samples: &[[f32; 2]], rate: f64) -> Samples {
    const SIDE: i64 = 48;
    let ratio = 20e6 / rate;
    let sinc = |x: f64| if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let one = |n: usize| {
        let at = n as f64 * ratio;
        let (mut re, mut im) = (0.0, 0.0);
        for k in (at as i64 - SIDE).max(0)..(at as i64 + SIDE).min(samples.len() as i64) {
            let x = at - k as f64;
            let weight = sinc(x) * (0.5 + 0.5 * (PI * x / (SIDE + 1) as f64).cos());
            re += f64::from(samples[k as usize][0]) * weight;
            im += f64::from(samples[k as usize][1]) * weight;
        }
        [re as f32, im as f32]
    };
    (0..(samples.len() as f64 / ratio) as usize).map(one).collect()
}

/// The signal moved in frequency and made stronger.
fn moved(samples: &[[f32; 2]], hz: f64, rate: f64, gain: f32) -> Samples {
    let turn = |(n, [re, im]): (usize, &[f32; 2])| {
        let (sin, cos) = (2.0 * PI * (hz / rate * n as f64).fract()).sin_cos();
        let (sin, cos) = (sin as f32 * gain, cos as f32 * gain);
        [re * cos - im * sin, re * sin + im * cos]
    };
    samples.iter().enumerate().map(turn).collect()
}

#[test]
fn any_rate_above_20_is_decoded_as_20_is() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 3);
    let straight = rows(at, &["wifi", "decode", "air.cf32"]);
    assert_eq!(good(&straight), 3);
    for rate in [25e6, 40e6, 50e6, 56e6, 61.44e6, 33_333_333.3, 20.01e6] {
        let mut high = at_rate(&air, rate);
        // The next channel, 20 dB stronger.
        if rate > 60e6 {
            let other = moved(&at_rate(&air[700..], rate), 20e6, rate, 10.0);
            high.iter_mut().flatten().zip(other.iter().flatten()).for_each(|(number, other)| *number += other);
        }
        write(&at.join("high.cf32"), &high);
        let hz = rate.to_string();
        let found = rows(at, &["wifi", "decode", "high.cf32", "--rate", &hz]);
        assert_eq!((found.len(), good(&found)), (3, 3), "{rate}");
        for (high, low) in found.iter().zip(&straight) {
            for key in ["start", "end"] {
                let want = low[key].as_f64().expect("a number") * rate / 20e6;
                let off = high[key].as_f64().expect("a number") - want;
                assert!(off.abs() <= 2.0 * rate / 20e6, "{rate} {key}: {off}");
            }
            assert_eq!(high["psdu_hex"], low["psdu_hex"], "{rate}");
            for (key, most) in [("cfo_hz", 600.0), ("snr_db", 2.0), ("evm_db", 2.0)] {
                let off = high[key].as_f64().expect("a number") - low[key].as_f64().expect("a number");
                assert!(off.abs() < most, "{rate} {key}: {off}");
            }
        }
    }
}

#[test]
fn what_is_kept_of_another_rate_tells_its_samples_and_times() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let rate = 61.44e6;
    write(&at.join("high.cf32"), &at_rate(&air(at, 2), rate));
    let found = rows(
        at,
        &["wifi", "decode", "high.cf32", "--sample-rate", "61.44e6", "--pcap", "h.pcap", "--annotate", "h.sigmf-meta"],
    );
    assert_eq!(good(&found), 2);
    let bytes = |name: &str| fs::read(at.join(name)).expect("written");
    assert!(bytes("high.cf32") == bytes("h.sigmf-data"), "the samples as they were");
    let meta: Value = serde_json::from_slice(&bytes("h.sigmf-meta")).expect("JSON");
    assert_eq!(meta["global"]["core:sample_rate"], rate);
    let packets = rows(at, &["wifi", "decode", "h.pcap"]);
    for ((row, note), packet) in found.iter().zip(meta["annotations"].as_array().expect("a list")).zip(&packets) {
        let [start, end] = ["start", "end"].map(|key| row[key].as_u64().expect("a number"));
        assert_eq!(
            (note["core:sample_start"].as_u64(), note["core:sample_count"].as_u64()),
            (Some(start), Some(end - start))
        );
        let off = packet["time_s"].as_f64().expect("a number") - start as f64 / rate;
        assert!(off.abs() < 2e-6, "{off}");
    }
    // The same rate is read again from the description, by every command.
    assert_eq!(rows(at, &["wifi", "decode", "h.sigmf-meta"]), found);
    assert!(done(at, &["wifi", "trace", "h.sigmf-meta", "--frame", "2"]).0.contains("verdict   right"));
    assert!(done(at, &["wifi", "trace", "high.cf32", "--sample-rate", "61.44e6"]).0.contains("verdict   right"));
    let plot = ["wifi", "plot", "high.cf32", "--rate", "61.44e6", "-o", "p.png"];
    assert_eq!(rows(at, &plot)[0], found[0]);
    let emulate = ["emulate", "h.sigmf-meta", "--rate", "54", "--start", "1536", "--count", "3072", "-o", "e.cf32"];
    assert_eq!(rows(at, &emulate)[0]["samples"], 960, "1000 of 20 Msample/s, in whole symbols");
}

#[test]
fn rates_that_cannot_be_are_refused_in_a_line() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    fs::write(at.join("a.ci8"), [0; 4000]).expect("written");
    let with = |rate: &str, words: &[&str]| {
        for command in [&["wifi", "decode"][..], &["wifi", "plot", "-o", "p.png"], &["receive"]] {
            refused(at, &[command, &["a.ci8", "--rate", rate]].concat(), words);
        }
        refused(at, &["wifi", "trace", "a.ci8", "--sample-rate", rate], words);
        refused(at, &["emulate", "a.ci8", "--rate", "54", "-o", "e.cf32", "--sample-rate", rate], words);
    };
    with("10e6", &["10000000", "10 of the 20 MHz", "20e6"]);
    with("19.9e6", &["19900000", "19.9 of the 20 MHz"]);
    for rate in ["NaN", "0", "-20e6", "1e30", "inf"] {
        with(rate, &["no rate of a radio", "20e6"]);
    }
    for odd in ["19.99999e6", "20.00001e6"] {
        done(at, &["wifi", "decode", "a.ci8", "--rate", odd]);
    }
    fs::write(at.join("s.sigmf-data"), [0; 4000]).expect("written");
    for (rate, word) in [(json!(1e30), "1e30"), (json!(-1), "core:sample_rate is -1"), (json!(5e6), "5 of the 20 MHz")]
    {
        let meta = json!({ "global": { "core:datatype": "ci8", "core:version": "1.0.0", "core:sample_rate": rate } });
        fs::write(at.join("s.sigmf-meta"), meta.to_string()).expect("written");
        refused(at, &["wifi", "decode", "s.sigmf-meta"], &[word]);
    }
    assert!(!at.join("p.png").exists() && !at.join("e.cf32").exists());
}

/// The bytes of samples in a format, by its SigMF name.
fn stored(samples: &[[f32; 2]], format: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for &number in samples.iter().flatten() {
        let number = f64::from(number) / 8.0;
        let mut code = match &format[1..format.len() - 3] {
            "f32" => (number as f32).to_le_bytes().to_vec(),
            "f64" => number.to_le_bytes().to_vec(),
            "i32" => ((number * 2f64.powi(31)) as i32).to_le_bytes().to_vec(),
            "i16" => ((number * 32768.0) as i16).to_le_bytes().to_vec(),
            "u32" => ((number * 2f64.powi(31) + 2f64.powi(31)) as u32).to_le_bytes().to_vec(),
            "u16" => ((number * 32768.0 + 32768.0) as u16).to_le_bytes().to_vec(),
            other => panic!("{other}"),
        };
        if format.ends_with("be") {
            code.reverse();
        }
        bytes.extend(code);
    }
    bytes
}

#[test]
fn every_format_is_decoded_and_real_numbers_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 1);
    for kind in ["cf32", "cf64", "ci32", "ci16", "cu32", "cu16"] {
        for order in ["le", "be"] {
            let format = format!("{kind}_{order}");
            let bytes = stored(&air, &format);
            fs::write(at.join("a.bin"), &bytes).expect("written");
            assert_eq!(good(&rows(at, &["wifi", "decode", "a.bin", "--format", &format])), 1, "{format}");
            let meta = json!({ "global": { "core:datatype": format, "core:version": "1.2.0" } });
            fs::write(at.join("a.sigmf-meta"), meta.to_string()).expect("written");
            fs::write(at.join("a.sigmf-data"), &bytes).expect("written");
            let found = rows(at, &["wifi", "decode", "a.sigmf-meta", "--annotate", "b.sigmf-meta"]);
            assert_eq!(good(&found), 1, "{format}");
            assert!(fs::read(at.join("b.sigmf-data")).expect("written") == bytes, "{format}: copied as it is");
        }
    }
    fs::copy(at.join("air.cf32"), at.join("air.rf32")).expect("copied");
    refused(at, &["wifi", "decode", "air.rf32"], &["air.rf32", "real numbers", "cf32"]);
    fs::write(at.join("a.sigmf-meta"), r#"{"global":{"core:datatype":"ri16_le"}}"#).expect("written");
    refused(at, &["wifi", "decode", "a.sigmf-meta"], &["core:datatype", "ri16_le", "real numbers"]);
    let help = done(at, &["wifi", "decode", "--help"]).0;
    assert!(help.contains("cf64") && help.contains("_be") && help.contains("--swap-iq"), "{help}");
    done(at, &["wifi", "encode", "--rate", "6", "--psdu", "beef", "--fcs", "-o", "e.ci32_be"]);
    assert_eq!(good(&rows(at, &["wifi", "decode", "e.ci32_be"])), 1);
}

#[test]
fn exchanged_i_and_q_are_hinted_at_and_can_be_said() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 2);
    let swapped: Samples = air.iter().map(|&[i, q]| [q, i]).collect();
    write(&at.join("s.cf32"), &swapped);
    let (_, warnings) = done(at, &["wifi", "decode", "s.cf32"]);
    assert!(warnings.len() == 1 && warnings[0].contains("--swap-iq"), "{warnings:?}");
    let (_, warnings) = done(at, &["wifi", "decode", "air.cf32"]);
    assert!(warnings.is_empty(), "{warnings:?}");
    // One frame straight among those that are not.
    write(&at.join("both.cf32"), &[&swapped[..], &air].concat());
    assert!(done(at, &["wifi", "decode", "both.cf32"]).1.is_empty());
    assert_eq!(rows(at, &["wifi", "decode", "s.cf32", "--swap-iq"]), rows(at, &["wifi", "decode", "air.cf32"]));
    refused(at, &["wifi", "plot", "s.cf32", "-o", "p.png"], &["none of its 0 frames", "--swap-iq"]);
    assert_eq!(rows(at, &["wifi", "plot", "s.cf32", "--swap-iq", "-o", "p.png"]).len(), 1);
    assert!(done(at, &["wifi", "trace", "s.cf32", "--swap-iq"]).0.contains("verdict   right"));
    refused(at, &["wifi", "trace", "--swap-iq", "--rate", "54", "--psdu", "00"], &["of a recording"]);
    let noise: Samples = (0..200_000u64)
        .map(|n| [0, 1].map(|k| ((n * 2 + k).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f32 / 8_388_608.0 - 1.0))
        .collect();
    write(&at.join("noise.cf32"), &noise);
    assert!(done(at, &["wifi", "decode", "noise.cf32"]).1.is_empty());
}
