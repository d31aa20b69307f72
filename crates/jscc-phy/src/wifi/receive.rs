//! The receiver: samples to PSDU. Either *unaided*, as a card does it, or *aided*, with timing, SIGNAL, channel and
//! scrambler state known, which is what curves below the SNR of detection imply.

use super::N_SERVICE;
use super::N_TAIL;
use super::convolve::EncoderState;
use super::equalize::{ChannelEstimate, Equalized};
use super::fcs;
use super::interleave::deinterleave;
use super::ofdm::{N_SYMBOL, Transform};
use super::puncture::depuncture;
use super::qam;
use super::scramble::{ScramblerState, scramble};
use super::signal::{Signal, SignalError};
use super::sync::{find, rotation};
use super::transmit::N_HEADER;
use super::viterbi::{End, decode};
use crate::Complex32;
use crate::units::N_FFT;

/// A frame as a receiver hands it over. Its bits may be wrong: see [`Frame::fcs_ok`].
#[derive(Debug, Clone)]
pub struct Frame {
    /// What SIGNAL says.
    pub signal: Signal,
    /// Scrambler state that the PSDU was descrambled with.
    pub scrambler: ScramblerState,
    /// The decoded octets.
    pub psdu: Vec<u8>,
    /// Equalised points of the DATA field, 48 a symbol.
    pub points: Vec<Complex32>,
    /// First sample after the frame.
    pub end: usize,
    /// Carrier frequency offset, radians per sample.
    pub cfo: f32,
}

impl Frame {
    /// Whether the PSDU ends in its frame check sequence.
    pub fn fcs_ok(&self) -> bool {
        fcs::check(&self.psdu)
    }
}

/// Why there is no frame: a value like any other, for radio loses frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No preamble was found.
    #[error("no 802.11a preamble was found")]
    NoPreamble,
    /// SIGNAL could not be read.
    #[error("a preamble was found, but {0}")]
    Signal(#[from] SignalError),
    /// The samples end before the frame does.
    #[error("the frame needs {need} samples from its LTF on, and {have} are there")]
    Truncated {
        /// Samples from the LTF's first body to the frame's end.
        need: usize,
        /// Samples from the LTF's first body on that are there.
        have: usize,
    },
}

/// The first frame at or after sample `from`, with nothing known beforehand.
pub fn receive(samples: &[Complex32], from: usize, transform: &Transform) -> Result<Frame, Lost> {
    let sync = find(samples, from, transform).ok_or(Lost::NoPreamble)?;
    let turned = |at: usize, n: usize| -> Option<Vec<Complex32>> {
        let block = samples.get(at..at + n)?;
        Some(block.iter().enumerate().map(|(i, x)| x * rotation(sync.cfo, at + i - sync.ltf)).collect())
    };
    let have = samples.len() - sync.ltf;
    let header = turned(sync.ltf, 2 * N_FFT + N_SYMBOL).ok_or(Lost::Truncated { need: 2 * N_FFT + N_SYMBOL, have })?;
    let channel = ChannelEstimate::from_ltf(&header[..2 * N_FFT], transform);
    let first = channel.equalize(&transform.demodulate(&header[2 * N_FFT..]), 0);
    let signal = Signal::from_points(&first.points, &first.weights)?;

    let data = sync.ltf + header.len();
    let n_data = signal.n_sym() * N_SYMBOL;
    let heard = turned(data, n_data).ok_or(Lost::Truncated { need: header.len() + n_data, have })?;
    let symbols: Vec<_> = heard
        .chunks_exact(N_SYMBOL)
        .enumerate()
        .map(|(n, symbol)| channel.equalize(&transform.demodulate(symbol), n + 1))
        .collect();
    let bits = decode_data(&symbols, signal);
    let scrambler = ScramblerState::from_service(&bits);
    Ok(frame(signal, scrambler, bits, &symbols, data + n_data, sync.cfo))
}

/// What an aided receiver is told.
#[derive(Debug, Clone)]
pub struct Known {
    /// Rate and length.
    pub signal: Signal,
    /// Channel gains.
    pub channel: ChannelEstimate,
    /// The sender's scrambler state.
    pub scrambler: ScramblerState,
}

/// The frame that begins at sample 0, by a receiver that knows timing, SIGNAL, channel and scrambler state.
///
/// # Panics
/// If the samples end before the frame does.
pub fn receive_aided(samples: &[Complex32], known: &Known, transform: &Transform) -> Frame {
    let end = N_HEADER + known.signal.n_sym() * N_SYMBOL;
    assert!(samples.len() >= end, "a frame of {end} samples in {}", samples.len());
    let symbols: Vec<_> = samples[N_HEADER..end]
        .chunks_exact(N_SYMBOL)
        .map(|symbol| known.channel.equalize_coherent(&transform.demodulate(symbol)))
        .collect();
    let bits = decode_data(&symbols, known.signal);
    frame(known.signal, known.scrambler, bits, &symbols, end, 0.0)
}

/// The decoded, still scrambled bits of SERVICE, PSDU and tail.
fn decode_data(symbols: &[Equalized], signal: Signal) -> Vec<u8> {
    let mcs = signal.mcs();
    let mut llr = vec![0.0; symbols.len() * mcs.n_cbps()];
    let of_symbols = symbols.iter().flat_map(|symbol| symbol.points.iter().zip(&symbol.weights));
    for ((&point, &weight), llr) in of_symbols.zip(llr.chunks_exact_mut(mcs.n_bpsc())) {
        qam::demap(point, mcs.modulation(), weight, llr);
    }
    let mother = depuncture(&deinterleave(&llr, mcs), mcs.code_rate());
    let n_bits = N_SERVICE + 8 * signal.length() + N_TAIL;
    decode(&mother[..2 * n_bits], EncoderState::default(), End::Zero)
}

fn frame(
    signal: Signal,
    scrambler: ScramblerState,
    mut bits: Vec<u8>,
    symbols: &[Equalized],
    end: usize,
    cfo: f32,
) -> Frame {
    scramble(&mut bits, scrambler);
    let psdu = to_octets(&bits[N_SERVICE..N_SERVICE + 8 * signal.length()]);
    let points = symbols.iter().flat_map(|symbol| symbol.points).collect();
    Frame { signal, scrambler, psdu, points, end, cfo }
}

/// Bits, least significant first, to octets; the inverse of [`super::transmit::to_bits`].
///
/// # Panics
/// If the bits do not fill whole octets.
pub fn to_octets(bits: &[u8]) -> Vec<u8> {
    assert_eq!(bits.len() % 8, 0, "{} bits in octets", bits.len());
    bits.chunks_exact(8).map(|bits| bits.iter().rev().fold(0, |octet, &bit| octet << 1 | bit)).collect()
}
