//! JPEG's Huffman tables, and transcoding of scans from one pair of tables to another. Nothing is requantised: the
//! indices stay those of the crate that wrote the scan.
//!
//! Source: ITU-T T.81 (1992), annex C (codes from lengths), F.1.2 (content of a scan), K.2 (codes for given counts).

use jscc_photo::coding::bitstream::{BitReader, BitWriter};

/// Symbols of a table, plus one reserved: the code of all ones, which no symbol may have.
const N_SYMBOLS: usize = 257;
/// Longest code.
const LONGEST: usize = 16;

/// A Huffman table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Symbols, shortest code first.
    symbols: Vec<u8>,
    /// Number of codes of 1, 2, … bits.
    counts: [usize; LONGEST],
    /// Code and length of each symbol; length 0 if it has none.
    codes: Vec<(u32, usize)>,
}

impl Table {
    fn new(counts: [usize; LONGEST], symbols: Vec<u8>) -> Self {
        let mut codes = vec![(0, 0); N_SYMBOLS - 1];
        let (mut code, mut at) = (0, 0);
        for (length, &n) in counts.iter().enumerate() {
            for &symbol in &symbols[at..at + n] {
                codes[usize::from(symbol)] = (code, length + 1);
                code += 1;
            }
            at += n;
            code <<= 1;
        }
        Self { symbols, counts, codes }
    }

    /// The optimal table for counts of symbols; those never seen get no code.
    pub fn of_counts(seen: &[u32; N_SYMBOLS - 1]) -> Self {
        let mut weights: Vec<u64> = seen.iter().map(|&n| u64::from(n)).collect();
        // The reserved symbol is the rarest, and so the last of the longest codes.
        weights.push(0);
        let mut lengths = code_lengths(&weights, seen);
        while lengths.iter().any(|&length| length > LONGEST) {
            weights[..N_SYMBOLS - 1]
                .iter_mut()
                .filter(|weight| **weight > 0)
                .for_each(|weight| *weight = *weight / 2 + 1);
            lengths = code_lengths(&weights, seen);
        }
        let mut counts = [0; LONGEST];
        let mut symbols = Vec::new();
        for length in 1..=LONGEST {
            let there = (0..N_SYMBOLS - 1).filter(|&symbol| lengths[symbol] == length).map(|symbol| symbol as u8);
            let before = symbols.len();
            symbols.extend(there);
            counts[length - 1] = symbols.len() - before;
        }
        Self::new(counts, symbols)
    }

    /// Reads tables from the body of a DHT segment: class and identifier, then the table.
    pub fn read_segment(mut body: &[u8]) -> Vec<(u8, Self)> {
        let mut tables = Vec::new();
        while let [place, rest @ ..] = body {
            let counts: [usize; LONGEST] = std::array::from_fn(|i| usize::from(rest[i]));
            let end = LONGEST + counts.iter().sum::<usize>();
            tables.push((*place, Self::new(counts, rest[LONGEST..end].to_vec())));
            body = &rest[end..];
        }
        tables
    }

    /// The body of a DHT segment with this table.
    pub fn segment(&self, place: u8) -> Vec<u8> {
        let counts = self.counts.iter().map(|&n| n as u8);
        [place].into_iter().chain(counts).chain(self.symbols.iter().copied()).collect()
    }

    fn read(&self, reader: &mut BitReader) -> u8 {
        let (mut code, mut first, mut at) = (0, 0, 0);
        for &n in &self.counts {
            code = code << 1 | reader.bit() as usize;
            if code < first + n {
                return self.symbols[at + code - first];
            }
            at += n;
            first = (first + n) << 1;
        }
        panic!("a code of more than {LONGEST} bits in a scan")
    }

    fn write(&self, symbol: u8, writer: &mut BitWriter) -> Option<()> {
        let (code, length) = self.codes[usize::from(symbol)];
        writer.write(code, length);
        (length > 0).then_some(())
    }
}

/// Code lengths of the symbols seen and of the reserved one. Halving the counts shortens the longest codes.
fn code_lengths(weights: &[u64], seen: &[u32]) -> Vec<usize> {
    let mut lengths = vec![0; N_SYMBOLS];
    let is_there = |symbol: &usize| *symbol == N_SYMBOLS - 1 || seen[*symbol] > 0;
    let mut trees: Vec<(u64, Vec<usize>)> = (0..N_SYMBOLS).filter(is_there).map(|s| (weights[s], vec![s])).collect();
    while trees.len() > 1 {
        trees.sort_by_key(|tree| std::cmp::Reverse(tree.0));
        let (Some(a), Some(b)) = (trees.pop(), trees.pop()) else { break };
        let symbols = [a.1, b.1].concat();
        for &symbol in &symbols {
            lengths[symbol] += 1;
        }
        trees.push((a.0 + b.0, symbols));
    }
    lengths
}

