//! Conversion between a frame's rate in files and the PHY's scheme.

use super::{Guard, Rate};
use jscc_phy::wifi::mcs::{Format, UnknownRate};
use jscc_phy::wifi::ppdu::NoSuchFrame;
use jscc_phy::wifi::{self, Mcs, Ppdu};

/// A rate or frame that single-stream 802.11a and 802.11n do not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchRate {
    /// No such rate in Mb/s.
    #[error("{0}")]
    NonHt(#[from] UnknownRate),
    /// No single-stream scheme of this number.
    #[error("MCS {0} does not exist with one stream; give 0 to 7")]
    Ht(u8),
    /// The rate does not allow a frame of this length.
    #[error("{0}")]
    Frame(#[from] NoSuchFrame),
}

impl Rate {
    /// Parses a non-HT rate in Mb/s.
    ///
    /// # Errors
    /// [`NoSuchRate::NonHt`].
    pub fn non_ht(mbps: &str) -> Result<Self, NoSuchRate> {
        let mcs: Mcs = mbps.parse()?;
        match mcs.format() {
            Format::NonHt => Ok(Self::NonHt { half_mbps: (mcs.n_dbps() / 2) as u8 }),
            Format::Ht => Ok(Self::Ht { mcs: mcs.index() as u8, guard: Guard::Long }),
        }
    }

    /// The HT scheme with this number.
    ///
    /// # Errors
    /// [`NoSuchRate::Ht`].
    pub fn ht(mcs: u8, guard: Guard) -> Result<Self, NoSuchRate> {
        if usize::from(mcs) < Mcs::HT.len() { Ok(Self::Ht { mcs, guard }) } else { Err(NoSuchRate::Ht(mcs)) }
    }

    /// The rate of a frame.
    pub fn of(ppdu: Ppdu) -> Self {
        let mcs = ppdu.mcs();
        match mcs.format() {
            Format::NonHt => Self::NonHt { half_mbps: (mcs.n_dbps() / 2) as u8 },
            Format::Ht => Self::Ht { mcs: mcs.index() as u8, guard: guard_of(ppdu) },
        }
    }

    /// The frame of `length` octets at this rate.
    ///
    /// # Errors
    /// [`NoSuchRate`].
    pub fn ppdu(self, length: usize) -> Result<Ppdu, NoSuchRate> {
        let (mcs, guard) = match self {
            Self::NonHt { half_mbps } => ((f64::from(half_mbps) / 2.0).to_string().parse::<Mcs>()?, wifi::Guard::Long),
            Self::Ht { mcs, guard } => {
                let scheme = Mcs::HT.get(usize::from(mcs)).copied().ok_or(NoSuchRate::Ht(mcs))?;
                (scheme, if guard == Guard::Short { wifi::Guard::Short } else { wifi::Guard::Long })
            }
        };
        Ok(Ppdu::new(mcs, guard, length)?)
    }

    /// `non-ht` or `ht`.
    pub fn format(self) -> &'static str {
        match self {
            Self::NonHt { .. } => "non-ht",
            Self::Ht { .. } => "ht",
        }
    }

    /// The number of the HT scheme.
    pub fn mcs(self) -> Option<u8> {
        match self {
            Self::NonHt { .. } => None,
            Self::Ht { mcs, .. } => Some(mcs),
        }
    }

    /// Whether the guard interval is short.
    pub fn is_short_guard(self) -> bool {
        matches!(self, Self::Ht { guard: Guard::Short, .. })
    }

    /// Data rate in Mb/s, rounded to 1 kb/s; `None` for an unsupported scheme.
    pub fn mbps(self) -> Option<f64> {
        match self {
            Self::NonHt { half_mbps } => Some(f64::from(half_mbps) / 2.0),
            Self::Ht { .. } => self.ppdu(1).ok().map(|ppdu| ppdu.kbps() as f64 / 1000.0),
        }
    }
}

fn guard_of(ppdu: Ppdu) -> Guard {
    match ppdu.guard() {
        wifi::Guard::Long => Guard::Long,
        wifi::Guard::Short => Guard::Short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_is_named_and_found_again() {
        for mcs in Mcs::ALL {
            for guard in [wifi::Guard::Long, wifi::Guard::Short] {
                let Ok(ppdu) = Ppdu::new(mcs, guard, 100) else { continue };
                let rate = Rate::of(ppdu);
                assert_eq!(rate.ppdu(100), Ok(ppdu));
                assert_eq!(rate.mbps(), Some(ppdu.kbps() as f64 / 1000.0));
            }
        }
        assert_eq!(Rate::non_ht("36"), Ok(Rate::NonHt { half_mbps: 72 }));
        assert!(Rate::non_ht("7").is_err() && Rate::ht(8, Guard::Long).is_err());
        assert!(Rate::NonHt { half_mbps: 11 }.ppdu(1).is_err(), "5.5 Mb/s is 802.11b");
    }
}
