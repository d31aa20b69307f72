//! A channel drawn and applied: `cargo run --release -p jscc-phy --example channel`.
//!
//! The air of a link is drawn first; noise per symbol is known before a symbol is sent. The same seed gives the same air.

use jscc_phy::channel::{Chain, Channel};
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::room::Room;
use jscc_phy::emulation::{Inversion, TooLong};
use jscc_phy::link::{Link, Power, Receive, Reception, Wifi, WifiConfig};
use jscc_phy::random::stream;
use jscc_phy::units::{Snr, nmse_db, to_db};
use jscc_phy::wifi::Mcs;

fn main() -> Result<(), TooLong> {
    let k = 48;
    let z = Channel::Awgn.draw(k, 1.0, &mut stream(1, "symbols", 0)).noise;
    for name in ["awgn", "rayleigh", "tgn-b", "tgn-d"] {
        let config = WifiConfig {
            mcs: Mcs::M54,
            inversion: Inversion::Trellis,
            framing: Framing::Bare,
            receive: Receive::Symbols,
            reception: Reception::Aided,
            air: Chain::new(name.parse().expect("a name of `channel::names`"), vec![]),
            power: Power::Card,
            images_per_frame: 1,
            spare: 0,
            room: Room::Erased,
            silence: 0.0,
            scale: None,
            mix: None,
        };
        let link = Wifi::new(config, k)?;
        let air = link.draw(1, k, Snr::per_symbol(15.0), stream(1, "air", 0));
        let (best, worst) = air.noise().iter().fold((f32::MAX, 0.0f32), |(a, b), &n| (a.min(n), b.max(n)));
        let snr_db = |noise: f32| to_db(1.0 / f64::from(noise));
        let heard = air.carry(&z).expect("aided frames are never lost");
        let nmse = nmse_db(&z, &heard.values);
        println!("{name:8} symbols of {:5.1} to {:4.1} dB; ẑ off by {nmse:.1} dB", snr_db(worst), snr_db(best));
    }
    Ok(())
}