/// The tables of a grey picture: for DC differences and AC runs.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub dc: Table,
    pub ac: Table,
}

/// A symbol of a scan, with the bits that follow it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbol {
    pub is_dc: bool,
    pub value: u8,
    extra: u32,
}

impl Symbol {
    fn n_extra(self) -> usize {
        usize::from(self.value & 15)
    }
}

/// The symbols of a scan of `blocks` blocks.
pub(super) fn parse(bits: &[u8], blocks: usize, tables: &Tables) -> Vec<Symbol> {
    let mut reader = BitReader::new(bits);
    let mut symbols = Vec::new();
    for _ in 0..blocks {
        let mut at = 0;
        while at < 64 {
            let table = if at == 0 { &tables.dc } else { &tables.ac };
            let mut symbol = Symbol { is_dc: at == 0, value: table.read(&mut reader), extra: 0 };
            symbol.extra = reader.read(symbol.n_extra());
            symbols.push(symbol);
            at += match (at, symbol.value) {
                (0, _) => 1,
                (_, 0) => 64,
                (_, other) => usize::from(other >> 4) + 1,
            };
        }
    }
    symbols
}

/// The bits of symbols; `None` if a symbol has no code.
pub(super) fn write(symbols: &[Symbol], tables: &Tables, writer: &mut BitWriter) -> Option<()> {
    for symbol in symbols {
        let table = if symbol.is_dc { &tables.dc } else { &tables.ac };
        table.write(symbol.value, writer)?;
        writer.write(symbol.extra, symbol.n_extra());
    }
    Some(())
}

/// The optimal tables for symbols seen.
pub(super) fn fit(symbols: &[Symbol]) -> Tables {
    // Differences of up to 11 bits, runs of up to 15 zeros before values of up to 10: each has a code, seen or not.
    let differences: &[u8] = &std::array::from_fn::<u8, 12, _>(|bits| bits as u8);
    let is_run = |symbol: &u8| (1..=10).contains(&(symbol & 15)) || [0, 0xf0].contains(symbol);
    let runs: &[u8] = &(0..=u8::MAX).filter(is_run).collect::<Vec<_>>();
    let of = |is_dc: bool| {
        let mut counts = [0; N_SYMBOLS - 1];
        for symbol in if is_dc { differences } else { runs } {
            counts[usize::from(*symbol)] = 1;
        }
        symbols.iter().filter(|s| s.is_dc == is_dc).for_each(|s| counts[usize::from(s.value)] += 1000);
        Table::of_counts(&counts)
    };
    Tables { dc: of(true), ac: of(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_prefix_free_short_where_frequent_and_never_all_ones() {
        let mut counts = [0; N_SYMBOLS - 1];
        // Fibonacci numbers give the deepest tree: without a limit these need 30 bits.
        let (mut a, mut b) = (1, 1);
        for count in &mut counts[..30] {
            *count = a;
            (a, b) = (b, a + b);
        }
        let table = Table::of_counts(&counts);
        let used: Vec<_> = table.codes.iter().filter(|(_, length)| *length > 0).collect();
        assert_eq!(used.len(), 30);
        assert!(table.codes[29].1 <= 2 && table.codes[0].1 <= LONGEST);
        let kraft: f64 = used.iter().map(|(_, length)| 0.5f64.powi(*length as i32)).sum();
        assert!(kraft < 1.0, "{kraft}");
        assert!(used.iter().all(|(code, length)| *code != (1 << length) - 1));
        let again = Table::read_segment(&table.segment(0x10));
        assert_eq!((again[0].0, &again[0].1.codes), (0x10, &table.codes));
    }

    #[test]
    fn symbols_come_back() {
        let pick = |i: u32| Symbol { is_dc: false, value: (i % 16 * 16 + 1 + i % 10) as u8, extra: 1 };
        let eob = Symbol { is_dc: false, value: 0, extra: 0 };
        let dc = Symbol { is_dc: true, value: 3, extra: 5 };
        let symbols: Vec<Symbol> = (0..50).flat_map(|i| [dc, pick(i), eob]).collect();
        let tables = fit(&symbols);
        let mut writer = BitWriter::default();
        write(&symbols, &tables, &mut writer).unwrap();
        let back = parse(&writer.finish(), 50, &tables);
        let plain = |s: &Symbol| (s.is_dc, s.value, s.extra);
        assert_eq!(back.iter().map(plain).collect::<Vec<_>>(), symbols.iter().map(plain).collect::<Vec<_>>());
    }
}
