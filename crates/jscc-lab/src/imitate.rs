//! Imitation of any waveform at 20 Msample/s by a standard frame: the PHY inverted on the waveform's Fourier transform,
//! OFDM symbol by OFDM symbol. D2AJSCC, section III-B.
//!
//! The waveform is aligned with the DATA field: of each 80 samples the last 64 are the body of a symbol, whose
//! subcarriers the frame controls; the first 16 are the cyclic prefix, a copy of the body's end. It occupies those
//! symbols that are free as a whole: after SERVICE and MAC header, before FCS and tail.

mod measure;

pub use measure::{Band, Closeness, Measured, ToneError};

use crate::spec::FramingSpec;
use jscc_phy::Complex32;
use jscc_phy::emulation::carriers::{generator_matrix, rows};
use jscc_phy::emulation::layout::{Framing, Layout};
use jscc_phy::emulation::{Emulator, Inversion};
use jscc_phy::units::{N_FFT, mean_power};
use jscc_phy::wifi::Mcs;
use jscc_phy::wifi::ofdm::{N_CP, N_SYMBOL, Transform, bin};
use jscc_radio::encode::{SendError, Sending, scrambler_state};
use jscc_radio::source::{Said, Source};
use jscc_radio::{RadioError, Rate, Warning};
use std::ops::RangeInclusive;
use std::path::Path;

/// Amplitudes tried, in steps of 1.5 dB: a waveform with very unequal subcarriers needs another than noise does.
const LEVELS: RangeInclusive<i32> = -12..=4;
/// Samples read at a time.
const CHUNK: usize = 1 << 16;

/// Reason why a waveform cannot be imitated.
#[derive(Debug, thiserror::Error)]
pub enum ImitateError {
    /// The wave cannot be read.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// No such rate, scrambler state or frame.
    #[error(transparent)]
    Frame(#[from] SendError),
    /// No data subcarrier is selected.
    #[error(
        "no data subcarrier from {} to {}; at {rate} they are -{edge} to {edge} without 0 and the pilots ±7 and ±21",
        .tones.start(), .tones.end()
    )]
    Tones {
        /// Subcarriers asked for.
        tones: RangeInclusive<i32>,
        /// The rate.
        rate: String,
        /// The outermost subcarrier.
        edge: i32,
    },
    /// Less than one OFDM symbol.
    #[error("{got} samples from {start} on, less than one OFDM symbol of {N_SYMBOL}; give a longer wave")]
    Short {
        /// Samples available.
        got: usize,
        /// The first requested sample.
        start: u64,
    },
    /// More than a frame can carry.
    #[error(
        "from sample {start} on, the wave is longer than the {most} samples that a frame at {rate} holds; take a part with --start and --count"
    )]
    Long {
        /// Samples that fit.
        most: usize,
        /// The first requested sample.
        start: u64,
        /// The rate.
        rate: String,
    },
    /// No power on the selected subcarriers, or an infinite one.
    #[error("the wave has nothing on the wanted subcarriers, or no finite power; give others with --tones")]
    Silent,
}

impl ImitateError {
    /// Whether the user's input is at fault, rather than the disk.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Radio(error) => error.is_input(),
            _ => true,
        }
    }
}

/// Parameters of an imitation.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Rate of the frame.
    pub rate: Rate,
    /// Framing around the free bits.
    pub framing: FramingSpec,
    /// How the transmitter is inverted.
    pub inversion: Inversion,
    /// Subcarriers on which the wave counts; pilots and the empty one among them do not.
    pub tones: RangeInclusive<i32>,
    /// Initial state of the scrambler, 1 to 127, x1 the least significant bit.
    pub scrambler: u32,
}

/// Rank of the selected subcarriers: full if an exact inversion can give them any points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Coded bits of the selected subcarriers in one OFDM symbol.
    pub bits: usize,
    /// Rank of these bits over GF(2).
    pub rank: usize,
    /// Independent subcarriers, which are those that the inversion serves.
    pub served: Vec<i32>,
}

