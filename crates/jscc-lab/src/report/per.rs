//! Packet error rates over SNR: two panels of curves, with the numbers below as their legend.

use maud::{Markup, html};

use super::axis::Axis;
use super::lettering::{CAPTION, HEADING, LABEL, NOTE, TITLE};
use super::plot::{self, ACROSS, Frame, translate};
use super::sheet::{Block, INNER, page, paragraph, stack};

/// Content of the figure.
#[derive(Debug, Clone, PartialEq)]
pub struct PerFigure {
    /// One line on the measurement.
    pub title: String,
    /// Conventions that a reader must know.
    pub notes: Vec<String>,
    /// Headings of the numbers below the panels; the first heads the curves' names.
    pub headers: Vec<String>,
    /// Panels side by side, at most two.
    pub panels: Vec<PerPanel>,
}

/// Curves that share their axes.
#[derive(Debug, Clone, PartialEq)]
pub struct PerPanel {
    /// Common properties of the curves.
    pub title: String,
    /// The curves; at most eight can be distinguished.
    pub curves: Vec<PerCurve>,
}

/// Curves of one rate.
#[derive(Debug, Clone, PartialEq)]
pub struct PerCurve {
    /// Numbers below the panel, one per header; the first is the curve's name.
    pub cells: Vec<String>,
    /// The aided receiver, dashed.
    pub aided: Vec<PerPoint>,
    /// The whole receiver, solid.
    pub unaided: Vec<PerPoint>,
}

/// Packet error rate at one SNR.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerPoint {
    /// Es/N0 per data subcarrier.
    pub snr_db: f64,
    /// Packet error rate.
    pub per: f64,
    /// Ends of its 95 % interval.
    pub ci95: [f64; 2],
}

/// Error rates within the axis.
const SHOWN: [f64; 2] = [1e-3, 1.0];
/// Error rate at which rates are compared.
const TARGET: f64 = 0.1;
/// Okabe and Ito's colours with black and, instead of yellow, which is hard to see on white, brown.
const COLOURS: [&str; 8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#1b1f24", "#e69f00", "#56b4e9", "#8c5a2b"];
/// Left edges of the columns below a panel: the swatch, then the cells.
const COLUMNS: [f64; 5] = [20.0, 100.0, 190.0, 400.0, 610.0];
const CAPTION_TEXT: &str = "Solid with markers: the whole receiver, with 95 % intervals. Dashed: the aided receiver. \
    Grey: the packet error rate of 10 % at which the rates are compared.";

/// The figure as one PNG file 1600 pixels wide.
pub fn png(figure: &PerFigure) -> Vec<u8> {
    let panels: Vec<Block> = figure.panels.iter().map(|panel| self::panel(panel, &figure.headers)).collect();
    let mut blocks = vec![paragraph(&figure.title, &TITLE), side_by_side(&panels), paragraph(CAPTION_TEXT, &CAPTION)];
    blocks.extend(figure.notes.iter().map(|note| paragraph(note, &NOTE)));
    page(&blocks)
}

fn side_by_side(panels: &[Block]) -> Block {
    let left = [0.0, INNER - plot::SIZE[0]];
    Block {
        height: panels.iter().map(|panel| panel.height).fold(0.0, f64::max) + 18.0,
        drawing: html! {
            @for (panel, left) in panels.iter().zip(left) {
                g transform=(translate(left, 0.0)) { (panel.drawing) }
            }
        },
    }
}

fn panel(panel: &PerPanel, headers: &[String]) -> Block {
    let title = HEADING.lines(&panel.title, plot::SIZE[0]);
    let title = Block { height: HEADING.height(&title), drawing: HEADING.draw(&title, COLUMNS[0]) };
    let curves = Block { height: plot::SIZE[1], drawing: curves(&panel.curves) };
    let mut blocks = vec![title, curves, line(&html! {}, headers)];
    blocks.extend(panel.curves.iter().enumerate().map(|(i, curve)| line(&swatch(i), &curve.cells)));
    stack(&blocks)
}

fn line(swatch: &Markup, cells: &[String]) -> Block {
    let height = LABEL.leading() + 3.0;
    let drawing = html! {
        g transform=(translate(COLUMNS[0], (LABEL.leading() - plot::SWATCH[1]) / 2.0)) { (swatch) }
        @for (cell, left) in cells.iter().zip(&COLUMNS[1..]) { (LABEL.draw(std::slice::from_ref(cell), *left)) }
    };
    Block { height, drawing }
}

fn swatch(index: usize) -> Markup {
    let [width, height] = plot::SWATCH;
    let path = format!("M2 {0}H{1}", height / 2.0, width - 2.0);
    html! {
        g color=(colour(index)) {
            path d=(path) fill="none" stroke="currentColor" stroke-width="2.5" {}
            path d=(plot::marker(index)) fill="currentColor" transform=(translate(width / 2.0, height / 2.0)) {}
        }
    }
}

fn colour(index: usize) -> &'static str {
    COLOURS[index % COLOURS.len()]
}

