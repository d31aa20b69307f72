//! Whole receivers: samples in, frames with a good FCS out.

use crate::measure::{self, Contender, Table, timed};
use crate::noise::Noise;
use crate::transmitter::{self, OCTETS};
use crafter::radio::{IqChunk, IqEvent, IqPosition, LegacyOfdmDecoder, PhyDecoder, RxConfig, StreamEnd, WifiDecoder};
use jscc_phy::wifi::receiver::{Receiver, Reception};
use num_complex::Complex32;
use std::path::PathBuf;
use std::time::Duration;

/// Captures and the frames with a good FCS in them, by their manifest.
const CAPTURES: [(&str, usize); 5] = [
    ("sim-ag_54M_len4000.ci16", 1),
    ("oo-conducted-11a-12.ci16", 20),
    ("oo-conducted-11a-36.ci16", 18),
    ("oo-conducted-11n-65.ci16", 19),
    ("md-wifi_54mbps_1frame.ci16", 1),
];
/// Frames of the dense input, a million samples, and the silence before each.
const FRAMES: usize = 192;
const GAP: usize = 320;
/// Samples that crafter gets at once. It is no faster with 1024, 4096 or 262144.
const CHUNK: usize = 1 << 16;
/// Samples of the input without frames.
const SILENCE: usize = 1 << 20;
/// Noise of an SNR of 30 dB, as a share of the signal's amplitude.
const NOISE: f32 = 0.0316;

struct Input {
    name: String,
    frames: usize,
    samples: Vec<Complex32>,
}

pub fn race() -> Vec<Table> {
    let captures = CAPTURES.map(|(name, frames)| {
        let path = folder().join(name);
        let Ok(octets) = std::fs::read(&path) else {
            let title = format!("Receiver, {name}");
            return measure::race(title, "", 0.0, Vec::new()).remark("skipped: not in JSCC_CAPTURES");
        };
        race_on(&Input { name: name.to_owned(), frames, samples: ci16(&octets) })
    });
    captures.into_iter().chain([race_on(&dense()), search()]).collect()
}

/// The search alone: noise, and the same with what stands on the air always, which resembles itself as an STF does.
fn search() -> Table {
    let mut noise = Noise(7);
    let silence: Vec<Complex32> = (0..SILENCE).map(|_| noise.gauss()).collect();
    let with = |name: &str, tones: &[(f32, f32)]| {
        let mut samples = silence.clone();
        for &(cycles, amplitude) in tones {
            let turn = |i: usize| Complex32::from_polar(amplitude, std::f32::consts::TAU * (cycles * i as f32).fract());
            samples.iter_mut().enumerate().for_each(|(i, sample)| *sample += turn(i));
        }
        Input { name: name.to_owned(), frames: 0, samples }
    };
    // Noise has the power 2.
    let inputs = [
        with("noise", &[]),
        with("offset, 0 dB over it", &[(0.0, 1.41)]),
        with("offset, 20 dB", &[(0.0, 14.1)]),
        with("tone, 10 dB", &[(0.085, 4.47)]),
        with("offset and tone, 20 dB", &[(0.0, 14.1), (0.085, 14.1)]),
    ];
    let contenders = inputs.iter().map(|input| receiver(&input.name, input)).collect();
    measure::race("Search, no frames", "Msample/s", SILENCE as f64 / 1e6, contenders)
}

fn folder() -> PathBuf {
    let default = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors/captures"));
    std::env::var_os("JSCC_CAPTURES").map_or_else(default, PathBuf::from)
}

/// Interleaved 16-bit I and Q, least significant octet first.
fn ci16(octets: &[u8]) -> Vec<Complex32> {
    let part = |octets: &[u8]| f32::from(i16::from_le_bytes([octets[0], octets[1]])) / 32768.0;
    octets.chunks_exact(4).map(|iq| Complex32::new(part(&iq[..2]), part(&iq[2..]))).collect()
}

