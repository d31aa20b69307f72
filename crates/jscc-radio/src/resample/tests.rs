use super::{Ratio, Resampler};
use crate::resample::SAMPLE_RATE;
use jscc_phy::Complex32;
use jscc_phy::units::{mean_power, to_db};
use rubato::Resampler as _;
use std::f64::consts::TAU;

/// A tone of `hz` at `rate` samples per second.
fn tone(hz: f64, rate: f64, n: usize) -> Vec<Complex32> {
    let sample = |i: usize| {
        let (sin, cos) = (TAU * (hz / rate * i as f64).fract()).sin_cos();
        Complex32::new(cos as f32, sin as f32)
    };
    (0..n).map(sample).collect()
}

fn resampled(samples: &[Complex32], rate: f64, pieces: usize) -> Vec<Complex32> {
    let (mut resampler, mut out) = (Resampler::new(Ratio::of(rate)), Vec::new());
    samples.chunks(pieces).for_each(|piece| resampler.push(piece, &mut out));
    resampler.finish(&mut out);
    out
}

/// Rates of radios, and some that are not simple fractions.
const RATES: [f64; 10] = [25e6, 40e6, 50e6, 56e6, 61.44e6, 30.72e6, 20.01e6, 33_333_333.3, 23_456_789.0, 245.76e6];

#[test]
fn a_channel_keeps_its_amplitude_and_its_time_and_what_is_outside_is_gone() {
    for rate in RATES {
        let n = (rate * 1.5e-3) as usize;
        let middle = 8000..22_000;
        for mhz in [-8.9, -3.0, 0.0, 0.31, 8.9] {
            let out = resampled(&tone(mhz * 1e6, rate, n), rate, 10_000);
            let ratio = Ratio::of(rate);
            let exact = rate * ratio.receiver as f64 / ratio.recording as f64;
            let want = tone(mhz * 1e6, exact, out.len());
            let off: Vec<_> = middle.clone().map(|i| out[i] - want[i]).collect();
            let error_db = to_db(mean_power(&off));
            assert!(error_db < -60.0, "{rate} {mhz}: {error_db} dB");
        }
        for mhz in [-11.3f64, 10.5, 12.0, 20.0, 30.0, 100.0] {
            if mhz.abs() * 2e6 < rate {
                let out = resampled(&tone(mhz * 1e6, rate, n), rate, n);
                let left_db = to_db(mean_power(&out[middle.clone()]));
                assert!(left_db < -80.0, "{rate} {mhz}: {left_db} dB");
            }
        }
    }
}

#[test]
fn pieces_do_not_matter_and_as_much_time_comes_out_as_went_in() {
    for rate in [25e6, 61.44e6, 20.01e6] {
        for n in [0, 1, 100, 12_345] {
            let samples = tone(1e6, rate, n);
            let whole = resampled(&samples, rate, n.max(1));
            assert_eq!(whole.len(), Ratio::of(rate).to_receiver(n as u64) as usize, "{rate} {n}");
            assert_eq!(whole, resampled(&samples, rate, 17), "{rate} {n}");
        }
    }
}

/// Factors other than the ratio's own make transforms slow.
#[test]
fn blocks_are_as_many_as_transforms_like() {
    for rate in RATES {
        let ratio = Ratio::of(rate);
        let block = Resampler::new(ratio).fft.input_frames_next();
        let blocks = block / ratio.recording as usize;
        assert!(blocks.is_power_of_two() && block == blocks * ratio.recording as usize, "{rate}: {blocks}");
    }
}

#[test]
fn ratios_are_near_and_places_come_back() {
    assert_eq!(Ratio::of(25e6), Ratio { recording: 5, receiver: 4 });
    assert_eq!(Ratio::of(61.44e6), Ratio { recording: 384, receiver: 125 });
    for rate in RATES.into_iter().chain([20.000_5e6, 1e9, 10e9, 9.999_999_9e9, 39.999_9e6, 12_345_678_901.0 / 100.0]) {
        let ratio = Ratio::of(rate);
        let off = ratio.recording as f64 / ratio.receiver as f64 / (rate / SAMPLE_RATE) - 1.0;
        assert!(off.abs() < 16e-6 && ratio.recording <= 1 << 17, "{rate}: {ratio:?}, {off}");
        for at in [0, 1, 12_345, 1 << 40] {
            assert!(ratio.to_receiver(ratio.to_recording(at)).abs_diff(at) <= 1, "{rate} {at}");
        }
    }
    assert_eq!(Ratio::of(10e9).to_recording(u64::MAX), u64::MAX);
}
