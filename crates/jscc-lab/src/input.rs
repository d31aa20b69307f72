//! Files that are read whole: experiment files, rows, weights, checkpoints. Bounded, so that none exhausts memory.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Most bytes of weights and checkpoints: fifty times the largest network here.
const MOST_BYTES: u64 = 1 << 28;
/// Most bytes of text.
const MOST_TEXT: u64 = 1 << 24;

/// The bytes of the file at `path`, which may be a pipe.
///
/// # Errors
/// The system's; [`ErrorKind::FileTooLarge`] beyond 256 MiB.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    up_to(MOST_BYTES, path)
}

/// The text of the file at `path`, which may be a pipe.
///
/// # Errors
/// The system's; [`ErrorKind::FileTooLarge`] beyond 16 MiB; [`ErrorKind::InvalidData`] if it is not UTF-8.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    let no_text = |_| io::Error::new(ErrorKind::InvalidData, "no text in UTF-8");
    String::from_utf8(up_to(MOST_TEXT, path)?).map_err(no_text)
}

fn up_to(most: u64, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let why = format!("more than {} MiB, which no file of this kind has", most >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_refused() {
        let error = text(Path::new("/dev/zero")).unwrap_err();
        assert!(error.kind() == ErrorKind::FileTooLarge && error.to_string().contains("16 MiB"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [b'a'; 100]).unwrap();
        assert_eq!((up_to(100, &path).unwrap().len(), text(&path).unwrap().len()), (100, 100));
        assert!(up_to(99, &path).is_err());
        std::fs::write(&path, [0xff]).unwrap();
        assert!(text(&path).unwrap_err().to_string().contains("UTF-8"));
    }
}
