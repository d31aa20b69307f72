//! Bit matrices over GF(2), rows packed in words: rank, right inverse, and fixed maps as tables.

use crate::bits::{N_WORDS, SymbolBits};

/// A matrix of bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    n_columns: usize,
    rows: Vec<Row>,
}

/// One row, 64 columns per word.
type Row = Vec<u64>;

fn xor(row: &mut [u64], other: &[u64]) {
    row.iter_mut().zip(other).for_each(|(a, b)| *a ^= b);
}

fn bit(row: &[u64], column: usize) -> bool {
    row[column / 64] >> (column % 64) & 1 == 1
}

fn lowest(row: &[u64]) -> Option<usize> {
    let word = row.iter().position(|&word| word != 0)?;
    Some(64 * word + row[word].trailing_zeros() as usize)
}

impl Matrix {
    /// The matrix whose entry in row r and column c is `entry(r, c)`.
    pub fn from_fn(n_rows: usize, n_columns: usize, entry: impl Fn(usize, usize) -> bool) -> Self {
        let mut rows = vec![vec![0; n_columns.div_ceil(64)]; n_rows];
        for (r, row) in rows.iter_mut().enumerate() {
            for c in (0..n_columns).filter(|&c| entry(r, c)) {
                row[c / 64] |= 1 << (c % 64);
            }
        }
        Self { n_columns, rows }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The bit in row `r` and column `c`.
    pub fn entry(&self, r: usize, c: usize) -> bool {
        bit(&self.rows[r], c)
    }

    /// The matrix of the given rows of this one.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self { n_columns: self.n_columns, rows: rows.iter().map(|&r| self.rows[r].clone()).collect() }
    }

    /// The number of independent rows.
    pub fn rank(&self) -> usize {
        let mut span = Span::default();
        self.rows.iter().filter(|row| span.insert(row)).count()
    }

    /// This matrix times a vector of bits.
    ///
    /// # Panics
    /// If the vector's length is not the number of columns.
    pub fn multiply(&self, x: &[u8]) -> Vec<u8> {
        assert_eq!(x.len(), self.n_columns, "bits of the vector");
        let mut packed = vec![0u64; self.n_columns.div_ceil(64)];
        for (i, &bit) in x.iter().enumerate() {
            packed[i / 64] |= u64::from(bit) << (i % 64);
        }
        let parity = |row: &Row| (row.iter().zip(&packed).fold(0, |sum, (a, b)| sum ^ a & b).count_ones() & 1) as u8;
        self.rows.iter().map(parity).collect()
    }

    /// A matrix X with `self · X = I`, so that `X · b` solves `self · x = b` for every b; undetermined bits of x are
    /// zero. `None` if the rows are dependent.
    pub fn right_inverse(&self) -> Option<Self> {
        let (n_rows, n_columns) = (self.n_rows(), self.n_columns);
        // Gauss-Jordan on [self | I]: each row in turn takes its first column as pivot and clears it elsewhere.
        let mut left = self.rows.clone();
        let mut right = Self::from_fn(n_rows, n_rows, |r, c| r == c).rows;
        let mut pivots = Vec::with_capacity(n_rows);
        for r in 0..n_rows {
            let pivot = lowest(&left[r])?;
            let (pivot_left, pivot_right) = (left[r].clone(), right[r].clone());
            for other in (0..n_rows).filter(|&other| other != r) {
                if bit(&left[other], pivot) {
                    xor(&mut left[other], &pivot_left);
                    xor(&mut right[other], &pivot_right);
                }
            }
            pivots.push(pivot);
        }
        let mut inverse = Self::from_fn(n_columns, n_rows, |_, _| false);
        for (row, pivot) in right.into_iter().zip(pivots) {
            inverse.rows[pivot] = row;
        }
        Some(inverse)
    }
}

/// A fixed linear map between vectors of at most 320 bits, tabulated for four bits at a time: a product is one look-up
/// and one exclusive or per four bits.
#[derive(Debug, Clone)]
pub struct Table {
    /// Contribution of each value of the i-th four input bits.
    nibbles: Vec<[SymbolBits; 16]>,
}

