//! Metrics of a task, with their confidence intervals.
//!
//! | module | content |
//! |---|---|
//! | [`image`] | recovered pictures: MSE, PSNR, SSIM |
//! | [`classes`] | classified pictures: accuracy, cross entropy |
//! | [`interval`] | 95 % intervals of means and of probabilities |

pub mod classes;
pub mod image;
pub mod interval;

pub use image::{Quality, mse, psnr_db, ssim};

use serde::{Deserialize, Serialize};

/// A measured number. Infinity is stored as null, because JSON cannot represent it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// The number.
    pub value: Option<f64>,
    /// Ends of its 95 % interval, the lower first.
    pub ci95: [Option<f64>; 2],
}

impl Metric {
    /// A number between the ends of its interval.
    pub fn new(name: &str, value: f64, ci95: [f64; 2]) -> Self {
        Self { name: name.to_owned(), value: finite(value), ci95: ci95.map(finite) }
    }

    /// A number with the half-width of its interval.
    pub fn within(name: &str, value: f64, half: f64) -> Self {
        Self::new(name, value, [value - half, value + half])
    }

    /// An exact number, such as a count.
    pub fn exact(name: &str, value: f64) -> Self {
        Self::new(name, value, [f64::NAN; 2])
    }

    /// Half-width of the interval.
    pub fn half(&self) -> Option<f64> {
        let [low, high] = self.ci95;
        Some((high? - low?) / 2.0)
    }
}

/// The metric with this name.
pub fn find<'a>(metrics: &'a [Metric], name: &str) -> Option<&'a Metric> {
    metrics.iter().find(|metric| metric.name == name)
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}
