//! Plots of quality over SNR, as SVG.

use maud::{Markup, html};

use super::axis::{Axis, label};
use super::{Curve, CurvePoint, Estimate};

/// Size of one plot in drawing units, which are pixels of the PNG.
pub(super) const SIZE: [f64; 2] = [758.0, 520.0];
/// Size of a curve's sample in a legend.
pub(super) const SWATCH: [f64; 2] = [64.0, 24.0];

const LEFT: f64 = 96.0;
const RIGHT: f64 = 742.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 436.0;

/// Title of the axis of most plots.
pub(super) const ACROSS: &str = "SNR, Es/N0 per data subcarrier (dB)";

/// Okabe and Ito's colours, distinguishable for colour-blind readers, with brown instead of yellow, which is hard to
/// see on white.
const COLOURS: [&str; 8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1b1f24", "#8c5a2b"];
const DASHES: [Option<&str>; 5] = [None, Some("11 5"), Some("3 4"), Some("11 4 3 4"), Some("18 4")];
/// Circle, square, triangle, diamond, inverted triangle, plus, cross; of equal visual weight.
const MARKERS: [&str; 7] = [
    "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0z",
    "M-6-6H6V6H-6z",
    "M0-7.5L7.5 5.5H-7.5z",
    "M0-8.5L8.5 0L0 8.5L-8.5 0z",
    "M0 7.5L7.5-5.5H-7.5z",
    "M-2.5-8h5v5.5h5.5v5h-5.5v5.5h-5v-5.5h-5.5v-5h5.5z",
    "M-5-8L0-3L5-8L8-5L3 0L8 5L5 8L0 3L-5 8L-8 5L-3 0L-8-5z",
];

/// Quantity of a plot over SNR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Mean squared error on \[0,1\] pixels.
    Mse,
    /// PSNR in dB of the mean squared error.
    Psnr,
    /// Cross entropy in nats.
    CrossEntropy,
    /// Fraction of pictures classified correctly.
    Accuracy,
    /// Mean of photographs' PSNRs in dB.
    MeanPsnr,
    /// Mean of their multi-scale structural similarities.
    MsSsim,
    /// PSNR in dB of each picture of a sequence.
    PicturePsnr,
    /// SNR in dB while it was sent.
    PictureSnr,
}

impl Quantity {
    /// Quantities of recovered pictures.
    pub const RECOVER: [Self; 2] = [Self::Mse, Self::Psnr];
    /// Quantities of photographs.
    pub const PHOTOS: [Self; 2] = [Self::MeanPsnr, Self::MsSsim];
    /// Quantities over the time of a sequence.
    pub const SEQUENCE: [Self; 2] = [Self::PicturePsnr, Self::PictureSnr];
    /// Quantities of classified pictures.
    pub const EXECUTE: [Self; 2] = [Self::CrossEntropy, Self::Accuracy];

    /// Its name in rows.
    pub fn metric(self) -> &'static str {
        match self {
            Self::Mse => "mse",
            Self::Psnr | Self::MeanPsnr | Self::PicturePsnr => "psnr_db",
            Self::PictureSnr => "snr_db",
            Self::MsSsim => "ms_ssim",
            Self::CrossEntropy => "cross_entropy",
            Self::Accuracy => "accuracy",
        }
    }

    /// Axis title.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Mse => "MSE",
            Self::Psnr => "PSNR of the mean MSE (dB)",
            Self::CrossEntropy => "cross entropy (nats)",
            Self::Accuracy => "accuracy",
            Self::MeanPsnr => "PSNR (dB), mean of the photographs",
            Self::MsSsim => "MS-SSIM, mean of the photographs",
            Self::PicturePsnr => "PSNR (dB) of what is shown",
            Self::PictureSnr => "SNR (dB)",
        }
    }

    /// Title of the axis that it is drawn over.
    fn across(self) -> &'static str {
        match self {
            Self::PicturePsnr | Self::PictureSnr => "time (s)",
            _ => ACROSS,
        }
    }

    fn is_log(self) -> bool {
        matches!(self, Self::Mse | Self::CrossEntropy)
    }

    /// The value between the ends of its 95 % band; `None` outside the axes.
    fn interval(self, estimate: Estimate) -> Option<[f64; 3]> {
        let Estimate { value, low, high } = estimate;
        let or = |end: f64| if end.is_nan() { value } else { end };
        let (low, high) = (or(low), or(high));
        // A log axis has no zero: such a band is clipped a decade (10 dB) from the value.
        if self.is_log() {
            (value > 1e-12 && value.is_finite()).then(|| [low.max(value / 10.0), value, high.min(10.0 * value)])
        } else {
            value.is_finite().then(|| [low.max(value - 10.0), value, high.min(value + 10.0)])
        }
    }

    fn axis(self, values: &[f64]) -> Axis {
        match self {
            Self::Mse => Axis::log(values, [2e-3, 5e-2]),
            Self::Psnr | Self::MeanPsnr | Self::PicturePsnr | Self::PictureSnr => Axis::linear(values, [10.0, 30.0]),
            Self::CrossEntropy => Axis::log(values, [2e-2, 2.0]),
            Self::Accuracy | Self::MsSsim => Axis::linear(values, [0.0, 1.0]),
        }
    }
}

