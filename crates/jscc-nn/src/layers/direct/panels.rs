//! Matrices cut into panels of one or two vectors' width, row after row within a panel.

use super::canvas::Aligned;

/// Vectors side by side in one panel.
pub(super) const WIDEST: usize = 2;

/// A `rows` × `columns` matrix, columns filled up to whole vectors with zeros.
pub(super) struct Panels {
    values: Aligned,
    rows: usize,
    columns: usize,
    lanes: usize,
}

/// One panel's place.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    start: usize,
    len: usize,
    /// Vectors in a row.
    pub(super) vectors: usize,
    /// The matrix' column that is the panel's first.
    pub(super) column: usize,
    /// Columns of the matrix in this panel.
    pub(super) columns: usize,
}

impl Panels {
    pub(super) fn zeros(rows: usize, columns: usize, lanes: usize) -> Self {
        Self { values: Aligned::zeros(rows * columns.next_multiple_of(lanes)), rows, columns, lanes }
    }

    pub(super) fn panels(&self) -> impl Iterator<Item = Panel> + use<> {
        let (rows, columns, lanes) = (self.rows, self.columns, self.lanes);
        (0..columns).step_by(WIDEST * lanes).map(move |column| {
            let columns = (columns - column).min(WIDEST * lanes);
            let vectors = columns.div_ceil(lanes);
            Panel { start: rows * column, len: rows * vectors * lanes, vectors, column, columns }
        })
    }

    pub(super) fn values(&self, panel: Panel) -> &[f32] {
        &self.values.as_slice()[panel.start..][..panel.len]
    }

    pub(super) fn values_mut(&mut self, panel: Panel) -> &mut [f32] {
        &mut self.values.as_mut_slice()[panel.start..][..panel.len]
    }

    /// Floats from one row of a panel to the next.
    pub(super) fn pitch(&self, panel: Panel) -> usize {
        panel.vectors * self.lanes
    }

    /// Sets columns `column..column + count` of some rows: each row takes every `stride`-th value of `from`, from the
    /// index beside it on.
    pub(super) fn set_rows(
        &mut self,
        column: usize,
        count: usize,
        rows: &(impl Iterator<Item = (usize, usize)> + Clone),
        from: &[f32],
        stride: usize,
    ) {
        for (panel, first, count) in self.cut(column, count) {
            let pitch = self.pitch(panel);
            let skipped = (panel.column + first - column) * stride;
            let values = self.values_mut(panel);
            for (row, start) in rows.clone() {
                let to = &mut values[row * pitch + first..][..count];
                for (to, from) in to.iter_mut().zip(from[start + skipped..].chunks(stride)) {
                    *to = from[0];
                }
            }
        }
    }

    /// The panels that columns `column..column + count` touch, with the range of their own columns.
    fn cut(&self, column: usize, count: usize) -> impl Iterator<Item = (Panel, usize, usize)> + use<> {
        self.panels().filter_map(move |panel| {
            let first = column.max(panel.column);
            let end = (column + count).min(panel.column + panel.columns);
            (first < end).then(|| (panel, first - panel.column, end - first))
        })
    }

    /// The matrix with rows and columns exchanged, without the filling.
    pub(super) fn transposed(&self) -> Vec<f32> {
        const BLOCK: usize = 16;
        let mut out = vec![0.0; self.rows * self.columns];
        for panel in self.panels() {
            let (values, pitch) = (self.values(panel), self.pitch(panel));
            for (block, values) in values.chunks(BLOCK * pitch).enumerate() {
                let columns = out.chunks_exact_mut(self.rows).skip(panel.column).take(panel.columns);
                for (column, out) in columns.enumerate() {
                    let values = values[column..].iter().step_by(pitch);
                    for (out, value) in out[block * BLOCK..].iter_mut().zip(values) {
                        *out = *value;
                    }
                }
            }
        }
        out
    }
}
