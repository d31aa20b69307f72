//! The PHY run backwards: rank proved, every chosen point hit, errors within the stated figures.

use jscc_phy::Complex32;
use jscc_phy::bits::to_octets;
use jscc_phy::channel::Channel;
use jscc_phy::emulation::carriers::{full_set, generator_matrix, rows};
use jscc_phy::emulation::layout::{BROADCAST, Framing, Layout, N_MAC_HEADER};
use jscc_phy::emulation::room::Room;
use jscc_phy::emulation::{Emulator, Inversion};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::units::mean_power;
use jscc_phy::units::nmse_db;
use jscc_phy::wifi::aided::{Known, receive_aided};
use jscc_phy::wifi::equalize::ChannelEstimate;
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::scramble::scramble;
use jscc_phy::wifi::transmit::{data_bits, data_points, modulate};
use jscc_phy::wifi::{Mcs, Ppdu, ScramblerState, fcs, qam};
use rand_distr::{Distribution, StandardNormal};

/// Complex Gaussian symbols of mean power 1.
fn gaussian(n: usize, index: u64) -> Vec<Complex32> {
    let mut rng = stream(7, "targets", index);
    let mut normal = || -> f32 { StandardNormal.sample(&mut rng) };
    (0..n).map(|_| Complex32::new(normal(), normal()) / 2f32.sqrt()).collect()
}

fn state(state: u8) -> ScramblerState {
    ScramblerState::new(state).expect("1 to 127")
}

#[test]
fn the_chosen_sets_have_full_rank_at_the_bound() {
    for mcs in Mcs::ALL {
        let matrix = generator_matrix(mcs, 0..mcs.n_dbps());
        assert_eq!(matrix.rank(), mcs.n_dbps(), "rate {mcs}: the code itself");
        let tones = full_set(mcs);
        assert_eq!(tones.len(), mcs.n_dbps() / mcs.n_bpsc(), "rate {mcs}: bound (8)");
        let chosen: Vec<_> = tones.iter().flat_map(|&tone| rows(mcs, tone)).collect();
        assert_eq!(matrix.select(&chosen).rank(), chosen.len(), "rate {mcs}: rank");
    }
}

#[test]
fn the_bound_does_not_suffice() {
    // The counting argument of D2AJSCC would allow any set of that size; no contiguous one will do, at any rate.
    for mcs in Mcs::ALL {
        let (matrix, bound) = (generator_matrix(mcs, 0..mcs.n_dbps()), mcs.n_dbps() / mcs.n_bpsc());
        for first in 0..=mcs.n_data() - bound {
            let block: Vec<_> = (first..first + bound).flat_map(|tone| rows(mcs, tone)).collect();
            assert!(matrix.select(&block).rank() < block.len(), "rate {mcs} from {first}");
        }
    }
    let first: Vec<_> = (0..36).flat_map(|tone| rows(Mcs::M54, tone)).collect();
    assert_eq!(generator_matrix(Mcs::M54, 0..216).select(&first).rank(), 211);
}

#[test]
fn exact_inversion_hits_every_chosen_point() {
    for mcs in Mcs::ALL {
        for framing in [Framing::Bare, BROADCAST] {
            let emulator = Emulator::new(mcs, framing, Inversion::Exact, 200).expect("fits");
            let z = gaussian(200, mcs.n_dbps() as u64);
            let scrambler = state(mcs.n_dbps() as u8 % 127 + 1);
            let psdu = emulator.emulate(&z, scrambler);
            let points = data_points(&psdu, mcs, scrambler);
            let scaled: Vec<_> = z.iter().map(|z| z * emulator.scale()).collect();
            let nearest = qam::map(&qam::slice(&scaled, mcs.modulation()), mcs.modulation());
            for (i, (&slot, nearest)) in emulator.slots().iter().zip(&nearest).enumerate() {
                assert_eq!(points[slot], *nearest, "rate {mcs}, {framing:?}: symbol {i}");
            }
        }
    }
}

#[test]
fn recover_is_what_was_emulated() {
    for inversion in [Inversion::Exact, Inversion::Trellis] {
        let emulator = Emulator::new(Mcs::M54, Framing::Bare, inversion, 300).expect("fits");
        let z = gaussian(300, 1);
        let psdu = emulator.emulate(&z, state(5));
        let recovered = emulator.recover(&psdu, state(5));
        assert_eq!(recovered, emulator.pick(&data_points(&psdu, Mcs::M54, state(5))));
        assert!(nmse_db(&z, &recovered) < -10.0);
        assert!(nmse_db(&z, &emulator.recover(&psdu, state(6))) > -1.0, "another scrambler state is another frame");
    }
}

