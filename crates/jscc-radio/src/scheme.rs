//! Modulation and coding of a frame in a capture, including those that this project's receiver does not support.
//!
//! Source: IEEE 802.11-2020, tables 17-4, 19-27, 21-29; 802.11ax-2021, table 27-54 on (data rates).

use super::{Guard, Rate};
use std::fmt;

/// Modulation and coding according to a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Generation and number of the scheme.
    pub index: Index,
    /// Bandwidth in MHz; `None` if unknown.
    pub bandwidth_mhz: Option<u16>,
    /// Spatial streams.
    pub streams: u8,
    /// Guard interval in ns.
    pub guard_ns: u16,
    /// Space-time block code.
    pub stbc: bool,
    /// LDPC instead of the convolutional code.
    pub ldpc: bool,
    /// HT preamble without its legacy part.
    pub greenfield: bool,
}

/// Generation and number of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// 802.11a/b/g, in units of 500 kb/s.
    NonHt(u8),
    /// 802.11n; several streams from 8 on.
    Ht(u8),
    /// 802.11ac.
    Vht(u8),
    /// 802.11ax.
    He {
        /// The scheme.
        mcs: u8,
        /// Dual carrier modulation, at half the rate.
        dcm: bool,
        /// Tones of the resource unit, if it is not a whole channel.
        tones: Option<u16>,
    },
}

/// Reason why this project's receiver does not support a frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Unheard {
    /// The rate is unknown.
    #[error("no rate")]
    NoRate,
    /// Another generation, bandwidth, code or number of streams.
    #[error("{0}")]
    Kind(String),
}

/// Bits per point and code rate of MCS 0 to 11.
const MCS: [(u32, f64); 12] = [
    (1, 1.0 / 2.0),
    (2, 1.0 / 2.0),
    (2, 3.0 / 4.0),
    (4, 1.0 / 2.0),
    (4, 3.0 / 4.0),
    (6, 2.0 / 3.0),
    (6, 3.0 / 4.0),
    (6, 5.0 / 6.0),
    (8, 3.0 / 4.0),
    (8, 5.0 / 6.0),
    (10, 3.0 / 4.0),
    (10, 5.0 / 6.0),
];

impl Scheme {
    /// A single-stream scheme without options, at 20 MHz if it is OFDM.
    pub fn plain(index: Index) -> Self {
        let bandwidth_mhz = if is_dsss(index) { None } else { Some(20) };
        Self { index, bandwidth_mhz, streams: 1, guard_ns: 800, stbc: false, ldpc: false, greenfield: false }
    }

