//! The distributions of channels and impairments against their closed forms. Seeds are fixed, so a bound either holds
//! for ever or not; each is wide enough (4 deviations of the estimate or more) to hold for nearly every other seed too.

use jscc_phy::Complex32;
use jscc_phy::channel::impairment::{Distortion, Impairment};
use jscc_phy::channel::{Channel, Gain, SAMPLE_NS, SAMPLE_RATE_HZ, Taps, Tgn, rms_delay_ns};
use jscc_phy::random::stream;
use jscc_phy::units::{from_db, mean_power, to_db};
use num_complex::Complex64;
use proptest::prelude::*;
use std::f64::consts::TAU;

fn channel(name: &str) -> Channel {
    name.parse().expect(name)
}

/// One draw of an impairment for `n` samples.
fn distortion(name: &str, n: usize, seed: u64) -> Distortion {
    name.parse::<Impairment>().expect(name).draw(n, &mut stream(seed, "distortion", 0))
}

/// Gains for `n` samples, without noise.
fn gains(name: &str, n: usize, seed: u64) -> Vec<Complex32> {
    match channel(name).draw(n, 0.0, &mut stream(seed, "gains", 0)).gain {
        Gain::PerSample(gains) => gains,
        other => panic!("{name} drew {other:?}"),
    }
}

fn taps(channel: Channel, index: u64) -> Taps {
    match channel.draw(0, 0.0, &mut stream(7, "taps", index)).gain {
        Gain::Taps(taps) => taps,
        other => panic!("{channel} drew {other:?}"),
    }
}

/// CN(0, 1) samples.
fn white(n: usize, seed: u64) -> Vec<Complex32> {
    Channel::Awgn.draw(n, 1.0, &mut stream(seed, "white", 0)).noise
}

fn tone(cycles: f64, n: usize) -> Vec<Complex32> {
    let phasors = (0..n).map(|i| Complex64::cis(TAU * cycles * i as f64));
    phasors.map(|x| Complex32::new(x.re as f32, x.im as f32)).collect()
}

