//! A frame there and back: `cargo run --release -p jscc-phy --example frame`.
//!
//! Octets become samples at 20 Msample/s, cross white noise with a frequency offset, and are received by a receiver that is told
//! nothing.

use jscc_phy::channel::{Chain, Channel};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receive::{Lost, receive};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState};

fn main() -> Result<(), Lost> {
    let (psdu, transform) = (b"hello, radio", Transform::default());
    let mut samples = transmit(psdu, Ppdu::long_guard(Mcs::M54, psdu.len()), ScramblerState::EXAMPLE, &transform);
    println!("{} octets at {} Mb/s: {} samples", psdu.len(), Mcs::M54, samples.len());

    let offset = "cfo:40000".parse().expect("a name of `channel::names`");
    let air = Chain::new(Channel::Awgn, vec![offset]);
    let snr = Snr::per_symbol(28.0);
    air.draw(samples.len(), snr.no_time_sample(), &mut stream(1, "example", 0)).apply(&mut samples);

    let frame = receive(&samples, 0, &transform)?;
    println!("received {:?}", String::from_utf8_lossy(&frame.psdu));
    println!("SNR {:.1} dB of {}, offset {:.0} Hz of 40000", frame.channel.snr_db(), snr.db(), frame.cfo_hz());
    assert_eq!(frame.psdu, psdu);
    Ok(())
}
