use super::{is_stdout, is_stream, remove_dead, target, together, write_atomic};
use crate::Beside;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn writes_replaces_and_leaves_nothing_beside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/row.jsonl");
    write_atomic(&path, b"first").unwrap();
    write_atomic(&path, b"2nd").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"2nd");
    assert_eq!(names(path.parent().unwrap()), ["row.jsonl"]);
}

#[test]
fn an_error_names_the_path_and_leaves_nothing_beside() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::create_dir_all(taken.join("inside")).unwrap();
    let error = write_atomic(&taken, b"bytes").unwrap_err();
    assert!(error.to_string().contains("taken"), "{error}");
    assert_eq!(names(folder.path()), ["taken"]);
}

#[test]
fn a_file_in_place_of_the_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    write_atomic(&file, b"").unwrap();
    assert!(write_atomic(&file.join("below"), b"bytes").is_err());
    assert!(write_atomic(Path::new("/"), b"bytes").is_err());
}

#[test]
fn two_writers_at_once_leave_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("contested");
    std::thread::scope(|scope| {
        for byte in 0..8u8 {
            let path = &path;
            scope.spawn(move || write_atomic(path, &vec![byte; 100_000]).unwrap());
        }
    });
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes, vec![bytes[0]; 100_000]);
    assert_eq!(names(folder.path()), ["contested"]);
}

fn mknod(path: &Path, kind: rustix::fs::FileType, device: u64) -> rustix::io::Result<()> {
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, 0o600.into(), device)
}

/// Writes with both writers, the large one last.
fn write_both(path: &Path) {
    write_atomic(path, b"short").unwrap();
    let mut long = Beside::create(path).unwrap();
    long.write_all(b"long").unwrap();
    long.finish().unwrap();
}

#[test]
fn a_fifo_is_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let (fifo, link) = (folder.path().join("fifo"), folder.path().join("link"));
    mknod(&fifo, rustix::fs::FileType::Fifo, 0).unwrap();
    symlink("fifo", &link).unwrap();
    for path in [&fifo, &link] {
        let got = std::thread::scope(|scope| {
            let reader = scope.spawn(|| fs::read(&fifo).unwrap());
            write_atomic(path, b"through").unwrap();
            reader.join().unwrap()
        });
        assert_eq!(got, b"through");
        assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
        assert!(is_stream(path) && target(path).is_err());
    }
    assert_eq!(names(folder.path()).len(), 2);
}

#[test]
fn a_device_stays_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let (null, link) = (folder.path().join("null"), folder.path().join("link"));
    let device = rustix::fs::makedev(1, 3);
    // Only root creates devices, and not everywhere; a link to one leads to the same place.
    let may = mknod(&null, rustix::fs::FileType::CharacterDevice, device).is_ok();
    symlink(if may { &null } else { Path::new("/dev/null") }, &link).unwrap();
    for path in [if may { &null } else { &link }, &link] {
        // A file system may be mounted so that its devices cannot be opened; they are kept all the same.
        if write_atomic(path, b"gone").is_ok() {
            write_both(path);
        }
        let about = fs::metadata(path).unwrap();
        assert!(about.file_type().is_char_device() && about.rdev() == device, "{about:?}");
    }
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_socket_and_a_folder_are_refused_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for path in [&socket, folder.path()] {
        assert!(write_atomic(path, b"").is_err() && Beside::create(path).is_err());
    }
    assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
    assert_eq!(names(folder.path()), ["socket"]);
}

#[test]
fn links_are_followed_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    let (file, first, second) = (folder.path().join("file"), below.join("first"), folder.path().join("second"));
    symlink("../file", &first).unwrap();
    symlink("below/first", &second).unwrap();
    for before in [None, Some("old")] {
        if let Some(text) = before {
            fs::write(&file, text).unwrap();
        }
        write_both(&second);
        assert_eq!(fs::read(&file).unwrap(), b"long");
        assert_eq!(fs::read_link(&first).unwrap(), Path::new("../file"));
        assert_eq!(fs::read_link(&second).unwrap(), Path::new("below/first"));
        fs::remove_file(&file).unwrap();
    }
    assert_eq!(target(&second).unwrap(), below.join("../file"));
    assert!(!is_stream(&second));
    symlink("circle", folder.path().join("circle")).unwrap();
    let error = write_atomic(&folder.path().join("circle"), b"").unwrap_err();
    assert!(error.to_string().contains("circle"), "{error}");
    assert_eq!(names(&below), ["first"]);
}