/// One plot of all curves, as the content of an SVG of [`SIZE`].
pub(super) fn plot(quantities: [Quantity; 2], place: usize, curves: &[Curve]) -> Markup {
    let (shows, quantity) = (Shows { quantities, place }, quantities[place]);
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let snrs: Vec<f64> = points().map(|point| point.snr_db).filter(|snr| snr.is_finite()).collect();
    let values: Vec<f64> = points().filter_map(|point| shows.interval(point)).flatten().collect();
    let frame = Frame { x: Axis::linear(&snrs, [-5.0, 35.0]), y: quantity.axis(&values) };
    html! {
        (frame.grid(quantity.title(), quantity.across()))
        @for (index, curve) in curves.iter().enumerate() { (frame.band(index, shows, curve)) }
        @for (index, curve) in curves.iter().enumerate() { (frame.line(index, shows, curve)) }
    }
}

/// A short sample of curve `index`, for a legend.
pub(super) fn swatch(index: usize) -> Markup {
    let [width, height] = SWATCH;
    html! {
        (coloured(index, &html! {
            path d=(format!("M2 {0}H{1}", height / 2.0, width - 2.0)) fill="none"
                stroke="currentColor" stroke-width="2.5" stroke-dasharray=[dash(index)] {}
            path d=(marker(index)) fill="currentColor"
                transform=(translate(width / 2.0, height / 2.0)) {}
        }))
    }
}

/// Conventions of the plots that a caption must explain.
pub(super) fn caption(curves: &[Curve]) -> &'static str {
    if curves.iter().flat_map(|curve| &curve.points).any(|point| point.lost > 0.0) {
        "Shaded: 95 % confidence of the mean. Hollow marker: some frames were lost there."
    } else {
        "Shaded: 95 % confidence of the mean."
    }
}

pub(super) fn translate(x: f64, y: f64) -> String {
    format!("translate({x:.1} {y:.1})")
}

/// The pair of axes of the curves.
pub(super) struct Frame {
    pub x: Axis,
    pub y: Axis,
}

impl Frame {
    pub fn across(&self, snr_db: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * self.x.place(snr_db)
    }

    pub fn up(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * self.y.place(value)
    }

    pub fn grid(&self, title: &str, across: &str) -> Markup {
        let middle = f64::midpoint(TOP, BOTTOM);
        html! {
            g fill="none" stroke="currentColor" {
                @for tick in &self.x.ticks {
                    path d=(format!("M{:.1} {TOP}V{BOTTOM}", self.across(*tick))) stroke-opacity=".14" {}
                }
                @for tick in &self.y.ticks {
                    path d=(format!("M{LEFT} {:.1}H{RIGHT}", self.up(*tick))) stroke-opacity=".14" {}
                }
                path d=(format!("M{LEFT} {TOP}V{BOTTOM}H{RIGHT}")) stroke-width="1.5" {}
            }
            g fill="currentColor" font-size="20" {
                @for tick in &self.x.ticks {
                    text x=(format!("{:.1}", self.across(*tick))) y=(BOTTOM + 28.0)
                        text-anchor="middle" { (label(*tick)) }
                }
                @for tick in &self.y.ticks {
                    text x=(LEFT - 10.0) y=(format!("{:.1}", self.up(*tick) + 7.0))
                        text-anchor="end" { (label(*tick)) }
                }
                text x=(f64::midpoint(LEFT, RIGHT)) y=(BOTTOM + 66.0) text-anchor="middle"
                    font-size="22" { (across) }
                text text-anchor="middle" font-size="22"
                    transform=(format!("translate(24 {middle}) rotate(-90)")) { (title) }
            }
        }
    }

