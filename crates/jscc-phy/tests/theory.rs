//! Simulation against closed forms, within confidence intervals: SNR and uncoded error rates; and the coded link, within
//! what is sane.

use jscc_phy::bits::to_bits;
use jscc_phy::channel::Channel;
use jscc_phy::random::stream;
use jscc_phy::units::{Snr, from_db, mean_power};
use jscc_phy::wifi::aided::{Known, receive_aided};
use jscc_phy::wifi::equalize::ChannelEstimate;
use jscc_phy::wifi::mcs::Modulation;
use jscc_phy::wifi::ofdm::{DATA_TONES, N_CP, N_DATA, N_SYMBOL, Transform, bin, pilots};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState, qam};
use rand::Rng;

fn random_bits(n: usize, index: u64) -> Vec<u8> {
    let mut rng = stream(11, "bits", index);
    (0..n).map(|_| (rng.next_u32() & 1) as u8).collect()
}

/// Bit error rate of a Gray-coded square constellation (or BPSK) in white noise: Cho and Yoon, "On the general BER
/// expression of one- and two-dimensional amplitude modulations", IEEE Trans. Commun. 50 (7), 2002, equations 9, 16.
fn closed_form(modulation: Modulation, es_no: f64) -> f64 {
    if modulation == Modulation::Bpsk {
        return 0.5 * libm::erfc(es_no.sqrt());
    }
    let per_axis = (modulation.n_bpsc() / 2) as i32;
    let levels = f64::from(1 << per_axis);
    let argument = (3.0 * es_no / (2.0 * (levels * levels - 1.0))).sqrt();
    let bit = |k: i32| -> f64 {
        let half = f64::from(1 << (k - 1));
        let term = |i: i32| {
            let ratio = f64::from(i) * half / levels;
            let sign = if ratio.floor() as i32 % 2 == 0 { 1.0 } else { -1.0 };
            sign * (half - (ratio + 0.5).floor()) * libm::erfc(f64::from(2 * i + 1) * argument)
        };
        (0..((1.0 - 0.5f64.powi(k)) * levels) as i32).map(term).sum::<f64>() / levels
    };
    (1..=per_axis).map(bit).sum::<f64>() / f64::from(per_axis)
}

#[test]
fn uncoded_error_rates_are_the_closed_forms() {
    let cases =
        [(Modulation::Bpsk, 4.0), (Modulation::Qpsk, 7.0), (Modulation::Qam16, 13.0), (Modulation::Qam64, 18.0)];
    for (case, (modulation, snr_db)) in cases.into_iter().enumerate() {
        let snr = Snr::per_symbol(snr_db);
        let n_bits = 600_000;
        let bits = random_bits(n_bits, case as u64);
        let mut points = qam::map(&bits, modulation);
        Channel::Awgn.draw(points.len(), snr.no(), &mut stream(11, "noise", case as u64)).apply(&mut points);
        let errors = qam::slice(&points, modulation).iter().zip(&bits).filter(|(a, b)| a != b).count();
        let (want, n) = (closed_form(modulation, from_db(snr_db)), n_bits as f64);
        let got = errors as f64 / n;
        // 99.9 % interval; Gray neighbours make a symbol's bit errors near enough independent at these rates.
        let half_width = 3.29 * (want * (1.0 - want) / n).sqrt();
        assert!((got - want).abs() < half_width, "{modulation:?} at {snr_db} dB: {got:.5}, closed form {want:.5}");
        assert!(want > 1e-3 && want < 0.1, "the case must be able to fail");
    }
}

/// Bit error rate of whole aided frames at 54 Mb/s.
fn coded_error_rate(snr_db: f64, n_frames: u64) -> f64 {
    let (snr, transform, scrambler) = (Snr::per_symbol(snr_db), Transform::default(), ScramblerState::EXAMPLE);
    let (mut wrong, mut all) = (0, 0);
    for index in 0..n_frames {
        let psdu: Vec<u8> = random_bits(1000, 100 + index).iter().map(|b| b * 165).collect();
        let ppdu = Ppdu::long_guard(Mcs::M54, psdu.len());
        let mut samples = transmit(&psdu, ppdu, scrambler, &transform);
        Channel::Awgn.draw(samples.len(), snr.no_time_sample(), &mut stream(12, "noise", index)).apply(&mut samples);
        let known = Known { ppdu, channel: ChannelEstimate::flat(1.0, snr.no()), scrambler };
        let heard = receive_aided(&samples, &known, &transform);
        wrong += to_bits(&heard.psdu).iter().zip(to_bits(&psdu)).filter(|(a, b)| **a != *b).count();
        all += 8 * psdu.len();
    }
    wrong as f64 / all as f64
}

#[test]
fn coded_link_at_54_mbps_is_sane() {
    // Soft-decision 64-QAM 3/4 passes 1e-5 near 18 dB Es/N0, and is useless 6 dB below.
    assert!(coded_error_rate(12.0, 5) > 0.05);
    let middle = coded_error_rate(16.0, 20);
    assert!((1e-4..2e-2).contains(&middle), "at 16 dB: {middle}");
    assert!(coded_error_rate(19.0, 50) < 2e-5);
}

#[test]
fn soft_decisions_beat_the_uncoded_link() {
    assert!(coded_error_rate(17.0, 20) < 0.1 * closed_form(Modulation::Qam64, from_db(17.0)));
}

/// The requested SNR is the measured one within 0.05 dB, per symbol and, after OFDM, per data subcarrier. With 240,000
/// symbols that is five standard deviations.
#[test]
fn requested_snr_is_measured() {
    let (n_sym, transform) = (5000, Transform::default());
    for (index, snr_db) in [-5.0, -1.7, 0.0, 3.3, 8.1, 12.0, 19.9, 27.4, 35.0].into_iter().enumerate() {
        let (snr, index) = (Snr::per_symbol(snr_db), index as u64);
        let clean = qam::map(&random_bits(n_sym * N_DATA * 2, index), Modulation::Qpsk);
        assert!((mean_power(&clean) - 1.0).abs() < 1e-5);
        let mut noisy = clean.clone();
        Channel::Awgn.draw(noisy.len(), snr.no(), &mut stream(13, "noise", 2 * index)).apply(&mut noisy);
        let measured = Snr::measure(&clean, &noisy).db();
        assert!((measured - snr_db).abs() < 0.05, "asked {snr_db}, got {measured} per symbol");

        let mut samples = Vec::new();
        transform.modulate_all(&clean, N_DATA, pilots, N_CP, &mut samples);
        let sent = samples.clone();
        let noise = Channel::Awgn.draw(samples.len(), snr.no_time_sample(), &mut stream(13, "noise", 2 * index + 1));
        noise.apply(&mut samples);
        let heard: Vec<_> = samples
            .chunks(N_SYMBOL)
            .map(|symbol| transform.demodulate(symbol, N_CP))
            .flat_map(|bins| DATA_TONES.map(|tone| bins[bin(tone)]))
            .collect();
        let measured = Snr::measure(&clean, &heard).db();
        assert!((measured - snr_db).abs() < 0.05, "asked {snr_db}, got {measured} per subcarrier");
        // On time samples the same air reads 0.90 dB less.
        let on_time = Snr::measure(&sent, &samples).db();
        assert!((on_time - snr.time_sample_db()).abs() < 0.05, "{on_time} on time samples at {snr_db}");
    }
}
