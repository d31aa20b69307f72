//! Receiver of one frame without prior knowledge: samples to PSDU, as in a card. [`super::aided`] has more knowledge,
//! [`super::receiver`] processes a stream.

use super::ampdu;
use super::data::{decode_unaided, follow, follow_all, scrambled};
use super::demodulate::{Demodulator, Front, errors, lower_weights};
use super::equalize::ChannelEstimate;
use super::fcs;
use super::ht_signal::{self, Announced, HtSignal, HtSignalError, Unsupported};
use super::lines;
use super::mcs::Mcs;
use super::ofdm::{DATA_TONES, N_CP, N_DATA, N_SYMBOL, Transform, pilots};
use super::ppdu::Ppdu;
use super::preamble::EARLY;
use super::preamble::{N_FIELD, N_HT_TRAINING, N_LTF_GUARD};
use super::refine::{refine, sent};
use super::residue::take_tones_off;
use super::scramble::ScramblerState;
use super::signal::{Signal, SignalError};
use super::sync::{Ending, Search, Sync, find};
use super::track::Tracker;
use super::viterbi::Decoder;
use crate::Complex32;
use crate::units::{N_FFT, to_db};

/// A received frame. Its bits may be wrong: see [`Frame::fcs_ok`].
#[derive(Debug, Clone)]
pub struct Frame {
    /// Scheme, guard interval and length.
    pub ppdu: Ppdu,
    /// Whether the PSDU is an A-MPDU.
    pub aggregation: bool,
    /// Scrambler state with which the PSDU was descrambled.
    pub scrambler: ScramblerState,
    /// The decoded octets.
    pub psdu: Vec<u8>,
    /// Equalised points of the DATA field, symbol after symbol.
    pub points: Vec<Complex32>,
    /// First sample of the preamble.
    pub start: usize,
    /// First sample after the frame.
    pub end: usize,
    /// Carrier frequency offset, radians per sample.
    pub cfo: f32,
    /// Channel estimate from the training fields.
    pub channel: ChannelEstimate,
}

impl Frame {
    /// The MAC frames with a right check sequence: the PSDU, or those of an A-MPDU.
    pub fn mpdus(&self) -> Vec<&[u8]> {
        if self.aggregation {
            return ampdu::split(&self.psdu);
        }
        fcs::check(&self.psdu).then_some(&self.psdu[..]).into_iter().collect()
    }

    /// Whether the PSDU ends with its frame check sequence, or contains a MAC frame that does.
    pub fn fcs_ok(&self) -> bool {
        !self.mpdus().is_empty()
    }

    /// Carrier frequency offset in Hz at 20 Msample/s.
    pub fn cfo_hz(&self) -> f64 {
        f64::from(self.cfo) * 20e6 / std::f64::consts::TAU
    }

    /// Mean squared distance of the points to the nearest of the constellation, in dB relative to its power.
    pub fn evm_db(&self) -> f64 {
        let n_data = self.ppdu.mcs().n_data();
        let errors = errors(&self.points, &vec![1.0; n_data], self.ppdu.mcs());
        to_db(f64::from(errors.tones.iter().sum::<f32>()) / n_data as f64)
    }
}

/// Reason why there is no frame; not an exceptional error, because radio loses frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No preamble was found.
    #[error("no 802.11 preamble was found")]
    NoPreamble,
    /// SIGNAL could not be read.
    #[error("a preamble was found, but {0}")]
    Signal(#[from] SignalError),
    /// HT-SIG could not be read.
    #[error("an HT preamble was found, but {0}")]
    HtSignal(HtSignalError),
    /// A valid frame of an unsupported kind.
    #[error("{0}")]
    Unsupported(Unsupported),
    /// The samples end before the frame.
    #[error("the frame needs {need} samples from its LTF on, and {have} are there")]
    Truncated {
        /// Samples from the LTF's first body to the frame's end.
        need: usize,
        /// Samples available from the LTF's first body on.
        have: usize,
    },
}

