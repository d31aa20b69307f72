//! The standard's worked example, stage by stage and sample by sample, all eight rates, and HT. Vectors and their source:
//! `tests/vectors/README.md`. Where the folder `shared/vectors` stands beside the checkout, the annex tables too.

use jscc_phy::Complex32;
use jscc_phy::bits::to_bits;
use jscc_phy::wifi::convolve::{EncoderState, encode};
use jscc_phy::wifi::ht_signal::HtSignal;
use jscc_phy::wifi::interleave::interleave;
use jscc_phy::wifi::ofdm::{DATA_TONES, HT_DATA_TONES, N_DATA, PILOT_TONES, Transform, bin, pilots, spectrum};
use jscc_phy::wifi::preamble::{ltf, ltf_bins, stf, stf_bins};
use jscc_phy::wifi::puncture::puncture;
use jscc_phy::wifi::receive::receive;
use jscc_phy::wifi::signal::Signal;
use jscc_phy::wifi::transmit::{data_bits, data_points, transmit, window};
use jscc_phy::wifi::{Guard, Mcs, Ppdu, ScramblerState, fcs};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

fn read(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).expect("vectors are JSON"))
}

fn vector(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    read(&path).unwrap_or_else(|| panic!("{} is part of the repository", path.display()))
}

/// A vector from the folder beside the checkout, which is not part of the repository.
fn shared(test: &str, name: &str) -> Option<Value> {
    let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/vectors", name].iter().collect();
    let found = read(&root);
    if found.is_none() {
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "skipped: {test}: no shared/vectors/{name}").expect("the error stream is open");
    }
    found
}

fn psdu(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().expect("hex");
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex")).collect()
}

fn bits(text: &Value) -> Vec<u8> {
    text.as_str().expect("bits").bytes().map(|b| b - b'0').collect()
}

fn complex(value: &Value) -> Vec<Complex32> {
    let number = |v: &Value| v.as_f64().expect("number") as f32;
    if let Some(pairs) = value.as_array() {
        return pairs.iter().map(|p| Complex32::new(number(&p[0]), number(&p[1]))).collect();
    }
    let part = |name: &str| value[name].as_array().expect("array").iter().map(number);
    part("re").zip(part("im")).map(|(re, im)| Complex32::new(re, im)).collect()
}

fn assert_near(what: &str, got: &[Complex32], want: &[Complex32], tolerance: f32) {
    assert_eq!(got.len(), want.len(), "{what}: length");
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((g - w).norm() < tolerance, "{what}[{i}]: got {g}, want {w}");
    }
}

/// Bins in the order of subcarriers -26..=26.
fn occupied(bins: &[Complex32; 64]) -> Vec<Complex32> {
    (-26..=26).map(|tone| bins[bin(tone)]).collect()
}

fn mbps(rate: u64) -> Mcs {
    rate.to_string().parse().expect("a rate")
}