/// A frame that imitates a wave.
pub struct Imitation {
    /// The frame.
    pub frame: Sending,
    /// First sample of the imitation, counted from the frame's first.
    pub at: usize,
    /// OFDM symbols imitated.
    pub symbols: usize,
    /// Rank, for an exact inversion.
    pub rank: Option<Rank>,
    /// Accuracy of the imitation.
    pub measured: Measured,
}

impl Imitation {
    /// Samples of the wave that are imitated.
    pub fn samples(&self) -> usize {
        self.symbols * N_SYMBOL
    }
}

/// A waveform at 20 Msample/s, and the warnings about its recording.
pub struct Wave {
    /// Its samples.
    pub samples: Vec<Complex32>,
    /// Warnings about the recording.
    pub warnings: Vec<Warning>,
}

/// The waveform in the recording at `path` from its sample `start` on: `count` samples, or all; they must fit into a
/// frame.
///
/// # Errors
/// [`ImitateError::Radio`], `Frame`, `Short` and `Long`.
pub fn read(path: &Path, said: Said, start: u64, count: Option<usize>, wanted: &Wanted) -> Result<Wave, ImitateError> {
    let mut source = Source::open(path, said)?;
    let most = N_SYMBOL * longest(mcs(wanted)?, wanted.framing.into()).whole_symbols().len();
    let long = || ImitateError::Long { most, start, rate: wanted.rate.to_string() };
    let ratio = source.ratio();
    let count = count.map(|count| ratio.to_receiver(count as u64) as usize);
    let count = match count {
        Some(count) if count > most => return Err(long()),
        Some(count) => count,
        None => most + 1,
    };
    let (mut wave, mut chunk, mut skip) = (Vec::new(), Vec::new(), ratio.to_receiver(start));
    while wave.len() < count && source.read(&mut chunk, CHUNK)? > 0 {
        let first = skip.min(chunk.len() as u64);
        skip -= first;
        let rest = &chunk[first as usize..];
        wave.extend_from_slice(&rest[..rest.len().min(count - wave.len())]);
    }
    match wave.len() {
        got if got < N_SYMBOL => Err(ImitateError::Short { got, start }),
        got if got > most => Err(long()),
        _ => Ok(Wave { samples: wave, warnings: source.warnings()? }),
    }
}

/// The frame that imitates `wave`; trailing samples that do not fill an OFDM symbol are left out.
///
/// # Errors
/// [`ImitateError::Frame`], `Tones` and `Silent`.
///
/// # Panics
/// If the waveform is shorter than a symbol, or does not fit into a frame; [`read`] refuses both.
pub fn imitate(wave: &[Complex32], wanted: &Wanted) -> Result<Imitation, ImitateError> {
    let mcs = mcs(wanted)?;
    let tones = data_tones(mcs, wanted)?;
    let symbols = wave.len() / N_SYMBOL;
    let (framing, inversion) = (wanted.framing.into(), wanted.inversion);
    let emulator = Emulator::on_tones(mcs, framing, inversion, symbols_for(mcs, framing, symbols), &tones);
    let first = emulator.layout().whole_symbols().start;
    let target = Target { wave, bins: bins(wave), first, mcs, tones: &tones };
    let (frame, measured) = target.nearest(&emulator, wanted)?;
    let at = emulator.layout().ppdu().n_header() + first * N_SYMBOL;
    let rank = (inversion == Inversion::Exact).then(|| rank(mcs, &tones, emulator.slots()));
    Ok(Imitation { frame, at, symbols, rank, measured })
}

/// A waveform aligned with a frame.
struct Target<'a> {
    wave: &'a [Complex32],
    /// The subcarriers of its symbols.
    bins: Vec<[Complex32; N_FFT]>,
    /// The symbol of DATA at which it begins.
    first: usize,
    mcs: Mcs,
    /// Selected data subcarriers, counted from the lowest.
    tones: &'a [usize],
}

