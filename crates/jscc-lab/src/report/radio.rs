//! Figure of one received frame: its points, its spectrum, its channel.

use std::fmt::Write as _;

use jscc_radio::picture::FramePicture;
use maud::{Markup, html};

use super::axis::{Axis, label};
use super::lettering::{CAPTION, HEADING, LABEL, TITLE};
use super::plot::translate;
use super::sheet::{Block, INNER, paragraph, stack};

/// The frame as an SVG file.
pub fn svg(picture: &FramePicture) -> String {
    sheet(picture).svg()
}

/// The frame as a PNG file 1600 pixels wide.
pub fn png(picture: &FramePicture) -> Vec<u8> {
    sheet(picture).png()
}

fn sheet(picture: &FramePicture) -> Block {
    let panel = Panel::new([0.0, 0.0], [740.0, 726.0], "Equalised points of DATA", ["I", "Q"]);
    let right = 812.0;
    let width = INNER - right;
    let spectrum = Panel::new([right, 0.0], [width, 222.0], "Power spectrum", ["MHz", "dB"]);
    let magnitude = Panel::new([right, 259.0], [width, 222.0], "Channel estimate, magnitude", ["subcarrier", "dB"]);
    let phase = Panel::new([right, 518.0], [width, 222.0], "Channel estimate, phase", ["subcarrier", "degrees"]);
    let drawing = html! {
        (constellation(picture, &panel))
        (spectrum.line(&picture.spectrum, &Axis::linear(&[-10.0, 10.0], [0.0; 2]), &auto(&picture.spectrum), BLUE))
        (magnitude.line(&picture.magnitude, &tones(), &auto(&picture.magnitude), GREEN))
        (phase.line(&picture.phase, &tones(), &quarters(), GREEN))
    };
    stack(&[
        paragraph(&picture.title, &TITLE),
        paragraph(&picture.summary, &LABEL),
        Block { height: 12.0, drawing: html! {} },
        Block { height: 764.0, drawing },
        paragraph(CAPTION_TEXT, &CAPTION),
    ])
}

fn constellation(picture: &FramePicture, panel: &Panel) -> Markup {
    let reach = picture.ideal.iter().flatten().fold(0.0f64, |reach, x| reach.max(x.abs())) * 1.35;
    let (x, y) = (Axis::linear(&[-reach, reach], [-1.5, 1.5]), Axis::linear(&[-reach, reach], [-1.5, 1.5]));
    let place = |[i, q]: [f64; 2]| panel.place(&x, &y, [i, q]);
    let mut dots = String::new();
    for &point in &picture.points {
        let [x, y] = place(point);
        // A line of zero length with round ends is a dot; one path draws thousands of them.
        write!(dots, "M{x:.1} {y:.1}h0").expect("a string takes all that is written");
    }
    let mut crosses = String::new();
    for &point in &picture.ideal {
        let [x, y] = place(point);
        write!(crosses, "M{:.1} {y:.1}h14M{x:.1} {:.1}v14", x - 7.0, y - 7.0)
            .expect("a string takes all that is written");
    }
    html! {
        (panel.grid(&x, &y))
        path d=(dots) fill="none" stroke=(BLUE) stroke-width="4" stroke-linecap="round" stroke-opacity=".45" {}
        path d=(crosses) fill="none" stroke=(ORANGE) stroke-width="2" {}
    }
}
const CAPTION_TEXT: &str = "Crosses: the constellation. Spectrum: 312.5 kHz a bin, Hann window, relative to its mean over \
    the occupied subcarriers. Channel: as estimated from the training fields; its slope in phase is the delay of the \
    receiver's window.";

/// From Okabe and Ito's colours, as in the other plots.
const BLUE: &str = "#0072b2";
const ORANGE: &str = "#d55e00";
const GREEN: &str = "#009e73";

/// Margins of a panel: for tick labels left of its axes, its heading above, tick labels below.
const LEFT: f64 = 84.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 34.0;

