//! A matrix as one page and one picture: heat maps of values and of regret, and curves per group of columns.

use maud::{Markup, PreEscaped, html};

use super::lettering::{CAPTION, HEADING, NOTE, TITLE};
use super::plot::{self, Quantity, translate};
use super::sheet::{Block, INNER, legend, page, paragraph, stack};
use super::{Curve, Table};

/// Content of the report on a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixReport {
    /// One line on the measurement.
    pub title: String,
    /// Heat maps, one below the other.
    pub maps: Vec<HeatMap>,
    /// The quantity of the curves.
    pub quantities: [Quantity; 2],
    /// Curves of each group of columns.
    pub panels: Vec<(String, Vec<Curve>)>,
    /// Summary per row.
    pub table: Table,
    /// Conventions that a reader must know.
    pub notes: Vec<String>,
}

/// Numbers as coloured cells.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// What the numbers are.
    pub title: String,
    /// Colours.
    pub scale: Scale,
    /// Names of the rows.
    pub rows: Vec<String>,
    /// Names of groups of columns, and of their columns.
    pub groups: Vec<(String, Vec<String>)>,
    /// A number per row and column, of all groups; `None` where there is none.
    pub values: Vec<Vec<Option<f64>>>,
}

/// How numbers become colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The more the darker blue, from the smallest to the largest.
    More,
    /// Nothing white, the more the darker orange, from 0 to the largest.
    Loss,
}

const NAME: f64 = 330.0;
const CELL: f64 = 40.0;
/// Widest cell: few columns are not stretched over the sheet.
const WIDEST: f64 = 90.0;
/// Columns side by side; more are continued below.
const MOST: usize = 22;

/// The report as one PNG file 1600 pixels wide.
pub fn matrix_png(report: &MatrixReport) -> Vec<u8> {
    let mut blocks = vec![paragraph(&report.title, &TITLE)];
    blocks.extend(report.maps.iter().map(map));
    blocks.extend(report.panels.chunks(2).map(|pair| panels(report.quantities, pair)));
    blocks.extend(report.panels.first().into_iter().flat_map(|(_, curves)| legend(curves)));
    blocks.push(paragraph("Shaded: 95 % confidence of the mean.", &CAPTION));
    blocks.extend(report.notes.iter().map(|note| paragraph(note, &NOTE)));
    page(&blocks)
}

/// The report as one self-contained HTML file.
pub fn matrix_html(report: &MatrixReport) -> String {
    let drawn = |block: Block| PreEscaped(block.svg());
    let content = html! {
        @for of in &report.maps { figure.sheet { (drawn(map(of))) } }
        (super::page::numbers(&report.table))
        @for pair in report.panels.chunks(2) { figure.sheet { (drawn(panels(report.quantities, pair))) } }
        @if let Some((_, curves)) = report.panels.first() { figure.sheet { (drawn(stack(&legend(curves)))) } }
        (super::page::notes(&report.notes))
    };
    super::page::document(&report.title, &content)
}

fn panels(quantities: [Quantity; 2], pair: &[(String, Vec<Curve>)]) -> Block {
    let [width, height] = plot::SIZE;
    let panel = |(title, curves): &(String, Vec<Curve>)| {
        let lines = HEADING.lines(title, width);
        let title = Block { height: HEADING.height(&lines), drawing: HEADING.draw(&lines, 0.0) };
        stack(&[title, Block { height, drawing: plot::plot(quantities, 1, curves) }])
    };
    let panels: Vec<Block> = pair.iter().map(panel).collect();
    Block {
        height: panels.iter().map(|panel| panel.height).fold(0.0, f64::max) + 12.0,
        drawing: html! {
            @for (panel, left) in panels.iter().zip([0.0, INNER - width]) {
                g transform=(translate(left, 0.0)) { (panel.drawing) }
            }
        },
    }
}

fn map(map: &HeatMap) -> Block {
    let title = paragraph(&map.title, &HEADING);
    let mut blocks = vec![title];
    let (mut first, mut pieces): (usize, Vec<Vec<(usize, usize)>>) = (0, vec![Vec::new()]);
    for (group, (_, columns)) in map.groups.iter().enumerate() {
        let taken: usize = pieces.last().expect("a piece").iter().map(|(_, group)| map.groups[*group].1.len()).sum();
        if taken > 0 && taken + columns.len() > MOST {
            pieces.push(Vec::new());
        }
        pieces.last_mut().expect("a piece").push((first, group));
        first += columns.len();
    }
    blocks.extend(pieces.iter().map(|groups| piece(map, groups)));
    stack(&blocks)
}