fn curves(curves: &[PerCurve]) -> Markup {
    let points = curves.iter().flat_map(|curve| curve.aided.iter().chain(&curve.unaided));
    let snrs: Vec<f64> = points.filter(|point| is_shown(point)).map(|point| point.snr_db).collect();
    let frame = Frame { x: Axis::linear(&snrs, [0.0, 25.0]), y: Axis::log(&SHOWN, SHOWN) };
    let ends = [f64::NEG_INFINITY, f64::INFINITY].map(|end| (end, TARGET));
    html! {
        (frame.grid("packet error rate", ACROSS))
        path d=(frame.path(ends.into_iter())) stroke="#8c959f" stroke-width="2" {}
        @for (index, curve) in curves.iter().enumerate() {
            g color=(colour(index)) {
                path d=(line_of(&frame, &curve.aided)) fill="none" stroke="currentColor" stroke-width="2"
                    stroke-dasharray="8 5" {}
                path d=(line_of(&frame, &curve.unaided)) fill="none" stroke="currentColor" stroke-width="2.5"
                    stroke-linejoin="round" {}
                @for point in curve.unaided.iter().filter(|point| is_shown(point)) { (marked(&frame, index, point)) }
            }
        }
    }
}

/// Whether a point is within the axis, which is logarithmic and has no zero.
fn is_shown(point: &PerPoint) -> bool {
    (SHOWN[0]..=SHOWN[1]).contains(&point.per)
}

fn line_of(frame: &Frame, points: &[PerPoint]) -> String {
    frame.path(points.iter().filter(|point| is_shown(point)).map(|point| (point.snr_db, point.per)))
}

fn marked(frame: &Frame, index: usize, point: &PerPoint) -> Markup {
    let (x, [low, high]) = (frame.across(point.snr_db), point.ci95.map(|end| frame.up(end)));
    let place = format!("{} scale(.75)", translate(x, frame.up(point.per)));
    html! {
        path d=(format!("M{x:.1} {low:.1}V{high:.1}")) stroke="currentColor" stroke-width="1.5" {}
        path d=(plot::marker(index)) fill="currentColor" transform=(place) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use resvg::tiny_skia::Pixmap;

    #[test]
    fn curves_with_nothing_to_show_are_drawn_too() {
        let point = |snr_db: f64, per: f64| PerPoint { snr_db, per, ci95: [0.0, (2.0 * per).min(1.0)] };
        let curve = PerCurve {
            cells: ["54", "18", "–", "–"].map(str::to_owned).to_vec(),
            aided: vec![point(17.0, 1.0), point(18.0, 0.1), point(19.0, 0.0)],
            unaided: vec![point(18.0, 0.0)],
        };
        let empty = PerCurve { aided: vec![], unaided: vec![], ..curve.clone() };
        for curves in [vec![curve; 9], vec![empty], vec![]] {
            let panel = PerPanel { title: "non-HT <".to_owned(), curves };
            let figure = PerFigure {
                title: "PER".to_owned(),
                notes: vec!["a note".to_owned()],
                headers: vec!["rate".to_owned()],
                panels: vec![panel; 2],
            };
            let bytes = png(&figure);
            assert_eq!(Pixmap::decode_png(&bytes).expect("a PNG file").width(), 1600);
            assert!(bytes == png(&figure), "the same figure gives the same bytes");
        }
    }
}
