//! Imports between modules of a crate: no circle, and a few that a room may not have.

use super::{ROOMS, code, room_folder, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

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
            let edge = [room, parent.as_str(), from, to];
            if parent == "methods" && room == "jscc-nn" && !HOSTS.contains(&(from, to)) {
                faults.push(format!("{room}: method `{from}` imports `{to}`, which is no host that it builds on"));
            }
            if let Some([.., why]) = NOT.iter().find(|rule| rule[..4] == edge) {
                faults.push(format!("{room}: `{from}` imports `{to}`: {why}"));
            }
        }
    }
    faults
}

/// Methods that build on another, and that one.
const HOSTS: [(&str, &str); 4] = [
    ("d2ajscc", "deepjscc"),
    ("adjscc", "deepjscc_conv"),
    ("hyper_ajscc", "deepjscc_conv"),
    ("snr_map", "deepjscc_conv"),
];

/// Imports that are forbidden: room, parent, from, to, and why.
const NOT: [[&str; 5]; 6] = [
    ["jscc-lab", "", "spec", "data", "the experiment reader opens no data"],
    ["jscc-nn", "", "method", "methods", "what a method is knows none"],
    ["jscc-nn", "", "train", "methods", "the trainer knows the trait"],
    ["jscc-nn", "", "codec", "methods", "codecs know the trait"],
    ["jscc-nn", "", "train", "zoo", "the trainer knows the trait, not the list"],
    ["jscc-nn", "", "codec", "zoo", "codecs know the trait, not the list"],
];

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
