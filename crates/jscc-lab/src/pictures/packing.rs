//! Number of pictures per frame and the use of its room. The receiver infers both from the frame's length.
//!
//! Frames with different numbers of pictures never have the same number of OFDM symbols: where one more picture would fit
//! into the same symbols, its frame gets one more. And a PSDU is the longest in its symbols, or short of that by as many
//! octets as the [`Form`] says.

use jscc_phy::emulation::layout::{Framing, Layout};
use jscc_phy::emulation::room::Room;
use jscc_phy::emulation::{Emulator, Inversion};
use jscc_phy::wifi::Mcs;
use jscc_phy::wifi::mcs::Modulation;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// Use of a frame's room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Next to no room.
    #[default]
    Plain,
    /// 1.8 subcarriers per symbol, over which all symbols are spread: for a receiver in strong noise.
    Spread,
    /// 1.8 subcarriers per symbol, used as the search for the codeword needs them.
    Roomy,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Spread, Self::Roomy];

    /// Octets by which the PSDU is short of the longest.
    fn short(self) -> usize {
        self as usize
    }

    /// Least number of data subcarriers for this many symbols.
    fn n_slots(self, n_symbols: usize) -> usize {
        match self {
            Self::Plain => n_symbols,
            Self::Spread | Self::Roomy => (9 * n_symbols).div_ceil(5),
        }
    }

    /// The frame of a layout with this form. Aims were chosen by the error of Gaussian symbols at a card's gain.
    fn emulator(self, layout: Layout, n_symbols: usize) -> Emulator {
        let mcs = layout.mcs();
        let plain = Emulator::in_layout(layout, Inversion::Trellis, n_symbols);
        let mixed = |passes, scale| plain.clone().in_room(Room::Mixed { passes }).at_scale(scale);
        match (self, mcs.modulation()) {
            (Self::Plain, _) => plain,
            (Self::Spread, Modulation::Qam64) => plain.in_room(Room::Spread).at_scale(1.2),
            (Self::Spread, _) => plain.in_room(Room::Spread),
            (Self::Roomy, Modulation::Qam64) if mcs.n_dbps() > 192 => mixed(16, 0.82),
            (Self::Roomy, Modulation::Qam64) => mixed(8, 0.9),
            (Self::Roomy, Modulation::Qam16) if mcs.n_dbps() > 104 => mixed(8, 1.0),
            (Self::Roomy, Modulation::Qam16) => plain.at_scale(0.98),
            (Self::Roomy, _) => mixed(8, 1.0),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Spread => "spread",
            Self::Roomy => "roomy",
        })
    }
}

/// Not the name of a form.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{0}` is not a use of the room; take plain, spread or roomy")]
pub struct NoForm(String);

impl FromStr for Form {
    type Err = NoForm;

    fn from_str(name: &str) -> Result<Self, NoForm> {
        Self::ALL.into_iter().find(|form| form.to_string() == name).ok_or_else(|| NoForm(name.to_owned()))
    }
}

/// Rate in Mb/s and form for a receiver's SNR, from the first entry whose SNR in dB is reached: the frames of
/// `experiments/ours-mnist-k48.toml`.
const LADDER: [(f64, &str, Form); 5] = [
    (17.0, "54", Form::Roomy),
    (12.7, "48", Form::Roomy),
    (9.3, "36", Form::Roomy),
    (6.7, "24", Form::Roomy),
    (f64::NEG_INFINITY, "54", Form::Spread),
];

/// Rate in Mb/s and form for a receiver at this SNR.
pub fn for_snr(snr_db: f64) -> (&'static str, Form) {
    let (_, rate, form) = LADDER[LADDER.iter().take_while(|(from_db, ..)| *from_db > snr_db).count()];
    (rate, form)
}

/// The frames of one rate, framing and form for 1, 2, … pictures of `k` symbols.
pub(super) struct Packing {
    k: usize,
    mcs: Mcs,
    framing: Framing,
    form: Form,
    /// OFDM symbols of each frame computed so far.
    n_sym: Vec<usize>,
}

impl Packing {
    pub fn new(k: usize, mcs: Mcs, framing: Framing, form: Form) -> Self {
        Self { k, mcs, framing, form, n_sym: Vec::new() }
    }

