use super::{Body, Patience, download};
use crate::data::pinned::{PinnedFile, Sum};
use crate::error::Error;
use std::fs;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

const SIZE: usize = 200_000;
const SHA256: &str = "e24bc62381f1224fbbb74688663f8f9743b9680b193edd666835e97b06e730eb";
const PINNED: PinnedFile = PinnedFile { name: "made-up.gz", size: SIZE as u64, sum: Sum::Sha256(SHA256) };

/// Mirrors, and the offsets requested from them.
type Requests = &'static [(&'static str, u64)];

fn content() -> Vec<u8> {
    (0..SIZE).map(|i| (i % 251) as u8).collect()
}

/// A connection that breaks.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset"))
    }
}

/// A server that sends a byte from time to time.
struct Slow(std::vec::IntoIter<u8>);

impl Read for Slow {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(2));
        let Some(byte) = self.0.next() else { return Ok(0) };
        bytes[0] = byte;
        Ok(1)
    }
}

/// Longer than any test.
fn patience() -> Patience {
    let minute = Duration::from_mins(1);
    Patience { until: Instant::now() + minute, least: 1, window: minute }
}

/// Behaviour of the mirror of each name.
fn open(url: &str, offset: u64) -> Result<Body, String> {
    let mirror = url.strip_suffix("/made-up.gz").unwrap();
    let rest = content().split_off(offset as usize);
    let size = Some(SIZE as u64);
    let body = |starts_at, bytes: Vec<u8>| Body { starts_at, size, reader: Box::new(Cursor::new(bytes)) };
    match mirror {
        "good" => Ok(body(offset, rest)),
        "no-range" => Ok(body(0, content())),
        "breaks" => {
            Ok(Body { starts_at: offset, size, reader: Box::new(Cursor::new(rest).take(90_000).chain(Broken)) })
        }
        "ends" => Ok(body(offset, rest[..10].to_vec())),
        "wrong" => Ok(body(offset, vec![7; rest.len()])),
        "endless" => Ok(Body { starts_at: 0, size: None, reader: Box::new(io::repeat(7)) }),
        "web-page" => Ok(Body { size: Some(10), ..body(0, vec![b'<'; 10]) }),
        "slow" => Ok(Body { starts_at: offset, size, reader: Box::new(Slow(rest.into_iter())) }),
        "ahead" => Ok(body(offset + 1, rest[1..].to_vec())),
        _ => Err("is down".into()),
    }
}

/// The outcome, and the offsets requested from the mirrors.
fn fetch_from(dir: &Path, mirrors: &[&str]) -> (Result<PathBuf, Error>, Vec<(String, u64)>) {
    fetch_within(&patience(), dir, mirrors)
}

fn fetch_within(patience: &Patience, dir: &Path, mirrors: &[&str]) -> (Result<PathBuf, Error>, Vec<(String, u64)>) {
    let mut asked = Vec::new();
    let mut open = |url: &str, offset| {
        asked.push((url.replace("/made-up.gz", ""), offset));
        open(url, offset)
    };
    let outcome = download(&PINNED, dir, mirrors, patience, &mut open, &mut |here| assert!(here <= PINNED.size));
    (outcome, asked)
}

fn asked(expected: Requests) -> Vec<(String, u64)> {
    expected.iter().map(|&(mirror, offset)| (mirror.into(), offset)).collect()
}

fn names(dir: &Path) -> Vec<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn whatever_fails_first_the_good_mirror_completes_the_file() {
    let cases: [(&[&str], Requests); 10] = [
        (&["good"], &[("good", 0)]),
        (&["good/"], &[("good", 0)]),
        (&["down", "good"], &[("down", 0), ("good", 0)]),
        (&["breaks", "good"], &[("breaks", 0), ("good", 90_000)]),
        (&["breaks", "ends", "good"], &[("breaks", 0), ("ends", 90_000), ("good", 90_010)]),
        (&["breaks", "no-range"], &[("breaks", 0), ("no-range", 90_000)]),
        (
            &["breaks", "web-page", "ahead", "good"],
            &[("breaks", 0), ("web-page", 90_000), ("ahead", 90_000), ("good", 90_000)],
        ),
        (&["wrong", "good"], &[("wrong", 0), ("good", 0)]),
        (&["endless", "good"], &[("endless", 0), ("good", 0)]),
        // Right bytes followed by wrong ones: the second mirror gets one try from zero.
        (&["breaks", "wrong", "good"], &[("breaks", 0), ("wrong", 90_000), ("wrong", 0), ("good", 0)]),
    ];
    for (mirrors, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("a/b");
        let (outcome, requests) = fetch_from(&dir, mirrors);
        let path = dir.join("made-up.gz");
        assert_eq!(outcome.unwrap(), path, "{mirrors:?}");
        assert_eq!(requests, asked(expected));
        assert_eq!(fs::read(path).unwrap(), content());
        assert_eq!(names(&dir), ["made-up.gz"]);
    }
}