/// Receives the first frame at or after sample `from`, without prior knowledge.
pub fn receive(samples: &[Complex32], from: usize, transform: &Transform) -> Result<Frame, Lost> {
    let Search::Found(sync) = find(samples, from, Ending::Last, transform) else { return Err(Lost::NoPreamble) };
    let header = read_header(samples, sync, transform).map_err(|refusal| refusal.why)?;
    header.need_all(0)?;
    Ok(header.decode(&mut Decoder::new(), Refinement::Never))
}

/// Whether a frame with a wrong check sequence is decoded again with a channel estimate from its first decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refinement {
    /// No.
    Never,
    /// Once.
    WhenWrong,
}

/// A preamble without a readable frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    pub why: Lost,
    /// First sample after the part known to be lost with it.
    pub from: usize,
    /// Header content, if any was read.
    pub announced: Option<Announced>,
    /// Whether a check sequence confirms the header.
    pub is_proven: bool,
}

/// Samples from the first body of the LTF to the symbol after it.
const N_BODIES: usize = 2 * N_FFT;
/// Samples from there to the symbol after SIGNAL.
const PAST_SIGNAL: usize = N_BODIES + N_SYMBOL;
/// Samples from there to the HT-LTF's body, in an HT frame.
const HT_LTF: usize = N_BODIES + 3 * N_SYMBOL + N_HT_TRAINING - N_FFT;

/// Most times that a frame is decoded again without tones.
const MOST_ATTEMPTS: usize = 3;

/// Samples by which a sender's slow clock can extend the longest frame: 5.5 ms at 40 ppm are 4.4.
pub(super) const SLIP: usize = 8;

/// A frame whose header has been read.
pub(super) struct Headed<'a> {
    front: Front<'a>,
    sync: Sync,
    n_samples: usize,
    pub ppdu: Ppdu,
    aggregation: bool,
    channel: ChannelEstimate,
    tracker: Tracker,
}

/// Reads the header of the frame at this place.
pub(super) fn read_header<'a>(
    samples: &'a [Complex32],
    sync: Sync,
    transform: &'a Transform,
) -> Result<Headed<'a>, Refusal> {
    let (cfo, lines) = lines::of_preamble(samples, sync.ltf, sync.cfo, transform);
    let front = Front::new(&samples[sync.ltf..], cfo, transform).without(lines);
    let until = |at: usize| move |why: Lost| Refusal { why, from: sync.ltf + at, announced: None, is_proven: false };
    need(&front, PAST_SIGNAL).map_err(until(N_FFT))?;
    let plain = ChannelEstimate::from_ltf(&front.bins(0), &front.bins(N_FFT));
    let smooth = plain.smoothed();
    let mut header = Header::new(&front, &smooth);
    header.next().map_err(until(N_FFT))?;
    if let Some(announced) = header.greenfield() {
        let greenfield = until(PAST_SIGNAL + N_SYMBOL)(Lost::Unsupported(Unsupported::Greenfield));
        return Err(Refusal { announced: Some(announced), is_proven: true, ..greenfield });
    }
    let signal = header.signal().map_err(until(N_BODIES))?;
    let past_signal = |why: Lost, announced: Announced, is_proven: bool| Refusal {
        announced: Some(announced),
        is_proven,
        ..until(PAST_SIGNAL)(why)
    };
    let (ppdu, aggregation, channel, tracker) = match header.ht_signal(signal) {
        Ok(None) => (Ppdu::long_guard(signal.mcs(), signal.length()), false, smooth.clone(), header.tracker),
        Ok(Some(ht)) => {
            need(&front, HT_LTF + N_FFT).map_err(until(PAST_SIGNAL))?;
            let channel = plain.with_ht_ltf(&front.bins(HT_LTF), ht.smoothing);
            (ht.ppdu, ht.aggregation, channel, header.tracker.anew())
        }
        Err((why, bits)) => {
            let announced = match bits {
                Some(bits) => Announced::by_both(signal, &bits),
                None => Announced::by_signal(signal),
            };
            return Err(past_signal(why, announced, bits.is_some()));
        }
    };
    let sync = Sync { cfo, ..sync };
    Ok(Headed { front, sync, n_samples: samples.len(), ppdu, aggregation, channel, tracker })
}

