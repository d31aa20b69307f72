use super::{He, Mcs, Radiotap, RadiotapError, Vht};
use crate::scheme::{Index, Unheard};
use crate::{Fcs, Guard, Rate};
use proptest::prelude::*;
use radiotap::field;

#[test]
fn headers_for_injection_are_laid_out_by_the_rules() {
    let legacy = Radiotap::injection(Rate::NonHt { half_mbps: 108 }, Fcs::Present).encode();
    assert_eq!(legacy, [0, 0, 13, 0, 0x06, 0x80, 0x02, 0, 0x10, 108, 0x18, 0, 0]);
    // TX_FLAGS is aligned to two bytes.
    let ht = Radiotap::injection(Rate::Ht { mcs: 7, guard: Guard::Short }, Fcs::Absent).encode();
    assert_eq!(ht, [0, 0, 16, 0, 0x02, 0x80, 0x0A, 0, 0, 0, 0x18, 0, 0, 0x7F, 0x04, 7]);
    let unsaid = Radiotap::injection(Rate::Ht { mcs: 0, guard: Guard::Long }, Fcs::Unknown).encode();
    assert_eq!(unsaid, [0, 0, 14, 0, 0, 0x80, 0x0A, 0, 0x18, 0, 0, 0x7F, 0, 0]);
}

#[test]
fn another_parser_reads_the_same() {
    for fcs in [Fcs::Present, Fcs::Absent] {
        for half_mbps in [12, 18, 24, 36, 48, 72, 96, 108] {
            let bytes = Radiotap::injection(Rate::NonHt { half_mbps }, fcs).encode();
            let other = radiotap::Radiotap::from_bytes(&bytes).unwrap();
            assert_eq!((2.0 * other.rate.unwrap().value) as u8, half_mbps);
            assert_eq!(other.mcs, None);
            check_common(&other, fcs);
        }
        for (mcs, guard) in (0..8).flat_map(|mcs| [(mcs, Guard::Long), (mcs, Guard::Short)]) {
            let bytes = Radiotap::injection(Rate::Ht { mcs, guard }, fcs).encode();
            let other = radiotap::Radiotap::from_bytes(&bytes).unwrap();
            let field = other.mcs.unwrap();
            assert_eq!(
                (field.index, field.stbc, field.format),
                (Some(mcs), Some(0), Some(field::ext::HTFormat::Mixed))
            );
            assert_eq!(field.fec, Some(field::ext::FEC::BCC));
            assert_eq!(field.bw, field::ext::Bandwidth::new(0).ok());
            assert_eq!(field.gi == Some(field::ext::GuardInterval::Short), guard == Guard::Short);
            assert_eq!(other.rate, None);
            check_common(&other, fcs);
        }
    }
}

fn check_common(other: &radiotap::Radiotap, fcs: Fcs) {
    let tx = other.tx_flags.unwrap();
    assert!(tx.no_ack && tx.no_seq && !tx.fail && !tx.cts && !tx.rts);
    assert_eq!(other.data_retries.unwrap().value, 0);
    assert_eq!(other.flags.unwrap().fcs, fcs == Fcs::Present);
}

#[test]
fn vendors_and_antennas_are_passed_over() {
    // FLAGS, RATE, dBm; a vendor's word and 4 bytes; per antenna dBm again: the example of the radiotap crate.
    let vendor = [
        0, 0, 39, 0, 46, 72, 0, 192, 0, 0, 0, 128, 0, 0, 0, 160, 4, 0, 0, 0, 16, 2, 158, 9, 160, 0, 227, 5, 0, 0, 255,
        255, 255, 255, 2, 0, 222, 173, 4, 0xAA,
    ];
    let (header, frame) = Radiotap::parse(&vendor).unwrap();
    assert_eq!((header.rate(), header.fcs()), (Err(Unheard::Kind("802.11b".into())), Fcs::Present));
    assert_eq!((header.signal_dbm, frame), (Some(-29), &[0xAA][..]));
    // Bit 29 switches back to radiotap's fields: the first signal counts.
    let antennas = [0, 0, 14, 0, 0x20, 0, 0, 0xA0, 0x20, 0, 0, 0, 0xD0, 0xC0];
    assert_eq!(Radiotap::parse(&antennas).unwrap().0.signal_dbm, Some(-48));
    // The word after a vendor's ends the vendor's part.
    let after = [0, 0, 27, 0, 0, 0, 0, 0xC0, 1, 0, 0, 0xA0, 2, 0, 0, 0, 1, 2, 3, 4, 3, 0, 9, 9, 9, 0x10, 0];
    assert_eq!(Radiotap::parse(&after).unwrap().0.flags, Some(0x10));
}

#[test]
fn a_lying_header_is_an_error() {
    let short = |bytes: &[u8]| Radiotap::parse(bytes).unwrap_err();
    assert_eq!(short(&[]), RadiotapError::Short { want: 8, got: 0 });
    assert_eq!(short(&[1, 0, 8, 0]), RadiotapError::Version { got: 1 });
    assert_eq!(short(&[0, 0, 9, 0, 0, 0, 0, 0]), RadiotapError::Short { want: 9, got: 8 });
    assert_eq!(short(&[0, 0, 4, 0, 0, 0, 0, 0]), RadiotapError::Short { want: 8, got: 4 });
    assert_eq!(short(&[0, 0, 8, 0, 1, 0, 0, 0, 9, 9]), RadiotapError::Short { want: 16, got: 8 });
    // A vendor's part longer than the header.
    assert_eq!(
        short(&[0, 0, 14, 0, 0, 0, 0, 0x40, 1, 2, 3, 4, 255, 255]),
        RadiotapError::Short { want: 14 + 65535, got: 14 }
    );
    // An unknown field ends the search, without an error.
    assert!(Radiotap::parse(&[0, 0, 8, 0, 0, 0, 0, 0x10]).is_ok());
}

