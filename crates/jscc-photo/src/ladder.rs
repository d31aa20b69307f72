//! Rates by SNR: which frames carry base and detail for a receiver at a given SNR.

use crate::shards::Parity;
use jscc_phy::wifi::Mcs;
use jscc_phy::wifi::mcs::Format;

/// Longest PSDU of the base, in octets: a short one is lost more rarely.
const BASE_OCTETS: usize = 1000;
/// The same where even the slowest rate loses many.
const SHORT_OCTETS: usize = 300;
/// The same where hardly any is lost.
const LONG_OCTETS: usize = 4095;

/// Frames of the base.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseRung {
    /// SNR in dB from which it is meant.
    pub from_db: f64,
    /// Index of the rate.
    pub rate: usize,
    /// Longest PSDU in octets.
    pub octets: usize,
    /// Parity frames.
    pub parity: Parity,
}

/// Edge of a rate: there 2 % of the frames are lost (`results/wifi-per-awgn.jsonl`).
const EDGE: Parity = Parity::ForLoss(0.02);

/// Rates of the base, each from its edge on. The last is so far above it that frames may be long and hardly one is lost.
pub const BASE: [BaseRung; 10] = [
    BaseRung { from_db: f64::NEG_INFINITY, rate: 0, octets: SHORT_OCTETS, parity: Parity::PerFrame(1.0) },
    BaseRung { from_db: 0.0, rate: 0, octets: SHORT_OCTETS, parity: Parity::PerFrame(0.75) },
    BaseRung { from_db: 1.1, rate: 0, octets: BASE_OCTETS, parity: EDGE },
    BaseRung { from_db: 4.1, rate: 2, octets: BASE_OCTETS, parity: EDGE },
    BaseRung { from_db: 6.8, rate: 3, octets: BASE_OCTETS, parity: EDGE },
    BaseRung { from_db: 9.8, rate: 4, octets: BASE_OCTETS, parity: EDGE },
    BaseRung { from_db: 13.2, rate: 5, octets: BASE_OCTETS, parity: EDGE },
    BaseRung { from_db: 17.3, rate: 6, octets: BASE_OCTETS, parity: EDGE },
    BaseRung { from_db: 18.7, rate: 7, octets: BASE_OCTETS, parity: EDGE },
    BaseRung { from_db: 20.7, rate: 7, octets: LONG_OCTETS, parity: Parity::ForLoss(1.5e-4) },
];

/// Frames of the detail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetailRung {
    /// SNR in dB.
    pub snr_db: f64,
    /// Index of the rate.
    pub rate: usize,
    /// Amplitude of symbols of mean power 1 on the constellation.
    pub scale: f32,
    /// SNR of the received symbols, in dB.
    pub symbols_db: f64,
}

/// The best rate and amplitude by SNR for frames filled with detail, at a card's gain, and what they give
/// (`cargo run --release -p jscc-photo --example detail_error`). Room in the frames carries no more.
pub const DETAIL: [DetailRung; 21] = [
    DetailRung { snr_db: -5.0, rate: 7, scale: 1.8, symbols_db: -5.2 },
    DetailRung { snr_db: -3.75, rate: 7, scale: 1.8, symbols_db: -3.9 },
    DetailRung { snr_db: -2.5, rate: 7, scale: 1.8, symbols_db: -2.6 },
    DetailRung { snr_db: -1.25, rate: 7, scale: 1.8, symbols_db: -1.4 },
    DetailRung { snr_db: 0.0, rate: 7, scale: 1.8, symbols_db: -0.2 },
    DetailRung { snr_db: 1.25, rate: 7, scale: 1.8, symbols_db: 0.8 },
    DetailRung { snr_db: 2.5, rate: 7, scale: 1.8, symbols_db: 1.7 },
    DetailRung { snr_db: 3.75, rate: 7, scale: 1.7, symbols_db: 2.6 },
    DetailRung { snr_db: 5.0, rate: 7, scale: 1.6, symbols_db: 3.3 },
    DetailRung { snr_db: 6.25, rate: 7, scale: 1.5, symbols_db: 4.0 },
    DetailRung { snr_db: 7.5, rate: 7, scale: 1.3, symbols_db: 4.7 },
    DetailRung { snr_db: 8.75, rate: 7, scale: 1.3, symbols_db: 5.3 },
    DetailRung { snr_db: 10.0, rate: 5, scale: 1.2, symbols_db: 5.9 },
    DetailRung { snr_db: 11.25, rate: 5, scale: 1.0, symbols_db: 6.9 },
    DetailRung { snr_db: 12.5, rate: 6, scale: 1.2, symbols_db: 7.4 },
    DetailRung { snr_db: 13.75, rate: 6, scale: 1.0, symbols_db: 8.9 },
    DetailRung { snr_db: 15.0, rate: 7, scale: 1.0, symbols_db: 9.8 },
    DetailRung { snr_db: 16.25, rate: 7, scale: 0.84, symbols_db: 11.0 },
    DetailRung { snr_db: 17.5, rate: 7, scale: 0.84, symbols_db: 11.2 },
    DetailRung { snr_db: 18.75, rate: 7, scale: 0.84, symbols_db: 11.2 },
    DetailRung { snr_db: 20.0, rate: 7, scale: 0.84, symbols_db: 11.2 },
];

/// The rate of an index.
pub fn mcs(format: Format, rate: usize) -> Mcs {
    match format {
        Format::NonHt => Mcs::NON_HT[rate],
        // In HT 9 Mb/s is missing.
        Format::Ht => Mcs::HT[[0, 1, 1, 2, 3, 4, 5, 6][rate]],
    }
}

/// The base's frames for a receiver at this SNR in dB, which may fall by the margin. A margin says that the SNR is not known: frames
/// are then lost for other reasons than white noise too, and a quarter more of them are sent, none of them long.
pub fn base_for(snr_db: f64, margin_db: f64) -> BaseRung {
    let rung = *BASE.iter().rev().find(|rung| snr_db - margin_db >= rung.from_db).unwrap_or(&BASE[0]);
    match rung.parity {
        Parity::ForLoss(_) if margin_db > 0.0 => {
            BaseRung { octets: rung.octets.min(BASE_OCTETS), parity: Parity::PerFrame(0.25), ..rung }
        }
        _ => rung,
    }
}

/// The detail's frames for a receiver at this SNR in dB: the nearest measured, below which symbols lose a dB per dB.
pub fn detail_for(snr_db: f64) -> DetailRung {
    let away = |rung: &&DetailRung| (rung.snr_db - snr_db).abs();
    let nearest = DETAIL.iter().min_by(|a, b| away(a).total_cmp(&away(b))).expect("rungs");
    let below_db = (DETAIL[0].snr_db - snr_db).max(0.0);
    DetailRung { symbols_db: nearest.symbols_db - below_db, ..*nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snr_has_its_frames() {
        assert_eq!([-20.0, 0.5, 4.1, 90.0].map(|db| base_for(db, 0.0).rate), [0, 0, 2, 7]);
        assert_eq!((base_for(12.0, 3.0).rate, base_for(12.0, 3.0).parity), (3, Parity::PerFrame(0.25)));
        assert_eq!(detail_for(8.2), detail_for(8.75));
        assert!((detail_for(-10.0).symbols_db + 10.2).abs() < 1e-9 && detail_for(-10.0).rate == 7);
        assert_eq!(detail_for(90.0), DETAIL[DETAIL.len() - 1]);
    }
}
