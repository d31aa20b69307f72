//! A waveform emulated: `cargo run --release -p jscc-phy --example emulate`.
//!
//! The pulse-shaped waveform of random symbols becomes the PSDU of a standard frame that imitates it, as far as cyclic prefixes,
//! pilots and constellation points let it; aimed at the receiver's matched filter instead, it loses less.

use jscc_phy::channel::Channel;
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::emulation::waveform::{Tones, WaveformEmulator};
use jscc_phy::emulation::{Inversion, TooLong};
use jscc_phy::random::stream;
use jscc_phy::units::nmse_db;
use jscc_phy::wifi::{Mcs, ScramblerState};

fn main() -> Result<(), TooLong> {
    let state = ScramblerState::EXAMPLE;
    let z = Channel::Awgn.draw(240, 1.0, &mut stream(1, "symbols", 0)).noise;
    for (name, inversion, tones) in
        [("exact", Inversion::Exact, Tones::Contiguous), ("trellis", Inversion::Trellis, Tones::Contiguous)]
    {
        let shaping = Shaping::default();
        let emulator = WaveformEmulator::new(Mcs::M54, Framing::Bare, inversion, tones, shaping, z.len())?;
        let target = emulator.target(&z);
        let imitation = emulator.waveform_of_psdu(&emulator.emulate(&z, state), state);
        let aimed = emulator.emulate_waveform(&emulator.precompensate(&z), state);
        let z_hat = emulator.demodulate(&emulator.waveform_of_psdu(&aimed, state));
        println!(
            "{name:8} {} octets, {} subcarriers: waveform off by {:.1} dB, symbols aimed at by {:.1} dB",
            aimed.len(),
            emulator.tones().len(),
            nmse_db(&target, &imitation),
            nmse_db(&z, &z_hat),
        );
    }
    Ok(())
}
