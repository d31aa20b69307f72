//! The report as one picture: a sheet of SVG, drawn with an embedded font.

use std::sync::Arc;

use maud::{Markup, html};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Options, Tree};

use super::lettering::{CAPTION, HEADING, LABEL, Lettering, NOTE, TITLE};
use super::plot::{self, translate};
use super::{Curve, Gallery, GalleryRow, Report};

const WIDTH: f64 = 1600.0;
const MARGIN: f64 = 32.0;
pub(super) const INNER: f64 = WIDTH - 2.0 * MARGIN;
/// Width of "−5 dB" left of a row of pictures.
const ROW_NAME: f64 = 84.0;
/// Space between the pictures of two links.
const GUTTER: f64 = 20.0;
/// Space between two pictures.
const GAP: f64 = 2.0;
/// Smallest width of a link's name, even above a single picture.
const LEAST_LINK: f64 = 230.0;
/// Smallest width at which pictures can be judged.
const LEAST_PICTURE: f64 = 48.0;

/// The report as one PNG file 1600 pixels wide: title, plots, pictures and notes, without the table.
pub fn png(report: &Report) -> Vec<u8> {
    page(&blocks(report))
}

/// Stacked blocks as one PNG file.
pub(super) fn page(blocks: &[Block]) -> Vec<u8> {
    stack(blocks).png()
}

impl Block {
    /// The block on a white sheet, as an SVG file.
    pub fn svg(&self) -> String {
        let height = self.sheet_height();
        let mut svg = html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(WIDTH) height=(height)
                font-family="Noto Sans" color="#1b1f24" {
                rect width=(WIDTH) height=(height) fill="#fff" {}
                g transform=(translate(MARGIN, MARGIN)) { (self.drawing) }
            }
        }
        .into_string();
        // XML forbids these characters, and a label may contain them.
        svg.retain(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'));
        svg
    }

    /// The same as a PNG file.
    pub fn png(&self) -> Vec<u8> {
        rasterise(&self.svg(), self.sheet_height() as u32)
    }

    fn sheet_height(&self) -> f64 {
        (self.height + 2.0 * MARGIN).ceil()
    }
}

fn rasterise(svg: &str, height: u32) -> Vec<u8> {
    let mut fonts = Database::new();
    for font in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
        fonts.load_font_source(Source::Binary(Arc::new(font)));
    }
    let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
    let tree = Tree::from_str(svg, &options).expect("the sheet is SVG");
    let mut pixmap = Pixmap::new(WIDTH as u32, height).expect("the sheet has a size");
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    pixmap.encode_png().expect("the sheet fits in memory")
}

/// A piece of the sheet and its height.
pub(super) struct Block {
    pub height: f64,
    pub drawing: Markup,
}

fn blocks(report: &Report) -> Vec<Block> {
    let mut blocks = vec![paragraph(&report.title, &TITLE), plots(report)];
    blocks.extend(legend(&report.curves));
    blocks.push(paragraph(plot::caption(&report.curves), &CAPTION));
    blocks.extend(report.gallery.iter().flat_map(pictures));
    blocks.extend(report.notes.iter().map(|note| paragraph(note, &NOTE)));
    blocks
}

/// Stacks blocks vertically.
pub(super) fn stack(blocks: &[Block]) -> Block {
    let mut height = 0.0;
    let mut pieces = Vec::new();
    for block in blocks {
        pieces.push(html! { g transform=(translate(0.0, height)) { (block.drawing) } });
        height += block.height;
    }
    Block { height, drawing: html! { @for piece in pieces { (piece) } } }
}

pub(super) fn paragraph(text: &str, lettering: &Lettering) -> Block {
    let lines = lettering.lines(text, INNER);
    Block { height: lettering.height(&lines), drawing: lettering.draw(&lines, 0.0) }
}

fn plots(report: &Report) -> Block {
    let [width, height] = plot::SIZE;
    let left = [0.0, INNER - width];
    let drawing = html! {
        @for (place, left) in left.into_iter().enumerate() {
            g transform=(translate(left, 0.0)) { (plot::plot(report.quantities, place, &report.curves)) }
        }
    };
    Block { height, drawing }
}