    /// Pictures in the longest frame.
    pub fn most(&mut self) -> usize {
        while self.another(Layout::most_symbols(self.mcs)) {}
        self.n_sym.len()
    }

    /// Computes the next frame, if it has at most `most` OFDM symbols.
    fn another(&mut self, most: usize) -> bool {
        // A form whose PSDU is short needs as many octets more.
        let least = Layout::least_symbols(self.mcs, self.framing) + usize::from(self.form.short() > 0);
        let next = self.n_sym.last().map_or(least, |before| before + 1);
        let wanted = self.form.n_slots((self.n_sym.len() + 1) * self.k);
        let holds = |&n_sym: &usize| n_sym * self.mcs.n_data() >= wanted && self.layout(n_sym).n_free() >= wanted;
        let found = (next.max(wanted / self.mcs.n_data())..=most).find(holds);
        self.n_sym.extend(found);
        found.is_some()
    }

    fn layout(&self, n_sym: usize) -> Layout {
        Layout::new(self.mcs, self.framing, n_sym).shorter(self.form.short())
    }

    /// The emulator for frames of `n` pictures, up to [`Packing::most`].
    pub fn emulator(&mut self, n: usize) -> Emulator {
        while self.n_sym.len() < n && self.another(Layout::most_symbols(self.mcs)) {}
        self.form.emulator(self.layout(self.n_sym[n - 1]), n * self.k)
    }

    /// Number of pictures in a PSDU of this many octets; `None` if no such frame has this length.
    pub fn pictures(&mut self, octets: usize) -> Option<usize> {
        let n_sym = self.mcs.n_sym(octets);
        if n_sym > Layout::most_symbols(self.mcs) {
            return None;
        }
        while self.n_sym.last().is_none_or(|&last| last < n_sym) && self.another(n_sym) {}
        let n = 1 + self.n_sym.binary_search(&n_sym).ok()?;
        (self.layout(n_sym).length() == octets).then_some(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jscc_phy::emulation::layout::BROADCAST;

    #[test]
    fn the_length_tells_the_number_of_pictures_and_the_form() {
        for (mcs, framing, k) in [
            (Mcs::M54, Framing::Bare, 48),
            (Mcs::M54, BROADCAST, 48),
            (Mcs::HT7, BROADCAST, 48),
            (Mcs::NON_HT[0], BROADCAST, 12),
            (Mcs::NON_HT[2], Framing::Bare, 784),
        ] {
            let mut packings = Form::ALL.map(|form| Packing::new(k, mcs, framing, form));
            let most = packings.each_mut().map(Packing::most);
            for form in Form::ALL {
                for n in (1..=most[form.short()]).step_by(most[form.short()].div_ceil(12)) {
                    let emulator = packings[form.short()].emulator(n);
                    assert_eq!(emulator.n_symbols(), n * k, "rate {mcs}, {form}");
                    let length = emulator.layout().length();
                    let told = packings.each_mut().map(|packing| packing.pictures(length));
                    let only = Form::ALL.map(|other| (other == form).then_some(n));
                    assert_eq!(told, only, "rate {mcs}, {form}");
                }
            }
        }
    }

    #[test]
    fn ten_pictures_take_what_the_link_says() {
        let n_sym = |framing, form| Packing::new(48, Mcs::M54, framing, form).emulator(10).layout().n_sym();
        assert_eq!((n_sym(Framing::Bare, Form::Plain), n_sym(BROADCAST, Form::Plain)), (11, 12));
        for form in [Form::Spread, Form::Roomy] {
            assert_eq!((n_sym(Framing::Bare, form), n_sym(BROADCAST, form)), (19, 20), "{form}");
        }
        let most = |k, mcs| Packing::new(k, mcs, BROADCAST, Form::Plain).most();
        assert_eq!(most(784, Mcs::HT[0]), 89);
        assert_eq!(most(10_000, Mcs::M54), 0);
    }

    #[test]
    fn the_ladder_has_every_snr() {
        assert_eq!(for_snr(-30.0), ("54", Form::Spread));
        assert_eq!(for_snr(6.69), ("54", Form::Spread));
        assert_eq!(for_snr(6.7), ("24", Form::Roomy));
        assert_eq!(for_snr(15.0), ("48", Form::Roomy));
        assert_eq!(for_snr(90.0), ("54", Form::Roomy));
    }
}
