//! One file per command.

pub mod data;
pub mod demo;
pub mod eval;
pub mod per;
pub mod rivals;
pub mod sweep;
pub mod train;
pub mod wifi;
