//! The transmitter inverted: symbols in, PSDU out. No rival does it, so the measure is the air time of what comes out.

use crate::measure::{self, Contender, Table, timed};
use crate::noise::Noise;
use jscc_phy::emulation::{Emulator, Inversion, layout::Framing};
use jscc_phy::wifi::{Mcs, ScramblerState};

/// Symbols of a frame: half of the longest.
const SYMBOLS: usize = 3000;

pub fn race() -> Vec<Table> {
    let tables = [Inversion::Trellis, Inversion::Exact].map(|inversion| {
        let emulator = Emulator::new(Mcs::M54, Framing::Bare, inversion, SYMBOLS).expect("fits");
        let mut noise = Noise(7);
        let z: Vec<_> = (0..SYMBOLS).map(|_| noise.gauss() * std::f32::consts::FRAC_1_SQRT_2).collect();
        // On air a symbol of DATA lasts 4 us.
        let air = emulator.layout().n_sym() as f64 * 4e-6;
        let note = format!("{SYMBOLS} symbols in {} OFDM symbols", emulator.layout().n_sym());
        let pass = || timed(|| emulator.emulate(&z, ScramblerState::EXAMPLE));
        let contenders = vec![Contender::new("jscc-phy", note, pass)];
        measure::race(format!("Inversion at 54 Mb/s, {inversion:?}"), "x real time", air, contenders)
    });
    tables.into()
}
