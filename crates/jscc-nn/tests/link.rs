//! Links from outside: their error at each SNR, and the frames that they lose.

use jscc_nn::link::{
    Aim, Hand, Ideal, Ladder, Link, Noise, Receive, Reception, Waveform, WaveformConfig, Wifi, WifiConfig, carry_all,
};
use jscc_phy::Complex32;
use jscc_phy::emulation::Inversion;
use jscc_phy::emulation::layout::{BROADCAST, Framing};
use jscc_phy::emulation::room::Room;
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::emulation::waveform::{Tones, WaveformEmulator};
use jscc_phy::random::stream;
use jscc_phy::units::{Snr, nmse_db};
use jscc_phy::wifi::{Mcs, ScramblerState};

fn wifi(receive: Receive, reception: Reception, k: usize) -> Wifi {
    let (mcs, inversion) = (Mcs::M54, Inversion::Trellis);
    let framing = if reception == Reception::Aided { Framing::Bare } else { BROADCAST };
    Wifi::new(
        WifiConfig {
            mcs,
            inversion,
            framing,
            receive,
            reception,
            images_per_frame: 5,
            spare: 0,
            room: Room::Erased,
            silence: 0.0,
        },
        k,
    )
    .expect("fits")
}

fn gaussian(n: usize) -> Vec<Complex32> {
    use jscc_phy::channel::Channel;
    Channel::Awgn.draw(n, 1.0, &mut stream(9, "symbols", 0)).noise
}

fn sent_and_heard(link: &dyn Link, snr_db: f64) -> (Vec<Complex32>, Vec<Option<Vec<Complex32>>>) {
    let z = gaussian(48 * 50);
    let n_frames = 50usize.div_ceil(link.images_per_frame());
    let noise = Noise { seed: 1, purpose: "test", first: 0 };
    let heard = carry_all(link, &z, 48, &vec![Snr::per_symbol(snr_db); n_frames], noise);
    (z, heard)
}

/// The link's error against the figures measured by another implementation (NMSE after the best gain, 54 Mb/s,
/// trellis): bits mode and equalised symbols.
#[test]
fn nmse_of_the_link_over_snr() {
    let cases = [(-5.0, -1.0, -1.1), (0.0, -2.5, -2.7), (5.0, -4.8, -5.3), (10.0, -7.1, -8.1), (35.0, -11.4, -11.4)];
    for (snr_db, bits, symbols) in cases {
        for (receive, want) in [(Receive::Bits, bits), (Receive::Symbols, symbols)] {
            let (z, heard) = sent_and_heard(&wifi(receive, Reception::Aided, 48), snr_db);
            let z_hat: Vec<_> = heard.into_iter().flat_map(|frame| frame.expect("aided frames are not lost")).collect();
            let nmse = nmse_db(&z, &z_hat);
            // Room spread among the symbols makes ours up to 0.7 dB better.
            assert!(
                (want - 1.0..want + 0.4).contains(&nmse),
                "{receive:?} at {snr_db} dB: {nmse:.2}, expected about {want}"
            );
        }
    }
}

/// Through air that breaks no bit, a waveform arrives as well as it was emulated.
#[test]
fn a_waveform_arrives_as_well_as_it_was_emulated() {
    let (mcs, inversion, tones, framing) = (Mcs::M54, Inversion::Exact, Tones::Contiguous, Framing::Bare);
    let emulator = WaveformEmulator::new(mcs, framing, inversion, tones, Shaping::default(), 480).expect("fits");
    for aim in [Aim::Waveform, Aim::Symbols] {
        let (receive, reception, shaping) = (Receive::Bits, Reception::Aided, Shaping::default());
        let config = WaveformConfig {
            mcs,
            inversion,
            tones,
            shaping,
            aim,
            framing,
            receive,
            hand: Hand::Symbols,
            reception,
            images_per_frame: 10,
        };
        let link = Waveform::new(config, 48).expect("fits");
        assert_eq!(link.air_time().expect("a frame").us, 128);
        let (z, heard) = sent_and_heard(&link, 35.0);
        let z_hat: Vec<_> = heard.into_iter().flat_map(|frame| frame.expect("aided frames are not lost")).collect();
        let emulated = z.chunks(480).flat_map(|z| {
            let psdu = match aim {
                Aim::Waveform => emulator.emulate(z, ScramblerState::EXAMPLE),
                Aim::Symbols => emulator.emulate_waveform(&emulator.precompensate(z), ScramblerState::EXAMPLE),
            };
            emulator.demodulate(&emulator.waveform_of_psdu(&psdu, ScramblerState::EXAMPLE))
        });
        let (link, alone) = (nmse_db(&z, &z_hat), nmse_db(&z, &emulated.collect::<Vec<_>>()));
        println!("{aim:?}: {link:.2} dB through the link, {alone:.2} dB by emulation alone");
        assert!((link - alone).abs() < 0.5, "{aim:?}: {link:.2} dB through the link, {alone:.2} dB without");
    }
}

/// A ladder is, at each SNR, its rung.
#[test]
fn a_ladder_takes_the_rung_of_the_snr() {
    let rung = |rate: &str| {
        let mcs = rate.parse().expect("a rate");
        let (inversion, framing) = (Inversion::Trellis, Framing::Bare);
        let (receive, reception) = (Receive::Bits, Reception::Aided);
        let config = WifiConfig {
            mcs,
            inversion,
            framing,
            receive,
            reception,
            images_per_frame: 10,
            spare: 2,
            room: Room::Erased,
            silence: 0.0,
        };
        Wifi::new(config, 48).expect("fits")
    };
    let boxed = |rate| -> Box<dyn Link> { Box::new(rung(rate)) };
    let ladder = Ladder::new(vec![(-10.0, boxed("54")), (8.7, boxed("36")), (14.0, boxed("54"))]);
    for (snr_db, rate) in [(-20.0, "54"), (8.6, "54"), (8.7, "36"), (13.9, "36"), (14.0, "54"), (30.0, "54")] {
        assert!(sent_and_heard(&ladder, snr_db) == sent_and_heard(&rung(rate), snr_db), "rate {rate} at {snr_db} dB");
    }
}

#[test]
fn the_ideal_link_has_the_asked_snr() {
    let (z, heard) = sent_and_heard(&Ideal, 7.0);
    let z_hat: Vec<_> = heard.into_iter().flatten().flatten().collect();
    assert!((Snr::measure(&z, &z_hat).db() - 7.0).abs() < 0.3);
}

#[test]
fn unaided_frames_are_lost_in_noise_and_found_above_it() {
    let link = wifi(Receive::Bits, Reception::Unaided, 48);
    let lost = |snr_db| sent_and_heard(&link, snr_db).1.iter().filter(|frame| frame.is_none()).count();
    assert_eq!(lost(-12.0), 10);
    assert_eq!(lost(25.0), 0);
    let (z, heard) = sent_and_heard(&link, 25.0);
    let z_hat: Vec<_> = heard.into_iter().flatten().flatten().collect();
    assert!(nmse_db(&z, &z_hat) < -10.5);
}