/// Frames of 1500 octets at 54 Mb/s, one after the other.
fn dense() -> Input {
    let mut noise = Noise(54);
    let mut samples = Vec::new();
    for _ in 0..FRAMES {
        let frame = transmitter::frame(&noise.octets(OCTETS - 4));
        let power = frame.iter().map(Complex32::norm_sqr).sum::<f32>() / frame.len() as f32;
        let frame = [vec![Complex32::ZERO; GAP], frame].concat();
        let sigma = NOISE * (power / 2.0).sqrt();
        samples.extend(frame.into_iter().map(|sample| sample + sigma * noise.gauss()));
    }
    Input { name: "dense: 1500 octets, 54 Mb/s, gaps of 320, SNR 30 dB".to_owned(), frames: FRAMES, samples }
}

fn race_on(input: &Input) -> Table {
    let contenders = vec![
        receiver("jscc-phy", input),
        crafter_contender("crafter 0.3.5 OFDM", input, LegacyOfdmDecoder::new),
        crafter_contender("crafter 0.3.5 OFDM+HT+DSSS", input, WifiDecoder::new),
    ];
    let title = format!("Receiver, {}, {} samples", input.name, input.samples.len());
    measure::race(title, "Msample/s", input.samples.len() as f64 / 1e6, contenders)
}

/// A contender that receives the whole input, and how many frames it finds in it.
fn contender<'a>(name: &str, input: &Input, mut receive: impl FnMut() -> (usize, Duration) + 'a) -> Contender<'a> {
    let note = format!("{} of {} frames", receive().0, input.frames);
    Contender::new(name, note, move || receive().1)
}

/// crafter takes 8-bit samples: the input is scaled to a peak of 100 and rounded. It decodes in the calling thread;
/// its decoder and the chunks that it consumes are made off the clock.
fn crafter_contender<'a, D: PhyDecoder>(name: &str, input: &Input, decoder: impl Fn() -> D + 'a) -> Contender<'a> {
    let cs8 = cs8(&input.samples);
    contender(name, input, move || {
        let (mut decoder, events) = (decoder(), events(&cs8));
        let mut frames = 0;
        let took = timed(|| {
            for event in events {
                frames += decoder.consume(event).expect("bounded input").frames.len();
            }
        });
        (frames, took)
    })
}

fn cs8(samples: &[Complex32]) -> Vec<i8> {
    let peak = samples.iter().flat_map(|sample| [sample.re.abs(), sample.im.abs()]).fold(0.0, f32::max);
    samples.iter().flat_map(|sample| [sample.re, sample.im].map(|part| (part * 100.0 / peak).round() as i8)).collect()
}

fn events(cs8: &[i8]) -> Vec<IqEvent> {
    let config = RxConfig {
        sample_rate_hz: 20_000_000,
        center_frequency_hz: 2_412_000_000,
        max_chunk_samples: CHUNK,
        max_buffer_samples: 1 << 20,
        max_frame_bytes: 4095,
        max_pending_frames: 1024,
        max_capture_samples: u64::MAX,
        max_duration: Duration::MAX,
    };
    let chunks = cs8.chunks(2 * CHUNK).enumerate().map(|(n, chunk)| {
        let (sequence, sample_index) = (n as u64, (n * CHUNK) as u64);
        let position = IqPosition { epoch: 0, sequence, sample_index, time_anchor: None, discontinuity: None };
        IqEvent::Chunk(IqChunk::new(config.clone(), position, chunk.to_vec()).expect("a chunk within bounds"))
    });
    chunks.chain([IqEvent::End(StreamEnd::Eof)]).collect()
}

/// Ours takes 32-bit floats, in blocks as long as crafter's chunks.
fn receiver<'a>(name: &str, input: &'a Input) -> Contender<'a> {
    contender(name, input, || {
        let mut receiver = Receiver::new();
        let mut frames = 0;
        let mut count =
            |reception| frames += usize::from(matches!(reception, Reception::Frame(frame) if frame.fcs_ok()));
        let took = timed(|| {
            for block in input.samples.chunks(CHUNK) {
                receiver.push(block, &mut count);
            }
            receiver.finish(&mut count);
        });
        (frames, took)
    })
}
