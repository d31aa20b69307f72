//! D2AJSCC's own mapping: the frame imitates the symbols' pulse-shaped waveform, extended over consecutive OFDM symbols
//! (section III-B). [`super::Emulator`] puts a symbol on each subcarrier instead and has only the first of the
//! distortions of a waveform:
//!
//! 1. each wanted subcarrier is rounded to a constellation point;
//! 2. the cyclic prefix, a fifth of the time, is a copy of the OFDM symbol's end;
//! 3. pilots, the empty centre and all unwanted subcarriers are not the target's.
//!
//! The target's in-band power density is that of data subcarriers, so an SNR is the same number for subcarriers and,
//! after the matched filter, for symbols.
//!
//! ```
//! use jscc_phy::emulation::waveform::pulse::Shaping;
//! use jscc_phy::emulation::waveform::{Tones, WaveformEmulator};
//! use jscc_phy::emulation::{Inversion, layout::Framing};
//! use jscc_phy::{channel::Channel, random::stream, wifi::Mcs, wifi::ScramblerState};
//!
//! let (state, shaping) = (ScramblerState::EXAMPLE, Shaping::default());
//! let z = Channel::Awgn.draw(480, 1.0, &mut stream(1, "example", 0)).noise;
//! let emulator =
//!     WaveformEmulator::new(Mcs::M54, Framing::Bare, Inversion::Exact, Tones::Contiguous, shaping, z.len())?;
//! let psdu = emulator.emulate(&z, state); // to be sent by an ordinary card
//! let received = emulator.waveform_of_psdu(&psdu, state); // to be compensated: it should be emulator.target(&z)
//! let z_hat = emulator.demodulate(&received);
//! # assert_eq!((z_hat.len(), received.len()), (480, emulator.target(&z).len()));
//! # Ok::<(), jscc_phy::emulation::TooLong>(())
//! ```

mod precompensate;
pub mod pulse;

use super::carriers::{contiguous_sets, full_set};
use super::invert::Exact;
use super::layout::{Framing, Layout};
use super::{Inversion, TooLong, trellis};
use crate::Complex32;
use crate::units::N_FFT;
use crate::wifi::ScramblerState;
use crate::wifi::mcs::Mcs;
use crate::wifi::ofdm::{N_CP, N_SYMBOL, Transform, bin};
use crate::wifi::transmit::data_points;
use pulse::{Pulse, Shaping};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which subcarriers imitate the waveform; the others are dummies that the receiver discards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tones {
    /// Neighbouring subcarriers. Exact: of the runs with full rank, the one with most of the band's power. Trellis: all
    /// on which the band has power.
    Contiguous,
    /// Any subcarriers. Exact: the full set of [`full_set`]. Trellis: all.
    Free,
}

/// Carries complex symbols of mean power 1 as one waveform in an 802.11 frame with the long guard interval.
///
/// The waveform spans the OFDM symbols whose data bits are all ours: in a bare frame all but the first and the last.
#[derive(Clone)]
pub struct WaveformEmulator {
    layout: Layout,
    exact: Option<Exact>,
    pulse: Pulse,
    n_symbols: usize,
    run: Range<usize>,
    /// Wanted data subcarriers, counted from the lowest, and the weights of their errors.
    tones: Vec<usize>,
    weights: Vec<f32>,
    scale: f32,
    transform: Transform,
}

impl WaveformEmulator {
    /// The shortest frame that carries `n_symbols`.
    ///
    /// # Panics
    /// If the shaping is invalid: see [`Shaping::checked`].
    pub fn new(
        mcs: Mcs,
        framing: Framing,
        inversion: Inversion,
        tones: Tones,
        shaping: Shaping,
        n_symbols: usize,
    ) -> Result<Self, TooLong> {
        let pulse = Pulse::new(shaping);
        let layout = fitting(mcs, framing, &pulse, n_symbols)?;
        let run = run(&layout);
        let tones = wanted(mcs, inversion, tones, &pulse);
        let weight = |&tone: &usize| (pulse.power_on(mcs.data_tones()[tone]) as f32).max(LEAST_WEIGHT);
        let weights = tones.iter().map(weight).collect();
        let of_symbol = |n| if run.contains(&n) { tones.clone() } else { Vec::new() };
        let exact = (inversion == Inversion::Exact).then(|| Exact::with_tones(&layout, of_symbol));
        let (scale, transform) = (inversion.scale(mcs.modulation()), Transform::default());
        Ok(Self { layout, exact, pulse, n_symbols, run, tones, weights, scale, transform })
    }