#[test]
fn a_later_run_goes_on_where_the_first_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (outcome, _) = fetch_from(folder.path(), &["breaks", "down"]);
    let Error::Fetch { name, reason } = outcome.unwrap_err() else { panic!("not a failure to fetch") };
    assert_eq!((&*name, &*reason), ("made-up.gz", "breaks: reset after 90000 of 200000 bytes; down: is down"));
    assert_eq!(fs::read(folder.path().join("made-up.gz.part")).unwrap(), content()[..90_000]);
    let (outcome, requests) = fetch_from(folder.path(), &["good"]);
    assert!(outcome.is_ok());
    assert_eq!(requests, asked(&[("good", 90_000)]));
}

#[test]
fn any_part_of_an_earlier_run_ends_in_the_whole_file() {
    let mut other = content();
    other[5] ^= 1;
    let parts: [(Vec<u8>, Requests); 4] = [
        // Complete, but the earlier run ended before the rename.
        (content(), &[]),
        (other.clone(), &[("good", 0)]),
        (other[..100].to_vec(), &[("good", 100), ("good", 0)]),
        (vec![0; SIZE + 1], &[("good", 0)]),
    ];
    for (part, expected) in parts {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("made-up.gz.part"), part).unwrap();
        let (outcome, requests) = fetch_from(folder.path(), &["good"]);
        assert!(outcome.is_ok());
        assert_eq!(requests, asked(expected));
        assert_eq!(fs::read(folder.path().join("made-up.gz")).unwrap(), content());
    }
}

#[test]
fn wrong_bytes_leave_nothing_and_a_damaged_file_is_replaced_only_by_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let (outcome, _) = fetch_from(folder.path(), &["wrong", "endless"]);
    assert!(matches!(outcome, Err(Error::Fetch { .. })));
    assert!(names(folder.path()).is_empty());
    let path = folder.path().join("made-up.gz");
    fs::write(&path, b"damaged").unwrap();
    assert!(fetch_from(folder.path(), &["down"]).0.is_err());
    assert_eq!(fs::read(&path).unwrap(), b"damaged");
    assert!(fetch_from(folder.path(), &["good"]).0.is_ok());
    assert_eq!(fs::read(&path).unwrap(), content());
}

#[test]
fn the_disk_is_told_apart_from_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    let fault = fetch_from(&file, &["good"]).0.unwrap_err();
    assert!(matches!(fault, Error::Write(_)) && fault.to_string().contains("made-up"), "{fault}");
}

#[test]
fn two_fetches_at_once_do_not_write_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut inner = None;
    let mut open = |url: &str, offset| {
        inner = Some(fetch_from(folder.path(), &["good"]).0);
        open(url, offset)
    };
    assert!(download(&PINNED, folder.path(), &["good"], &patience(), &mut open, &mut |_| ()).is_ok());
    let Some(Err(Error::Write(reason))) = inner else { panic!("both wrote") };
    assert!(reason.to_string().contains("another process"), "{reason}");
}

#[test]
fn a_server_that_hardly_sends_is_left_and_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let slow = Patience { least: 1000, window: Duration::from_millis(30), ..patience() };
    let (outcome, _) = fetch_within(&slow, folder.path(), &["slow"]);
    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("slow: too slow") && error.contains("try again"), "{error}");
    let kept = fs::metadata(folder.path().join("made-up.gz.part")).unwrap().len();
    assert!((1..1000).contains(&kept), "{kept} bytes are kept");
    let (outcome, requests) = fetch_within(&slow, folder.path(), &["slow", "good"]);
    assert!(outcome.is_ok());
    assert!(requests[0] == ("slow".into(), kept) && requests[1].1 > kept, "{requests:?}");
}

#[test]
fn a_download_ends_when_its_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let short = Patience { until: Instant::now() + Duration::from_millis(50), ..patience() };
    let begun = Instant::now();
    let (outcome, requests) = fetch_within(&short, folder.path(), &["slow", "good"]);
    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("slow: the time is up after") && error.contains("good: the time is up"), "{error}");
    assert!(requests.len() == 1 && begun.elapsed() < Duration::from_secs(20));
    assert!(fetch_from(folder.path(), &["good"]).0.is_ok());
}
