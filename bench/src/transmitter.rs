//! Transmitters: octets in, 20 Msample/s baseband out.

use crate::measure::{self, Contender, Table, timed};
use crate::noise::Noise;
use crafter::radio::{LegacyOfdmRate, LegacyOfdmTransmission, LegacyOfdmTxConfig};
use jscc_phy::wifi::ppdu::{Guard, Ppdu};
use jscc_phy::wifi::{Mcs, ScramblerState, fcs, ofdm::Transform, transmit::transmit};
use num_complex::Complex32;

/// Octets of a PSDU, FCS included.
pub const OCTETS: usize = 1500;
/// Samples of its frame at 54 Mb/s: preamble, SIGNAL and 56 symbols of DATA.
const SAMPLES: usize = 320 + 80 + 56 * 80;
const FRAMES: usize = 8;

pub fn race() -> Vec<Table> {
    let mut noise = Noise(1500);
    let bodies: Vec<_> = (0..FRAMES).map(|_| noise.octets(OCTETS - 4)).collect();
    let contenders = vec![our_contender(&bodies), crafter_contender(&bodies)];
    let samples = (FRAMES * SAMPLES) as f64 / 1e6;
    vec![measure::race("Transmitter, PSDU of 1500 octets, 54 Mb/s", "Msample/s", samples, contenders)]
}

/// crafter computes the FCS, and rounds its samples to 8 bits: both are within its only call.
fn crafter_contender(bodies: &[Vec<u8>]) -> Contender<'_> {
    let config = config();
    let transmit = move |body: &Vec<u8>| LegacyOfdmTransmission::encode(body, None, &config).expect("a frame");
    let samples = transmit(&bodies[0]).sample_count();
    Contender::new("crafter 0.3.5", format!("{samples} of {SAMPLES} samples a frame"), move || {
        timed(|| bodies.iter().map(&transmit).collect::<Vec<_>>())
    })
}

fn config() -> LegacyOfdmTxConfig {
    LegacyOfdmTxConfig { leading_samples: 0, trailing_samples: 0, ..LegacyOfdmTxConfig::new(LegacyOfdmRate::Mbps54) }
}

/// Ours takes the PSDU with its FCS; 32-bit floats out.
fn our_contender<'a>(bodies: &[Vec<u8>]) -> Contender<'a> {
    let psdus: Vec<_> = bodies.iter().map(|body| psdu(body)).collect();
    let transform = Transform::default();
    Contender::new("jscc-phy", format!("{} of {SAMPLES} samples a frame", frame(&bodies[0]).len()), move || {
        timed(|| {
            psdus.iter().map(|psdu| transmit(psdu, ppdu(), ScramblerState::EXAMPLE, &transform)).collect::<Vec<_>>()
        })
    })
}

fn ppdu() -> Ppdu {
    Ppdu::new(Mcs::M54, Guard::Long, OCTETS).expect("a frame")
}

fn psdu(body: &[u8]) -> Vec<u8> {
    let mut psdu = body.to_vec();
    psdu.extend(fcs::fcs(body));
    psdu
}

/// The frame of `body` and its FCS.
pub fn frame(body: &[u8]) -> Vec<Complex32> {
    transmit(&psdu(body), ppdu(), ScramblerState::EXAMPLE, &Transform::default())
}
