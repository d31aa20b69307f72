//! One frame over the air: a drawn channel between a transmitter and an aided or unaided receiver.
//!
//! The air is drawn before anybody knows what will be sent: [`Air::draw`], then [`Crossing::cross`]. Between the two a sender
//! can learn what it may know of the channel.

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
    /// Timing, SIGNAL and scrambler state, and the training fields as they would arrive without noise: channel and frequency
    /// offset. No frame is ever lost.
    Aided,
    /// Only what both sides agree on beforehand: rate, length, the sender's scrambler state. The frame stands somewhere in
    /// noise and can be lost.
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

/// The sender's scrambler state that both sides of an unaided link agree on.
const AGREED: ScramblerState = ScramblerState::EXAMPLE;
/// Most samples of noise before an unaided frame.
const MAX_LEAD: usize = 400;
/// Samples of noise after it.
const TRAIL: usize = 80;

/// What lies between two radios.
#[derive(Clone)]
pub struct Air {
    chain: Chain,
    reception: Reception,
    transform: Transform,
}

/// The air of one frame, drawn.
pub struct Crossing<'a> {
    air: &'a Air,
    ppdu: Ppdu,
    scrambler: ScramblerState,
    /// Samples of noise before the frame and after it.
    around: [usize; 2],
    drawn: Drawn,
    told: Told,
}

/// The training fields without noise, sent with a gain of 1.
#[derive(Debug, Clone)]
struct Told {
    channel: ChannelEstimate,
    /// Radians a sample.
    cfo: f32,
}

impl Air {
    /// White noise.
    pub fn white(reception: Reception) -> Self {
        Self::new(Chain::new(Channel::Awgn, Vec::new()), reception)
    }

    /// A channel, and what the radios at its ends add.
    pub fn new(chain: Chain, reception: Reception) -> Self {
        Self { chain, reception, transform: Transform::default() }
    }

    /// What the receiver is told.
    pub fn reception(&self) -> Reception {
        self.reception
    }

    /// Draws the air of one frame. `snr` is what a data subcarrier of mean power 1 has, on the channel's average.
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

    /// What the receiver would learn from the training fields without noise.
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
    /// The state that the sender's scrambler takes.
    pub fn scrambler(&self) -> ScramblerState {
        self.scrambler
    }

    /// Noise variance on each data subcarrier after the equaliser, for a sender whose data subcarriers have mean power 1.
    pub fn noise(&self) -> Vec<f32> {
        self.told.channel.noise_on(self.ppdu.mcs())
    }

    /// Sends points through the air and receives them. The transmitter's gain gives the data subcarriers mean power 1.
    ///
    /// # Panics
    /// If there are not as many points as the frame has data subcarriers.
    pub fn cross(self, points: &[Complex32]) -> Option<Frame> {
        let (air, gain) = self.transmit(points);
        let mut air = surround(air, self.around);
        self.drawn.apply(&mut air);
        match self.air.reception {
            Reception::Aided => Some(self.receive_aided(&air, gain)),
            // A frame whose SIGNAL was misread into another valid one is as lost as one that was not found.
            Reception::Unaided => receive(&air, 0, &self.air.transform).ok().filter(|frame| frame.ppdu == self.ppdu),
        }
    }

    /// The frame's samples, and the gain that the transmitter took.
    fn transmit(&self, points: &[Complex32]) -> (Vec<Complex32>, f32) {
        let gain = (1.0 / mean_power(points).sqrt()) as f32;
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

/// A frame whose transforms begin [`EARLY`] samples into their cyclic prefixes, as a receiver's do: echoes come before the
/// strongest path too.
fn early(frame: &[Complex32]) -> Vec<Complex32> {
    let mut air = vec![Complex32::ZERO; EARLY];
    air.extend(frame);
    air
}

/// Frequency offset in radians a sample, from a preamble without noise: the STF's period tells it roughly, the LTF's finely.
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
        Air::new(Chain::new(channel.parse().expect("a name"), impairments), reception)
    }

    /// Frames of a rate that arrive to the octet.
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

    /// Whatever the points, data subcarriers have mean power 1 on the air: that is what the SNR is of.
    #[test]
    fn data_subcarriers_have_power_one_on_the_air() {
        let transform = Transform::default();
        for mcs in [Mcs::SIGNAL, Mcs::M54, Mcs::HT7] {
            let (ppdu, air) = (Ppdu::long_guard(mcs, 500), air("awgn", &[], Reception::Aided));
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
                let power = mean_power(&symbols.flat_map(of_symbol).collect::<Vec<_>>());
                assert!((power - 1.0).abs() < 0.005, "{mcs}, points of amplitude {amplitude}: {power}");
            }
        }
    }

    /// In fading the mean of the noise told, weighed by what each subcarrier has, is the noise that the points have.
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
                // Gain, and what the pilots' turning leaves.
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
