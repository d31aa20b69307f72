//! Rows of results.

use serde_json::Value;

/// A number of a row of results; null is none.
pub fn metric(row: &Value, name: &str) -> Option<f64> {
    row["metrics"].as_array()?.iter().find(|metric| metric["name"] == name)?["value"].as_f64()
}
