//! Interference that is always on, as a receiver's own offset, leaking carriers and spurs are: what is received without it
//! is received with it.

use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::channel::impairment::Impairment;
use jscc_phy::random::stream;
use jscc_phy::units::{from_db, mean_power, to_db};
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receive::Frame;
use jscc_phy::wifi::receiver::{Receiver, Reception};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Guard, Mcs, Ppdu, ScramblerState, fcs};
use rand::RngExt;
use std::f64::consts::TAU;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Es/N0 in dB at which each scheme, non-HT first, has next to no errors.
const WORKING_DB: [f64; 16] =
    [5.0, 7.0, 8.0, 10.0, 13.0, 17.0, 21.0, 22.5, 5.0, 8.0, 10.0, 13.0, 17.0, 21.0, 22.5, 24.0];

/// Frames of power 1 with silence before each, turned by a frequency offset.
struct Sent {
    samples: Vec<Complex32>,
    psdus: Vec<Vec<u8>>,
}

impl Sent {
    fn new(mcs: Mcs, octets: usize, gaps: &[usize], cfo_hz: f64, seed: u64) -> Self {
        let (mut samples, mut psdus) = (Vec::new(), Vec::new());
        for (n, &gap) in gaps.iter().enumerate() {
            let mut psdu: Vec<u8> =
                (0..octets as u64 - 4).map(|i| ((i * i * 31 + i + 77 * (seed + n as u64)) >> 3) as u8).collect();
            psdu.extend(fcs::fcs(&psdu));
            let ppdu = Ppdu::new(mcs, Guard::Long, octets).expect("a frame");
            let frame = transmit(&psdu, ppdu, ScramblerState::EXAMPLE, &Transform::default());
            let scale = mean_power(&frame).sqrt().recip() as f32;
            samples.extend(vec![Complex32::ZERO; gap]);
            samples.extend(frame.iter().map(|x| x * scale));
            psdus.push(psdu);
        }
        samples.extend([Complex32::ZERO; 400]);
        let offset = Impairment::FrequencyOffset { hz: cfo_hz }.draw(samples.len(), &mut stream(seed, "offset", 0));
        offset.apply(&mut samples);
        Self { samples, psdus }
    }

    /// With noise at this Es/N0 on 52 of 64 subcarriers.
    fn noisy(mut self, snr_db: f64, seed: u64) -> Self {
        let variance = from_db(-snr_db) * 64.0 / 52.0;
        Channel::Awgn.draw(self.samples.len(), variance as f32, &mut stream(seed, "noise", 0)).apply(&mut self.samples);
        self
    }

    fn with(&self, tones: &[Tone]) -> Vec<Complex32> {
        let mut samples = self.samples.clone();
        for tone in tones {
            tone.add(&mut samples);
        }
        samples
    }

    /// Those of the frames that are received, in order.
    fn found(&self, samples: &[Complex32]) -> Vec<Frame> {
        let mut left = self.psdus.iter();
        hear(samples).into_iter().filter(|frame| left.any(|psdu| *psdu == frame.psdu)).collect()
    }
}

/// A tone of a power relative to 1.
#[derive(Debug, Clone, Copy)]
struct Tone {
    hz: f64,
    db: f64,
    phase: f64,
    /// First sample.
    from: usize,
    /// Change of the frequency.
    hz_per_sample: f64,
}

impl Tone {
    fn new(hz: f64, db: f64) -> Self {
        Self { hz, db, phase: 0.7, from: 0, hz_per_sample: 0.0 }
    }

    fn add(&self, samples: &mut [Complex32]) {
        let amplitude = from_db(self.db).sqrt();
        for (i, sample) in samples.iter_mut().enumerate().skip(self.from) {
            let n = i as f64;
            let phase = self.phase + TAU * n / 20e6 * (self.hz + self.hz_per_sample * n / 2.0);
            *sample += Complex32::new((amplitude * phase.cos()) as f32, (amplitude * phase.sin()) as f32);
        }
    }
}

fn told(samples: &[Complex32], piece: usize) -> Vec<Reception> {
    let (mut receiver, mut told) = (Receiver::new(), Vec::new());
    for piece in samples.chunks(piece) {
        receiver.push(piece, |reception| told.push(reception));
    }
    receiver.finish(|reception| told.push(reception));
    told
}

