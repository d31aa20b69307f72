//! Soft-decision Viterbi decoding, K = 7, generators 133 and 171, terminated, traceback included.

use crate::measure::{self, Contender, Table, timed};
use crate::noise::Noise;
use std::hint::black_box;
#[cfg(feature = "viterbi")]
use viterbi::{CcsdsSoftDecoder, CodeParams, SoftLlr};

/// Octets of a frame: 32768 bits.
pub const OCTETS: usize = 4096;
const FRAMES: usize = 8;
/// 802.11 closes the trellis by six zeros, which is what all decoders here need but `fec`, which reads eight.
const TAIL: usize = 6;
const TAIL_OF_FEC: usize = 8;
/// 133 and 171 for a register whose newest bit is the least significant one.
pub const GENERATORS: [u16; 2] = [0o155, 0o117];
/// Es/N0 of 3 dB for BPSK of amplitude 1: hundreds of wrong hard bits a frame, and not one after decoding.
const SIGMA: f32 = 0.501;

struct Frame {
    octets: Vec<u8>,
    /// Received BPSK, positive for coded bit 0, with a tail of eight bits.
    received: Vec<f32>,
}

impl Frame {
    fn new(seed: u64) -> Self {
        let mut noise = Noise(seed);
        let octets = noise.octets(OCTETS);
        let mut register = 0;
        let bits = octets.iter().flat_map(|octet| (0..8).map(move |i| octet >> i & 1)).chain([0; TAIL_OF_FEC]);
        let received = bits
            .flat_map(|bit| {
                register = (register << 1 | u32::from(bit)) & 0x7f;
                let noise = SIGMA * noise.gauss();
                let sent = GENERATORS.map(|taps| 1.0 - 2.0 * ((register & u32::from(taps)).count_ones() & 1) as f32);
                [sent[0] + noise.re, sent[1] + noise.im]
            })
            .collect();
        Self { octets, received }
    }

    /// The received values as a decoder wants them.
    fn soft<T>(&self, tail: usize, quantise: impl FnMut(f32) -> T) -> Vec<T> {
        self.received[..2 * (8 * OCTETS + tail)].iter().copied().map(quantise).collect()
    }
}

pub fn race() -> Vec<Table> {
    let frames: Vec<_> = (0..FRAMES as u64).map(Frame::new).collect();
    let contenders = vec![
        our_contender(&frames),
        #[cfg(volk)]
        volk_contender(&frames),
        #[cfg(feature = "fec-simd")]
        fec_simd_contender(&frames),
        fec_contender(&frames),
        #[cfg(feature = "viterbi")]
        viterbi_contender(&frames),
    ];
    let bits = FRAMES * 8 * OCTETS;
    let mut table = measure::race("Viterbi K=7 133/171, soft, decoded bits", "Mb/s", bits as f64 / 1e6, contenders);
    if cfg!(not(volk)) {
        table = table.remark("VOLK: not installed (apt-get install pkg-config libvolk2-dev)");
    }
    if cfg!(not(feature = "fec-simd")) {
        table = table.remark("fec with SIMD: needs a nightly compiler (--features fec-simd)");
    }
    if cfg!(not(feature = "viterbi")) {
        table = table.remark("viterbi: asks for Rust 1.96 (--features viterbi)");
    }
    vec![table.remark("crafter 0.3.5: its decode_bcc is private; it runs in the receiver's table only")]
}

/// A contender that decodes all frames in one pass, after a check that it decodes them right. `decode` writes the
/// octets of a frame, `order` puts their bits into ours.
fn contender<'a, T: 'a>(
    name: &str,
    frames: &[Frame],
    soft: impl Fn(&Frame) -> Vec<T>,
    mut decode: impl FnMut(&[T], &mut [u8]) + 'a,
    order: impl Fn(u8) -> u8,
) -> Contender<'a> {
    let inputs: Vec<_> = frames.iter().map(soft).collect();
    let mut octets = vec![0; OCTETS];
    let mut right = 0;
    for (frame, input) in frames.iter().zip(&inputs) {
        decode(input, &mut octets);
        right += usize::from(octets.iter().copied().map(&order).eq(frame.octets.iter().copied()));
    }
    Contender::new(name, format!("{right} of {FRAMES} frames right"), move || {
        timed(|| {
            for input in &inputs {
                decode(input, &mut octets);
                black_box(&octets);
            }
        })
    })
}

