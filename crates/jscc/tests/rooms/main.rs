//! The rooms of the workspace: each crate imports only those to its left, and keeps to what it is there for.

mod imports;

use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 6] = ["jscc-phy", "jscc-photo", "jscc-radio", "jscc-nn", "jscc-lab", "jscc"];

/// Which of the workspace's crates a room may depend on.
const MAY_IMPORT: [(&str, &[&str]); 6] = [
    ("jscc-phy", &[]),
    ("jscc-photo", &["jscc-phy"]),
    ("jscc-radio", &["jscc-phy"]),
    ("jscc-nn", &["jscc-phy"]),
    ("jscc-lab", &["jscc-phy", "jscc-photo", "jscc-radio", "jscc-nn"]),
    ("jscc", &["jscc-radio", "jscc-lab"]),
];

/// Crates that belong to one room only.
const BELONGS_TO: [(&str, &str); 4] = [("burn", "jscc-nn"), ("clap", "jscc"), ("indicatif", "jscc"), ("ureq", "jscc")];

const PRINTING: &[&str] = &["print!", "println!", "eprint!", "eprintln!", "dbg!", "stderr"];

/// Words that may not stand in the sources of rooms, and why. `std::{` would hide a module from this test.
const FORBIDDEN: [(&[&str], &[&str], &str); 7] = [
    (
        &ROOMS,
        &["thread_rng", "rand::rng", "rand::random", "from_os_rng", "from_entropy", "OsRng"],
        "randomness is an argument",
    ),
    (&ROOMS, &["std::{"], "one `use` per module of std, so that rules can be checked"),
    (&["jscc-phy", "jscc-photo", "jscc-radio", "jscc-nn", "jscc-lab"], PRINTING, "only the door prints"),
    (&["jscc-phy", "jscc-photo", "jscc-nn", "jscc-lab"], &["stdout"], "the door prints; jscc-radio knows it as a file"),
    (&["jscc-phy", "jscc-photo", "jscc-nn", "jscc"], &["std::fs"], "only jscc-radio and jscc-lab touch files"),
    (
        &["jscc-phy", "jscc-photo", "jscc-radio", "jscc-nn", "jscc-lab"],
        &["std::net", "clap", "ureq"],
        "only the door speaks HTTP and parses arguments",
    ),
    (&["jscc-phy", "jscc-photo", "jscc-nn"], &["SystemTime", "Instant"], "a signal has no clock"),
];

/// What a manifest has that its room may not.
fn manifest_faults(room: &str, file: &str, text: &str) -> Vec<String> {
    let (_, may_import) = MAY_IMPORT.iter().find(|(name, _)| *name == room).expect("every room has its rule");
    let mut faults = Vec::new();
    for (number, name) in dependencies(text) {
        if name.starts_with("jscc") && !may_import.contains(&name) {
            faults.push(format!("{file}:{number}: {room} depends on {name}; it may only on {may_import:?}"));
        }
        for (only, owner) in BELONGS_TO {
            let is_it = name == only || name.strip_prefix(only).is_some_and(|rest| rest.starts_with('-'));
            if is_it && room != owner {
                faults.push(format!("{file}:{number}: {room} depends on {name}; only {owner} may"));
            }
        }
    }
    faults
}

/// Line number and name of each dependency of the crate itself; those of its tests are free.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    let mut inside = false;
    for (index, line) in manifest.lines().enumerate() {
        if let Some(section) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let is_for_tests = section.contains("dev-dependencies");
            let (table, name) = section.rsplit_once('.').unwrap_or((section, section));
            inside = name.ends_with("dependencies") && !is_for_tests;
            if table.ends_with("dependencies") && table != section && !is_for_tests {
                names.push((index + 1, name));
            }
        } else if inside {
            let name = line.trim().split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).next();
            names.extend(name.filter(|name| !name.is_empty()).map(|name| (index + 1, name)));
        }
    }
    names
}

/// What a source file has that its room may not, outside comments and tests.
fn source_faults(room: &str, file: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in code(text) {
        for (rooms, words, why) in FORBIDDEN {
            for word in words.iter().filter(|word| rooms.contains(&room) && has_word(line, word)) {
                faults.push(format!("{file}:{number}: `{word}` in {room}: {why}"));
            }
        }
        if room != "jscc-nn" && has_word(line, "burn") {
            faults.push(format!("{file}:{number}: `burn` in {room}: only jscc-nn has tensors"));
        }
    }
    faults
}