/// Error over 200 OFDM symbols of Gaussian targets, by rate. Asked for at 54 Mb/s: -14.0 exact, -11.2 by trellis.
#[test]
fn nmse_by_rate() {
    for (rate, exact, trellis) in [
        ("24", -9.1, -5.0),
        ("36", -9.1, -7.5),
        ("48", -14.0, -10.0),
        ("54", -14.0, -11.2),
        ("ht5", -14.0, -10.0),
        ("ht6", -14.0, -11.2),
        ("ht7", -14.0, -12.3),
    ] {
        let mcs: Mcs = rate.parse().expect("a rate");
        for (inversion, per_symbol, at_most) in
            [(Inversion::Exact, full_set(mcs).len(), exact), (Inversion::Trellis, mcs.n_data(), trellis)]
        {
            let n = 100 * per_symbol;
            let emulator = Emulator::new(mcs, Framing::Bare, inversion, n).expect("fits");
            let z = gaussian(n, 2);
            let nmse = nmse_db(&z, &emulator.recover(&emulator.emulate(&z, state(93)), state(93)));
            println!("rate {rate}, {inversion:?}: {nmse:.2} dB on {per_symbol} tones");
            assert!(nmse <= at_most, "rate {rate}, {inversion:?}: {nmse} dB, wanted {at_most}");
        }
    }
}

/// Spare OFDM symbols are spread among the symbols and lower the error of the trellis search.
#[test]
fn room_lowers_the_error() {
    let z = gaussian(480, 8);
    let nmse = |spare| {
        let emulator = Emulator::with_room(Mcs::M54, Framing::Bare, Inversion::Trellis, 480, spare).expect("fits");
        assert_eq!(emulator.layout().n_sym(), 11 + spare);
        let slots = emulator.slots();
        assert!(slots.windows(2).all(|pair| pair[0] < pair[1]), "each symbol has a place of its own");
        nmse_db(&z, &emulator.recover(&emulator.emulate(&z, state(4)), state(4)))
    };
    let (none, two) = (nmse(0), nmse(2));
    println!("54 Mb/s, 480 symbols: {none:.2} dB in 11 OFDM symbols, {two:.2} dB in 13");
    assert!(none < -11.5 && two < -13.2, "{none:.2} dB without room, {two:.2} dB with");
    let longest = Emulator::with_room(Mcs::M54, Framing::Bare, Inversion::Trellis, 7000, 100);
    assert!(longest.is_err_and(|error| error.most < 7000), "room that no frame has");
}

fn with_spare(mcs: Mcs, spare: usize, room: Room) -> Emulator {
    Emulator::with_room(mcs, Framing::Bare, Inversion::Trellis, 480, spare).expect("fits").in_room(room)
}

/// The own error of each use of room, and that passes never raise it.
#[test]
fn symbols_spread_over_some_room_lie_more_densely() {
    let unit = |mut z: Vec<Complex32>| {
        let scale = 1.0 / mean_power(&z).sqrt() as f32;
        for z in &mut z {
            *z *= scale;
        }
        z
    };
    let z: Vec<_> = (20..44).map(|frame| unit(gaussian(480, frame))).collect();
    let nmse = |spare, room| {
        let emulator = with_spare(Mcs::M54, spare, room);
        let again: Vec<_> = z.iter().map(|z| emulator.recover(&emulator.emulate(z, state(4)), state(4))).collect();
        nmse_db(&z.concat(), &again.concat())
    };
    for (spare, erased, once, refined) in [(2, -13.6, -13.2, -13.8), (3, -13.9, -13.9, -14.6), (5, -14.0, -14.6, -16.0)]
    {
        let got = [Room::Erased, Room::Mixed { passes: 0 }, Room::Mixed { passes: 1 }, Room::Mixed { passes: 4 }]
            .map(|room| nmse(spare, room));
        println!("{} OFDM symbols: {got:.2?} dB, spread {:.2} dB", 11 + spare, nmse(spare, Room::Spread));
        assert!(got[0] < erased && got[1] < once && got[3] < refined, "{spare} spare: {got:?}");
        assert!(got[3] <= got[2] && got[2] <= got[1], "{spare} spare: {got:?}");
    }
}

