//! Transmission of one packet through the channel and a receiver.

use super::resample::{HALF, resample};
use crate::spec::per::PerTable;
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::channel::impairment::Impairment;
use jscc_phy::link::Reception;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::aided::{Known, receive_aided};
use jscc_phy::wifi::equalize::ChannelEstimate;
use jscc_phy::wifi::fcs::{N_FCS, fcs};
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receiver::{self, Receiver};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState};
use rand::{Rng, RngExt};

/// Outcome of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrived as sent.
    Right,
    /// A frame arrived, but with wrong bits.
    WrongBits,
    /// A preamble was found, but no readable header.
    NoHeader,
    /// No preamble was found.
    NoPreamble,
}

/// Most samples of noise before a frame, and samples after it.
const LEAD: usize = 1000;
const TRAIL: usize = 400;

/// Packets of one rate to one kind of receiver.
pub(super) struct Trial<'a> {
    spec: &'a PerTable,
    ppdu: Ppdu,
    reception: Reception,
}

/// A transmitted packet.
struct Packet {
    psdu: Vec<u8>,
    scrambler: ScramblerState,
    samples: Vec<Complex32>,
}

impl<'a> Trial<'a> {
    pub fn new(spec: &'a PerTable, mcs: Mcs, reception: Reception) -> Self {
        Self { spec, ppdu: Ppdu::long_guard(mcs, spec.octets), reception }
    }

    pub fn mcs(&self) -> Mcs {
        self.ppdu.mcs()
    }

    pub fn reception(&self) -> Reception {
        self.reception
    }

    /// Sends packet `index`. It is the same at every SNR, and so is its noise up to scale: points of a curve and curves
    /// of a rate differ by less than their intervals suggest.
    pub fn fate(&self, snr: Snr, index: u64, transform: &Transform) -> Fate {
        let packet = self.packet(index, transform);
        match self.reception {
            Reception::Aided => self.aided(packet, snr, index, transform),
            Reception::Unaided => self.unaided(&packet, snr, index),
        }
    }

    fn packet(&self, index: u64, transform: &Transform) -> Packet {
        let mut rng = stream(self.spec.seed, "per packet", index);
        let mut psdu = vec![0; self.spec.octets - N_FCS];
        rng.fill_bytes(&mut psdu);
        psdu.extend(fcs(&psdu));
        let scrambler = ScramblerState::new(rng.random_range(1..=127)).expect("within 1 to 127");
        let samples = transmit(&psdu, self.ppdu, scrambler, transform);
        Packet { psdu, scrambler, samples }
    }

    fn add_noise(&self, samples: &mut [Complex32], snr: Snr, index: u64) {
        let rng = &mut stream(self.spec.seed, "per noise", index);
        Channel::Awgn.draw(samples.len(), snr.no_time_sample(), rng).apply(samples);
    }

    fn aided(&self, packet: Packet, snr: Snr, index: u64, transform: &Transform) -> Fate {
        let mut samples = packet.samples;
        self.add_noise(&mut samples, snr, index);
        let channel = ChannelEstimate::flat(1.0, snr.no());
        let known = Known { ppdu: self.ppdu, channel, scrambler: packet.scrambler };
        let frame = receive_aided(&samples, &known, transform);
        if frame.psdu == packet.psdu { Fate::Right } else { Fate::WrongBits }
    }

    /// Samples of a frame that starts at a random time, from a radio whose single crystal has an offset.
    fn on_the_air(&self, frame: &[Complex32], index: u64) -> Vec<Complex32> {
        let rng = &mut stream(self.spec.seed, "per air", index);
        let lead = rng.random_range(0..=LEAD);
        let fraction = rng.random_range(0.0..1.0);
        let ppm = self.spec.offset_ppm * rng.random_range(-1.0..=1.0);
        let mut samples = vec![Complex32::ZERO; lead + HALF];
        samples.extend(frame);
        samples.resize(samples.len() + TRAIL, Complex32::ZERO);
        // A fast crystal raises the carrier frequency and the sampling rate.
        let mut samples = resample(&samples, fraction, 1.0 + ppm * 1e-6);
        let hz = ppm * 1e3 * self.spec.carrier_ghz;
        Impairment::FrequencyOffset { hz }.draw(samples.len(), rng).apply(&mut samples);
        samples
    }

    fn unaided(&self, packet: &Packet, snr: Snr, index: u64) -> Fate {
        let mut samples = self.on_the_air(&packet.samples, index);
        // The noise is the receiver's own, unaffected by the offset.
        self.add_noise(&mut samples, snr, index);
        let mut fate = Fate::NoPreamble;
        let mut tell = |reception| {
            fate = match (reception, fate) {
                (receiver::Reception::Frame(frame), _) if frame.psdu == packet.psdu => Fate::Right,
                (_, Fate::Right) => Fate::Right,
                (receiver::Reception::Frame(_), _) | (_, Fate::WrongBits) => Fate::WrongBits,
                (receiver::Reception::Lost { .. }, _) => Fate::NoHeader,
            }
        };
        let mut receiver = Receiver::new();
        receiver.push(&samples, &mut tell);
        receiver.finish(&mut tell);
        fate
    }
}
