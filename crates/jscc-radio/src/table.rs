//! Tables of text.

/// Numbers in rows, already formatted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// One heading per column.
    pub headers: Vec<String>,
    /// Rows as wide as `headers`; the first cell names the row.
    pub rows: Vec<Vec<String>>,
}
