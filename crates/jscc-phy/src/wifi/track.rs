//! Tracking of a frame's phase and sampling clock by its pilots: one Kalman filter for the phase common to all
//! subcarriers, driven by residual frequency and phase noise, and one for its slope over them, driven by a clock
//! offset.

use super::ofdm::PILOT_TONES;
use crate::Complex32;
use crate::units::N_FFT;
use std::f32::consts::TAU;

/// A quantity that grows at an unknown, slowly changing rate per symbol.
#[derive(Debug, Clone, Copy)]
struct Line {
    value: f32,
    rate: f32,
    /// Covariance of (value, rate): its three distinct entries.
    covariance: [f32; 3],
}

impl Line {
    fn predict(&mut self, value_noise: f32, rate_noise: f32) {
        let [vv, vr, rr] = self.covariance;
        self.value += self.rate;
        self.covariance = [vv + 2.0 * vr + rr + value_noise, vr + rr, rr + rate_noise];
    }

    /// Corrects by a measurement that exceeds the prediction by `error`, with this variance.
    fn correct(&mut self, error: f32, variance: f32) {
        let [vv, vr, rr] = self.covariance;
        let total = vv + variance;
        if !(total > 0.0 && error.is_finite()) {
            return;
        }
        let (of_value, of_rate) = (vv / total, vr / total);
        self.value += of_value * error;
        self.rate += of_rate * error;
        self.covariance = [vv * (1.0 - of_value), vr * (1.0 - of_value), rr - of_rate * vr];
    }
}

/// Variance of the phase noise from symbol to symbol: 0.6°, typical for cards.
const PHASE_NOISE: f32 = 1e-4;
/// Variance of the frequency's change from symbol to symbol.
const FREQUENCY_NOISE: f32 = 1e-8;
/// Slope per symbol, in radians per subcarrier, of clocks that differ by 40 ppm.
const CLOCK_OFFSET: f32 = 40e-6 * 80.0 * TAU / N_FFT as f32;
/// Jitter of the slope from symbol to symbol.
const CLOCK_NOISE: f32 = 1e-10;

/// Step size per symbol of a pilot's mean error.
const ERROR_STEP: f32 = 0.5;
/// A pilot with this many times the error of the others and of the noise is disturbed. Noise alone reaches it once in
/// 10⁵ symbols.
const DISTURBED: f32 = 12.0;

/// The state of the two filters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tracker {
    phase: Line,
    slope: Line,
    /// Samples by which the transform's window has been moved to follow the slope.
    shift: i32,
    /// Running mean of each pilot's squared error, in units of its power.
    errors: [f32; 4],
}

/// Phase correction of an OFDM symbol: `phase + k · slope` radians on subcarrier k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turn {
    pub phase: f32,
    pub slope: f32,
}

impl Tracker {
    /// Starts at the training field. `reliability` is the sum of |h|²/N0 over its subcarriers.
    pub fn new(reliability: f32) -> Self {
        let frequency = 2.0 / reliability.max(1.0);
        Self {
            phase: Line { value: 0.0, rate: 0.0, covariance: [frequency / 4.0, 0.0, frequency] },
            slope: Line { value: 0.0, rate: 0.0, covariance: [0.0, 0.0, CLOCK_OFFSET * CLOCK_OFFSET] },
            shift: 0,
            errors: [0.0; 4],
        }
    }

    /// Restarts at another training field: phase and slope are zero there, their rates are kept.
    pub fn anew(self) -> Self {
        let again = |line: Line| Line { value: 0.0, covariance: [0.0, 0.0, line.covariance[2]], ..line };
        Self { phase: again(self.phase), slope: again(self.slope), shift: 0, ..self }
    }

    /// Advances to the next symbol; returns the number of samples by which to move its window, at most `room`.
    pub fn next(&mut self, room: usize) -> i32 {
        self.phase.predict(PHASE_NOISE, FREQUENCY_NOISE);
        self.slope.predict(CLOCK_NOISE, 0.0);
        let shift = -(self.slope.value * N_FFT as f32 / TAU).round() as i32;
        self.shift = shift.min(room as i32);
        self.shift
    }

