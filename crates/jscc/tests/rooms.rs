//! The rooms of the workspace: each crate imports only those to its left, and keeps to what it is there for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 5] = ["jscc-phy", "jscc-radio", "jscc-nn", "jscc-lab", "jscc"];

/// Which of the workspace's crates a room may depend on.
const MAY_IMPORT: [(&str, &[&str]); 5] = [
    ("jscc-phy", &[]),
    ("jscc-radio", &["jscc-phy"]),
    ("jscc-nn", &["jscc-phy"]),
    ("jscc-lab", &["jscc-phy", "jscc-radio", "jscc-nn"]),
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
    (&["jscc-phy", "jscc-radio", "jscc-nn", "jscc-lab"], PRINTING, "only the door prints"),
    (&["jscc-phy", "jscc-nn", "jscc-lab"], &["stdout"], "the door prints; jscc-radio knows it as a file"),
    (&["jscc-phy", "jscc-nn", "jscc"], &["std::fs"], "only jscc-radio and jscc-lab touch files"),
    (
        &["jscc-phy", "jscc-radio", "jscc-nn", "jscc-lab"],
        &["std::net", "clap", "ureq"],
        "only the door speaks HTTP and parses arguments",
    ),
    (&["jscc-phy", "jscc-nn"], &["SystemTime", "Instant"], "a signal has no clock"),
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

/// Modules of one module, or of a crate, that no two of may import each other in a circle.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// What a module imports of its crate, as paths from the crate's root: `use` trees taken apart, and paths in the code.
fn imported(module: &[&str], text: &str) -> Vec<Vec<String>> {
    let code: String =
        code(text).iter().map(|(_, line)| line.split("//").next().unwrap_or("").to_owned() + " ").collect();
    let uses = code.split("use ").skip(1).filter_map(|rest| rest.split(';').next());
    let written = uses.flat_map(|tree| taken_apart("", tree)).chain(paths(&code));
    written.filter_map(|path| from_root(module, &path)).collect()
}

/// The paths of a `use` tree.
fn taken_apart(prefix: &str, tree: &str) -> Vec<String> {
    let mut depth = 0;
    let parts = tree.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let each = |part: &str| match part.trim().split_once('{') {
        Some((before, inner)) => taken_apart(&format!("{prefix}{before}"), inner.trim_end().trim_end_matches('}')),
        None => vec![format!("{prefix}{}", part.trim())],
    };
    parts.flat_map(each).collect()
}

/// Paths from the crate's root or the module above that stand in code.
fn paths(code: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !is_path(c));
    words.filter(|word| ["crate::", "super::"].iter().any(|root| word.starts_with(root))).map(str::to_owned).collect()
}

/// A path from the crate's root; none for another crate's.
fn from_root(module: &[&str], path: &str) -> Option<Vec<String>> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let mut base: Vec<&str> = match *parts.peek()? {
        "crate" => Vec::new(),
        "super" | "self" => module.to_vec(),
        _ => return None,
    };
    while let Some(part) = parts.next_if(|part| ["crate", "super", "self"].contains(part)) {
        if part == "super" {
            base.pop();
        }
    }
    Some(base.into_iter().chain(parts).map(str::to_owned).collect())
}

/// The modules of a crate, as paths, with their texts.
fn modules(src: &Path) -> Vec<(Vec<String>, String)> {
    let path = |file: &PathBuf| -> Vec<String> {
        let inside = file.strip_prefix(src).unwrap().with_extension("");
        inside.iter().map(|part| part.to_string_lossy().into_owned()).filter(|part| part != "mod").collect()
    };
    let files = sources(src).into_iter().map(|file| (path(&file), fs::read_to_string(&file).unwrap()));
    files.filter(|(path, _)| *path != ["lib"] && *path != ["main"]).collect()
}

/// For each module with modules in it, and the crate itself as "", who of these imports whom.
fn siblings(modules: &[(Vec<String>, String)]) -> BTreeMap<String, Imports> {
    let mut all: BTreeMap<String, Imports> = BTreeMap::new();
    let exists = |path: &[String]| modules.iter().any(|(module, _)| module.starts_with(path));
    for (module, text) in modules {
        let names: Vec<&str> = module.iter().map(String::as_str).collect();
        for target in imported(&names, text) {
            let common = module.iter().zip(&target).take_while(|(a, b)| a == b).count();
            if common < module.len() && common < target.len() && exists(&target[..=common]) {
                let imports = all.entry(module[..common].join("::")).or_default();
                imports.entry(module[common].clone()).or_default().insert(target[common].clone());
            }
        }
    }
    all
}

