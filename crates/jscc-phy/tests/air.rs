//! The whole receiver through channels and hardware that are not ideal: how many of forty frames arrive.

use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::channel::impairment::Impairment;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receive::Refinement;
use jscc_phy::wifi::receiver::{Receiver, Reception};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Guard, Mcs, Ppdu, ScramblerState, fcs};

const N: u64 = 40;

struct Air {
    rate: &'static str,
    guard: Guard,
    octets: usize,
    snr_db: f64,
    channel: &'static str,
    impairments: &'static [&'static str],
}

impl Air {
    fn new(rate: &'static str, snr_db: f64, channel: &'static str, impairments: &'static [&'static str]) -> Self {
        Self { rate, guard: Guard::Long, octets: 500, snr_db, channel, impairments }
    }

    /// One frame somewhere in this air, and its PSDU.
    fn recording(&self, index: u64) -> (Vec<Complex32>, Vec<u8>) {
        let mcs: Mcs = self.rate.parse().expect("a rate");
        let mut psdu: Vec<u8> =
            (0..self.octets as u64 - 4).map(|i| ((i * i * 31 + index * 77 + i) >> 3) as u8).collect();
        psdu.extend(fcs::fcs(&psdu));
        let ppdu = Ppdu::new(mcs, self.guard, psdu.len()).expect("a frame");
        let mut air = vec![Complex32::ZERO; 150 + 7 * index as usize];
        air.extend(transmit(&psdu, ppdu, ScramblerState::EXAMPLE, &Transform::default()));
        air.extend([Complex32::ZERO; 150]);
        for (i, name) in self.impairments.iter().enumerate() {
            let impairment: Impairment = name.parse().expect("an impairment");
            impairment.draw(air.len(), &mut stream(index, "impairment", i as u64)).apply(&mut air);
        }
        let channel: Channel = self.channel.parse().expect("a channel");
        let no = Snr::per_symbol(self.snr_db).no_time_sample();
        channel.draw(air.len(), no, &mut stream(index, "channel", 0)).apply(&mut air);
        (air, psdu)
    }

    /// Frames of forty that arrive.
    fn arrived(&self, refinement: Refinement) -> usize {
        let arrives = |&index: &u64| {
            let (air, psdu) = self.recording(index);
            let mut found = false;
            let mut tell = |reception| {
                if let Reception::Frame(frame) = reception {
                    found |= frame.psdu == psdu;
                }
            };
            let mut receiver = Receiver::with(refinement);
            receiver.push(&air, &mut tell);
            receiver.finish(&mut tell);
            found
        };
        (0..N).filter(arrives).count()
    }

    fn assert_at_least(&self, least: usize) {
        let arrived = self.arrived(Refinement::Never);
        let Self { rate, snr_db, channel, impairments, .. } = self;
        println!("{rate} at {snr_db} dB, {channel}, {impairments:?}: {arrived} of {N}");
        assert!(arrived >= least, "{rate} at {snr_db} dB, {channel}, {impairments:?}: {arrived} of {N}, not {least}");
    }
}

#[test]
fn far_off_carriers_and_clocks() {
    for cfo in ["cfo:-450000", "cfo:-230000", "cfo:230000", "cfo:450000"] {
        let impairments: &'static [&'static str] = match cfo {
            "cfo:-450000" => &["cfo:-450000"],
            "cfo:-230000" => &["cfo:-230000", "sco:-40"],
            "cfo:230000" => &["cfo:230000", "sco:40"],
            _ => &["cfo:450000"],
        };
        Air::new("54", 25.0, "awgn", impairments).assert_at_least(40);
        Air::new("6", 5.0, "awgn", impairments).assert_at_least(39);
    }
    // 4095 octets at 6 Mb/s: 1366 symbols, over which the clock slips by four samples.
    for impairments in [&["sco:40"][..], &["sco:-40"]] {
        Air { octets: 4095, ..Air::new("6", 12.0, "awgn", impairments) }.assert_at_least(40);
    }
    Air { guard: Guard::Short, octets: 4000, ..Air::new("ht0", 12.0, "awgn", &["sco:40", "cfo:100000"]) }
        .assert_at_least(40);
}

#[test]
fn echoes() {
    Air::new("24", 30.0, "tgn-b", &[]).assert_at_least(38);
    Air::new("54", 35.0, "tgn-c", &[]).assert_at_least(36);
    Air::new("24", 30.0, "tgn-d", &[]).assert_at_least(36);
    Air::new("12", 25.0, "tgn-e", &[]).assert_at_least(36);
    Air::new("12", 25.0, "tgn-f", &[]).assert_at_least(32);
    Air::new("ht3", 30.0, "tgn-d", &[]).assert_at_least(36);
    Air { guard: Guard::Short, ..Air::new("ht3", 30.0, "exp:30", &[]) }.assert_at_least(36);
}

#[test]
fn worn_hardware() {
    Air::new("54", 35.0, "awgn", &["phase-noise:50"]).assert_at_least(38);
    Air::new("54", 35.0, "awgn", &["iq-rx:0.3,2"]).assert_at_least(38);
    Air::new("24", 30.0, "awgn", &["rapp:3,5"]).assert_at_least(38);
    Air::new("12", 25.0, "awgn", &["burst:0.0005,16,2"]).assert_at_least(30);
}

/// A frame that was not decoded right the first time teaches the second.
#[test]
fn refinement_saves_frames() {
    let air = Air { octets: 1000, ..Air::new("54", 21.0, "awgn", &["phase-noise:150"]) };
    let (once, twice) = (air.arrived(Refinement::Never), air.arrived(Refinement::WhenWrong));
    println!("{once} of {N} decoded once, {twice} refined");
    assert!(twice >= once + 4, "{once} of {N}, with refinement {twice}");
}