/// Frames with a right check sequence.
fn hear(samples: &[Complex32]) -> Vec<Frame> {
    let right = |reception| match reception {
        Reception::Frame(frame) if frame.fcs_ok() => Some(*frame),
        _ => None,
    };
    told(samples, 5000).into_iter().filter_map(right).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Any rate, length, offset, silence, and a tone of any frequency: that of the receiver, near the STF's lines, on a
/// subcarrier. One frame in two hundred may be lost: where the tone lies on a line that STF and LTF share and the silence before
/// is too short to show it.
#[test]
fn what_is_received_without_a_tone_is_received_with_it() {
    let (mut expected, mut found) = (0, 0);
    let mut lost = Vec::new();
    for seed in 0..150 {
        let mut rng = stream(seed, "steady", 0);
        let scheme = rng.random_range(0..16usize);
        let (cfo_hz, octets) = (rng.random_range(-230e3..230e3), [20, 60, 200, 700][rng.random_range(0..4usize)]);
        let longest = [1, 60, 250, 800][rng.random_range(0..4usize)];
        let gaps: [usize; 4] = std::array::from_fn(|_| rng.random_range(0..longest));
        let snr_db = WORKING_DB[scheme] + rng.random_range(1.0..8.0);
        let hz = match seed % 4 {
            0 => 0.0,
            1 => rng.random_range(-9.9e6..9.9e6),
            2 => 1.25e6 * f64::from(rng.random_range(-6..7)) + rng.random_range(-30e3..30e3),
            _ => 312.5e3 * f64::from(rng.random_range(-26..27)) + cfo_hz,
        };
        let tone = Tone { phase: rng.random_range(0.0..TAU), ..Tone::new(hz, rng.random_range(-25.0..-10.0)) };
        let sent = Sent::new(Mcs::ALL[scheme], octets, &gaps, cfo_hz, seed).noisy(snr_db, seed);
        let (without, with) = (sent.found(&sent.samples), sent.found(&sent.with(&[tone])));
        let what =
            format!("{seed}: {} {octets} octets {cfo_hz:.0} Hz {gaps:?} {snr_db:.1} dB {tone:?}", Mcs::ALL[scheme]);
        (expected, found) = (expected + without.len(), found + with.len().min(without.len()));
        if with.len() < without.len() {
            lost.push(format!("{what}: {} of {}", with.len(), without.len()));
        }
        if with.is_empty() {
            continue;
        }
        let snr = |frames: &[Frame]| median(frames.iter().map(|frame| frame.channel.snr_db()).collect());
        let cfo = |frames: &[Frame]| median(frames.iter().map(Frame::cfo_hz).collect());
        assert!((snr(&with) - snr(&without)).abs() < 1.5, "{what}: {} dB, not {}", snr(&with), snr(&without));
        assert!((cfo(&with) - cfo(&without)).abs() < 3000.0, "{what}: {} Hz, not {}", cfo(&with), cfo(&without));
    }
    println!("{found} of {expected}");
    assert!(expected > 590, "{expected} of 600 without a tone");
    assert!(found + 3 >= expected, "{found} of {expected}:\n{}", lost.join("\n"));
}

/// After any silence: what is seen first depended on its length modulo 160.
#[test]
fn any_silence_may_come_before() {
    for (gap, hz) in (0..340).step_by(17).flat_map(|gap| [(gap, 0.0), (gap, 1.7e6)]) {
        let sent = Sent::new(Mcs::M54, 60, &[300, gap, gap], 200e3, gap as u64).noisy(30.0, gap as u64);
        let found = sent.found(&sent.with(&[Tone::new(hz, -10.0)]));
        assert_eq!(found.len(), 3, "frames after {gap} samples with {hz} Hz");
    }
}

#[test]
fn several_tones() {
    let cases: [&[Tone]; 5] = [
        &[Tone::new(0.0, -10.0), Tone::new(1.7e6, -10.0)],
        &[Tone::new(0.0, -12.0), Tone::new(-2.5e6, -12.0), Tone::new(6.1e6, -15.0)],
        // Beyond the band, and as strong as the signal.
        &[Tone::new(9.3e6, 0.0), Tone::new(0.0, -10.0)],
        // A spur that drifts by 8 kHz over a frame; one that begins in the silence before the second frame.
        &[Tone { hz_per_sample: 2.0, ..Tone::new(3.3e6, -10.0) }],
        &[Tone { from: 2100, ..Tone::new(3.3e6, -10.0) }],
    ];
    for (n, tones) in cases.into_iter().enumerate() {
        for (mcs, snr_db) in [(Mcs::NON_HT[0], 10.0), (Mcs::NON_HT[4], 20.0), (Mcs::M54, 28.0), (Mcs::HT7, 30.0)] {
            let n_short = if tones[0].from > 0 { 1200 } else { 300 };
            let sent = Sent::new(mcs, 300, &[n_short, 500, 400, 600], -110e3, n as u64).noisy(snr_db, n as u64);
            let found = sent.found(&sent.with(tones));
            assert_eq!(found.len(), 4, "{mcs} with {tones:?}");
        }
    }
}

/// A tone that begins in the frame shows in what its decoded bits do not explain.
#[test]
fn a_tone_that_begins_within_the_frame() {
    for (from, hz) in [(700, 1.7e6), (850, 3.1e6), (1500, 0.0), (1500, 1.25e6)] {
        for seed in 0..5 {
            let sent = Sent::new(Mcs::M54, 700, &[300], 70e3, seed).noisy(28.0, seed);
            let found = sent.found(&sent.with(&[Tone { from, ..Tone::new(hz, -10.0) }]));
            assert_eq!(found.len(), 1, "{hz} Hz from sample {from}, {seed}");
        }
    }
}

/// An offset as strong as the signal, and stronger.
#[test]
fn strong_offsets() {
    for (mcs, db, cfo_hz) in [(Mcs::M54, 0.0, 60e3), (Mcs::NON_HT[4], 0.0, 200e3), (Mcs::NON_HT[4], 10.0, 200e3)] {
        let sent = Sent::new(mcs, 300, &[400, 700, 520], cfo_hz, 3).noisy(30.0, 3);
        let found = sent.found(&sent.with(&[Tone::new(0.0, db)]));
        assert_eq!(found.len(), 3, "{mcs} with an offset of {db} dB");
        for frame in found {
            assert!((frame.channel.snr_db() - 30.0).abs() < 2.0, "{} dB", frame.channel.snr_db());
            assert!((frame.cfo_hz() - cfo_hz).abs() < 1500.0, "{} Hz", frame.cfo_hz());
        }
    }
}

/// The longest frame, over which a tone is to be followed, and the shortest.
#[test]
fn the_longest_and_the_shortest_frame() {
    for (mcs, snr_db) in [(Mcs::NON_HT[0], 9.0), (Mcs::M54, 28.0)] {
        for octets in [5, 4095] {
            let sent = Sent::new(mcs, octets, &[300, 200], 123e3, 5).noisy(snr_db, 5);
            let found = sent.found(&sent.with(&[Tone::new(0.0, -10.0)]));
            assert_eq!(found.len(), 2, "{octets} octets at {mcs}");
        }
    }
}

/// What is told depends neither on the pieces nor on the gain, nor on where the recording begins.
#[test]
fn pieces_gain_and_beginning_make_no_difference() {
    let sent = Sent::new(Mcs::NON_HT[5], 200, &[0, 333, 90], 150e3, 8).noisy(25.0, 8);
    let samples = sent.with(&[Tone::new(0.0, -10.0), Tone::new(2.2e6, -14.0)]);
    let whole = format!("{:?}", told(&samples, usize::MAX));
    for piece in [1, 77, 1000] {
        assert!(format!("{:?}", told(&samples, piece)) == whole, "pieces of {piece}");
    }
    assert_eq!(sent.found(&samples).len(), 3);
    for gain in [1e-6, 1e6] {
        let scaled: Vec<_> = samples.iter().map(|x| x * gain).collect();
        assert_eq!(sent.found(&scaled).len(), 3, "at a gain of {gain}");
    }
    // In the midst of the first frame.
    assert_eq!(sent.found(&samples[700..]).len(), 2);
}

#[test]
fn noise_and_tones_are_no_frames() {
    let cases: [&[Tone]; 4] = [
        &[Tone::new(0.0, 10.0)],
        &[Tone::new(1.25e6, 20.0)],
        &[Tone::new(1.7e6, 0.0), Tone::new(-3.75e6, 10.0)],
        &[Tone::new(0.0, 10.0), Tone::new(90e3, 10.0)],
    ];
    for tones in cases {
        let silence = Sent { samples: vec![Complex32::ZERO; 300_000], psdus: Vec::new() }.noisy(0.0, 4);
        let told = told(&silence.with(tones), 60_000);
        assert!(told.is_empty(), "{} receptions of {tones:?}", told.len());
    }
}

fn shared(path: &str, test: &str) -> Option<PathBuf> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared", path].iter().collect();
    if !folder.is_dir() {
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "skipped: {test}: no shared/{path}").expect("the error stream is open");
    }
    folder.is_dir().then_some(folder)
}

