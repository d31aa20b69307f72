//! The analog radio that DeepJSCC assumes: symbols go on the air as they are.

use super::{AirTime, Link};
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::units::Snr;
use rand_chacha::ChaCha8Rng;

/// ẑ = z + n.
#[derive(Debug, Clone, Copy)]
pub struct Ideal;

impl Link for Ideal {
    fn images_per_frame(&self) -> usize {
        1
    }

    fn air_time(&self) -> Option<AirTime> {
        None
    }

    fn carry(&self, z: &[Complex32], snr: Snr, rng: &mut ChaCha8Rng) -> Option<Vec<Complex32>> {
        let mut z_hat = z.to_vec();
        Channel::Awgn.draw(z.len(), snr.no(), rng).apply(&mut z_hat);
        Some(z_hat)
    }
}