/// Some groups of columns, each given by its first column and its place.
fn piece(map: &HeatMap, groups: &[(usize, usize)]) -> Block {
    let n: usize = groups.iter().map(|(_, group)| map.groups[*group].1.len()).sum();
    let width = ((INNER - NAME) / n.max(1) as f64).min(WIDEST);
    let mut left = NAME;
    let (mut names, mut cells) = (Vec::new(), Vec::new());
    let mut lines = 1;
    for &(first, group) in groups {
        let (name, columns) = &map.groups[group];
        let room = width * columns.len() as f64;
        let wrapped = NOTE.lines(name, room.max(60.0) - 8.0);
        lines = lines.max(wrapped.len());
        names.push(NOTE.draw(&wrapped, left + 2.0));
        for (i, column) in columns.iter().enumerate() {
            let x = left + width * i as f64;
            cells.push(text(column, x + width / 2.0, 22.0, 17.0, "#59636e"));
            for (row, values) in map.values.iter().enumerate() {
                cells.push(cell(map, values[first + i], [x, 32.0 + CELL * row as f64, width]));
            }
        }
        left += room;
    }
    let above = lines as f64 * NOTE.leading() + 4.0;
    let row_name = |(row, name): (usize, &String)| {
        html! { text x="0" y=(32.0 + CELL * (row as f64 + 0.65)) font-size="18" fill="#1b1f24" { (shortened(name)) } }
    };
    Block {
        height: above + 32.0 + CELL * map.rows.len() as f64 + 24.0,
        drawing: html! {
            @for name in &names { (name) }
            g transform=(translate(0.0, above)) {
                @for row in map.rows.iter().enumerate() { (row_name(row)) }
                @for cell in &cells { (cell) }
            }
        },
    }
}

/// A name that fits left of the cells.
fn shortened(name: &str) -> String {
    const LETTERS: usize = 34;
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    name.chars().take(LETTERS - 1).chain(['…']).collect()
}

fn cell(map: &HeatMap, value: Option<f64>, [x, y, width]: [f64; 3]) -> Markup {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return text("–", x + width / 2.0, y + 0.65 * CELL, 17.0, "#59636e");
    };
    let share = share(map, value);
    let ink = if share > 0.55 { "#ffffff" } else { "#1b1f24" };
    html! {
        rect x=(format!("{:.1}", x + 1.0)) y=(y + 1.0) width=(format!("{:.1}", width - 2.0)) height=(CELL - 2.0)
            fill=(colour(map.scale, share)) {}
        (text(&format!("{value:.1}"), x + width / 2.0, y + 0.65 * CELL, 17.0, ink))
    }
}

fn text(words: &str, x: f64, y: f64, size: f64, colour: &str) -> Markup {
    html! { text x=(format!("{x:.1}")) y=(format!("{y:.1}")) font-size=(size) fill=(colour) text-anchor="middle" { (words) } }
}

/// Place of a value among all, 0 to 1.
fn share(map: &HeatMap, value: f64) -> f64 {
    let all = || map.values.iter().flatten().flatten().copied().filter(|value| value.is_finite());
    let most = all().fold(f64::NEG_INFINITY, f64::max);
    let least = match map.scale {
        Scale::More => all().fold(f64::INFINITY, f64::min),
        Scale::Loss => 0.0,
    };
    if most > least { ((value - least) / (most - least)).clamp(0.0, 1.0) } else { 0.0 }
}

/// From white to blue or orange, dark enough at the end for white letters.
fn colour(scale: Scale, share: f64) -> String {
    let end = match scale {
        Scale::More => [8.0, 64.0, 129.0],
        Scale::Loss => [166.0, 54.0, 3.0],
    };
    let [red, green, blue] = end.map(|end| (250.0 + (end - 250.0) * share).round());
    format!("rgb({red},{green},{blue})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CurvePoint, Estimate};
    use resvg::tiny_skia::Pixmap;

    #[test]
    fn any_matrix_is_drawn_and_the_same_is_the_same() {
        let estimate = Estimate { value: 20.0, low: 19.0, high: 21.0 };
        let curve = Curve {
            label: "a row".to_owned(),
            points: vec![CurvePoint { snr_db: 0.0, values: [estimate; 2], lost: 0.0 }],
        };
        for n in [1, 7, 30] {
            let groups: Vec<_> = (0..n).map(|i| (format!("link {i} <&"), vec!["0 dB".to_owned(); 3])).collect();
            let values = vec![vec![Some(20.0); 3 * n], vec![None; 3 * n]];
            let rows = vec!["a row".to_owned(), "a row with a name that is much too long for its place".to_owned()];
            let of = |scale| HeatMap {
                title: "PSNR".to_owned(),
                scale,
                rows: rows.clone(),
                groups: groups.clone(),
                values: values.clone(),
            };
            let report = MatrixReport {
                title: "A matrix".to_owned(),
                maps: vec![of(Scale::More), of(Scale::Loss)],
                quantities: Quantity::RECOVER,
                panels: groups.iter().map(|(name, _)| (name.clone(), vec![curve.clone()])).collect(),
                table: Table { headers: vec!["row".to_owned()], rows: vec![vec!["a row".to_owned()]] },
                notes: vec!["a note".to_owned()],
            };
            let png = matrix_png(&report);
            assert_eq!(Pixmap::decode_png(&png).expect("a PNG file").width(), 1600);
            assert!(png == matrix_png(&report));
            let page = matrix_html(&report);
            assert!(page.contains("link 0 &lt;&amp;") && page.contains("a note"));
        }
    }
}