/// Samples of a file of 8-bit or 16-bit integers.
fn recorded(path: &Path) -> Vec<Complex32> {
    let bytes = std::fs::read(path).expect("the file is there");
    if path.extension().is_some_and(|extension| extension == "ci8") {
        let number = |b: u8| f32::from(b.cast_signed()) / 128.0;
        return bytes.chunks_exact(2).map(|b| Complex32::new(number(b[0]), number(b[1]))).collect();
    }
    let number = |b: &[u8]| f32::from(i16::from_le_bytes(b.try_into().expect("2 bytes"))) / 32768.0;
    bytes.chunks_exact(4).map(|b| Complex32::new(number(&b[..2]), number(&b[2..]))).collect()
}

#[test]
fn offsets_of_receivers() {
    let Some(folder) = shared("wild/in", "offsets_of_receivers") else { return };
    let cases = [
        ("dc1/twenty-cfo200k-none.ci16", 20, 200e3, 30.8),
        ("dc1/twenty-cfo200k-dc-20.ci16", 20, 200e3, 30.8),
        ("dc1/twenty-cfo200k-dc-10.ci16", 20, 200e3, 30.8),
        ("dc/r24-cfo200k-dc0.ci16", 6, 200e3, 31.0),
        ("dc/r24-cfo200k-dc10.ci16", 6, 200e3, 31.0),
        ("dc/r54-cfo60k-dc0.ci16", 6, 60e3, 30.8),
        ("dc/hackrf-like.ci8", 6, 35e3, 21.5),
    ];
    for (name, n, cfo_hz, snr_db) in cases {
        let frames = hear(&recorded(&folder.join(name)));
        assert_eq!(frames.len(), n, "{name}");
        let cfo = median(frames.iter().map(Frame::cfo_hz).collect());
        let snr = median(frames.iter().map(|frame| frame.channel.snr_db()).collect());
        assert!((cfo - cfo_hz).abs() < 1000.0, "{name}: {cfo} Hz");
        assert!((snr - snr_db).abs() < 1.0, "{name}: {snr} dB");
    }
}

