//! Photographs from sender to receiver, with frames lost, damaged and out of order.

use jscc_photo::Picture;
use jscc_photo::base::{Base, quantise};
use jscc_photo::model::SHIPPED;
use jscc_photo::receive::{Receiver, Was};
use jscc_photo::send::{Order, Sent, Unsendable, send, usual_symbols};
use jscc_photo::transform::analyse;
use jscc_phy::random::stream;
use jscc_phy::wifi::mcs::Format;
use jscc_phy::wifi::{Mcs, ScramblerState};
use proptest::prelude::*;
use rand::RngExt;

const STATE: ScramblerState = ScramblerState::EXAMPLE;

/// Hills before a sky: slopes, edges and texture.
fn drawn(width: usize, height: usize, channels: usize) -> Picture {
    let mut rng = stream(3, "hills", (width + 5000 * height) as u64);
    let mut pixels = Vec::with_capacity(width * height * channels);
    for (c, y) in (0..channels).flat_map(|c| (0..height).map(move |y| (c, y))) {
        for x in 0..width {
            let (u, v) = (x as f32 / 97.0, y as f32 / height as f32);
            let hill = 0.5 + 0.2 * (5.0 * u).sin() + 0.06 * (17.0 * u + 1.0).sin();
            let grain = if v > hill { 0.12 * rng.random_range(-1.0f32..1.0) } else { 0.0 };
            let light = if v > hill { 0.35 + 0.2 * (40.0 * u * v).sin() } else { 0.9 - 0.4 * v };
            pixels.push((light + grain - 0.1 * c as f32).clamp(0.0, 1.0));
        }
    }
    Picture { width, height, channels, pixels }
}

fn order(picture: &Picture, snr_db: f64) -> Order {
    Order {
        id: 7,
        snr_db,
        margin_db: 2.0,
        symbols: usual_symbols(picture.width, picture.height),
        mtu: 1500,
        format: Format::NonHt,
        scrambler: STATE,
        interval_ms: 0,
    }
}

fn psnr_db(a: &Picture, b: &Picture) -> f64 {
    assert_eq!(a.grid(), b.grid());
    let errors = a.pixels.iter().zip(&b.pixels).map(|(a, b)| f64::from(a - b).powi(2));
    -10.0 * (errors.sum::<f64>() / a.pixels.len() as f64).log10()
}

fn received<'a>(frames: impl Iterator<Item = &'a (Mcs, Vec<u8>)>) -> Receiver<'static> {
    let mut receiver = Receiver::new(&SHIPPED, STATE);
    for (mcs, psdu) in frames {
        receiver.add(Some(*mcs), psdu.clone());
    }
    receiver
}

fn sent(picture: &Picture, snr_db: f64) -> Sent {
    send(picture, &order(picture, snr_db), &SHIPPED).expect("it fits")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What the receiver decodes is what the sender's detail is the rest of.
    #[test]
    fn bases_come_back(width in 1usize..90, height in 1usize..90, grey: bool, step in 8u8..46, classes: [u8; 8]) {
        let picture = drawn(width, height, if grey { 1 } else { 3 });
        let grid = picture.grid();
        let classes = (0..grid.blocks()).map(|block| classes[block % 8] % 64).collect();
        let base = quantise(&grid, &analyse(&picture), classes, step, &SHIPPED);
        let octets = base.encode(&grid, step, &SHIPPED);
        prop_assert_eq!(Base::decode(&octets, &grid, step, &SHIPPED), base);
    }

    /// Whatever the octets, they are some base, and nothing breaks.
    #[test]
    fn any_octets_are_a_base(octets in prop::collection::vec(any::<u8>(), 0..400), step in 0u8..=255) {
        let grid = drawn(70, 40, 3).grid();
        let base = Base::decode(&octets, &grid, step, &SHIPPED);
        prop_assert_eq!(base.values(step, &SHIPPED).len(), grid.len());
    }

    #[test]
    fn any_size_arrives(width in 1usize..150, height in 1usize..150, grey: bool, ht: bool) {
        let picture = drawn(width, height, if grey { 1 } else { 3 });
        let order = Order { format: if ht { Format::Ht } else { Format::NonHt }, ..order(&picture, 20.0) };
        let sent = send(&picture, &order, &SHIPPED).expect("it fits");
        let receiver = received(sent.frames.iter());
        let seen = receiver.photograph(7).expect("its base arrived").picture(&SHIPPED);
        // A picture of few pixels has few errors to average.
        prop_assert!(psnr_db(&picture, &seen) > sent.expected_psnr_db[0].min(33.0) - 3.0, "{}", psnr_db(&picture, &seen));
    }
}

