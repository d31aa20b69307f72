//! Transmission of one frame over a drawn channel, to an aided or unaided receiver.
//!
//! The channel is drawn before the points are known: [`Air::draw`], then [`Crossing::cross`]. In between, the sender
//! can obtain channel information.

use crate::Complex32;
use crate::channel::{Chain, Channel, Drawn};
use crate::units::{N_FFT, Snr, mean_power};
use crate::wifi::aided::{Known, receive_aided, receive_tracked};
use crate::wifi::equalize::{ChannelEstimate, Smoothing};
use crate::wifi::mcs::Format;
use crate::wifi::ofdm::{N_SYMBOL, Transform};
use crate::wifi::preamble::EARLY;
use crate::wifi::preamble::{N_FIELD, N_LTF_GUARD, STF_PERIOD};
use crate::wifi::receive::{Frame, receive};
use crate::wifi::rotation::rotation;
use crate::wifi::transmit::modulate;
use crate::wifi::{Ppdu, ScramblerState};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the receiver is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reception {
    /// Timing, SIGNAL and scrambler state, and noiseless training fields, which give channel and frequency offset. No
    /// frame is ever lost.
    Aided,
    /// Known only by agreement: rate, length, the sender's scrambler state. The frame starts at an unknown sample
    /// within noise and can be lost.
    Unaided,
}

impl fmt::Display for Reception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aided => "aided",
            Self::Unaided => "unaided",
        })
    }
}

/// Gain of the transmitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Power {
    /// Fixed, as a card has it: a whole constellation has mean power 1. A frame whose points are smaller is that much
    /// weaker on the air.
    #[default]
    Card,
    /// Raised frame by frame, preamble included, so that the data subcarriers have mean power 1.
    Scaled,
}

/// The sender's scrambler state that both sides of an unaided link agree on.
const AGREED: ScramblerState = ScramblerState::EXAMPLE;
/// Most samples of noise before an unaided frame.
const MAX_LEAD: usize = 400;
/// Samples of noise after the frame.
const TRAIL: usize = 80;

/// Channel, impairments and kind of receiver between two radios.
#[derive(Clone)]
pub struct Air {
    chain: Chain,
    reception: Reception,
    power: Power,
    transform: Transform,
}

/// The channel drawn for one frame.
pub struct Crossing<'a> {
    air: &'a Air,
    ppdu: Ppdu,
    scrambler: ScramblerState,
    /// Samples of noise before and after the frame.
    around: [usize; 2],
    drawn: Drawn,
    told: Told,
}

/// Channel information from noiseless training fields, sent with a gain of 1.
#[derive(Debug, Clone)]
struct Told {
    channel: ChannelEstimate,
    /// Frequency offset in radians per sample.
    cfo: f32,
}

impl Air {
    /// White noise, and the gain of a card.
    pub fn white(reception: Reception) -> Self {
        Self::new(Chain::new(Channel::Awgn, Vec::new()), reception, Power::Card)
    }

    /// A channel with the impairments of the radios at its ends, and the sender's gain.
    pub fn new(chain: Chain, reception: Reception, power: Power) -> Self {
        Self { chain, reception, power, transform: Transform::default() }
    }

    /// Knowledge of the receiver.
    pub fn reception(&self) -> Reception {
        self.reception
    }

    /// Draws the channel of one frame. `snr` is that of a data subcarrier of power 1, averaged over the fading: what the
    /// training fields show at a card's gain.
    pub fn draw(&self, ppdu: Ppdu, snr: Snr, rng: &mut ChaCha8Rng) -> Crossing<'_> {
        let (scrambler, around) = match self.reception {
            Reception::Aided => (ScramblerState::new(rng.random_range(1..=127)).expect("1 to 127 are states"), [0, 0]),
            Reception::Unaided => (AGREED, [rng.random_range(0..MAX_LEAD), TRAIL]),
        };
        let n = around[0] + ppdu.n_samples() + around[1];
        let drawn = self.chain.draw(n, snr.no_time_sample(), rng);
        let told = self.told(ppdu, around, &drawn, snr);
        Crossing { air: self, ppdu, scrambler, around, drawn, told }
    }

    /// Channel information that noiseless training fields would give the receiver.
    fn told(&self, ppdu: Ppdu, around: [usize; 2], drawn: &Drawn, snr: Snr) -> Told {
        if self.chain.is_awgn() {
            return Told { channel: ChannelEstimate::flat(1.0, snr.no()), cfo: 0.0 };
        }
        let silence = vec![Complex32::ZERO; ppdu.n_sym() * ppdu.mcs().n_data()];
        let mut air = surround(modulate(ppdu, &silence, &self.transform), around);
        drawn.apply_without_noise(&mut air);
        let heard = early(&air[around[0]..]);
        let cfo = offset(&heard);
        let bins = |at: usize| {
            let body: Vec<_> = (at..at + N_FFT).map(|i| heard[i] * rotation(cfo, i)).collect();
            self.transform.to_bins(&body)
        };
        let ltf = N_FIELD + N_LTF_GUARD;
        let mut channel = ChannelEstimate::from_ltf(&bins(ltf), &bins(ltf + N_FFT));
        if ppdu.mcs().format() == Format::Ht {
            channel = channel.with_ht_ltf(&bins(ppdu.n_header() - N_FFT), Smoothing::Forbidden);
        }
        Told { channel: ChannelEstimate { no: snr.no(), ..channel }, cfo }
    }
}

