use crate::data::digits;
use crate::pictures::PictureCodec;
use crate::pictures::gather::Gathering;
use crate::pictures::packing::{Form, Packing};
use crate::pictures::received::{Draw, Received, Wanted};
use crate::spec::{FramingSpec, Receive};
use jscc_phy::emulation::layout::{BROADCAST, Framing};
use jscc_phy::random::stream;
use jscc_phy::wifi::{Mcs, ScramblerState};
use jscc_radio::encode::with_fcs;
use jscc_radio::pcap::{Reader, Writer};
use jscc_radio::radiotap::{FLAG_BAD_FCS, FLAG_FCS, Radiotap};
use jscc_radio::{Fcs, Guard, Rate};
use rand::{Rng, RngExt};
use std::path::Path;
use std::time::Duration;

const WANTED: Wanted =
    Wanted { receive: Receive::Bits, framing: None, scrambler: None, rate: None, draw: Draw::Ours, limit: 1000 };

/// A capture of these packets.
fn capture(packets: &[(Radiotap, Vec<u8>)]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for (radiotap, frame) in packets {
        writer.write(Duration::ZERO, radiotap, frame).unwrap();
    }
    writer.into_inner()
}

/// The result of receiving, and the number of emulators built for it.
fn receive(codec: &PictureCodec, bytes: &[u8], wanted: Wanted) -> (Received, usize) {
    let mut gathering = Gathering::new(codec, wanted).unwrap();
    let losses = gathering.capture(Path::new("test.pcap"), Reader::new(bytes).unwrap()).unwrap();
    let made = gathering.recogniser.made;
    (gathering.finish(losses), made)
}

fn ours(codec: &PictureCodec, mcs: Mcs, n: usize, state: u8) -> Vec<u8> {
    let pixels = digits::dataset(5, 0..n as u64).images.pixels;
    let emulator = Packing::new(codec.k(), mcs, BROADCAST, Form::Plain).emulator(n);
    emulator.emulate(&codec.encode(&pixels), ScramblerState::new(state).unwrap())
}

fn every_rate() -> Vec<Rate> {
    let legacy = [12, 18, 24, 36, 48, 72, 96, 108].map(|half_mbps| Rate::NonHt { half_mbps });
    legacy.into_iter().chain((0..8).map(|mcs| Rate::Ht { mcs, guard: Guard::Long })).collect()
}

/// Foreign frames at any rate and of any length, a third of them damaged.
fn busy(n: usize) -> Vec<(Radiotap, Vec<u8>)> {
    let (mut random, rates) = (stream(11, "busy", 0), every_rate());
    let packets = (0..n).map(|i| {
        let mut frame = vec![0; random.random_range(20..1500)];
        random.fill_bytes(&mut frame);
        let mut radiotap = Radiotap::received(rates[random.random_range(0..16)], Fcs::Present);
        let mut psdu = with_fcs(frame);
        if i % 3 == 0 {
            psdu[15] ^= 0x40;
            radiotap.flags = Some(FLAG_FCS | FLAG_BAD_FCS);
        }
        (radiotap, psdu)
    });
    packets.collect()
}

#[test]
fn frames_of_others_give_no_pictures() {
    let codec = PictureCodec::open(None).unwrap();
    let bytes = capture(&busy(2000));
    let (received, _) = receive(&codec, &bytes, WANTED);
    assert!(received.pixels.is_empty() && received.passed.doubtful > 50, "{:?}", received.passed);
    let (received, made) = receive(&codec, &bytes, Wanted { framing: Some(FramingSpec::Mac), ..WANTED });
    assert!(received.pixels.is_empty() && received.passed.foreign > 1995 && made < 5, "{:?}, {made}", received.passed);
    // On request they are drawn, up to the limit.
    let (received, _) = receive(&codec, &bytes, Wanted { draw: Draw::Doubtful, limit: 500, ..WANTED });
    assert!(received.is_full && !received.frames.is_empty() && received.pixels.len() <= 500 * 784);
}

#[test]
fn frames_without_a_header_are_known_by_their_pictures() {
    let codec = PictureCodec::open(None).unwrap();
    let emulator = Packing::new(codec.k(), Mcs::M54, Framing::Bare, Form::Plain).emulator(3);
    let pixels = digits::dataset(5, 0..3).images.pixels;
    let psdu = emulator.emulate(&codec.encode(&pixels), ScramblerState::EXAMPLE);
    let mut packets = busy(60);
    packets.insert(30, (Radiotap::received(Rate::NonHt { half_mbps: 108 }, Fcs::Present), psdu));
    let (received, _) = receive(&codec, &capture(&packets), WANTED);
    assert_eq!((received.frames.len(), received.frames[0].framing), (1, FramingSpec::Bare));
}

