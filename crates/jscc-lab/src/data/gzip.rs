//! Reading of files that may be gzip-compressed.

use super::DataError;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// First bytes of every gzip file (RFC 1952, section 2.3.1). The name is not reliable: browsers unpack silently.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The content of the file at `path`, unpacked if it is gzip; no more than `limit` bytes are ever held.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, DataError> {
    let refused = |reason| DataError::read(path, reason);
    let mut file = BufReader::new(File::open(path).map_err(refused)?);
    let packed = file.fill_buf().map_err(refused)?.starts_with(&MAGIC);
    let mut bytes = Vec::new();
    if packed {
        let unpacked = MultiGzDecoder::new(file).take(limit + 1).read_to_end(&mut bytes);
        unpacked.map_err(|reason| DataError::Gzip { path: path.to_path_buf(), reason })?;
    } else {
        file.take(limit + 1).read_to_end(&mut bytes).map_err(refused)?;
    }
    if bytes.len() as u64 > limit {
        return Err(DataError::TooLarge { path: path.to_path_buf(), limit });
    }
    Ok(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::read;
    use crate::data::DataError;
    use flate2::{Compression, write::GzEncoder};
    use std::fs;
    use std::io::Write;

    pub(in crate::data) fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn unpacks_what_is_packed_whatever_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain.gz");
        for bytes in [&b"some bytes"[..], &packed(b"some bytes")] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(read(&path, 10).unwrap(), b"some bytes");
            assert!(matches!(read(&path, 9), Err(DataError::TooLarge { limit: 9, .. })));
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb");
        fs::write(&path, packed(&vec![0; 10_000_000])).unwrap();
        assert!(matches!(read(&path, 1000), Err(DataError::TooLarge { limit: 1000, .. })));
    }

    #[test]
    fn damage_is_told_from_absence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged");
        assert!(matches!(read(&path, 10), Err(DataError::Missing { .. })));
        assert!(matches!(read(folder.path(), 10), Err(DataError::Read { .. })));
        let mut bytes = packed(b"some bytes");
        let crc = bytes.len() - 8;
        bytes[crc] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(read(&path, 10), Err(DataError::Gzip { .. })));
    }
}