#[test]
fn frames_may_be_lost_damaged_and_out_of_order() {
    let picture = drawn(400, 304, 3);
    let sent = sent(&picture, 15.0);
    let (of_base, needed) = sent.base;
    assert!(of_base > needed && sent.frames.len() > of_base + 4, "{of_base} of {}", sent.frames.len());
    let whole = received(sent.frames.iter());
    let best = psnr_db(&picture, &whole.photograph(7).unwrap().picture(&SHIPPED));
    assert!((best - sent.expected_psnr_db[0]).abs() < 1.0, "{best} of {:?}", sent.expected_psnr_db);
    // Detail first, and one of the base missing.
    let late = received(sent.frames.iter().skip(1).rev());
    assert_eq!(late.photograph(7).unwrap().picture(&SHIPPED), whole.photograph(7).unwrap().picture(&SHIPPED));
    assert_eq!(late.unclaimed(), 0);
    // Without detail the base remains, exactly the sender's.
    let base = received(sent.frames.iter().take(of_base));
    let base = base.photograph(7).unwrap().picture(&SHIPPED);
    assert!((psnr_db(&picture, &base) - sent.expected_psnr_db[1]).abs() < 0.1);
    // Every other frame of the detail: better than the base, worse than all.
    let half =
        received(sent.frames.iter().enumerate().filter(|(n, _)| *n < of_base || n % 2 == 0).map(|(_, frame)| frame));
    let half = psnr_db(&picture, &half.photograph(7).unwrap().picture(&SHIPPED));
    assert!(psnr_db(&picture, &base) + 0.3 < half && half < best - 0.5, "{half} of {best}");
    // One in 300 bits of every detail frame wrong, MAC header and all.
    let mut rng = stream(1, "wrong bits", 0);
    let mut worn = sent.frames.clone();
    for (_, psdu) in worn.iter_mut().skip(of_base) {
        for octet in psdu {
            *octet ^= (0..8).map(|bit| u8::from(rng.random_range(0..300) == 0) << bit).sum::<u8>();
        }
    }
    let worn = received(worn.iter());
    let photograph = worn.photograph(7).unwrap();
    assert_eq!(photograph.frames().0, photograph.frames().1, "damaged frames are recognised");
    let worn = psnr_db(&picture, &photograph.picture(&SHIPPED));
    assert!(worn > psnr_db(&picture, &base) - 0.2, "noise that is told does no harm: {worn}");
}

#[test]
fn a_lost_base_is_said() {
    let sent = sent(&drawn(400, 304, 3), 15.0);
    let (of_base, needed) = sent.base;
    let mut receiver = received(sent.frames.iter().skip(of_base - needed + 1));
    assert!(receiver.photograph(7).is_none());
    assert_eq!(receiver.lost().collect::<Vec<_>>(), [(7, needed - 1, needed)]);
    let (mcs, psdu) = sent.frames[0].clone();
    assert_eq!(receiver.add(Some(mcs), psdu), Was::Base(7));
    assert_eq!(receiver.photograph(7).unwrap().frames().0, sent.frames.len() - of_base, "the detail has waited");
}

/// Two photographs at once, of one size and so of frames of one length.
#[test]
fn photographs_are_told_apart() {
    let pictures = [drawn(200, 160, 3), drawn(200, 160, 1)];
    let all: Vec<Sent> = (0..2u16)
        .map(|n| {
            let picture = &pictures[usize::from(n)];
            send(picture, &Order { id: n, ..order(picture, 18.0) }, &SHIPPED).unwrap()
        })
        .collect();
    let receiver = received(all[0].frames.iter().chain(&all[1].frames));
    for (n, sent) in (0..2u16).zip(&all) {
        let photograph = receiver.photograph(n).unwrap();
        assert_eq!(photograph.frames(), (sent.frames.len() - sent.base.0, sent.frames.len() - sent.base.0));
        let seen = psnr_db(&pictures[usize::from(n)], &photograph.picture(&SHIPPED));
        assert!((seen - sent.expected_psnr_db[0]).abs() < 1.5, "{n}: {seen} of {:?}", sent.expected_psnr_db);
    }
}

/// A size that 16 does not divide costs nothing but the pixels of the last blocks.
#[test]
fn odd_sizes_cost_little() {
    let whole = drawn(256, 192, 3);
    let (width, height) = (251, 187);
    let rows = (0..3).flat_map(|c| (0..height).map(move |y| (c * 192 + y) * 256));
    let pixels = rows.flat_map(|at| whole.pixels[at..at + width].to_vec()).collect();
    let cropped = Picture { width, height, channels: 3, pixels };
    let order = order(&whole, 15.0);
    let [of_whole, of_cropped] = [&whole, &cropped].map(|picture| {
        let sent = send(picture, &order, &SHIPPED).unwrap();
        psnr_db(picture, &received(sent.frames.iter()).photograph(7).unwrap().picture(&SHIPPED))
    });
    assert!((of_whole - of_cropped).abs() < 0.3, "{of_whole} whole, {of_cropped} cropped");
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let picture = drawn(64, 64, 3);
    let refused = |picture: &Picture, order: Order| send(picture, &order, &SHIPPED).unwrap_err();
    let short = refused(&picture, Order { symbols: 5, ..order(&picture, 10.0) });
    assert!(matches!(short, Unsendable::TooShort { least: 6.., given: 5 }), "{short}");
    assert_eq!(refused(&picture, Order { mtu: 100, ..order(&picture, 10.0) }), Unsendable::Mtu(100));
    let long = Picture { width: 5000, height: 1, channels: 1, pixels: vec![0.5; 5000] };
    assert!(matches!(refused(&long, order(&long, 10.0)), Unsendable::Size { width: 5000, height: 1 }));
}

/// Same picture, same order, same octets, whatever the number of threads.
#[test]
fn the_same_octets_every_time() {
    let picture = drawn(300, 200, 3);
    let once = sent(&picture, 12.0);
    let alone = rayon_of_one(|| sent(&picture, 12.0));
    assert_eq!(once, alone);
}

fn rayon_of_one<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool").install(work)
}