#[test]
fn worked_example_at_every_stage() {
    let v = vector("full-frame-computed-2020.json");
    let (psdu, mcs, state) = (psdu(&v["psdu_hex"]), mbps(36), ScramblerState::EXAMPLE);
    assert!(fcs::check(&psdu));

    let mut data = vec![0; 16];
    data.extend(to_bits(&psdu));
    data.resize(6 * mcs.n_dbps(), 0);
    assert_eq!(data, bits(&v["data_bits_before_scrambling"]));
    let scrambled = data_bits(&psdu, mcs, state);
    assert_eq!(scrambled, bits(&v["data_scrambled_tail_zeroed"]));
    let coded = encode(&scrambled, EncoderState::default());
    assert_eq!(coded, bits(&v["data_encoded_mother_rate_half"]));
    let punctured = puncture(&coded, mcs.code_rate());
    let per_symbol = |name: &str| v[name].as_array().expect("symbols").iter().flat_map(bits).collect::<Vec<_>>();
    assert_eq!(punctured, per_symbol("data_punctured_per_symbol"));
    assert_eq!(interleave(&punctured, mcs), per_symbol("data_interleaved_per_symbol"));

    let symbols = v["freq_signal_then_data_subcarriers_-26_to_26"].as_array().expect("symbols");
    let signal = Signal::new(mcs, psdu.len());
    assert_near("SIGNAL", &occupied(&spectrum(&signal.to_points(), pilots(0))), &complex(&symbols[0]), 1e-6);
    for (n, points) in data_points(&psdu, mcs, state).chunks(N_DATA).enumerate() {
        assert_near("DATA", &occupied(&spectrum(points, pilots(n + 1))), &complex(&symbols[n + 1]), 1e-6);
    }
    let frame = transmit(&psdu, Ppdu::long_guard(mcs, psdu.len()), state, &Transform::default());
    assert_near("880 samples", &frame, &complex(&v["time_unwindowed_880"]), 1e-6);
    assert_near("881 windowed samples", &window(&frame), &complex(&v["time_windowed_881"]), 1e-6);
}

#[test]
fn all_eight_rates_both_ways() {
    let transform = Transform::default();
    for mcs in Mcs::NON_HT {
        let v = vector(&format!("nonht_{mcs}mbps.json"));
        let (psdu, state) = (psdu(&v["psdu_hex"]), ScramblerState::EXAMPLE);
        assert_eq!(Signal::new(mcs, psdu.len()).to_bits().to_vec(), bits(&v["signal_bits"]), "{mcs} Mb/s");
        let scrambled = data_bits(&psdu, mcs, state);
        assert_eq!(scrambled, bits(&v["scrambled_tail_zeroed"]), "{mcs} Mb/s");
        let punctured = puncture(&encode(&scrambled, EncoderState::default()), mcs.code_rate());
        assert_eq!(punctured, bits(&v["punctured"]), "{mcs} Mb/s");
        assert_eq!(interleave(&punctured, mcs), bits(&v["interleaved"]), "{mcs} Mb/s");
        let samples = complex(&v["time_unwindowed"]);
        let ppdu = Ppdu::long_guard(mcs, psdu.len());
        assert_near("samples", &transmit(&psdu, ppdu, state, &transform), &samples, 1e-6);
        let heard = receive(&samples, 0, &transform).expect("a clean frame is received");
        assert_eq!((heard.psdu, heard.scrambler, heard.ppdu), (psdu, state, ppdu));
    }
}

#[test]
fn annex_i_2020_tables() {
    let Some(v) = shared("annex_i_2020_tables", "80211a-annex/annexI-2020-tables.json") else { return };
    let transform = Transform::default();
    let (psdu, mcs, state) = (psdu(&v["psdu_hex"]), mbps(36), ScramblerState::EXAMPLE);
    let signal = Signal::new(mcs, psdu.len());
    assert_eq!(signal.to_bits().to_vec(), bits(&v["signal_bits"]));
    let coded = encode(&signal.to_bits(), EncoderState::default());
    assert_eq!(coded, bits(&v["signal_encoded"]));
    assert_eq!(interleave(&coded, Mcs::SIGNAL), bits(&v["signal_interleaved"]));
    let scrambled = data_bits(&psdu, mcs, state);
    assert_eq!(scrambled, bits(&v["data_scrambled"]));
    let punctured = puncture(&encode(&scrambled, EncoderState::default()), mcs.code_rate());
    assert_eq!(punctured, bits(&v["data_encoded"]));
    assert_eq!(interleave(&punctured, mcs)[..192], bits(&v["data_interleaved_symbol1"]));
    let points = data_points(&psdu, mcs, state);
    assert_near("data_qam", &points[..N_DATA], &complex(&v["data_qam"]), 1e-3);

    // Tables are in the order of subcarriers -32..31; times carry the window and three digits.
    let shifted = |bins: [Complex32; 64]| (-32..32).map(|tone| bins[bin(tone)]).collect::<Vec<_>>();
    assert_near("stf_freq", &shifted(stf_bins()), &complex(&v["stf_freq"]), 1e-3);
    assert_near("ltf_freq", &shifted(ltf_bins()), &complex(&v["ltf_freq"]), 1e-3);
    let with_pilots = shifted(spectrum(&signal.to_points(), pilots(0)));
    assert_near("signal_freq_with_pilots", &with_pilots, &complex(&v["signal_freq_with_pilots"]), 1e-3);
    let first = shifted(spectrum(&points[..N_DATA], pilots(1)));
    assert_near("data_freq_with_pilots", &first, &complex(&v["data_freq_with_pilots"]), 1e-3);
    assert_near("stf_time", &stf(&transform)[1..], &complex(&v["stf_time"])[1..160], 1e-3);
    assert_near("ltf_time", &ltf(&transform)[1..], &complex(&v["ltf_time"])[1..160], 1e-3);
}

