//! Text on the sheet, broken into lines, which SVG does not support.

use std::borrow::Cow;

use maud::{Markup, html};

/// Style of a text.
pub(super) struct Lettering {
    size: f64,
    weight: &'static str,
    colour: &'static str,
    /// Space below the last line.
    below: f64,
}

const INK: &str = "#1b1f24";
const QUIET: &str = "#59636e";

pub(super) const TITLE: Lettering = Lettering { size: 34.0, weight: "bold", colour: INK, below: 18.0 };
pub(super) const HEADING: Lettering = Lettering { size: 21.0, weight: "bold", colour: INK, below: 8.0 };
pub(super) const LABEL: Lettering = Lettering { size: 20.0, weight: "normal", colour: INK, below: 6.0 };
pub(super) const CAPTION: Lettering = Lettering { size: 19.0, weight: "normal", colour: QUIET, below: 32.0 };
pub(super) const NOTE: Lettering = Lettering { size: 19.0, weight: "normal", colour: QUIET, below: 6.0 };

impl Lettering {
    /// Distance between lines, in whole pixels so that the pictures below stay sharp.
    pub fn leading(&self) -> f64 {
        (1.35 * self.size).round()
    }

    /// Height of `lines` with the space below them.
    pub fn height(&self, lines: &[String]) -> f64 {
        lines.len() as f64 * self.leading() + self.below
    }

    /// Breaks `text` into lines of at most `width`.
    pub fn lines(&self, text: &str, width: f64) -> Vec<String> {
        // A letter of English in Noto Sans is half its size wide; bold and capitals need more.
        let letters = (width / (0.56 * self.size)) as usize;
        textwrap::wrap(text, letters).into_iter().map(Cow::into_owned).collect()
    }

    /// Draws `lines` with left edge `x`, from the top down.
    pub fn draw(&self, lines: &[String], x: f64) -> Markup {
        html! {
            g font-size=(self.size) font-weight=(self.weight) fill=(self.colour) {
                @for (index, line) in lines.iter().enumerate() {
                    text x=(x) y=(format!("{:.1}", self.size + index as f64 * self.leading())) {
                        (line)
                    }
                }
            }
        }
    }
}
