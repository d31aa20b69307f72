use super::{LinkError, parse};
use crate::radiotap::{FLAG_BAD_FCS, FLAG_FCS, Radiotap};
use crate::scheme::Index;
use crate::{Fcs, Guard, Rate};

/// A Prism header as in linux-wlan-ng, in either numbering.
fn prism(word: fn(u32) -> [u8; 4], half: fn(u16) -> [u8; 2], numbers: [u32; 3], values: [u32; 3]) -> Vec<u8> {
    let mut bytes = [word(0x44), word(144)].concat();
    bytes.extend(b"wlan0\0\0\0\0\0\0\0\0\0\0\0");
    for n in 0..10 {
        let (number, value) = numbers.iter().zip(values).nth(n).map_or((0, 0), |(number, value)| (*number, value));
        bytes.extend([&word(number)[..], &half(u16::from(n > 2)), &half(4), &word(value)].concat());
    }
    bytes
}

#[test]
fn prism_headers_of_both_numberings_and_byte_orders() {
    let values = [(-71i32).cast_unsigned(), (-95i32).cast_unsigned(), 108];
    let numberings = [[0x6041, 0x7041, 0x8041], [0x0006_0044, 0x0007_0044, 0x0008_0044]];
    for numbers in numberings {
        for header in [
            prism(u32::to_le_bytes, u16::to_le_bytes, numbers, values),
            prism(u32::to_be_bytes, u16::to_be_bytes, numbers, values),
        ] {
            let packet = [&header[..], b"frame"].concat();
            let (radiotap, frame) = parse(119, &packet).unwrap();
            assert_eq!((radiotap.rate(), frame), (Ok(Rate::NonHt { half_mbps: 108 }), &b"frame"[..]));
            assert_eq!((radiotap.signal_dbm, radiotap.noise_dbm, radiotap.fcs()), (Some(-71), Some(-95), Fcs::Unknown));
        }
    }
    // Values that a card does not set have another status; levels above 0 are in its own units.
    let unset = prism(u32::to_le_bytes, u16::to_le_bytes, [1, 2, 3], [0; 3]);
    assert_eq!(parse(119, &unset).unwrap().0, Radiotap::default());
    let own = prism(u32::to_le_bytes, u16::to_le_bytes, numberings[0], [40, 0, 0]);
    assert_eq!(parse(119, &own).unwrap().0, Radiotap::default());
}

fn avs(length: u32, ssi: u32) -> Vec<u8> {
    let mut bytes = vec![0; length as usize];
    let words = [(0, 0x8021_1001), (4, length), (32, 540), (44, ssi), (48, 0xFFFF_FFB9), (52, 0xFFFF_FFA1)];
    for (at, word) in words {
        bytes[at..at + 4].copy_from_slice(&u32::to_be_bytes(word));
    }
    bytes
}

#[test]
fn avs_headers_under_both_link_types() {
    for (link, length) in [(163, 64), (119, 64), (163, 80)] {
        let packet = [&avs(length, 2)[..], b"frame"].concat();
        let (radiotap, frame) = parse(link, &packet).unwrap();
        assert_eq!((radiotap.rate(), frame), (Ok(Rate::NonHt { half_mbps: 108 }), &b"frame"[..]));
        assert_eq!((radiotap.signal_dbm, radiotap.noise_dbm), (Some(-71), Some(-95)));
    }
    assert_eq!(parse(163, &avs(64, 3)).unwrap().0.signal_dbm, None, "not in dBm");
}

fn ppi(flags: u8, inner: u32, fields: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, field) in fields {
        body.extend([kind.to_le_bytes(), (field.len() as u16).to_le_bytes()].concat());
        body.extend(field);
        if flags & 1 == 1 {
            body.resize(body.len().next_multiple_of(4), 0);
        }
    }
    let length = (body.len() as u16 + 8).to_le_bytes();
    [&[0, flags, length[0], length[1]][..], &inner.to_le_bytes(), &body].concat()
}

#[test]
fn ppi_names_what_it_wraps() {
    let common = [&[0; 8][..], &[5, 0, 108, 0, 0x6C, 0x09, 0xA0, 0, 0, 0, 0xB9, 0xA1]].concat();
    let packet = [&ppi(0, 105, &[(2, common.clone())])[..], b"frame"].concat();
    let (radiotap, frame) = parse(192, &packet).unwrap();
    assert_eq!((radiotap.rate(), frame), (Ok(Rate::NonHt { half_mbps: 108 }), &b"frame"[..]));
    assert_eq!((radiotap.channel_mhz, radiotap.flags), (Some(2412), Some(FLAG_FCS | FLAG_BAD_FCS)));
    assert_eq!((radiotap.signal_dbm, radiotap.noise_dbm), (Some(-71), Some(-95)));
    // Short guard interval and 40 MHz, MCS 7, after a field of odd length that is padded.
    let mut ht = vec![0; 48];
    (ht[0], ht[9]) = (6, 7);
    let packet = ppi(1, 105, &[(30002, vec![1, 2, 3]), (4, ht)]);
    let scheme = parse(192, &packet).unwrap().0.scheme().unwrap();
    assert_eq!((scheme.index, scheme.bandwidth_mhz, scheme.mbps()), (Index::Ht(7), Some(40), Some(150.0)));
    // With radiotap inside, its fields take precedence.
    let inner = Radiotap::received(Rate::Ht { mcs: 3, guard: Guard::Long }, Fcs::Absent).encode();
    let packet = [&ppi(0, 127, &[(2, common)])[..], &inner, b"frame"].concat();
    let (radiotap, frame) = parse(192, &packet).unwrap();
    assert_eq!((radiotap.rate(), radiotap.fcs()), (Ok(Rate::Ht { mcs: 3, guard: Guard::Long }), Fcs::Absent));
    assert_eq!((radiotap.signal_dbm, frame), (Some(-71), &b"frame"[..]));
    assert_eq!(parse(192, &ppi(0, 1, &[])), Err(LinkError::Other(1)));
    assert_eq!(parse(192, &ppi(0, 192, &[])), Err(LinkError::Other(192)));
    // A truncated field ends the fields, but loses no frame.
    let mut short = ppi(0, 105, &[(2, vec![0; 20])]);
    short[10] = 200;
    assert_eq!(parse(192, &short), Ok((Radiotap::default(), &[][..])));
}

#[test]
fn a_header_that_lies_is_an_error() {
    let headers = [
        (119, prism(u32::to_le_bytes, u16::to_le_bytes, [0; 3], [0; 3])),
        (163, avs(64, 2)),
        (192, ppi(0, 105, &[(2, vec![0; 20])])),
    ];
    for (link, header) in headers {
        for end in 0..header.len() {
            let error = parse(link, &header[..end]).unwrap_err();
            assert!(matches!(error, LinkError::Short { .. }), "{link}, {end} bytes: {error}");
        }
        assert!(parse(link, &header).unwrap().1.is_empty());
    }
    assert!(matches!(parse(192, &[0, 0, 4, 0, 105, 0, 0, 0]), Err(LinkError::Short { want: 8, got: 4, .. })));
    assert_eq!(parse(1, b"ethernet"), Err(LinkError::Other(1)));
}