    /// The same frame with another [`WaveformEmulator::scale`]. A larger one puts more of a card's fixed power into the
    /// waveform, against noise, and clips more of it.
    ///
    /// # Panics
    /// If it is not positive.
    #[must_use]
    pub fn at_scale(self, scale: f32) -> Self {
        assert!(scale > 0.0, "a scale of {scale}");
        Self { scale, ..self }
    }

    /// The part of the frame that is ours.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Symbols that the frame carries.
    pub fn n_symbols(&self) -> usize {
        self.n_symbols
    }

    /// OFDM symbols of the DATA field that the waveform spans.
    pub fn ofdm_symbols(&self) -> Range<usize> {
        self.run.clone()
    }

    /// Samples of the waveform at 20 Msample/s: 80 per OFDM symbol.
    pub fn n_samples(&self) -> usize {
        self.run.len() * N_SYMBOL
    }

    /// The waveform's samples within those of the whole frame, preamble included.
    pub fn samples(&self) -> Range<usize> {
        let (header, run) = (self.layout.ppdu().n_header(), &self.run);
        header + run.start * N_SYMBOL..header + run.end * N_SYMBOL
    }

    /// Wanted data subcarriers, counted from the lowest; the same in all of [`Self::ofdm_symbols`].
    pub fn tones(&self) -> &[usize] {
        &self.tones
    }

    /// The pulse.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Amplitude, on the constellation, of a target of in-band power 1.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The waveform of symbols that the frame is to imitate, from the first sample of [`Self::ofdm_symbols`] to the
    /// last. Its mean power is 1/(64 · samples per symbol) during symbols: in-band subcarriers have mean power 1, at
    /// the transmitter's scale.
    ///
    /// # Panics
    /// If the number of symbols is not that of the emulator.
    pub fn target(&self, z: &[Complex32]) -> Vec<Complex32> {
        assert_eq!(z.len(), self.n_symbols, "symbols of the frame");
        let mut target = self.pulse.shape(z, self.n_samples());
        for sample in &mut target {
            *sample *= AMPLITUDE;
        }
        target
    }

    /// The PSDU whose frame, scrambled from `scrambler`, imitates the waveform of `z`.
    ///
    /// # Panics
    /// If the number of symbols is not that of the emulator.
    pub fn emulate(&self, z: &[Complex32], scrambler: ScramblerState) -> Vec<u8> {
        self.emulate_waveform(&self.target(z), scrambler)
    }

    /// The PSDU whose frame imitates a waveform at the scale of [`Self::target`].
    ///
    /// # Panics
    /// If the waveform does not have [`Self::n_samples`].
    pub fn emulate_waveform(&self, target: &[Complex32], scrambler: ScramblerState) -> Vec<u8> {
        let (slots, targets) = (self.slots(), self.aim(target));
        if let Some(exact) = &self.exact {
            return exact.solve(&self.layout, &slots, &targets, scrambler);
        }
        let weights = self.weights.repeat(self.run.len());
        trellis::search(&self.layout, &slots, &targets, &weights, 0.0, scrambler)
    }

    /// Recovers the waveform from the bits of a standard receiver, by running the transmitter again without dummies,
    /// pilots and all other fields. Aligned with [`Self::target`] and at its scale. `scrambler` is the sender's state;
    /// if the receiver used another, a MAC header reveals it.
    ///
    /// # Panics
    /// If the PSDU does not have the frame's length.
    pub fn waveform_of_psdu(&self, psdu: &[u8], scrambler: ScramblerState) -> Vec<Complex32> {
        assert_eq!(psdu.len(), self.layout.length(), "octets of the PSDU");
        let state = self.layout.receiver_state(psdu, scrambler);
        self.waveform_of_points(&data_points(psdu, self.layout.mcs(), state))
    }

