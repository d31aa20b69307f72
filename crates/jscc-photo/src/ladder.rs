//! Rates by SNR: which frames carry base and detail for a receiver at a given SNR.

use jscc_phy::wifi::Mcs;
use jscc_phy::wifi::mcs::Format;

/// Longest PSDU of the base, in octets: a short one is lost more rarely.
const BASE_OCTETS: usize = 1000;
/// The same where even the slowest rate loses many.
const SHORT_OCTETS: usize = 300;

/// Frames of the base.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseRung {
    /// SNR in dB from which it is meant.
    pub from_db: f64,
    /// Index of the rate.
    pub rate: usize,
    /// Longest PSDU in octets.
    pub octets: usize,
    /// Parity frames per frame.
    pub parity: f64,
}

/// Rates of the base. Each arrives from its SNR on: there 2 % of the frames are lost (`results/wifi-per-awgn.jsonl`), and
/// parity frames make up for more than that.
pub const BASE: [BaseRung; 9] = [
    BaseRung { from_db: f64::NEG_INFINITY, rate: 0, octets: SHORT_OCTETS, parity: 1.0 },
    BaseRung { from_db: 0.0, rate: 0, octets: SHORT_OCTETS, parity: 0.75 },
    BaseRung { from_db: 1.1, rate: 0, octets: BASE_OCTETS, parity: 0.25 },
    BaseRung { from_db: 4.1, rate: 2, octets: BASE_OCTETS, parity: 0.25 },
    BaseRung { from_db: 6.8, rate: 3, octets: BASE_OCTETS, parity: 0.25 },
    BaseRung { from_db: 9.8, rate: 4, octets: BASE_OCTETS, parity: 0.25 },
    BaseRung { from_db: 13.2, rate: 5, octets: BASE_OCTETS, parity: 0.25 },
    BaseRung { from_db: 17.3, rate: 6, octets: BASE_OCTETS, parity: 0.25 },
    BaseRung { from_db: 18.7, rate: 7, octets: BASE_OCTETS, parity: 0.25 },
];

/// Frames of the detail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetailRung {
    /// SNR in dB.
    pub snr_db: f64,
    /// Amplitude of symbols of mean power 1 on the constellation.
    pub scale: f32,
    /// SNR of the received symbols, in dB.
    pub symbols_db: f64,
}

/// The detail at 54 Mb/s with 48 symbols per OFDM symbol, at a card's gain: the best amplitude by SNR, and what it gives
/// (`cargo run --release -p jscc-photo --example detail_error`). Room in the frames or slower rates carry no more.
pub const DETAIL: [DetailRung; 11] = [
    DetailRung { snr_db: -5.0, scale: 1.6, symbols_db: -5.1 },
    DetailRung { snr_db: -2.5, scale: 1.5, symbols_db: -2.8 },
    DetailRung { snr_db: 0.0, scale: 1.4, symbols_db: -0.7 },
    DetailRung { snr_db: 2.5, scale: 1.4, symbols_db: 1.5 },
    DetailRung { snr_db: 5.0, scale: 1.35, symbols_db: 3.2 },
    DetailRung { snr_db: 7.5, scale: 1.3, symbols_db: 4.6 },
    DetailRung { snr_db: 10.0, scale: 1.2, symbols_db: 5.9 },
    DetailRung { snr_db: 12.5, scale: 1.1, symbols_db: 7.1 },
    DetailRung { snr_db: 15.0, scale: 0.95, symbols_db: 9.9 },
    DetailRung { snr_db: 17.5, scale: 0.84, symbols_db: 11.2 },
    DetailRung { snr_db: 60.0, scale: 0.84, symbols_db: 11.2 },
];

/// The rate of an index.
pub fn mcs(format: Format, rate: usize) -> Mcs {
    match format {
        Format::NonHt => Mcs::NON_HT[rate],
        // In HT 9 Mb/s is missing.
        Format::Ht => Mcs::HT[[0, 1, 1, 2, 3, 4, 5, 6][rate]],
    }
}

/// The base's frames for a receiver at this SNR in dB.
pub fn base_for(snr_db: f64) -> BaseRung {
    *BASE.iter().rev().find(|rung| snr_db >= rung.from_db).unwrap_or(&BASE[0])
}

/// The detail's frames for a receiver at this SNR in dB, in straight lines between the measured ones.
pub fn detail_for(snr_db: f64) -> DetailRung {
    let after = DETAIL.iter().position(|rung| rung.snr_db >= snr_db).unwrap_or(DETAIL.len() - 1).max(1);
    let [a, b] = [DETAIL[after - 1], DETAIL[after]];
    let part = ((snr_db - a.snr_db) / (b.snr_db - a.snr_db)).min(1.0);
    // Below the table noise grows as the SNR falls, and no amplitude helps.
    let scale = a.scale + part.max(0.0) as f32 * (b.scale - a.scale);
    DetailRung { snr_db, scale, symbols_db: a.symbols_db + part * (b.symbols_db - a.symbols_db) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snr_has_its_frames() {
        assert_eq!([-20.0, 0.5, 4.1, 90.0].map(|db| base_for(db).rate), [0, 0, 2, 7]);
        assert!((detail_for(8.75).symbols_db - 5.25).abs() < 1e-9 && (detail_for(8.75).scale - 1.25).abs() < 1e-6);
        assert!((detail_for(-10.0).symbols_db + 9.7).abs() < 1e-9 && detail_for(-10.0).scale == 1.6);
        assert_eq!(detail_for(90.0).symbols_db, 11.2);
    }
}
