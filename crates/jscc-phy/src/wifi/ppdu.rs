//! Parameters of a frame that determine its DATA field and its duration. IEEE 802.11-2020, 17.4.3 and 19.4.3.

use super::mcs::{Format, Mcs};
use super::ofdm::{N_CP, N_SYMBOL, ht_pilots, pilots};
use super::preamble::{N_FIELD, N_HT_TRAINING};
use super::signal::{MAX_LENGTH, Signal};
use crate::units::N_FFT;

/// Guard interval of the DATA symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guard {
    /// 0.8 µs, 16 samples.
    Long,
    /// 0.4 µs, 8 samples; HT only.
    Short,
}

impl Guard {
    /// Samples of the cyclic prefix.
    pub const fn n_cp(self) -> usize {
        match self {
            Self::Long => N_CP,
            Self::Short => N_CP / 2,
        }
    }
}

/// Scheme, guard interval and length of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ppdu {
    mcs: Mcs,
    guard: Guard,
    length: usize,
}

/// A frame that the standard does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchFrame {
    /// Too long, or empty.
    #[error("a PSDU of {length} octets at rate {mcs} does not make a frame; it takes 1 to {most}")]
    Length {
        /// Rate.
        mcs: Mcs,
        /// Octets requested.
        length: usize,
        /// Most octets.
        most: usize,
    },
    /// A non-HT frame with a short guard interval.
    #[error("a short guard interval needs an HT rate, and {0} Mb/s is none")]
    Guard(Mcs),
}

impl Ppdu {
    /// Octets of the longest PSDU in `n_sym` OFDM symbols: without SERVICE (16 bits) and tail (6 bits).
    pub fn most_octets(mcs: Mcs, n_sym: usize) -> usize {
        (n_sym * mcs.n_dbps()).saturating_sub(super::N_SERVICE + super::N_TAIL) / 8
    }

    /// A frame of `length` octets.
    pub fn new(mcs: Mcs, guard: Guard, length: usize) -> Result<Self, NoSuchFrame> {
        if mcs.format() == Format::NonHt && guard == Guard::Short {
            return Err(NoSuchFrame::Guard(mcs));
        }
        let most = Self::max_length(mcs, guard);
        if (1..=most).contains(&length) {
            Ok(Self { mcs, guard, length })
        } else {
            Err(NoSuchFrame::Length { mcs, length, most })
        }
    }

    /// A frame of `length` octets with the long guard interval.
    ///
    /// # Panics
    /// If the standard does not allow the frame.
    pub fn long_guard(mcs: Mcs, length: usize) -> Self {
        Self::new(mcs, Guard::Long, length).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Most octets of a PSDU: the limit of LENGTH, and for HT that of the L-SIG field's LENGTH.
    pub fn max_length(mcs: Mcs, guard: Guard) -> usize {
        let n_sym = Self::max_symbols(mcs, guard);
        let fitting = Self::most_octets(mcs, n_sym);
        match mcs.format() {
            Format::NonHt => MAX_LENGTH,
            Format::Ht => fitting.min(65535),
        }
    }

    /// OFDM symbols of the DATA field of the longest frame.
    pub fn max_symbols(mcs: Mcs, guard: Guard) -> usize {
        match (mcs.format(), guard) {
            (Format::NonHt, _) => mcs.n_sym(MAX_LENGTH),
            // LENGTH = 3·⌈(TXTIME − 20)/4⌉ − 3 ≤ 4095 leaves 1366 periods of 4 µs, of which the HT preamble takes 4.
            (Format::Ht, Guard::Long) => 1362,
            (Format::Ht, Guard::Short) => 1362 * 10 / 9,
        }
    }

    /// Modulation and coding.
    pub fn mcs(self) -> Mcs {
        self.mcs
    }

    /// Guard interval of DATA.
    pub fn guard(self) -> Guard {
        self.guard
    }

    /// Octets of the PSDU.
    pub fn length(self) -> usize {
        self.length
    }

    /// OFDM symbols of DATA.
    pub fn n_sym(self) -> usize {
        self.mcs.n_sym(self.length)
    }

    /// Samples of one DATA symbol.
    pub fn n_symbol_samples(self) -> usize {
        self.guard.n_cp() + N_FFT
    }

    /// Samples before the first DATA symbol.
    pub fn n_header(self) -> usize {
        let legacy = 2 * N_FIELD + N_SYMBOL;
        match self.mcs.format() {
            Format::NonHt => legacy,
            Format::Ht => legacy + 2 * N_SYMBOL + N_HT_TRAINING,
        }
    }

    /// Samples of the whole frame.
    pub fn n_samples(self) -> usize {
        self.n_header() + self.n_sym() * self.n_symbol_samples()
    }

    /// Air time in µs, TXTIME: with a short guard interval rounded up to 4 µs.
    pub fn air_time_us(self) -> usize {
        self.n_header() / 20 + (self.n_sym() * self.n_symbol_samples()).div_ceil(N_SYMBOL) * 4
    }

    /// Data rate in kb/s.
    pub fn kbps(self) -> usize {
        self.mcs.n_dbps() * 20_000 / self.n_symbol_samples()
    }

    /// Pilots of DATA symbol `n`, in the order of [`super::ofdm::PILOT_TONES`].
    pub fn pilots(self, n: usize) -> [f32; 4] {
        match self.mcs.format() {
            Format::NonHt => pilots(n + 1),
            Format::Ht => ht_pilots(n),
        }
    }

    /// The (L-)SIGNAL field of the frame: its own rate and length, or for HT the length of a 6 Mb/s frame of the same
    /// duration, 19.3.9.3.5.
    pub fn signal(self) -> Signal {
        match self.mcs.format() {
            Format::NonHt => Signal::new(self.mcs, self.length),
            Format::Ht => Signal::new(Mcs::SIGNAL, 3 * ((self.air_time_us() - 20).div_ceil(4)) - 3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_frames_are_announced_and_longer_ones_refused() {
        for mcs in Mcs::ALL {
            for guard in [Guard::Long, Guard::Short] {
                let most = Ppdu::max_length(mcs, guard);
                let Ok(longest) = Ppdu::new(mcs, guard, most) else {
                    assert_eq!((mcs.format(), guard), (Format::NonHt, Guard::Short));
                    continue;
                };
                assert!(longest.signal().length() <= MAX_LENGTH, "{mcs}");
                assert!(longest.n_sym() <= Ppdu::max_symbols(mcs, guard));
                assert!(Ppdu::new(mcs, guard, most + 1).is_err());
                assert!(Ppdu::new(mcs, guard, 0).is_err());
            }
        }
    }

    #[test]
    fn rates_are_the_standards() {
        let kbps = |guard| Mcs::HT.map(|mcs| Ppdu::new(mcs, guard, 100).map(Ppdu::kbps).unwrap_or_default());
        assert_eq!(kbps(Guard::Long), [6500, 13000, 19500, 26000, 39000, 52000, 58500, 65000]);
        assert_eq!(kbps(Guard::Short), [7222, 14444, 21666, 28888, 43333, 57777, 65000, 72222]);
        assert_eq!(Mcs::NON_HT.map(|mcs| Ppdu::long_guard(mcs, 1).kbps() / 1000), [6, 9, 12, 18, 24, 36, 48, 54]);
    }
}
