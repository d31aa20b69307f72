//! Samples of any kind to the receiver, in pieces. Three kinds: 8-bit integers; floats of any bits; and frames as they
//! should be, then damaged.

use crate::Seeds;
use crate::input::{Input, Noise};
use crate::memory;
use jscc_phy::Complex32;
use jscc_phy::wifi::convolve::{EncoderState, encode};
use jscc_phy::wifi::interleave::interleave;
use jscc_phy::wifi::mcs::Format;
use jscc_phy::wifi::ofdm::{N_CP, N_DATA, Transform, pilots, spectrum};
use jscc_phy::wifi::receive::Refinement;
use jscc_phy::wifi::receiver::{Receiver, Reception};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Guard, Mcs, Ppdu, ScramblerState, fcs, qam};
use std::f32::consts::TAU;

/// More samples than the longest frame has.
const MOST_SAMPLES: usize = 120_000;
/// Damages to a frame.
const MOST_STEPS: usize = 12;
/// What the receiver may need at a time, besides what it has told: the longest frame's samples, points and trellis, with
/// room to grow.
const MOST_MEMORY: usize = 24 << 20;

/// Samples of an HT symbol with a short guard interval.
const N_SHORT_SYMBOL: usize = 72;
/// Samples that may be decoded again beyond five times those that there are.
const MOST_SAVED: usize = 440_000;

/// The receiver takes the samples, its frames are sound, and pieces make no difference.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let kind = input.u8();
    let refinement = if kind & 0x80 == 0 { Refinement::Never } else { Refinement::WhenWrong };
    let pieces = Noise(input.u16().into());
    let samples = match (kind & 0x7f) % 3 {
        0 => input.0.chunks_exact(2).map(|iq| Complex32::new(code(iq[0]), code(iq[1]))).collect(),
        1 => floats(&mut input),
        _ => frames(&mut input),
    };
    let whole = memory::within(MOST_MEMORY + told_size(&samples), || receive([&samples[..]].into_iter(), refinement));
    let cut = receive(cut(&samples, pieces).into_iter(), refinement);
    assert_eq!(whole.len(), cut.len(), "receptions in one push and in pieces");
    for (whole, cut) in whole.iter().zip(&cut) {
        assert!(whole == cut, "in one push {}\nin pieces {}", whole.words, cut.words);
    }
}

fn code(byte: u8) -> f32 {
    f32::from(byte.cast_signed()) / 128.0
}

fn floats(input: &mut Input) -> Vec<Complex32> {
    let mut samples = Vec::new();
    while !input.is_empty() && samples.len() < MOST_SAMPLES {
        samples.push(Complex32::new(input.f32(), input.f32()));
    }
    samples
}

/// Samples in pieces of any length, none too.
fn cut(mut samples: &[Complex32], mut lengths: Noise) -> Vec<&[Complex32]> {
    let mut pieces = Vec::new();
    while !samples.is_empty() {
        let n = match lengths.next() % 4 {
            0 => lengths.next() as usize % 8,
            1 => lengths.next() as usize % 300,
            2 => 4094 + lengths.next() as usize % 5,
            _ => lengths.next() as usize % 20_000,
        };
        let (now, later) = samples.split_at(n.min(samples.len()));
        pieces.push(now);
        samples = later;
    }
    pieces
}

/// A reception in a form that can be compared: numbers that are none are equal.
#[derive(PartialEq)]
struct Told {
    words: String,
    numbers: Vec<u32>,
}

/// The most that is kept of what the receiver tells: each frame needs a header's samples, and then may say to be heard
/// again within; some octets a sample.
fn told_size(samples: &[Complex32]) -> usize {
    64 * samples.len() + (1 << 20)
}

fn receive<'a>(pieces: impl Iterator<Item = &'a [Complex32]>, refinement: Refinement) -> Vec<Told> {
    let (mut receiver, mut all, mut pushed) = (Receiver::with(refinement), Vec::new(), 0);
    for piece in pieces {
        pushed += piece.len();
        receiver.push(piece, |reception| all.push(told(&reception, pushed)));
        let decoded = N_SHORT_SYMBOL * receiver.n_decoded();
        assert!(decoded <= 5 * pushed + MOST_SAVED, "{decoded} samples decoded of {pushed}");
    }
    receiver.finish(|reception| all.push(told(&reception, pushed)));
    all
}