#[test]
fn the_rate_is_the_one_that_is_said() {
    let mcs =
        |known, flags| Radiotap { rate: Some(12), mcs: Some(Mcs { known, flags, index: 3 }), ..Radiotap::default() };
    assert_eq!(mcs(0, 4).rate(), Ok(Rate::NonHt { half_mbps: 12 }));
    assert_eq!(mcs(2, 4).rate(), Ok(Rate::Ht { mcs: 3, guard: Guard::Long }));
    assert_eq!(mcs(6, 4).rate(), Ok(Rate::Ht { mcs: 3, guard: Guard::Short }));
    assert_eq!(Radiotap::default().rate(), Err(Unheard::NoRate));
    assert_eq!(Radiotap { rate: Some(0), ..Radiotap::default() }.rate(), Err(Unheard::NoRate));
}

#[test]
fn other_bandwidths_codes_and_generations_are_named() {
    let ht = |known, flags, index| Radiotap { mcs: Some(Mcs { known, flags, index }), ..Radiotap::default() };
    let names = |radiotap: Radiotap| {
        let scheme = radiotap.scheme().unwrap();
        (scheme.to_string(), scheme.mbps().unwrap(), radiotap.rate().unwrap_err().to_string())
    };
    // tcpdump's tests/ieee802.11_rx-stbc.pcap: 150 Mb/s.
    let stbc = names(ht(0x3F, 0x25, 7));
    assert_eq!(stbc, ("MCS 7 short GI, 40 MHz, STBC".into(), 150.0, "40 MHz, STBC".into()));
    assert_eq!(names(ht(0x3F, 0x18, 0)), ("MCS 0, LDPC, greenfield".into(), 6.5, "LDPC, greenfield".into()));
    assert_eq!(names(ht(0x07, 0x00, 15)), ("MCS 15, 2 streams".into(), 130.0, "2 streams".into()));
    assert!(ht(0x07, 0x3A, 7).rate().is_ok(), "only what is said counts");
    let vht = Vht { known: 0x45, flags: 0x05, bandwidth: 4, mcs_nss: 0x92, coding: 1 };
    let vht = names(Radiotap { vht: Some(vht), rate: Some(12), ..Radiotap::default() });
    assert_eq!(vht.0, "VHT-MCS 9 short GI, 80 MHz, 2 streams, STBC, LDPC");
    assert_eq!((vht.1, vht.2), (866.666, "802.11ac, 80 MHz, 2 streams, STBC, LDPC".into()));
    let he = He([0x42A0, 0x0002, 0xA000 | 11 << 8, 0, 0x0011, 2]);
    let radiotap = Radiotap { he: Some(he), ..Radiotap::default() };
    assert_eq!(names(radiotap).0, "HE-MCS 11, 40 MHz, 2 streams, STBC, LDPC");
    assert_eq!(radiotap.scheme().unwrap().guard_ns, 1600);
    let unit = Radiotap { he: Some(He([0x4020, 0, 0, 0, 0x0006, 1])), ..Radiotap::default() };
    assert_eq!(names(unit).0, "HE-MCS 0, 106 tones");
    assert_eq!(Radiotap { he: Some(He([0; 6])), ..Radiotap::default() }.scheme(), None, "no scheme is said");
    let index = radiotap.scheme().unwrap().index;
    assert_eq!(index, Index::He { mcs: 11, dcm: false, tones: None });
}

proptest! {
    #[test]
    fn what_is_encoded_parses_back(
        flags: Option<u8>, rate: Option<u8>, signal_dbm: Option<i8>, noise_dbm: Option<i8>, tx_flags: Option<u16>,
        data_retries: Option<u8>, mcs: Option<(u8, u8, u8)>, channel_mhz: Option<u16>,
        vht: Option<(u16, u8, u8, u8, u8)>, he: Option<[u16; 6]>, frame: Vec<u8>,
    ) {
        let mcs = mcs.map(|(known, flags, index)| Mcs { known, flags, index });
        let vht = vht.map(|(known, flags, bandwidth, mcs_nss, coding)| Vht { known, flags, bandwidth, mcs_nss, coding });
        let he = he.map(He);
        let header = Radiotap { flags, rate, channel_mhz, signal_dbm, noise_dbm, tx_flags, data_retries, mcs, vht, he };
        let _ = header.scheme().map(|scheme| (scheme.to_string(), scheme.mbps(), scheme.rate()));
        let mut packet = header.encode();
        packet.extend(&frame);
        prop_assert_eq!(Radiotap::parse(&packet), Ok((header, &frame[..])));
    }

    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..64), seemly: bool) {
        if let (true, Some(start)) = (seemly, bytes.first_chunk_mut()) {
            *start = [0, 0, 32, 0];
        }
        let _ = Radiotap::parse(&bytes);
    }
}
