use super::{Body, Fetched, Open, Patience, cache_below, fetch};
use crate::data::gzip::tests::packed;
use crate::data::{DataError, Downloads, PinnedFile, Places, Published, Sum};
use crate::error::Error;
use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ONE: &[u8] = b"the one file";
const TWO: &[u8] = b"the other file";

fn pinned(name: &'static str, bytes: &[u8]) -> PinnedFile {
    let hex = Sum::Sha256("").of(bytes).unwrap().leak();
    PinnedFile { name, size: bytes.len() as u64, sum: Sum::Sha256(hex) }
}

fn members() -> &'static [PinnedFile] {
    vec![pinned("one", ONE), pinned("two", TWO)].leak()
}

fn set(downloads: Downloads) -> Published {
    let places = Places { folders: &["set", ""], endings: ["", ".gz"] };
    Published { name: "Made-up", word: "made-up", files: members(), places, mirrors: &[], downloads }
}

/// A `.tar.gz` with these files.
fn archive_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    packed(&archive.into_inner().unwrap())
}

fn archived(bytes: &[u8]) -> Published {
    set(Downloads::Archive { file: pinned("set.tar.gz", bytes), folder: "set" })
}

/// Fetches from a server with these files; what came of it, and what the server was asked for.
fn run(set: &Published, dir: &Path, files: &BTreeMap<&str, Vec<u8>>) -> (Result<Vec<Fetched>, Error>, Vec<String>) {
    let (mut asked, mut last) = (Vec::new(), 0);
    let open: &mut Open = &mut |url: &str, offset| {
        let name = url.strip_prefix("mirror/").unwrap();
        asked.push(name.to_owned());
        let bytes = files.get(name).ok_or("is not there")?[offset as usize..].to_vec();
        Ok(Body { starts_at: offset, size: None, reader: Box::new(Cursor::new(bytes)) })
    };
    let window = Duration::from_mins(1);
    let patience = Patience { until: Instant::now() + window, least: 1, window };
    let fetched = fetch(set, dir, &["mirror"], &patience, open, &mut |at| {
        assert!((last..=at.total).contains(&at.done), "{at:?} after {last}");
        last = at.done;
    });
    (fetched, asked)
}

#[test]
fn an_archive_comes_once_and_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("here");
    let bytes = archive_of(&[("set/readme", b"no file of the set"), ("set/two", TWO), ("set/one", ONE)]);
    let (set, files) = (archived(&bytes), BTreeMap::from([("set.tar.gz", bytes)]));
    let paths = ["one", "two"].map(|name| dir.join("set").join(name));
    let (fetched, asked) = run(&set, &dir, &files);
    assert_eq!(fetched.unwrap(), paths.clone().map(Fetched::Downloaded));
    assert_eq!(asked, ["set.tar.gz"]);
    assert_eq!([&paths[0], &paths[1]].map(|path| fs::read(path).unwrap()), [ONE, TWO]);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "the archive is gone");
    assert_eq!(fs::read_dir(dir.join("set")).unwrap().count(), 2, "only the set's files");

    let (fetched, asked) = run(&set, &dir, &files);
    assert_eq!((fetched.unwrap(), asked.len()), (paths.clone().map(Fetched::Present).to_vec(), 0));
    fs::write(&paths[1], "damaged").unwrap();
    let (fetched, asked) = run(&set, &dir, &files);
    let [one, two] = paths;
    assert_eq!((fetched.unwrap(), asked.len()), (vec![Fetched::Present(one), Fetched::Downloaded(two.clone())], 1));
    assert_eq!(fs::read(two).unwrap(), TWO);
}

/// As after a run that was killed between download and unpacking.
#[test]
fn an_archive_that_is_there_is_not_downloaded() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = archive_of(&[("set/one", ONE), ("set/two", TWO)]);
    let path = folder.path().join("set.tar.gz");
    fs::write(&path, &bytes).unwrap();
    // A damaged copy beside does not stand in the way of the good file.
    fs::write(folder.path().join("one.gz"), "damaged").unwrap();
    let (fetched, asked) = run(&archived(&bytes), folder.path(), &BTreeMap::new());
    assert_eq!((fetched.unwrap().len(), asked.len(), path.exists()), (2, 0, false));
    assert!(archived(&bytes).verify(folder.path()).iter().all(|check| check.result.is_ok()));
}

#[test]
fn an_archive_that_holds_something_else_leaves_no_file() {
    let cases: [(Vec<u8>, &str); 4] = [
        (archive_of(&[("set/one", ONE)]), "set/two is not in it"),
        (archive_of(&[("set/one", ONE), ("two", TWO)]), "set/two is not in it"),
        (archive_of(&[("set/one", ONE), ("set/two", b"another file")]), "12 bytes, want 14"),
        (archive_of(&[("set/one", ONE), ("set/two", b"the wrong file")]), "SHA-256 is"),
    ];
    for (bytes, words) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (fetched, _) = run(&archived(&bytes), folder.path(), &BTreeMap::from([("set.tar.gz", bytes.clone())]));
        let error = fetched.unwrap_err();
        assert!(error.is_input() && error.to_string().contains(words), "{words}: {error}");
        assert!(!folder.path().join("set/two").exists(), "{words}");
    }
    let folder = tempfile::tempdir().unwrap();
    let cut = archive_of(&[("set/one", ONE), ("set/two", TWO)]);
    let cut = cut[..cut.len() - 20].to_vec();
    let (fetched, _) = run(&archived(&cut), folder.path(), &BTreeMap::from([("set.tar.gz", cut.clone())]));
    assert!(fetched.unwrap_err().to_string().contains("cannot be unpacked"));
    let (fetched, _) = run(&archived(&cut), folder.path(), &BTreeMap::new());
    assert!(matches!(fetched, Err(Error::Data(_))), "the archive is still there");
}

#[test]
fn files_of_their_own_come_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let files = BTreeMap::from([("one.gz", packed(ONE)), ("two.gz", packed(TWO))]);
    let each: &[PinnedFile] = vec![pinned("one.gz", &files["one.gz"]), pinned("two.gz", &files["two.gz"])].leak();
    let set = set(Downloads::Each(each));
    fs::write(folder.path().join("two"), TWO).unwrap();
    let (fetched, asked) = run(&set, folder.path(), &files);
    let [one, two] = ["one.gz", "two"].map(|name| folder.path().join(name));
    assert_eq!(fetched.unwrap(), [Fetched::Downloaded(one.clone()), Fetched::Present(two.clone())]);
    assert_eq!(asked, ["one.gz"]);
    assert_eq!(run(&set, folder.path(), &files).0.unwrap(), [one, two].map(Fetched::Present));
    fs::write(folder.path().join("two"), "damaged").unwrap();
    let (fetched, _) = run(&set, folder.path(), &BTreeMap::new());
    let Err(Error::Fetch { name, .. }) = fetched else { panic!("{fetched:?}") };
    assert_eq!(name, "two.gz");
    assert!(matches!(&set.verify(folder.path())[1].result, Err(DataError::Length { got: 7, .. })));
}

#[test]
fn the_cache_is_where_xdg_says() {
    let home = || Some(PathBuf::from("/ada"));
    assert_eq!(cache_below(Some("/cache".into()), home()), Path::new("/cache/jscc"));
    for ignored in [None, Some("".into()), Some("relative".into())] {
        assert_eq!(cache_below(ignored, home()), Path::new("/ada/.cache/jscc"));
    }
}
