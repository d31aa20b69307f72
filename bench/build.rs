//! Links VOLK where pkg-config knows it, and says so by `cfg(volk)`.

use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(volk)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_PATH");
    let Ok(found) = Command::new("pkg-config").args(["--libs", "volk"]).output() else { return };
    if !found.status.success() {
        return;
    }
    println!("cargo::rustc-cfg=volk");
    for flag in String::from_utf8_lossy(&found.stdout).split_whitespace() {
        if let Some(folder) = flag.strip_prefix("-L") {
            println!("cargo::rustc-link-search=native={folder}");
        } else if let Some(library) = flag.strip_prefix("-l") {
            println!("cargo::rustc-link-lib={library}");
        }
    }
}
