//! Files for the program, and what it leaves.

use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// A training of some seconds, with everything that a checkpoint must hold.
pub const TRAINING: &str = r#"name = "tiny"

[data.digits]
seed = 1
images = 1600

[train]
k = 12
seeds = [1]
batch = 16

[[train.stage]]
epochs = 3
learning_rate = 1e-3
snr_db = [0, 20]
link = "ideal"

[[train.stage]]
name = "decoder"
epochs = 1
learning_rate = 1e-3
schedule = "constant"
snr_db = [0, 20]
link = "ideal"
average = 0.9
patience = 1

[[train.stage.turn]]
learns = ["decoder"]
steps = 1
"#;
