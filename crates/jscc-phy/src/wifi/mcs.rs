//! Modulation and coding: the eight non-HT rates. IEEE 802.11-2020, 17.3.2.2, Table 17-4.

use std::fmt;
use std::str::FromStr;

/// Constellation of a data subcarrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modulation {
    /// One bit, on I.
    Bpsk,
    /// Two bits.
    Qpsk,
    /// Four bits.
    Qam16,
    /// Six bits.
    Qam64,
}

impl Modulation {
    /// Coded bits per subcarrier.
    pub const fn n_bpsc(self) -> usize {
        match self {
            Self::Bpsk => 1,
            Self::Qpsk => 2,
            Self::Qam16 => 4,
            Self::Qam64 => 6,
        }
    }
}

/// Rate of the punctured convolutional code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeRate {
    /// 1/2, the mother code.
    Half,
    /// 2/3.
    TwoThirds,
    /// 3/4.
    ThreeQuarters,
}

/// A modulation and coding scheme. Only standard pairs can be had: they are [`Mcs::NON_HT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mcs {
    mbps: u8,
    rate_bits: [u8; 4],
    modulation: Modulation,
    code_rate: CodeRate,
}

const fn mcs(mbps: u8, rate_bits: [u8; 4], modulation: Modulation, code_rate: CodeRate) -> Mcs {
    Mcs { mbps, rate_bits, modulation, code_rate }
}

impl Mcs {
    /// All non-HT rates of a 20 MHz channel, slowest first.
    pub const NON_HT: [Self; 8] = [
        mcs(6, [1, 1, 0, 1], Modulation::Bpsk, CodeRate::Half),
        mcs(9, [1, 1, 1, 1], Modulation::Bpsk, CodeRate::ThreeQuarters),
        mcs(12, [0, 1, 0, 1], Modulation::Qpsk, CodeRate::Half),
        mcs(18, [0, 1, 1, 1], Modulation::Qpsk, CodeRate::ThreeQuarters),
        mcs(24, [1, 0, 0, 1], Modulation::Qam16, CodeRate::Half),
        mcs(36, [1, 0, 1, 1], Modulation::Qam16, CodeRate::ThreeQuarters),
        mcs(48, [0, 0, 0, 1], Modulation::Qam64, CodeRate::TwoThirds),
        mcs(54, [0, 0, 1, 1], Modulation::Qam64, CodeRate::ThreeQuarters),
    ];

    /// The rate of the SIGNAL field.
    pub const SIGNAL: Self = Self::NON_HT[0];
    /// 64-QAM 3/4, the highest non-HT rate ("non-HT index 7").
    pub const M54: Self = Self::NON_HT[7];

    /// Data rate in Mb/s.
    pub const fn mbps(self) -> u8 {
        self.mbps
    }

    /// R1..R4 of the SIGNAL field.
    pub const fn rate_bits(self) -> [u8; 4] {
        self.rate_bits
    }

    /// Constellation.
    pub const fn modulation(self) -> Modulation {
        self.modulation
    }

    /// Code rate.
    pub const fn code_rate(self) -> CodeRate {
        self.code_rate
    }

    /// Coded bits per subcarrier.
    pub const fn n_bpsc(self) -> usize {
        self.modulation.n_bpsc()
    }

    /// Coded bits per OFDM symbol.
    pub const fn n_cbps(self) -> usize {
        super::ofdm::N_DATA * self.n_bpsc()
    }

    /// Data bits per OFDM symbol.
    pub const fn n_dbps(self) -> usize {
        match self.code_rate {
            CodeRate::Half => self.n_cbps() / 2,
            CodeRate::TwoThirds => self.n_cbps() * 2 / 3,
            CodeRate::ThreeQuarters => self.n_cbps() * 3 / 4,
        }
    }

    /// OFDM symbols of a DATA field with a PSDU of `length` octets, 17.3.5.4.
    pub const fn n_sym(self, length: usize) -> usize {
        (super::N_SERVICE + 8 * length + super::N_TAIL).div_ceil(self.n_dbps())
    }
}

impl fmt::Display for Mcs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mbps)
    }
}

/// A rate that 802.11a does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an 802.11a rate; it has 6, 9, 12, 18, 24, 36, 48 and 54 Mb/s")]
pub struct UnknownRate(String);

impl FromStr for Mcs {
    type Err = UnknownRate;

    fn from_str(text: &str) -> Result<Self, UnknownRate> {
        let found = Self::NON_HT.into_iter().find(|mcs| mcs.to_string() == text);
        found.ok_or_else(|| UnknownRate(text.to_owned()))
    }
}
