//! Frames that cannot be decoded: each is named once, and hides no other.

use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::channel::impairment::Impairment;
use jscc_phy::random::stream;
use jscc_phy::units::from_db;
use jscc_phy::wifi::convolve::{EncoderState, encode};
use jscc_phy::wifi::ht_signal::{Announced, HtSignal, Unsupported};
use jscc_phy::wifi::interleave::interleave;
use jscc_phy::wifi::ofdm::{N_CP, N_DATA, N_SYMBOL, Transform, pilots, spectrum};
use jscc_phy::wifi::preamble::{N_FIELD, ht_ltf_bins, stf};
use jscc_phy::wifi::receive::Lost;
use jscc_phy::wifi::receiver::{Receiver, Reception};
use jscc_phy::wifi::transmit::transmit;
use jscc_phy::wifi::{Guard, Mcs, Ppdu, ScramblerState, fcs, qam};

fn psdu(octets: usize, n: u8) -> Vec<u8> {
    let mut psdu: Vec<u8> = (0..octets - 4).map(|i| ((i * i) >> 2) as u8 ^ n).collect();
    psdu.extend(fcs::fcs(&psdu));
    psdu
}

fn frame(mcs: Mcs, psdu: &[u8]) -> Vec<Complex32> {
    transmit(psdu, Ppdu::long_guard(mcs, psdu.len()), ScramblerState::EXAMPLE, &Transform::default())
}

fn silence(n: usize) -> Vec<Complex32> {
    vec![Complex32::ZERO; n]
}

fn noisy(mut samples: Vec<Complex32>, snr_db: f64, seed: u64) -> Vec<Complex32> {
    // Frames have the power 52/64² a sample.
    let variance = from_db(-snr_db) / 64.0;
    Channel::Awgn.draw(samples.len(), variance as f32, &mut stream(seed, "noise", 0)).apply(&mut samples);
    samples
}

fn told(samples: &[Complex32], piece: usize) -> Vec<Reception> {
    let (mut receiver, mut told) = (Receiver::new(), Vec::new());
    for piece in samples.chunks(piece) {
        receiver.push(piece, |reception| told.push(reception));
    }
    receiver.finish(|reception| told.push(reception));
    told
}

/// What is told, in words: the PSDU's length and whether its check is right, or why there is none.
fn words(samples: &[Complex32]) -> Vec<String> {
    let word = |reception: &Reception| match reception {
        Reception::Frame(frame) => format!("{} {}", frame.psdu.len(), frame.fcs_ok()),
        Reception::Lost { why: Lost::Unsupported(kind), .. } => format!("{kind:?}"),
        Reception::Lost { why: Lost::Truncated { .. }, .. } => "cut".to_owned(),
        Reception::Lost { why, .. } => why.to_string(),
    };
    let whole: Vec<_> = told(samples, usize::MAX).iter().map(word).collect();
    let pieces: Vec<_> = told(samples, 1003).iter().map(word).collect();
    assert_eq!(whole, pieces);
    whole
}

/// The field's check sequence, 19.3.9.4.4.
fn seal(bits: &mut [u8; 48]) {
    let mut register = 0xffu8;
    for bit in &bits[..34] {
        let feedback = register >> 7 ^ bit;
        register = (register << 1) ^ (feedback * 0b111);
    }
    for (i, bit) in bits[34..42].iter_mut().enumerate() {
        *bit = !register >> (7 - i) & 1;
    }
}

/// The bits of an HT-SIG field with some of them set.
fn ht_sig(ppdu: Ppdu, set: &[(usize, u8)]) -> [u8; 48] {
    let mut bits = HtSignal::of(ppdu).to_bits();
    for &(at, bit) in set {
        bits[at] = bit;
    }
    seal(&mut bits);
    bits
}

/// Symbols of a header field on Q, the first of them symbol `first` of the frame.
fn on_q(bits: &[u8], first: usize) -> Vec<Complex32> {
    let coded = interleave(&encode(bits, EncoderState::default()), Mcs::SIGNAL);
    let points: Vec<_> = qam::map(&coded, Mcs::SIGNAL.modulation()).iter().map(|x| x * Complex32::I).collect();
    let mut field = Vec::new();
    for (n, points) in points.chunks_exact(N_DATA).enumerate() {
        Transform::default().modulate(&spectrum(points, pilots(first + n)), N_CP, &mut field);
    }
    field
}

