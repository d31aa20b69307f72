//! The report as one HTML file.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::plot;
use super::{Gallery, GalleryRow, Report, Table};

/// The report as one self-contained HTML file: no scripts, no requests, light and dark mode.
pub fn html(report: &Report) -> String {
    let content = html! {
        (plots(report))
        (numbers(&report.table))
        @if let Some(gallery) = &report.gallery { (pictures(gallery)) }
        (notes(&report.notes))
    };
    document(&report.title, &content)
}

/// A page below its headline.
pub(crate) fn document(title: &str, content: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body { main { h1 { (title) } (content) } }
        }
    }
    .into_string()
}

fn plots(report: &Report) -> Markup {
    let Report { quantities, curves, .. } = report;
    let [width, height] = plot::SIZE;
    let [swatch_width, swatch_height] = plot::SWATCH;
    html! {
        figure {
            div.plots {
                @for (place, quantity) in quantities.iter().enumerate() {
                    svg role="img" viewBox=(format!("0 0 {width} {height}"))
                        aria-label={ (quantity.title()) " against SNR" } { (plot::plot(*quantities, place, curves)) }
                }
            }
            ul.legend {
                @for (index, curve) in curves.iter().enumerate() {
                    li {
                        svg viewBox=(format!("0 0 {swatch_width} {swatch_height}")) aria-hidden="true" {
                            (plot::swatch(index))
                        }
                        span { (curve.label) }
                    }
                }
            }
            figcaption { (plot::caption(curves)) }
        }
    }
}

pub(super) fn numbers(of: &Table) -> Markup {
    html! { @if !of.rows.is_empty() { h2 { "Numbers" } (table(of)) } }
}

/// A table that scrolls where it is too wide.
pub(crate) fn table(table: &Table) -> Markup {
    for row in &table.rows {
        assert_eq!(row.len(), table.headers.len(), "cells in a row, columns");
    }
    html! {
        div.scroll {
            table.numbers {
                thead { tr { @for header in &table.headers { th scope="col" { (header) } } } }
                tbody { @for row in &table.rows { tr { @for cell in row { td { (cell) } } } } }
            }
        }
    }
}

fn pictures(gallery: &Gallery) -> Markup {
    gallery.check();
    html! {
        h2 { "Pictures" }
        div.gallery { @for row in &gallery.rows { (link(gallery, row)) } }
    }
}

fn link(gallery: &Gallery, row: &GalleryRow) -> Markup {
    let shown = gallery.shown(gallery.shape[2].clamp(64, 160) as f64);
    let [width, height] = shown.map(f64::round);
    html! {
        figure.scroll style=(gallery.rendering(shown)) {
            figcaption { (row.label) }
            table {
                tr { th {} @for number in 1..=gallery.originals.len() { th scope="col" { (number) } } }
                @for (name, pictures) in gallery.pictures(row) {
                    tr {
                        th scope="row" { (name) }
                        @for (index, picture) in pictures.iter().enumerate() {
                            td {
                                img width=(width) height=(height)
                                    alt=(format!("picture {}, {}, {name}", index + 1, row.label))
                                    src=(gallery.embed(picture));
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn notes(notes: &[String]) -> Markup {
    html! {
        @if !notes.is_empty() {
            h2 { "How to read this" }
            ul.notes { @for note in notes { li { (note) } } }
        }
    }
}
