use super::{Event, EventFile, NAME, START, masked_crc, record};
use prost::Message;
use std::fs;
use std::path::{Path, PathBuf};

const NOW: f64 = 1.5e9 + 0.25;

/// The event files of a folder, in TensorBoard's order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The events of a file; asserts both CRCs of each.
fn read(path: &Path) -> Vec<Event> {
    let bytes = fs::read(path).unwrap();
    let (mut rest, mut events) = (&bytes[..], Vec::new());
    while !rest.is_empty() {
        let (length, event);
        (length, rest) = checked(rest, 8);
        (event, rest) = checked(rest, u64::from_le_bytes(length.try_into().unwrap()) as usize);
        events.push(Event::decode(event).unwrap());
    }
    events
}

fn checked(bytes: &[u8], n: usize) -> (&[u8], &[u8]) {
    let (body, rest) = bytes.split_at(n);
    let (crc, rest) = rest.split_at(4);
    assert_eq!(crc, masked_crc(body).to_le_bytes());
    (body, rest)
}

fn scalars(events: &[Event]) -> Vec<(f64, i64, &str, f32)> {
    let mut scalars = Vec::new();
    for event in events {
        for value in event.summary.iter().flat_map(|summary| &summary.value) {
            scalars.push((event.wall_time, event.step, &value.tag[..], value.simple_value.unwrap()));
        }
    }
    scalars
}

#[test]
fn numbers_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("a/run");
    let mut events = EventFile::begin(&run, NOW, 0).unwrap();
    events.scalar(NOW + 1.0, 50, "train/loss", 0.125).unwrap();
    events.scalar(NOW + 2.0, u64::from(u32::MAX) + 1, "PSNR at −5 dB", -0.0).unwrap();
    // Read while it is open, as TensorBoard does.
    let [path] = &files(&run)[..] else { panic!("one file") };
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, format!("{NAME}1500000000.jscc.{}", std::process::id()));
    let read = read(path);
    assert_eq!(read[0].file_version.as_deref(), Some("brain.Event:2"));
    let written = [(NOW + 1.0, 50, "train/loss", 0.125), (NOW + 2.0, 1 << 32, "PSNR at −5 dB", -0.0)];
    assert_eq!(scalars(&read), written);
}

#[test]
fn a_run_that_goes_on_forgets_what_lies_past_its_step() {
    let folder = tempfile::tempdir().unwrap();
    let start = |from_step| {
        EventFile::begin(folder.path(), NOW, from_step).unwrap();
        let events = read(files(folder.path()).last().unwrap());
        assert_eq!(events.len(), 2);
        assert_eq!(events[1].session_log.as_ref().map(|log| log.status), Some(START));
        events[1].step
    };
    assert_eq!(start(5), 6);
    assert_eq!(start(0), 1);
}

#[test]
fn a_later_file_sorts_after_an_earlier_one_whatever_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    for (step, wall_time) in [NOW, NOW, NOW - 1000.0, 0.0, NOW + 1.0, NOW + 1000.0].into_iter().enumerate() {
        EventFile::begin(folder.path(), wall_time, 0).unwrap().scalar(wall_time, step as u64, "order", 0.0).unwrap();
    }
    let steps: Vec<i64> = files(folder.path()).iter().map(|path| scalars(&read(path))[0].1).collect();
    assert_eq!(steps, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_record_is_that_of_tensorboard() {
    // RecordWriter of TensorBoard 2.21 on Event(wall_time=1.5e9 + 0.25, step=300, simple_value 0 with tag "loss").
    let theirs = "1b000000000000001a0d9e1309000010c00b5ad64110ac022a0d0a0b0a046c6f737315000000006226ff50";
    let folder = tempfile::tempdir().unwrap();
    EventFile::begin(folder.path(), NOW, 0).unwrap().scalar(NOW, 300, "loss", 0.0).unwrap();
    let event = read(&files(folder.path())[0]).pop().unwrap();
    let ours: Vec<String> = record(&event).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(ours.concat(), theirs);
}

#[test]
fn crcs_are_castagnoli_s() {
    // RFC 3720, B.4: 32 zeros.
    assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
    // masked_crc32c of TensorBoard 2.21.
    assert_eq!(masked_crc(b"123456789"), 0xc78a_b0e5);
}

#[test]
fn an_error_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, b"").unwrap();
    let error = EventFile::begin(&taken, NOW, 0).unwrap_err();
    assert!(error.to_string().contains("taken"), "{error}");
}
