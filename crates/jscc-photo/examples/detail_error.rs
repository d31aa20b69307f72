//! The table `DETAIL` of [`jscc_photo::ladder`]: at each SNR the rate and amplitude whose received symbols have the best SNR.
//!
//! Frames of 1500 octets, filled with Gaussian symbols, at a card's gain in white noise, received as bits.
//!
//! `cargo run --release -p jscc-photo --example detail_error`

use jscc_phy::air::{Air, Reception};
use jscc_phy::channel::Channel;
use jscc_phy::emulation::layout::{BROADCAST, Layout};
use jscc_phy::emulation::{Emulator, Inversion};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::Mcs;
use rayon::prelude::*;

/// Frames per number.
const FRAMES: u64 = 8;
/// Octets of a PSDU.
const OCTETS: usize = 1500;
/// Indices of the rates: 36, 48 and 54 Mb/s.
const RATES: [usize; 3] = [5, 6, 7];

/// SNR in dB of received symbols.
fn symbols_db(rate: usize, scale: f32, snr_db: f64) -> f64 {
    let mcs = Mcs::NON_HT[rate];
    let layout = Layout::new(mcs, BROADCAST, 8 * OCTETS / mcs.n_dbps());
    let n = layout.n_free();
    let emulator = Emulator::in_layout(layout, Inversion::Trellis, n).at_scale(scale);
    let air = Air::white(Reception::Aided);
    let (mut sent, mut product, mut heard) = (0.0, 0.0, 0.0);
    for frame in 0..FRAMES {
        let z = Channel::Awgn.draw(n, 1.0, &mut stream(1, "symbols", frame)).noise;
        let crossing = air.draw(emulator.layout().ppdu(), Snr::per_symbol(snr_db), &mut stream(1, "air", frame));
        let state = crossing.scrambler();
        let points = emulator.points(&emulator.emulate(&z, state), state);
        let received = crossing.cross(&points).expect("aided frames are never lost");
        for (z, z_hat) in z.iter().zip(emulator.recover(&received.psdu, state)) {
            sent += f64::from(z.norm_sqr());
            product += f64::from((z.conj() * z_hat).re);
            heard += f64::from(z_hat.norm_sqr());
        }
    }
    let gain = product / sent;
    10.0 * (gain * gain / (heard / sent - gain * gain)).log10()
}

fn main() {
    let scales: Vec<f32> = (8..=18).map(|tenths| tenths as f32 / 10.0).chain([0.84]).collect();
    let snrs: Vec<f64> = (-4..=16).map(|n| 1.25 * f64::from(n)).collect();
    let best = |&snr_db: &f64| {
        let tried = RATES
            .iter()
            .flat_map(|&rate| scales.iter().map(move |&scale| (symbols_db(rate, scale, snr_db), rate, scale)));
        let best = tried.max_by(|a, b| a.0.total_cmp(&b.0)).expect("rates and amplitudes");
        format!("DetailRung {{ snr_db: {snr_db}, rate: {}, scale: {}, symbols_db: {:.1} }},", best.1, best.2, best.0)
    };
    snrs.par_iter().map(best).collect::<Vec<_>>().iter().for_each(|line| println!("{line}"));
}