/// Real air with an offset 10 dB below its frames: at least 95 % of them, and none where there was none.
#[test]
fn captures_with_an_offset() {
    let Some(folder) = shared("vectors/captures", "captures_with_an_offset") else { return };
    let (mut known, mut found, mut new) = (0, 0, 0);
    for entry in std::fs::read_dir(&folder).expect("readable").map(|entry| entry.expect("readable").path()) {
        if entry.extension().is_none_or(|extension| extension != "ci16") {
            continue;
        }
        let mut samples = recorded(&entry);
        let frames = hear(&samples);
        if frames.is_empty() {
            continue;
        }
        let usual = median(frames.iter().map(|frame| mean_power(&samples[frame.start..frame.end])).collect());
        Tone::new(0.0, to_db(usual) - 10.0).add(&mut samples);
        let mut left = hear(&samples);
        for frame in &frames {
            let same = left.iter().position(|other| other.psdu == frame.psdu && other.start.abs_diff(frame.start) < 40);
            if let Some(same) = same {
                left.remove(same);
                found += 1;
            }
        }
        known += frames.len();
        // Where a frame is found besides, it was one, and no more of them are than of those that are missed.
        new += left.len();
    }
    println!("{found} of {known}, {new} new");
    assert!(known >= 341, "{known} without the offset");
    assert!(100 * found >= 98 * known, "{found} of {known}");
}
