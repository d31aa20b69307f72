use crate::Fcs;
use crate::encode::with_fcs;
use crate::pcap::Packet;
use crate::radiotap::{FLAG_BAD_FCS, FLAG_DATAPAD, FLAG_FCS, Radiotap};
use std::time::Duration;

fn packet(frame: Vec<u8>, flags: Option<u8>, cut: u32) -> Packet {
    let radiotap = Radiotap { flags, ..Radiotap::default() };
    Packet { time: Duration::ZERO, radiotap, fcs: radiotap.fcs(), frame, cut }
}

/// A data frame with a header of 24 octets, or 26 with QoS.
fn frame(is_qos: bool) -> Vec<u8> {
    let mut frame = vec![if is_qos { 0x88 } else { 0x08 }, 0];
    frame.extend((2..if is_qos { 126 } else { 124 }).map(|i: u8| i.wrapping_mul(37)));
    frame
}

/// Every combination of actual and stated content.
#[test]
fn a_right_check_sequence_counts_more_than_any_flag() {
    for is_qos in [false, true] {
        let psdu = with_fcs(frame(is_qos));
        for flags in
            [None, Some(0), Some(FLAG_FCS), Some(FLAG_DATAPAD), Some(FLAG_FCS | FLAG_DATAPAD), Some(FLAG_BAD_FCS)]
        {
            for is_padded in [false, is_qos] {
                for behind in [0, 1, 4, 8] {
                    let mut octets = psdu.clone();
                    if is_padded {
                        octets.splice(26..26, [0, 0]);
                    }
                    octets.extend(vec![0xA5; behind]);
                    let packet = packet(octets, flags, 0);
                    let readings = packet.readings();
                    let about = format!("QoS {is_qos}, flags {flags:?}, padded {is_padded}, {behind} behind");
                    assert_eq!((readings.len(), packet.fcs_ok()), (1, Some(true)), "{about}");
                    assert_eq!((packet.psdu(&readings[0]), readings[0].length), (psdu.clone(), psdu.len()), "{about}");
                }
            }
        }
    }
}

#[test]
fn where_no_check_sequence_is_right_the_flag_comes_first_and_the_rest_after() {
    let stripped = frame(false);
    let whole = with_fcs(stripped.clone());
    let mut damaged = whole.clone();
    damaged[60] ^= 1;
    for (flags, octets, first_is_stripped, listed) in [
        (Some(0), &stripped, true, None),
        (None, &stripped, true, None),
        (Some(FLAG_FCS), &stripped, false, Some(false)),
        (Some(FLAG_FCS), &damaged, false, Some(false)),
        (Some(0), &damaged, true, None),
        (Some(FLAG_BAD_FCS), &stripped, true, Some(false)),
    ] {
        let packet = packet(octets.clone(), flags, 0);
        assert_eq!(packet.fcs_ok(), listed);
        let readings = packet.readings();
        let (stripped, kept) = if first_is_stripped { (0, 1) } else { (1, 0) };
        assert_eq!(readings[stripped].length, octets.len() + 4);
        assert_eq!(packet.psdu(&readings[stripped]), with_fcs(octets.clone()));
        assert_eq!((readings[kept].length, readings[kept].fcs_ok), (octets.len(), Some(false)));
        assert_eq!(packet.psdu(&readings[kept]), *octets);
        assert!(readings[2..].iter().all(|reading| reading.is_doubtful && reading.length < octets.len()));
    }
}

#[test]
fn what_the_capture_left_out_is_filled_up() {
    let packet = packet(frame(false)[..60].to_vec(), Some(FLAG_FCS), 40);
    let reading = &packet.readings()[0];
    assert_eq!((reading.length, reading.fcs_ok, packet.fcs_ok()), (100, Some(false), None));
    assert!((packet.kept(reading) - 0.6).abs() < 1e-9);
    let psdu = packet.psdu(reading);
    assert_eq!((psdu.len(), &psdu[..60], &psdu[60..]), (100, &packet.frame[..], &[0; 40][..]));
}

#[test]
fn no_octets_and_too_many_are_no_frame() {
    assert_eq!(packet(Vec::new(), Some(FLAG_FCS), 0).readings().len(), 1, "an FCS and nothing else");
    assert_eq!(packet(vec![0], None, u32::MAX).readings(), []);
    assert_eq!(packet(Vec::new(), None, 0).fcs, Fcs::Unknown);
}

/// Headers whose padding reaches the end of the frame, or nearly: octets before the end of the padding are not
/// trailing.
#[test]
fn frames_that_end_with_their_header_are_read() {
    for flags in [None, Some(0), Some(FLAG_FCS), Some(FLAG_DATAPAD), Some(FLAG_BAD_FCS | FLAG_DATAPAD)] {
        for length in 0..44 {
            for cut in [0, 3] {
                let packet = packet(frame(true)[..length].to_vec(), flags, cut);
                for reading in packet.readings() {
                    assert_eq!(packet.psdu(&reading).len(), reading.length, "{length} octets, flags {flags:?}");
                }
            }
        }
        let mut octets = with_fcs(frame(true)[..16].to_vec());
        octets.resize(28, 0xA5);
        let packet = packet(octets, flags, 0);
        let right = &packet.readings()[0];
        assert_eq!((right.fcs_ok, packet.psdu(right)), (Some(true), packet.frame[..20].to_vec()));
    }
}
