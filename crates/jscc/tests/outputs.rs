//! Outputs that are no plain files, and what is left when the program is ended.
#![cfg(target_os = "linux")]

mod door;

use door::{done, jscc, refused, text};
use rustix::fs::{CWD, FileType, makedev, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ENCODE: [&str; 7] = ["wifi", "encode", "--rate", "54", "--psdu", "48656c6c6f", "--fcs"];

fn encode(at: &Path, more: &[&str]) -> Vec<u8> {
    let out = jscc(at, &[&ENCODE, more].concat());
    assert!(out.status.success(), "{more:?}: {}", text(&out.stderr));
    out.stdout
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mkfifo(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, 0o600.into(), 0).unwrap();
}

/// What comes out of a FIFO while the program runs.
fn through(at: &Path, fifo: &str, args: &[&str]) -> Vec<u8> {
    let got = std::thread::scope(|scope| {
        let reader = scope.spawn(|| fs::read(at.join(fifo)).unwrap());
        done(at, args);
        reader.join().unwrap()
    });
    assert!(fs::symlink_metadata(at.join(fifo)).unwrap().file_type().is_fifo(), "{fifo}");
    got
}

/// Every command that writes one file writes the same bytes to a file, a FIFO and the standard output.
#[test]
fn one_file_goes_wherever_bytes_go() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    encode(at, &["-o", "air.cf32"]);
    for (name, format) in [("a.cf32", "cf32"), ("a.ci16", "ci16"), ("a.pcap", "pcap")] {
        encode(at, &["-o", name]);
        mkfifo(&at.join("fifo"));
        let file = fs::read(at.join(name)).unwrap();
        let whole = [&ENCODE[..], &["--format", format, "-o", "fifo"]].concat();
        assert!(through(at, "fifo", &whole) == file, "{name} through a FIFO");
        for stdout in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            assert!(encode(at, &["--format", format, "-o", stdout]) == file, "{name} to {stdout}");
        }
        fs::remove_file(at.join("fifo")).unwrap();
    }
    done(at, &["wifi", "decode", "air.cf32", "--pcap", "found.pcap"]);
    done(at, &["wifi", "plot", "air.cf32", "-o", "plot.png"]);
    for (file, fifo, args) in [
        ("found.pcap", "live.pcap", &["wifi", "decode", "air.cf32", "--pcap"][..]),
        ("plot.png", "live.png", &["wifi", "plot", "air.cf32", "-o"]),
    ] {
        mkfifo(&at.join(fifo));
        let file = fs::read(at.join(file)).unwrap();
        assert!(through(at, fifo, &[args, &[fifo]].concat()) == file, "{args:?}");
        let out = jscc(at, &[args, &["-"]].concat());
        assert!(out.status.success() && out.stdout == file, "{args:?} -");
        assert!(text(&out.stderr).contains("48656c6c6f"), "the listing goes beside: {}", text(&out.stderr));
    }
    assert!(!at.join("-").exists());
}

#[test]
fn standard_output_that_is_a_file_grows() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    encode(at, &["-o", "a.ci8"]);
    let frame = fs::read(at.join("a.ci8")).unwrap();
    let mut out = fs::File::create(at.join("out")).unwrap();
    out.write_all(b"before").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_jscc"));
    let status = command.args(ENCODE).args(["--format", "ci8", "-o", "/dev/stdout"]).stdout(out).status().unwrap();
    assert!(status.success());
    assert!(fs::read(at.join("out")).unwrap() == [b"before", &frame[..]].concat());
}

#[test]
fn several_files_are_refused_where_only_bytes_go() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    encode(at, &["-o", "air.cf32"]);
    mkfifo(&at.join("a.sigmf-meta"));
    mkfifo(&at.join("b.sigmf-data"));
    for pair in ["a.sigmf-meta", "a.sigmf-data", "b.sigmf-meta"] {
        refused(at, &[&ENCODE[..], &["-o", pair]].concat(), &["SigMF", "two files"]);
    }
    for stream in ["-", "/dev/stdout", "/dev/null"] {
        refused(at, &["wifi", "decode", "air.cf32", "--annotate", stream], &["SigMF", "two files"]);
    }
    refused(at, &["wifi", "decode", "air.cf32", "--pcap", "-", "--annotate", "/dev/stdout"], &["takes one file"]);
    fs::write(at.join("spec.toml"), "").unwrap();
    for command in [
        &["receive", "air.cf32", "--out"][..],
        &["sweep", "spec.toml", "--out"],
        &["per", "spec.toml", "--out"],
        &["rivals", "spec.toml", "--out"],
        &["fidelity", "spec.toml", "--out"],
        &["report", "spec.toml", "--results"],
        &["demo", "--out"],
        &["data", "fetch", "mnist", "--dir"],
    ] {
        refused(at, &[command, &["-"]].concat(), &["standard output", "name a folder"]);
    }
    assert_eq!(names(at), ["a.sigmf-meta", "air.cf32", "b.sigmf-data", "spec.toml"]);
}

