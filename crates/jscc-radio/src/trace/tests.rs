use super::*;
use crate::encode::Sending;
use crate::{Guard as GuardOf, Rate};

fn stages(rate: Rate, psdu: &[u8], symbol: usize) -> Vec<Stage> {
    sent(&Sending::new(rate, psdu.to_vec(), 93).unwrap(), symbol).unwrap()
}

fn bits(stages: &[Stage], name: &str) -> String {
    let stage = stages.iter().find(|stage| stage.name.starts_with(name)).unwrap();
    let Content::Bits(bits) = &stage.content else { panic!("{stage:?}") };
    bits.iter().map(u8::to_string).collect()
}

#[test]
fn the_standards_example_is_shown_as_it_stands_there() {
    let stages = stages(Rate::NonHt { half_mbps: 72 }, &[0x04; 100], 0);
    assert_eq!(bits(&stages, "SIGNAL: RATE"), "101100010011000000000000");
    // Table I-8: the SIGNAL field after the encoder.
    assert_eq!(bits(&stages, "SIGNAL, encoded"), "110100011010000100000010001111100111000000000000");
    assert_eq!(bits(&stages, "DATA: SERVICE").len(), 864);
    assert_eq!(bits(&stages, "Scrambled").len(), 144);
    assert_eq!(bits(&stages, "Encoded").len(), 288);
    assert_eq!(bits(&stages, "Punctured").len(), 192);
    assert_eq!(bits(&stages, "Interleaved").len(), 192);
    let Content::Samples(samples) = &stages.last().unwrap().content else { panic!("samples") };
    assert_eq!(samples.len(), 80);
}

#[test]
fn every_rate_and_symbol_has_its_stages() {
    for mcs in 0..8 {
        for guard in [GuardOf::Long, GuardOf::Short] {
            let stages = stages(Rate::ht(mcs, guard).unwrap(), &[7; 90], 2);
            assert!(stages.iter().any(|stage| stage.clause == "19.3.9.4.3"));
            assert_eq!(bits(&stages, "HT-SIG, with CRC").len(), 48);
        }
    }
    let frame = Sending::new(Rate::non_ht("54").unwrap(), vec![0; 20], 1).unwrap();
    assert!(sent(&frame, 1).unwrap_err().to_string().starts_with("no DATA symbol 1"));
}
