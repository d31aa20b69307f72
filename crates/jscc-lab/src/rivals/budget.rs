//! Bits available per picture: in frames, and by Shannon's bound.

use jscc_phy::units::from_db;
use jscc_phy::wifi::fcs::N_FCS;
use jscc_phy::wifi::{Mcs, Ppdu};

/// Complex channel uses per picture: the data subcarriers of one OFDM symbol at 20 MHz, non-HT.
pub const CHANNEL_USES: usize = 48;

/// Bits for pictures in a frame of `symbols` OFDM symbols: the PSDU without its check sequence. No MAC header.
pub fn frame_bits(mcs: Mcs, symbols: usize) -> usize {
    8 * Ppdu::most_octets(mcs, symbols).saturating_sub(N_FCS)
}

/// Bits of `uses` complex channel uses at AWGN's capacity, log2(1 + SNR) each, `snr_db` being Es/N0. No code of finite
/// length reaches it without errors.
pub fn capacity_bits(uses: usize, snr_db: f64) -> usize {
    (uses as f64 * from_db(snr_db).ln_1p() / std::f64::consts::LN_2) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_by_hand() {
        // 240 − 22 bits hold 27 octets, 4 of them check sequence.
        assert_eq!(frame_bits(Mcs::SIGNAL, 10), 184);
        // 2160 − 22: 267 octets. 2600 − 22: 322.
        assert_eq!(frame_bits(Mcs::M54, 10), 8 * 263);
        assert_eq!(frame_bits(Mcs::HT7, 10), 8 * 318);
        assert_eq!(frame_bits(Mcs::SIGNAL, 1), 0);
        for mcs in Mcs::ALL {
            assert_eq!(mcs.n_sym(Ppdu::most_octets(mcs, 10)), 10);
            assert!(mcs.n_sym(Ppdu::most_octets(mcs, 10) + 1) > 10);
        }
    }

    #[test]
    fn capacity_is_one_bit_a_use_at_0_db() {
        assert_eq!(capacity_bits(480, 0.0), 480);
        assert_eq!(capacity_bits(48, 10.0), 166); // 48 · 3.4594
        assert_eq!(capacity_bits(1, -40.0), 0);
    }
}