/// What a frame is received as: the error of its bits, of its points, and of the mean of what may have been sent.
fn errors_over_the_air(emulator: &Emulator, snr: Snr, n_frames: u64) -> [f64; 3] {
    let (transform, ppdu) = (Transform::default(), emulator.layout().ppdu());
    let mut symbols = [const { Vec::new() }; 4];
    for frame in 0..n_frames {
        let z = gaussian(emulator.n_symbols(), 30 + frame);
        let points = data_points(&emulator.emulate(&z, state(4)), ppdu.mcs(), state(4));
        let gain = 1.0 / mean_power(&points).sqrt() as f32;
        let mut air = modulate(ppdu, &points, &transform);
        for sample in &mut air {
            *sample *= gain;
        }
        Channel::Awgn.draw(air.len(), snr.no_time_sample(), &mut stream(7, "noise", frame)).apply(&mut air);
        let known = Known { ppdu, channel: ChannelEstimate::flat(gain, snr.no()), scrambler: state(4) };
        let heard = receive_aided(&air, &known, &transform);
        let noise = vec![snr.no() / (gain * gain); ppdu.mcs().n_data()];
        let mean = emulator.posterior_mean(&heard.points, &noise, state(4));
        let all = [z, emulator.recover(&heard.psdu, state(4)), emulator.pick(&heard.points), mean];
        symbols.iter_mut().zip(all).for_each(|(symbols, of_frame)| symbols.extend(of_frame));
    }
    let [z, received @ ..] = symbols;
    received.map(|received| nmse_db(&z, &received))
}

/// At low SNR: 480 symbols in 13 OFDM symbols, through noise and a card's decoder.
#[test]
fn spread_symbols_hear_less_noise() {
    for snr in [0.0, 5.0].map(Snr::per_symbol) {
        let bits = |room| errors_over_the_air(&with_spare(Mcs::M54, 2, room), snr, 4)[0];
        let (erased, spread) = (bits(Room::Erased), bits(Room::Spread));
        assert!(spread < erased - 0.4, "{snr:?}: {spread:.2} dB spread, {erased:.2} dB a symbol a subcarrier");
    }
}

/// Silent spare subcarriers move the threshold, at a price where there is no noise.
#[test]
fn silence_brings_frames_through() {
    for (room, gain) in [(Room::Erased, 2.0), (Room::Mixed { passes: 1 }, 1.0)] {
        let loud = with_spare(Mcs::M54, 5, room);
        let silent = loud.clone().with_silence(0.15);
        let at = |emulator, snr| errors_over_the_air(emulator, Snr::per_symbol(snr), 4)[0];
        let (before, after) = (at(&loud, 12.5), at(&silent, 12.5));
        assert!(after < before - gain, "{room:?}: {before:.2} dB, {after:.2} dB with silence");
        assert!(at(&loud, 35.0) < at(&silent, 35.0), "{room:?}: without noise");

        let z = gaussian(480, 1);
        let elsewhere = |emulator: &Emulator| {
            let points = data_points(&emulator.emulate(&z, state(4)), Mcs::M54, state(4));
            let others = (48..720).filter(|slot| emulator.slots().binary_search(slot).is_err());
            mean_power(&others.map(|slot| points[slot]).collect::<Vec<_>>())
        };
        assert!(elsewhere(&silent) < 0.5 * elsewhere(&loud), "{room:?}: power of what carries nothing");
    }
}

/// Between the SNR at which points are good and that at which bits are, the mean is better than both, and elsewhere not
/// worse than the better one.
#[test]
fn doubt_is_worth_keeping() {
    for (rate, room, threshold) in [
        ("54", Room::Erased, 12.5),
        ("54", Room::Spread, 12.5),
        ("36", Room::Mixed { passes: 1 }, 7.5),
        ("12", Room::Erased, 0.0),
    ] {
        let emulator = with_spare(rate.parse().expect("a rate"), 2, room);
        for (snr, gain) in [(-5.0, -0.05), (threshold, 0.2), (35.0, -0.05)] {
            let [bits, points, mean] = errors_over_the_air(&emulator, Snr::per_symbol(snr), 3);
            println!("rate {rate}, {room:?}, {snr} dB: bits {bits:.2}, points {points:.2}, mean {mean:.2} dB");
            assert!(mean < bits.min(points) - gain, "rate {rate}, {room:?}, {snr} dB: {bits} {points} {mean}");
        }
    }
}