    /// As [`Self::waveform_of_psdu`], from the equalised points of the DATA field.
    ///
    /// # Panics
    /// If the number of points is not data subcarriers times OFDM symbols.
    pub fn waveform_of_points(&self, points: &[Complex32]) -> Vec<Complex32> {
        assert_eq!(points.len(), self.layout.mcs().n_data() * self.layout.n_sym(), "points of the DATA field");
        let wanted: Vec<_> = self.slots().iter().map(|&slot| points[slot]).collect();
        self.regenerate(&wanted)
    }

    /// The waveform of a target that would be received if any point could be sent: with cyclic prefixes, and nothing on
    /// unwanted subcarriers.
    ///
    /// # Panics
    /// If the waveform does not have [`Self::n_samples`].
    pub fn without_rounding(&self, target: &[Complex32]) -> Vec<Complex32> {
        self.regenerate(&self.aim(target))
    }

    /// Scales a waveform to that of [`Pulse::shape`], whose pulses have energy 1 for symbols of power 1.
    #[must_use]
    pub fn at_unit_energy(&self, mut waveform: Vec<Complex32>) -> Vec<Complex32> {
        for sample in &mut waveform {
            *sample /= AMPLITUDE;
        }
        waveform
    }

    /// The symbols in a waveform: matched filter, sampled at the symbols' instants.
    ///
    /// # Panics
    /// If the waveform does not have [`Self::n_samples`].
    pub fn demodulate(&self, waveform: &[Complex32]) -> Vec<Complex32> {
        assert_eq!(waveform.len(), self.n_samples(), "samples of the waveform");
        let mut z = self.pulse.sample(waveform, self.n_symbols);
        for z in &mut z {
            *z /= AMPLITUDE;
        }
        z
    }

    /// As [`Self::demodulate`] with cyclic prefixes set to zero, which carry nothing of the target: the better choice
    /// without compensation. Symbols within a prefix are attenuated.
    ///
    /// # Panics
    /// If the waveform does not have [`Self::n_samples`].
    pub fn demodulate_bodies(&self, waveform: &[Complex32]) -> Vec<Complex32> {
        let mut bodies = waveform.to_vec();
        bodies.chunks_exact_mut(N_SYMBOL).for_each(|symbol| symbol[..N_CP].fill(Complex32::ZERO));
        self.demodulate(&bodies)
    }

    /// Noise variance of a symbol of [`Self::demodulate`], if symbols are sent with mean power 1 and each data
    /// subcarrier has the noise `on_tones`: the mean over the waveform's subcarriers, weighted by their power. Ignores
    /// cyclic prefixes, which repeat a part of the noise.
    ///
    /// # Panics
    /// If the number of variances is not that of the data subcarriers.
    pub fn noise(&self, on_tones: &[f32]) -> f32 {
        let subcarriers = self.layout.mcs().data_tones();
        assert_eq!(on_tones.len(), subcarriers.len(), "variances, and data subcarriers");
        let power = |tone: usize| self.pulse.power_on(subcarriers[tone]) as f32;
        let whole: f32 = (0..subcarriers.len()).map(power).sum();
        let noise: f32 = self.tones.iter().map(|&tone| power(tone) * on_tones[tone]).sum();
        noise / whole / self.scale().powi(2)
    }

    /// Positions of the wanted subcarriers among the points of the DATA field.
    fn slots(&self) -> Vec<usize> {
        let n_data = self.layout.mcs().n_data();
        self.run.clone().flat_map(|n| self.tones.iter().map(move |tone| n_data * n + tone)).collect()
    }