/// The flag states an FCS, no FCS, or nothing; the FCS is right, wrong, or absent; octets follow.
#[test]
fn whatever_the_flags_say_the_frame_decides() {
    let codec = PictureCodec::open(None).unwrap();
    for (mcs, rate) in [(Mcs::M54, every_rate()[7]), (Mcs::HT7, every_rate()[15]), (Mcs::NON_HT[4], every_rate()[4])] {
        let psdu = ours(&codec, mcs, 3, 93);
        let mut damaged = psdu.clone();
        damaged[40] ^= 0x10;
        let stripped = psdu[..psdu.len() - 4].to_vec();
        let behind = [&psdu[..], &[1, 2, 3, 4]].concat();
        for (name, octets, fcs_ok) in [
            ("right", &psdu, Some(true)),
            ("damaged", &damaged, Some(false)),
            ("stripped", &stripped, None),
            ("octets behind", &behind, Some(true)),
        ] {
            for said in [Fcs::Present, Fcs::Absent, Fcs::Unknown] {
                let bytes = capture(&[(Radiotap::received(rate, said), octets.clone())]);
                let (received, _) = receive(&codec, &bytes, WANTED);
                assert_eq!(received.pixels.len(), 3 * 784, "{name}, said {said:?}, {rate}: {:?}", received.passed);
                assert_eq!(received.frames[0].fcs_ok, fcs_ok, "{name}, said {said:?}, {rate}");
            }
        }
    }
}

#[test]
fn a_rate_that_is_not_said_is_found_or_asked_for() {
    let codec = PictureCodec::open(None).unwrap();
    for (mcs, rate) in Mcs::ALL.into_iter().zip(every_rate()).step_by(3) {
        let psdu = ours(&codec, mcs, 6, 93);
        let bytes = capture(&[(Radiotap::default(), psdu[..psdu.len() - 4].to_vec())]);
        let (received, _) = receive(&codec, &bytes, WANTED);
        match received.frames.first() {
            Some(frame) => assert_eq!(frame.rate, rate),
            // Points of one amplitude on one axis: six pictures are not decisive.
            None => assert!(mcs.n_bpsc() == 1, "{rate}: {:?}", received.passed),
        }
        let (received, _) = receive(&codec, &bytes, Wanted { rate: Some(rate), scrambler: Some(93), ..WANTED });
        assert_eq!((received.frames.len(), received.pixels.len()), (1, 6 * 784), "{rate}");
    }
}

#[test]
fn frames_that_the_receiver_does_not_know_are_refused_by_name() {
    let codec = PictureCodec::open(None).unwrap();
    let mut radiotap = Radiotap::received(every_rate()[15], Fcs::Present);
    let mcs = radiotap.mcs.as_mut().unwrap();
    mcs.flags = 0x21;
    let psdu = ours(&codec, Mcs::HT7, 2, 93);
    let bytes = capture(&[(radiotap, psdu.clone()), (Radiotap::received(every_rate()[15], Fcs::Present), psdu)]);
    let (received, _) = receive(&codec, &bytes, WANTED);
    assert_eq!(received.frames.len(), 1);
    assert_eq!(received.passed.refused.get("40 MHz, STBC"), Some(&1), "{:?}", received.passed);
}

#[test]
fn a_state_that_is_not_known_draws_nothing_until_it_is() {
    let codec = PictureCodec::open(None).unwrap();
    let slow = every_rate()[0];
    let packet = (Radiotap::received(slow, Fcs::Present), ours(&codec, Mcs::NON_HT[0], 2, 55));
    let bytes = capture(std::slice::from_ref(&packet));
    let (received, _) = receive(&codec, &bytes, WANTED);
    assert_eq!((received.frames.len(), received.passed.stateless), (0, 1));
    let (received, _) = receive(&codec, &bytes, Wanted { scrambler: Some(55), ..WANTED });
    assert_eq!((received.frames.len(), received.frames[0].scrambler), (1, 55));
    // Another frame reveals the state: the first is then drawn, in its place.
    let tells = (Radiotap::received(every_rate()[7], Fcs::Present), ours(&codec, Mcs::M54, 3, 55));
    let (received, _) = receive(&codec, &capture(&[packet, tells]), WANTED);
    let frames: Vec<_> = received.frames.iter().map(|frame| (frame.rate, frame.scrambler)).collect();
    assert_eq!((frames, received.passed.stateless), (vec![(slow, 55), (every_rate()[7], 55)], 0));
}

/// Records with only a header, of any stated length.
#[test]
fn lengths_that_a_capture_only_claims_cost_nothing() {
    let codec = PictureCodec::open(None).unwrap();
    let Framing::Mac { header } = BROADCAST else { panic!("a header") };
    let rates = every_rate();
    let packets: Vec<_> =
        (0..4000).map(|i| (Radiotap::received(rates[i % 16], Fcs::Present), header.to_vec())).collect();
    let mut bytes = capture(&packets);
    let mut at = 24;
    for i in 0..4000u32 {
        let got = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().unwrap());
        bytes[at + 12..at + 16].copy_from_slice(&(100 + i * 16).to_le_bytes());
        at += 16 + got as usize;
    }
    let (received, made) = receive(&codec, &bytes, WANTED);
    assert_eq!((received.frames.len(), made), (0, 0));
    let passed = &received.passed;
    assert!(passed.snapped > 800 && passed.snapped + passed.unfitting == 4000, "{passed:?}");
}
