//! Modulation and coding: the eight non-HT rates and the eight single-stream HT ones, 20 MHz.
//! IEEE 802.11-2020, Table 17-4 and Table 19-27.

use super::ofdm::{DATA_TONES, HT_DATA_TONES};
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
    /// 5/6, HT only.
    FiveSixths,
}

impl CodeRate {
    /// Data bits over coded bits.
    const fn fraction(self) -> (usize, usize) {
        match self {
            Self::Half => (1, 2),
            Self::TwoThirds => (2, 3),
            Self::ThreeQuarters => (3, 4),
            Self::FiveSixths => (5, 6),
        }
    }
}

/// Format of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// 802.11a/g: 48 data subcarriers.
    NonHt,
    /// 802.11n, HT-mixed: 52 data subcarriers.
    Ht,
}

/// A modulation and coding scheme. Only standard ones can be constructed: they are [`Mcs::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mcs {
    format: Format,
    index: u8,
    modulation: Modulation,
    code_rate: CodeRate,
}

const fn family(format: Format, schemes: [(Modulation, CodeRate); 8]) -> [Mcs; 8] {
    let mut family = [Mcs { format, index: 0, modulation: Modulation::Bpsk, code_rate: CodeRate::Half }; 8];
    let mut index = 0;
    while index < 8 {
        let (modulation, code_rate) = schemes[index];
        family[index] = Mcs { format, index: index as u8, modulation, code_rate };
        index += 1;
    }
    family
}

impl Mcs {
    /// The non-HT rates, slowest first: 6, 9, 12, 18, 24, 36, 48 and 54 Mb/s.
    pub const NON_HT: [Self; 8] = family(
        Format::NonHt,
        [
            (Modulation::Bpsk, CodeRate::Half),
            (Modulation::Bpsk, CodeRate::ThreeQuarters),
            (Modulation::Qpsk, CodeRate::Half),
            (Modulation::Qpsk, CodeRate::ThreeQuarters),
            (Modulation::Qam16, CodeRate::Half),
            (Modulation::Qam16, CodeRate::ThreeQuarters),
            (Modulation::Qam64, CodeRate::TwoThirds),
            (Modulation::Qam64, CodeRate::ThreeQuarters),
        ],
    );
    /// The HT schemes MCS 0 to 7.
    pub const HT: [Self; 8] = family(
        Format::Ht,
        [
            (Modulation::Bpsk, CodeRate::Half),
            (Modulation::Qpsk, CodeRate::Half),
            (Modulation::Qpsk, CodeRate::ThreeQuarters),
            (Modulation::Qam16, CodeRate::Half),
            (Modulation::Qam16, CodeRate::ThreeQuarters),
            (Modulation::Qam64, CodeRate::TwoThirds),
            (Modulation::Qam64, CodeRate::ThreeQuarters),
            (Modulation::Qam64, CodeRate::FiveSixths),
        ],
    );
    /// Every scheme, non-HT first.
    pub const ALL: [Self; 16] = {
        let mut all = [Self::NON_HT[0]; 16];
        let mut i = 0;
        while i < 8 {
            all[i] = Self::NON_HT[i];
            all[8 + i] = Self::HT[i];
            i += 1;
        }
        all
    };

    /// The scheme of the SIGNAL field.
    pub const SIGNAL: Self = Self::NON_HT[0];
    /// 54 Mb/s, 64-QAM 3/4, the highest non-HT rate ("non-HT index 7").
    pub const M54: Self = Self::NON_HT[7];
    /// 65 Mb/s, 64-QAM 5/6, the highest single-stream HT scheme.
    pub const HT7: Self = Self::HT[7];

    /// Format of the frames that use this scheme.
    pub const fn format(self) -> Format {
        self.format
    }

    /// Index among the schemes of its format, 0 to 7; HT's own MCS index.
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// Index in [`Mcs::ALL`].
    pub(crate) const fn place(self) -> usize {
        match self.format {
            Format::NonHt => self.index(),
            Format::Ht => 8 + self.index(),
        }
    }

    /// Constellation.
    pub const fn modulation(self) -> Modulation {
        self.modulation
    }

    /// Code rate.
    pub const fn code_rate(self) -> CodeRate {
        self.code_rate
    }

    /// Data subcarriers, lowest frequency first.
    pub const fn data_tones(self) -> &'static [i32] {
        match self.format {
            Format::NonHt => &DATA_TONES,
            Format::Ht => &HT_DATA_TONES,
        }
    }

    /// Number of data subcarriers.
    pub const fn n_data(self) -> usize {
        self.data_tones().len()
    }

    /// Coded bits per subcarrier.
    pub const fn n_bpsc(self) -> usize {
        self.modulation.n_bpsc()
    }

    /// Coded bits per OFDM symbol.
    pub const fn n_cbps(self) -> usize {
        self.n_data() * self.n_bpsc()
    }

    /// Data bits per OFDM symbol.
    pub const fn n_dbps(self) -> usize {
        let (data, coded) = self.code_rate.fraction();
        self.n_cbps() * data / coded
    }

    /// OFDM symbols of a DATA field with a PSDU of `length` octets, 17.3.5.4 and 19.3.11.3.
    pub const fn n_sym(self, length: usize) -> usize {
        (super::N_SERVICE + 8 * length + super::N_TAIL).div_ceil(self.n_dbps())
    }
}

/// Non-HT: the rate in Mb/s. HT: `ht` and the index.
impl fmt::Display for Mcs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            Format::NonHt => write!(f, "{}", self.n_dbps() / 4),
            Format::Ht => write!(f, "ht{}", self.index),
        }
    }
}

/// A scheme that single-stream 802.11a and 802.11n do not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rate; non-HT has 6, 9, 12, 18, 24, 36, 48 and 54 (Mb/s), HT has ht0 to ht7")]
pub struct UnknownRate(String);

impl FromStr for Mcs {
    type Err = UnknownRate;

    fn from_str(text: &str) -> Result<Self, UnknownRate> {
        let found = Self::ALL.into_iter().find(|mcs| mcs.to_string() == text);
        found.ok_or_else(|| UnknownRate(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_a_symbol_are_those_of_the_standards_tables() {
        let n_dbps = |mcs: Mcs| mcs.n_dbps();
        assert_eq!(Mcs::NON_HT.map(n_dbps), [24, 36, 48, 72, 96, 144, 192, 216]);
        assert_eq!(Mcs::HT.map(n_dbps), [26, 52, 78, 104, 156, 208, 234, 260]);
        assert_eq!(Mcs::HT.map(Mcs::n_cbps), [52, 104, 104, 208, 208, 312, 312, 312]);
    }

    #[test]
    fn names_are_read_back() {
        for mcs in Mcs::ALL {
            assert_eq!(mcs.to_string().parse(), Ok(mcs));
            assert_eq!(Mcs::ALL[mcs.place()], mcs);
        }
        assert_eq!(Mcs::M54.to_string(), "54");
        assert_eq!(Mcs::HT7.to_string(), "ht7");
        for wrong in ["7", "ht8", "5", "", "HT7", "054"] {
            assert_eq!(wrong.parse::<Mcs>(), Err(UnknownRate(wrong.into())));
        }
    }
}