fn auto(points: &[[f64; 2]]) -> Axis {
    let values: Vec<f64> = points.iter().map(|[_, y]| *y).filter(|y| y.is_finite()).collect();
    let mut axis = Axis::linear(&values, [-1.0, 1.0]);
    // A low panel fits six labels; every second tick is as round as the ones between.
    if axis.ticks.len() > 6 {
        axis.ticks = axis.ticks.into_iter().step_by(2).collect();
    }
    axis
}

fn tones() -> Axis {
    let mut axis = Axis::linear(&[-28.0, 28.0], [0.0; 2]);
    axis.ticks = vec![-28.0, -21.0, -14.0, -7.0, 0.0, 7.0, 14.0, 21.0, 28.0];
    axis
}

fn quarters() -> Axis {
    let mut axis = Axis::linear(&[-180.0, 180.0], [0.0; 2]);
    axis.ticks = vec![-180.0, -90.0, 0.0, 90.0, 180.0];
    axis
}

/// A pair of axes with a heading.
struct Panel {
    heading: &'static str,
    /// Names of the axes.
    names: [&'static str; 2],
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Panel {
    /// A panel from its outer corner and size, all lettering included.
    fn new([x, y]: [f64; 2], [width, height]: [f64; 2], heading: &'static str, names: [&'static str; 2]) -> Self {
        Self { heading, names, left: x + LEFT, right: x + width, top: y + TOP, bottom: y + height - BOTTOM }
    }

    fn place(&self, x: &Axis, y: &Axis, [a, b]: [f64; 2]) -> [f64; 2] {
        [self.left + (self.right - self.left) * x.place(a), self.bottom - (self.bottom - self.top) * y.place(b)]
    }

    fn grid(&self, x: &Axis, y: &Axis) -> Markup {
        let Self { left, right, top, bottom, .. } = *self;
        let across = |tick: f64| self.place(x, y, [tick, 0.0])[0];
        let up = |tick: f64| self.place(x, y, [0.0, tick])[1];
        html! {
            g transform=(translate(0.0, top - TOP)) {
                (HEADING.draw(&[self.heading.to_owned()], left))
            }
            g fill="none" stroke="currentColor" {
                @for tick in &x.ticks { path d=(format!("M{:.1} {top}V{bottom}", across(*tick))) stroke-opacity=".14" {} }
                @for tick in &y.ticks { path d=(format!("M{left} {:.1}H{right}", up(*tick))) stroke-opacity=".14" {} }
                path d=(format!("M{left} {top}V{bottom}H{right}")) stroke-width="1.5" {}
            }
            g fill="currentColor" font-size="18" {
                @for tick in &x.ticks {
                    text x=(format!("{:.1}", across(*tick))) y=(bottom + 24.0) text-anchor="middle" { (label(*tick)) }
                }
                @for tick in &y.ticks {
                    text x=(left - 9.0) y=(format!("{:.1}", up(*tick) + 6.0)) text-anchor="end" { (label(*tick)) }
                }
                text x=(right) y=(top - 12.0) text-anchor="end" fill="#59636e" {
                    (self.names[1]) " over " (self.names[0])
                }
            }
        }
    }

    /// A line through the points, broken at gaps and where a phase wraps.
    fn line(&self, points: &[[f64; 2]], x: &Axis, y: &Axis, colour: &str) -> Markup {
        let usual = points.windows(2).map(|pair| pair[1][0] - pair[0][0]).fold(f64::INFINITY, f64::min);
        let mut d = String::new();
        let mut before = [f64::NEG_INFINITY, 0.0];
        for &point in points.iter().filter(|point| point[1].is_finite()) {
            let [px, py] = self.place(x, y, point);
            let is_broken = point[0] - before[0] > 1.5 * usual || (point[1] - before[1]).abs() > 180.0;
            let pen = if is_broken { 'M' } else { 'L' };
            write!(d, "{pen}{px:.1} {py:.1}").expect("a string takes all that is written");
            before = point;
        }
        html! {
            (self.grid(x, y))
            path d=(d) fill="none" stroke=(colour) stroke-width="2.5" stroke-linejoin="round" {}
        }
    }
}