/// An HT-mixed frame with other bits in its HT-SIG field.
fn ht(ppdu: Ppdu, set: &[(usize, u8)]) -> Vec<Complex32> {
    let mut frame = transmit(&psdu(ppdu.length(), 1), ppdu, ScramblerState::EXAMPLE, &Transform::default());
    let field = on_q(&ht_sig(ppdu, set), 1);
    let at = 2 * N_FIELD + N_SYMBOL;
    frame[at..at + field.len()].copy_from_slice(&field);
    frame
}

/// An HT-greenfield frame.
fn greenfield(ppdu: Ppdu, set: &[(usize, u8)]) -> Vec<Complex32> {
    let transform = Transform::default();
    let mixed = transmit(&psdu(ppdu.length(), 1), ppdu, ScramblerState::EXAMPLE, &transform);
    let body = transform.to_samples(&ht_ltf_bins());
    let mut frame = stf(&transform).to_vec();
    frame.extend((0..N_FIELD).map(|i| body[(i + 32) % 64]));
    frame.extend(on_q(&ht_sig(ppdu, set), 0));
    frame.extend_from_slice(&mixed[ppdu.n_header()..]);
    frame
}

const LDPC: (usize, u8) = (30, 1);

#[test]
fn a_cut_frame_that_is_refused_hides_none() {
    let ldpc = ht(Ppdu::long_guard(Mcs::HT[0], 3000), &[LDPC]);
    let air = [
        silence(300),
        ldpc[..900].to_vec(),
        silence(100),
        frame(Mcs::M54, &psdu(200, 2)),
        silence(150),
        frame(Mcs::NON_HT[4], &psdu(100, 3)),
        silence(300),
    ];
    assert_eq!(words(&noisy(air.concat(), 30.0, 1)), ["Ldpc", "200 true", "100 true"]);
}

/// Neither its own training fields nor its data are told as anything else.
#[test]
fn a_whole_frame_that_is_refused_is_named_once() {
    for seed in 0..6 {
        for (set, kind) in
            [(&[LDPC][..], "Ldpc"), (&[(28, 1)], "Stbc"), (&[(7, 1)], "Bandwidth"), (&[(3, 1)], "Streams(8)")]
        {
            let refused = ht(Ppdu::long_guard(Mcs::HT[0], 500), set);
            let air = [silence(200), refused, silence(200), frame(Mcs::M54, &psdu(200, 2)), silence(200)];
            let air = noisy(air.concat(), 25.0, seed);
            assert_eq!(words(&air), [kind, "200 true"]);
        }
    }
}

/// A frame with a wrong check sequence is cut, or damaged, and a good one stands in its time.
#[test]
fn a_damaged_frame_hides_none() {
    let long = frame(Mcs::SIGNAL, &psdu(2000, 1));
    let good = frame(Mcs::M54, &psdu(200, 2));
    let air = [silence(300), long[..1500].to_vec(), silence(80), good.clone(), silence(60_000)].concat();
    assert_eq!(words(&noisy(air, 30.0, 1)), ["2000 false", "200 true"]);
    // A stronger frame in the midst of a weaker.
    let mut air = [silence(300), long, silence(300)].concat();
    air[5000..].iter_mut().zip(&good).for_each(|(x, y)| *x += y * 20.0);
    assert_eq!(words(&noisy(air, 30.0, 2)), ["2000 false", "200 true"]);
}

/// The recording ends before what a header announces.
#[test]
fn a_frame_beyond_the_end_hides_none() {
    let long = frame(Mcs::SIGNAL, &psdu(4000, 1));
    let good = frame(Mcs::M54, &psdu(200, 2));
    let air = [silence(300), long[..700].to_vec(), silence(80), good.clone(), silence(70), good[..600].to_vec()];
    assert_eq!(words(&noisy(air.concat(), 30.0, 1)), ["cut", "200 true", "cut"]);
}

