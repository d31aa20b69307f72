//! A link per SNR range. Below its working point a rate's decoder rounds noise to wrong codewords, and a lower rate
//! with a coarser constellation imitates better; far above it, where no bit is wrong, numbers are finer than any
//! imitation. The sender must know the SNR, as rate control in every card estimates it.

use super::{AirTime, Delivery, Link, Transmission};
use crate::units::Snr;
use rand_chacha::ChaCha8Rng;

/// Links, each used from an SNR on.
pub struct Ladder {
    rungs: Vec<Rung>,
}

/// The lowest SNR in dB of a link, and the link.
pub type Rung = (f64, Box<dyn Link>);

impl Ladder {
    /// A ladder of links with the same number of images per frame. The first also serves all lower SNRs.
    ///
    /// # Panics
    /// If there is no link, their SNRs do not rise, their images per frame differ, one delivers anything but symbols, or
    /// two have [the same frame](Self::alike).
    pub fn new(rungs: Vec<Rung>) -> Self {
        assert!(!rungs.is_empty(), "a ladder has rungs");
        for pair in rungs.windows(2) {
            let [(low, below), (high, above)] = pair else { unreachable!("windows of two") };
            assert!(low < high, "rungs rise: {low} dB, {high} dB");
            let [below, above] = [below, above].map(|link| link.images_per_frame());
            assert_eq!(below, above, "images a frame of all rungs");
        }
        assert!(rungs.iter().all(|(_, link)| link.delivers() == Delivery::Symbols), "rungs hand over symbols");
        assert_eq!(Self::alike(&rungs), None, "rungs that a receiver cannot tell apart");
        Self { rungs }
    }

    /// SNRs of two rungs whose full frames have the same rate and length; `None` if there are none. A receiver knows the
    /// rung by them alone.
    pub fn alike(rungs: &[Rung]) -> Option<[f64; 2]> {
        let frame = |(_, link): &Rung| link.ppdu(link.images_per_frame());
        rungs.iter().enumerate().find_map(|(i, rung)| {
            let same = |earlier: &&Rung| frame(earlier).is_some() && frame(earlier) == frame(rung);
            rungs[..i].iter().find(same).map(|earlier| [earlier.0, rung.0])
        })
    }

    fn at(&self, snr_db: f64) -> &dyn Link {
        let above_first = self.rungs[1..].partition_point(|(from_db, _)| *from_db <= snr_db);
        self.rungs[above_first].1.as_ref()
    }
}

impl Link for Ladder {
    fn images_per_frame(&self) -> usize {
        self.rungs[0].1.images_per_frame()
    }

    /// Air time of the longest frame.
    fn air_time(&self) -> Option<AirTime> {
        self.rungs.iter().filter_map(|(_, link)| link.air_time()).max_by_key(|air_time| air_time.us)
    }

    fn draw(&self, images: usize, k: usize, snr: Snr, rng: ChaCha8Rng) -> Box<dyn Transmission + '_> {
        self.at(snr.db()).draw(images, k, snr, rng)
    }
}
