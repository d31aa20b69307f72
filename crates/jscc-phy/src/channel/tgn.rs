//! Models A to F of IEEE 802.11 Task Group n: V. Erceg et al., "TGn Channel Models", IEEE 802.11-03/940r4, 10 May 2004,
//! tables of tap powers per cluster.
//!
//! Included: delays, powers, and Rayleigh fading of every tap (no line of sight). Omitted: the Rician first tap within
//! the breakpoint distance, Doppler, fluorescent lights, angles (one antenna), path loss and shadowing.

use super::delay_line::{Path, normalised};
use crate::units::from_db;

/// An indoor environment of TGn, under its name there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tgn {
    /// Flat fading.
    A,
    /// Residential, rms delay 15 ns.
    B,
    /// Small office, rms delay 30 ns.
    C,
    /// Typical office, rms delay 50 ns.
    D,
    /// Large office, rms delay 100 ns.
    E,
    /// Large space, rms delay 150 ns.
    F,
}

/// Delays in ns, and clusters as (index of the first delay, powers in dB from there on).
type Table = (&'static [u16], &'static [(usize, &'static [f64])]);

const A: Table = (&[0], &[(0, &[0.0])]);

const B: Table = (
    &[0, 10, 20, 30, 40, 50, 60, 70, 80],
    &[(0, &[0.0, -5.4, -10.8, -16.2, -21.7]), (2, &[-3.2, -6.3, -9.4, -12.5, -15.6, -18.7, -21.8])],
);

const C: Table = (
    &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 110, 140, 170, 200],
    &[
        (0, &[0.0, -2.1, -4.3, -6.5, -8.6, -10.8, -13.0, -15.2, -17.3, -19.5]),
        (6, &[-5.0, -7.2, -9.3, -11.5, -13.7, -15.8, -18.0, -20.2]),
    ],
);

const D: Table = (
    &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 110, 140, 170, 200, 240, 290, 340, 390],
    &[
        (0, &[0.0, -0.9, -1.7, -2.6, -3.5, -4.3, -5.2, -6.1, -6.9, -7.8, -9.0, -11.1, -13.7, -16.3, -19.3, -23.2]),
        (10, &[-6.6, -9.5, -12.1, -14.7, -17.4, -21.9, -25.5]),
        (14, &[-18.8, -23.2, -25.2, -26.7]),
    ],
);

const E: Table = (
    &[0, 10, 20, 30, 50, 80, 110, 140, 180, 230, 280, 330, 380, 430, 490, 560, 640, 730],
    &[
        (0, &[-2.6, -3.0, -3.5, -3.9, -4.5, -5.6, -6.9, -8.2, -9.8, -11.7, -13.9, -16.1, -18.3, -20.5, -22.9]),
        (4, &[-1.8, -3.2, -4.5, -5.8, -7.1, -9.9, -10.3, -14.3, -14.7, -18.7, -19.9, -22.4]),
        (8, &[-7.9, -9.6, -14.2, -13.8, -18.6, -18.1, -22.8]),
        (14, &[-20.6, -20.5, -20.7, -24.6]),
    ],
);

const F: Table = (
    &[0, 10, 20, 30, 50, 80, 110, 140, 180, 230, 280, 330, 400, 490, 600, 730, 880, 1050],
    &[
        (0, &[-3.3, -3.6, -3.9, -4.2, -4.6, -5.3, -6.2, -7.1, -8.2, -9.5, -11.0, -12.5, -14.3, -16.7, -19.9]),
        (4, &[-1.8, -2.8, -3.5, -4.4, -5.3, -7.4, -7.0, -10.3, -10.4, -13.8, -15.7, -19.9]),
        (8, &[-5.7, -6.7, -10.4, -9.6, -14.1, -12.7, -18.5]),
        (12, &[-8.8, -13.3, -18.7]),
        (14, &[-12.9, -14.2]),
        (16, &[-16.3, -21.2]),
    ],
);

impl Tgn {
    /// All models, flattest first.
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];

    /// Paths at the delays of the table; where clusters overlap, their powers add.
    pub(super) fn paths(self) -> Vec<Path> {
        let (delays, clusters) = match self {
            Self::A => A,
            Self::B => B,
            Self::C => C,
            Self::D => D,
            Self::E => E,
            Self::F => F,
        };
        let mut paths: Vec<_> = delays.iter().map(|&delay| Path { delay_ns: f64::from(delay), power: 0.0 }).collect();
        for (first, powers_db) in clusters {
            for (path, power_db) in paths[*first..].iter_mut().zip(*powers_db) {
                path.power += from_db(*power_db);
            }
        }
        normalised(paths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::rms_delay_ns;

    #[test]
    fn profiles_have_power_1_and_the_published_delay_spread() {
        // The published figures are rounded; those of the printed tables are within 12 % of them.
        let published = [0.0, 15.0, 30.0, 50.0, 100.0, 150.0];
        let of_the_tables = [0.0, 15.65, 33.44, 50.16, 98.98, 148.80];
        for ((model, published), of_the_table) in Tgn::ALL.into_iter().zip(published).zip(of_the_tables) {
            let paths = model.paths();
            assert!((paths.iter().map(|path| path.power).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(paths.iter().all(|path| path.power > 0.0) && paths.is_sorted_by_key(|path| path.delay_ns));
            let rms = rms_delay_ns(&paths);
            assert!((rms - of_the_table).abs() < 0.01, "{model:?}: {rms} ns");
            assert!((rms - published).abs() <= 0.12 * published, "{model:?}: {rms} ns, published {published}");
        }
    }
}
