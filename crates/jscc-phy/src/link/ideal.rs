//! The analog radio assumed by DeepJSCC: symbols are sent without modulation or coding.

use super::{AirTime, Heard, Link, Transmission};
use crate::Complex32;
use crate::channel::{Channel, Gain, Realization};
use crate::units::{N_FFT, Snr};
use crate::wifi::ofdm::DATA_TONES;
use rand_chacha::ChaCha8Rng;

/// y = h·z + n, one channel use per symbol, and ẑ = w·y. On multipath channels symbol i of an image is on the data
/// subcarrier i mod 48 of an OFDM symbol without cyclic prefix or pilots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ideal {
    /// Channel between the radios.
    pub channel: Channel,
    /// Equaliser of the receiver, which knows h.
    pub equaliser: Equaliser,
}

/// Equaliser of a receiver that knows the channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Equaliser {
    /// None: w = 1.
    None,
    /// w = h*/max(|h|², floor).
    ZeroForcing {
        /// Smallest power in the denominator.
        floor: f32,
    },
    /// w = h*/(|h|² + no), of least mean square error.
    Mmse,
}

impl Default for Ideal {
    /// White noise, no equaliser.
    fn default() -> Self {
        Self { channel: Channel::Awgn, equaliser: Equaliser::None }
    }
}

impl Equaliser {
    fn weight(self, h: Complex32, no: f32) -> Complex32 {
        match self {
            Self::None => Complex32::ONE,
            Self::ZeroForcing { floor } => h.conj() / h.norm_sqr().max(floor).max(f32::MIN_POSITIVE),
            Self::Mmse => h.conj() / (h.norm_sqr() + no),
        }
    }
}

impl Link for Ideal {
    fn images_per_frame(&self) -> usize {
        1
    }

    fn air_time(&self) -> Option<AirTime> {
        None
    }

    fn draw(&self, images: usize, k: usize, snr: Snr, mut rng: ChaCha8Rng) -> Box<dyn Transmission + '_> {
        super::assert_images(images, 1);
        let Realization { gain, noise: added } = self.channel.draw(k, snr.no(), &mut rng);
        let no = snr.no();
        let Some(h) = gains(gain, k) else {
            return Box::new(Drawn { gain: None, added, noise: vec![no; k] });
        };
        let weights: Vec<_> = h.iter().map(|&h| self.equaliser.weight(h, no)).collect();
        let added = added.iter().zip(&weights).map(|(n, w)| n * w).collect();
        let noise = weights.iter().map(|w| w.norm_sqr() * no).collect();
        let gain = h.iter().zip(&weights).map(|(h, w)| h * w).collect();
        Box::new(Drawn { gain: Some(gain), added, noise })
    }
}

/// h of each symbol; `None` if it is 1.
fn gains(gain: Gain, k: usize) -> Option<Vec<Complex32>> {
    match gain {
        Gain::One => None,
        Gain::PerSample(gains) => Some(gains),
        Gain::Taps(taps) => {
            let on_tones = DATA_TONES.map(|tone| taps.response(f64::from(tone) / N_FFT as f64));
            Some(on_tones.into_iter().cycle().take(k).collect())
        }
    }
}

/// ẑ = gain·z + added.
struct Drawn {
    gain: Option<Vec<Complex32>>,
    added: Vec<Complex32>,
    noise: Vec<f32>,
}

impl Transmission for Drawn {
    fn noise(&self) -> &[f32] {
        &self.noise
    }

    fn carry(self: Box<Self>, z: &[Complex32]) -> Option<Heard> {
        let Self { gain, added, .. } = *self;
        assert_eq!(z.len(), added.len(), "symbols, and those announced");
        let values = match &gain {
            None => z.iter().zip(&added).map(|(z, n)| z + n).collect(),
            Some(gain) => z.iter().zip(gain).zip(&added).map(|((z, g), n)| z * g + n).collect(),
        };
        let energy = z.iter().map(|z| f64::from(z.norm_sqr())).sum();
        Some(Heard { gain, ..Heard::equalised(values, energy) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn drawn(channel: &str, equaliser: Equaliser, k: usize, index: u64) -> (Vec<f32>, Heard, Vec<Complex32>) {
        let link = Ideal { channel: channel.parse().expect("a name"), equaliser };
        let z = Channel::Awgn.draw(k, 1.0, &mut stream(1, "symbols", index)).noise;
        let air = link.draw(1, k, Snr::per_symbol(7.0), stream(2, "air", index));
        (air.noise().to_vec(), air.carry(&z).expect("nothing is lost"), z)
    }

    /// ẑ − gain·z has the reported variance, symbol by symbol.
    #[test]
    fn noise_is_as_told() {
        let zero_forcing = Equaliser::ZeroForcing { floor: 0.05 };
        for channel in ["awgn", "rayleigh", "rayleigh:symbol", "rician:6", "tgn-d", "exp:50"] {
            for equaliser in [Equaliser::None, zero_forcing, Equaliser::Mmse] {
                let mut ratios = Vec::new();
                for index in 0..40 {
                    let (noise, heard, z) = drawn(channel, equaliser, 96, index);
                    let gain = heard.gain.unwrap_or_else(|| vec![Complex32::ONE; 96]);
                    let errors = heard.values.iter().zip(&z).zip(&gain).map(|((y, z), g)| (y - z * g).norm_sqr());
                    ratios.extend(errors.zip(&noise).map(|(error, noise)| error / noise));
                }
                let mean = ratios.iter().sum::<f32>() / ratios.len() as f32;
                // 3840 exponential variates: a standard deviation of 1.6 %.
                assert!((mean - 1.0).abs() < 0.06, "{channel} {equaliser:?}: {mean}");
            }
        }
    }

    #[test]
    fn equalisers_leave_the_gain_that_they_should() {
        let gain = |equaliser| drawn("rayleigh:symbol", equaliser, 400, 1).1.gain.expect("a fading channel");
        let (h, one) = (gain(Equaliser::None), gain(Equaliser::ZeroForcing { floor: 0.05 }));
        let no = Snr::per_symbol(7.0).no();
        for ((h, one), mmse) in h.iter().zip(&one).zip(&gain(Equaliser::Mmse)) {
            assert!((one - (h.norm_sqr() / 0.05).min(1.0)).norm() < 1e-4);
            assert!((mmse - h.norm_sqr() / (h.norm_sqr() + no)).norm() < 1e-4);
        }
        assert!(one.iter().any(|one| one.re < 0.99) && one.iter().any(|one| one.re > 0.99));
    }
}