/// The curves' names, in two columns if all are short enough.
pub(super) fn legend(curves: &[Curve]) -> Vec<Block> {
    let [swatch_width, swatch_height] = plot::SWATCH;
    let indent = swatch_width + 12.0;
    let lines = |curve: &Curve, columns: usize| LABEL.lines(&curve.label, INNER / columns as f64 - indent);
    let columns = if curves.iter().all(|curve| lines(curve, 2).len() == 1) { 2 } else { 1 };
    let entry = |index: usize, curve: &Curve| {
        let lines = lines(curve, columns);
        let left = (index % columns) as f64 * INNER / columns as f64;
        let drawing = html! {
            g transform=(translate(left, (LABEL.leading() - swatch_height) / 2.0)) {
                (plot::swatch(index))
            }
            (LABEL.draw(&lines, left + indent))
        };
        Block { height: LABEL.height(&lines), drawing }
    };
    let entries: Vec<Block> = curves.iter().enumerate().map(|(i, c)| entry(i, c)).collect();
    entries.chunks(columns).map(beside).collect()
}

/// Blocks side by side.
pub(super) fn beside(blocks: &[Block]) -> Block {
    Block {
        height: blocks.iter().map(|block| block.height).fold(0.0, f64::max),
        drawing: html! { @for block in blocks { (block.drawing) } },
    }
}

/// Layout of the pictures of the links.
struct Cells {
    /// Links per line.
    links: usize,
    /// Distance between two links.
    pitch: f64,
    /// Displayed size of a picture.
    picture: [f64; 2],
}

impl Cells {
    /// As many links per line as leave the pictures large enough.
    fn new(gallery: &Gallery) -> Self {
        let columns = gallery.originals.len().max(1) as f64;
        let with = |links: usize| {
            let room = (INNER - ROW_NAME + GUTTER) / links as f64 - GUTTER;
            let picture = gallery.shown(room / columns - GAP);
            let pitch = (columns * (picture[0] + GAP)).max(LEAST_LINK.min(room)) + GUTTER;
            Self { links, pitch, picture }
        };
        let large = |cells: &Self| cells.picture[0] >= LEAST_PICTURE && cells.pitch >= LEAST_LINK;
        (1..=gallery.rows.len()).rev().map(with).find(large).unwrap_or_else(|| with(1))
    }
}

fn pictures(gallery: &Gallery) -> Vec<Block> {
    gallery.check();
    let cells = Cells::new(gallery);
    let on_a_line = |rows: &[GalleryRow]| [names(&cells, rows), grids(&cells, gallery, rows)];
    gallery.rows.chunks(cells.links).flat_map(on_a_line).collect()
}

/// The names of the links on one line, aligned just above their pictures.
fn names(cells: &Cells, rows: &[GalleryRow]) -> Block {
    let lines: Vec<_> = rows.iter().map(|row| HEADING.lines(&row.label, cells.pitch - GUTTER)).collect();
    let height = lines.iter().map(|lines| HEADING.height(lines)).fold(0.0, f64::max);
    let drawing = html! {
        @for (index, lines) in lines.iter().enumerate() {
            g transform=(translate(0.0, height - HEADING.height(lines))) {
                (HEADING.draw(lines, ROW_NAME + index as f64 * cells.pitch))
            }
        }
    };
    Block { height, drawing }
}

/// The pictures of the links on one line, and the names of their rows.
fn grids(cells: &Cells, gallery: &Gallery, rows: &[GalleryRow]) -> Block {
    let step = cells.picture[1] + GAP;
    // The originals are separated from the received pictures.
    let top = |row: usize| row as f64 * step + if row == 0 { 0.0 } else { 8.0 };
    let drawing = html! {
        @for (link, row) in rows.iter().enumerate() {
            @for (index, (name, pictures)) in gallery.pictures(row).enumerate() {
                @if link == 0 { (row_name(&name, top(index) + cells.picture[1] / 2.0)) }
                (strip(cells, gallery, pictures, ROW_NAME + link as f64 * cells.pitch, top(index)))
            }
        }
    };
    Block { height: top(gallery.snr_db.len() + 1) + 24.0, drawing }
}

fn row_name(name: &str, middle: f64) -> Markup {
    html! {
        text x=(ROW_NAME - 12.0) y=(format!("{:.1}", middle + 7.0)) font-size="19" fill="#59636e"
            text-anchor="end" { (name) }
    }
}

fn strip(cells: &Cells, gallery: &Gallery, pictures: &[Vec<f32>], left: f64, top: f64) -> Markup {
    let [width, height] = cells.picture;
    html! {
        @for (index, picture) in pictures.iter().enumerate() {
            image x=(left.round() + index as f64 * (width + GAP)) y=(top.round())
                width=(width) height=(height) style=(gallery.rendering(cells.picture))
                href=(gallery.embed(picture)) {}
        }
    }
}