    /// Updates from the pilots of the symbol: `products` of received and expected ones, `powers` |h|² of each.
    pub fn learn(&mut self, products: [Complex32; 4], powers: [f32; 4], no: f32) -> Turn {
        let Turn { phase, slope } = self.turn();
        let [common_turn, near, far] =
            [phase, 7.0 * slope, 21.0 * slope].map(|angle| Complex32::from_polar(1.0, -angle));
        let turns = [far.conj(), near.conj(), near, far];
        let turned: [Complex32; 4] = std::array::from_fn(|m| products[m] * common_turn * turns[m]);
        let trust = self.trust(turned, powers, no);
        let turned: [Complex32; 4] = std::array::from_fn(|m| turned[m] * trust[m]);
        let powers: [f32; 4] = std::array::from_fn(|m| powers[m] * trust[m]);
        let common: Complex32 = turned.iter().sum();
        self.phase.correct(common.arg(), no / (2.0 * powers.iter().sum::<f32>()));
        // Sines instead of angles: the residue is small, and a sine does not wrap.
        let direction = common.conj() / common.norm().max(f32::MIN_POSITIVE);
        let (mut tilt, mut lever) = (0.0, 0.0);
        for m in 0..4 {
            let k = PILOT_TONES[m] as f32;
            tilt += k * (turned[m] * direction).im;
            lever += k * k * powers[m];
        }
        self.slope.correct(tilt / lever, no / (2.0 * lever));
        self.turn()
    }

    /// Weight of each pilot: reduced if its error repeatedly exceeds that of noise and the other pilots, which
    /// indicates interference on its subcarrier.
    fn trust(&mut self, turned: [Complex32; 4], powers: [f32; 4], no: f32) -> [f32; 4] {
        for m in 0..4 {
            let error = (turned[m] - powers[m]).norm_sqr() / powers[m].max(f32::MIN_POSITIVE);
            self.errors[m] += ERROR_STEP * (error - self.errors[m]);
        }
        let mut sorted = self.errors;
        sorted.sort_unstable_by(f32::total_cmp);
        let usual = sorted[1].max(no);
        self.errors.map(|error| if error > DISTURBED * usual { usual / error } else { 1.0 })
    }

    fn turn(&self) -> Turn {
        Turn { phase: self.phase.value, slope: self.slope.value + self.shift as f32 * TAU / N_FFT as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    use crate::random::stream;

    /// Pilots that rotate by `frequency` and tilt by `clock` per symbol.
    fn follow(frequency: f32, clock: f32, no: f32, n: usize) -> (f32, f32) {
        let mut tracker = Tracker::new(52.0 / no);
        let noise = Channel::Awgn.draw(4 * n, no, &mut stream(3, "pilots", 0)).noise;
        let mut error = (0.0f32, 0.0f32);
        for (i, noise) in noise.chunks_exact(4).enumerate() {
            let (phase, slope) = (frequency * (i + 1) as f32, clock * (i + 1) as f32);
            let moved = tracker.next(100) as f32 * TAU / N_FFT as f32;
            let heard =
                |m: usize| Complex32::from_polar(1.0, phase + PILOT_TONES[m] as f32 * (slope + moved)) + noise[m];
            let turn = tracker.learn(std::array::from_fn(heard), [1.0; 4], no);
            if i >= n / 2 {
                error.0 = error.0.max((Complex32::from_polar(1.0, turn.phase - phase)).arg().abs());
                error.1 = error.1.max((turn.slope - slope - moved).abs());
            }
        }
        error
    }

    #[test]
    fn frequency_and_clock_are_followed() {
        for sign in [-1.0, 1.0] {
            // A residual 200 Hz, 40 ppm, 30 dB.
            let (phase, slope) = follow(sign * TAU * 200.0 * 4e-6, -sign * CLOCK_OFFSET, 1e-3, 1300);
            assert!(phase < 0.1, "{phase} rad");
            assert!(28.0 * slope < 0.05, "{slope} rad a subcarrier");
        }
    }

    #[test]
    fn noise_is_averaged() {
        // At 0 dB a single symbol's four pilots would have a phase error of 0.35 rad standard deviation.
        let (phase, slope) = follow(0.002, 1e-4, 1.0, 600);
        assert!(phase < 0.35, "{phase} rad at the worst of 300 symbols");
        assert!(28.0 * slope < 0.15, "{slope} rad a subcarrier");
    }
}