fn told(reception: &Reception, pushed: usize) -> Told {
    match reception {
        Reception::Lost { at, why, announced } => {
            assert!(*at < pushed, "lost at {at} of {pushed}");
            Told { words: format!("lost at {at}: {why}, {announced:?}"), numbers: Vec::new() }
        }
        Reception::Frame(frame) => {
            let ppdu = frame.ppdu;
            assert!(frame.start <= frame.end && frame.end <= pushed, "{} to {} of {pushed}", frame.start, frame.end);
            assert!(frame.end - frame.start <= ppdu.n_samples(), "samples of {ppdu:?}");
            assert_eq!(frame.psdu.len(), ppdu.length(), "octets of {ppdu:?}");
            assert_eq!(frame.points.len(), ppdu.n_sym() * ppdu.mcs().n_data(), "points of {ppdu:?}");
            let (evm, hz, snr) = (frame.evm_db(), frame.cfo_hz(), frame.channel.snr_db());
            let words = format!(
                "{ppdu:?} {} {} {} {} {} {evm} {hz} {snr}",
                frame.start,
                frame.end,
                frame.aggregation,
                frame.scrambler.get(),
                frame.fcs_ok()
            );
            let numbers = frame.points.iter().chain(&frame.channel.gain).flat_map(|x| [x.re, x.im]);
            let numbers = numbers.map(|x| if x.is_nan() { f32::NAN } else { x }.to_bits());
            let numbers = numbers.chain(frame.psdu.iter().map(|&octet| octet.into())).collect();
            Told { words, numbers }
        }
    }
}

/// Frames, noise and silence, one after the other, and damages to all of it.
fn frames(input: &mut Input) -> Vec<Complex32> {
    let transform = Transform::default();
    let mut samples: Vec<Complex32> = Vec::new();
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        let step = input.u8() % 13;
        let at = if step < 3 || samples.is_empty() { samples.len() } else { input.u32() as usize % samples.len() };
        match step {
            0 => samples.extend(frame(input, &transform)),
            1 => samples.extend(announced(input, &transform)),
            2 => {
                let (n, scale) = (input.u16().into(), f32::from(input.u8()) / 256.0);
                let mut noise = Noise(n as u64);
                samples.extend((0..n).map(|_| Complex32::new(noise.f32(), noise.f32()) * scale));
            }
            3 => samples[at..].iter_mut().take(1 + usize::from(input.u8() % 16)).for_each(|x| x.re = input.f32()),
            4 => {
                let (n, scale) = (input.u16().into(), input.f32());
                samples[at..].iter_mut().take(n).for_each(|x| *x *= scale);
            }
            5 => {
                let end = samples.len().min(at + usize::from(input.u16()));
                samples.drain(at..end);
            }
            6 => {
                let end = samples.len().min(at + input.below(4096));
                let again = samples[at..end].to_vec();
                samples.splice(at..at, again);
            }
            7 => {
                let (n, offset) = (input.u16().into(), Complex32::new(code(input.u8()), code(input.u8())));
                samples[at..].iter_mut().take(n).for_each(|x| *x += offset);
            }
            8 => {
                // Up to about 400 kHz.
                let step = code(input.u8()) / 8.0;
                let turn = |(i, x): (usize, &mut Complex32)| *x *= Complex32::from_polar(1.0, step * i as f32);
                samples[at..].iter_mut().enumerate().for_each(turn);
            }
            9 => {
                let (scale, mut noise) = (f32::from(input.u8()) / 128.0, Noise(at as u64));
                samples[at..].iter_mut().for_each(|x| *x += Complex32::new(noise.f32(), noise.f32()) * scale);
            }
            10 => {
                // A clock that is wrong, or an echo.
                let (n, scale) = (1 + input.below(64), code(input.u8()));
                for i in (at + n..samples.len()).rev() {
                    let echo = samples[i - n];
                    samples[i] += echo * scale;
                }
            }
            11 => {
                // A tone of any frequency, from here on.
                let (cycles, scale) = (code(input.u8()) / 2.0 + code(input.u8()) / 128.0, input.u8());
                let turn =
                    |i: usize| Complex32::from_polar(f32::from(scale) / 256.0, TAU * (cycles * i as f32).fract());
                samples[at..].iter_mut().enumerate().for_each(|(i, x)| *x += turn(i));
            }
            _ => {
                let every = 50 + input.below(5000);
                let mut i = 0;
                samples.retain(|_| {
                    i += 1;
                    i % every != 0
                });
            }
        }
        samples.truncate(MOST_SAMPLES);
    }
    samples
}

