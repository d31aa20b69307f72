//! Receiver of one frame with known timing, SIGNAL, channel and scrambler state, as implied by curves below the SNR of
//! detection.

use super::data::{body, decode, descramble, follow};
use super::demodulate::{Demodulator, Front};
use super::equalize::ChannelEstimate;
use super::ofdm::Transform;
use super::ppdu::Ppdu;
use super::preamble::EARLY;
use super::receive::Frame;
use super::scramble::ScramblerState;
use super::track::Tracker;
use super::viterbi::Decoder;
use crate::Complex32;

/// Knowledge of an aided receiver.
#[derive(Debug, Clone)]
pub struct Known {
    /// Scheme, guard interval and length.
    pub ppdu: Ppdu,
    /// Channel gains and noise.
    pub channel: ChannelEstimate,
    /// The sender's scrambler state.
    pub scrambler: ScramblerState,
}

/// Receives the frame that begins at sample 0.
///
/// # Panics
/// If the samples end before the frame.
pub fn receive_aided(samples: &[Complex32], known: &Known, transform: &Transform) -> Frame {
    let (ppdu, n_data) = (known.ppdu, known.ppdu.mcs().n_data());
    known.frame(samples, 0.0, transform, |demodulator| {
        let mut points = vec![Complex32::ZERO; ppdu.n_sym() * n_data];
        for (n, points) in points.chunks_exact_mut(n_data).enumerate() {
            demodulator.coherent(body(ppdu, ppdu.n_header(), n), points);
        }
        points
    })
}

/// Receives the frame that begins at sample [`EARLY`], so that transforms begin within the cyclic prefix: with a known
/// frequency offset of `cfo` radians per sample, and with pilot tracking.
///
/// # Panics
/// If the samples end before the frame.
pub fn receive_tracked(samples: &[Complex32], known: &Known, cfo: f32, transform: &Transform) -> Frame {
    let (got, want) = (samples.len(), known.ppdu.n_samples() + EARLY);
    assert!(got >= want, "a frame that ends at sample {want} in {got}");
    known.frame(samples, cfo, transform, |demodulator| {
        follow(demodulator, known.ppdu.n_header(), known.ppdu, Tracker::new(demodulator.reliability()))
    })
}

impl Known {
    /// The frame for these equalised points of the DATA field.
    fn frame(
        &self,
        samples: &[Complex32],
        cfo: f32,
        transform: &Transform,
        points: impl FnOnce(&Demodulator) -> Vec<Complex32>,
    ) -> Frame {
        let (ppdu, end) = (self.ppdu, self.ppdu.n_samples());
        assert!(samples.len() >= end, "a frame of {end} samples in {}", samples.len());
        let front = Front::new(samples, cfo, transform);
        let demodulator = Demodulator::new(ppdu.mcs().data_tones(), &front, &self.channel);
        let points = points(&demodulator);
        let factors = vec![1.0; ppdu.n_sym()];
        let mut octets = decode(&points, &demodulator.weights(), &factors, ppdu, &mut Decoder::new()).to_vec();
        let psdu = descramble(&mut octets, ppdu, self.scrambler);
        let (scrambler, channel) = (self.scrambler, self.channel.clone());
        Frame { ppdu, aggregation: false, scrambler, psdu, points, start: 0, end, cfo, channel }
    }
}
