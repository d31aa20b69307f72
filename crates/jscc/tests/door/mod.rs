//! The program as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

pub fn jscc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jscc")).args(args).current_dir(folder).output().expect("the binary runs")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Runs what must be refused: one line on stderr with these words, exit code 2, no panic.
pub fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let out = jscc(folder, args);
    let stderr = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{args:?}: {stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{args:?}: {stderr}");
    assert!(stderr.starts_with("error: ") && !stderr.contains("panicked"), "{args:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{args:?}: `{word}` is not in: {stderr}");
    }
}

/// What succeeds, as it is printed.
pub fn done(folder: &Path, args: &[&str]) -> String {
    let out = jscc(folder, args);
    assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
    text(&out.stdout)
}
