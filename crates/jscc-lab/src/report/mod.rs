//! Results as one self-contained page ([`html`]) and as one picture ([`png()`]).
//!
//! Both show the same drawing: quality over SNR, and sent beside received pictures. The same report gives the same
//! bytes on every machine: no clock, no system font, nothing downloaded.

mod axis;
pub(crate) mod gallery;
mod heat;
mod lettering;
pub(crate) mod page;
mod per;
mod plot;
pub mod radio;
mod sheet;
#[cfg(test)]
mod tests;

pub use heat::{HeatMap, MatrixReport, Scale, matrix_html, matrix_png};
pub use jscc_radio::Table;
pub use page::html;
pub use per::{PerCurve, PerFigure, PerPanel, PerPoint, png as per_png};
pub use plot::Quantity;
pub use sheet::png;

/// Content of one report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One line on the measurement.
    pub title: String,
    /// Conventions that a reader must know: meaning of SNR and k, aided or unaided reception, air time.
    pub notes: Vec<String>,
    /// The numbers behind the curves, or a summary of them.
    pub table: Table,
    /// Quantities of the two plots over SNR.
    pub quantities: [Quantity; 2],
    /// One curve per link.
    pub curves: Vec<Curve>,
    /// The pictures, if the run kept any.
    pub gallery: Option<Gallery>,
}

/// Quality of one link over SNR.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The link, such as "ideal AWGN" or "802.11a 54 Mb/s, bits, aided".
    pub label: String,
    /// Points in the order in which the line joins them.
    pub points: Vec<CurvePoint>,
}

/// Quality at one SNR.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Es/N0 per data subcarrier.
    pub snr_db: f64,
    /// Values of the report's quantities.
    pub values: [Estimate; 2],
    /// Fraction of frames that the receiver lost; 0 on an aided link.
    pub lost: f64,
}

/// A value between the ends of its 95 % interval; NaN if there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The same pictures, as sent and as received over every link at every SNR.
#[derive(Debug, Clone, PartialEq)]
pub struct Gallery {
    /// Channels (1 or 3), height and width of every picture.
    pub shape: [usize; 3],
    /// The pictures sent: planes of rows, values in \[0,1\].
    pub originals: Vec<Vec<f32>>,
    /// The SNRs, one row of pictures per SNR.
    pub snr_db: Vec<f64>,
    /// Pictures delivered by each link.
    pub rows: Vec<GalleryRow>,
}

/// Pictures delivered by one link.
#[derive(Debug, Clone, PartialEq)]
pub struct GalleryRow {
    /// The link.
    pub label: String,
    /// Pictures by SNR, then by original.
    pub received: Vec<Vec<Vec<f32>>>,
}
