//! Writes the seeds to `corpus/TARGET/`, beside this package's manifest.

use std::fs;
use std::path::Path;

fn main() -> std::io::Result<()> {
    for (name, _, seeds) in jscc_fuzz::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        fs::create_dir_all(&folder)?;
        for (i, seed) in seeds().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{i:02}")), seed)?;
        }
    }
    Ok(())
}