impl Table {
    /// The map whose i-th column, of `n_columns`, is `column(i)`.
    ///
    /// # Panics
    /// If there are more than 320 columns.
    pub fn new(n_columns: usize, column: impl Fn(usize) -> SymbolBits) -> Self {
        assert!(n_columns <= 64 * N_WORDS, "{n_columns} columns, more than {}", 64 * N_WORDS);
        let columns: Vec<_> = (0..n_columns).map(column).collect();
        let nibble = |columns: &[SymbolBits]| {
            std::array::from_fn(|value| {
                let set = columns.iter().enumerate().filter(|(i, _)| value >> i & 1 == 1);
                set.fold([0; N_WORDS], |sum, (_, column)| std::array::from_fn(|w| sum[w] ^ column[w]))
            })
        };
        Self { nibbles: columns.chunks(4).map(nibble).collect() }
    }

    /// The image of a vector; bits past the last column must be zero.
    #[inline]
    pub fn apply(&self, x: &SymbolBits) -> SymbolBits {
        let mut sum = [0; N_WORDS];
        for (values, word) in self.nibbles.chunks(16).zip(x) {
            for (i, value) in values.iter().enumerate() {
                let add = &value[(word >> (4 * i)) as usize & 15];
                for w in 0..N_WORDS {
                    sum[w] ^= add[w];
                }
            }
        }
        sum
    }
}

/// The span of the rows inserted so far, for choosing independent ones.
#[derive(Debug, Clone, Default)]
pub struct Span {
    /// Reduced rows, each with the column of its lowest bit.
    basis: Vec<(usize, Row)>,
}

impl Span {
    /// Adds a row; returns `false`, without a change, if it depends on those before.
    fn insert(&mut self, row: &Row) -> bool {
        let mut row = row.clone();
        for (pivot, reduced) in &self.basis {
            if bit(&row, *pivot) {
                xor(&mut row, reduced);
            }
        }
        let Some(pivot) = lowest(&row) else { return false };
        self.basis.push((pivot, row));
        true
    }

    /// Adds all these rows of a matrix; returns `false`, without a change, if they are not independent of those before
    /// and of each other.
    pub fn insert_all(&mut self, matrix: &Matrix, rows: &[usize]) -> bool {
        let before = self.basis.len();
        let independent = rows.iter().all(|&r| self.insert(&matrix.rows[r]));
        if !independent {
            self.basis.truncate(before);
        }
        independent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::pack;
    use proptest::prelude::*;

    #[test]
    fn rank_counts_independent_rows() {
        let m = Matrix::from_fn(3, 70, |r, c| [vec![0, 69], vec![1], vec![0, 1, 69]][r].contains(&c));
        assert_eq!(m.rank(), 2);
        assert!(m.right_inverse().is_none());
        assert_eq!(m.select(&[0, 1]).rank(), 2);
        let mut span = Span::default();
        assert!(span.insert_all(&m, &[0]));
        assert!(!span.insert_all(&m, &[1, 2]));
        assert!(span.insert_all(&m, &[1]), "a refused group leaves nothing behind");
    }

    proptest! {
        #[test]
        fn a_table_multiplies(bits in prop::collection::vec(any::<bool>(), 70 * 90), x in prop::collection::vec(0u8..2, 90)) {
            let m = Matrix::from_fn(70, 90, |r, c| bits[90 * r + c]);
            let column = |c: usize| pack(&(0..70).map(|r| u8::from(m.entry(r, c))).collect::<Vec<_>>());
            let product = Table::new(90, column).apply(&pack(&x));
            prop_assert_eq!(product, pack(&m.multiply(&x)));
        }

        #[test]
        fn right_inverse_solves_what_has_full_rank(bits in prop::collection::vec(any::<bool>(), 40 * 100), b in prop::collection::vec(0u8..2, 40)) {
            let m = Matrix::from_fn(40, 100, |r, c| bits[100 * r + c]);
            match m.right_inverse() {
                Some(inverse) => {
                    prop_assert_eq!(m.rank(), 40);
                    prop_assert_eq!(m.multiply(&inverse.multiply(&b)), b);
                }
                None => prop_assert!(m.rank() < 40),
            }
        }
    }
}