impl Crossing<'_> {
    /// Initial state of the sender's scrambler.
    pub fn scrambler(&self) -> ScramblerState {
        self.scrambler
    }

    /// Noise variance on each data subcarrier after the equaliser, for a sender whose data subcarriers have mean power
    /// 1.
    pub fn noise(&self) -> Vec<f32> {
        self.told.channel.noise_on(self.ppdu.mcs())
    }

    /// Energy of a frame of these points on its data subcarriers, where a subcarrier of power 1 has energy 1 in an OFDM
    /// symbol.
    pub fn energy(&self, points: &[Complex32]) -> f64 {
        points.len() as f64 * mean_power(points) * f64::from(self.gain(points).powi(2))
    }

    /// The channel's noise alone: what a receiver hears of a silent sender, from the frame's first sample on.
    pub fn silence(&self) -> Vec<Complex32> {
        let mut air = surround(vec![Complex32::ZERO; self.ppdu.n_samples()], self.around);
        self.drawn.apply(&mut air);
        air.drain(..self.around[0]);
        air
    }

    /// Sends points over the channel and receives them.
    ///
    /// # Panics
    /// If the number of points is not that of the frame's data subcarriers.
    pub fn cross(self, points: &[Complex32]) -> Option<Frame> {
        let (air, gain) = self.transmit(points);
        let mut air = surround(air, self.around);
        self.drawn.apply(&mut air);
        match self.air.reception {
            Reception::Aided => Some(self.receive_aided(&air, gain)),
            // A frame with a misread but valid SIGNAL is as lost as one that was not found.
            Reception::Unaided => receive(&air, 0, &self.air.transform).ok().filter(|frame| frame.ppdu == self.ppdu),
        }
    }

    /// The transmitter's gain.
    fn gain(&self, points: &[Complex32]) -> f32 {
        match self.air.power {
            Power::Card => 1.0,
            Power::Scaled => (1.0 / mean_power(points).sqrt()) as f32,
        }
    }

    /// The frame's samples, and the transmitter's gain.
    fn transmit(&self, points: &[Complex32]) -> (Vec<Complex32>, f32) {
        let gain = self.gain(points);
        let mut air = modulate(self.ppdu, points, &self.air.transform);
        for sample in &mut air {
            *sample *= gain;
        }
        (air, gain)
    }

    fn receive_aided(self, air: &[Complex32], gain: f32) -> Frame {
        let Told { mut channel, cfo } = self.told;
        for bin in &mut channel.gain {
            *bin *= gain;
        }
        let known = Known { ppdu: self.ppdu, channel, scrambler: self.scrambler };
        if self.air.chain.is_awgn() {
            return receive_aided(air, &known, &self.air.transform);
        }
        receive_tracked(&early(air), &known, cfo, &self.air.transform)
    }
}

/// A frame with silence around it.
fn surround(frame: Vec<Complex32>, [lead, trail]: [usize; 2]) -> Vec<Complex32> {
    if lead + trail == 0 {
        return frame;
    }
    let mut air = vec![Complex32::ZERO; lead];
    air.extend(frame);
    air.resize(air.len() + trail, Complex32::ZERO);
    air
}

/// A frame whose transforms begin [`EARLY`] samples into their cyclic prefixes, as in a receiver, because some echoes
/// precede the strongest path.
fn early(frame: &[Complex32]) -> Vec<Complex32> {
    let mut air = vec![Complex32::ZERO; EARLY];
    air.extend(frame);
    air
}

