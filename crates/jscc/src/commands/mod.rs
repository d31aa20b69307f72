//! One file per command.

pub mod data;
pub mod demo;
pub mod eval;
pub mod sweep;
pub mod train;
