//! What is listed: frames beside what is damaged, frames of kinds that the receiver does not have, from files and pipes.

use super::{air, done, good, refused, rows, text, write};
use jscc_phy::Complex32;
use jscc_phy::wifi::convolve::{EncoderState, encode};
use jscc_phy::wifi::ht_signal::HtSignal;
use jscc_phy::wifi::interleave::interleave;
use jscc_phy::wifi::ofdm::{N_CP, N_DATA, N_SYMBOL, Transform, pilots, spectrum};
use jscc_phy::wifi::preamble::N_FIELD;
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState, qam};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[test]
fn a_sample_that_is_no_number_loses_what_it_touches() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 3);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -3e38] {
        let mut damaged = air.clone();
        // Within the second frame, and in the silence before the first.
        damaged[10][0] = bad;
        (2600..2630).for_each(|place| damaged[place][1] = bad);
        write(&at.join("d.cf32"), &damaged);
        let (out, warnings) =
            done(at, &["wifi", "decode", "d.cf32", "--json", "--pcap", "d.pcap", "--annotate", "d.sigmf-meta"]);
        let found: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert!(good(&found) >= 2, "{bad}: {out}");
        let starts: Vec<u64> = found.iter().filter_map(|row| row["start"].as_u64()).collect();
        assert!(
            [500, 4260].iter().all(|&want| starts.iter().any(|start| start.abs_diff(want) < 3)),
            "{bad}: {starts:?}"
        );
        assert!(warnings.len() == 1 && warnings[0].contains(": 31, the first at 10;"), "{warnings:?}");
        let (last, frames) = found.split_last().expect("a row");
        assert_eq!(*last, json!({ "start": 10, "bad_samples": 31 }));
        assert_eq!(rows(at, &["wifi", "decode", "d.pcap"]).len(), frames.len());
        assert!(fs::read(at.join("d.cf32")).expect("there") == fs::read(at.join("d.sigmf-data")).expect("written"));
    }
    assert!(rows(at, &["wifi", "decode", "air.cf32"]).iter().all(|row| row["bad_samples"].is_null()), "none, no row");
    assert!(done(at, &["wifi", "decode", "--help"]).0.contains("bad_samples"));
    write(&at.join("nan.cf32"), &vec![[f32::NAN; 2]; 3000]);
    let all = ["wifi", "decode", "nan.cf32", "--pcap", "n.pcap", "--annotate", "n.sigmf-meta"];
    refused(at, &all, &["nan.cf32", "each of its 3000 samples is not a finite number", "cf32"]);
    assert!(!at.join("n.pcap").exists() && !at.join("n.sigmf-data").exists());
}

#[test]
fn pipes_are_read_once() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let air = air(at, 2);
    let made = Command::new("mkfifo").arg(at.join("f.cf32")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
    for args in [&["wifi", "plot", "--frame", "2", "-o", "p.svg"][..], &["wifi", "trace"], &["wifi", "decode"]] {
        let bytes = fs::read(at.join("air.cf32")).expect("written");
        let fifo = at.join("f.cf32");
        let writer = std::thread::spawn(move || fs::write(fifo, bytes));
        let out = done(at, &[args, &["f.cf32"]].concat()).0;
        // A reader that has what it wants closes the pipe.
        let _ = writer.join().expect("no panic");
        let file = fs::File::open(at.join("air.cf32")).expect("written");
        let piped = Command::new(env!("CARGO_BIN_EXE_jscc"))
            .args([args, &["-", "--format", "cf32"]].concat())
            .current_dir(at)
            .stdin(Stdio::from(file))
            .output()
            .expect("the binary runs");
        assert_eq!(text(&piped.stdout), out, "{}", text(&piped.stderr));
    }
    assert_eq!(air.len(), 3760);
}

/// An HT frame of MCS 3 and 500 octets, in some noise, with the other value for a bit of HT-SIG.
fn other_kind(at: &Path, bit: usize) {
    let ppdu = Ppdu::long_guard(Mcs::HT[3], 500);
    let mut frame = transmit(&[0x5A; 500], ppdu, ScramblerState::EXAMPLE, &Transform::default());
    let mut bits = HtSignal::of(ppdu).to_bits();
    bits[bit] ^= 1;
    seal(&mut bits);
    let coded = interleave(&encode(&bits, EncoderState::default()), Mcs::SIGNAL);
    let points: Vec<_> = qam::map(&coded, Mcs::SIGNAL.modulation()).iter().map(|x| x * Complex32::I).collect();
    let mut field = Vec::new();
    for (n, points) in points.chunks_exact(N_DATA).enumerate() {
        Transform::default().modulate(&spectrum(points, pilots(1 + n)), N_CP, &mut field);
    }
    let begin = 2 * N_FIELD + N_SYMBOL;
    frame[begin..begin + field.len()].copy_from_slice(&field);
    let mut samples = [vec![[0.0; 2]; 500], frame.iter().map(|x| [x.re, x.im]).collect(), vec![[0.0; 2]; 500]].concat();
    // Without any noise at all, silence is like itself.
    let noise = (0..u64::MAX).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / 8_388_608.0 - 1.0);
    samples.iter_mut().flatten().zip(noise).for_each(|(number, noise)| *number += 0.003 * noise);
    write(&at.join("other.cf32"), &samples);
}

/// The check sequence of HT-SIG, 19.3.9.4.4.
fn seal(bits: &mut [u8; 48]) {
    let register = bits[..34].iter().fold(0xff_u8, |register, bit| (register << 1) ^ ((register >> 7 ^ bit) * 0b111));
    bits[34..42].iter_mut().enumerate().for_each(|(i, bit)| *bit = !register >> (7 - i) & 1);
}

/// Scheme and length stand in HT-SIG whatever else it says.
#[test]
fn refused_frames_tell_what_their_header_tells() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    for (bit, kind, mcs, streams) in [
        (30, "ldpc", 3, 1),
        (28, "stbc", 3, 1),
        (7, "40-mhz", 3, 1),
        (32, "extension-streams", 3, 1),
        (3, "streams", 11, 2),
    ] {
        other_kind(at, bit);
        let rows = rows(at, &["wifi", "decode", "other.cf32"]);
        let row = rows.first().expect("a refused frame");
        assert_eq!((&row["kind"], &row["format"]), (&json!(kind), &json!("ht")), "{row}");
        assert_eq!(
            (&row["mcs"], &row["streams"], &row["length"]),
            (&json!(mcs), &json!(streams), &json!(500)),
            "{row}"
        );
    }
}

/// A frame of two streams on the air, as its header says.
#[test]
fn a_frame_of_two_streams_on_the_air_tells_what_is_known() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/vectors/captures"].iter().collect();
    if !folder.join("neg-ht_unsupport.ci16").is_file() {
        let skipped = "skipped: a_frame_of_two_streams_on_the_air_tells_what_is_known: no shared/vectors";
        writeln!(std::io::stderr(), "{skipped}").expect("open");
        return;
    }
    let rows = rows(&folder, &["wifi", "decode", "neg-ht_unsupport.ci16"]);
    let row = rows.iter().find(|row| !row["refused"].is_null()).expect("a refused frame");
    assert_eq!((&row["kind"], &row["mcs"], &row["streams"]), (&json!("streams"), &json!(8), &json!(2)), "{row}");
    assert_eq!((&row["format"], &row["length"]), (&json!("ht"), &json!(100)), "{row}");
}