    /// `non-ht`, `ht`, `vht` or `he`.
    pub fn format(&self) -> &'static str {
        match self.index {
            Index::NonHt(_) => "non-ht",
            Index::Ht(_) => "ht",
            Index::Vht(_) => "vht",
            Index::He { .. } => "he",
        }
    }

    /// The number of the scheme; `None` for 802.11a/b/g.
    pub fn mcs(&self) -> Option<u8> {
        match self.index {
            Index::NonHt(_) => None,
            Index::Ht(mcs) | Index::Vht(mcs) | Index::He { mcs, .. } => Some(mcs),
        }
    }

    /// Whether the guard interval is shorter than that of 802.11a.
    pub fn is_short_guard(&self) -> bool {
        self.guard_ns < 800
    }

    /// Data rate in Mb/s, rounded to 1 kb/s; at 20 MHz if the bandwidth is unknown; `None` for a scheme that does not
    /// exist.
    pub fn mbps(&self) -> Option<f64> {
        let bandwidth = self.bandwidth_mhz.unwrap_or(20);
        let (mcs, tones, symbol_us) = match self.index {
            // With half and quarter clock, the number is still the one set in the card.
            Index::NonHt(half_mbps) => return Some(f64::from(half_mbps) / 2.0),
            Index::Ht(32) => return (bandwidth == 40).then(|| thousandths(24.0 / self.symbol_us(3.2))),
            Index::Ht(mcs) if mcs < 32 => (mcs % 8, n_data(&[(20, 52), (40, 108)], bandwidth)?, 3.2),
            // Unequal modulation was never implemented.
            Index::Ht(_) => return None,
            Index::Vht(mcs) if mcs > 9 => return None,
            Index::Vht(mcs) => (mcs, n_data(&[(20, 52), (40, 108), (80, 234), (160, 468)], bandwidth)?, 3.2),
            Index::He { mcs, tones: Some(tones), .. } => {
                (mcs, n_data(&[(26, 24), (52, 48), (106, 102), (242, 234), (484, 468), (996, 980)], tones)?, 12.8)
            }
            Index::He { mcs, .. } => (mcs, n_data(&[(20, 234), (40, 468), (80, 980), (160, 1960)], bandwidth)?, 12.8),
        };
        let (bits, code) = MCS.get(usize::from(mcs))?;
        let halved = if matches!(self.index, Index::He { dcm: true, .. }) { 2.0 } else { 1.0 };
        let bits = tones * f64::from(*bits) * code * f64::from(self.streams) / halved;
        Some(thousandths(bits / self.symbol_us(symbol_us)))
    }

    fn symbol_us(&self, body_us: f64) -> f64 {
        body_us + f64::from(self.guard_ns) / 1000.0
    }

    /// The rate, if this project's receiver supports it.
    ///
    /// # Errors
    /// [`Unheard::Kind`], with all reasons.
    pub fn rate(&self) -> Result<Rate, Unheard> {
        let mut why = Vec::new();
        let rate = match self.index {
            Index::NonHt(half_mbps) => Some(Rate::NonHt { half_mbps }),
            Index::Ht(mcs) => {
                Some(Rate::Ht { mcs, guard: if self.is_short_guard() { Guard::Short } else { Guard::Long } })
            }
            Index::Vht(_) => named(&mut why, "802.11ac"),
            Index::He { .. } => named(&mut why, "802.11ax"),
        };
        why.extend(self.traits());
        let known = rate.filter(|rate| why.is_empty() && rate.ppdu(1).is_ok());
        if why.is_empty() {
            why.push(if is_dsss(self.index) {
                "802.11b".to_owned()
            } else {
                format!("{} does not exist", self.name())
            });
        }
        known.ok_or(Unheard::Kind(why.join(", ")))
    }

    /// Differences from a single-stream frame at 20 MHz with the convolutional code.
    fn traits(&self) -> Vec<String> {
        let mut traits = Vec::new();
        traits.extend(self.bandwidth_mhz.filter(|&mhz| mhz != 20).map(|mhz| format!("{mhz} MHz")));
        if let Index::He { tones: Some(tones), .. } = self.index {
            traits.push(format!("{tones} tones"));
        }
        if self.streams > 1 {
            traits.push(format!("{} streams", self.streams));
        }
        let words = [(self.stbc, "STBC"), (self.ldpc, "LDPC"), (self.greenfield, "greenfield")];
        traits.extend(words.iter().filter(|(is, _)| *is).map(|(_, word)| (*word).to_owned()));
        traits
    }

    fn name(&self) -> String {
        match self.index {
            Index::NonHt(half_mbps) => format!("{} Mb/s", f64::from(half_mbps) / 2.0),
            Index::Ht(mcs) => format!("MCS {mcs}"),
            Index::Vht(mcs) => format!("VHT-MCS {mcs}"),
            Index::He { mcs, dcm: false, .. } => format!("HE-MCS {mcs}"),
            Index::He { mcs, dcm: true, .. } => format!("HE-MCS {mcs} DCM"),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guard = if self.is_short_guard() { " short GI" } else { "" };
        let words: Vec<_> = std::iter::once(format!("{}{guard}", self.name())).chain(self.traits()).collect();
        f.write_str(&words.join(", "))
    }
}

