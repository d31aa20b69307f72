//! A channel with the impairments of the radios at its ends, drawn together.

use super::impairment::{Distortion, Impairment};
use super::{Channel, Realization};
use crate::Complex32;
use rand_chacha::ChaCha8Rng;

/// A channel and the impairments of the radios at its ends, in the order of the signal path.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    channel: Channel,
    impairments: Vec<Impairment>,
}

/// One draw of a chain for a block of samples.
#[derive(Debug, Clone)]
pub struct Drawn {
    before: Vec<Distortion>,
    realization: Realization,
    after: Vec<Distortion>,
}

impl Chain {
    /// A chain; the impairments may be given in any order.
    pub fn new(channel: Channel, mut impairments: Vec<Impairment>) -> Self {
        impairments.sort_by_key(|impairment| impairment.place());
        Self { channel, impairments }
    }

    /// Whether the chain is only white noise.
    pub fn is_awgn(&self) -> bool {
        self.channel == Channel::Awgn && self.impairments.is_empty()
    }

    /// Draws for `n` samples with complex noise of variance `no` each: the channel's noise first, so that it is the
    /// same for every chain on the same stream, then its gains, then the impairments.
    ///
    /// # Panics
    /// If a parameter is out of the range that [`super::names`] states.
    pub fn draw(&self, n: usize, no: f32, rng: &mut ChaCha8Rng) -> Drawn {
        let realization = self.channel.draw(n, no, rng);
        let drawn: Vec<_> = self.impairments.iter().map(|impairment| (impairment, impairment.draw(n, rng))).collect();
        let (before, after): (Vec<_>, Vec<_>) = drawn.into_iter().partition(|(impairment, _)| impairment.is_senders());
        let distortions = |drawn: Vec<(_, Distortion)>| drawn.into_iter().map(|(_, distortion)| distortion).collect();
        Drawn { before: distortions(before), realization, after: distortions(after) }
    }
}

impl Drawn {
    /// Passes a block from one radio to the other.
    ///
    /// # Panics
    /// If `x` is not as long as the draw.
    pub fn apply(&self, x: &mut [Complex32]) {
        self.before.iter().for_each(|distortion| distortion.apply(x));
        self.realization.apply(x);
        self.after.iter().for_each(|distortion| distortion.apply(x));
    }

    /// As [`Drawn::apply`], without noise and interference, for perfect channel knowledge at a receiver.
    ///
    /// # Panics
    /// If `x` is not as long as the draw.
    pub fn apply_without_noise(&self, x: &mut [Complex32]) {
        let steady = |distortion: &&Distortion| !matches!(distortion, Distortion::Interference(_));
        self.before.iter().for_each(|distortion| distortion.apply(x));
        self.realization.apply_gain(x);
        self.after.iter().filter(steady).for_each(|distortion| distortion.apply(x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::impairment::Side;
    use crate::random::stream;

    #[test]
    fn a_chain_without_impairments_is_its_channel() {
        for channel in [Channel::Awgn, "tgn-d".parse().expect("a name"), "rayleigh".parse().expect("a name")] {
            let mut x = vec![Complex32::ONE; 300];
            let mut y = x.clone();
            Chain::new(channel, vec![]).draw(300, 0.1, &mut stream(1, "chain", 0)).apply(&mut x);
            channel.draw(300, 0.1, &mut stream(1, "chain", 0)).apply(&mut y);
            assert_eq!(x, y);
        }
    }

    #[test]
    fn impairments_act_in_the_order_of_the_signal() {
        let iq = |side| Impairment::IqImbalance { side, gain_db: 3.0, phase_deg: 20.0 };
        let cfo = Impairment::FrequencyOffset { hz: 1e6 };
        let sent = Complex32::new(0.3, -0.8);
        let through = |impairments| {
            let mut x = vec![sent; 40];
            Chain::new(Channel::Awgn, impairments).draw(40, 0.0, &mut stream(1, "chain", 0)).apply(&mut x);
            x
        };
        let (tx, rx) = (iq(Side::Transmitter), iq(Side::Receiver));
        assert_eq!(through(vec![rx, cfo, tx]), through(vec![tx, cfo, rx]));
        // The sender's image rotates with the carrier, the receiver's against it.
        let image = |impairment| through(vec![cfo, impairment])[7] - through(vec![cfo])[7];
        assert!((image(tx) - image(rx)).norm() > 0.1);
    }

    #[test]
    fn noise_and_bursts_can_be_left_out() {
        let bursts = Impairment::Bursts { start: 0.2, mean_length: 5.0, power_db: 20.0 };
        let drawn = Chain::new(Channel::Awgn, vec![bursts]).draw(200, 1.0, &mut stream(1, "chain", 0));
        let mut x = vec![Complex32::ONE; 200];
        drawn.apply_without_noise(&mut x);
        assert_eq!(x, vec![Complex32::ONE; 200]);
        drawn.apply(&mut x);
        assert!(x.iter().any(|x| (x - 1.0).norm() > 5.0));
    }
}
