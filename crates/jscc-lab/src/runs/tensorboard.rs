//! Scalars for TensorBoard: an event file that grows while a run goes on.
//!
//! Written in place, not beside it and renamed, because TensorBoard follows it live. A record truncated by a kill ends
//! the file, and readers leave it out.
//!
//! Records are those of TensorFlow's `record_writer.h`, messages those of its `event.proto` and `summary.proto`.

use prost::Message;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Prefix of every event file's name; TensorBoard reads the files of a folder in the order of their names.
const NAME: &str = "events.out.tfevents.";
/// The format with `SessionLog`: without it TensorBoard has to guess restarts.
const FILE_VERSION: &str = "brain.Event:2";
/// `SessionLog.SessionStatus.START`.
const START: i32 = 1;
/// Offset in TensorFlow's `crc32c.h`, which avoids CRCs of bytes that contain CRCs.
const MASK_DELTA: u32 = 0xa282_ead8;

/// `Event`. Of its `oneof what` one field is set: on the wire such a field is an optional one.
#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
    #[prost(message, optional, tag = "7")]
    session_log: Option<SessionLog>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

/// `Summary.Value`. The number is optional, so that a zero is written too.
#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

#[derive(Clone, PartialEq, Message)]
struct SessionLog {
    #[prost(int32, tag = "1")]
    status: i32,
}

/// An event file that is being written.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
}

impl EventFile {
    /// Creates an event file in `folder`, created if missing, for a run that has completed `from_step` steps.
    ///
    /// TensorBoard reads it after the existing event files, and discards their points past `from_step`; its fast loader
    /// (2.21) does so for a tag when the tag's next number arrives. Wall times are in seconds since 1970.
    ///
    /// # Errors
    /// The system's error, with the path in its message.
    pub fn begin(folder: &Path, wall_time: f64, from_step: u64) -> io::Result<Self> {
        let name_seconds = next_seconds(folder, wall_time as u64).map_err(|error| named(folder, &error))?;
        let path = folder.join(format!("{NAME}{name_seconds:010}.jscc.{}", process::id()));
        let file = File::create_new(&path).map_err(|error| named(&path, &error))?;
        let version = Event { wall_time, file_version: Some(FILE_VERSION.into()), ..Event::default() };
        // Also at step 0: a run that was killed before its first checkpoint restarts in the same folder. START discards
        // its own step too.
        let step = from_step as i64 + 1;
        let start = Event { wall_time, step, session_log: Some(SessionLog { status: START }), ..Event::default() };
        let mut events = Self { path, file };
        events.append(&[record(&version), record(&start)].concat())?;
        Ok(events)
    }

    /// Appends one number. An open TensorBoard shows it at its next reload.
    ///
    /// # Errors
    /// The system's error, with the path in its message.
    pub fn scalar(&mut self, wall_time: f64, step: u64, tag: &str, value: f32) -> io::Result<()> {
        let value = Value { tag: tag.into(), simple_value: Some(value) };
        let summary = Some(Summary { value: vec![value] });
        self.append(&record(&Event { wall_time, step: step as i64, summary, ..Event::default() }))
    }

    /// Writes whole records in one unbuffered call, so that a kill leaves at most the last record truncated.
    fn append(&mut self, records: &[u8]) -> io::Result<()> {
        self.file.write_all(records).map_err(|error| named(&self.path, &error))
    }
}

/// Seconds for the name of a new file in `folder`: `now`, or later if an existing file's name is not earlier.
fn next_seconds(folder: &Path, now: u64) -> io::Result<u64> {
    fs::create_dir_all(folder)?;
    let mut seconds = now;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(NAME)?.split('.').next());
        if let Some(other) = digits.and_then(|digits| digits.parse::<u64>().ok()) {
            seconds = seconds.max(other.saturating_add(1));
        }
    }
    Ok(seconds)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// An event framed by its length and CRCs.
fn record(event: &Event) -> Vec<u8> {
    let event = event.encode_to_vec();
    let length = (event.len() as u64).to_le_bytes();
    let crc = |bytes| masked_crc(bytes).to_le_bytes();
    [&length[..], &crc(&length), &event, &crc(&event)].concat()
}

fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(MASK_DELTA)
}

#[cfg(test)]
mod tests;