#[test]
fn annex_g_1999_whole_packet() {
    let Some(v) = shared("annex_g_1999_whole_packet", "80211a-annex/annexG-1999-tables.json") else { return };
    let psdu = psdu(&v["G1_psdu_hex"]);
    assert!(!fcs::check(&psdu), "the 1999 edition prints a wrong FCS");
    let frame = transmit(&psdu, Ppdu::long_guard(mbps(36), psdu.len()), ScramblerState::EXAMPLE, &Transform::default());
    assert_near("G24, 881 samples", &window(&frame), &complex(&v["G24"]), 1e-3);
}

/// The reference generator of the 802.11n task group: every stage and every sample.
#[test]
fn tgn_ht_both_ways() {
    let transform = Transform::default();
    for (index, guards) in [
        (0, &[Guard::Long, Guard::Short][..]),
        (1, &[Guard::Short]),
        (2, &[Guard::Long]),
        (3, &[Guard::Long, Guard::Short]),
        (4, &[Guard::Long, Guard::Short]),
        (5, &[Guard::Long]),
        (6, &[Guard::Short]),
        (7, &[Guard::Long, Guard::Short]),
    ] {
        for &guard in guards {
            let name = format!("ht_mcs{index}{}.json", if guard == Guard::Short { "_sgi" } else { "" });
            let Some(v) = shared("tgn_ht_both_ways", &format!("80211n-tgn/{name}")) else { return };
            let (psdu, mcs, state) = (psdu(&v["psdu_hex"]), Mcs::HT[index], ScramblerState::EXAMPLE);
            let ppdu = Ppdu::new(mcs, guard, psdu.len()).expect("the generator's frame");
            assert_eq!(ppdu.signal().length() as u64, v["lsig_length"].as_u64().expect("number"), "{name}");
            assert_eq!(HtSignal::of(ppdu).to_bits().to_vec(), bits(&v["htsig_bits"]), "{name}");
            let mut scrambled = bits(&v["scrambled_before_tail_zeroing"]);
            let tail = 16 + 8 * psdu.len();
            scrambled[tail..tail + 6].fill(0);
            assert_eq!(data_bits(&psdu, mcs, state), scrambled, "{name}");
            let punctured = puncture(&encode(&scrambled, EncoderState::default()), mcs.code_rate());
            assert_eq!(punctured, bits(&v["encoded_punctured"]), "{name}");
            assert_eq!(interleave(&punctured, mcs), bits(&v["interleaved"]), "{name}");
            // The generator gives a symbol's 56 subcarriers, and the legacy fields' 52, power 64 in all; here they have
            // power 1 each after an inverse transform scaled by 1/64.
            let want: Vec<_> = complex(&v["waveform"]).iter().map(|x| x * 56f32.sqrt() / 64.0).collect();
            assert_near(&name, &transmit(&psdu, ppdu, state, &transform), &want, 1e-6);
            let heard = receive(&complex(&v["waveform"]), 0, &transform).expect("a clean frame is received");
            assert_eq!((heard.psdu, heard.scrambler, heard.ppdu), (psdu, state, ppdu), "{name}");
        }
    }
}