    fn band(&self, index: usize, shows: Shows, curve: &Curve) -> Markup {
        let ends: Vec<_> = shows.shown(curve).collect();
        let upper = ends.iter().map(|(point, [_, _, high])| (point.snr_db, *high));
        let lower = ends.iter().rev().map(|(point, [low, _, _])| (point.snr_db, *low));
        let d = self.path(upper.chain(lower));
        // The band of a single point is visible only by its outline.
        coloured(
            index,
            &html! {
                path d=(d) fill="currentColor" fill-opacity=".15" stroke="currentColor" stroke-opacity=".25" {}
            },
        )
    }

    fn line(&self, index: usize, shows: Shows, curve: &Curve) -> Markup {
        let d = self.path(shows.shown(curve).map(|(point, [_, value, _])| (point.snr_db, value)));
        coloured(
            index,
            &html! {
                path d=(d) fill="none" stroke="currentColor" stroke-width="2.5"
                    stroke-linejoin="round" stroke-dasharray=[dash(index)] {}
                @for (point, [_, value, _]) in shows.shown(curve) {
                    (self.marker(index, shows, curve, point, value))
                }
            },
        )
    }

    fn marker(&self, index: usize, shows: Shows, curve: &Curve, point: &CurvePoint, value: f64) -> Markup {
        let class = if point.lost > 0.0 { "marker hollow" } else { "marker" };
        let fill = if point.lost > 0.0 { "#fff" } else { "currentColor" };
        html! {
            path.(class) d=(marker(index)) fill=(fill) stroke="currentColor" stroke-width="2"
                transform=(translate(self.across(point.snr_db), self.up(value))) {
                title { (curve.label) ", " (shows.numbers(point)) }
            }
        }
    }

    pub fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let stops: Vec<String> = points.map(|(x, y)| format!("{:.1} {:.1}", self.across(x), self.up(y))).collect();
        if stops.is_empty() { String::new() } else { format!("M{}", stops.join("L")) }
    }
}

/// The quantity of a plot, among a report's.
#[derive(Clone, Copy)]
struct Shows {
    quantities: [Quantity; 2],
    place: usize,
}

impl Shows {
    /// Value and band of a point, if within the axes.
    fn interval(self, point: &CurvePoint) -> Option<[f64; 3]> {
        if point.snr_db.is_finite() { self.quantities[self.place].interval(point.values[self.place]) } else { None }
    }

    /// The points within the axes, with value and band.
    fn shown(self, curve: &Curve) -> impl DoubleEndedIterator<Item = (&CurvePoint, [f64; 3])> {
        curve.points.iter().filter_map(move |point| Some((point, self.interval(point)?)))
    }

    /// All numbers of a point, as text.
    fn numbers(self, point: &CurvePoint) -> String {
        let number = |(quantity, estimate): (Quantity, Estimate)| {
            let Estimate { value, low, high } = estimate;
            let digits = if quantity == Quantity::Psnr { 2 } else { 5 };
            format!("{} {value:.digits$} ({low:.digits$} to {high:.digits$})", quantity.title())
        };
        let numbers: Vec<_> = self.quantities.into_iter().zip(point.values).map(number).collect();
        let (snr, lost) = (label(point.snr_db), 100.0 * point.lost);
        format!("SNR {snr} dB: {}, {lost:.1} % of frames lost", numbers.join(", "))
    }
}

fn coloured(index: usize, content: &Markup) -> Markup {
    let colour = index % COLOURS.len();
    html! { g.{ "curve-" (colour) } color=(COLOURS[colour]) { (content) } }
}

fn dash(index: usize) -> Option<&'static str> {
    DASHES[index % DASHES.len()]
}

pub(super) fn marker(index: usize) -> &'static str {
    MARKERS[index % MARKERS.len()]
}