#[test]
fn devices_links_and_rights_stay() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // Only root makes devices, and not everywhere; a link to one leads as far.
    if mknodat(CWD, at.join("null.pcap"), FileType::CharacterDevice, 0o666.into(), makedev(1, 3)).is_err() {
        symlink("/dev/null", at.join("null.pcap")).unwrap();
    }
    jscc(at, &[&ENCODE[..], &["-o", "null.pcap"]].concat());
    let about = fs::metadata(at.join("null.pcap")).unwrap();
    assert!(about.file_type().is_char_device() && about.rdev() == makedev(1, 3));
    encode(at, &["-o", "/dev/null", "--format", "cf32"]);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());

    symlink("target.pcap", at.join("link.pcap")).unwrap();
    for mode in [0o640, 0o600] {
        encode(at, &["-o", "link.pcap"]);
        assert_eq!(fs::read_link(at.join("link.pcap")).unwrap(), Path::new("target.pcap"));
        fs::set_permissions(at.join("target.pcap"), fs::Permissions::from_mode(mode)).unwrap();
        encode(at, &["-o", "link.pcap"]);
        assert_eq!(fs::metadata(at.join("target.pcap")).unwrap().permissions().mode() & 0o777, mode);
    }
    assert_eq!(names(at), ["link.pcap", "null.pcap", "target.pcap"]);
}

/// A decoder that writes two files and waits for more samples.
fn waiting(at: &Path, program: &mut Command) -> Child {
    let args = ["wifi", "decode", "-", "--format", "cf32", "--pcap", "o.pcap", "--annotate", "o.sigmf-meta"];
    let mut child = program.args(args).current_dir(at).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let samples = fs::read(at.join("air.cf32")).unwrap();
    child.stdin.as_mut().unwrap().write_all(&samples).unwrap();
    let begun = Instant::now();
    while names(at).iter().filter(|name| name.ends_with(".jscc-part")).count() < 2 {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing is begun: {:?}", names(at));
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

#[test]
fn a_signal_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    encode(at, &["-o", "air.cf32"]);
    for (signal, number) in [(Signal::INT, 2), (Signal::TERM, 15), (Signal::HUP, 1)] {
        let mut child = waiting(at, &mut Command::new(env!("CARGO_BIN_EXE_jscc")));
        // Held open: at its end the files would be finished.
        let samples = child.stdin.take();
        kill_process(pid(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(number));
        drop(samples);
        assert_eq!(names(at), ["air.cf32"]);
    }
}

/// A process that is killed cannot tidy up; the next one of the same target does.
#[test]
fn what_a_kill_leaves_goes_with_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    encode(at, &["-o", "air.cf32"]);
    let mut child = waiting(at, &mut Command::new(env!("CARGO_BIN_EXE_jscc")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names(at).len(), 3);
    done(at, &["wifi", "decode", "air.cf32", "--pcap", "o.pcap", "--annotate", "o.sigmf-meta"]);
    assert_eq!(names(at), ["air.cf32", "o.pcap", "o.sigmf-data", "o.sigmf-meta"]);
}

/// `nohup` and shells that put a command into the background have it ignore signals: so it does.
#[test]
fn a_signal_that_is_ignored_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    encode(at, &["-o", "air.cf32"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_jscc")]);
    let mut child = waiting(at, &mut shell);
    kill_process(pid(&child), Signal::HUP).unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(at.join("o.pcap").exists());
}

/// Who reads the listing may go; the files are finished all the same.
#[test]
fn a_closed_pipe_does_not_cost_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    encode(at, &["-o", "air.cf32", "--trail", "200000"]);
    let mut child = waiting(at, &mut Command::new(env!("CARGO_BIN_EXE_jscc")));
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let samples = fs::read(at.join("air.cf32")).unwrap();
    child.stdin.take().unwrap().write_all(&samples).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(names(at), ["air.cf32", "o.pcap", "o.sigmf-data", "o.sigmf-meta"]);
    assert_eq!(done(at, &["wifi", "decode", "o.pcap", "--json"]).lines().count(), 2);
}

#[test]
fn a_full_disk_is_told_also_by_help() {
    let folder = tempfile::tempdir().unwrap();
    let full = |args: &[&str]| {
        let out = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        Command::new(env!("CARGO_BIN_EXE_jscc")).args(args).current_dir(&folder).stdout(out).output().unwrap()
    };
    for args in [
        &["--help"][..],
        &["-h"],
        &["--version"],
        &["help"],
        &["help", "wifi", "encode"],
        &["wifi", "--help"],
        &["wifi", "decode", "--help"],
        &["data", "fetch", "-h"],
        &[&ENCODE[..], &["--format", "cf32", "-o", "-"]].concat(),
        &[&ENCODE[..], &["-o", "a.cf32"]].concat(),
    ] {
        let out = full(args);
        let stderr = text(&out.stderr);
        assert_eq!(out.status.code(), Some(1), "{args:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains("No space left"), "{args:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
    }
    assert_eq!(names(folder.path()), ["a.cf32"]);
}
