//! Free bits and subcarriers of a frame, called ours.
//!
//! SERVICE, MAC header, FCS, tail and pad are not ours: the standard or the card determines them. A coded bit is ours
//! if it leaves the encoder together with an input bit of ours; a subcarrier if all its coded bits are.

use crate::Complex32;
use crate::wifi::fcs::{N_FCS, fcs};
use crate::wifi::mcs::Mcs;
use crate::wifi::ppdu::{Guard, Ppdu};
use crate::wifi::scramble::{ScramblerState, scramble_octets};
use crate::wifi::transmit::data_points;
use crate::wifi::{N_SERVICE, N_TAIL, interleave, puncture};
use std::ops::Range;

/// Octets of a three-address MAC header, IEEE 802.11-2020, 9.2.3.
pub const N_MAC_HEADER: usize = 24;

/// Framing around our bits in the PSDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// None: the whole PSDU is ours.
    Bare,
    /// A MAC header before our bits and a frame check sequence after them, as in frames of a card.
    Mac {
        /// The header, from frame control to sequence control.
        header: [u8; N_MAC_HEADER],
    },
}

/// The header of a data frame from a locally administered address to broadcast, which is not acknowledged. It declares
/// the body encrypted: programs without the key leave such a body alone, but would parse any other.
pub const BROADCAST: Framing =
    Framing::Mac { header: [8, 0x40, 0, 0, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0, 0] };

/// A frame of whole OFDM symbols, and the part of it that is ours.
#[derive(Debug, Clone)]
pub struct Layout {
    mcs: Mcs,
    framing: Framing,
    length: usize,
    /// Per data subcarrier, the steps within its OFDM symbol at which its coded bits leave the encoder.
    steps: Vec<Vec<usize>>,
}

/// A coded bit of an OFDM symbol: the index of its input bit, and its generator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodedBit {
    pub step: usize,
    pub generator: usize,
}

/// The coded bits of one OFDM symbol in transmission order.
pub(crate) fn coded_bits(mcs: Mcs) -> Vec<CodedBit> {
    let at = |position| CodedBit { step: position / 2, generator: position % 2 };
    let coded: Vec<_> = puncture::positions(mcs.code_rate()).take(mcs.n_cbps()).collect();
    interleave::interleave(&coded, mcs).into_iter().map(at).collect()
}

impl Layout {
    /// The longest PSDU that fills `n_sym` OFDM symbols.
    ///
    /// # Panics
    /// If the framing does not fit into the symbols, or they exceed the longest frame.
    pub fn new(mcs: Mcs, framing: Framing, n_sym: usize) -> Self {
        let least = Self::least_symbols(mcs, framing);
        assert!(n_sym >= least, "{n_sym} OFDM symbols; the framing needs {least}");
        let length = (n_sym * mcs.n_dbps() - N_SERVICE - N_TAIL) / 8;
        let most = Ppdu::max_length(mcs, Guard::Long);
        assert!(length <= most, "{n_sym} OFDM symbols hold {length} octets, more than {most}");
        let steps = coded_bits(mcs).chunks(mcs.n_bpsc()).map(|bits| bits.iter().map(|b| b.step).collect()).collect();
        Self { mcs, framing, length, steps }
    }

    /// The same OFDM symbols with a PSDU that is shorter by some octets.
    ///
    /// # Panics
    /// If it would fill fewer symbols, or lose its framing.
    #[must_use]
    pub fn shorter(self, octets: usize) -> Self {
        let n_sym = self.n_sym();
        let shorter = Self { length: self.length.saturating_sub(octets), ..self };
        assert_eq!(shorter.n_sym(), n_sym, "OFDM symbols of a PSDU shorter by {octets} octets");
        assert!(shorter.length > shorter.framing.n_before() + shorter.framing.n_after(), "octets beside the framing");
        shorter
    }

    /// OFDM symbols of the shortest frame with this framing and one octet of ours.
    pub fn least_symbols(mcs: Mcs, framing: Framing) -> usize {
        mcs.n_sym(framing.n_before() + framing.n_after() + 1)
    }

    /// Rate.
    pub fn mcs(&self) -> Mcs {
        self.mcs
    }

    /// Octets of the PSDU.
    pub fn length(&self) -> usize {
        self.length
    }

    /// OFDM symbols of the DATA field.
    pub fn n_sym(&self) -> usize {
        self.mcs.n_sym(self.length)
    }

    /// The frame.
    pub fn ppdu(&self) -> Ppdu {
        Ppdu::long_guard(self.mcs, self.length)
    }

    /// Bits of the DATA field that are ours.
    pub fn ours(&self) -> Range<usize> {
        let octets = self.framing.n_before()..self.length - self.framing.n_after();
        N_SERVICE + 8 * octets.start..N_SERVICE + 8 * octets.end
    }