/// HT-mixed frames of every MCS by a model in another language: every stage, every sample, and back.
#[test]
fn ht_both_ways() {
    let (transform, vectors) = (Transform::default(), vector("ht.json"));
    let frames = vectors["frames"].as_array().expect("frames");
    assert_eq!(frames.len(), 8);
    for (index, v) in frames.iter().enumerate() {
        let what = format!("MCS {index}");
        let guard = if v["short_guard"] == true { Guard::Short } else { Guard::Long };
        let (psdu, mcs) = (psdu(&v["psdu"]), Mcs::HT[index]);
        let state = bits(&v["seed_x1_to_x7"]).iter().rev().fold(0, |state, bit| state << 1 | bit);
        let state = ScramblerState::new(state).expect("a state");
        let ppdu = Ppdu::new(mcs, guard, psdu.len()).expect("a frame of the standard");
        assert_eq!(ppdu.signal().to_bits().to_vec(), bits(&v["l_sig"]), "{what}");
        assert_eq!(HtSignal::of(ppdu).to_bits().to_vec(), bits(&v["ht_sig"]), "{what}");
        let scrambled = data_bits(&psdu, mcs, state);
        assert_eq!(scrambled, bits(&v["scrambled"]), "{what}");
        let punctured = puncture(&encode(&scrambled, EncoderState::default()), mcs.code_rate());
        assert_eq!(punctured, bits(&v["coded"]), "{what}");
        assert_eq!(interleave(&punctured, mcs), bits(&v["interleaved"]), "{what}");
        let samples = complex(&v["samples"]);
        assert_near(&what, &transmit(&psdu, ppdu, state, &transform), &samples, 2e-6);
        let heard = receive(&samples, 0, &transform).expect("a clean frame is received");
        assert_eq!((heard.psdu, heard.scrambler, heard.ppdu), (psdu, state, ppdu), "{what}");
    }
}

/// An A-MPDU through two paths, an offset and noise, as 8-bit samples.
#[test]
fn an_aggregate_is_received_from_a_recording() {
    let v = &vector("ht.json")["capture"];
    let samples: Vec<_> = psdu(&v["ci8"])
        .chunks_exact(2)
        .map(|iq| Complex32::new(f32::from(iq[0] as i8), f32::from(iq[1] as i8)) / 128.0)
        .collect();
    let heard = receive(&samples, 0, &Transform::default()).expect("a frame");
    assert_eq!((heard.psdu.clone(), heard.aggregation), (psdu(&v["psdu"]), true));
    let mpdus: Vec<Vec<u8>> = heard.mpdus().into_iter().map(<[u8]>::to_vec).collect();
    assert_eq!(mpdus, v["mpdus"].as_array().expect("two").iter().map(psdu).collect::<Vec<_>>());
    assert!((heard.cfo_hz() - v["cfo_hz"].as_f64().expect("Hz")).abs() < 2e3, "{}", heard.cfo_hz());
    // The two paths take up 0.9 dB of the scale.
    assert!((heard.channel.snr_db() - v["snr_db"].as_f64().expect("dB")).abs() < 2.0, "{}", heard.channel.snr_db());
}

#[test]
fn data_and_pilot_tones_are_the_occupied_ones() {
    let mut tones: Vec<i32> = DATA_TONES.into_iter().chain(PILOT_TONES).collect();
    tones.sort_unstable();
    assert_eq!(tones, (-26..=26).filter(|&tone| tone != 0).collect::<Vec<_>>());
    let mut tones: Vec<i32> = HT_DATA_TONES.into_iter().chain(PILOT_TONES).collect();
    tones.sort_unstable();
    assert_eq!(tones, (-28..=28).filter(|&tone| tone != 0).collect::<Vec<_>>());
}
