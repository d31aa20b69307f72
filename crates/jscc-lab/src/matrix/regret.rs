//! Values of a matrix's cells, and regret: what a cell loses to the best of its column.

use super::cells::Cell;
use crate::metrics::find;
use crate::trainings::psnr_over;

/// A number per row and column; `None` where nothing was measured.
pub type Grid = Vec<Vec<Option<f64>>>;

/// The value of a cell over its trainings: PSNR in dB of the mean MSE, or mean accuracy in %.
pub fn value(trainings: &[Cell]) -> Option<f64> {
    let of = |name| trainings.iter().map(|cell| find(&cell.metrics, name)?.value).collect::<Option<Vec<f64>>>();
    let accuracy = |each: Vec<f64>| 100.0 * each.iter().sum::<f64>() / each.len() as f64;
    of("mse").map(|mse| psnr_over(&mse).0).or_else(|| of("accuracy").map(accuracy))
}

/// The best of each column less each value: the survey's mismatch in one number.
pub fn regret(values: &Grid) -> Grid {
    let n = values.iter().map(Vec::len).max().unwrap_or(0);
    let best = |column: usize| values.iter().filter_map(|row| row[column]).reduce(f64::max);
    let best: Vec<_> = (0..n).map(best).collect();
    let lost = |(value, best): (&Option<f64>, &Option<f64>)| Some((*best)? - (*value)?);
    values.iter().map(|row| row.iter().zip(&best).map(lost).collect()).collect()
}

/// Mean and largest regret of a row.
pub fn mean_and_worst(regrets: &[Option<f64>]) -> Option<[f64; 2]> {
    let there: Vec<f64> = regrets.iter().flatten().copied().collect();
    let worst = there.iter().copied().reduce(f64::max)?;
    Some([there.iter().sum::<f64>() / there.len() as f64, worst])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metric;

    #[test]
    fn regret_is_what_the_best_of_a_column_has_more() {
        let values = vec![vec![Some(20.0), Some(25.0)], vec![Some(18.0), Some(30.0)], vec![None, Some(29.0)]];
        let regrets = regret(&values);
        assert_eq!(regrets, [vec![Some(0.0), Some(5.0)], vec![Some(2.0), Some(0.0)], vec![None, Some(1.0)]]);
        assert_eq!(
            regrets.iter().map(|row| mean_and_worst(row)).collect::<Vec<_>>(),
            [Some([2.5, 5.0]), Some([1.0, 2.0]), Some([1.0, 1.0])]
        );
        assert_eq!(mean_and_worst(&[None]), None);
    }

    /// The mean is taken of squared errors, not of decibels.
    #[test]
    fn trainings_are_averaged_before_decibels() {
        let cell = |mse| Cell { line: String::new(), metrics: vec![Metric::exact("mse", mse)], passes: None };
        let db = value(&[cell(0.01), cell(0.03)]).expect("a value");
        assert!((db + 10.0 * 0.02f64.log10()).abs() < 1e-9);
        assert_eq!(value(&[Cell { line: String::new(), metrics: vec![], passes: None }]), None);
    }
}
