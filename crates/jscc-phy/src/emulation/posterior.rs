//! Posterior mean of the symbols given all that was received, for a receiver that has points. In strong noise it is the
//! points themselves, shrunk; in weak noise, the decoded codeword's points.

use super::Emulator;
use super::layout::coded_bits;
use crate::Complex32;
use crate::bits::to_bits;
use crate::wifi::ScramblerState;
use crate::wifi::convolve::EncoderState;
use crate::wifi::posterior::posteriors;
use crate::wifi::qam::constellation;

/// A number per amplitude of an axis.
type PerAmplitude = [f32; 8];
/// ln P(0)/P(1) of each bit of an axis.
type PerBit = [f32; 3];

/// The amplitudes of an axis, indexed by their bits.
struct Axis {
    n_bits: usize,
    amplitudes: Vec<f32>,
}

impl Emulator {
    /// The posterior mean of the symbols, from the equalised points of a DATA field and the noise variance on those of
    /// each data subcarrier. `scrambler` is the sender's state. It is better than [`Emulator::recover`] and
    /// [`Emulator::pick`] where either is good, and than both in between.
    ///
    /// One pass of decoding: with this labelling of the points, the decoder's output for one bit carries almost no
    /// information on the other bits of its axis.
    ///
    /// # Panics
    /// If the number of points is not data subcarriers times OFDM symbols, or there is not one variance per data
    /// subcarrier.
    pub fn posterior_mean(&self, points: &[Complex32], noise: &[f32], scrambler: ScramblerState) -> Vec<Complex32> {
        let mcs = self.layout.mcs();
        assert_eq!(points.len(), mcs.n_data() * self.layout.n_sym(), "points of the DATA field");
        assert_eq!(noise.len(), mcs.n_data(), "variances of the data subcarriers");
        let n_bits = mcs.n_bpsc().div_ceil(2);
        let amplitudes = constellation(mcs.modulation())[..1 << n_bits].iter().map(|point| point.re).collect();
        let axis = Axis { n_bits, amplitudes };
        let likelihoods = self.likelihoods(points, noise, &axis);
        let told = self.told(&likelihoods, &axis, scrambler);
        let mean = |i: usize| if i % 2 < mcs.n_bpsc() { axis.mean(&likelihoods[i], &told[i]) } else { 0.0 };
        let means: Vec<_> = (0..points.len()).map(|i| Complex32::new(mean(2 * i), mean(2 * i + 1))).collect();
        self.pick(&means)
    }

    /// Log-likelihood of each amplitude, on each axis of each point. Targets are Gaussian, so that outer points are
    /// rarer; without a target, all are equally probable.
    fn likelihoods(&self, points: &[Complex32], noise: &[f32], axis: &Axis) -> Vec<PerAmplitude> {
        let mut rarity = vec![0.0; points.len()];
        self.slots.iter().for_each(|&slot| rarity[slot] = 1.0 / self.scale().powi(2));
        let of_axis = |x: f32, noise: f32, rarity: f32| {
            let mut likelihoods = PerAmplitude::default();
            for (likelihood, amplitude) in likelihoods.iter_mut().zip(&axis.amplitudes) {
                *likelihood = -(x - amplitude).powi(2) / noise - rarity * amplitude.powi(2);
            }
            likelihoods
        };
        let of_point = |((point, noise), rarity): ((&Complex32, &f32), &f32)| {
            [point.re, point.im].map(|x| of_axis(x, noise.max(f32::MIN_POSITIVE), *rarity))
        };
        points.iter().zip(noise.iter().cycle()).zip(&rarity).flat_map(of_point).collect()
    }

    /// Extrinsic information of the code on each bit of each axis.
    fn told(&self, likelihoods: &[PerAmplitude], axis: &Axis, scrambler: ScramblerState) -> Vec<PerBit> {
        let (mcs, ours) = (self.layout.mcs(), self.layout.ours());
        let alone: Vec<_> = likelihoods.iter().map(|likelihoods| axis.bits(likelihoods)).collect();
        let coded = coded_bits(mcs);
        let sent = |n: usize| {
            coded.iter().enumerate().map(move |(i, bit)| {
                let (point, bit_of_point) = (n * mcs.n_data() + i / mcs.n_bpsc(), i % mcs.n_bpsc());
                let place = (2 * point + bit_of_point / axis.n_bits, bit_of_point % axis.n_bits);
                (2 * (n * mcs.n_dbps() + bit.step) + bit.generator, place)
            })
        };
        let mut mother = vec![0.0; 2 * mcs.n_dbps() * self.layout.n_sym()];
        (0..self.layout.n_sym()).flat_map(sent).for_each(|(position, (i, bit))| mother[position] = alone[i][bit]);
        let start = EncoderState::default().after(&to_bits(&self.layout.prefix(scrambler)));
        let together = posteriors(&mother[2 * ours.start..2 * ours.end], start);
        let mut told = vec![PerBit::default(); likelihoods.len()];
        for (position, (i, bit)) in (0..self.layout.n_sym()).flat_map(sent) {
            if (2 * ours.start..2 * ours.end).contains(&position) {
                told[i][bit] = together[position - 2 * ours.start] - mother[position];
            }
        }
        told
    }
}

impl Axis {
    /// ln P(0)/P(1) of each bit, limited to a decoder's range.
    fn bits(&self, likelihoods: &PerAmplitude) -> PerBit {
        let weights = self.weights(likelihoods, &PerBit::default());
        let mut sums = [[f32::MIN_POSITIVE; 2]; 3];
        for (word, weight) in weights.iter().enumerate().take(self.amplitudes.len()) {
            (0..self.n_bits).for_each(|bit| sums[bit][word >> bit & 1] += weight);
        }
        sums.map(|[zero, one]| (zero / one).ln().clamp(-20.0, 20.0))
    }

    fn mean(&self, likelihoods: &PerAmplitude, told: &PerBit) -> f32 {
        let weights = self.weights(likelihoods, told);
        let weighted: f32 = weights.iter().zip(&self.amplitudes).map(|(weight, amplitude)| weight * amplitude).sum();
        weighted / weights.iter().take(self.amplitudes.len()).sum::<f32>()
    }

    /// Weights proportional to the amplitudes' probabilities; the greatest is 1.
    fn weights(&self, likelihoods: &PerAmplitude, told: &PerBit) -> PerAmplitude {
        let mut weights = [f32::NEG_INFINITY; 8];
        for (word, weight) in weights.iter_mut().enumerate().take(self.amplitudes.len()) {
            let of_bit = |bit: usize| if word >> bit & 1 == 0 { told[bit] / 2.0 } else { -told[bit] / 2.0 };
            *weight = likelihoods[word] + (0..self.n_bits).map(of_bit).sum::<f32>();
        }
        let greatest = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        weights.map(|weight| (weight - greatest).exp())
    }
}
