//! The mean over several trainings of a curve, with its confidence interval.

use crate::metrics::{Metric, psnr_db};
use crate::results::Row;

/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_985;
/// 97.5 % quantiles of Student's t with 1 to 10 degrees of freedom.
const T: [f64; 10] =
    [12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582, 2.446_912, 2.364_624, 2.306_004, 2.262_157, 2.228_139];

/// 97.5 % quantile of Student's t; for many degrees of freedom by the expansion of Abramowitz and Stegun, 26.7.5.
fn t_quantile(degrees: usize) -> f64 {
    if let Some(&t) = T.get(degrees - 1) {
        return t;
    }
    let n = degrees as f64;
    let odd = |coefficients: [f64; 5]| coefficients.iter().rev().fold(0.0, |sum, c| sum * Z * Z + c) * Z;
    Z + odd([1.0, 1.0, 0.0, 0.0, 0.0]) / (4.0 * n)
        + odd([3.0, 16.0, 5.0, 0.0, 0.0]) / (96.0 * n * n)
        + odd([-15.0, 17.0, 19.0, 3.0, 0.0]) / (384.0 * n.powi(3))
        + odd([-945.0, -1920.0, 1482.0, 776.0, 79.0]) / (92160.0 * n.powi(4))
}

/// The arithmetic mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Half-width of the 95 % interval of the mean of independent values, t s/sqrt(n); `None` for a single one, which gives
/// no estimate of the spread.
pub fn student_ci95(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let (n, mean) = (values.len() as f64, mean(values));
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Some(t_quantile(values.len() - 1) * (variance / n).sqrt()).filter(|half| half.is_finite())
}

/// PSNR in dB of the mean MSE of trainings, and the half-width of the 95 % interval of their own PSNRs.
pub fn psnr_over(mse: &[f64]) -> (f64, Option<f64>) {
    let each: Vec<f64> = mse.iter().map(|&mse| psnr_db(mse)).collect();
    (psnr_db(mean(mse)), student_ci95(&each))
}

/// A curve in tables and figures.
#[derive(Debug, Clone)]
pub struct MeanCurve {
    /// Its label.
    pub label: String,
    /// Number of trainings in the mean.
    pub trainings: usize,
    /// One row per SNR: of a single training as measured; of several the mean, with intervals over trainings and frames
    /// added.
    pub rows: Vec<Row>,
}

/// Groups the rows of a sweep, which come curve by curve and training by training, into curves.
pub fn mean_curves(rows: &[Row]) -> Vec<MeanCurve> {
    rows.chunk_by(|a, b| a.curve == b.curve).map(mean_curve).collect()
}

fn mean_curve(rows: &[Row]) -> MeanCurve {
    let trainings: Vec<&[Row]> = rows.chunk_by(|a, b| (a.weights(), a.seed) == (b.weights(), b.seed)).collect();
    let points = trainings[0].len();
    assert!(trainings.iter().all(|rows| rows.len() == points), "trainings of one curve have the same SNRs");
    let at = |i: usize| trainings.iter().map(|rows| &rows[i]).collect::<Vec<_>>();
    let rows = match trainings[..] {
        [only] => only.to_vec(),
        _ => (0..points).map(|i| mean_row(&at(i))).collect(),
    };
    MeanCurve { label: rows[0].curve.clone(), trainings: trainings.len(), rows }
}

fn mean_row(rows: &[&Row]) -> Row {
    let first = rows[0];
    let mut codec = first.codec.clone();
    if let Some(codec) = &mut codec {
        codec.weights = rows.iter().filter_map(|row| row.weights()).collect::<Vec<_>>().join(", ");
        codec.weights_sha256 = String::new();
    }
    Row {
        codec,
        metrics: first.metrics.iter().map(|metric| mean_metric(&metric.name, rows)).collect(),
        frames: rows.iter().map(|row| row.frames).sum(),
        lost: rows.iter().map(|row| row.lost).sum(),
        ..first.clone()
    }
}

/// The mean over trainings; PSNR is that of the mean MSE.
fn mean_metric(name: &str, rows: &[&Row]) -> Metric {
    let of = |name| rows.iter().map(|row| row.value(name).unwrap_or(f64::NAN)).collect::<Vec<_>>();
    let (value, half) = match name {
        // Photographs' PSNRs are means already, and come without an MSE.
        "psnr_db" if rows[0].metric("mse").is_some() => psnr_over(&of("mse")),
        name => (mean(&of(name)), student_ci95(&of(name))),
    };
    Metric::within(name, value, half.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, want: f64, within: f64) {
        assert!((got - want).abs() < within, "got {got}, want {want}");
    }

    #[test]
    fn quantiles_are_the_textbooks() {
        let textbook =
            [(1, 12.7062), (4, 2.7764), (10, 2.2281), (11, 2.2010), (20, 2.0860), (60, 2.0003), (99, 1.9842)];
        for (degrees, want) in textbook {
            near(t_quantile(degrees), want, 6e-5);
        }
    }

    #[test]
    fn intervals_in_closed_form() {
        // s = 1 of 1, 2, 3.
        near(student_ci95(&[1.0, 2.0, 3.0]).unwrap(), 4.302_653 / 3f64.sqrt(), 1e-6);
        assert_eq!(student_ci95(&[1.0]), None);
        assert_eq!(student_ci95(&[1.0, f64::INFINITY]), None);
        // 20 dB and 10 dB: s/sqrt(2) is half their distance.
        let (psnr, half) = psnr_over(&[0.01, 0.1]);
        near(psnr, -10.0 * 0.055f64.log10(), 1e-9);
        near(half.unwrap(), 5.0 * 12.706_205, 1e-6);
    }
}