impl Headed<'_> {
    /// First sample of the preamble.
    pub fn start(&self) -> usize {
        (self.sync.ltf + EARLY).saturating_sub(N_FIELD + N_LTF_GUARD)
    }

    /// Samples from the LTF's first body to DATA.
    fn data(&self) -> usize {
        self.ppdu.n_header() - N_FIELD - N_LTF_GUARD
    }

    /// Samples from the LTF's first body to the frame's end.
    fn end(&self) -> usize {
        self.data() + self.ppdu.n_sym() * self.ppdu.n_symbol_samples()
    }

    /// Checks that the samples extend to `slack` after the frame's end.
    pub fn need_all(&self, slack: usize) -> Result<(), Lost> {
        need(&self.front, self.end() + slack)
    }

    /// Reads DATA.
    ///
    /// # Panics
    /// If samples are missing.
    pub fn decode(self, decoder: &mut Decoder, refinement: Refinement) -> Frame {
        let (ppdu, aggregation, start) = (self.ppdu, self.aggregation, self.start());
        let demodulator = Demodulator::new(ppdu.mcs().data_tones(), &self.front, &self.channel);
        let mut decoded =
            self.decode_points(follow(&demodulator, self.data(), ppdu, self.tracker), &demodulator, decoder);
        if !self.is_right(&decoded.psdu) {
            decoded = self.without_tones(&demodulator, decoder, &decoded).unwrap_or(decoded);
        }
        let Decoded { mut points, mut weights, factors, mut scrambler, mut psdu } = decoded;
        if refinement == Refinement::WhenWrong && !aggregation && !fcs::check(&psdu) {
            refine(&mut points, &mut weights, &scrambled(&psdu, scrambler), ppdu);
            (scrambler, psdu) = decode_unaided(&points, &weights, &factors, ppdu, decoder);
        }
        let end = (self.sync.ltf + EARLY + self.end()).min(self.n_samples);
        let (cfo, channel) = (self.sync.cfo, self.channel);
        Frame { ppdu, aggregation, scrambler, psdu, points, start, end, cfo, channel }
    }
}

impl Headed<'_> {
    fn is_right(&self, psdu: &[u8]) -> bool {
        if self.aggregation { !ampdu::split(psdu).is_empty() } else { fcs::check(psdu) }
    }

    fn decode_points(&self, points: Vec<Complex32>, demodulator: &Demodulator, decoder: &mut Decoder) -> Decoded {
        let mut weights = demodulator.weights();
        let errors = errors(&points, &weights, self.ppdu.mcs());
        let factors = lower_weights(&mut weights, &errors);
        let (scrambler, psdu) = decode_unaided(&points, &weights, &factors, self.ppdu, decoder);
        Decoded { points, weights, factors, scrambler, psdu }
    }

    /// Decodes the field without the tones that appear in the residue of the decoded bits; `None` if that does not make
    /// it right. Each attempt brings the bits closer.
    fn without_tones(&self, demodulator: &Demodulator, decoder: &mut Decoder, wrong: &Decoded) -> Option<Decoded> {
        let mut heard = Vec::with_capacity(self.ppdu.n_sym());
        let all = follow_all(demodulator, self.data(), self.ppdu, self.tracker, |symbol| heard.push(symbol));
        let mut octets = scrambled(&wrong.psdu, wrong.scrambler);
        for _ in 0..MOST_ATTEMPTS {
            let points = take_tones_off(&heard, all.clone(), &sent(&octets, self.ppdu), self.ppdu, demodulator)?;
            let decoded = self.decode_points(points, demodulator, decoder);
            if self.is_right(&decoded.psdu) {
                return Some(decoded);
            }
            octets = scrambled(&decoded.psdu, decoded.scrambler);
        }
        None
    }
}

/// A decoded DATA field.
struct Decoded {
    points: Vec<Complex32>,
    weights: Vec<f32>,
    factors: Vec<f32>,
    scrambler: ScramblerState,
    psdu: Vec<u8>,
}

