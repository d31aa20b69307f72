//! Axes: positions of values, and ticks.

/// One axis of a plot.
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    /// Values that carry a grid line and a label.
    pub ticks: Vec<f64>,
}

#[derive(Clone, Copy)]
enum Scale {
    Linear,
    Log,
}

impl Axis {
    /// A linear axis around `values`, or around `empty` when there are none.
    pub fn linear(values: &[f64], empty: [f64; 2]) -> Self {
        let [low, high] = range(values).unwrap_or(empty);
        let pad = if high > low { 0.04 * (high - low) } else { 1.0 };
        let (low, high) = (low - pad, high + pad);
        let (mantissa, exponent) = step(high - low);
        let unit = decimal(mantissa, exponent);
        let first = (low / unit).ceil() as i64;
        let last = (high / unit).floor() as i64;
        Self {
            scale: Scale::Linear,
            low,
            high,
            ticks: (first..=last).map(|k| decimal(k * mantissa, exponent)).collect(),
        }
    }

    /// A logarithmic axis around positive `values`, or around `empty` when there are none.
    pub fn log(values: &[f64], empty: [f64; 2]) -> Self {
        let [low, high] = range(values).unwrap_or(empty);
        let exponents = low.log10().floor() as i32 - 1..=high.log10().ceil() as i32 + 1;
        let rungs: Vec<f64> = exponents.flat_map(|e| [1, 2, 5].map(|m| decimal(m, e))).collect();
        let first = rungs.partition_point(|&rung| rung < low) - 1;
        let last = rungs.partition_point(|&rung| rung <= high);
        let most_labels = 9;
        let ticks = if last - first < most_labels {
            rungs[first..=last].to_vec()
        } else {
            rungs[first..=last].iter().copied().filter(|rung| rung.log10().fract() == 0.0).collect()
        };
        Self { scale: Scale::Log, low: rungs[first], high: rungs[last], ticks }
    }

    /// Position of `value`: 0 at the low end, 1 at the high end. Values outside are clamped.
    pub fn place(&self, value: f64) -> f64 {
        let on_scale = |v: f64| match self.scale {
            Scale::Linear => v,
            Scale::Log => v.log10(),
        };
        let (low, high) = (on_scale(self.low), on_scale(self.high));
        ((on_scale(value) - low) / (high - low)).clamp(0.0, 1.0)
    }
}

/// A number as text: with a true minus sign, and a power of ten instead of many zeros.
pub(super) fn label(value: f64) -> String {
    let digits = if value != 0.0 && value.abs() < 1e-3 { format!("{value:e}") } else { value.to_string() };
    digits.replace('-', "−")
}

fn range(values: &[f64]) -> Option<[f64; 2]> {
    values.iter().map(|&v| [v, v]).reduce(|[low, high], [v, _]| [low.min(v), high.max(v)])
}

/// Mantissa and exponent of the finest step of 1, 2 or 5 that divides `span` into at most ten.
fn step(span: f64) -> (i64, i32) {
    let least = span / 10.0;
    let exponent = least.log10().floor() as i32;
    let mantissa = [1, 2, 5].into_iter().find(|&m| decimal(m, exponent) >= least);
    mantissa.map_or((1, exponent + 1), |m| (m, exponent))
}

/// The float nearest to mantissa · 10^exponent, so that ticks print without rounding errors.
fn decimal(mantissa: i64, exponent: i32) -> f64 {
    format!("{mantissa}e{exponent}").parse().expect("a decimal number")
}