/// Whatever the rate, the framing and the use of room: all symbols come out of the frame's own points.
#[test]
fn every_frame_has_room() {
    for mcs in Mcs::ALL {
        for room in [Room::Erased, Room::Mixed { passes: 1 }, Room::Spread] {
            let emulator = Emulator::with_room(mcs, BROADCAST, Inversion::Trellis, 144, 1).expect("fits").in_room(room);
            let z = gaussian(144, 31);
            let psdu = emulator.emulate(&z, state(8));
            assert!(fcs::check(&psdu), "rate {mcs}, {room:?}");
            let (recovered, picked) =
                (emulator.recover(&psdu, state(8)), emulator.pick(&data_points(&psdu, mcs, state(8))));
            assert_eq!(recovered, picked, "rate {mcs}, {room:?}");
            assert_eq!((emulator.n_symbols(), recovered.len()), (144, 144));
            // At BPSK half of every symbol is lost.
            assert!(nmse_db(&z, &recovered) < -0.8, "rate {mcs}, {room:?}: {}", nmse_db(&z, &recovered));
        }
    }
}

/// Aiming 15 % higher or lower is not better by a tenth of a dB: the emulator's scale is the least error's.
#[test]
fn the_scale_is_the_best() {
    for mcs in ["24", "36", "48", "54", "ht7"].map(|rate| rate.parse::<Mcs>().expect("a rate")) {
        for inversion in [Inversion::Exact, Inversion::Trellis] {
            let emulator = Emulator::new(mcs, Framing::Bare, inversion, 3000).expect("fits");
            let z = gaussian(3000, 6);
            let nmse = |scale: f32| {
                let aimed: Vec<_> = z.iter().map(|z| z * scale).collect();
                nmse_db(&z, &emulator.recover(&emulator.emulate(&aimed, state(9)), state(9)))
            };
            let (low, own, high) = (nmse(0.85), nmse(1.0), nmse(1.15));
            assert!(own < low.min(high) + 0.1, "rate {mcs}, {inversion:?}: {low:.2}, {own:.2}, {high:.2}");
        }
    }
}

/// At every rate: a codeword is nearest to itself, and what a receiver decodes gives the points that were sent.
#[test]
fn a_codeword_comes_back_from_its_own_points() {
    for mcs in Mcs::ALL {
        for inversion in [Inversion::Exact, Inversion::Trellis] {
            let emulator = Emulator::new(mcs, Framing::Bare, inversion, 150).expect("fits");
            let psdu = emulator.emulate(&gaussian(150, 7), state(3));
            let points = data_points(&psdu, mcs, state(3));
            let z = emulator.pick(&points);
            let again = emulator.recover(&emulator.emulate(&z, state(3)), state(3));
            assert!(again.iter().zip(&z).all(|(a, b)| (a - b).norm() < 1e-5), "rate {mcs}, {inversion:?}");

            let (transform, ppdu) = (Transform::default(), Ppdu::long_guard(mcs, psdu.len()));
            let known = Known { ppdu, channel: ChannelEstimate::flat(1.0, 0.1), scrambler: state(3) };
            let heard = receive_aided(&modulate(ppdu, &points, &transform), &known, &transform);
            assert_eq!(heard.psdu, psdu, "rate {mcs}");
            assert_eq!(emulator.recover(&heard.psdu, state(3)), z, "rate {mcs}");
        }
    }
}

#[test]
fn weights_move_the_error_where_it_matters_less() {
    let emulator = Emulator::new(Mcs::M54, Framing::Bare, Inversion::Trellis, 960).expect("fits");
    let z = gaussian(960, 3);
    let weights: Vec<f32> = (0..960).map(|i| if i % 2 == 0 { 4.0 } else { 1.0 }).collect();
    let recovered = emulator.recover(&emulator.emulate_weighted(&z, &weights, state(1)), state(1));
    let of = |parity: usize, x: &[Complex32]| x.iter().skip(parity).step_by(2).copied().collect::<Vec<_>>();
    let nmse = |parity| nmse_db(&of(parity, &z), &of(parity, &recovered));
    assert!(nmse(0) < nmse(1) - 2.0, "heavy {} dB, light {} dB", nmse(0), nmse(1));
}

#[test]
fn weights_move_the_error_of_spread_symbols_too() {
    let emulator = with_spare(Mcs::M54, 5, Room::Mixed { passes: 8 });
    let z = gaussian(480, 3);
    let weights: Vec<f32> = (0..480).map(|i| if i < 240 { 4.0 } else { 1.0 }).collect();
    let recovered = emulator.recover(&emulator.emulate_weighted(&z, &weights, state(1)), state(1));
    let (heavy, light) = (nmse_db(&z[..240], &recovered[..240]), nmse_db(&z[240..], &recovered[240..]));
    assert!(heavy < light - 1.0, "heavy {heavy} dB, light {light} dB");
}

