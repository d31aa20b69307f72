//! stub

pub mod data;
pub mod files;
pub mod metrics;
pub mod report;
