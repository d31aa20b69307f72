//! Frames of photographs: of any octets, and bases whose labels are sound. What arrives is drawn.

use crate::Seeds;
use crate::input::Input;
use crate::memory;
use jscc_photo::Picture;
use jscc_photo::header::{Header, Label};
use jscc_photo::model::SHIPPED;
use jscc_photo::receive::{Receiver, Was};
use jscc_photo::send::{Order, send};
use jscc_phy::wifi::ScramblerState;
use jscc_phy::wifi::mcs::{Format, Mcs};

/// Octets of a MAC header, which precede a label.
const N_MAC_HEADER: usize = 24;
/// Longest side drawn: a larger picture takes more memory and time than it says anything new.
const MOST_SIDE: u16 = 100;
/// Most OFDM symbols of detail, for the same reason.
const MOST_SYMBOLS: u32 = 2000;
/// Memory that a receiver may take.
const LIMIT: usize = 64 << 20;

/// Frames, each after its kind and length: as they are, or as the shard of a label that is sound.
pub fn check(bytes: &[u8]) {
    let (mut input, mut receiver) = (Input(bytes), Receiver::new(&SHIPPED, ScramblerState::EXAMPLE));
    memory::within(LIMIT, || {
        while !input.is_empty() {
            let (kind, n) = (input.u8(), input.u16().into());
            let octets = input.take(n);
            let rate = (kind & 0x10 == 0).then(|| Mcs::NON_HT[usize::from(kind >> 5)]);
            let psdu = match kind % 4 {
                0 => octets.to_vec(),
                _ => labelled(octets, kind),
            };
            match receiver.add(rate, psdu) {
                Was::Detail(id) => assert!(receiver.photograph(id).is_some(), "detail of a picture without a base"),
                Was::Base(_) | Was::Unknown => {}
            }
        }
        for (_, photograph) in receiver.photographs() {
            let picture = photograph.picture(&SHIPPED);
            assert!(picture.pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)), "pixels of a picture");
            assert_eq!(picture.grid(), photograph.header().grid);
        }
    });
}

/// A base of one frame with these octets, of which a header that says too much says less.
fn labelled(octets: &[u8], kind: u8) -> Vec<u8> {
    let mut octets = octets.to_vec();
    if octets.len() >= 22 {
        for at in [0, 2] {
            let side = u16::from_le_bytes([octets[at], octets[at + 1]]) % (MOST_SIDE + 1);
            octets[at..at + 2].copy_from_slice(&side.to_le_bytes());
        }
        let symbols = u32::from_le_bytes([octets[8], octets[9], octets[10], octets[11]]) % MOST_SYMBOLS;
        octets[8..12].copy_from_slice(&symbols.to_le_bytes());
        if let Some((header, _)) = Header::read(&octets) {
            assert_eq!(header.encode(), octets[..22], "a header is written as it was");
        }
    }
    let label = Label { id: u16::from(kind % 4), originals: 1, parity: u16::from(kind >> 2 & 1), index: 0 };
    [vec![0; N_MAC_HEADER], label.frame(&octets)].concat()
}

/// Photographs as sent, colour and grey, and their bases' octets alone.
pub fn seeds() -> Seeds {
    let frame = |kind: u8, octets: &[u8]| [&[kind][..], &(octets.len() as u16).to_le_bytes(), octets].concat();
    let of = |channels: usize| {
        let pixels = (0..channels * 40 * 24).map(|n| ((n * n) % 97) as f32 / 97.0).collect();
        let picture = Picture { width: 40, height: 24, channels, pixels };
        let order = Order {
            id: 1,
            snr_db: 15.0,
            margin_db: 3.0,
            symbols: 60,
            mtu: 1500,
            format: Format::NonHt,
            scrambler: ScramblerState::EXAMPLE,
            interval_ms: 0,
        };
        let sent = send(&picture, &order, &SHIPPED).expect("a small picture fits");
        let whole = sent.frames.iter().flat_map(|(_, psdu)| frame(0x10, psdu)).collect::<Vec<u8>>();
        let base = &sent.frames[0].1[N_MAC_HEADER + 12..];
        [whole, [frame(0x11, base), frame(0x10, &sent.frames[sent.frames.len() - 1].1)].concat()]
    };
    [3, 1].into_iter().flat_map(of).collect()
}