fn need(front: &Front, need: usize) -> Result<(), Lost> {
    let have = front.len();
    if have >= need { Ok(()) } else { Err(Lost::Truncated { need, have }) }
}

/// The symbols after the LTF, one after another.
struct Header<'a> {
    front: &'a Front<'a>,
    demodulator: Demodulator<'a>,
    weights: Vec<f32>,
    tracker: Tracker,
    /// Points of the symbols read so far.
    points: Vec<Complex32>,
}

impl<'a> Header<'a> {
    fn new(front: &'a Front<'a>, channel: &'a ChannelEstimate) -> Self {
        let demodulator = Demodulator::new(&DATA_TONES, front, channel);
        let (weights, tracker) = (demodulator.weights(), Tracker::new(demodulator.reliability()));
        Self { front, demodulator, weights, tracker, points: Vec::with_capacity(3 * N_DATA) }
    }

    /// Reads the next symbol.
    fn next(&mut self) -> Result<(), Lost> {
        let n = self.points.len() / N_DATA;
        let at = N_BODIES + n * N_SYMBOL + N_CP;
        need(self.front, at + N_FFT)?;
        self.points.resize((n + 1) * N_DATA, Complex32::ZERO);
        let points = &mut self.points[n * N_DATA..];
        self.demodulator.track(at, pilots(n), &mut self.tracker, points);
        Ok(())
    }

    fn symbol(&self, n: usize) -> &[Complex32] {
        &self.points[n * N_DATA..(n + 1) * N_DATA]
    }

    /// Whether a symbol's points lie on Q rather than on I.
    fn is_turned(&self, n: usize) -> bool {
        let lean = |(point, weight): (&Complex32, &f32)| weight * (point.im * point.im - point.re * point.re);
        self.symbol(n).iter().zip(&self.weights).map(lean).sum::<f32>() > 0.0
    }

    /// Content of the HT-SIG field of an HT-greenfield frame, which immediately follows the LTF.
    fn greenfield(&mut self) -> Option<Announced> {
        let before = self.tracker;
        if !self.is_turned(0) || self.next().is_err() {
            return None;
        }
        let bits = self.ht_signal_bits(0);
        self.points.truncate(N_DATA);
        self.tracker = before;
        let is_sound = !matches!(HtSignal::from_bits(&bits), Err(HtSignalError::Crc | HtSignalError::NotZero));
        is_sound.then(|| Announced::by_greenfield(&bits))
    }

    fn signal(&self) -> Result<Signal, Lost> {
        Ok(Signal::from_points(self.symbol(0), &self.weights)?)
    }

    fn ht_signal_bits(&self, n: usize) -> [u8; ht_signal::N_BITS] {
        ht_signal::decided(&self.points[n * N_DATA..(n + 2) * N_DATA], &self.weights.repeat(2))
    }

    /// The field after L-SIG: HT-SIG, or none, or the mark of an unsupported format, with the bits of a valid HT-SIG.
    /// The tracker stays at the last symbol before DATA, or before the HT training fields.
    fn ht_signal(&mut self, signal: Signal) -> Result<Option<HtSignal>, (Lost, Option<[u8; ht_signal::N_BITS]>)> {
        if signal.mcs() != Mcs::SIGNAL {
            return Ok(None);
        }
        let before = self.tracker;
        self.next().and_then(|()| self.next()).map_err(|lost| (lost, None))?;
        if self.is_turned(1) {
            let bits = self.ht_signal_bits(1);
            return HtSignal::from_bits(&bits).map(Some).map_err(|error| match error {
                HtSignalError::Unsupported(kind) => (Lost::Unsupported(kind), Some(bits)),
                other => (Lost::HtSignal(other), None),
            });
        }
        let is_whole = signal.length().is_multiple_of(3);
        if is_whole && self.is_turned(2) {
            return Err((Lost::Unsupported(Unsupported::Vht), None));
        }
        if !is_whole && Signal::from_points(self.symbol(1), &self.weights) == Ok(signal) {
            return Err((Lost::Unsupported(Unsupported::He), None));
        }
        self.tracker = before;
        Ok(None)
    }
}