#[test]
fn what_is_not_ours_is_the_standards() {
    let Framing::Mac { header } = BROADCAST else { panic!("a broadcast frame has a header") };
    for inversion in [Inversion::Exact, Inversion::Trellis] {
        let emulator = Emulator::new(Mcs::M54, BROADCAST, inversion, 500).expect("fits");
        let psdu = emulator.emulate(&gaussian(500, 4), state(77));
        assert_eq!(psdu[..N_MAC_HEADER], header);
        assert!(fcs::check(&psdu));
        // SERVICE and header fill 208 of the first symbol's 216 bits.
        assert!(emulator.slots().iter().all(|&slot| slot >= 48));
    }
}

/// A card that read the wrong scrambler state hands over a PSDU with every bit scrambled anew.
#[test]
fn a_header_gives_the_receivers_wrong_state_away() {
    let emulator = Emulator::new(Mcs::M54, BROADCAST, Inversion::Trellis, 500).expect("fits");
    let psdu = emulator.emulate(&gaussian(500, 5), state(77));
    let want = emulator.recover(&psdu, state(77));
    for wrong in [1, 76, 127].map(state) {
        let mut heard = data_bits(&psdu, Mcs::M54, state(77));
        scramble(&mut heard, wrong);
        let mut heard = to_octets(&heard[16..16 + 8 * psdu.len()]);
        heard[3] ^= 0x81; // and a few bits of the header are wrong besides
        heard[17] ^= 0x0f;
        assert_eq!(emulator.recover(&heard, state(77)), want, "{wrong:?}");
    }
}

#[test]
fn free_tones_depend_on_our_bits_alone() {
    // At 54 Mb/s the 16 bits of SERVICE spoil 16 of the first symbol's 48, the 8 of tail and pad 10 of the last's.
    let layout = Layout::new(Mcs::M54, Framing::Bare, 3);
    let counts: Vec<_> = (0..3).map(|n| layout.free_tones(n).len()).collect();
    assert_eq!(counts, [32, 48, 38]);
    assert_eq!(layout.ppdu().air_time_us(), 32);
}

#[test]
fn too_many_symbols_are_refused_by_number() {
    let error = Emulator::new(Mcs::M54, Framing::Bare, Inversion::Trellis, 8000).expect_err("too long");
    assert_eq!((error.wanted, error.most), (8000, 32 + 149 * 48 + 38));
}

#[test]
fn chosen_subcarriers_of_whole_symbols_are_served() {
    for mcs in [Mcs::M54, Mcs::HT7, Mcs::NON_HT[0]] {
        for framing in [Framing::Bare, BROADCAST] {
            let tones: Vec<usize> = (20..26).collect();
            let n_sym = Layout::least_symbols(mcs, framing) + 5;
            let trellis = Emulator::on_tones(mcs, framing, Inversion::Trellis, n_sym, &tones);
            let whole = trellis.layout().whole_symbols();
            assert!(whole.len() >= 4 && whole.end < n_sym, "rate {mcs}: {whole:?} of {n_sym}");
            assert_eq!(trellis.slots().len(), whole.len() * tones.len(), "rate {mcs}");
            let emulator = Emulator::on_tones(mcs, framing, Inversion::Exact, n_sym, &tones);
            assert!(emulator.slots().iter().all(|slot| trellis.slots().contains(slot)));
            let z = gaussian(emulator.slots().len(), n_sym as u64);
            let points = data_points(&emulator.emulate(&z, state(17)), mcs, state(17));
            for (&slot, z) in emulator.slots().iter().zip(z) {
                let nearest = qam::slice_symbol(&[z * emulator.scale()], mcs.modulation());
                assert_eq!(qam::slice_symbol(&[points[slot]], mcs.modulation()), nearest, "rate {mcs}, slot {slot}");
            }
        }
    }
}

#[test]
fn a_header_is_known_by_its_points() {
    for mcs in Mcs::ALL {
        let emulator = Emulator::new(mcs, BROADCAST, Inversion::Trellis, 300).expect("fits");
        let layout = emulator.layout();
        assert_eq!(
            layout.n_free(),
            Emulator::new(mcs, BROADCAST, Inversion::Trellis, layout.n_free()).expect("fits").slots().len()
        );
        let psdu = emulator.emulate(&gaussian(300, 3), state(40));
        let points = data_points(&psdu, mcs, state(40));
        let likeness = |number| layout.header_likeness(&points, state(number)).expect("a header");
        let others = (1..=127).filter(|&number| number != 40).map(likeness).fold(-1.0, f32::max);
        assert!(likeness(40) > 0.7 && others < 0.5, "rate {mcs}: {} and {others}", likeness(40));
        assert_eq!(Layout::new(mcs, Framing::Bare, 20).header_likeness(&points, state(40)), None);
    }
}