    /// Data bits of OFDM symbol `n` that are ours, counted within the symbol.
    pub fn ours_in_symbol(&self, n: usize) -> Range<usize> {
        let (ours, first, n_dbps) = (self.ours(), n * self.mcs.n_dbps(), self.mcs.n_dbps());
        let within = |bit: usize| bit.clamp(first, first + n_dbps) - first;
        within(ours.start)..within(ours.end)
    }

    /// Data subcarriers (counted from the lowest) of OFDM symbol `n` that are ours.
    pub fn free_tones(&self, n: usize) -> Vec<usize> {
        let ours = self.ours_in_symbol(n);
        (0..self.mcs.n_data()).filter(|&tone| self.steps[tone].iter().all(|step| ours.contains(step))).collect()
    }

    /// Number of data subcarriers of the whole frame that are ours.
    pub fn n_free(&self) -> usize {
        let of_symbol = |n| if self.is_whole(n) { self.mcs.n_data() } else { self.free_tones(n).len() };
        (0..self.n_sym()).map(of_symbol).sum()
    }

    /// OFDM symbols whose data bits are all ours.
    pub fn whole_symbols(&self) -> Range<usize> {
        let (ours, n_dbps) = (self.ours(), self.mcs.n_dbps());
        let first = ours.start.div_ceil(n_dbps);
        first..first.max(ours.end / n_dbps)
    }

    fn is_whole(&self, n: usize) -> bool {
        self.whole_symbols().contains(&n)
    }

    /// The scrambled octets of DATA before ours: SERVICE and MAC header.
    pub(crate) fn prefix(&self, scrambler: ScramblerState) -> Vec<u8> {
        let mut octets = vec![0; N_SERVICE / 8];
        if let Framing::Mac { header } = self.framing {
            octets.extend(header);
        }
        scramble_octets(&mut octets, scrambler);
        octets
    }

    /// The state from which the receiver descrambled this PSDU, if the sender's was `scrambler`.
    ///
    /// A card reads the state from seven bits of SERVICE, and below its working point reads it wrong; it delivers no
    /// state, only bits that are then all wrong. A MAC header reveals it: of all states, the one whose header is most
    /// like the one sent. Likeness is measured on constellation points: there even a codeword with every other bit
    /// wrong lies near the one sent. Without a header only the sender's state is known.
    pub(crate) fn receiver_state(&self, psdu: &[u8], scrambler: ScramblerState) -> ScramblerState {
        let Framing::Mac { header } = self.framing else { return scrambler };
        let sent = data_points(&header, self.mcs, scrambler);
        let likeness = |state: &ScramblerState| product(&sent, &data_points(&psdu[..N_MAC_HEADER], self.mcs, *state));
        let states = ScramblerState::received().map(|state| (likeness(&state), state));
        states.max_by(|a, b| a.0.total_cmp(&b.0)).expect("there are 128 states").1
    }

    /// Likeness of the points of a DATA field to one that begins with this MAC header, sent from `scrambler`: the
    /// cosine between the two, 1 for equal ones and 0 on average for other frames. `None` without a header.
    ///
    /// # Panics
    /// If the points end before the header does.
    pub fn header_likeness(&self, points: &[Complex32], scrambler: ScramblerState) -> Option<f32> {
        let Framing::Mac { header } = self.framing else { return None };
        let mut sent = data_points(&header, self.mcs, scrambler);
        // The header may fill only a little of the last symbol, whose rest is unknown.
        let filled = (N_SERVICE + 8 * N_MAC_HEADER + self.mcs.n_dbps() / 2) / self.mcs.n_dbps();
        sent.truncate(filled.max(1) * self.mcs.n_data());
        let heard = &points[..sent.len()];
        let power = product(&sent, &sent) * product(heard, heard);
        Some(if power > 0.0 { product(&sent, heard) / power.sqrt() } else { 0.0 })
    }

    /// The PSDU of scrambled octets that begin with [`Layout::prefix`] and end with the last of ours.
    pub(crate) fn psdu(&self, mut scrambled: Vec<u8>, scrambler: ScramblerState) -> Vec<u8> {
        assert_eq!(8 * scrambled.len(), self.ours().end, "scrambled bits up to the last of ours");
        scramble_octets(&mut scrambled, scrambler);
        let mut psdu = scrambled.split_off(N_SERVICE / 8);
        if let Framing::Mac { .. } = self.framing {
            let check = fcs(&psdu);
            psdu.extend(check);
        }
        psdu
    }
}

/// The real part of the inner product.
fn product(a: &[Complex32], b: &[Complex32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a.conj() * b).re).sum()
}

impl Framing {
    fn n_before(self) -> usize {
        match self {
            Self::Bare => 0,
            Self::Mac { .. } => N_MAC_HEADER,
        }
    }

    fn n_after(self) -> usize {
        match self {
            Self::Bare => 0,
            Self::Mac { .. } => N_FCS,
        }
    }
}