/// A circle among modules, if there is one: who imports whom, back to the first.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    fn back(imports: &Imports, way: &mut Vec<String>, seen: &mut BTreeSet<String>) -> bool {
        let (first, last) = (way[0].clone(), way[way.len() - 1].clone());
        for next in imports.get(&last).into_iter().flatten() {
            if *next == first {
                return true;
            }
            if seen.insert(next.clone()) {
                way.push(next.clone());
                if back(imports, way, seen) {
                    return true;
                }
                way.pop();
            }
        }
        false
    }
    imports.keys().find_map(|first| {
        let mut way = vec![first.clone()];
        back(imports, &mut way, &mut BTreeSet::new()).then_some(way)
    })
}

/// Imports between modules that are against a rule of their room.
fn module_faults(room: &str, modules: &[(Vec<String>, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (parent, imports) in siblings(modules) {
        if let Some(way) = circle(&imports) {
            faults.push(format!("{room}, in `{parent}`: a circle of imports, {}", way.join(" → ")));
        }
        for (from, to) in imports.iter().flat_map(|(from, all)| all.iter().map(move |to| (from.as_str(), to.as_str())))
        {
            let edge = (room, parent.as_str(), from, to);
            if parent == "methods" && room == "jscc-nn" && !HOSTS.contains(&(from, to)) {
                faults.push(format!("{room}: method `{from}` imports `{to}`, which is no host that it builds on"));
            }
            if let Some((_, why)) = NOT.iter().find(|(rule, _)| *rule == edge) {
                faults.push(format!("{room}: `{from}` imports `{to}`: {why}"));
            }
        }
    }
    faults
}

/// Methods that build on another, and that one.
const HOSTS: [(&str, &str); 1] = [("d2ajscc", "deepjscc")];

/// Imports that are forbidden: room, parent, from, to; and why.
const NOT: [((&str, &str, &str, &str), &str); 6] = [
    (("jscc-lab", "", "spec", "data"), "the experiment reader opens no data"),
    (("jscc-nn", "", "method", "methods"), "what a method is knows none"),
    (("jscc-nn", "", "train", "methods"), "the trainer knows the trait"),
    (("jscc-nn", "", "codec", "methods"), "codecs know the trait"),
    (("jscc-nn", "", "train", "zoo"), "the trainer knows the trait, not the list"),
    (("jscc-nn", "", "codec", "zoo"), "codecs know the trait, not the list"),
];

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
fn modules_import_each_other_in_no_circle() {
    let mut faults = Vec::new();
    for room in ROOMS {
        let modules = modules(&room_folder(room).join("src"));
        let imports: usize = siblings(&modules).values().flat_map(BTreeMap::values).map(BTreeSet::len).sum();
        assert!(imports > 10, "{room}: {imports} imports found: does this test read it right?");
        faults.extend(module_faults(room, &modules));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn planted_imports_are_found() {
    let faults = |room: &str, files: &[(&str, &str)]| {
        let module = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let modules: Vec<_> = files.iter().map(|(path, text)| (module(path), (*text).to_owned())).collect();
        module_faults(room, &modules)
    };
    let circle = faults("jscc-phy", &[("a", "use crate::b::X;"), ("b", "use super::{c, a::{Y, Z}};"), ("c", "")]);
    assert_eq!(circle, ["jscc-phy, in ``: a circle of imports, a → b"]);
    let long =
        [("w/a", "use super::b;"), ("w/b", "fn f() -> super::c::T {}"), ("w/c", "use crate::{q, w::a};"), ("q", "")];
    assert_eq!(faults("jscc-phy", &long), ["jscc-phy, in `w`: a circle of imports, a → b → c"]);
    let deep = [("w/a/x", "use super::super::b::T;"), ("w/b", "use super::a::x;")];
    assert_eq!(faults("jscc-phy", &deep).len(), 1);
    let method = [("methods/adjscc", "use super::deepjscc::Encoder;"), ("methods/deepjscc", "")];
    assert_eq!(
        faults("jscc-nn", &method),
        ["jscc-nn: method `adjscc` imports `deepjscc`, which is no host that it builds on"]
    );
    let host = [("methods/d2ajscc/proxy", "use crate::methods::deepjscc::Encoder;"), ("methods/deepjscc", "")];
    assert_eq!(faults("jscc-nn", &host), Vec::<String>::new());
    let reader = [("spec/link", "use crate::data::Dataset;"), ("data", "")];
    assert_eq!(faults("jscc-lab", &reader), ["jscc-lab: `spec` imports `data`: the experiment reader opens no data"]);
    let trainer = [("train/plan", "use crate::zoo;"), ("zoo", "use crate::train::Plan;")];
    assert_eq!(faults("jscc-nn", &trainer).len(), 2, "a circle, and a rule");
    let free = [
        ("a", "// use crate::b;\nuse std::b;\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}"),
        ("b", "use crate::a;"),
    ];
    assert_eq!(faults("jscc-phy", &free), Vec::<String>::new());
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