impl From<Rate> for Scheme {
    fn from(rate: Rate) -> Self {
        match rate {
            Rate::NonHt { half_mbps } => Self::plain(Index::NonHt(half_mbps)),
            Rate::Ht { mcs, guard } => {
                let guard_ns = if guard == Guard::Short { 400 } else { 800 };
                Self { guard_ns, ..Self::plain(Index::Ht(mcs)) }
            }
        }
    }
}

fn is_dsss(index: Index) -> bool {
    matches!(index, Index::NonHt(2 | 4 | 11 | 22))
}

fn named(why: &mut Vec<String>, generation: &str) -> Option<Rate> {
    why.push(generation.to_owned());
    None
}

fn n_data(table: &[(u16, u16)], width: u16) -> Option<f64> {
    table.iter().find(|(of, _)| *of == width).map(|(_, tones)| f64::from(*tones))
}

fn thousandths(mbps: f64) -> f64 {
    (mbps * 1000.0).floor() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(index: Index, bandwidth: u16, streams: u8, guard_ns: u16) -> Scheme {
        Scheme { bandwidth_mhz: Some(bandwidth), streams, guard_ns, ..Scheme::plain(index) }
    }

    #[test]
    fn data_rates_are_those_of_the_standard() {
        let he = |mcs| Index::He { mcs, dcm: false, tones: None };
        for (scheme, mbps) in [
            (scheme(Index::NonHt(108), 20, 1, 800), 54.0),
            (scheme(Index::Ht(7), 20, 1, 400), 72.222),
            (scheme(Index::Ht(7), 40, 1, 400), 150.0),
            (scheme(Index::Ht(15), 40, 2, 800), 270.0),
            (scheme(Index::Ht(31), 40, 4, 400), 600.0),
            (scheme(Index::Ht(32), 40, 1, 800), 6.0),
            (scheme(Index::Vht(8), 20, 1, 800), 78.0),
            (scheme(Index::Vht(9), 80, 2, 400), 866.666),
            (scheme(Index::Vht(9), 160, 8, 400), 6933.333),
            (scheme(he(11), 80, 2, 800), 1200.98),
            (scheme(he(0), 20, 1, 3200), 7.312),
            (scheme(Index::He { mcs: 0, dcm: true, tones: Some(26) }, 20, 1, 3200), 0.375),
        ] {
            let got = scheme.mbps().unwrap();
            assert!((got - mbps).abs() < 0.002, "{scheme}: {got}, want {mbps}");
        }
        for none in [scheme(Index::Ht(33), 20, 1, 800), scheme(Index::Vht(10), 20, 1, 800), scheme(he(12), 20, 1, 800)]
        {
            assert_eq!(none.mbps(), None, "{none}");
        }
    }

    #[test]
    fn a_rate_of_ours_has_nothing_special() {
        for rate in [Rate::NonHt { half_mbps: 12 }, Rate::Ht { mcs: 7, guard: Guard::Short }] {
            let scheme = Scheme::from(rate);
            assert_eq!((scheme.rate(), scheme.mbps(), scheme.to_string()), (Ok(rate), rate.mbps(), rate.to_string()));
        }
        let ht = Scheme::plain(Index::Ht(7));
        let why = |scheme: Scheme| scheme.rate().unwrap_err().to_string();
        assert_eq!(why(Scheme { bandwidth_mhz: Some(40), stbc: true, ..ht }), "40 MHz, STBC");
        assert_eq!(why(Scheme { ldpc: true, greenfield: true, streams: 2, ..ht }), "2 streams, LDPC, greenfield");
        assert_eq!(why(Scheme::plain(Index::Vht(3))), "802.11ac");
        assert_eq!(why(Scheme::plain(Index::NonHt(11))), "802.11b");
        assert_eq!(why(Scheme::plain(Index::NonHt(13))), "6.5 Mb/s does not exist");
        assert_eq!(why(Scheme::plain(Index::Ht(33))), "MCS 33 does not exist");
        assert_eq!(Scheme { bandwidth_mhz: None, ..ht }.rate(), Ok(Rate::Ht { mcs: 7, guard: Guard::Long }));
    }
}