fn wide(x: Complex32) -> Complex64 {
    Complex64::new(f64::from(x.re), f64::from(x.im))
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

#[track_caller]
fn close(what: &str, value: f64, expected: f64, tolerance: f64) {
    println!("{what}: {value:.6}, expected {expected:.6} ± {tolerance:.6}");
    assert!((value - expected).abs() <= tolerance, "{what}: {value}, expected {expected} ± {tolerance}");
}

const EVERY_CHANNEL: [&str; 9] =
    ["awgn", "rayleigh", "rayleigh:7", "rician:6,symbol", "tgn-a", "tgn-b", "tgn-f", "exp:50", "exp:0"];
const EVERY_IMPAIRMENT: [&str; 8] =
    ["cfo:20000", "sco:-20", "phase-noise:100", "iq-tx:0.5,2", "iq-rx:0.5,2", "rapp:3,6", "burst:0.01,8,10", "sco:0"];

#[test]
fn the_noise_of_all_former_runs_stays() {
    // FNV-1a over 1000 samples as drawn before there were other channels, and the same under each of them.
    for name in EVERY_CHANNEL {
        let noise = channel(name).draw(1000, 0.5, &mut stream(1, "noise", 0)).noise;
        let bytes = noise.iter().flat_map(|x| [x.re, x.im]).flat_map(f32::to_le_bytes);
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        assert_eq!(hash, 0xd65b_2258_ed7d_b1fd, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn same_seed_same_bytes_and_any_block_passes(seed: u64, n in 0_usize..200, nan: bool) {
        let mut sent = white(n, seed);
        if let (true, Some(first)) = (nan, sent.first_mut()) {
            *first = Complex32::new(f32::NAN, f32::INFINITY);
        }
        let bits = |x: &[Complex32]| x.iter().map(|x| (x.re.to_bits(), x.im.to_bits())).collect::<Vec<_>>();
        for name in EVERY_CHANNEL {
            let received = || {
                let mut x = sent.clone();
                channel(name).draw(n, 0.1, &mut stream(seed, "air", 0)).apply(&mut x);
                bits(&x)
            };
            prop_assert_eq!(received(), received());
        }
        for name in EVERY_IMPAIRMENT {
            let distorted = || {
                let mut x = sent.clone();
                distortion(name, n, seed).apply(&mut x);
                bits(&x)
            };
            prop_assert_eq!(distorted(), distorted());
        }
    }
}

#[test]
#[should_panic(expected = "left: 3")]
fn another_length_than_drawn_is_a_bug() {
    channel("rayleigh").draw(4, 0.0, &mut stream(1, "air", 0)).apply(&mut [Complex32::ONE; 3]);
}

#[test]
#[should_panic(expected = "must be")]
fn a_parameter_out_of_range_is_a_bug() {
    Channel::Exponential { rms_ns: f64::NAN }.draw(4, 0.0, &mut stream(1, "air", 0));
}

#[test]
fn applying_is_gain_then_noise() {
    let air = channel("rayleigh:5").draw(12, 0.1, &mut stream(1, "air", 0));
    let Gain::PerSample(gains) = &air.gain else { panic!("flat") };
    let mut x = white(12, 1);
    let expected: Vec<_> = (0..12).map(|i| x[i] * gains[i] + air.noise[i]).collect();
    air.apply(&mut x);
    assert_eq!(x, expected);
}

#[test]
fn rayleigh_amplitudes_are_rayleigh_distributed() {
    let n = 100_000;
    let h = gains("rayleigh:symbol", n, 2);
    // |h|² is exponential: deviation 1, of the mean 1/√n = 0.0032
    close("Rayleigh power", mean_power(&h), 1.0, 4.0 / (n as f64).sqrt());
    let mut powers: Vec<_> = h.iter().map(|h| f64::from(h.norm_sqr())).collect();
    powers.sort_by(f64::total_cmp);
    // Kolmogorov-Smirnov: P(D·√n > 1.95) = 0.001
    let distance = (powers.iter().enumerate()).fold(0.0_f64, |most, (i, power)| {
        let cdf = 1.0 - (-power).exp();
        most.max((cdf - i as f64 / n as f64).abs()).max((cdf - (i + 1) as f64 / n as f64).abs())
    });
    close("Rayleigh amplitude, D·√n", distance * (n as f64).sqrt(), 0.0, 1.95);
}

#[test]
fn rician_gains_have_their_k() {
    let n = 100_000;
    for k_db in [-3.0, 6.0, 10.0] {
        let h = gains(&format!("rician:{k_db},symbol"), n, 3);
        let powers: Vec<_> = h.iter().map(|h| f64::from(h.norm_sqr())).collect();
        let power = mean(powers.iter().copied());
        let variance = mean(powers.iter().map(|p| (p - power).powi(2)));
        close("Rician power", power, 1.0, 4.0 * (variance / n as f64).sqrt());
        // Moments: var|h|² = (2K + 1)/(K + 1)², so K = √(1 − v)/(1 − √(1 − v)). The estimate of v has a relative
        // deviation below √(8/n) = 0.9 % (kurtosis of an exponential, the worst); K moves by dK/dv = -(K + 1)³/2K.
        let root = (1.0 - variance / (power * power)).max(0.0).sqrt();
        let k = from_db(k_db);
        let slope = (k + 1.0).powi(3) / (2.0 * k);
        close("Rician K", root / (1.0 - root), k, 4.0 * slope * variance * (8.0 / n as f64).sqrt());
    }
}

#[test]
fn blocks_are_constant_within_and_independent_between() {
    let n_blocks = 20_000;
    for name in ["rayleigh:16", "rician:3,16"] {
        let h = gains(name, 16 * n_blocks - 5, 4);
        assert_eq!(h.len(), 16 * n_blocks - 5);
        assert!(h.chunks(16).all(|block| block.iter().all(|h| *h == block[0])), "{name}");
        let firsts: Vec<_> = h.chunks(16).map(|block| block[0]).collect();
        let lagged: Complex32 = firsts.windows(2).map(|pair| pair[0] * pair[1].conj()).sum();
        // real and imaginary part each have deviation 1/√2n around 0
        close(name, f64::from(lagged.norm()) / n_blocks as f64, 0.0, 4.0 / (n_blocks as f64).sqrt());
    }
    assert!(gains("rayleigh", 100, 4).windows(2).all(|pair| pair[0] == pair[1]));
    assert!(gains("rayleigh:symbol", 100, 4).windows(2).all(|pair| pair[0] != pair[1]));
}

/// Subcarriers in use, of 64.
fn occupied() -> impl Iterator<Item = f64> {
    (-26..=26).filter(|k| *k != 0).map(f64::from)
}

#[test]
fn delay_lines_have_mean_power_1_on_every_subcarrier_and_the_correlation_of_their_profile() {
    let n = 10_000;
    let models = Tgn::ALL.map(Channel::Tgn).into_iter().chain(["exp:50", "exp:100"].map(channel));
    for air in models {
        let draws: Vec<_> = (0..n).map(|i| taps(air, i)).collect();
        // |H|² is exponential with deviation 1 on each subcarrier; 5 deviations, as there are 52 of them
        for k in occupied().step_by(3) {
            let power = mean(draws.iter().map(|taps| f64::from(taps.response(k / 64.0).norm_sqr())));
            assert!((power - 1.0).abs() < 5.0 / (n as f64).sqrt(), "{air}, subcarrier {k}: {power}");
        }
        // Of all tap energy, the sincs of paths between samples lose what lies beyond ±8.3 MHz at the band's edge.
        let energy = mean(draws.iter().map(|taps| mean_power(&taps.gains) * taps.gains.len() as f64));
        close(&format!("{air} tap energy"), energy, 1.0, 0.06 + 4.0 / (n as f64).sqrt());
        for lag in [1.0, 8.0, 30.0] {
            let seen = draws
                .iter()
                .map(|taps| wide(taps.response((lag - 15.0) / 64.0)) * wide(taps.response(-15.0 / 64.0)).conj());
            let seen = seen.sum::<Complex64>() / n as f64;
            let expected: Complex64 = (air.profile().iter())
                .map(|path| path.power * Complex64::cis(-TAU * lag / 64.0 * path.delay_ns / SAMPLE_NS))
                .sum();
            // a product of two CN(0, 1) has deviation at most √2 in sum
            close(
                &format!("{air} correlation at lag {lag}"),
                (seen - expected).norm(),
                0.0,
                4.0 * (2.0 / n as f64).sqrt(),
            );
        }
    }
}

#[test]
fn delay_lines_have_the_delay_spread_of_their_profile() {
    let n = 4000;
    for (air, published) in [("tgn-b", 15.0), ("tgn-c", 30.0), ("tgn-d", 50.0), ("tgn-e", 100.0), ("tgn-f", 150.0)] {
        let draws: Vec<_> = (0..n).map(|i| taps(channel(air), i)).collect();
        // Between near frequencies a tenth of a subcarrier apart, R = E[H(f + Δ)H*(f)] has |R|² = 1 − (2πΔτ)². With
        // power P = E|H|² and D = H(f + Δ) − H(f), that is τ² = (E|D|²/P − |E[D·H*]|²/P²)/(2πΔ)², a sum that loses no
        // digits. Averaged over the occupied band; relative deviation of τ²: about √(2/n) = 2 %.
        let step = 0.1 / 64.0;
        let (mut power, mut difference, mut cross) = (0.0, 0.0, Complex64::ZERO);
        for taps in &draws {
            for k in occupied().step_by(6) {
                let h = wide(taps.response(k / 64.0));
                let d = wide(taps.response(k / 64.0 + step)) - h;
                power += h.norm_sqr();
                difference += d.norm_sqr();
                cross += d * h.conj();
            }
        }
        let square = difference / power - (cross / power).norm_sqr();
        let rms = square.sqrt() / (TAU * step) * SAMPLE_NS;
        let of_the_profile = rms_delay_ns(&channel(air).profile());
        close(&format!("{air} rms delay in ns"), rms, of_the_profile, 0.05 * of_the_profile);
        close(&format!("{air} rms delay in ns, published"), rms, published, 0.15 * published);
    }
    for (air, expected) in [("exp:100", 98.96), ("exp:50", 47.97), ("exp:25", 21.27)] {
        // T·√r/(1 − r) with r = e^(−T/τ); that the profile ends after 10τ takes up to 0.2 % off
        close(air, rms_delay_ns(&channel(air).profile()), expected, 0.002 * expected);
    }
}

#[test]
fn a_delay_line_filters_as_its_response_says() {
    let air = channel("tgn-e").draw(400, 0.0, &mut stream(8, "air", 0));
    let Gain::Taps(taps) = &air.gain else { panic!("taps") };
    for k in [-26.0, 1.0, 17.0] {
        let sent = tone(k / 64.0, 400);
        let mut received = sent.clone();
        air.apply(&mut received);
        for i in 100..300 {
            assert!((received[i] - taps.response(k / 64.0) * sent[i]).norm() < 1e-4);
        }
    }
}

#[test]
fn a_frequency_offset_turns_by_its_slope() {
    let n = 20_000;
    let Distortion::Rotation(phasors) = distortion("cfo:-123456.5", n, 1) else { panic!("phases") };
    let slope = Complex64::cis(TAU * -123_456.5 / SAMPLE_RATE_HZ);
    for (i, phasor) in phasors.iter().enumerate() {
        let expected = wide(phasors[0]) * slope.powi(i as i32);
        assert!((wide(*phasor) - expected).norm() < 1e-6, "sample {i}");
    }
    let starts: Complex32 = (0..1000)
        .map(|seed| match distortion("cfo:5", 1, seed) {
            Distortion::Rotation(phasors) => phasors[0],
            other => panic!("{other:?}"),
        })
        .sum();
    // uniform phases: each part of the sum has deviation √(n/2)
    close("initial phases", f64::from(starts.norm()) / 1000.0, 0.0, 4.0 / 1000.0_f64.sqrt());
}

#[test]
fn a_clock_offset_shifts_tones_with_little_error() {
    let n = 40_000;
    for (name, step) in [("sco:40", 1.000_04), ("sco:-40", 0.999_96)] {
        for cycles in [0.05, -0.21, 26.0 / 64.0] {
            let mut x = tone(cycles, n);
            distortion(name, n, 1).apply(&mut x);
            let inner = &x[20..n - 20]; // the ends see the silence around the block
            let error = mean(
                inner
                    .iter()
                    .enumerate()
                    .map(|(i, x)| (wide(*x) - Complex64::cis(TAU * cycles * step * (i + 20) as f64)).norm_sqr()),
            );
            println!("{name}, tone {cycles}: error {:.1} dB", to_db(error));
            assert!(to_db(error) < -55.0, "{name}, tone {cycles}: {} dB", to_db(error));
            let turn = inner.windows(2).map(|pair| wide(pair[1]) * wide(pair[0]).conj()).sum::<Complex64>().arg();
            close("frequency over that sent", turn / (TAU * cycles), step, 1e-6);
        }
    }
    let sent = white(100, 1);
    let mut x = sent.clone();
    distortion("sco:0", 100, 1).apply(&mut x);
    assert_eq!(x, sent);
}

#[test]
fn phase_noise_has_increments_of_its_linewidth() {
    let n = 100_000;
    let Distortion::Rotation(phasors) = distortion("phase-noise:1000", n, 1) else { panic!("phases") };
    assert_eq!(phasors[0], Complex32::ONE);
    let expected = TAU * 1000.0 / SAMPLE_RATE_HZ;
    for lag in [1, 10] {
        let variance =
            mean((phasors.chunks_exact(lag + 1)).map(|part| (wide(part[lag]) * wide(part[0]).conj()).arg().powi(2)));
        let n_parts = (n / (lag + 1)) as f64;
        // a variance of Gaussians has relative deviation √(2/n)
        let ratio = variance / (expected * lag as f64);
        close("phase variance over 2πβT·lag", ratio, 1.0, 4.0 * (2.0 / n_parts).sqrt());
    }
}

#[test]
fn the_mirror_image_is_as_strong_as_the_closed_form() {
    let n = 6400;
    for name in ["iq-tx:0.5,2", "iq-rx:0.5,2", "iq-rx:-1,-5"] {
        let mut x = tone(5.0 / 64.0, n);
        distortion(name, n, 1).apply(&mut x);
        let at = |cycles| {
            let line: Complex64 = x.iter().zip(tone(cycles, n)).map(|(x, tone)| wide(*x) * wide(tone).conj()).sum();
            line.norm_sqr()
        };
        let (gain_db, phase_deg) = name[6..].split_once(',').expect("two numbers");
        let g = 10f64.powf(gain_db.parse::<f64>().expect(name) / 20.0);
        let cosine = phase_deg.parse::<f64>().expect(name).to_radians().cos();
        let rejection = (1.0 + 2.0 * g * cosine + g * g) / (1.0 - 2.0 * g * cosine + g * g);
        let measured = to_db(at(5.0 / 64.0) / at(-5.0 / 64.0));
        close(&format!("{name} image rejection in dB"), measured, to_db(rejection), 0.01);
    }
}

#[test]
fn the_amplifier_compresses_as_rapp_says_and_keeps_the_phase() {
    // amplitudes up to 20 dB above the mean, half of the block silent: silence must not count
    let sent: Vec<_> = (0..2000)
        .map(|i| Complex32::from_polar(0.01 * i as f32, i as f32))
        .chain(std::iter::repeat_n(Complex32::ZERO, 2000))
        .collect();
    for (p, backoff_db) in [(3.0, 6.0), (1.0, 0.0), (100.0, -20.0)] {
        let mut x = sent.clone();
        distortion(&format!("rapp:{p},{backoff_db}"), x.len(), 1).apply(&mut x);
        let saturation = (mean_power(&sent[1..2000]) * from_db(backoff_db)).sqrt();
        for (x, sent) in x.iter().zip(&sent).filter(|(_, sent)| sent.norm() > 0.0) {
            let r = f64::from(sent.norm()) / saturation;
            // written with a logarithm, because r^2p overflows at p = 100
            let expected = (r.ln() - (2.0 * p * r.ln()).exp().ln_1p().min(1e300) / (2.0 * p)).exp() * saturation;
            let expected = if expected > 0.0 { expected } else { saturation };
            assert!((f64::from(x.norm()) / expected - 1.0).abs() < 1e-5, "p = {p}, r = {r}");
            assert!((x / sent).arg().abs() < 1e-5);
        }
    }
    let mut silence = [Complex32::ZERO; 4];
    distortion("rapp:3,6", 4, 1).apply(&mut silence);
    assert_eq!(silence, [Complex32::ZERO; 4]);
}

#[test]
fn bursts_have_their_duty_length_and_power() {
    let n = 1_000_000;
    let (start, length, power_db) = (0.002, 50.0, 7.0);
    let Distortion::Interference(bursts) = distortion("burst:0.002,50,7", n, 1) else { panic!("interference") };
    let on: Vec<_> = bursts.iter().filter(|x| **x != Complex32::ZERO).copied().collect();
    let duty = start / (start + 1.0 / length);
    // A chain of two states has correlation ρ = 1 − s − 1/l from sample to sample: variance of the mean
    // duty(1 − duty)/n · (1 + ρ)/(1 − ρ)
    let rho = 1.0 - start - 1.0 / length;
    let deviation = (duty * (1.0 - duty) / n as f64 * (1.0 + rho) / (1.0 - rho)).sqrt();
    close("burst duty", on.len() as f64 / n as f64, duty, 4.0 * deviation);
    let n_bursts = bursts.windows(2).filter(|pair| pair[0] == Complex32::ZERO && pair[1] != Complex32::ZERO).count();
    // geometric lengths have about their mean as deviation
    let mean_length = on.len() as f64 / n_bursts as f64;
    close("burst length", mean_length, length, 4.0 * length / (n_bursts as f64).sqrt());
    // relative deviation of a mean of exponentials: 1/√n, 0.3 %
    close("burst power", mean_power(&on) / from_db(power_db), 1.0, 4.0 / (on.len() as f64).sqrt());

    let first =
        |seed| matches!(distortion("burst:0.002,50,7", 1, seed), Distortion::Interference(x) if x[0].norm() > 0.0);
    let share = (0..1000).filter(|seed| first(*seed)).count() as f64 / 1000.0;
    close("bursts on at the start", share, duty, 4.0 * (duty * (1.0 - duty) / 1000.0).sqrt());

    // on the air: relative to the samples that are not silent
    let sent = [vec![Complex32::new(0.0, 0.1); n / 2], vec![Complex32::ZERO; n / 2]].concat();
    let mut x = sent.clone();
    distortion("burst:0.002,50,7", n, 1).apply(&mut x);
    for ((x, sent), burst) in x.iter().zip(&sent).zip(&bursts) {
        assert!((x - sent - burst * 0.1).norm() < 1e-5);
    }
}
