//! Frames of ours in the packets of a capture: their rate, FCS and scrambler state.

use super::gather::{About, Gathering, Waiting};
use super::likeness::together;
use super::received::Place;
use super::recognise::{Evidence, Ours, Verdict, is_addressed};
use super::state::{from_state, is_clear};
use jscc_phy::emulation::Emulator;
use jscc_phy::wifi::{Guard, Mcs, Ppdu, ScramblerState};
use jscc_radio::pcap::{Losses, Packet, Reader};
use jscc_radio::reading::Reading;
use jscc_radio::scheme::Unheard;
use jscc_radio::{RadioError, Rate};
use std::path::Path;
use std::rc::Rc;

/// Smallest part of a frame that the capture must contain.
const LEAST_KEPT: f64 = 0.5;
/// Reason for skipping a packet without a rate.
const NO_RATE: &str = "no rate, give --mbps or --mcs";

/// A possible reading of a packet as a frame of ours.
struct Candidate {
    rate: Rate,
    reading: Reading,
    ours: Ours,
}

/// Evidence for the rate, from packets without one.
#[derive(Default)]
pub(super) struct Rates {
    found: Option<Rate>,
}

impl Gathering<'_> {
    /// Reads all packets; returns the parts of the file that could not be read.
    pub fn capture(&mut self, path: &Path, mut reader: Reader<'_>) -> Result<Vec<String>, RadioError> {
        let (mut losses, mut is_any, mut rates) = (Losses::default(), false, Rates::default());
        while let Some(next) = reader.next() {
            match next {
                Ok(packet) => {
                    is_any = true;
                    self.packet(reader.number(), &packet, &mut rates);
                }
                Err(error) => losses.add(error),
            }
            if self.is_full {
                break;
            }
        }
        let lines = losses.lines(&reader);
        match losses.into_first() {
            Some(error) if !is_any => Err(RadioError::pcap(path)(error)),
            _ => Ok(lines),
        }
    }

    fn packet(&mut self, number: u64, packet: &Packet, rates: &mut Rates) {
        let likely = match (packet.radiotap.rate(), self.wanted.rate.or(rates.found)) {
            (Ok(rate), _) | (Err(Unheard::NoRate), Some(rate)) => vec![rate],
            (Err(Unheard::NoRate), None) if is_addressed(&packet.frame) => every_rate(),
            (Err(Unheard::NoRate), None) => return self.passed.foreign += 1,
            (Err(Unheard::Kind(why)), _) => return self.refuse(why),
        };
        let mut candidates = self.candidates(packet, &likely);
        if likely.len() > 1 && candidates.len() > 1 {
            match self.likeliest(packet, &candidates) {
                Some(best) => {
                    candidates = vec![candidates.swap_remove(best)];
                    rates.found = Some(candidates[0].rate);
                }
                None => return self.refuse(NO_RATE.to_owned()),
            }
        }
        let snr_db = packet.radiotap.signal_dbm.zip(packet.radiotap.noise_dbm);
        let snr_db = snr_db.map(|(signal, noise)| f64::from(signal) - f64::from(noise));
        if let Some(Candidate { rate, reading, ours }) = candidates.into_iter().next() {
            let (place, length) = (Place::Packet(number, packet.time), reading.length);
            let about = About { place, rate, length, fcs_ok: reading.fcs_ok, snr_db };
            self.captured(about, ours, packet.psdu(&reading));
        }
    }

    /// Possible readings of the packet as a frame of ours, at most one per rate. Counts the packet if there is none.
    fn candidates(&mut self, packet: &Packet, rates: &[Rate]) -> Vec<Candidate> {
        let is_ours_by_name = is_addressed(&packet.frame);
        let (mut found, mut is_snapped, mut is_unfitting) = (Vec::new(), false, false);
        for &rate in rates {
            for reading in packet.readings() {
                let Ok(ppdu) = rate.ppdu(reading.length) else {
                    is_unfitting |= is_ours_by_name;
                    continue;
                };
                if reading.is_doubtful && !is_ours_by_name {
                    continue;
                }
                if packet.kept(&reading) < LEAST_KEPT {
                    is_snapped = true;
                    continue;
                }
                match self.judge(packet, &reading, ppdu.mcs()) {
                    Verdict::Ours(ours) => {
                        found.push(Candidate { rate, reading, ours });
                        break;
                    }
                    Verdict::Unfitting => is_unfitting = true,
                    Verdict::Foreign => {}
                }
            }
        }
        match (found.is_empty(), is_snapped, is_unfitting) {
            (false, ..) => {}
            (_, true, _) => self.passed.snapped += 1,
            (_, _, true) => self.passed.unfitting += 1,
            _ => self.passed.foreign += 1,
        }
        found
    }

    fn judge(&mut self, packet: &Packet, reading: &Reading, mcs: Mcs) -> Verdict {
        let state = self.sender.likeliest();
        let (length, fcs_ok) = (reading.length, reading.fcs_ok);
        let octets = &packet.frame;
        let evidence = Evidence { mcs, length, octets, fcs_ok, receiver: state, senders: &[state] };
        self.recogniser
            .judge(&evidence, |header| header.points(&packet.psdu(reading)[..header.layout().length()], state))
    }

    /// The candidate whose pictures clearly look like pictures, if any: from the expected state, else from any.
    fn likeliest(&mut self, packet: &Packet, candidates: &[Candidate]) -> Option<usize> {
        let frames = candidates
            .iter()
            .map(|Candidate { reading, ours, .. }| (self.recogniser.emulator(ours), packet.psdu(reading)));
        let frames: Vec<_> = frames.collect();
        let clearest = |states: &[ScramblerState]| {
            let likeness = |state: &ScramblerState, (emulator, psdu): &(Rc<Emulator>, Vec<u8>)| {
                together(&from_state(&self.likeness, emulator, psdu, *state))
            };
            let best = frames
                .iter()
                .map(|frame| states.iter().map(|state| likeness(state, frame)).fold(f32::NEG_INFINITY, f32::max));
            let mut ranked: Vec<(f32, usize)> = best.zip(0..).collect();
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
            is_clear(ranked[0].0, ranked[1].0).then_some(ranked[0].1)
        };
        let expected = [self.sender.likeliest()];
        clearest(&expected).or_else(|| clearest(&self.sender.candidates()))
    }

    /// Decodes a frame of ours from the sender's state, if that can be determined.
    fn captured(&mut self, about: About, mut ours: Ours, psdu: Vec<u8>) {
        let emulator = self.recogniser.emulator(&ours);
        let state = match (about.fcs_ok, self.sender.known()) {
            // A frame that may be another's is no evidence of our state.
            _ if ours.wants.is_some() => Some(self.sender.likeliest()),
            // Wrong octets are weaker evidence than the frames before.
            (Some(false), Some(known)) => Some(known),
            _ => self.sender.hear(&self.likeness, &emulator, &psdu),
        };
        let Some(state) = state else { return self.wait(Waiting { about, ours, psdu }) };
        ours.sender = state;
        let z = emulator.recover(&psdu, state);
        self.add(about, ours, z);
    }
}

/// All rates of the receiver. The guard interval does not change any bit.
fn every_rate() -> Vec<Rate> {
    Mcs::ALL.iter().filter_map(|&mcs| Ppdu::new(mcs, Guard::Long, 1).ok()).map(Rate::of).collect()
}

#[cfg(test)]
mod tests;