/// A frame of any rate, guard interval, length and scrambler state.
fn frame(input: &mut Input, transform: &Transform) -> Vec<Complex32> {
    let (scheme, length) = (input.u8(), 1 + input.below(1200));
    let mcs = Mcs::ALL[usize::from(scheme % 16)];
    let guard = if scheme & 0x10 != 0 && mcs.format() == Format::Ht { Guard::Short } else { Guard::Long };
    let state = ScramblerState::new(1 + input.u8() % 127).expect("1 to 127");
    let mut psdu = Noise(length as u64).octets(length);
    if scheme & 0x20 == 0 && length > 4 {
        let check = fcs::fcs(&psdu[..length - 4]);
        psdu[length - 4..].copy_from_slice(&check);
    }
    let ppdu = Ppdu::new(mcs, guard, length).expect("every length up to 1200 fits");
    transmit(&psdu, ppdu, state, transform)
}

/// A frame whose SIGNAL or HT-SIG field says what the fuzzer wants, with its parity or check sequence right or wrong, on
/// I or on Q.
fn announced(input: &mut Input, transform: &Transform) -> Vec<Complex32> {
    let how = input.u8();
    let mut samples = frame(input, transform);
    let mut signal = bits::<24>(input);
    if how & 1 == 0 {
        signal[4] = 0;
        signal[17] = signal[..17].iter().sum::<u8>() % 2;
        signal[18..].fill(0);
    }
    put(&mut samples, 0, &signal, how & 2 != 0, transform);
    if how & 4 != 0 {
        let mut ht_signal = bits::<48>(input);
        if how & 8 == 0 {
            crate::signal::seal(&mut ht_signal);
        }
        put(&mut samples, usize::from(how & 0x10 == 0), &ht_signal, how & 0x20 == 0, transform);
    }
    samples
}

fn bits<const N: usize>(input: &mut Input) -> [u8; N] {
    let word = input.u64();
    std::array::from_fn(|i| (word >> i & 1) as u8)
}

/// Puts a header field in place of the symbols from `symbol` on, counted from SIGNAL.
fn put(samples: &mut [Complex32], symbol: usize, bits: &[u8], is_turned: bool, transform: &Transform) {
    let points = qam::map(&interleave(&encode(bits, EncoderState::default()), Mcs::SIGNAL), Mcs::SIGNAL.modulation());
    let turn = if is_turned { Complex32::I } else { Complex32::ONE };
    let mut field = Vec::new();
    for (n, points) in points.chunks_exact(N_DATA).enumerate() {
        let points: Vec<Complex32> = points.iter().map(|point| point * turn).collect();
        transform.modulate(&spectrum(&points, pilots(symbol + n)), N_CP, &mut field);
    }
    samples[320 + 80 * symbol..].iter_mut().zip(field).for_each(|(sample, new)| *sample = new);
}

/// A damaged or sound frame for each way to make one, then the same as 8-bit integers and as floats.
pub fn seeds() -> Seeds {
    let mut seeds = Vec::new();
    for scheme in [0x00, 0x07, 0x08, 0x0f, 0x1f, 0x2a, 0x24] {
        for damage in 0..12 {
            let mut seed = vec![if scheme & 1 == 0 { 2 } else { 0x82 }, damage, scheme];
            seed.extend([2, 200, 0, 9, 0, scheme, 60, 0, 90]);
            seed.extend([&[damage + 1][..], &[100, 1, 0, 0, 40, 1, 30, 2, 0, 0][..10]].concat());
            seed.extend([0, scheme ^ 3, 20, 0, 7, 2, 60, 0, 5]);
            seeds.push(seed);
        }
    }
    for how in [0x00, 0x01, 0x02, 0x04, 0x0c, 0x14, 0x24, 0x06] {
        let ht_signal = [0x07, 0x64, 0x00, 0x07, 0, 0, 0, 0];
        seeds.push([&[2, 1, 1, 1, how, 0, 100, 0, 3, 0x8b, 0x0c, 0, 0, 0, 0, 0, 0][..], &ht_signal].concat());
    }
    let transform = Transform::default();
    for scheme in [0x00, 0x07, 0x0f] {
        let samples = frame(&mut Input(&[scheme, 20, 0, 3]), &transform);
        let codes = samples.iter().flat_map(|x| [(x.re * 40.0) as i8 as u8, (x.im * 40.0) as i8 as u8]);
        seeds.push([0, 1, 2].into_iter().chain(codes).collect());
    }
    let samples = frame(&mut Input(&[0x06, 4, 0, 3]), &transform);
    let codes = samples.iter().flat_map(|x| [x.re.to_le_bytes(), x.im.to_le_bytes()]).flatten();
    seeds.push([1, 1, 2].into_iter().chain(codes).collect());
    seeds
}
