//! The mismatch matrix: every training of the rows on every link and SNR of the columns. The survey's section III in one
//! table: what a codec loses where the channel is not the one it was trained for.
//!
//! | module | content |
//! |---|---|
//! | [`needed`] | the trainings of the rows, and where their weights are |
//! | [`cells`] | the cells, measured or read back |
//! | [`regret`] | values, and what each loses to the best row of its column |
//! | [`figure`] | heat maps and curves |

pub mod cells;
pub mod figure;
pub mod needed;
pub mod regret;

pub use cells::{Cell, Cells};
pub use needed::{MatrixRow, Needed, rows};
