//! One file per command, and their common arguments.

mod air;
pub mod data;
pub mod demo;
pub mod emulate;
pub mod eval;
pub mod fidelity;
pub mod matrix;
mod measuring;
pub mod methods;
pub mod per;
pub mod photos;
mod rate;
pub mod receive;
pub mod report;
pub mod rivals;
pub mod send;
pub mod sweep;
pub mod train;
mod tuned;
pub mod wifi;