#[test]
fn greenfield_is_named() {
    for (n, mcs) in Mcs::HT.into_iter().enumerate() {
        for (snr_db, cfo_hz) in [(40.0, 0.0), (12.0, 0.0), (12.0, 200e3), (25.0, -150e3)] {
            for set in [&[][..], &[LDPC], &[(7, 1)], &[(3, 1)]] {
                let ppdu = Ppdu::new(mcs, Guard::Short, 300).expect("a frame");
                let air =
                    [silence(300), greenfield(ppdu, set), silence(100), frame(Mcs::M54, &psdu(60, 3)), silence(99)];
                let mut air = air.concat();
                let offset = Impairment::FrequencyOffset { hz: cfo_hz };
                offset.draw(air.len(), &mut stream(0, "offset", 0)).apply(&mut air);
                let words = words(&noisy(air, snr_db, n as u64));
                assert_eq!(words[0], "Greenfield", "{mcs} {set:?} at {snr_db} dB, {cfo_hz} Hz: {words:?}");
                assert!(snr_db < 20.0 || words[1..] == ["60 true"], "{words:?}");
            }
        }
    }
    // Free of noise too.
    let air = [silence(300), greenfield(Ppdu::long_guard(Mcs::HT[0], 300), &[]), silence(300)].concat();
    assert_eq!(words(&air), ["Greenfield"]);
}

#[test]
fn what_headers_tell_of_refused_frames() {
    let announced = |samples: Vec<Complex32>| {
        told(&noisy([silence(200), samples, silence(200)].concat(), 30.0, 1), usize::MAX)
            .into_iter()
            .find_map(|reception| match reception {
                Reception::Lost { why: Lost::Unsupported(kind), announced, .. } => Some((kind, announced)),
                _ => None,
            })
            .expect("a frame that is not supported")
    };
    let ppdu = Ppdu::long_guard(Mcs::HT[2], 700);
    let of = |mcs, n_samples| Some(Announced { mcs: Some(mcs), length: Some(700), n_samples: Some(n_samples) });
    let whole = ppdu.n_samples();
    assert_eq!(announced(ht(ppdu, &[LDPC])), (Unsupported::Ldpc, of(2, whole)));
    assert_eq!(announced(ht(ppdu, &[(28, 1)])), (Unsupported::Stbc, of(2, whole)));
    assert_eq!(announced(ht(ppdu, &[(7, 1)])), (Unsupported::Bandwidth, of(2, whole)));
    assert_eq!(announced(ht(ppdu, &[(3, 1)])), (Unsupported::Streams(10), of(10, whole)));
    // No L-SIG, and one symbol of training in place of two and a half.
    let greenfield_samples = whole - N_SYMBOL - 2 * N_SYMBOL;
    assert_eq!(announced(greenfield(ppdu, &[])), (Unsupported::Greenfield, of(2, greenfield_samples)));
    // 54 Mb/s in two streams: as many bits a symbol as 108 take in one; one training field more.
    let n_sym = (8 * 700 + 22usize).div_ceil(2 * Mcs::HT[2].n_dbps());
    let two_streams = 2 * N_FIELD + 3 * N_SYMBOL + n_sym * N_SYMBOL;
    assert_eq!(announced(greenfield(ppdu, &[(3, 1)])), (Unsupported::Greenfield, of(10, two_streams)));
}

/// Preambles within preambles, each announcing the longest frame: what is decoded stays within five times the air and
/// four of the longest frames, and a good frame among them is found all the same.
#[test]
fn nested_preambles_are_not_decoded_without_end() {
    let longest = Ppdu::long_guard(Mcs::SIGNAL, 4095);
    let preamble = frame(Mcs::SIGNAL, &psdu(longest.length(), 1))[..400].to_vec();
    let good = frame(Mcs::M54, &psdu(1000, 2));
    let mut air = silence(100);
    for n in 0..350 {
        air.extend(&preamble);
        if n == 333 {
            air.extend(silence(40));
            air.extend(&good);
            air.extend(silence(40));
        }
    }
    air.extend(silence(longest.n_samples()));
    let air = noisy(air, 25.0, 1);
    let (mut receiver, mut right, mut wrong) = (Receiver::new(), 0, 0);
    receiver.push(&air, |reception| match reception {
        Reception::Frame(frame) if frame.fcs_ok() => right += 1,
        Reception::Frame(_) => wrong += 1,
        Reception::Lost { .. } => {}
    });
    assert_eq!(right, 1);
    let n_decoded = receiver.n_decoded() * N_SYMBOL;
    println!("{wrong} wrong frames, {:.1} times {} samples decoded", n_decoded as f64 / air.len() as f64, air.len());
    assert!(n_decoded <= 5 * air.len() + 4 * 110_000, "{n_decoded} samples decoded of {}", air.len());
    assert!(wrong >= 4, "{wrong}");
}