#[test]
fn the_new_file_has_the_rights_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for mode in [0o600, 0o640, 0o755, 0o4711] {
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        // Only root can change the owner of a file.
        let _ = std::os::unix::fs::chown(&path, Some(4711), Some(4712));
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let before = fs::metadata(&path).unwrap();
        let meanwhile = Beside::create(&path).unwrap();
        let beside = names(folder.path()).into_iter().find(|name| name != "file").unwrap();
        let rights = fs::metadata(folder.path().join(beside)).unwrap().mode();
        assert_eq!(rights & 0o777 & !mode, 0, "{rights:o} meanwhile, {mode:o} before");
        meanwhile.finish().unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        assert_ne!(after.ino(), before.ino(), "written in place");
        fs::remove_file(&path).unwrap();
    }
}

/// Root may write anything, so only the file system's own refusals apply to it.
#[test]
fn what_may_not_be_written_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let plain = fs::OpenOptions::new().write(true).open(&path).is_ok();
    assert_eq!(write_atomic(&path, b"new").is_ok(), plain);
    assert_eq!(fs::read(&path).unwrap(), if plain { b"new" } else { b"old" });
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn another_name_of_a_file_keeps_the_old_content() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("file"), folder.path().join("snapshot"));
    fs::write(&path, "old").unwrap();
    fs::hard_link(&path, &other).unwrap();
    write_both(&path);
    assert_eq!((fs::read(&path).unwrap(), fs::read(&other).unwrap()), (b"long".to_vec(), b"old".to_vec()));
}

#[test]
fn the_standard_output_has_many_names() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    symlink("/dev/stdout", &link).unwrap();
    let link = link.to_str().unwrap();
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", link] {
        assert!(is_stdout(Path::new(name)) && is_stream(Path::new(name)), "{name}");
    }
    for name in ["./-", "/dev/null", "/dev/fd/2"] {
        assert!(!is_stdout(Path::new(name)), "{name}");
    }
}

/// An open file behind /proc keeps its place on the disk, and its holder sees the written bytes.
#[test]
fn an_open_file_is_written_in_place() {
    use std::os::fd::AsRawFd;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let held = fs::File::create(&path).unwrap();
    let inode = held.metadata().unwrap().ino();
    write_atomic(Path::new(&format!("/proc/self/fd/{}", held.as_raw_fd())), b"seen").unwrap();
    assert_eq!((fs::read(&path).unwrap(), fs::metadata(&path).unwrap().ino()), (b"seen".to_vec(), inode));
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn what_a_killed_process_left_goes_with_the_next_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.pcap");
    // No process has a number beyond the limit of Linux, 2^22.
    let dead = [".o.pcap.99999999-0.jscc-part", ".o.pcap.99999998-7.jscc-part"];
    let mut kept = vec![
        format!(".o.pcap.{}-999.jscc-part", std::process::id()),
        ".o.pcap.99999999-0".to_owned(),
        ".other.99999999-0.jscc-part".to_owned(),
        ".o.pcap.backup-0.jscc-part".to_owned(),
    ];
    for name in dead.iter().copied().chain(kept.iter().map(String::as_str)) {
        fs::write(folder.path().join(name), "half").unwrap();
    }
    let held = fs::File::create(folder.path().join(".o.pcap.99999997-0.jscc-part")).unwrap();
    held.lock().unwrap();
    kept.push(".o.pcap.99999997-0.jscc-part".to_owned());
    remove_dead(&path);
    let mut left = names(folder.path());
    left.sort();
    kept.sort();
    assert_eq!(left, kept);
}

#[test]
fn a_long_name_leaves_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ü".repeat(127));
    write_both(&path);
    assert_eq!(names(folder.path()), ["ü".repeat(127)]);
}

#[test]
fn files_that_belong_together_are_of_one_writer() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let read = |name: &str| fs::read(out.join(name)).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8u8 {
            let out = &out;
            scope.spawn(move || {
                together(out, || {
                    for name in ["rows", "figure"] {
                        write_atomic(&out.join(name), &[writer]).unwrap();
                        std::thread::yield_now();
                    }
                });
            });
        }
    });
    assert_eq!(read("rows"), read("figure"));
}
