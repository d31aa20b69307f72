//! Encoder, puncturer and interleaver of one OFDM symbol as a single table of bit vectors. All three are linear over
//! GF(2), so the coded bits are the sum of the data bits' contributions; the table is computed by the stages
//! themselves. For the inverse direction, deinterleaver and depuncturer of soft bits as one list of positions.

use super::convolve::{EncoderState, N_MEMORY, encode};
use super::interleave::{interleave, permutation};
use super::mcs::Mcs;
use super::ofdm::N_HT_DATA;
use super::puncture::{positions, puncture};
use super::qam::{soft_bits, soft_place};
use crate::bits::{SymbolBits, pack, take};
use crate::gf2::Table;
use std::sync::OnceLock;

/// The fixed linear map from the encoder's input bits to the bits sent on the subcarriers.
#[derive(Debug)]
pub struct Coder {
    mcs: Mcs,
    table: Table,
    /// Position of each soft bit of the mother code among those of the symbol; erasures are past the last.
    places: Vec<u16>,
}

impl Coder {
    /// The map of a scheme; built once.
    pub fn of(mcs: Mcs) -> &'static Self {
        static CODERS: [OnceLock<Coder>; Mcs::ALL.len()] = [const { OnceLock::new() }; Mcs::ALL.len()];
        CODERS[mcs.place()].get_or_init(|| Self::new(mcs))
    }

    fn new(mcs: Mcs) -> Self {
        let column = |i: usize| {
            let mut bits = vec![0; N_MEMORY + mcs.n_dbps()];
            bits[i] = 1;
            let state = EncoderState::default().after(&bits[..N_MEMORY]);
            pack(&interleave(&puncture(&encode(&bits[N_MEMORY..], state), mcs.code_rate()), mcs))
        };
        Self { mcs, table: Table::new(N_MEMORY + mcs.n_dbps(), column), places: places(mcs) }
    }

    /// The coded, interleaved bits of an OFDM symbol. `window` holds the six data bits before it, then its own.
    #[inline]
    pub fn symbol(&self, window: &SymbolBits) -> SymbolBits {
        self.table.apply(window)
    }

    /// The coded, interleaved bits of OFDM symbol `n` of a DATA field whose scrambled bits follow one octet of zeros,
    /// the encoder's state before the first of them.
    #[inline]
    pub fn of_field(&self, zero_then_data: &[u8], n: usize) -> SymbolBits {
        let n_dbps = self.mcs.n_dbps();
        self.symbol(&take(zero_then_data, 8 - N_MEMORY + n * n_dbps, N_MEMORY + n_dbps))
    }

    /// Appends the soft bits of the mother code, two per data bit, of an OFDM symbol with the given I and Q and their
    /// weights (see [`soft_bits`]); bits that were not sent are erasures.
    ///
    /// # Panics
    /// If there are not two axes per data subcarrier.
    pub fn soften(&self, axes: &[f32], weights: &[f32], mother: &mut Vec<i8>) {
        assert_eq!(axes.len(), 2 * self.mcs.n_data(), "axes of an OFDM symbol");
        let mut soft = [0; ROOM];
        let n_soft = n_soft(self.mcs);
        soft_bits(axes, weights, self.mcs.modulation(), &mut soft[..n_soft]);
        mother.extend(self.places.iter().map(|&place| soft[place as usize % ROOM]));
    }
}

fn places(mcs: Mcs) -> Vec<u16> {
    let erasure = MAX_SOFT as u16;
    let mut places = vec![erasure; 2 * mcs.n_dbps()];
    for (position, sent) in positions(mcs.code_rate()).zip(permutation(mcs)) {
        let (tone, bit) = (sent / mcs.n_bpsc(), sent % mcs.n_bpsc());
        places[position] = soft_place(bit, tone, mcs.n_data(), mcs.modulation()) as u16;
    }
    places
}

/// Most soft bits of an OFDM symbol; the entries after them are never written and serve as erasures.
const MAX_SOFT: usize = 3 * 2 * N_HT_DATA;
/// A power of two above it: a position modulo this needs no bounds check.
const ROOM: usize = 512;
const _: () = assert!(MAX_SOFT < ROOM);

/// Soft bits of one OFDM symbol, as counted by [`soft_bits`].
const fn n_soft(mcs: Mcs) -> usize {
    2 * mcs.n_data() * mcs.n_bpsc().div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::super::puncture::depuncture;
    use super::super::qam::map;
    use super::*;
    use crate::bits::to_octets;
    use proptest::prelude::*;

    /// Round trip through the mapper, by lists of positions and by the stages.
    #[test]
    fn the_places_undo_interleaver_and_puncturer() {
        for mcs in Mcs::ALL {
            let coded: Vec<u8> = (0..mcs.n_cbps()).map(|i| (i * i / 7 % 2) as u8).collect();
            let points = map(&interleave(&coded, mcs), mcs.modulation());
            let axes: Vec<f32> = points.iter().flat_map(|point| [point.re, point.im]).collect();
            let mut mother = Vec::new();
            Coder::of(mcs).soften(&axes, &vec![1000.0; axes.len()], &mut mother);
            let signs: Vec<f32> = coded.iter().map(|&bit| 15.0 - 30.0 * f32::from(bit)).collect();
            let want: Vec<i8> = depuncture(&signs, mcs.code_rate()).into_iter().map(|soft| soft as i8).collect();
            assert_eq!(mother, want, "rate {mcs}");
        }
    }

    proptest! {
        #[test]
        fn the_table_is_the_three_stages(bits in prop::collection::vec(0u8..2, 4 * 264), place in 0usize..16) {
            let mcs = Mcs::ALL[place];
            let mut data = bits[..4 * mcs.n_dbps()].to_vec();
            let staged = interleave(&puncture(&encode(&data, EncoderState::default()), mcs.code_rate()), mcs);
            data.splice(0..0, [0; 8]);
            data.resize(data.len().next_multiple_of(8), 0);
            let octets = to_octets(&data);
            for (n, symbol) in staged.chunks(mcs.n_cbps()).enumerate() {
                prop_assert_eq!(Coder::of(mcs).of_field(&octets, n), pack(symbol), "rate {}, symbol {}", mcs, n);
            }
        }
    }
}
