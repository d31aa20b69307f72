//! Heat maps and curves of a matrix.

use super::cells::Cell;
use super::needed::MatrixRow;
use super::regret::{Grid, mean_and_worst, regret, value};
use crate::Error;
use crate::metrics::{Metric, find};
use crate::report::{self, Curve, CurvePoint, Estimate, HeatMap, MatrixReport, Quantity, Scale, Table};
use crate::spec::{DeploySpec, Spec};
use crate::trainings::psnr_over;
use jscc_radio::files;
use std::path::{Path, PathBuf};

/// Cells of a matrix: by row, link, SNR and training.
pub type Measured = Vec<Vec<Vec<Vec<Cell>>>>;

/// The report on a matrix.
pub fn report(spec: &Spec, rows: &[MatrixRow], measured: &Measured) -> Result<MatrixReport, Error> {
    let matrix = spec.matrix()?;
    let values = values(measured);
    let regrets = regret(&values);
    let names: Vec<String> = rows.iter().map(|row| row.label.clone()).collect();
    let group =
        |deploy: &DeploySpec| (deploy.label.clone(), deploy.snr_db.iter().map(|db| format!("{db} dB")).collect());
    let groups: Vec<(String, Vec<String>)> = matrix.deploy.iter().map(group).collect();
    let (unit, quantities) = quantity(measured);
    let map =
        |title: String, scale, values| HeatMap { title, scale, rows: names.clone(), groups: groups.clone(), values };
    Ok(MatrixReport {
        title: matrix.title.clone().unwrap_or_else(|| spec.file.name.clone()),
        maps: vec![
            map(unit.to_owned(), Scale::More, values.clone()),
            map("Regret: what the best row of the column has more".to_owned(), Scale::Loss, regrets.clone()),
        ],
        quantities,
        panels: matrix
            .deploy
            .iter()
            .enumerate()
            .map(|(i, deploy)| panel(i, deploy, rows, measured, quantities))
            .collect(),
        table: table(rows, measured),
        notes: notes(spec, rows, measured),
    })
}

/// Writes `STEM.html` and `STEM.png` into a folder.
pub fn write(report: &MatrixReport, folder: &Path, stem: &str) -> Result<[PathBuf; 2], Error> {
    let paths = ["html", "png"].map(|ending| folder.join(format!("{stem}.{ending}")));
    files::write_atomic(&paths[0], report::matrix_html(report).as_bytes()).map_err(Error::Write)?;
    files::write_atomic(&paths[1], &report::matrix_png(report)).map_err(Error::Write)?;
    Ok(paths)
}

/// The value of each cell over its trainings, by row and column.
pub fn values(measured: &Measured) -> Grid {
    measured.iter().map(|row| row.iter().flatten().map(|cells| value(cells)).collect()).collect()
}

/// Mean and worst regret per row, the mean value, and what its trainings cost.
pub fn table(rows: &[MatrixRow], measured: &Measured) -> Table {
    let values = values(measured);
    let regrets = regret(&values);
    let number = |x: Option<f64>| x.map_or("–".to_owned(), |x| format!("{x:.2}"));
    let line = |(i, row): (usize, &MatrixRow)| {
        let (values, regrets) = (&values[i], &regrets[i]);
        let there: Vec<f64> = values.iter().flatten().copied().collect();
        let mean = (!there.is_empty()).then(|| there.iter().sum::<f64>() / there.len() as f64);
        let of = mean_and_worst(regrets);
        let trainings = row.by_link.iter().map(Vec::len).max().unwrap_or(0);
        vec![
            row.label.clone(),
            trainings.to_string(),
            passes(&measured[i]),
            number(mean),
            number(of.map(|[m, _]| m)),
            number(of.map(|[_, w]| w)),
        ]
    };
    Table {
        headers: ["row", "trainings", "passes", "mean", "mean regret", "worst regret"].map(str::to_owned).to_vec(),
        rows: rows.iter().enumerate().map(line).collect(),
    }
}

/// Pictures forward and backward per training, or the most of several links.
fn passes(row: &[Vec<Vec<Cell>>]) -> String {
    let most = row.iter().flatten().flatten().map(|cell| cell.passes).max().flatten();
    most.map_or("–".to_owned(), |passes| passes.to_string())
}

fn quantity(measured: &Measured) -> (&'static str, [Quantity; 2]) {
    let recovers = measured.iter().flatten().flatten().flatten().any(|cell| find(&cell.metrics, "mse").is_some());
    if recovers { ("PSNR in dB of the mean MSE", Quantity::RECOVER) } else { ("Accuracy in %", Quantity::EXECUTE) }
}

/// Curves of all rows on one link.
fn panel(
    link: usize,
    deploy: &DeploySpec,
    rows: &[MatrixRow],
    measured: &Measured,
    quantities: [Quantity; 2],
) -> (String, Vec<Curve>) {
    let point = |(snr_db, cells): (&f64, &Vec<Cell>)| CurvePoint {
        snr_db: *snr_db,
        values: quantities.map(|quantity| estimate(cells, quantity)),
        lost: 0.0,
    };
    let curve = |(row, measured): (&MatrixRow, &Vec<Vec<Vec<Cell>>>)| Curve {
        label: row.label.clone(),
        points: deploy.snr_db.iter().zip(&measured[link]).map(point).collect(),
    };
    (deploy.label.clone(), rows.iter().zip(measured).map(curve).collect())
}

/// Over trainings; of a single one its own interval.
fn estimate(cells: &[Cell], quantity: Quantity) -> Estimate {
    let metrics: Vec<&Metric> = cells.iter().filter_map(|cell| find(&cell.metrics, quantity.metric())).collect();
    let nothing = Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN };
    let each: Vec<f64> = metrics.iter().filter_map(|metric| metric.value).collect();
    match (&metrics[..], quantity) {
        ([], _) => nothing,
        ([only], _) => {
            let [low, high] = only.ci95.map(|end| end.unwrap_or(f64::NAN));
            Estimate { value: only.value.unwrap_or(f64::NAN), low, high }
        }
        (_, Quantity::Psnr) => {
            let mse: Vec<f64> = cells.iter().filter_map(|cell| find(&cell.metrics, "mse")?.value).collect();
            let (value, half) = psnr_over(&mse);
            within(value, half)
        }
        _ => within(each.iter().sum::<f64>() / each.len() as f64, crate::trainings::student_ci95(&each)),
    }
}

fn within(value: f64, half: Option<f64>) -> Estimate {
    let half = half.unwrap_or(f64::NAN);
    Estimate { value, low: value - half, high: value + half }
}

fn notes(spec: &Spec, rows: &[MatrixRow], measured: &Measured) -> Vec<String> {
    let images = spec.file.matrix.as_ref().and_then(|matrix| matrix.images);
    let pictures = images.map_or("All".to_owned(), |n| n.to_string());
    let told = rows.iter().filter(|row| !row.tell.is_true());
    let told =
        told.map(|row| format!("{}: {}", row.label, serde_json::to_string(&row.tell).expect("words and numbers")));
    let told: Vec<String> = told.collect();
    let mut notes = vec![
        format!("{pictures} test pictures of {}; several trainings of a row are averaged.", spec.data_name()),
        "SNR is Es/N0 per complex symbol of mean power 1; on Wi-Fi per data subcarrier of power 1, at the fixed gain of a card. Over fading it is the mean.".to_owned(),
        format!("{} cells measured.", measured.iter().flatten().flatten().flatten().count()),
    ];
    if !told.is_empty() {
        notes.push(format!("Told something else than the truth: {}.", told.join("; ")));
    }
    notes
}
