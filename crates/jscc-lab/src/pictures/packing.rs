//! Number of pictures per frame. The receiver infers it from the frame's length, so frames with different numbers of
//! pictures never have the same length: where one more picture would fit into the same OFDM symbols, its frame gets one
//! more symbol.

use jscc_phy::emulation::layout::{Framing, Layout};
use jscc_phy::emulation::{Emulator, Inversion};
use jscc_phy::wifi::Mcs;

/// The frames of one rate and framing for 1, 2, … pictures of `k` symbols.
pub(super) struct Packing {
    k: usize,
    mcs: Mcs,
    framing: Framing,
    /// OFDM symbols of each frame computed so far.
    n_sym: Vec<usize>,
}

impl Packing {
    pub fn new(k: usize, mcs: Mcs, framing: Framing) -> Self {
        Self { k, mcs, framing, n_sym: Vec::new() }
    }

    /// Pictures in the longest frame.
    pub fn most(&mut self) -> usize {
        while self.another(Layout::most_symbols(self.mcs)) {}
        self.n_sym.len()
    }

    /// Computes the next frame, if it has at most `most` OFDM symbols.
    fn another(&mut self, most: usize) -> bool {
        let next = self.n_sym.last().map_or(Layout::least_symbols(self.mcs, self.framing), |before| before + 1);
        let wanted = (self.n_sym.len() + 1) * self.k;
        let holds = |&n_sym: &usize| {
            n_sym * self.mcs.n_data() >= wanted && Layout::new(self.mcs, self.framing, n_sym).n_free() >= wanted
        };
        let found = (next.max(wanted / self.mcs.n_data())..=most).find(holds);
        self.n_sym.extend(found);
        found.is_some()
    }

    /// The emulator for frames of `n` pictures, up to [`Packing::most`].
    pub fn emulator(&mut self, n: usize) -> Emulator {
        while self.n_sym.len() < n && self.another(Layout::most_symbols(self.mcs)) {}
        Emulator::of_length(self.mcs, self.framing, Inversion::Trellis, n * self.k, self.n_sym[n - 1])
    }

    /// Number of pictures in a PSDU of this many octets; `None` if no such frame has this length.
    pub fn pictures(&mut self, octets: usize) -> Option<usize> {
        let n_sym = self.mcs.n_sym(octets);
        if n_sym > Layout::most_symbols(self.mcs) {
            return None;
        }
        while self.n_sym.last().is_none_or(|&last| last < n_sym) && self.another(n_sym) {}
        let n = 1 + self.n_sym.binary_search(&n_sym).ok()?;
        (Layout::new(self.mcs, self.framing, n_sym).length() == octets).then_some(n)
    }
}

#[cfg(test)]
mod tests {
    use super::Packing;
    use jscc_phy::emulation::layout::{BROADCAST, Framing};
    use jscc_phy::wifi::Mcs;

    #[test]
    fn the_length_tells_the_number_of_pictures() {
        for (mcs, framing, k) in [
            (Mcs::M54, Framing::Bare, 48),
            (Mcs::M54, BROADCAST, 48),
            (Mcs::HT7, BROADCAST, 48),
            (Mcs::NON_HT[0], BROADCAST, 12),
            (Mcs::NON_HT[2], Framing::Bare, 784),
        ] {
            let mut packing = Packing::new(k, mcs, framing);
            for n in (1..=packing.most()).step_by(packing.most().div_ceil(12)) {
                let emulator = packing.emulator(n);
                assert_eq!(emulator.slots().len(), n * k, "rate {mcs}");
                assert_eq!(packing.pictures(emulator.layout().length()), Some(n), "rate {mcs}");
                assert_eq!(packing.pictures(emulator.layout().length() - 1), None, "rate {mcs}");
            }
        }
    }

    #[test]
    fn ten_pictures_take_what_the_link_says() {
        let n_sym = |framing| Packing::new(48, Mcs::M54, framing).emulator(10).layout().n_sym();
        assert_eq!((n_sym(Framing::Bare), n_sym(BROADCAST)), (11, 12));
        assert_eq!(Packing::new(784, Mcs::HT[0], BROADCAST).most(), 89);
        assert_eq!(Packing::new(10_000, Mcs::M54, BROADCAST).most(), 0);
    }
}
