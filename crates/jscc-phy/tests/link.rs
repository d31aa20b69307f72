//! The whole receiver: what was sent comes back, whatever the rate, length, scrambler state, place and frequency; and
//! a lost frame is a value.

use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::receive::{Lost, receive};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Guard, Mcs, Ppdu, ScramblerState};
use proptest::prelude::*;

/// A frame somewhere in noise, turned by a frequency offset of `cfo_hz` at 20 Msample/s.
fn recording(frame: &[Complex32], lead: usize, cfo_hz: f32, snr_db: f64, seed: u64) -> Vec<Complex32> {
    let mut samples = vec![Complex32::ZERO; lead];
    samples.extend_from_slice(frame);
    samples.extend([Complex32::ZERO; 100]);
    for (i, sample) in samples.iter_mut().enumerate() {
        *sample *= Complex32::from_polar(1.0, std::f32::consts::TAU * (cfo_hz / 20e6 * i as f32).fract());
    }
    let no = Snr::per_symbol(snr_db).no_time_sample();
    Channel::Awgn.draw(samples.len(), no, &mut stream(seed, "noise", 0)).apply(&mut samples);
    samples
}

/// A frame at 54 Mb/s.
fn m54(psdu: &[u8]) -> Vec<Complex32> {
    transmit(psdu, Ppdu::long_guard(Mcs::M54, psdu.len()), ScramblerState::EXAMPLE, &Transform::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn received_is_what_was_sent(
        psdu in prop::collection::vec(any::<u8>(), 1..400),
        rate in 0usize..16,
        short_guard in any::<bool>(),
        state in 1u8..128,
        lead in 0usize..500,
        cfo_hz in -200e3f32..200e3,
        seed in any::<u64>(),
    ) {
        let (mcs, scrambler) = (Mcs::ALL[rate], ScramblerState::new(state).expect("1 to 127"));
        let transform = Transform::default();
        let guard = if short_guard && rate >= 8 { Guard::Short } else { Guard::Long };
        let ppdu = Ppdu::new(mcs, guard, psdu.len()).expect("a short frame");
        let frame = transmit(&psdu, ppdu, scrambler, &transform);
        let heard = receive(&recording(&frame, lead, cfo_hz, 30.0, seed), 0, &transform);
        let heard = heard.expect("a frame at 30 dB is received");
        prop_assert_eq!(heard.psdu, psdu);
        prop_assert_eq!(heard.scrambler, scrambler);
        prop_assert_eq!(heard.ppdu, ppdu);
        prop_assert!(heard.end.abs_diff(lead + frame.len()) < 16);
    }

    /// Arbitrary samples are never a panic, nor are a few that are not numbers in the midst of a frame.
    #[test]
    fn any_samples_are_survived(
        values in prop::collection::vec((any::<f32>(), any::<f32>()), 0..1200),
        scale in -30.0f32..30.0,
        at in 0usize..480,
    ) {
        let mut frame = m54(&[7; 20]);
        frame[at] = [Complex32::new(f32::NAN, 1.0), Complex32::new(f32::INFINITY, 0.0)][at % 2];
        let _ = receive(&frame, 0, &Transform::default());
        let samples: Vec<_> = values.iter().map(|&(re, im)| Complex32::new(re, im)).collect();
        let _ = receive(&samples, 0, &Transform::default());
        let mild: Vec<_> = values.iter().map(|&(re, im)| Complex32::new(re.fract(), im.fract()) * scale).collect();
        let _ = receive(&mild, 0, &Transform::default());
    }
}

#[test]
fn the_longest_frame_at_every_rate() {
    let transform = Transform::default();
    let psdu: Vec<u8> = (0..4095u32).map(|i| ((i * i) >> 3) as u8).collect();
    for mcs in Mcs::NON_HT {
        let frame = transmit(&psdu, Ppdu::long_guard(mcs, psdu.len()), ScramblerState::EXAMPLE, &transform);
        let heard = receive(&frame, 0, &transform).expect("a clean frame is received");
        assert_eq!(heard.psdu, psdu, "{mcs} Mb/s");
    }
}

#[test]
fn a_lost_frame_is_a_value() {
    let transform = Transform::default();
    let frame = m54(&[1, 2, 3, 4]);
    assert_eq!(receive(&[], 0, &transform).err(), Some(Lost::NoPreamble));
    let noise = recording(&[], 5000, 0.0, 0.0, 3);
    assert_eq!(receive(&noise, 0, &transform).err(), Some(Lost::NoPreamble));
    // Transforms start three samples early, and can do without the last three.
    let cut = receive(&frame[..frame.len() - 4], 0, &transform);
    assert_eq!(cut.err(), Some(Lost::Truncated { need: 128 + 160, have: 128 + 159 }));
    let mut wrong_signal = frame.clone();
    wrong_signal[320..400].fill(Complex32::ZERO);
    assert!(matches!(receive(&wrong_signal, 0, &transform).err(), Some(Lost::Signal(_))));
}

#[test]
fn a_bad_sample_does_not_deafen() {
    let transform = Transform::default();
    let frame = m54(&[9; 40]);
    for bad in [f32::NAN, f32::INFINITY, 1e30] {
        let mut air = vec![Complex32::new(bad, 0.0)];
        air.extend([Complex32::ZERO; 700]);
        air.extend(&frame);
        assert_eq!(receive(&air, 0, &transform).map(|heard| heard.psdu), Ok(vec![9; 40]), "after {bad}");
    }
}

/// Silence with an offset, free of noise, resembles itself better than any STF.
#[test]
fn an_offset_does_not_deafen() {
    for lead in [0, 50, 100, 150, 200, 250, 300, 3000] {
        for offset in [1e-6, 5e-4, 0.01] {
            let mut air = vec![Complex32::ZERO; lead];
            air.extend(m54(&[9; 40]));
            air.extend([Complex32::ZERO; 100]);
            for sample in &mut air {
                *sample += offset;
            }
            let heard = receive(&air, 0, &Transform::default()).map(|heard| heard.psdu);
            assert_eq!(heard, Ok(vec![9; 40]), "{lead} samples of {offset} before");
        }
    }
}

#[test]
fn frames_follow_one_another() {
    let transform = Transform::default();
    let mut air = Vec::new();
    for n in 0..5u8 {
        air.extend(transmit(
            &[n; 60],
            Ppdu::long_guard(Mcs::NON_HT[usize::from(n) + 2], 60),
            ScramblerState::EXAMPLE,
            &transform,
        ));
    }
    let mut from = 0;
    for n in 0..5u8 {
        let heard = receive(&air, from, &transform).expect("frame");
        assert_eq!(heard.psdu, [n; 60]);
        from = heard.end;
    }
    assert!(receive(&air, from, &transform).is_err());
}