/// Lines that are neither a comment nor in an item of `#[cfg(test)]`, with their numbers.
fn code(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut test_item: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if let Some(outer) = test_item {
            // As rustfmt sets them, an item ends with the first line that closes something at its own depth.
            if indent == outer && line.ends_with(['}', ';']) {
                test_item = None;
            }
        } else if line.trim() == "#[cfg(test)]" {
            test_item = Some(indent);
        } else if !line.trim().starts_with("//") {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// Whether `word` stands in `line` and is no part of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let goes_on = word.ends_with(is_name) && line[at + word.len()..].starts_with(is_name);
        !line[..at].ends_with(is_name) && !goes_on
    })
}

fn room_folder(room: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(room)
}

/// Rust files below `folder`, but not `tests.rs` and folders of tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn rooms_depend_only_on_those_to_their_left() {
    for room in ROOMS {
        let path = room_folder(room).join("Cargo.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !dependencies(&text).is_empty(),
            "{}: no dependency found: does this test read it right?",
            path.display()
        );
        let faults = manifest_faults(room, &path.to_string_lossy(), &text);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

#[test]
fn rooms_keep_to_what_they_are_there_for() {
    let mut faults = Vec::new();
    for room in ROOMS {
        let files = sources(&room_folder(room).join("src"));
        assert!(files.len() > 3, "{room}: {} source files found: does this test read it right?", files.len());
        for path in files {
            faults.extend(source_faults(room, &path.to_string_lossy(), &fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn planted_dependencies_are_found() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nburn = \"1\"\njscc-lab.workspace = true\n";
    let faults = |room, manifest| manifest_faults(room, "F", manifest);
    assert_eq!(faults("jscc", manifest), ["F:4: jscc depends on burn; only jscc-nn may"]);
    assert_eq!(faults("jscc-nn", manifest), ["F:5: jscc-nn depends on jscc-lab; it may only on [\"jscc-phy\"]"]);
    for planted in [
        "[dependencies.burn-core]\nversion = \"1\"",
        "[target.'cfg(unix)'.dependencies]\nclap = \"4\"",
        "[build-dependencies]\nureq.workspace = true",
    ] {
        assert_eq!(faults("jscc-phy", planted).len(), 1, "{planted}");
    }
    assert!(faults("jscc-phy", "[dev-dependencies]\nclap = \"4\"\n[dev-dependencies.burn]").is_empty());
    assert!(faults("jscc-phy", "[dependencies]\nburner = \"1\"\n[features]\nclap = []").is_empty());
}

#[test]
fn planted_words_are_found() {
    for (room, line) in [
        ("jscc-phy", "    let now = std::time::Instant::now();"),
        ("jscc-phy", "use std::net::TcpStream;"),
        ("jscc-nn", "use std::fs;"),
        ("jscc-nn", "println!(\"loss {loss}\");"),
        ("jscc-radio", "eprintln!(\"{path}\");"),
        ("jscc-lab", "    dbg!(x);"),
        ("jscc-lab", "use clap::Parser;"),
        ("jscc-lab", "use burn::tensor::Tensor;"),
        ("jscc", "use burn::tensor::Tensor;"),
        ("jscc", "std::fs::write(path, bytes)"),
        ("jscc", "use std::{fs, io};"),
        ("jscc", "let mut rng = rand::rng();"),
        ("jscc-phy", "let rng = ChaCha8Rng::from_os_rng();"),
    ] {
        let text = format!("//! A file.\n\n{line}\n");
        let faults = source_faults(room, "F", &text);
        assert_eq!(faults.len(), 1, "{room}: {line}: {faults:?}");
        assert!(faults[0].starts_with("F:3: "), "{}", faults[0]);
    }
}

#[test]
fn comments_tests_and_longer_names_are_free() {
    let text =
        "// println!\n    /// std::fs\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\nlet InstantaneousPower = 1;\n";
    assert_eq!(source_faults("jscc-phy", "F", text), Vec::<String>::new());
    let behind = format!("{text}#[cfg(test)]\nmod tests;\n    dbg!(1);\n");
    assert_eq!(source_faults("jscc-phy", "F", &behind).len(), 1);
}