/// Frequency offset in radians per sample, from a noiseless preamble: coarse from the STF's period, fine from the LTF.
fn offset(preamble: &[Complex32]) -> f32 {
    let turn = |range: std::ops::Range<usize>, lag: usize| -> Complex32 {
        range.map(|i| preamble[i + lag] * preamble[i].conj()).sum()
    };
    let coarse = turn(N_SYMBOL / 2..N_FIELD - STF_PERIOD, STF_PERIOD).arg() / STF_PERIOD as f32;
    let ltf = N_FIELD + N_LTF_GUARD;
    let fine = turn(ltf..ltf + N_FFT, N_FFT) * rotation(coarse, N_FFT);
    coarse + fine.arg() / N_FFT as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;
    use crate::wifi::ofdm::bin;
    use crate::wifi::transmit::data_points;
    use crate::wifi::{Guard, Mcs};

    fn air(channel: &str, impairments: &[&str], reception: Reception) -> Air {
        let impairments = impairments.iter().map(|name| name.parse().expect("a name")).collect();
        Air::new(Chain::new(channel.parse().expect("a name"), impairments), reception, Power::Card)
    }

    /// Number of frames of a rate that arrive without an error.
    fn arrived(air: &Air, mcs: Mcs, snr_db: f64, n: u64) -> usize {
        let ppdu = Ppdu::new(mcs, Guard::Long, 200).expect("short");
        let psdu: Vec<u8> = (0..200).map(|i| (i * i % 251) as u8).collect();
        let arrives = |&index: &u64| {
            let crossing = air.draw(ppdu, Snr::per_symbol(snr_db), &mut stream(1, "test air", index));
            let points = data_points(&psdu, mcs, crossing.scrambler());
            crossing.cross(&points).is_some_and(|frame| frame.psdu == psdu)
        };
        (0..n).filter(arrives).count()
    }

    #[test]
    fn frames_arrive_over_every_channel() {
        for mcs in [Mcs::SIGNAL, Mcs::M54, Mcs::HT7] {
            for reception in [Reception::Aided, Reception::Unaided] {
                assert_eq!(arrived(&air("awgn", &[], reception), mcs, 35.0, 10), 10, "{mcs} {reception:?}");
                let faded = arrived(&air("tgn-d", &[], reception), mcs, 45.0, 20);
                assert!(faded >= 17, "{mcs} {reception:?} over tgn-d: {faded} of 20");
                let worn = air("tgn-b", &["cfo:120000", "sco:20", "iq-rx:0.1,0.5", "phase-noise:20"], reception);
                let worn = arrived(&worn, mcs, 45.0, 20);
                assert!(worn >= 16, "{mcs} {reception:?} over imperfect radios: {worn} of 20");
            }
        }
    }

    /// A card sends points as they are; scaled, their mean power on the air is 1, the reference of the SNR.
    #[test]
    fn a_card_sends_points_as_they_are_and_scaled_ones_have_power_one() {
        let transform = Transform::default();
        let cases =
            [Mcs::SIGNAL, Mcs::M54, Mcs::HT7].into_iter().flat_map(|mcs| [(mcs, Power::Card), (mcs, Power::Scaled)]);
        for (mcs, power) in cases {
            let ppdu = Ppdu::long_guard(mcs, 500);
            let air = Air { power, ..air("awgn", &[], Reception::Aided) };
            for amplitude in [0.1, 1.0, 3.0] {
                let crossing = air.draw(ppdu, Snr::per_symbol(0.0), &mut stream(4, "test air", 0));
                let points: Vec<_> = data_points(&[0xC3; 500], mcs, crossing.scrambler())
                    .iter()
                    .map(|point| point * amplitude)
                    .collect();
                let (sent, _) = crossing.transmit(&points);
                let symbols = sent[ppdu.n_header()..].chunks_exact(ppdu.n_symbol_samples());
                let of_symbol = |symbol: &[Complex32]| {
                    let bins = transform.to_bins(&symbol[ppdu.guard().n_cp()..]);
                    mcs.data_tones().iter().map(|&tone| bins[bin(tone)]).collect::<Vec<_>>()
                };
                let measured = mean_power(&symbols.flat_map(of_symbol).collect::<Vec<_>>());
                let wanted = if power == Power::Card { mean_power(&points) } else { 1.0 };
                assert!((measured / wanted - 1.0).abs() < 0.005, "{mcs}, {power:?}, amplitude {amplitude}: {measured}");
                assert!((crossing.energy(&points) / points.len() as f64 / wanted - 1.0).abs() < 1e-4);
            }
        }
    }

    /// In fading the mean of the reported noise, weighted by each subcarrier's gain, equals the noise on the points.
    #[test]
    fn the_noise_that_is_told_is_the_noise_that_comes() {
        let (ppdu, snr) = (Ppdu::long_guard(Mcs::M54, 1000), Snr::per_symbol(20.0));
        let psdu = [0x5A; 1000];
        for channel in ["awgn", "rayleigh", "tgn-d", "exp:50"] {
            for index in 0..5 {
                let air = air(channel, &[], Reception::Aided);
                let crossing = air.draw(ppdu, snr, &mut stream(2, "test air", index));
                let (told, sent) = (crossing.noise(), data_points(&psdu, Mcs::M54, crossing.scrambler()));
                let frame = crossing.cross(&sent).expect("aided frames are never lost");
                let scaled = (frame.points.iter().zip(&sent)).map(|(point, sent)| (point - sent).norm_sqr());
                let ratios: Vec<f32> = scaled.enumerate().map(|(i, error)| error / told[i % told.len()]).collect();
                let ratio = ratios.iter().sum::<f32>() / ratios.len() as f32;
                // Tolerance for the transmitter's gain and residual phase errors of the pilots.
                assert!((0.85..1.2).contains(&ratio), "{channel} {index}: {ratio} times the noise told");
            }
        }
    }

    #[test]
    fn an_offset_is_told_exactly() {
        for hz in [-230e3, -40e3, 0.0, 7e3, 200e3] {
            let air = air("tgn-b", &[&format!("cfo:{hz}")], Reception::Aided);
            let crossing =
                air.draw(Ppdu::long_guard(Mcs::M54, 50), Snr::per_symbol(0.0), &mut stream(3, "test air", 0));
            let told = f64::from(crossing.told.cfo) * 20e6 / std::f64::consts::TAU;
            assert!((told - hz).abs() < 30.0, "{hz} Hz told as {told}");
        }
    }
}