impl Target<'_> {
    /// The closest frame over all levels.
    fn nearest(&self, emulator: &Emulator, wanted: &Wanted) -> Result<(Sending, Measured), ImitateError> {
        let state = scrambler_state(wanted.scrambler)?;
        // The frame may have one whole symbol more than the waveform.
        let weights: Vec<f32> = emulator.slots().iter().map(|&slot| f32::from(u8::from(self.has(slot)))).collect();
        let served: Vec<usize> = emulator.slots().iter().copied().filter(|&slot| self.has(slot)).collect();
        let aims: Vec<Complex32> = emulator.slots().iter().map(|&slot| self.at(slot)).collect();
        let power = mean_power(&aims);
        if !power.is_normal() {
            return Err(ImitateError::Silent);
        }
        let mut best: Option<(Sending, Measured)> = None;
        for level in LEVELS {
            let gain = (10f64.powf(1.5 / 20.0 * f64::from(level)) / power.sqrt()) as f32;
            let aims: Vec<Complex32> = aims.iter().map(|aim| aim * gain).collect();
            let psdu = emulator.emulate_weighted(&aims, &weights, state);
            let frame = Sending::new(wanted.rate, psdu, wanted.scrambler)?;
            let measured = self.measure(&frame, &served);
            if best.as_ref().is_none_or(|(_, before)| measured.served_nmse_db < before.served_nmse_db) {
                best = Some((frame, measured));
            }
        }
        Ok(best.expect("there are levels"))
    }

    /// Whether the waveform covers this slot.
    fn has(&self, slot: usize) -> bool {
        let symbol = slot / self.mcs.n_data();
        (self.first..self.first + self.bins.len()).contains(&symbol)
    }

    /// The waveform's subcarrier at a slot; zero past its end.
    fn at(&self, slot: usize) -> Complex32 {
        let (symbol, tone) = (slot / self.mcs.n_data(), self.mcs.data_tones()[slot % self.mcs.n_data()]);
        symbol.checked_sub(self.first).and_then(|n| self.bins.get(n)).map_or(Complex32::ZERO, |bins| bins[bin(tone)])
    }
}

/// The subcarriers of each whole symbol of a wave.
fn bins(wave: &[Complex32]) -> Vec<[Complex32; N_FFT]> {
    let transform = Transform::default();
    wave.as_chunks::<N_SYMBOL>().0.iter().map(|symbol| transform.to_bins(&symbol[N_CP..])).collect()
}

fn mcs(wanted: &Wanted) -> Result<Mcs, SendError> {
    Ok(wanted.rate.ppdu(1)?.mcs())
}

/// The selected data subcarriers, counted from the lowest.
fn data_tones(mcs: Mcs, wanted: &Wanted) -> Result<Vec<usize>, ImitateError> {
    let of_rate = mcs.data_tones();
    let tones: Vec<usize> = (0..of_rate.len()).filter(|&n| wanted.tones.contains(&of_rate[n])).collect();
    if tones.is_empty() {
        let (tones, rate) = (wanted.tones.clone(), wanted.rate.to_string());
        return Err(ImitateError::Tones { tones, rate, edge: -of_rate[0] });
    }
    Ok(tones)
}

fn longest(mcs: Mcs, framing: Framing) -> Layout {
    Layout::new(mcs, framing, Layout::most_symbols(mcs))
}

/// OFDM symbols of the shortest frame with `whole` free symbols.
fn symbols_for(mcs: Mcs, framing: Framing, whole: usize) -> usize {
    let least = Layout::least_symbols(mcs, framing).max(whole);
    let fits = |n_sym: &usize| Layout::new(mcs, framing, *n_sym).whole_symbols().len() >= whole;
    (least..=Layout::most_symbols(mcs)).find(fits).expect("a wave that fits into the longest frame")
}

fn rank(mcs: Mcs, tones: &[usize], slots: &[usize]) -> Rank {
    let matrix = generator_matrix(mcs, 0..mcs.n_dbps());
    let wanted: Vec<usize> = tones.iter().flat_map(|&tone| rows(mcs, tone)).collect();
    let n_data = mcs.n_data();
    let is_served = |tone: &usize| {
        slots.iter().take_while(|&slot| slot / n_data == slots[0] / n_data).any(|slot| slot % n_data == *tone)
    };
    let served = tones.iter().copied().filter(is_served).map(|tone| mcs.data_tones()[tone]).collect();
    Rank { bits: wanted.len(), rank: matrix.select(&wanted).rank(), served }
}

#[cfg(test)]
mod tests;