    /// Target points of the wanted subcarriers: transforms of the OFDM symbols' bodies. The target during a cyclic
    /// prefix does not count.
    fn aim(&self, target: &[Complex32]) -> Vec<Complex32> {
        assert_eq!(target.len(), self.n_samples(), "samples of the waveform");
        let of_symbol = |symbol: &[Complex32]| {
            let bins = self.transform.demodulate(symbol, N_CP);
            self.bins().map(move |bin| bins[bin] * self.scale())
        };
        target.chunks_exact(N_SYMBOL).flat_map(of_symbol).collect()
    }

    /// The waveform of points on the wanted subcarriers: the inverse of [`Self::aim`] on their span.
    fn regenerate(&self, wanted: &[Complex32]) -> Vec<Complex32> {
        let mut waveform = Vec::with_capacity(self.n_samples());
        for points in wanted.chunks_exact(self.tones.len()) {
            let mut bins = [Complex32::ZERO; N_FFT];
            self.bins().zip(points).for_each(|(bin, point)| bins[bin] = point / self.scale());
            self.transform.modulate(&bins, N_CP, &mut waveform);
        }
        waveform
    }

    /// Indices of the wanted subcarriers in a transform.
    fn bins(&self) -> impl Iterator<Item = usize> {
        let subcarriers = self.layout.mcs().data_tones();
        self.tones.iter().map(|&tone| bin(subcarriers[tone]))
    }
}

/// Amplitude of pulses of unit energy at which in-band subcarriers have mean power 1 at the transmitter's scale.
const AMPLITUDE: f32 = 1.0 / 8.0;

/// Mean power below which a subcarrier is outside the band: its rounding error would be as large.
const FAINT: f64 = 0.05;

/// Weight of a subcarrier without power of the waveform.
const LEAST_WEIGHT: f32 = 1e-3;

/// The OFDM symbols whose data bits are all ours.
fn run(layout: &Layout) -> Range<usize> {
    let (ours, n_dbps) = (layout.ours(), layout.mcs().n_dbps());
    let (first, end) = (ours.start.div_ceil(n_dbps), ours.end / n_dbps);
    first..end.max(first)
}

/// The shortest frame with room for the symbols' pulses.
fn fitting(mcs: Mcs, framing: Framing, pulse: &Pulse, n_symbols: usize) -> Result<Layout, TooLong> {
    let room = |layout: &Layout| run(layout).len() * N_SYMBOL;
    let wanted = pulse.n_samples(n_symbols);
    let (least, most) = (Layout::least_symbols(mcs, framing), Layout::most_symbols(mcs));
    let longest = Layout::new(mcs, framing, most);
    if room(&longest) < wanted {
        return Err(TooLong { mcs, wanted: n_symbols, most: pulse.n_symbols(room(&longest)) });
    }
    let lengths = wanted.div_ceil(N_SYMBOL).max(least)..most;
    Ok(lengths.map(|n| Layout::new(mcs, framing, n)).find(|layout| room(layout) >= wanted).unwrap_or(longest))
}

fn wanted(mcs: Mcs, inversion: Inversion, tones: Tones, pulse: &Pulse) -> Vec<usize> {
    let power = |tone: usize| pulse.power_on(mcs.data_tones()[tone]);
    // The narrowest bands can lie between data subcarriers; then the strongest is taken.
    let least = (0..mcs.n_data()).map(power).fold(0.0, f64::max).min(FAINT);
    let in_band = |tone: &usize| power(*tone) >= least;
    match (inversion, tones) {
        (Inversion::Exact, Tones::Contiguous) => {
            let within = |set: &Range<usize>| set.clone().map(power).sum::<f64>();
            let best = contiguous_sets(mcs).into_iter().max_by(|a, b| within(a).total_cmp(&within(b)));
            best.expect("a subcarrier alone is independent").collect()
        }
        (Inversion::Exact, Tones::Free) => full_set(mcs),
        (Inversion::Trellis, Tones::Contiguous) => (0..mcs.n_data()).filter(in_band).collect(),
        (Inversion::Trellis, Tones::Free) => (0..mcs.n_data()).collect(),
    }
}
