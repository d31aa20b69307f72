//! `jscc-lab`'s module `radio`, the very files, built without burn and the drawing of figures, which would take ten
//! minutes. Of `crate::report` the module needs two types that hold values; no target draws them.

#[path = "../../../crates/jscc-lab/src/files.rs"]
#[expect(dead_code, reason = "the radio needs a part of it")]
mod files;
#[path = "../../../crates/jscc-lab/src/radio/mod.rs"]
pub mod radio;

/// Stands in for `jscc_lab::report`.
pub mod report {
    /// `jscc_lab::report::Table`.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub struct Table {
        pub headers: Vec<String>,
        pub rows: Vec<Vec<String>>,
    }

    pub mod radio {
        /// `jscc_lab::report::radio::FramePicture`.
        pub struct FramePicture {
            pub title: String,
            pub summary: String,
            pub points: Vec<[f64; 2]>,
            pub ideal: Vec<[f64; 2]>,
            pub spectrum: Vec<[f64; 2]>,
            pub magnitude: Vec<[f64; 2]>,
            pub phase: Vec<[f64; 2]>,
        }
    }
}