/// Offset binary: 255 is a sure 1, 0 a sure 0; an amplitude of 1 is half of full scale.
fn offset_binary(received: f32) -> u8 {
    (127.5 - 64.0 * received).round() as u8
}

/// `fec`, the decoder that stable Rust builds: offset binary, a tail of eight bits, first bit most significant.
fn fec_contender<'a>(frames: &[Frame]) -> Contender<'a> {
    let mut decoder = fec::ConvDecoder::new(2, 7, &GENERATORS);
    let decode = move |soft: &[u8], octets: &mut [u8]| {
        decoder.decode_soft(soft, octets).expect("whole octets");
    };
    contender("fec 0.2.2", frames, |frame| frame.soft(TAIL_OF_FEC, offset_binary), decode, u8::reverse_bits)
}

/// `fec` with SIMD: fed alike.
#[cfg(feature = "fec-simd")]
fn fec_simd_contender<'a>(frames: &[Frame]) -> Contender<'a> {
    let mut decoder = fec::ConvSimdDecoder::<2, 7>::new(&GENERATORS);
    let decode = move |soft: &[u8], octets: &mut [u8]| {
        decoder.decode_soft(soft, octets).expect("whole octets");
    };
    contender("fec 0.2.2, SIMD", frames, |frame| frame.soft(TAIL_OF_FEC, offset_binary), decode, u8::reverse_bits)
}

/// `viterbi`: signed octets, positive for 0, first bit most significant. Its answer is copied, as ours is.
#[cfg(feature = "viterbi")]
fn viterbi_contender<'a>(frames: &[Frame]) -> Contender<'a> {
    let code = CodeParams::new(7, vec![0o133, 0o171], vec![false; 2]).expect("a good code");
    let mut decoder = CcsdsSoftDecoder::new(code, 8 * OCTETS).expect("a short block");
    let decode = move |soft: &[i8], octets: &mut [u8]| {
        octets.copy_from_slice(&decoder.decode(soft, 8 * OCTETS).expect("a whole block").bytes);
    };
    let soft = |frame: &Frame| frame.soft(TAIL, |received| SoftLlr::llr_from_bpsk(received, 64.0));
    contender("viterbi 0.2.0", frames, soft, decode, u8::reverse_bits)
}

/// VOLK's kernel with a traceback like that of its test code: offset binary.
#[cfg(volk)]
fn volk_contender<'a>(frames: &[Frame]) -> Contender<'a> {
    let mut decoder = crate::volk::Decoder::new(8 * OCTETS + TAIL);
    let name = decoder.name();
    let decode = move |soft: &[u8], octets: &mut [u8]| decoder.decode(soft, octets);
    contender(&name, frames, |frame| frame.soft(TAIL, offset_binary), decode, |octet| octet)
}

/// Ours: signed, 4 bits and a sign, positive for 0. The octets are borrowed from the decoder and copied, as `viterbi`'s.
fn our_contender<'a>(frames: &[Frame]) -> Contender<'a> {
    use jscc_phy::wifi::{convolve::EncoderState, viterbi};
    let mut decoder = viterbi::Decoder::new();
    let decode = move |soft: &[i8], octets: &mut [u8]| {
        octets.copy_from_slice(&decoder.decode(soft, EncoderState::default(), viterbi::End::Zero)[..OCTETS]);
    };
    let soft = |frame: &Frame| frame.soft(TAIL, |received| (7.5 * received).round().clamp(-15.0, 15.0) as i8);
    contender(&format!("jscc-phy {}", viterbi::kernel()), frames, soft, decode, |octet| octet)
}
