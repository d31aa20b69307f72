use super::*;
use crate::spec::Inversion;
use jscc_phy::random::stream;
use jscc_radio::Guard;
use rand::RngExt;

fn noise(n: usize) -> Vec<Complex32> {
    let mut rng = stream(3, "wave", 0);
    let mut uniform = || -> f32 { (0..6).map(|_| rng.random_range(-1.0..1.0)).sum() };
    (0..n).map(|_| Complex32::new(uniform(), uniform())).collect()
}

fn wanted(rate: Rate, inversion: Inversion, tones: RangeInclusive<i32>) -> Wanted {
    Wanted { rate, framing: FramingSpec::Mac, inversion, tones, scrambler: 93 }
}

#[test]
fn noise_is_imitated_at_every_rate_of_64_qam() {
    let rates =
        [Rate::NonHt { half_mbps: 96 }, Rate::NonHt { half_mbps: 108 }, Rate::Ht { mcs: 7, guard: Guard::Long }];
    for rate in rates {
        let imitation = imitate(&noise(20 * N_SYMBOL + 33), &wanted(rate, Inversion::Trellis, -28..=28)).unwrap();
        let measured = &imitation.measured;
        assert_eq!((imitation.symbols, measured.symbols.len()), (20, 20));
        assert!(measured.served_nmse_db < -9.0, "{rate}: {} dB", measured.served_nmse_db);
        assert!((measured.served_nmse_db - measured.wanted_nmse_db).abs() < 1e-4, "{measured:?}");
        assert!((0.7..0.85).contains(&measured.share), "{}", measured.share);
    }
}

#[test]
fn exact_inversion_says_what_it_cannot_have() {
    let rate = Rate::NonHt { half_mbps: 108 };
    let imitation = imitate(&noise(800), &wanted(rate, Inversion::Exact, -26..=26)).unwrap();
    let rank = imitation.rank.unwrap();
    assert_eq!((rank.bits, rank.rank, rank.served.len()), (288, 216, 36));
    assert!(imitation.measured.served_nmse_db < -13.0, "{:?}", imitation.measured.served_nmse_db);
    assert_eq!(imitation.measured.tones.iter().filter(|tone| tone.is_served).count(), 36);
    let few = imitate(&noise(800), &wanted(rate, Inversion::Exact, 1..=6)).unwrap();
    let rank = few.rank.unwrap();
    assert_eq!((rank.bits, rank.rank, rank.served), (36, 36, vec![1, 2, 3, 4, 5, 6]));
}

/// A waveform that consists of a frame's own symbols is recovered without error.
#[test]
fn a_frames_own_wave_is_hit() {
    let sending = Sending::new(Rate::NonHt { half_mbps: 108 }, (0..200).map(|i| (i * 7) as u8).collect(), 17).unwrap();
    let samples = sending.samples();
    let wave = &samples[400 + N_SYMBOL..400 + 6 * N_SYMBOL];
    let imitation = imitate(wave, &wanted(Rate::NonHt { half_mbps: 108 }, Inversion::Exact, -26..=26)).unwrap();
    assert!(imitation.measured.served_nmse_db < -25.0, "{}", imitation.measured.served_nmse_db);
}

#[test]
fn a_lone_tone_is_told_from_silence() {
    let tone = |n: i32| Complex32::from_polar(1.0, std::f32::consts::TAU * 4.0 * n as f32 / 64.0);
    let wave: Vec<Complex32> = (0..400).map(tone).collect();
    let measured = imitate(&wave, &wanted(Rate::NonHt { half_mbps: 108 }, Inversion::Trellis, 1..=6)).unwrap().measured;
    let heard: Vec<bool> = measured.tones.iter().map(|tone| tone.closeness.nmse_db().is_some()).collect();
    assert_eq!(heard, [false, false, false, true, false, false]);
    assert!(measured.tones[3].closeness.nmse_db() < Some(-10.0) && measured.share > 0.999, "{measured:?}");
}

#[test]
fn bands_end_at_pilots() {
    let rate = Rate::NonHt { half_mbps: 108 };
    let imitation = imitate(&noise(800), &wanted(rate, Inversion::Trellis, -30..=10)).unwrap();
    let bands: Vec<_> = imitation.measured.bands().iter().map(|band| (band.from, band.to, band.wanted)).collect();
    assert_eq!(bands, [(-26, -22, 5), (-20, -8, 13), (-6, -1, 6), (1, 6, 6), (8, 10, 3)]);
    assert!(matches!(
        imitate(&noise(80), &wanted(rate, Inversion::Trellis, 7..=7)),
        Err(ImitateError::Tones { edge: 26, .. })
    ));
    assert!(matches!(
        imitate(&[Complex32::ZERO; 80], &wanted(rate, Inversion::Trellis, 1..=7)),
        Err(ImitateError::Silent)
    ));
}
