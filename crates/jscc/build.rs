//! Names the code in results and cards: version and commit.

use std::process::Command;

fn main() {
    // Sources too: edited ones are no longer the commit.
    println!("cargo:rerun-if-changed=..");
    println!("cargo:rerun-if-changed=../../models");
    println!("cargo:rerun-if-changed=../../.git/HEAD");
    println!("cargo:rerun-if-changed=../../.git/refs/heads");
    let described = Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=10"]).output();
    let commit = described.ok().filter(|out| out.status.success()).and_then(|out| String::from_utf8(out.stdout).ok());
    let commit = commit.map_or("no commit".to_owned(), |commit| commit.trim().to_owned());
    println!("cargo:rustc-env=JSCC_CODE=jscc {} ({commit})", env!("CARGO_PKG_VERSION"));
}
